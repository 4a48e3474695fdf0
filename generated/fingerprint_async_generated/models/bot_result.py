from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["BotResult"]


class BotResult(OpenStrEnum):
    """Bot Result."""

    BAD = "bad"
    GOOD = "good"
    NOT_DETECTED = "not_detected"
