"""How query parameters are written."""

from __future__ import annotations

import datetime as dt
import enum
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["query_items"]


def query_items(params: Mapping[str, Any], names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Write parameters as the API reads them: lists as repeated keys, times as RFC 3339.

    Args:
        params: The parameters by keyword.
        names: Every keyword there is, with the name of its query parameter.

    Raises:
        TypeError: There is no such parameter, or its value is None.
        ValueError: A datetime without a time zone.
    """
    items: list[tuple[str, str]] = []
    for keyword, value in params.items():
        name = names.get(keyword)
        if name is None:
            raise TypeError(f"no such query parameter: {keyword!r}")
        if isinstance(value, list | tuple | set | frozenset):
            members = cast("Iterable[object]", value)
            items.extend((name, _text(keyword, item)) for item in members)
        else:
            items.append((name, _text(keyword, value)))
    return tuple(items)


def _text(keyword: str, value: object) -> str:
    if value is None:
        # Left out silently, a filter that is None would find everything.
        raise TypeError(f"{keyword} is None: leave it out to send nothing")
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        if value.utcoffset() is None:
            raise ValueError(f"{keyword} has no time zone: use an aware datetime")
        return value.isoformat()
    return str(value)
