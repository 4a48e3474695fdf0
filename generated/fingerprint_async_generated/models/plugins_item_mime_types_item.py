from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["PluginsItemMimeTypesItem"]


@model(kw_only=True)
class PluginsItemMimeTypesItem(Model):
    """Plugins Item Mime Types Item."""

    description: str | Unset = UNSET
    """Description."""
    suffixes: str | Unset = UNSET
    """Suffixes."""
    type: str | Unset = UNSET
    """Type."""

    _fields_: ClassVar[Fields] = {
        "description": ("description", "str", False),
        "suffixes": ("suffixes", "str", False),
        "type": ("type", "str", False),
    }
