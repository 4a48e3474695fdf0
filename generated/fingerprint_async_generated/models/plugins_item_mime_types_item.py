from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["PluginsItemMimeTypesItem"]


@model(kw_only=True)
class PluginsItemMimeTypesItem(Model):
    """A media type that a plugin handles."""

    description: str | Unset = UNSET
    """What the plugin says of it."""
    suffixes: str | Unset = UNSET
    """File endings, separated by commas."""
    type: str | Unset = UNSET
    """The media type."""

    _fields_: ClassVar[Fields] = {
        "description": ("description", "str", False),
        "suffixes": ("suffixes", "str", False),
        "type": ("type", "str", False),
    }
