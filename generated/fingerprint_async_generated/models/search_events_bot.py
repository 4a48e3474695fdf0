from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["SearchEventsBot"]


class SearchEventsBot(OpenStrEnum):
    """Which kind of bot to search for."""

    ALL = "all"
    BAD = "bad"
    GOOD = "good"
    NONE = "none"
