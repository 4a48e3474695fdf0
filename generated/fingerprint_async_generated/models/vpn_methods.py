from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["VpnMethods"]


@model(kw_only=True)
class VpnMethods(Model):
    """Which methods found a VPN."""

    auxiliary_mobile: bool | Unset = UNSET
    """Further checks on a mobile device."""
    ml_prediction: bool | Unset = UNSET
    """Machine learning says so."""
    os_mismatch: bool | Unset = UNSET
    """The network traffic looks like another operating system."""
    public_vpn: bool | Unset = UNSET
    """The address belongs to a VPN service."""
    relay: bool | Unset = UNSET
    """A relay owns the address, Apple's for one."""
    timezone_mismatch: bool | Unset = UNSET
    """The device's time zone is not that of its address."""

    _fields_: ClassVar[Fields] = {
        "auxiliary_mobile": ("auxiliary_mobile", "bool", False),
        "ml_prediction": ("ml_prediction", "bool", False),
        "os_mismatch": ("os_mismatch", "bool", False),
        "public_vpn": ("public_vpn", "bool", False),
        "relay": ("relay", "bool", False),
        "timezone_mismatch": ("timezone_mismatch", "bool", False),
    }
