from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["TamperingConfidence"]


class TamperingConfidence(OpenStrEnum):
    """Tampering Confidence."""

    HIGH = "high"
    LOW = "low"
    MEDIUM = "medium"
