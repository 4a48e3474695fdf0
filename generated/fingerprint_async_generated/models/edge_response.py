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
    """The verdict on a request at the edge."""

    event_id: str
    """The id of the event that this made."""
    ip_info: IPInfo
    """What is known of the address."""
    timestamp: int
    """When it was made, Unix ms."""
    bot_info: BotInfo | Unset = UNSET
    """The bot, where it is a known one."""
    linked_id: str | Unset = UNSET
    """Your own id for the event."""
    proxy: bool | Unset = UNSET
    """Whether the request came through a proxy."""
    proxy_confidence: ProxyConfidence | Unset = UNSET
    """How sure the proxy verdict is."""
    proxy_details: ProxyDetails | Unset = UNSET
    """The proxy, where one was found."""
    source: EventSource | Unset = UNSET
    """Where it came from: `edge`."""
    tags: dict[str, Any] | Unset = UNSET
    """Your own data, as you attached it."""
    url: str | Unset = UNSET
    """The URL of the request."""
    vpn: bool | Unset = UNSET
    """Whether the request came through a VPN."""
    vpn_confidence: VpnConfidence | Unset = UNSET
    """How sure the VPN verdict is."""
    vpn_methods: VpnMethods | Unset = UNSET
    """Which methods found a VPN."""

    _fields_: ClassVar[Fields] = {
        "event_id": ("event_id", "str", True),
        "ip_info": ("ip_info", ("model", "IPInfo", "ip_info"), True),
        "timestamp": ("timestamp", "int", True),
        "bot_info": ("bot_info", ("model", "BotInfo", "bot_info"), False),
        "linked_id": ("linked_id", "str", False),
        "proxy": ("proxy", "bool", False),
        "proxy_confidence": (
            "proxy_confidence",
            ("enum", "ProxyConfidence", "proxy_confidence"),
            False,
        ),
        "proxy_details": ("proxy_details", ("model", "ProxyDetails", "proxy_details"), False),
        "source": ("source", ("enum", "EventSource", "event_source"), False),
        "tags": ("tags", "object", False),
        "url": ("url", "str", False),
        "vpn": ("vpn", "bool", False),
        "vpn_confidence": ("vpn_confidence", ("enum", "VpnConfidence", "vpn_confidence"), False),
        "vpn_methods": ("vpn_methods", ("model", "VpnMethods", "vpn_methods"), False),
    }
