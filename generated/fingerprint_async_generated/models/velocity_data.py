from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["VelocityData"]


@model(kw_only=True)
class VelocityData(Model):
    """Counts over three spans of time that end with the event."""

    five_minutes: int
    """In five minutes."""
    one_hour: int
    """In an hour."""
    twenty_four_hours: int | Unset = UNSET
    """In a day; absent where there was too much to count."""

    _fields_: ClassVar[Fields] = {
        "five_minutes": ("5_minutes", "int", True),
        "one_hour": ("1_hour", "int", True),
        "twenty_four_hours": ("24_hours", "int", False),
    }
