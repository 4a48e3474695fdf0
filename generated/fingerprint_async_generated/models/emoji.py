from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["Emoji"]


@model(kw_only=True)
class Emoji(Model):
    """Emoji."""

    bottom: float | Unset = UNSET
    """Bottom."""
    font: str | Unset = UNSET
    """Font."""
    height: float | Unset = UNSET
    """Height."""
    left: float | Unset = UNSET
    """Left."""
    right: float | Unset = UNSET
    """Right."""
    top: float | Unset = UNSET
    """Top."""
    width: float | Unset = UNSET
    """Width."""
    x: float | Unset = UNSET
    """X."""
    y: float | Unset = UNSET
    """Y."""

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
