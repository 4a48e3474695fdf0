"""Search filters.

What each takes is read from the generated parameters, and checked before sending.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from enum import Enum
from functools import cache
from types import UnionType
from typing import (
    TYPE_CHECKING,
    Any,
    Final,
    Literal,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

import attrs

from fingerprint_async._settings import is_number, kind_of, shown
from fingerprint_async._time import to_unix_ms
from fingerprint_async.errors import ArgumentError
from fingerprint_async.pagination import MAX_PAGE_SIZE
from fingerprint_async.resources._values import check_linked_id, check_text

if TYPE_CHECKING:
    from typing import Unpack

    from fingerprint_async.models import OptionalSearchEventsParams, SearchEventsParams

__all__ = ["Filter", "check_filters", "drop_none", "search_filters"]

MAX_TOTAL_HITS: Final = 1000
"""The largest `total_hits` that the API takes."""

_TIMES: Final = frozenset({"start", "end"})
_BOUNDS: Final = {"limit": MAX_PAGE_SIZE, "total_hits": MAX_TOTAL_HITS}
_SHOWN_CHARACTERS: Final = 64


@attrs.frozen
class Filter:
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
    enum: type[Enum] | None = None

    @classmethod
    def from_hint(cls, hint: Any) -> Filter:
        """Read a type of the generated TypedDict.

        `bool`, `Enum | Literal[...]`, `Sequence[str]`.
        """
        parts = get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)
        for part in parts:
            origin = get_origin(part)
            if isinstance(origin, type) and issubclass(origin, Collection):
                return attrs.evolve(cls.from_hint(get_args(part)[0]), many=True)
        enums = [part for part in parts if isinstance(part, type) and issubclass(part, Enum)]
        literals = [
            choice for part in parts if get_origin(part) is Literal for choice in get_args(part)
        ]
        members = [member.value for enum in enums for member in enum]
        return cls(
            type=parts[0],
            many=False,
            choices=tuple(dict.fromkeys(literals or members)),
            enum=enums[0] if enums else None,
        )


@cache
def search_filters() -> Mapping[str, Filter]:
    """Return what every search filter takes."""
    from fingerprint_async_generated import models
    from fingerprint_async_generated.api.events.search_events import SearchEventsParams

    # The generated module may name its enums for type checkers only.
    names = {name: getattr(models, name) for name in models.__all__ if name[:1].isupper()}
    hints = get_type_hints(SearchEventsParams, localns=names)
    return {name: Filter.from_hint(hint) for name, hint in hints.items()}


def drop_none(**filters: Unpack[OptionalSearchEventsParams]) -> SearchEventsParams:
    """Return the filters that are not None, for a search: `search(**drop_none(vpn=vpn))`.

    A search refuses a filter that is None, because leaving it out searches for everything. This
    says that it is meant.

    Raises:
        ArgumentError: An unknown filter, also where its value is None.
    """
    for name in filters:
        _check_name(name, search_filters())
    kept = {name: value for name, value in filters.items() if value is not None}
    return cast("SearchEventsParams", kept)


def check_filters(filters: Mapping[str, Any], *, takes_newer: bool = False) -> dict[str, Any]:
    """Return search filters as the generated operation takes them.

    Args:
        filters: The filters, by name.
        takes_newer: Whether a text may be a choice that is newer than this version, as in the
            filters that a search was sent with.

    Raises:
        ArgumentError: An unknown filter (the closest known one is named); a value of a wrong type,
            out of bounds, or none of the API's choices; a window that ends before it starts.
    """
    known = search_filters()
    if takes_newer:
        known = {name: attrs.evolve(one, choices=()) for name, one in known.items()}
    out: dict[str, Any] = {}
    for name, value in filters.items():
        _check_name(name, known)
        if value is None:
            raise ArgumentError(
                f"{name}: None is not a value to search for; leave the filter out, or drop those "
                "that are None: search(**fingerprint_async.drop_none(...))"
            )
        out[name] = _check_filter(name, value, known[name])
    if "start" in out and "end" in out and out["start"] > out["end"]:
        raise ArgumentError(f"start ({out['start']} ms) is after end ({out['end']} ms)")
    return out


def _check_name(name: str, known: Mapping[str, Filter]) -> None:
    if name not in known:
        close = get_close_matches(name, known, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise ArgumentError(f"{name[:_SHOWN_CHARACTERS]} is not a search filter{hint}")


def _check_filter(name: str, value: Any, known: Filter) -> Any:
    if name in _TIMES:
        return to_unix_ms(value, name=name)
    if name in _BOUNDS:
        number = _check_number(name, value, int)
        if not 1 <= number <= _BOUNDS[name]:
            raise ArgumentError(f"{name}: {shown(number)} is not within 1 to {_BOUNDS[name]}")
        return number
    if name == "ip_address":
        return _check_network(value)
    if name == "linked_id":
        return check_linked_id(check_text(name, value))
    if not known.many:
        return _check_scalar(name, value, known)
    if not isinstance(value, Collection) or isinstance(value, str | bytes | Mapping):
        return [_check_scalar(name, value, known)]
    items = list(cast("Collection[object]", value))
    if not items:
        raise ArgumentError(f"{name}: an empty list filters nothing; leave the filter out")
    return [_check_scalar(name, item, known) for item in items]


def _check_scalar(name: str, value: Any, known: Filter) -> Any:
    if known.choices:
        return _check_choice(name, value, known)
    if known.type is bool:
        if not isinstance(value, bool):
            raise ArgumentError(f"{name}: expected True or False, got {kind_of(value)}")
        return value
    if known.type is int or known.type is float:
        return _check_number(name, value, known.type)
    return check_text(name, value)


def _check_number(name: str, value: Any, number: type) -> Any:
    if isinstance(value, bool) or not isinstance(value, int if number is int else int | float):
        wanted = "an integer" if number is int else "a number"
        raise ArgumentError(f"{name}: expected {wanted}, got {kind_of(value)}")
    if not is_number(value):
        raise ArgumentError(f"{name}: expected a finite number")
    # Plain numbers: members of enums and numpy's floats cannot be written everywhere.
    return int(value) if isinstance(value, int) else float(value)


def _check_choice(name: str, value: Any, known: Filter) -> Any:
    if known.enum is not None and type(value) is known.enum:
        return value.value
    if _is_newer(value):
        return str(value.value)
    if isinstance(value, str) and value in known.choices:
        return str(value)
    got = repr(value[:_SHOWN_CHARACTERS]) if isinstance(value, str) else kind_of(value)
    choices = ", ".join(map(repr, known.choices))
    raise ArgumentError(f"{name}: expected one of {choices}; got {got}")


def _is_newer(value: object) -> bool:
    """Tell whether it is a member of a caller's own enum: a value newer than this package."""
    ours = {known.enum for known in search_filters().values()}
    return isinstance(value, Enum) and isinstance(value.value, str) and type(value) not in ours


def _check_network(value: Any) -> str:
    addresses = ipaddress.IPv4Address | ipaddress.IPv6Address
    networks = ipaddress.IPv4Network | ipaddress.IPv6Network
    if not isinstance(value, str | addresses | networks):
        raise ArgumentError(f"ip_address: expected an address or a network, got {kind_of(value)}")
    text = str(value)
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ArgumentError(
            "ip_address: expected one IPv4 or IPv6 address, or a network as 203.0.113.0/24"
        ) from None
    mapped = (
        network.network_address.ipv4_mapped
        if isinstance(network, ipaddress.IPv6Network) and network.prefixlen == network.max_prefixlen
        else None
    )
    return text if mapped is None else str(mapped)
