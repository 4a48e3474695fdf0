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
    from ...models.search_events_rare_device_percentile_bucket import (
        SearchEventsRareDevicePercentileBucket,
    )
    from ...models.search_events_sdk_platform import SearchEventsSdkPlatform
    from ...models.search_events_source_item import SearchEventsSourceItem
    from ...models.search_events_vpn_confidence import SearchEventsVpnConfidence

__all__ = ["SearchEventsParams", "asyncio_detailed"]


class SearchEventsParams(TypedDict, total=False):
    """The query parameters of `searchEvents`. Those left out are not sent."""

    active_call: bool
    """Whether a call was going on on the mobile device. Events without this signal are left out,
    whichever value is asked for."""
    anti_detect_browser: bool
    """Whether an anti-detect browser was found. Events without this signal are left out, whichever
    value is asked for."""
    asn: str
    """The number of the autonomous system that the address belongs to."""
    bot: SearchEventsBot | Literal["all", "bad", "good", "none"]
    """The kind of bot found: `good`, `bad`, either (`all`) or `none`."""
    bot_info: SearchEventsBotInfo | Literal["all", "none"]
    """Whether a bot is described in `bot_info` (`all`) or none is (`none`)."""
    bot_info_category: (
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
        | Sequence[
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
    )
    """What the bot does; any of those given."""
    bot_info_confidence: (
        BotInfoConfidence
        | Literal["high", "low", "medium"]
        | Sequence[BotInfoConfidence | Literal["high", "low", "medium"]]
    )
    """How sure the bot verdict is; any of those given."""
    bot_info_identity: (
        BotInfoIdentity
        | Literal["signed", "spoofed", "unknown", "verified"]
        | Sequence[BotInfoIdentity | Literal["signed", "spoofed", "unknown", "verified"]]
    )
    """How far the bot's identity is proven; any of those given."""
    bot_info_name: str | Sequence[str]
    """The bot's name, spelled exactly; any of those given."""
    bot_info_provider: str | Sequence[str]
    """Who runs the bot, spelled exactly; any of those given."""
    bundle_id: str
    """The iOS app, by its bundle id."""
    cloned_app: bool
    """Whether the Android app runs as a clone. Events without this signal are left out, whichever
    value is asked for."""
    developer_tools: bool
    """Whether developer tools were open. Events without this signal are left out, whichever value
    is asked for."""
    emulator: bool
    """Whether the Android device is emulated. Events without this signal are left out, whichever
    value is asked for."""
    end: datetime.datetime | int | str
    """The end of the window: an aware datetime, Unix ms or RFC 3339. Now when left out."""
    environment: str | Sequence[str]
    """Environments to take events from, by their ids; any of those given."""
    factory_reset: bool
    """Whether a factory reset of the device is known. Events without this signal are left out,
    whichever value is asked for."""
    frida: bool
    """Whether the Frida toolkit was found. Events without this signal are left out, whichever
    value is asked for."""
    high_recall_id: str
    """The visitor id of the event's high-recall identification (`supplementary_id_high_recall`)."""
    incognito: bool
    """Whether the browser window is a private one. Events without this signal are left out,
    whichever value is asked for."""
    incremental_identification_status: (
        SearchEventsIncrementalIdentificationStatus | Literal["completed", "partially_completed"]
    )
    """How far the incremental identification got. Events identified in one go are left out."""
    ip_address: str
    """One IPv4 or IPv6 address, or a range in CIDR notation."""
    jailbroken: bool
    """Whether the iOS device is jailbroken. Events without this signal are left out, whichever
    value is asked for."""
    limit: int
    """Events a page, 1 to 100; 10 when left out."""
    linked_id: str
    """The id that you linked the event to; 256 characters at most, else 400."""
    location_spoofing: bool
    """Whether the mobile device fakes its location. Events without this signal are left out,
    whichever value is asked for."""
    min_suspect_score: float
    """The lowest suspect score to let through. Events without a score are left out."""
    mitm_attack: bool
    """Whether the mobile device's traffic was intercepted. Events without this signal are left
    out, whichever value is asked for."""
    origin: str
    """The web origin that the event was sent from; browsers only."""
    package_name: str
    """The Android app, by its package name."""
    pagination_key: str
    """The key of the page before, to go on after it. It is valid with the very same other
    parameters only."""
    privacy_settings: bool
    """Whether the browser resists fingerprinting. Events without this signal are left out,
    whichever value is asked for."""
    proximity_id: str
    """The zone the device was in, by its id (`proximity.id`). Events without one are left out."""
    proxy: bool
    """Whether a proxy was found. Events without this signal are left out, whichever value is asked
    for."""
    rare_device: bool
    """Whether the device is a rare one. Events without this signal are left out, whichever value
    is asked for."""
    rare_device_percentile_bucket: (
        SearchEventsRareDevicePercentileBucket
        | Literal["<p95", "not_seen", "p95-p99", "p99-p99.5", "p99.5-p99.9", "p99.9+"]
    )
    """How rare the device is, by percentile. Events without it are left out."""
    reverse: bool
    """Oldest first, instead of newest first."""
    root_apps: bool
    """Whether apps that manage root access were found on the Android device. Events without this
    signal are left out, whichever value is asked for."""
    sdk_platform: SearchEventsSdkPlatform | Literal["android", "ios", "js"]
    """The platform of the agent that sent the event."""
    sdk_version: str
    """The version of the agent that sent the event, spelled exactly."""
    simulator: bool
    """Whether the iOS device is simulated. Events without this signal are left out, whichever
    value is asked for."""
    source: (
        SearchEventsSourceItem
        | Literal["edge"]
        | Sequence[SearchEventsSourceItem | Literal["edge"]]
    )
    """Which events to search: `edge` for those of the edge. Left out: those of devices; there is
    no value for both."""
    start: datetime.datetime | int | str
    """The beginning of the window: an aware datetime, Unix ms or RFC 3339. Seven days ago when
    left out; before the retention window: 400."""
    suspect: bool
    """Whether you marked the event as suspect. Events that were never marked either way are left
    out."""
    tampering: bool
    """Whether the browser or app was tampered with. Events without this signal are left out,
    whichever value is asked for."""
    tor_node: bool
    """Whether the address is a Tor node. Events without this signal are left out, whichever value
    is asked for."""
    total_hits: int
    """Count the matches of all pages up to this number, 1 to 1000; the count comes as
    `total_hits`."""
    url: str
    """The page that the event was sent from."""
    virtual_machine: bool
    """Whether the browser runs in a virtual machine. Events without this signal are left out,
    whichever value is asked for."""
    visitor_id: str
    """The visitor id that the event was identified with."""
    vpn: bool
    """Whether a VPN was found. Events without this signal are left out, whichever value is asked
    for."""
    vpn_confidence: SearchEventsVpnConfidence | Literal["high", "low", "medium"]
    """How sure the VPN verdict is. Events without it are left out."""


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
    """Fetch one page of the events that match every given filter, newest first.

    A filter on a signal also leaves out the events that lack the signal. Device events only,
        unless `source` asks for those of the edge.

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
