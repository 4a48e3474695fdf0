from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["WebGlBasics"]


@model(kw_only=True)
class WebGlBasics(Model):
    """Who made the graphics of a device, and how."""

    renderer: str | Unset = UNSET
    """The renderer as named."""
    renderer_unmasked: str | Unset = UNSET
    """The renderer behind that."""
    shading_language_version: str | Unset = UNSET
    """The version of the shading language."""
    vendor: str | Unset = UNSET
    """The vendor as named."""
    vendor_unmasked: str | Unset = UNSET
    """The vendor behind that."""
    version: str | Unset = UNSET
    """The WebGL version."""

    _fields_: ClassVar[Fields] = {
        "renderer": ("renderer", "str", False),
        "renderer_unmasked": ("renderer_unmasked", "str", False),
        "shading_language_version": ("shading_language_version", "str", False),
        "vendor": ("vendor", "str", False),
        "vendor_unmasked": ("vendor_unmasked", "str", False),
        "version": ("version", "str", False),
    }
