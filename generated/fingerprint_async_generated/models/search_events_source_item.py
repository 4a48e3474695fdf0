from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["SearchEventsSourceItem"]


class SearchEventsSourceItem(OpenStrEnum):
    """Search Events Source Item."""

    EDGE = "edge"
