from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["VelocityData"]


@model(kw_only=True)
class VelocityData(Model):
    """Velocity Data."""

    five_minutes: int
    """5 minutes."""
    one_hour: int
    """1 hour."""
    twenty_four_hours: int | Unset = UNSET
    """24 hours."""

    _fields_: ClassVar[Fields] = {
        "five_minutes": ("5_minutes", "int", True),
        "one_hour": ("1_hour", "int", True),
        "twenty_four_hours": ("24_hours", "int", False),
    }
