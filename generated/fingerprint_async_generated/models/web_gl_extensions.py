from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["WebGlExtensions"]


@model(kw_only=True)
class WebGlExtensions(Model):
    """Web Gl Extensions."""

    context_attributes: str | Unset = UNSET
    """Context attributes."""
    extension_parameters: str | Unset = UNSET
    """Extension parameters."""
    extensions: str | Unset = UNSET
    """Extensions."""
    parameters: str | Unset = UNSET
    """Parameters."""
    shader_precisions: str | Unset = UNSET
    """Shader precisions."""
    unsupported_extensions: list[str] | Unset = UNSET
    """Unsupported extensions."""

    _fields_: ClassVar[Fields] = {
        "context_attributes": ("context_attributes", "str", False),
        "extension_parameters": ("extension_parameters", "str", False),
        "extensions": ("extensions", "str", False),
        "parameters": ("parameters", "str", False),
        "shader_precisions": ("shader_precisions", "str", False),
        "unsupported_extensions": ("unsupported_extensions", ("list", "str"), False),
    }
