from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["TouchSupport"]


@model(kw_only=True)
class TouchSupport(Model):
    """Touch Support."""

    max_touch_points: int | Unset = UNSET
    """Max touch points."""
    touch_event: bool | Unset = UNSET
    """Touch event."""
    touch_start: bool | Unset = UNSET
    """Touch start."""

    _fields_: ClassVar[Fields] = {
        "max_touch_points": ("max_touch_points", "int", False),
        "touch_event": ("touch_event", "bool", False),
        "touch_start": ("touch_start", "bool", False),
    }
