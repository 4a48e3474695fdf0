from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["IntegrationSubintegration"]


@model(kw_only=True)
class IntegrationSubintegration(Model):
    """What an integration builds on."""

    name: str | Unset = UNSET
    """Its name."""
    version: str | Unset = UNSET
    """Its version."""

    _fields_: ClassVar[Fields] = {
        "name": ("name", "str", False),
        "version": ("version", "str", False),
    }
