from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

if TYPE_CHECKING:
    from .ip_info_v4 import IPInfoV4
    from .ip_info_v6 import IPInfoV6

__all__ = ["IPInfo"]


@model(kw_only=True)
class IPInfo(Model):
    """What is known of the addresses of a request."""

    v4: IPInfoV4 | Unset = UNSET
    """Of the IPv4 address."""
    v6: IPInfoV6 | Unset = UNSET
    """Of the IPv6 address."""

    _fields_: ClassVar[Fields] = {
        "v4": ("v4", ("model", "IPInfoV4", "ip_info_v4"), False),
        "v6": ("v6", ("model", "IPInfoV6", "ip_info_v6"), False),
    }
