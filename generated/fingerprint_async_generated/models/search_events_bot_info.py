from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["SearchEventsBotInfo"]


class SearchEventsBotInfo(OpenStrEnum):
    """Search Events Bot Info."""

    ALL = "all"
    NONE = "none"
