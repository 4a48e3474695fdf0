from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["BotResult"]


class BotResult(OpenStrEnum):
    """Which kind of bot was found, if any."""

    BAD = "bad"
    GOOD = "good"
    NOT_DETECTED = "not_detected"
