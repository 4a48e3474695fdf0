from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["SearchEventsBotInfo"]


class SearchEventsBotInfo(OpenStrEnum):
    """Whether to search for bots that are described."""

    ALL = "all"
    NONE = "none"
