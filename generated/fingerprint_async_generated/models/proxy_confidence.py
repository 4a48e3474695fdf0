from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["ProxyConfidence"]


class ProxyConfidence(OpenStrEnum):
    """Proxy Confidence."""

    HIGH = "high"
    LOW = "low"
    MEDIUM = "medium"
