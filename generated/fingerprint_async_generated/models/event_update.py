from __future__ import annotations

from typing import Any, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["EventUpdate"]


@model(kw_only=True)
class EventUpdate(Model):
    """Event Update."""

    linked_id: str | Unset = UNSET
    """Linked id."""
    suspect: bool | Unset = UNSET
    """Suspect."""
    tags: dict[str, Any] | Unset = UNSET
    """Tags."""

    _fields_: ClassVar[Fields] = {
        "linked_id": ("linked_id", "str", False),
        "suspect": ("suspect", "bool", False),
        "tags": ("tags", "object", False),
    }
