from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["WebGlBasics"]


@model(kw_only=True)
class WebGlBasics(Model):
    """Web Gl Basics."""

    renderer: str | Unset = UNSET
    """Renderer."""
    renderer_unmasked: str | Unset = UNSET
    """Renderer unmasked."""
    shading_language_version: str | Unset = UNSET
    """Shading language version."""
    vendor: str | Unset = UNSET
    """Vendor."""
    vendor_unmasked: str | Unset = UNSET
    """Vendor unmasked."""
    version: str | Unset = UNSET
    """Version."""

    _fields_: ClassVar[Fields] = {
        "renderer": ("renderer", "str", False),
        "renderer_unmasked": ("renderer_unmasked", "str", False),
        "shading_language_version": ("shading_language_version", "str", False),
        "vendor": ("vendor", "str", False),
        "vendor_unmasked": ("vendor_unmasked", "str", False),
        "version": ("version", "str", False),
    }
