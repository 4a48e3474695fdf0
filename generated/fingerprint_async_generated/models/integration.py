from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

if TYPE_CHECKING:
    from .integration_subintegration import IntegrationSubintegration

__all__ = ["Integration"]


@model(kw_only=True)
class Integration(Model):
    """A library that the agent was integrated with."""

    name: str | Unset = UNSET
    """Its name."""
    subintegration: IntegrationSubintegration | Unset = UNSET
    """What it builds on, in turn."""
    version: str | Unset = UNSET
    """Its version."""

    _fields_: ClassVar[Fields] = {
        "name": ("name", "str", False),
        "subintegration": (
            "subintegration",
            ("model", "IntegrationSubintegration", "integration_subintegration"),
            False,
        ),
        "version": ("version", "str", False),
    }
