from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["BotInfoConfidence"]


class BotInfoConfidence(OpenStrEnum):
    """Bot Info Confidence."""

    HIGH = "high"
    LOW = "low"
    MEDIUM = "medium"
