from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["ProxyConfidence"]


class ProxyConfidence(OpenStrEnum):
    """How sure a proxy verdict is."""

    HIGH = "high"
    LOW = "low"
    MEDIUM = "medium"
