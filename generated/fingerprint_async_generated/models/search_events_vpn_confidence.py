from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["SearchEventsVpnConfidence"]


class SearchEventsVpnConfidence(OpenStrEnum):
    """Search Events Vpn Confidence."""

    HIGH = "high"
    LOW = "low"
    MEDIUM = "medium"
