"""Events as columns: an Arrow schema read off the pinned API schema, and rows that fit it without losing anything.

Objects become structs, arrays lists; free-form objects (such as ``tags``) become JSON text. What the schema does not know,
and what is not of the type it promises, goes into the column ``unknown``: a JSON object that holds those values at their
own place. A null and an absent value are one in a column.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fingerprint_async.crawl._pages import RawEvent

__all__ = ["UNKNOWN", "event_schema", "to_batch"]

UNKNOWN = "unknown"
"""The column of what the schema does not know."""

_NOTHING: Any = object()
_INT64 = range(-(2**63), 2**63)

if TYPE_CHECKING:
    Fit = Callable[[Any], tuple[Any, Any]]

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


def to_batch(events: Iterable[RawEvent]) -> pa.RecordBatch:
    """Turn events into rows of :func:`event_schema`."""
    schema, fit = _columns()
    rows = []
    for event in events:
        row, rest = fit(_decode(event))
        if row is None:
            row = {}
        row[UNKNOWN] = None if rest is _NOTHING else _encode(rest).decode()
        rows.append(row)
    return pa.RecordBatch.from_pylist(rows, schema=schema)


def event_schema() -> pa.Schema:
    """The columns of an event."""
    return _columns()[0]


@cache
def _columns() -> tuple[pa.Schema, Fit]:
    # The resource is data of the installed package; importing its code is left to the rooms that may.
    text = files("fingerprint_async_generated").joinpath("openapi.json").read_text(encoding="utf-8")
    schemas = json.loads(text)["components"]["schemas"]
    type_, fit = _struct(schemas["Event"]["properties"], schemas)
    fields = [type_.field(index) for index in range(type_.num_fields)]
    return pa.schema([*fields, pa.field(UNKNOWN, pa.string())]), fit


def _column(schema: dict[str, Any], schemas: dict[str, Any]) -> tuple[pa.DataType, Fit]:
    schema = _resolve(schema, schemas)
    type_ = schema.get("type")
    if isinstance(type_, list):
        type_ = next((name for name in type_ if name != "null"), None)
    if schema.get("properties"):
        return _struct(schema["properties"], schemas)
    if type_ == "array" and "items" in schema:
        return _list(*_column(schema["items"], schemas))
    match type_:
        case "string":
            return pa.string(), _scalar(lambda value: isinstance(value, str))
        case "boolean":
            return pa.bool_(), _scalar(lambda value: isinstance(value, bool))
        case "integer":
            return pa.int64(), _scalar(lambda value: type(value) is int and value in _INT64)
        case "number":
            return pa.float64(), _scalar(lambda value: type(value) in (int, float))
    return pa.string(), _json


def _resolve(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """Follow references, merge ``allOf``, and lay the members of a union of objects over each other."""
    if "$ref" in schema:
        return _resolve(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "allOf" in schema:
        merged: dict[str, Any] = {}
        for part in schema["allOf"]:
            resolved = _resolve(part, schemas)
            merged = {
                **merged,
                **resolved,
                "properties": {**merged.get("properties", {}), **resolved.get("properties", {})},
            }
        return merged
    for union in ("oneOf", "anyOf"):
        if union in schema:
            members = [_resolve(part, schemas) for part in schema[union]]
            if not all(member.get("properties") for member in members):
                return {}
            properties: dict[str, Any] = {}
            for member in members:
                properties = {**member["properties"], **properties}
            return {"type": "object", "properties": properties}
    return schema


def _struct(properties: dict[str, Any], schemas: dict[str, Any]) -> tuple[pa.StructType, Fit]:
    columns = {name: _column(schema, schemas) for name, schema in properties.items()}
    fits = {name: fit for name, (_, fit) in columns.items()}
    find = fits.get

    def fit_struct(value: Any) -> tuple[Any, Any]:
        if value is None:
            return None, _NOTHING
        if type(value) is not dict:
            return None, value
        row: dict[str, Any] = {}
        rest: Any = _NOTHING
        for name, item in value.items():
            fit = find(name)
            if fit is None:
                left = item
            else:
                row[name], left = fit(item)
                if left is _NOTHING:
                    continue
            if rest is _NOTHING:
                rest = {}
            rest[name] = left
        return row, rest

    return pa.struct([(name, type_) for name, (type_, _) in columns.items()]), fit_struct


def _list(type_: pa.DataType, fit: Fit) -> tuple[pa.DataType, Fit]:
    def fit_list(value: Any) -> tuple[Any, Any]:
        if value is None:
            return None, _NOTHING
        if type(value) is not list:
            return None, value
        row = []
        for item in value:
            fitted, left = fit(item)
            if left is not _NOTHING:
                # A place in a list can't be kept apart from the list.
                return None, value
            row.append(fitted)
        return row, _NOTHING

    return pa.list_(type_), fit_list


def _scalar(matches: Callable[[Any], bool]) -> Fit:
    def fit_scalar(value: Any) -> tuple[Any, Any]:
        return (value, _NOTHING) if value is None or matches(value) else (None, value)

    return fit_scalar


def _json(value: Any) -> tuple[Any, Any]:
    return (None if value is None else _encode(value).decode()), _NOTHING
