from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

if TYPE_CHECKING:
    from .event import Event

__all__ = ["EventSearch"]


@model(kw_only=True)
class EventSearch(Model):
    """One page of events."""

    events: list[Event]
    """The events, newest first unless the search was reversed. Each is decoded when first read."""
    pagination_key: str | Unset = UNSET
    """The key of the next page; absent on the last."""
    total_hits: int | Unset = UNSET
    """How many events match on all pages, as far as counting was asked for."""

    _fields_: ClassVar[Fields] = {
        "events": ("events", ("list", ("model", "Event", "event")), True),
        "pagination_key": ("pagination_key", "str", False),
        "total_hits": ("total_hits", "int", False),
    }
    _page_: ClassVar[str] = "events"
