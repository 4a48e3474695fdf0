from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict, Unpack

from ...models.event_search import EventSearch
from ...query import query_items
from ...types import Response

if TYPE_CHECKING:
    from ...client import AuthenticatedClient
    from ...models.bot_info_category import BotInfoCategory
    from ...models.bot_info_confidence import BotInfoConfidence
    from ...models.bot_info_identity import BotInfoIdentity
    from ...models.search_events_bot import SearchEventsBot
    from ...models.search_events_bot_info import SearchEventsBotInfo
    from ...models.search_events_incremental_identification_status import (
        SearchEventsIncrementalIdentificationStatus,
    )
    from ...models.search_events_rare_device_percentile_bucket import SearchEventsRareDevicePercentileBucket
    from ...models.search_events_sdk_platform import SearchEventsSdkPlatform
    from ...models.search_events_source_item import SearchEventsSourceItem
    from ...models.search_events_vpn_confidence import SearchEventsVpnConfidence

__all__ = ["SearchEventsParams", "asyncio_detailed"]


class SearchEventsParams(TypedDict, total=False):
    """The query parameters of `searchEvents`. Those left out are not sent."""

    active_call: bool
    """Active call."""
    anti_detect_browser: bool
    """Anti detect browser."""
    asn: str
    """Asn."""
    bot: SearchEventsBot | Literal["all", "bad", "good", "none"]
    """Bot."""
    bot_info: SearchEventsBotInfo | Literal["all", "none"]
    """Bot info."""
    bot_info_category: Sequence[
        BotInfoCategory
        | Literal[
            "advertising_and_marketing",
            "aggregator",
            "ai_agent",
            "ai_assistant",
            "ai_browser",
            "ai_crawler",
            "ai_search",
            "browser_automation",
            "ecommerce",
            "monitoring_and_analytics",
            "other",
            "scraping",
            "search_engine_crawler",
            "search_engine_optimization",
            "security",
            "unknown",
        ]
    ]
    """Bot info category."""
    bot_info_confidence: Sequence[BotInfoConfidence | Literal["high", "low", "medium"]]
    """Bot info confidence."""
    bot_info_identity: Sequence[BotInfoIdentity | Literal["signed", "spoofed", "unknown", "verified"]]
    """Bot info identity."""
    bot_info_name: Sequence[str]
    """Bot info name."""
    bot_info_provider: Sequence[str]
    """Bot info provider."""
    bundle_id: str
    """Bundle id."""
    cloned_app: bool
    """Cloned app."""
    developer_tools: bool
    """Developer tools."""
    emulator: bool
    """Emulator."""
    end: datetime.datetime | int | str
    """End."""
    environment: Sequence[str]
    """Environment."""
    factory_reset: bool
    """Factory reset."""
    frida: bool
    """Frida."""
    high_recall_id: str
    """High recall id."""
    incognito: bool
    """Incognito."""
    incremental_identification_status: (
        SearchEventsIncrementalIdentificationStatus | Literal["completed", "partially_completed"]
    )
    """Incremental identification status."""
    ip_address: str
    """Ip address."""
    jailbroken: bool
    """Jailbroken."""
    limit: int
    """Limit."""
    linked_id: str
    """Linked id."""
    location_spoofing: bool
    """Location spoofing."""
    min_suspect_score: float
    """Min suspect score."""
    mitm_attack: bool
    """Mitm attack."""
    origin: str
    """Origin."""
    package_name: str
    """Package name."""
    pagination_key: str
    """Pagination key."""
    privacy_settings: bool
    """Privacy settings."""
    proximity_id: str
    """Proximity id."""
    proxy: bool
    """Proxy."""
    rare_device: bool
    """Rare device."""
    rare_device_percentile_bucket: (
        SearchEventsRareDevicePercentileBucket
        | Literal["<p95", "not_seen", "p95-p99", "p99-p99.5", "p99.5-p99.9", "p99.9+"]
    )
    """Rare device percentile bucket."""
    reverse: bool
    """Reverse."""
    root_apps: bool
    """Root apps."""
    sdk_platform: SearchEventsSdkPlatform | Literal["android", "ios", "js"]
    """Sdk platform."""
    sdk_version: str
    """Sdk version."""
    simulator: bool
    """Simulator."""
    source: Sequence[SearchEventsSourceItem | Literal["edge"]]
    """Source."""
    start: datetime.datetime | int | str
    """Start."""
    suspect: bool
    """Suspect."""
    tampering: bool
    """Tampering."""
    tor_node: bool
    """Tor node."""
    total_hits: int
    """Total hits."""
    url: str
    """Url."""
    virtual_machine: bool
    """Virtual machine."""
    visitor_id: str
    """Visitor id."""
    vpn: bool
    """Vpn."""
    vpn_confidence: SearchEventsVpnConfidence | Literal["high", "low", "medium"]
    """Vpn confidence."""


# Keyword → query parameter.
_QUERY: Final = {
    "active_call": "active_call",
    "anti_detect_browser": "anti_detect_browser",
    "asn": "asn",
    "bot": "bot",
    "bot_info": "bot_info",
    "bot_info_category": "bot_info_category",
    "bot_info_confidence": "bot_info_confidence",
    "bot_info_identity": "bot_info_identity",
    "bot_info_name": "bot_info_name",
    "bot_info_provider": "bot_info_provider",
    "bundle_id": "bundle_id",
    "cloned_app": "cloned_app",
    "developer_tools": "developer_tools",
    "emulator": "emulator",
    "end": "end",
    "environment": "environment",
    "factory_reset": "factory_reset",
    "frida": "frida",
    "high_recall_id": "high_recall_id",
    "incognito": "incognito",
    "incremental_identification_status": "incremental_identification_status",
    "ip_address": "ip_address",
    "jailbroken": "jailbroken",
    "limit": "limit",
    "linked_id": "linked_id",
    "location_spoofing": "location_spoofing",
    "min_suspect_score": "min_suspect_score",
    "mitm_attack": "mitm_attack",
    "origin": "origin",
    "package_name": "package_name",
    "pagination_key": "pagination_key",
    "privacy_settings": "privacy_settings",
    "proximity_id": "proximity_id",
    "proxy": "proxy",
    "rare_device": "rare_device",
    "rare_device_percentile_bucket": "rare_device_percentile_bucket",
    "reverse": "reverse",
    "root_apps": "root_apps",
    "sdk_platform": "sdk_platform",
    "sdk_version": "sdk_version",
    "simulator": "simulator",
    "source": "source",
    "start": "start",
    "suspect": "suspect",
    "tampering": "tampering",
    "tor_node": "tor_node",
    "total_hits": "total_hits",
    "url": "url",
    "virtual_machine": "virtual_machine",
    "visitor_id": "visitor_id",
    "vpn": "vpn",
    "vpn_confidence": "vpn_confidence",
}


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    extensions: dict[str, Any] | None = None,
    **params: Unpack[SearchEventsParams],
) -> Response[EventSearch]:
    """Search Events.

    Args:
        client: Gives the `httpx.AsyncClient` to send with.
        extensions: Request extensions for the transport.
        **params: The query parameters, see `SearchEventsParams`.

    Returns:
        The response; nothing is decoded before it is asked for.
    """
    response = await client.get_async_httpx_client().request(
        "GET",
        "/events",
        params=query_items(params, _QUERY),
        extensions={"fingerprint_async_operation": "searchEvents", **(extensions or {})},
    )
    return Response(
        status_code=response.status_code,
        headers=response.headers,
        content=response.content,
        decode=EventSearch.from_json,
    )
