"""Search as the service documents it: window, order, filters, pagination keys. Pure: no sockets, no clock of its own."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from attrs import frozen

from fingerprint_async.testing._profiles import BUCKETS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from fingerprint_async.testing.workspace import Source

__all__ = ["ApiError", "Cursor", "KeyRing", "Query", "matches", "parse_query", "to_ms"]

WEEK_MS = 7 * 24 * 3_600_000
DEFAULT_LIMIT, MAX_LIMIT, MAX_HITS, MAX_LINKED_ID = 10, 100, 1_000, 256


class ApiError(Exception):
    """An answer other than success, on its way to the response."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def bad_request(message: str) -> ApiError:
    """A 400 of the usual code."""
    return ApiError(400, "request_cannot_be_parsed", message)


@frozen(kw_only=True)
class Cursor:
    """A place between two events: the last one that a page held. Rank orders the events of one millisecond."""

    timestamp: int
    rank: int


@frozen(kw_only=True)
class Query:
    """One search, checked."""

    start: int
    end: int
    reverse: bool = False
    limit: int = DEFAULT_LIMIT
    source: Source = "device"
    filters: tuple[tuple[str, Any], ...] = ()
    total_hits: int | None = None
    cursor: Cursor | None = None
    digest: bytes = b""


def _at(event: Mapping[str, Any], *path: str) -> Any:
    value: Any = event
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
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
    if url is None:
        return False
    parts = urlsplit(url)
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
_ENUMS: dict[str, Iterable[str]] = {
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
_MANY = frozenset(
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
_FLAGS = frozenset({*_SIGNALS, "anti_detect_browser", "tor_node", "factory_reset"})
_INVALID = {"bot": "invalid bot type", "reverse": "invalid reverse param"}


def matches(event: Mapping[str, Any], filters: Iterable[tuple[str, Any]]) -> bool:
    """Whether an event passes every filter. A filter on a signal leaves out events that lack the signal."""
    return all(PREDICATES[name](event, wanted) for name, wanted in filters)


def to_ms(text: str) -> int | None:
    """Unix ms of a `start` or `end` as it comes in a query: Unix ms or RFC 3339; `None` when it is neither."""
    if re.fullmatch(r"\d{1,15}", text):
        return int(text)
    if not re.fullmatch(
        r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", text
    ):
        return None
    try:
        moment = datetime.fromisoformat(text.upper())
        seconds = datetime.fromisoformat(re.sub(r"\.\d+", "", text.upper())).timestamp()
    except ValueError:
        return None
    return round(seconds) * 1_000 + moment.microsecond // 1_000


def _invalid(name: str) -> ApiError:
    return bad_request(_INVALID.get(name, f"invalid {name}"))


def _boolean(name: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise _invalid(name)
    return text == "true"


def _integer(name: str, text: str, low: int, high: int) -> int:
    if not re.fullmatch(r"\d{1,9}", text) or not low <= int(text) <= high:
        raise _invalid(name)
    return int(text)


def _filter(name: str, values: list[str]) -> Any:
    """The checked value of one filter."""
    text = values[0]
    if name in _FLAGS:
        return _boolean(name, text)
    if name in _ENUMS and not set(values if name in _MANY else values[:1]) <= set(_ENUMS[name]):
        raise _invalid(name)
    if name in _MANY:
        return tuple(sorted(set(values)))
    if name == "ip_address":
        try:
            return ipaddress.ip_network(text, strict=False)
        except ValueError:
            raise bad_request("invalid ip address") from None
    if name == "min_suspect_score":
        try:
            return float(text)
        except ValueError:
            raise _invalid(name) from None
    if name == "linked_id" and len(text) > MAX_LINKED_ID:
        raise bad_request("linked_id can't be greater than 256 characters long")
    return text


def parse_query(
    params: Iterable[tuple[str, str]],
    *,
    now: int,
    keys: KeyRing,
    earliest: int | None = None,
) -> Query:
    """Checks the parameters of one search.

    Args:
        params: Name and value, decoded, in the order of the URL. Unknown names are ignored, as by the
            service.
        now: Unix ms, for the defaults of `start` and `end`.
        keys: Reads pagination keys.
        earliest: Unix ms; a `start` before it is refused (the workspace's retention).

    Raises:
        ApiError: 400, with the message the service gives.
    """
    given: dict[str, list[str]] = {}
    for name, value in params:
        given.setdefault(name, []).append(value)
    single = {name: values[0] for name, values in given.items()}

    times: dict[str, int] = {}
    for name, default in (("start", now - WEEK_MS), ("end", now)):
        moment = to_ms(single[name]) if name in single else default
        if moment is None:
            raise bad_request(f"invalid {name} time")
        times[name] = moment
    if earliest is not None and "start" in given and times["start"] < earliest:
        raise bad_request("invalid start time")
    if "start" in given and "end" in given and times["start"] > times["end"]:
        raise bad_request("invalid end time")

    limit = _integer("limit", single["limit"], 1, MAX_LIMIT) if "limit" in single else DEFAULT_LIMIT
    reverse = _boolean("reverse", single["reverse"]) if "reverse" in single else False
    hits = (
        _integer("total_hits", single["total_hits"], 1, MAX_HITS)
        if "total_hits" in single
        else None
    )
    source: Source = "device"
    if "source" in given:
        if given["source"] != ["edge"]:
            raise _invalid("source")
        source = "edge"
    filters = tuple(
        sorted((name, _filter(name, given[name])) for name in given if name in PREDICATES)
    )

    digest = _digest(given)
    cursor = None
    start, end = times["start"], times["end"]
    if "pagination_key" in single:
        cursor, start, end = keys.read(single["pagination_key"], digest=digest, now=now)
    return Query(
        start=start,
        end=end,
        reverse=reverse,
        limit=limit,
        source=source,
        filters=filters,
        total_hits=hits,
        cursor=cursor,
        digest=digest,
    )


def _digest(given: Mapping[str, list[str]]) -> bytes:
    """What a pagination key is bound to: all parameters but itself and the caller's self-identification."""
    bound = sorted(
        (name, values) for name, values in given.items() if name not in ("pagination_key", "ii")
    )
    return hashlib.blake2b(repr(bound).encode(), digest_size=8).digest()


_KEY = struct.Struct(">qqqqIq8s")
_KEY_VERSION = b"\x04"


class KeyRing:
    """Writes and reads pagination keys: opaque, signed, bound to the other parameters.

    Args:
        secret: Keys of one secret are good in every emulator that has the same.
        lifetime: Seconds until a key is refused; `None` for never.
    """

    def __init__(self, secret: str, lifetime: float | None = None) -> None:
        self._secret = hashlib.blake2b(secret.encode(), digest_size=32).digest()
        self.lifetime = lifetime
        self._written = 0

    def write(self, cursor: Cursor | None, query: Query, *, now: int) -> str:
        """The key of the page after `cursor` (`None`: of the first page). No two keys are alike."""
        self._written += 1
        timestamp, rank = (-1, -1) if cursor is None else (cursor.timestamp, cursor.rank)
        body = _KEY_VERSION + _KEY.pack(
            timestamp,
            rank,
            query.start,
            query.end,
            self._written & 0xFFFFFFFF,
            now,
            query.digest,
        )
        return urlsafe_b64encode(body + self._sign(body)).rstrip(b"=").decode()

    def read(self, key: str, *, digest: bytes, now: int) -> tuple[Cursor | None, int, int]:
        """The cursor and the window (Unix ms) that a key stands for.

        Raises:
            ApiError: 400, when the key is forged, expired, or of a search with other parameters.
        """
        refused = bad_request("invalid pagination key")
        try:
            raw = urlsafe_b64decode(key.encode() + b"=" * (-len(key) % 4))
        except ValueError:
            raise refused from None
        body, signature = raw[:-8], raw[-8:]
        if len(body) != _KEY.size + 1 or self._sign(body) != signature:
            raise refused
        timestamp, rank, start, end, _, written, bound = cast(
            "tuple[int, int, int, int, int, int, bytes]",
            _KEY.unpack(body[1:]),
        )
        if bound != digest or (self.lifetime is not None and now - written > self.lifetime * 1_000):
            raise refused
        return (None if timestamp < 0 else Cursor(timestamp=timestamp, rank=rank)), start, end

    def _sign(self, body: bytes) -> bytes:
        return hashlib.blake2b(body, key=self._secret, digest_size=8).digest()
