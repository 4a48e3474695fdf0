from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["TouchSupport"]


@model(kw_only=True)
class TouchSupport(Model):
    """What touch a screen has."""

    max_touch_points: int | Unset = UNSET
    """How many fingers at once."""
    touch_event: bool | Unset = UNSET
    """Whether touch events can be made."""
    touch_start: bool | Unset = UNSET
    """Whether it tells of touches that begin."""

    _fields_: ClassVar[Fields] = {
        "max_touch_points": ("max_touch_points", "int", False),
        "touch_event": ("touch_event", "bool", False),
        "touch_start": ("touch_start", "bool", False),
    }
