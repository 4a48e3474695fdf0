from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["WebGlExtensions"]


@model(kw_only=True)
class WebGlExtensions(Model):
    """Hashes of what WebGL offers."""

    context_attributes: str | Unset = UNSET
    """Of the attributes of a context."""
    extension_parameters: str | Unset = UNSET
    """Of the parameters of extensions."""
    extensions: str | Unset = UNSET
    """Of the extensions."""
    parameters: str | Unset = UNSET
    """Of its parameters."""
    shader_precisions: str | Unset = UNSET
    """Of the precisions of shaders."""
    unsupported_extensions: list[str] | Unset = UNSET
    """Names of extensions that are not there."""

    _fields_: ClassVar[Fields] = {
        "context_attributes": ("context_attributes", "str", False),
        "extension_parameters": ("extension_parameters", "str", False),
        "extensions": ("extensions", "str", False),
        "parameters": ("parameters", "str", False),
        "shader_precisions": ("shader_precisions", "str", False),
        "unsupported_extensions": ("unsupported_extensions", ("list", "str"), False),
    }
