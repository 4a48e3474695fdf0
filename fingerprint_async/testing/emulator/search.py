"""Search as the service documents it: window, order, filters, pagination key."""

from __future__ import annotations

import ipaddress
import math
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from attrs import frozen

from fingerprint_async.testing.emulator.errors import ApiError, bad_request
from fingerprint_async.testing.emulator.filters import ENUMS, FLAGS, MANY, PREDICATES
from fingerprint_async.testing.emulator.keys import FIRST, Cursor, InvalidKey, KeyRing, digest_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fingerprint_async.testing.emulator.dataset import Source

__all__ = ["DEFAULT_LIMIT", "MAX_LINKED_ID", "Query", "Rules", "parse_query", "to_ms"]

WEEK_MS = 7 * 24 * 3_600_000
DEFAULT_LIMIT, MAX_LIMIT, MAX_HITS, MAX_LINKED_ID = 10, 100, 1_000, 256


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
    cursor: Cursor = FIRST
    digest: bytes = b""


@frozen(kw_only=True)
class Rules:
    """What a search is held against.

    Attributes:
        now: Unix ms, for the defaults of `start` and `end`.
        keys: Reads pagination keys.
        earliest: Unix ms; a `start` before it is refused (the workspace's retention).
        earliest_on_keys: Whether that holds when a pagination key is given, too.
        environment: The only environment that the secret key sees.
    """

    now: int
    keys: KeyRing
    earliest: int | None = None
    earliest_on_keys: bool = False
    environment: str | None = None


_INVALID = {"bot": "invalid bot type", "reverse": "invalid reverse param"}


def to_ms(text: str) -> int | None:
    """Return Unix ms of what a query says (Unix ms or RFC 3339); `None` when it is neither."""
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
    """Return the checked value of one filter."""
    text = values[0]
    if name in FLAGS:
        return _boolean(name, text)
    if name in ENUMS and not set(values if name in MANY else values[:1]) <= set(ENUMS[name]):
        raise _invalid(name)
    if name in MANY:
        return tuple(sorted(set(values)))
    if name == "ip_address":
        try:
            return ipaddress.ip_network(text, strict=False)
        except ValueError:
            raise bad_request("invalid ip address") from None
    if name == "min_suspect_score":
        try:
            score = float(text)
        except ValueError:
            raise _invalid(name) from None
        if not math.isfinite(score):
            raise _invalid(name)
        return score
    if name == "linked_id" and len(text) > MAX_LINKED_ID:
        raise bad_request("linked_id can't be greater than 256 characters long")
    return text


def _window(single: dict[str, str], rules: Rules) -> tuple[int, int]:
    times: list[int] = []
    for name, default in (("start", rules.now - WEEK_MS), ("end", rules.now)):
        moment = to_ms(single[name]) if name in single else default
        if moment is None:
            raise bad_request(f"invalid {name} time")
        times.append(moment)
    start, end = times
    checked = rules.earliest_on_keys or "pagination_key" not in single
    if checked and "start" in single and rules.earliest is not None and start < rules.earliest:
        raise bad_request("invalid start time")
    if "start" in single and "end" in single and start > end:
        raise bad_request("invalid end time")
    return start, end


def parse_query(params: Iterable[tuple[str, str]], rules: Rules) -> Query:
    """Check the parameters of one search.

    Args:
        params: Name and value, decoded, in the order of the URL. Unknown names are ignored, as the
            service does.
        rules: What they are held against.

    Raises:
        ApiError: 400, with the message that the service gives.
    """
    given: dict[str, list[str]] = {}
    for name, value in params:
        given.setdefault(name, []).append(value)
    single = {name: values[0] for name, values in given.items()}
    start, end = _window(single, rules)
    limit = _integer("limit", single["limit"], 1, MAX_LIMIT) if "limit" in single else DEFAULT_LIMIT
    reverse = _boolean("reverse", single["reverse"]) if "reverse" in single else False
    hits = single.get("total_hits")
    source: Source = "device"
    if "source" in given:
        if given["source"] != ["edge"]:
            raise _invalid("source")
        source = "edge"
    filters = [(name, _filter(name, given[name])) for name in sorted(given) if name in PREDICATES]
    digest = digest_of(given, rules.environment)
    cursor = FIRST
    if "pagination_key" in single:
        try:
            cursor = rules.keys.read(single["pagination_key"], digest, now=rules.now)
        except InvalidKey:
            raise bad_request("invalid pagination key") from None
    if rules.environment is not None:
        filters.append(("environment", (rules.environment,)))
    return Query(
        start=start,
        end=end,
        reverse=reverse,
        limit=limit,
        source=source,
        filters=tuple(filters),
        total_hits=None if hits is None else _integer("total_hits", hits, 1, MAX_HITS),
        cursor=cursor,
        digest=digest,
    )
