"""The filters of a search: what each of them means for an event."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from fingerprint_async.testing.synthetic.catalog import BUCKETS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["ENUMS", "FLAGS", "MANY", "PREDICATES", "matches"]


def _at(event: Mapping[str, Any], *path: str) -> Any:
    value: Any = event
    for name in path:
        if not isinstance(value, dict):
            return None
        value = cast("dict[str, Any]", value).get(name)
    return value


def _same(*path: str) -> Callable[[Mapping[str, Any], Any], bool]:
    return lambda event, wanted: _at(event, *path) == wanted


def _one_of(*path: str) -> Callable[[Mapping[str, Any], Any], bool]:
    return lambda event, wanted: _at(event, *path) in wanted


def _flag(*path: str) -> Callable[[Mapping[str, Any], Any], bool]:
    return lambda event, wanted: _at(event, *path) is wanted


def _bot(event: Mapping[str, Any], wanted: str) -> bool:
    bot = event.get("bot")
    return (
        bot in ("good", "bad")
        if wanted == "all"
        else bot == ("not_detected" if wanted == "none" else wanted)
    )


def _score(event: Mapping[str, Any], least: float) -> bool:
    score = event.get("suspect_score")
    return score is not None and score >= least


def _reset(event: Mapping[str, Any], wanted: bool) -> bool:  # noqa: FBT001 - a predicate like the others
    at = event.get("factory_reset_timestamp")
    return at is not None and (at > 0) is wanted


def _address(
    event: Mapping[str, Any], network: ipaddress.IPv4Network | ipaddress.IPv6Network
) -> bool:
    for text in (
        event.get("ip_address"),
        _at(event, "ip_info", "v4", "address"),
        _at(event, "ip_info", "v6", "address"),
    ):
        if text is not None and ipaddress.ip_address(text) in network:
            return True
    return False


def _asn(event: Mapping[str, Any], wanted: str) -> bool:
    return wanted in (_at(event, "ip_info", "v4", "asn"), _at(event, "ip_info", "v6", "asn"))


def _origin(event: Mapping[str, Any], wanted: str) -> bool:
    url = event.get("url")
    if not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:  # a url that somebody added by hand
        return False
    return f"{parts.scheme}://{parts.netloc}" == wanted


_SIGNALS = [
    "suspect",
    "vpn",
    "virtual_machine",
    "tampering",
    "incognito",
    "privacy_settings",
    "jailbroken",
    "frida",
    "cloned_app",
    "emulator",
    "root_apps",
    "developer_tools",
    "location_spoofing",
    "mitm_attack",
    "rare_device",
    "proxy",
    "simulator",
    "active_call",
]
_CATEGORIES = [
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
    "security",
    "search_engine_crawler",
    "search_engine_optimization",
    "unknown",
]
ENUMS: dict[str, Iterable[str]] = {
    "bot": ("all", "good", "bad", "none"),
    "bot_info": ("all", "none"),
    "bot_info_category": _CATEGORIES,
    "bot_info_identity": ("verified", "signed", "spoofed", "unknown"),
    "bot_info_confidence": ("low", "medium", "high"),
    "vpn_confidence": ("high", "medium", "low"),
    "rare_device_percentile_bucket": BUCKETS,
    "sdk_platform": ("js", "android", "ios"),
    "incremental_identification_status": ("partially_completed", "completed"),
    "source": ("edge",),
}
MANY = frozenset(
    {
        "bot_info_category",
        "bot_info_identity",
        "bot_info_confidence",
        "bot_info_provider",
        "bot_info_name",
        "environment",
        "source",
    },
)
PREDICATES: dict[str, Callable[[Mapping[str, Any], Any], bool]] = {
    **{name: _flag(name) for name in _SIGNALS},
    "anti_detect_browser": _flag("tampering_details", "anti_detect_browser"),
    "tor_node": _flag("ip_blocklist", "tor_node"),
    "factory_reset": _reset,
    "visitor_id": _same("identification", "visitor_id"),
    "high_recall_id": _same("supplementary_id_high_recall", "visitor_id"),
    "bot": _bot,
    "bot_info": lambda event, wanted: ("bot_info" in event) is (wanted == "all"),
    "bot_info_category": _one_of("bot_info", "category"),
    "bot_info_identity": _one_of("bot_info", "identity"),
    "bot_info_confidence": _one_of("bot_info", "confidence"),
    "bot_info_provider": _one_of("bot_info", "provider"),
    "bot_info_name": _one_of("bot_info", "name"),
    "ip_address": _address,
    "asn": _asn,
    "linked_id": _same("linked_id"),
    "url": _same("url"),
    "bundle_id": _same("bundle_id"),
    "package_name": _same("package_name"),
    "origin": _origin,
    "vpn_confidence": _same("vpn_confidence"),
    "min_suspect_score": _score,
    "rare_device_percentile_bucket": _same("rare_device_percentile_bucket"),
    "sdk_version": _same("sdk", "version"),
    "sdk_platform": _same("sdk", "platform"),
    "environment": _one_of("environment_id"),
    "proximity_id": _same("proximity", "id"),
    "incremental_identification_status": _same("incremental_identification_status"),
}
FLAGS = frozenset({*_SIGNALS, "anti_detect_browser", "tor_node", "factory_reset"})


def matches(event: Mapping[str, Any], filters: Iterable[tuple[str, Any]]) -> bool:
    """Return whether an event passes every filter; one that lacks the signal does not."""
    return all(PREDICATES[name](event, wanted) for name, wanted in filters)
