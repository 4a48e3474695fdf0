from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

if TYPE_CHECKING:
    from .geolocation import Geolocation

__all__ = ["IPInfoV6"]


@model(kw_only=True)
class IPInfoV6(Model):
    """IP Info V6."""

    address: str
    """Address."""
    asn: str | Unset = UNSET
    """Asn."""
    asn_name: str | Unset = UNSET
    """Asn name."""
    asn_network: str | Unset = UNSET
    """Asn network."""
    asn_type: str | Unset = UNSET
    """Asn type."""
    datacenter_name: str | Unset = UNSET
    """Datacenter name."""
    datacenter_result: bool | Unset = UNSET
    """Datacenter result."""
    geolocation: Geolocation | Unset = UNSET
    """Geolocation."""

    _fields_: ClassVar[Fields] = {
        "address": ("address", "str", True),
        "asn": ("asn", "str", False),
        "asn_name": ("asn_name", "str", False),
        "asn_network": ("asn_network", "str", False),
        "asn_type": ("asn_type", "str", False),
        "datacenter_name": ("datacenter_name", "str", False),
        "datacenter_result": ("datacenter_result", "bool", False),
        "geolocation": ("geolocation", ("model", "Geolocation", "geolocation"), False),
    }
