from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["FontPreferences"]


@model(kw_only=True)
class FontPreferences(Model):
    """Font Preferences."""

    apple: float | Unset = UNSET
    """Apple."""
    default: float | Unset = UNSET
    """Default."""
    min: float | Unset = UNSET
    """Min."""
    mono: float | Unset = UNSET
    """Mono."""
    sans: float | Unset = UNSET
    """Sans."""
    serif: float | Unset = UNSET
    """Serif."""
    system: float | Unset = UNSET
    """System."""

    _fields_: ClassVar[Fields] = {
        "apple": ("apple", "float", False),
        "default": ("default", "float", False),
        "min": ("min", "float", False),
        "mono": ("mono", "float", False),
        "sans": ("sans", "float", False),
        "serif": ("serif", "float", False),
        "system": ("system", "float", False),
    }
