from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["Canvas"]


@model(kw_only=True)
class Canvas(Model):
    """What the canvas of the browser draws."""

    geometry: str | Unset = UNSET
    """Hash of drawn shapes, or why there is none."""
    text: str | Unset = UNSET
    """Hash of drawn text, or why there is none."""
    winding: bool | Unset = UNSET
    """Whether it knows winding rules."""

    _fields_: ClassVar[Fields] = {
        "geometry": ("geometry", "str", False),
        "text": ("text", "str", False),
        "winding": ("winding", "bool", False),
    }
