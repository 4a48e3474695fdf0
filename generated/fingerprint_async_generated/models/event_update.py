from __future__ import annotations

from typing import Any, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["EventUpdate"]


@model(kw_only=True)
class EventUpdate(Model):
    """What to change on an event. Fields left out stay as they are."""

    linked_id: str | Unset = UNSET
    """Your own id for the event."""
    suspect: bool | Unset = UNSET
    """Whether the event is suspect."""
    tags: dict[str, Any] | Unset = UNSET
    """Your own data; replaces what was attached."""

    _fields_: ClassVar[Fields] = {
        "linked_id": ("linked_id", "str", False),
        "suspect": ("suspect", "bool", False),
        "tags": ("tags", "object", False),
    }
