from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["SearchEventsVpnConfidence"]


class SearchEventsVpnConfidence(OpenStrEnum):
    """How sure a VPN verdict to search for."""

    HIGH = "high"
    LOW = "low"
    MEDIUM = "medium"
