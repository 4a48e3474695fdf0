from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["Emoji"]


@model(kw_only=True)
class Emoji(Model):
    """The box that an emoji fills when it is drawn, CSS pixels."""

    bottom: float | Unset = UNSET
    """Lower edge."""
    font: str | Unset = UNSET
    """The font it is drawn in."""
    height: float | Unset = UNSET
    """Height of the box."""
    left: float | Unset = UNSET
    """Left edge."""
    right: float | Unset = UNSET
    """Right edge."""
    top: float | Unset = UNSET
    """Upper edge."""
    width: float | Unset = UNSET
    """Width of the box."""
    x: float | Unset = UNSET
    """Left corner."""
    y: float | Unset = UNSET
    """Upper corner."""

    _fields_: ClassVar[Fields] = {
        "bottom": ("bottom", "float", False),
        "font": ("font", "str", False),
        "height": ("height", "float", False),
        "left": ("left", "float", False),
        "right": ("right", "float", False),
        "top": ("top", "float", False),
        "width": ("width", "float", False),
        "x": ("x", "float", False),
        "y": ("y", "float", False),
    }
