from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["SearchEventsSourceItem"]


class SearchEventsSourceItem(OpenStrEnum):
    """Which source to search, other than devices."""

    EDGE = "edge"
