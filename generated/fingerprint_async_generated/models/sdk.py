from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

if TYPE_CHECKING:
    from .integration import Integration
    from .sdk_platform import SDKPlatform

__all__ = ["SDK"]


@model(kw_only=True)
class SDK(Model):
    """The agent that collected an event."""

    platform: SDKPlatform
    """Where it runs."""
    version: str
    """Its version."""
    integrations: list[Integration] | Unset = UNSET
    """Libraries that it was integrated with."""

    _fields_: ClassVar[Fields] = {
        "platform": ("platform", ("enum", "SDKPlatform", "sdk_platform"), True),
        "version": ("version", "str", True),
        "integrations": ("integrations", ("list", ("model", "Integration", "integration")), False),
    }
