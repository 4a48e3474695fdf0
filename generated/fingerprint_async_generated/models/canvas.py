from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["Canvas"]


@model(kw_only=True)
class Canvas(Model):
    """Canvas."""

    geometry: str | Unset = UNSET
    """Geometry."""
    text: str | Unset = UNSET
    """Text."""
    winding: bool | Unset = UNSET
    """Winding."""

    _fields_: ClassVar[Fields] = {
        "geometry": ("geometry", "str", False),
        "text": ("text", "str", False),
        "winding": ("winding", "bool", False),
    }
