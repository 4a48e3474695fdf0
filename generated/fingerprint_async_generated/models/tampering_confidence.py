from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["TamperingConfidence"]


class TamperingConfidence(OpenStrEnum):
    """How sure a tampering verdict is."""

    HIGH = "high"
    LOW = "low"
    MEDIUM = "medium"
