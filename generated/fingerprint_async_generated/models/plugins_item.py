from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

if TYPE_CHECKING:
    from .plugins_item_mime_types_item import PluginsItemMimeTypesItem

__all__ = ["PluginsItem"]


@model(kw_only=True)
class PluginsItem(Model):
    """A plugin of the browser."""

    name: str
    """Its name."""
    description: str | Unset = UNSET
    """What it says of itself."""
    mime_types: list[PluginsItemMimeTypesItem] | Unset = UNSET
    """The media types it handles."""

    _fields_: ClassVar[Fields] = {
        "name": ("name", "str", True),
        "description": ("description", "str", False),
        "mime_types": (
            "mimeTypes",
            ("list", ("model", "PluginsItemMimeTypesItem", "plugins_item_mime_types_item")),
            False,
        ),
    }
