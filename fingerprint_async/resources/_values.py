"""Arguments that stand in a body: checked before anything is sent, so that a mistake costs nothing.

No error shows a value that may be about a person, or be a secret.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, Final, TypeAlias, cast

from fingerprint_async._places import parse_ip
from fingerprint_async._settings import is_header_name, kind_of
from fingerprint_async.errors import ArgumentError

__all__ = [
    "MAX_LINKED_ID",
    "IPAddress",
    "check_headers",
    "check_ips",
    "check_json_object",
    "check_linked_id",
    "check_text",
    "check_unicode",
    "check_url",
    "listed",
]

MAX_LINKED_ID: Final = 256
"""The longest `linked_id` that the API takes, in characters."""

IPAddress: TypeAlias = str | ipaddress.IPv4Address | ipaddress.IPv6Address
"""An address as text or as an object of the standard library."""

_MOST_LEVELS: Final = 64
"""How deep JSON of a caller may be nested; the API's own is 4 levels deep."""
_MOST_VALUES: Final = 10_000
"""How many values an argument may have: an endless iterable ends."""
_LARGEST_INTEGER: Final = 2**63 - 1


def check_text(name: str, value: object) -> str:
    """Return a text that holds something: an empty one is a variable that was never set.

    Raises:
        ArgumentError: It is no text, empty, or cannot be written.
    """
    if not isinstance(value, str):
        raise ArgumentError(f"{name}: expected a string, got {kind_of(value)}")
    if not value.strip():
        raise ArgumentError(f"{name} is empty")
    return check_unicode(name, value)


def check_unicode(name: str, value: str) -> str:
    """Return a text that has bytes as a plain string, or raise."""
    # What a subclass writes itself as may be another text: an enum's name in place of its value.
    text = str.__str__(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ArgumentError(f"{name} holds lone surrogates, which have no bytes to send") from None
    return text


def check_linked_id(value: object) -> str:
    """Return a linked id that the API accepts, or raise."""
    if not isinstance(value, str):
        raise ArgumentError(f"linked_id: expected a string, got {kind_of(value)}")
    if len(value) > MAX_LINKED_ID:
        raise ArgumentError(f"linked_id: {len(value)} characters, {MAX_LINKED_ID} are allowed")
    return check_unicode("linked_id", value)


def check_json_object(name: str, value: object) -> dict[str, Any]:
    """Return a copy of a JSON object that can be written, or raise."""
    if not isinstance(value, Mapping):
        raise ArgumentError(f"{name}: expected a mapping, got {kind_of(value)}")
    return dict(_json_value(name, cast("Mapping[object, object]", value), 0))


def _json_value(name: str, value: object, level: int) -> Any:
    if level > _MOST_LEVELS:
        raise ArgumentError(f"{name} is nested deeper than {_MOST_LEVELS} levels")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return check_unicode(name, value)
    if isinstance(value, int):
        if not -_LARGEST_INTEGER <= value <= _LARGEST_INTEGER:
            raise ArgumentError(f"{name} holds an integer of more than 64 bits")
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ArgumentError(f"{name} holds a number that JSON has not: it is not finite")
        return float(value)
    if isinstance(value, Mapping):
        members = cast("Mapping[object, object]", value).items()
        return {_key(name, key): _json_value(name, item, level + 1) for key, item in members}
    if isinstance(value, list | tuple):
        items = cast("Iterable[object]", value)
        return [_json_value(name, item, level + 1) for item in items]
    raise ArgumentError(
        f"{name} cannot be written as JSON: it holds a value of type {kind_of(value)}"
    )


def _key(name: str, key: object) -> str:
    # Written as text, 1 and "1" would be one key twice.
    if not isinstance(key, str):
        raise ArgumentError(f"{name}: keys are strings, got {kind_of(key)}")
    return check_unicode(name, key)


def listed(name: str, values: Iterable[object]) -> list[object]:
    """Return what an iterable of a caller's gives, or raise."""
    try:
        found = list(islice(values, _MOST_VALUES + 1))
    except Exception:  # noqa: BLE001 - a foreign iterable's: it gave nothing
        raise ArgumentError(f"{name}: this {kind_of(values)} cannot be iterated over") from None
    if len(found) > _MOST_VALUES:
        raise ArgumentError(f"{name}: more than {_MOST_VALUES} are given")
    return found


def check_url(value: object) -> str:
    """Return an absolute HTTP address without its fragment, which no server ever sees, or raise."""
    text = check_text("url", value)
    if not re.match(r"https?://[^/?#\s]", text, re.IGNORECASE):
        raise ArgumentError("url: expected an absolute http or https address")
    return text.partition("#")[0]


def check_headers(value: object, sensitive: object) -> list[dict[str, str]]:
    """Return header lines in their order, those named as sensitive with an empty value."""
    hidden = _names(sensitive)
    if isinstance(value, Mapping):
        value = cast("Mapping[object, object]", value).items()
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise ArgumentError(
            f"headers: expected a mapping or (name, value) pairs, got {kind_of(value)}"
        )
    out: list[dict[str, str]] = []
    for line in listed("headers", cast("Iterable[object]", value)):
        parts = list(cast("Iterable[object]", line)) if isinstance(line, tuple | list) else []
        if len(parts) != 2:  # noqa: PLR2004 - a pair
            raise ArgumentError("headers: expected (name, value) pairs")
        name, content = map(_header_text, parts)
        if not is_header_name(name):
            raise ArgumentError(f"headers: {name[:64]!r} is not a header name")
        out.append({"name": name, "value": "" if name.lower() in hidden else content})
    if not out:
        raise ArgumentError(
            "headers: at least one is needed; pass the request's headers as they came"
        )
    return out


def _names(sensitive: object) -> set[str]:
    if isinstance(sensitive, str | bytes) or not isinstance(sensitive, Iterable):
        raise ArgumentError(
            "sensitive_headers: expected a collection of header names, got "
            f"{kind_of(sensitive)}; an empty one sends every value as it came"
        )
    names: set[str] = set()
    for name in listed("sensitive_headers", cast("Iterable[object]", sensitive)):
        if not isinstance(name, str):
            raise ArgumentError(f"sensitive_headers: names are strings, got {kind_of(name)}")
        names.add(name.lower())
    return names


def _header_text(value: object) -> str:
    if isinstance(value, bytes):
        # ASGI servers hand headers over as bytes, which HTTP lets be any.
        return value.decode("latin-1")
    if not isinstance(value, str):
        raise ArgumentError(f"headers: expected names and values as strings, got {kind_of(value)}")
    return check_unicode("headers", value)


def check_ips(value: object) -> dict[str, str]:
    """Return one or two addresses under the names that the API has for them, or raise."""
    given: list[object] = [value]
    if isinstance(value, Iterable) and not isinstance(value, str):
        given = listed("ip", cast("Iterable[object]", value))
    out: dict[str, str] = {}
    for item in given:
        address = parse_ip(item)
        if address is None:
            raise ArgumentError(
                f"ip: expected an IPv4 or IPv6 address, or one of each, got {kind_of(item)}"
            )
        field = f"ipv{address.version}_address"
        if field in out:
            raise ArgumentError(
                f"ip: two IPv{address.version} addresses; the API takes one of each version"
            )
        out[field] = str(address)
    if not out:
        raise ArgumentError("ip: at least one address is needed")
    return out
