"""How query parameters are written."""

from __future__ import annotations

import datetime
import enum
from typing import TYPE_CHECKING, Any

from .types import UNSET

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["QueryItems", "query_items"]

# As httpx writes the type.
QueryItems = list[tuple[str, str | int | float | bool | None]]


def query_items(params: Mapping[str, Any], names: Mapping[str, str]) -> QueryItems:
    """Write parameters as the API reads them: repeated keys for lists, `true` and `false`, RFC 3339 times.

    Those that are `UNSET` or `None` are left out.

    Args:
        params: The parameters by keyword.
        names: Every keyword there is, with the name of its query parameter.

    Raises:
        TypeError: There is no such parameter.
    """
    items: QueryItems = []
    for keyword, value in params.items():
        name = names.get(keyword)
        if name is None:
            msg = f"no such query parameter: {keyword!r}"
            raise TypeError(msg)
        if value is UNSET or value is None:
            continue
        if isinstance(value, str) or not hasattr(value, "__iter__"):
            items.append((name, _text(value)))
        else:
            items.extend((name, _text(item)) for item in value)
    return items


def _text(value: Any) -> str:
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    return str(value)
