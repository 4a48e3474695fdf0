"""Events as rows of columns, one at a time.

Exact for any event, and what a fast reader refuses comes here.

A value that a column has no place for goes into the column ``unknown``, at its own place: a JSON
object, in which the place of a list's item is its index. A null and an absent value are one in a
column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._columns import Column

__all__ = ["MAX_TIMESTAMP_MS", "fit_event"]

MAX_TIMESTAMP_MS = 253_402_300_799_999
"""The last millisecond of the year 9999: tables take no later moment."""

_NOTHING: Any = object()
_INT64 = range(-(2**63), 2**63)

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


def fit_event(event: bytes, columns: Mapping[str, Column]) -> tuple[dict[str, Any], str | None]:
    """Return an event as a row by the API's names, and the JSON text of what has no place in it."""
    row, rest = _fit_fields(_decode(event), columns)
    return row or {}, None if rest is _NOTHING else _encode(rest).decode()


def _fit(value: Any, column: Column) -> tuple[Any, Any]:
    """Return what a column takes of a value, and what is left of it."""
    if value is None:
        return None, _NOTHING
    match column.kind:
        case "struct":
            return _fit_fields(value, column.by_name)
        case "list":
            return _fit_items(value, column.children[0])
        case "json":
            return _encode(value).decode(), _NOTHING
        case _:
            fitted = _fit_scalar(value, column.kind)
            return (None, value) if fitted is _NOTHING else (fitted, _NOTHING)


def _fit_fields(value: Any, columns: Mapping[str, Column]) -> tuple[Any, Any]:
    if type(value) is not dict:
        return None, value
    row: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    for name, item in value.items():
        column = columns.get(name)
        if column is None:
            rest[name] = item
            continue
        row[column.name], left = _fit(item, column)
        if left is not _NOTHING:
            rest[name] = left
    return row, rest or _NOTHING


def _fit_items(value: Any, column: Column) -> tuple[Any, Any]:
    if type(value) is not list:
        return None, value
    row: list[Any] = []
    rest: dict[str, Any] = {}
    for index, item in enumerate(value):
        fitted, left = _fit(item, column)
        row.append(fitted)
        if left is not _NOTHING:
            rest[str(index)] = left
    return row, rest or _NOTHING


def _fit_scalar(value: Any, kind: str) -> Any:
    """Return what a scalar column takes of a value."""
    match kind:
        case "text":
            return value if type(value) is str else _NOTHING
        case "boolean":
            return value if type(value) is bool else _NOTHING
        case "number":
            return _number(value)
        case "timestamp":
            moment = _whole(value)
            return moment if moment in range(MAX_TIMESTAMP_MS + 1) else _NOTHING
        case _:
            number = _whole(value)
            return number if number in _INT64 else _NOTHING


def _number(value: Any) -> Any:
    """Return a number as a double; nothing where it is none, or beyond the range of doubles."""
    if type(value) not in (int, float):
        return _NOTHING
    try:
        return float(value)
    except OverflowError:
        return _NOTHING


def _whole(value: Any) -> int:
    """Return a whole number, also when it was written as ``3.0``.

    -1 beyond every range when it is none.
    """
    if type(value) is int:
        return value
    if type(value) is float and value.is_integer():
        return int(value)
    return -(2**64)
