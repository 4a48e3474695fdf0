from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["VpnMethods"]


@model(kw_only=True)
class VpnMethods(Model):
    """Vpn Methods."""

    auxiliary_mobile: bool | Unset = UNSET
    """Auxiliary mobile."""
    ml_prediction: bool | Unset = UNSET
    """Ml prediction."""
    os_mismatch: bool | Unset = UNSET
    """Os mismatch."""
    public_vpn: bool | Unset = UNSET
    """Public vpn."""
    relay: bool | Unset = UNSET
    """Relay."""
    timezone_mismatch: bool | Unset = UNSET
    """Timezone mismatch."""

    _fields_: ClassVar[Fields] = {
        "auxiliary_mobile": ("auxiliary_mobile", "bool", False),
        "ml_prediction": ("ml_prediction", "bool", False),
        "os_mismatch": ("os_mismatch", "bool", False),
        "public_vpn": ("public_vpn", "bool", False),
        "relay": ("relay", "bool", False),
        "timezone_mismatch": ("timezone_mismatch", "bool", False),
    }
