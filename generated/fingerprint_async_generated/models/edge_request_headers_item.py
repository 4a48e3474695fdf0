from __future__ import annotations

from typing import ClassVar

from ..types import Fields, Model, model

__all__ = ["EdgeRequestHeadersItem"]


@model(kw_only=True)
class EdgeRequestHeadersItem(Model):
    """Edge Request Headers Item."""

    name: str
    """Name."""
    value: str
    """Value."""

    _fields_: ClassVar[Fields] = {
        "name": ("name", "str", True),
        "value": ("value", "str", True),
    }
