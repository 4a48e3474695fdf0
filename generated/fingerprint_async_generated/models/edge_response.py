from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

if TYPE_CHECKING:
    from .bot_info import BotInfo
    from .event_source import EventSource
    from .ip_info import IPInfo
    from .proxy_confidence import ProxyConfidence
    from .proxy_details import ProxyDetails
    from .vpn_confidence import VpnConfidence
    from .vpn_methods import VpnMethods

__all__ = ["EdgeResponse"]


@model(kw_only=True)
class EdgeResponse(Model):
    """Edge Response."""

    event_id: str
    """Event id."""
    ip_info: IPInfo
    """Ip info."""
    timestamp: int
    """Timestamp."""
    bot_info: BotInfo | Unset = UNSET
    """Bot info."""
    linked_id: str | Unset = UNSET
    """Linked id."""
    proxy: bool | Unset = UNSET
    """Proxy."""
    proxy_confidence: ProxyConfidence | Unset = UNSET
    """Proxy confidence."""
    proxy_details: ProxyDetails | Unset = UNSET
    """Proxy details."""
    source: EventSource | Unset = UNSET
    """Source."""
    tags: dict[str, Any] | Unset = UNSET
    """Tags."""
    url: str | Unset = UNSET
    """Url."""
    vpn: bool | Unset = UNSET
    """Vpn."""
    vpn_confidence: VpnConfidence | Unset = UNSET
    """Vpn confidence."""
    vpn_methods: VpnMethods | Unset = UNSET
    """Vpn methods."""

    _fields_: ClassVar[Fields] = {
        "event_id": ("event_id", "str", True),
        "ip_info": ("ip_info", ("model", "IPInfo", "ip_info"), True),
        "timestamp": ("timestamp", "int", True),
        "bot_info": ("bot_info", ("model", "BotInfo", "bot_info"), False),
        "linked_id": ("linked_id", "str", False),
        "proxy": ("proxy", "bool", False),
        "proxy_confidence": ("proxy_confidence", ("enum", "ProxyConfidence", "proxy_confidence"), False),
        "proxy_details": ("proxy_details", ("model", "ProxyDetails", "proxy_details"), False),
        "source": ("source", ("enum", "EventSource", "event_source"), False),
        "tags": ("tags", "object", False),
        "url": ("url", "str", False),
        "vpn": ("vpn", "bool", False),
        "vpn_confidence": ("vpn_confidence", ("enum", "VpnConfidence", "vpn_confidence"), False),
        "vpn_methods": ("vpn_methods", ("model", "VpnMethods", "vpn_methods"), False),
    }
