from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

if TYPE_CHECKING:
    from .integration import Integration
    from .sdk_platform import SDKPlatform

__all__ = ["SDK"]


@model(kw_only=True)
class SDK(Model):
    """SDK."""

    platform: SDKPlatform
    """Platform."""
    version: str
    """Version."""
    integrations: list[Integration] | Unset = UNSET
    """Integrations."""

    _fields_: ClassVar[Fields] = {
        "platform": ("platform", ("enum", "SDKPlatform", "sdk_platform"), True),
        "version": ("version", "str", True),
        "integrations": ("integrations", ("list", ("model", "Integration", "integration")), False),
    }
