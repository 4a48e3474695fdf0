from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["DeviceDetails"]


@model(kw_only=True)
class DeviceDetails(Model):
    """A mobile device."""

    device_manufacturer: str | Unset = UNSET
    """Who made it."""
    device_model: str | Unset = UNSET
    """Its model."""
    os_version: str | Unset = UNSET
    """The version of its system."""

    _fields_: ClassVar[Fields] = {
        "device_manufacturer": ("device_manufacturer", "str", False),
        "device_model": ("device_model", "str", False),
        "os_version": ("os_version", "str", False),
    }
