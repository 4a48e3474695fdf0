from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["BotInfoConfidence"]


class BotInfoConfidence(OpenStrEnum):
    """How sure a bot verdict is."""

    HIGH = "high"
    LOW = "low"
    MEDIUM = "medium"
