from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

if TYPE_CHECKING:
    from .geolocation import Geolocation

__all__ = ["IPInfoV6"]


@model(kw_only=True)
class IPInfoV6(Model):
    """What is known of an IPv6 address."""

    address: str
    """The address."""
    asn: str | Unset = UNSET
    """The number of its autonomous system."""
    asn_name: str | Unset = UNSET
    """The name of that system."""
    asn_network: str | Unset = UNSET
    """The network it is announced in, CIDR."""
    asn_type: str | Unset = UNSET
    """What that system is for: an internet provider, hosting, a business."""
    datacenter_name: str | Unset = UNSET
    """The name of the data centre."""
    datacenter_result: bool | Unset = UNSET
    """Whether it belongs to a data centre."""
    geolocation: Geolocation | Unset = UNSET
    """Where it is."""

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
