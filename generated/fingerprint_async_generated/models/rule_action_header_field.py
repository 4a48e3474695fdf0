from __future__ import annotations

from typing import ClassVar

from ..types import Fields, Model, model

__all__ = ["RuleActionHeaderField"]


@model(kw_only=True)
class RuleActionHeaderField(Model):
    """One header."""

    name: str
    """Its name."""
    value: str
    """Its value."""

    _fields_: ClassVar[Fields] = {
        "name": ("name", "str", True),
        "value": ("value", "str", True),
    }
