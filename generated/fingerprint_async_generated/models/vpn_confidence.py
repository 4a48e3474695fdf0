from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["VpnConfidence"]


class VpnConfidence(OpenStrEnum):
    """How sure a VPN verdict is."""

    HIGH = "high"
    LOW = "low"
    MEDIUM = "medium"
