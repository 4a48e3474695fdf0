"""Bodies in the service's wire shape, for tests that need one event and no server.

Everything is a plain `dict`, ready for `json`, `respx`, `Event.from_dict` or a web framework's test
client. Values are this project's own; shapes are the service's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec

from fingerprint_async.testing.synthetic.profiles import Detail, make_profile, slim
from fingerprint_async.testing.synthetic.rates import Platform, Traits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "ERROR_STATUSES",
    "encode",
    "make_edge_request",
    "make_edge_response",
    "make_error",
    "make_event",
    "make_page",
]

_TIMESTAMP = 1_767_225_600_123
_EDGE_FIELDS = (
    "event_id",
    "timestamp",
    "source",
    "linked_id",
    "tags",
    "url",
    "bot_info",
    "ip_info",
    "proxy",
    "proxy_confidence",
    "proxy_details",
    "vpn",
    "vpn_confidence",
    "vpn_methods",
)
_BOT_INFO = {
    "category": "scraping",
    "provider": "Gleaner",
    "name": "gleaner/4",
    "provider_url": "https://gleaner.example",
    "identity": "unknown",
    "confidence": "high",
}
_ERRORS = {
    "request_cannot_be_parsed": "request body is not valid",
    "request_read_timeout": "request read timeout",
    "ruleset_not_found": "ruleset not found",
    "secret_api_key_required": "secret API key in header is missing or empty",
    "secret_api_key_not_found": "no fingerprint workspace found for specified secret API key",
    "wrong_region": "wrong region",
    "subscription_not_active": "forbidden",
    "feature_not_enabled": "feature not enabled",
    "event_not_found": "event id not found",
    "visitor_not_found": "visitor not found",
    "state_not_ready": "resource is not mutable yet, try again",
    "payload_too_large": "payload too large",
    "too_many_requests": "too many requests",
    "failed": "internal server error",
    "service_unavailable": "service temporarily unavailable",
}


#: The status that goes with a code.
ERROR_STATUSES = {
    "request_cannot_be_parsed": 400,
    "request_read_timeout": 400,
    "ruleset_not_found": 400,
    "secret_api_key_required": 403,
    "secret_api_key_not_found": 403,
    "wrong_region": 403,
    "subscription_not_active": 403,
    "feature_not_enabled": 403,
    "event_not_found": 404,
    "visitor_not_found": 404,
    "state_not_ready": 409,
    "payload_too_large": 413,
    "too_many_requests": 429,
    "failed": 500,
    "service_unavailable": 503,
}


def encode(value: object) -> bytes:
    """`value` as the service writes JSON: UTF-8, without spaces."""
    return msgspec.json.encode(value)


def _merge(base: dict[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    for name, value in overrides.items():
        known = base.get(name)
        if isinstance(value, dict) and isinstance(known, dict) and name != "tags":
            base[name] = _merge(cast("dict[str, Any]", known), cast("dict[str, Any]", value))
        else:
            base[name] = value
    return base


def make_event(
    *,
    platform: Platform = "web",
    detail: Detail = "full",
    number: int = 0,
    without: Iterable[str] = (),
    **overrides: Any,
) -> dict[str, Any]:
    """One event.

    Args:
        platform: `web`, `android`, `ios` or `edge` (an event that an edge analysis left).
        detail: `full` is about 6 kB of JSON; `slim` leaves the large parts out.
        number: Another number gives another event, id included; the same number the same event.
        without: Top-level fields to leave out.
        **overrides: Fields by their wire names. Objects are merged into what is there
            (`identification={"visitor_id": "…"}` keeps the rest), except `tags`, which are
            free-form and replaced.
    """
    timestamp = overrides.get("timestamp", _TIMESTAMP + number)
    event: dict[str, Any] = {"event_id": f"{timestamp}.{_suffix(number)}", "timestamp": timestamp}
    traits = Traits("factory", platform, number)
    profile = make_profile(traits=traits, number=number, before=_TIMESTAMP)
    for name in ("identification", "supplementary_id_high_recall"):
        if name in profile:
            profile[name]["visitor_id"] = f"{name[:1].upper()}visitor{number:012d}"
    event |= slim(profile) if detail == "slim" else profile
    event = _merge(event, overrides)
    _complete(event, overrides)
    for name in without:
        event.pop(name, None)
    return event


def _complete(event: dict[str, Any], overrides: Mapping[str, Any]) -> None:
    """Make what hangs on a signal agree with it, unless it was given too."""
    details: dict[str, Any] = {}
    bot = overrides.get("bot")
    if bot in ("good", "bad"):
        details |= {"bot_type": "crawler", "bot_info": _BOT_INFO}
    elif bot == "not_detected":
        event.pop("bot_type", None)
        event.pop("bot_info", None)
    if overrides.get("proxy") is True:
        details["proxy_details"] = {"proxy_type": "residential", "provider": "Tidewater"}
    elif overrides.get("proxy") is False and "proxy_details" not in overrides:
        event.pop("proxy_details", None)
    for name, signal in (("vpn", "vpn_confidence"), ("tampering", "tampering_confidence")):
        if name in overrides:
            details[signal] = "high"
    if overrides.get("vpn") is True:
        details["vpn_methods"] = {"public_vpn": True}
    if "rare_device" in overrides:
        bucket = "p99.9+" if overrides["rare_device"] else "<p95"
        details["rare_device_percentile_bucket"] = bucket
    event |= {name: value for name, value in details.items() if name not in overrides}


def _suffix(number: int) -> str:
    return f"mk{number % 10_000:04d}"


def make_page(
    events: int | Iterable[Mapping[str, Any]] = 1,
    *,
    pagination_key: str | None = None,
    total_hits: int | None = None,
) -> dict[str, Any]:
    """One page of search results, newest first.

    Args:
        events: How many to make, or the events themselves.
        pagination_key: Present only when given, as on the last page of the service.
        total_hits: Present only when given.
    """
    listed = (
        [make_event(number=n) for n in reversed(range(events))]
        if isinstance(events, int)
        else list(events)
    )
    page: dict[str, Any] = {"events": listed}
    if pagination_key is not None:
        page["pagination_key"] = pagination_key
    if total_hits is not None:
        page["total_hits"] = total_hits
    return page


def make_error(code: str = "failed", message: str | None = None) -> dict[str, Any]:
    """The service's error body; `message` defaults to what the service says with this code."""
    return {
        "error": {"code": code, "message": _ERRORS.get(code, code) if message is None else message}
    }


def make_edge_request(**overrides: Any) -> dict[str, Any]:
    """A body that the edge analysis accepts."""
    body: dict[str, Any] = {
        "method": "GET",
        "url": "https://shop.example.com/catalogue",
        "headers": [
            {"name": "User-Agent", "value": "gleaner/4 (+https://gleaner.example)"},
            {"name": "Accept", "value": "*/*"},
            {"name": "Authorization", "value": ""},
        ],
        "ipv4_address": "192.0.2.44",
    }
    return body | overrides


def make_edge_response(*, number: int = 0, **overrides: Any) -> dict[str, Any]:
    """The answer of an edge analysis; `overrides` as for `make_event`."""
    event = make_event(platform="edge", number=number, **overrides)
    return {
        name: value for name, value in event.items() if name in _EDGE_FIELDS or name in overrides
    }
