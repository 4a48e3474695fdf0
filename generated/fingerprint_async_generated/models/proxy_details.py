from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

if TYPE_CHECKING:
    from .proxy_details_proxy_type import ProxyDetailsProxyType

__all__ = ["ProxyDetails"]


@model(kw_only=True)
class ProxyDetails(Model):
    """A proxy."""

    proxy_type: ProxyDetailsProxyType
    """Which kind of network it uses."""
    last_seen_at: int | Unset = UNSET
    """When the address last acted as a proxy, Unix ms, to the hour."""
    provider: str | Unset = UNSET
    """Who runs it."""

    _fields_: ClassVar[Fields] = {
        "proxy_type": (
            "proxy_type",
            ("enum", "ProxyDetailsProxyType", "proxy_details_proxy_type"),
            True,
        ),
        "last_seen_at": ("last_seen_at", "int", False),
        "provider": ("provider", "str", False),
    }
