from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["FontPreferences"]


@model(kw_only=True)
class FontPreferences(Model):
    """How wide a sample is in the browser's standard fonts, CSS pixels."""

    apple: float | Unset = UNSET
    """In the font of Apple systems."""
    default: float | Unset = UNSET
    """In the default font."""
    min: float | Unset = UNSET
    """In the smallest size allowed."""
    mono: float | Unset = UNSET
    """In the monospaced font."""
    sans: float | Unset = UNSET
    """In the sans-serif font."""
    serif: float | Unset = UNSET
    """In the serif font."""
    system: float | Unset = UNSET
    """In the font of the system."""

    _fields_: ClassVar[Fields] = {
        "apple": ("apple", "float", False),
        "default": ("default", "float", False),
        "min": ("min", "float", False),
        "mono": ("mono", "float", False),
        "sans": ("sans", "float", False),
        "serif": ("serif", "float", False),
        "system": ("system", "float", False),
    }
