"""Arguments are checked before anything is sent: a mistake costs no request, its error names the parameter.

Pure functions. None of them puts a value that may be about a person, or be a secret, into its error.
"""

from __future__ import annotations

import ipaddress
import json
import math
import re
from collections.abc import Collection, Iterable, Mapping
from enum import Enum
from types import UnionType
from typing import Any, Final, Literal, TypeAlias, Union, get_args, get_origin
from urllib.parse import urlsplit

import msgspec

from fingerprint_async._time import to_unix_ms
from fingerprint_async.errors import ArgumentError, ConfigurationError
from fingerprint_async.options import (
    DEFAULT,
    RateLimit,
    RequestOptions,
    RetryPolicy,
    Timeouts,
    is_header_name,
    is_header_value,
)
from fingerprint_async.regions import Region

__all__ = [
    "API_KEY_VARIABLE",
    "BASE_URL_VARIABLE",
    "MAX_LINKED_ID",
    "MAX_PAGE_SIZE",
    "MAX_TOTAL_HITS",
    "REGION_VARIABLE",
    "Filter",
    "IPAddress",
    "check_api_key",
    "check_base_url",
    "check_filters",
    "check_headers",
    "check_id",
    "check_ips",
    "check_json_object",
    "check_linked_id",
    "check_options",
    "check_region",
    "check_settings",
    "check_text",
    "check_url",
]

API_KEY_VARIABLE: Final = "FINGERPRINT_SECRET_API_KEY"
REGION_VARIABLE: Final = "FINGERPRINT_REGION"
BASE_URL_VARIABLE: Final = "FINGERPRINT_BASE_URL"

MAX_PAGE_SIZE: Final = 100
"""The largest `limit` that the API takes."""
MAX_TOTAL_HITS: Final = 1000
"""The largest `total_hits` that the API takes."""
MAX_LINKED_ID: Final = 256
"""The longest `linked_id` that the API takes, in characters."""

IPAddress: TypeAlias = str | ipaddress.IPv4Address | ipaddress.IPv6Address
"""An address as text or as an object of the standard library."""

_TIMES: Final = frozenset({"start", "end"})
_BOUNDS: Final = {"limit": MAX_PAGE_SIZE, "total_hits": MAX_TOTAL_HITS}
_SETTINGS: Final = {
    "timeouts": (Timeouts, "Timeouts or None"),
    "retry": (RetryPolicy, "a RetryPolicy"),
    "rate_limit": (RateLimit, "a RateLimit"),
    "strict": (bool, "True or False"),
    "allow_insecure_http": (bool, "True or False"),
    "user_agent_suffix": (str, "a string"),
}
_CONTROL: Final = r"[\x00-\x1f\x7f]"


def check_api_key(value: object) -> str:
    """Give a secret API key that can stand in a header. No error holds any part of it."""
    if not isinstance(value, str):
        raise ConfigurationError(f"the secret API key is a string, got {_kind(value)}")
    if not value:
        raise ConfigurationError(
            f"the secret API key is empty: pass api_key, or set {API_KEY_VARIABLE}"
        )
    if not re.fullmatch(r"[!-~]+", value):
        raise ConfigurationError(
            "the secret API key holds white space, control characters or other characters than ASCII's; "
            "was it read with its line's end, or in quotes?"
        )
    return value


def check_region(value: object) -> Region:
    """Give the region of a name or an alias."""
    try:
        return Region(str(value))
    except ValueError as error:
        raise ConfigurationError(str(error)) from None


def check_base_url(value: object, *, allow_insecure_http: bool) -> str:
    """Give an address that paths can be appended to, without a slash at its end.

    The key goes wherever this leads, so over plain HTTP it goes to this machine only, unless that is asked
    for.
    """
    if not isinstance(value, str):
        raise ConfigurationError(f"base_url: expected a string, got {_kind(value)}")
    text = value.strip()
    expected = "base_url: expected an http or https address, as https://eu.api.fpjs.io/v4"
    try:
        parts = urlsplit(text)
        host = parts.hostname
        parts.port  # noqa: B018 - a wrong port raises here
    except ValueError:
        raise ConfigurationError(expected) from None
    if not host or parts.scheme not in {"http", "https"} or any(map(str.isspace, text)):
        raise ConfigurationError(expected)
    if "@" in parts.netloc:
        raise ConfigurationError("base_url holds credentials; the API takes only the key")
    if "?" in text or "#" in text:
        raise ConfigurationError("base_url holds a query or a fragment; paths are appended to it")
    if parts.scheme == "http" and not allow_insecure_http and not _is_loopback(host):
        raise ConfigurationError(
            f"base_url: the secret API key would be sent to {host} in the clear; "
            "use https, or say allow_insecure_http=True"
        )
    return text.rstrip("/")


def check_settings(settings: Mapping[str, Any]) -> None:
    """See that the client's settings are of the types that they have to be: each is used much later than it is given."""
    for name, (kind, expected) in _SETTINGS.items():
        value = settings[name]
        if value is not None and value is not DEFAULT and not isinstance(value, kind):
            raise ConfigurationError(f"{name}: expected {expected}, got {_kind(value)}")
    for name in ("retry", "rate_limit", "strict", "allow_insecure_http"):
        if settings[name] is None:
            raise ConfigurationError(f"{name}: expected {_SETTINGS[name][1]}, got None")
    suffix = settings["user_agent_suffix"]
    if suffix is not None and not is_header_value(suffix):
        raise ConfigurationError("user_agent_suffix holds characters that cannot stand in a header")
    http_client, transport = settings["http_client"], settings["transport"]
    if http_client is not None and not hasattr(http_client, "aclose"):
        raise ConfigurationError(
            f"http_client: expected an httpx.AsyncClient, got {_kind(http_client)}"
        )
    if transport not in {None, "fast"} and not hasattr(transport, "handle_async_request"):
        got = repr(transport[:64]) if isinstance(transport, str) else _kind(transport)
        raise ConfigurationError(
            f"transport: expected an httpx.AsyncBaseTransport or 'fast', got {got}"
        )


def check_options(value: object) -> None:
    """See that the options of a call are options."""
    if value is not None and not isinstance(value, RequestOptions):
        raise ArgumentError(f"options: expected RequestOptions, got {_kind(value)}")


def check_text(name: str, value: object) -> str:
    """Give a text that holds something: an empty one is a variable never set, and would mean "any"."""
    if not isinstance(value, str):
        raise ArgumentError(f"{name}: expected a string, got {_kind(value)}")
    if not value.strip():
        raise ArgumentError(f"{name} is empty")
    return value


def check_id(name: str, value: object) -> str:
    """Give an id that can stand in a URL's path.

    What it holds is percent-encoded later. `.` and `..` would survive that and lead to another address;
    white space and control characters are never part of an id and mean that something else was passed.
    """
    text = check_text(name, value)
    if text in {".", ".."}:
        raise ArgumentError(f"{name}: {text!r} is not an id")
    if any(character.isspace() for character in text) or re.search(_CONTROL, text):
        raise ArgumentError(f"{name}: an id holds no white space and no control characters")
    return _check_unicode(name, text)


def check_linked_id(value: object) -> str:
    """Give a linked id that the API accepts."""
    if not isinstance(value, str):
        raise ArgumentError(f"linked_id: expected a string, got {_kind(value)}")
    if len(value) > MAX_LINKED_ID:
        raise ArgumentError(f"linked_id: {len(value)} characters, {MAX_LINKED_ID} are allowed")
    return _check_unicode("linked_id", value)


def check_json_object(name: str, value: object) -> dict[str, Any]:
    """Give a JSON object that can be written."""
    if not isinstance(value, Mapping):
        raise ArgumentError(f"{name}: expected a mapping, got {_kind(value)}")
    out = dict(value)
    try:
        json.dumps(out, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        reason = "lone surrogates" if isinstance(error, UnicodeError) else error
        raise ArgumentError(f"{name} cannot be written as JSON: {reason}") from None
    return out


def check_url(value: object) -> str:
    """Give an absolute HTTP address without its fragment, which no server ever sees."""
    text = check_text("url", value)
    if not re.match(r"https?://[^/?#\s]", text, re.IGNORECASE):
        raise ArgumentError("url: expected an absolute http or https address")
    return _check_unicode("url", text.partition("#")[0])


def check_headers(value: object, sensitive: Iterable[str]) -> list[dict[str, str]]:
    """Give header lines in their order, those named as sensitive with an empty value."""
    if isinstance(sensitive, str):
        raise ArgumentError("sensitive_headers: expected a collection of names, got one string")
    hidden = {name.lower() for name in sensitive}
    if isinstance(value, Mapping):
        value = value.items()
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise ArgumentError(
            f"headers: expected a mapping or (name, value) pairs, got {_kind(value)}"
        )
    out = []
    for line in value:
        if not isinstance(line, tuple | list) or len(line) != 2:  # noqa: PLR2004 - a pair
            raise ArgumentError("headers: expected (name, value) pairs")
        name, content = (_header_text(part) for part in line)
        if not is_header_name(name):
            raise ArgumentError(f"headers: {name[:64]!r} is not a header name")
        out.append({"name": name, "value": "" if name.lower() in hidden else content})
    if not out:
        raise ArgumentError(
            "headers: at least one is needed; pass the request's headers as they came"
        )
    return out


def check_ips(value: object) -> dict[str, str]:
    """Give one or two addresses under the names that the API has for them, at most one of each version."""
    given = [value] if isinstance(value, str) or not isinstance(value, Iterable) else list(value)
    out: dict[str, str] = {}
    for item in given:
        try:
            # An int would be taken for a packed address.
            address = ipaddress.ip_address(item.strip() if isinstance(item, str) else str(item))
        except ValueError:
            raise ArgumentError("ip: expected an IPv4 or IPv6 address, or one of each") from None
        field = f"ipv{address.version}_address"
        if field in out:
            raise ArgumentError(
                f"ip: two IPv{address.version} addresses; the API takes one of each version"
            )
        # A zone ("%eth0") means something on the machine that saw the address, and only there.
        out[field] = str(address).partition("%")[0]
    if not out:
        raise ArgumentError("ip: at least one address is needed")
    return out


class Filter(msgspec.Struct, frozen=True):
    """What one search filter takes.

    Attributes:
        type: The type of a value.
        many: Whether several values may be given.
        choices: The known values, where the API lists them.
        enum: The enum of those.
    """

    type: Any
    many: bool
    choices: tuple[Any, ...] = ()
    enum: Any = None

    @classmethod
    def from_hint(cls, hint: Any) -> Filter:
        """Read a type of the generated TypedDict: `bool`, `Enum | Literal[...]`, `Sequence[str]`."""
        parts = get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)
        for part in parts:
            origin = get_origin(part)
            if isinstance(origin, type) and issubclass(origin, Collection):
                return msgspec.structs.replace(cls.from_hint(get_args(part)[0]), many=True)
        enum = next(
            (part for part in parts if isinstance(part, type) and issubclass(part, Enum)), None
        )
        literals = [
            choice for part in parts if get_origin(part) is Literal for choice in get_args(part)
        ]
        choices = tuple(literals or [member.value for member in enum or ()])
        return cls(type=parts[0], many=False, choices=choices, enum=enum)


def check_filters(filters: Mapping[str, Any], known: Mapping[str, Filter]) -> dict[str, Any]:
    """Give search filters as the generated operation takes them.

    Raises:
        ArgumentError: An unknown filter (the closest known one is named); a value of a wrong type, out of
            bounds, or none of the API's choices; a window that ends before it starts.
    """
    out: dict[str, Any] = {}
    for name, value in filters.items():
        if name not in known:
            from difflib import get_close_matches

            close = get_close_matches(name, known, n=1)
            raise ArgumentError(
                f"{name} is not a search filter{f'; did you mean {close[0]}?' if close else ''}"
            )
        if value is None:
            # Leaving it out would turn a variable that was never set into a search for everything.
            raise ArgumentError(
                f"{name}: None is not a value to search for, and without the filter everything is "
                "found; leave it out on purpose, as fingerprint_async.drop_none(**filters) does"
            )
        out[name] = _check_filter(name, value, known[name])
    if "start" in out and "end" in out and out["start"] > out["end"]:
        raise ArgumentError(f"start ({out['start']} ms) is after end ({out['end']} ms)")
    return out


def _check_filter(name: str, value: Any, known: Filter) -> Any:
    if name in _TIMES:
        return to_unix_ms(value, name=name)
    if name in _BOUNDS:
        number = _check_number(name, value, int)
        if not 1 <= number <= _BOUNDS[name]:
            raise ArgumentError(f"{name}: {number} is not within 1 to {_BOUNDS[name]}")
        return number
    if name == "ip_address":
        return _check_network(value)
    if name == "linked_id":
        return check_linked_id(check_text(name, value))
    if not known.many:
        return _check_scalar(name, value, known)
    if not isinstance(value, Collection) or isinstance(value, str | bytes | Mapping):
        return [_check_scalar(name, value, known)]
    if not value:
        raise ArgumentError(f"{name}: an empty list filters nothing; leave the filter out")
    return [_check_scalar(name, item, known) for item in value]


def _check_scalar(name: str, value: Any, known: Filter) -> Any:
    if known.choices:
        return _check_choice(name, value, known)
    if known.type is bool:
        if not isinstance(value, bool):
            raise ArgumentError(f"{name}: expected True or False, got {_kind(value)}")
        return value
    if known.type is int or known.type is float:
        return _check_number(name, value, known.type)
    return _check_unicode(name, check_text(name, value))


def _check_number(name: str, value: Any, number: type) -> Any:
    if isinstance(value, bool) or not isinstance(value, int if number is int else int | float):
        raise ArgumentError(
            f"{name}: expected {'an integer' if number is int else 'a number'}, got {_kind(value)}"
        )
    if not math.isfinite(value):
        raise ArgumentError(f"{name}: expected a finite number")
    return value


def _check_choice(name: str, value: Any, known: Filter) -> Any:
    # A member that the schema does not know was made on purpose, for a value newer than this package.
    if known.enum is not None and type(value) is known.enum:
        return value.value
    if isinstance(value, str) and value in known.choices:
        return str(value)
    got = repr(value[:64]) if isinstance(value, str) else _kind(value)
    raise ArgumentError(f"{name}: expected one of {', '.join(map(repr, known.choices))}; got {got}")


def _check_network(value: Any) -> str:
    text = value if isinstance(value, str) else str(value) if _is_ip(value) else None
    if text is None:
        raise ArgumentError(f"ip_address: expected an address or a network, got {_kind(value)}")
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ArgumentError(
            "ip_address: expected one IPv4 or IPv6 address, or a network as 203.0.113.0/24"
        ) from None
    return text


def _check_unicode(name: str, value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ArgumentError(f"{name} holds lone surrogates, which have no bytes to send") from None
    return value


def _header_text(value: Any) -> str:
    if isinstance(value, bytes):
        # ASGI servers hand headers over as bytes, which HTTP lets be any.
        return value.decode("latin-1")
    if not isinstance(value, str):
        raise ArgumentError(f"headers: expected names and values as strings, got {_kind(value)}")
    return _check_unicode("headers", value)


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_ip(value: Any) -> bool:
    return isinstance(
        value,
        ipaddress.IPv4Address
        | ipaddress.IPv6Address
        | ipaddress.IPv4Network
        | ipaddress.IPv6Network,
    )


def _kind(value: object) -> str:
    return "None" if value is None else type(value).__name__
