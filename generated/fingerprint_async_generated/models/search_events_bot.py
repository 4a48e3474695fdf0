from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["SearchEventsBot"]


class SearchEventsBot(OpenStrEnum):
    """Search Events Bot."""

    ALL = "all"
    BAD = "bad"
    GOOD = "good"
    NONE = "none"
