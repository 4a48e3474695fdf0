from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["IntegrationSubintegration"]


@model(kw_only=True)
class IntegrationSubintegration(Model):
    """Integration Subintegration."""

    name: str | Unset = UNSET
    """Name."""
    version: str | Unset = UNSET
    """Version."""

    _fields_: ClassVar[Fields] = {
        "name": ("name", "str", False),
        "version": ("version", "str", False),
    }
