"""The columns of an event.

Read off the pinned API schema, and kept with an output for as long as it grows.

Objects become structs, arrays lists, moments in Unix milliseconds timestamps; free-form objects
(such as ``tags``) become JSON text. Names that begin with a digit get an underscore in front.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["UNKNOWN", "Column", "Kind", "columns_from_state", "columns_state", "event_columns"]

UNKNOWN = "unknown"
"""The column of what the others have no place for."""

Kind = Literal["text", "boolean", "integer", "number", "timestamp", "json", "struct", "list"]

_MOMENTS = frozenset({"timestamp", "factory_reset_timestamp", "first_seen_at", "last_seen_at"})
"""Integers of the schema that are moments, in Unix milliseconds."""

_SCALARS: dict[str, Kind] = {"string": "text", "boolean": "boolean", "number": "number"}


@attrs.frozen
class Column:
    """One column, or one field of a struct.

    Attributes:
        name: The API's name; empty for the items of a list.
        kind: Its type.
        children: The fields of a struct, or the one kind of items of a list.
        by_name: The same, by their API's names.
    """

    name: str
    kind: Kind
    children: tuple[Column, ...] = ()
    by_name: Mapping[str, Column] = attrs.field(init=False, eq=False, repr=False)

    @by_name.default  # pyright: ignore[reportAttributeAccessIssue, reportUntypedFunctionDecorator]
    def _by_name(self) -> Mapping[str, Column]:
        return {child.name: child for child in self.children}

    @property
    def column_name(self) -> str:
        """The name in the table."""
        return f"_{self.name}" if self.name[:1].isdigit() else self.name

    def leaves(self, *path: str) -> Iterator[tuple[tuple[str, ...], Column]]:
        """Yield every column without children, and the API's names that lead to it."""
        if not self.children:
            yield (*path, self.name), self
        for child in self.children:
            yield from child.leaves(*path, self.name)


def event_columns() -> tuple[Column, ...]:
    """Return the columns of an event by the pinned schema."""
    # The resource is data of the installed package; its code is not imported.
    text = files("fingerprint_async_generated").joinpath("openapi.json").read_text(encoding="utf-8")
    schemas: dict[str, Any] = json.loads(text)["components"]["schemas"]
    properties: dict[str, Any] = schemas["Event"]["properties"]
    return tuple(
        _column(name, schema, schemas) for name, schema in properties.items() if name != UNKNOWN
    )


def columns_state(columns: tuple[Column, ...]) -> list[Any]:
    """Return columns as JSON values, for the checkpoint."""
    return [[column.name, column.kind, columns_state(column.children)] for column in columns]


def columns_from_state(state: list[Any]) -> tuple[Column, ...]:
    """Make columns from what :func:`columns_state` returned."""
    return tuple(Column(name, kind, columns_from_state(children)) for name, kind, children in state)


def _column(name: str, schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Column:
    schema = _resolve(schema, schemas)
    type_ = schema.get("type")
    if isinstance(type_, list):
        type_ = next((one for one in type_ if one != "null"), None)
    if schema.get("properties"):
        children = (_column(key, part, schemas) for key, part in schema["properties"].items())
        return Column(name, "struct", tuple(children))
    if type_ == "array" and "items" in schema:
        return Column(name, "list", (_column("", schema["items"], schemas),))
    if type_ == "integer":
        return Column(name, "timestamp" if name in _MOMENTS else "integer")
    return Column(name, _SCALARS.get(str(type_), "json"))


def _resolve(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow references, merge ``allOf``, and lay the members of a union over each other."""
    if "$ref" in schema:
        return _resolve(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "allOf" in schema:
        return _merged([_resolve(part, schemas) for part in schema["allOf"]])
    for union in ("oneOf", "anyOf"):
        if union in schema:
            members = [_resolve(part, schemas) for part in schema[union]]
            if not all(member.get("properties") for member in members):
                return {}
            return {**_merged(members), "type": "object"}
    return schema


def _merged(parts: list[Mapping[str, Any]]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for part in parts:
        properties = {**part.get("properties", {}), **merged.get("properties", {})}
        merged = {**merged, **part, "properties": properties}
    return merged
