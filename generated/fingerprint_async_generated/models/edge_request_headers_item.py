from __future__ import annotations

from typing import ClassVar

from ..types import Fields, Model, model

__all__ = ["EdgeRequestHeadersItem"]


@model(kw_only=True)
class EdgeRequestHeadersItem(Model):
    """One header of a request."""

    name: str
    """The name of the header."""
    value: str
    """Its value; empty for one that carries credentials."""

    _fields_: ClassVar[Fields] = {
        "name": ("name", "str", True),
        "value": ("value", "str", True),
    }
