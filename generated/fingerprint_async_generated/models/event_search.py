from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

if TYPE_CHECKING:
    from .event import Event

__all__ = ["EventSearch"]


@model(kw_only=True)
class EventSearch(Model):
    """Event Search."""

    events: list[Event]
    """Events."""
    pagination_key: str | Unset = UNSET
    """Pagination key."""
    total_hits: int | Unset = UNSET
    """Total hits."""

    _fields_: ClassVar[Fields] = {
        "events": ("events", ("list", ("model", "Event", "event")), True),
        "pagination_key": ("pagination_key", "str", False),
        "total_hits": ("total_hits", "int", False),
    }
    _page_: ClassVar[str] = "events"
