from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["VpnConfidence"]


class VpnConfidence(OpenStrEnum):
    """Vpn Confidence."""

    HIGH = "high"
    LOW = "low"
    MEDIUM = "medium"
