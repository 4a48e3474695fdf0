"""Events as Arrow batches.

Arrow's own JSON reader makes them. It gets events as they came where all of a batch fits the
columns, else events that are fitted first, one by one.

No array is made of Python values: pyarrow imports pandas for that, where it is installed, which
takes a second and 50 MB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from fingerprint_async.crawl._breathe import breathe

from ._columns import UNKNOWN, Column
from ._rows import MAX_TIMESTAMP_MS, fit_event

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["EventTable", "empty_table"]

_BREATHE_EVERY, _FIT_AT_ONCE = 25, 5

_READ_TYPES: dict[str, Any] = {
    "text": pa.string(),
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "timestamp": pa.int64(),
    "json": pa.string(),
}
_TABLE_TYPES = {**_READ_TYPES, "timestamp": pa.timestamp("ms", tz="UTC")}


class _MisfitError(Exception):
    """A batch holds what Arrow's reader would not keep as it is."""


@attrs.define(slots=False)
class EventTable:
    """Turns events into Arrow batches of the same schema.

    Attributes:
        columns: The columns, without ``unknown``.
        schema: The Arrow schema, with it.
        evolved: Events so far that held something the columns have no place for.
    """

    columns: tuple[Column, ...]
    evolved: int = 0
    schema: Any = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._by_name = {column.name: column for column in self.columns}
        self._columns_and_unknown = (*self.columns, Column(UNKNOWN, "text"))
        self.schema = pa.schema([_table_field(column) for column in self._columns_and_unknown])
        self._free_form = _FreeForm([c.name for c in self.columns if c.kind == "json"])
        self._moments = [
            path
            for column in self.columns
            for path, leaf in column.leaves()
            if leaf.kind == "timestamp" and "" not in path
        ]

    def batch(self, events: Sequence[bytes]) -> Any:
        """Return events as a table of :attr:`schema`, one row each."""
        try:
            return self._as_they_came(events)
        except (_MisfitError, pa.ArrowException):
            return self._fitted(events)

    def _as_they_came(self, events: Sequence[bytes]) -> Any:
        arrays = self._read(self._free_form.as_text(events), self.columns)
        unknown = pa.nulls(len(events), pa.string())
        return pa.Table.from_arrays([*arrays, unknown], schema=self.schema)

    def _fitted(self, events: Sequence[bytes]) -> Any:
        """Read events after what does not fit its column was moved to ``unknown``."""
        fitted: list[bytes] = []
        for event in events:
            if len(fitted) % _FIT_AT_ONCE == 0:
                breathe()
            row, unknown = fit_event(event, self._by_name)
            self.evolved += unknown is not None
            fitted.append(msgspec.json.encode({**row, UNKNOWN: unknown}))
        arrays = self._read(fitted, self._columns_and_unknown)
        return pa.Table.from_arrays(arrays, schema=self.schema)

    def _read(self, events: Sequence[bytes], columns: Sequence[Column]) -> list[Any]:
        """Return an array for each column.

        Raises:
            _MisfitError: A batch that Arrow's reader would not keep as it is.
            ArrowException: A batch that it refuses.
        """
        lines = b"\n".join([*events, b""])
        breathe()
        table = pj.read_json(
            pa.BufferReader(lines),
            # One block and this thread alone: how many rows are read at a time is decided by who
            # calls.
            read_options=pj.ReadOptions(use_threads=False, block_size=len(lines) + 1),
            parse_options=pj.ParseOptions(
                explicit_schema=pa.schema([_read_field(column) for column in columns]),
                unexpected_field_behavior="error",
            ),
        )
        if table.num_rows != len(events):
            raise _MisfitError
        table = table.combine_chunks()
        breathe()
        self._check_moments(table)
        breathe()
        return [_conform(table.column(column.name).chunk(0), column) for column in columns]

    def _check_moments(self, table: Any) -> None:
        for name, *names in self._moments:
            array = table.column(name).chunk(0)
            for part in names:
                array = array.field(part)
            ends = pc.min_max(array).as_py()  # pyright: ignore[reportAttributeAccessIssue]
            if ends["min"] is not None and not 0 <= ends["min"] <= ends["max"] <= MAX_TIMESTAMP_MS:
                raise _MisfitError


def empty_table(schema: Any) -> Any:
    """Return a table without rows."""
    return pa.Table.from_arrays([pa.nulls(0, field.type) for field in schema], schema=schema)


class _FreeForm:
    """Writes the free-form objects of events as JSON text, which is what their columns hold."""

    def __init__(self, names: Sequence[str]) -> None:
        null = msgspec.Raw(b"null")
        fields = [(f"field{at}", msgspec.Raw, null) for at in range(len(names))]
        rename = {f"field{at}": name for at, name in enumerate(names)}
        struct = msgspec.defstruct("FreeForm", fields, rename=rename)
        self._decode = msgspec.json.Decoder(struct).decode
        self._keys = [(f"field{at}", b'"%s":' % name.encode()) for at, name in enumerate(names)]

    def as_text(self, events: Sequence[bytes]) -> Sequence[bytes]:
        """Return the events so written.

        Raises:
            _MisfitError: An event in which their place is not certain.
        """
        if not self._keys:
            return events
        texts: list[bytes] = []
        for event in events:
            if len(texts) % _BREATHE_EVERY == 0:
                breathe()
            texts.append(self._one(event))
        return texts

    def _one(self, event: bytes) -> bytes:
        try:
            found = self._decode(event)
        except msgspec.DecodeError as error:
            raise _MisfitError from error
        for field, key in self._keys:
            value = bytes(getattr(found, field))
            if value == b"null":
                continue
            at = event.find(key) + len(key)
            if not event.startswith(value, at) or event.find(key, at) >= 0:
                raise _MisfitError
            event = b"".join(
                (event[:at], msgspec.json.encode(value.decode()), event[at + len(value) :])
            )
        return event


def _conform(array: Any, column: Column) -> Any:
    """Return what Arrow's reader made of a column in the column's own type: names, timestamps."""
    type_ = _table_type(column)
    if array.type.equals(type_):
        return array
    match column.kind:
        case "struct":
            children = [_conform(array.field(child.name), child) for child in column.children]
            return pa.StructArray.from_arrays(children, fields=list(type_), mask=array.is_null())
        case "list":
            values = _conform(array.values, column.children[0])
            return pa.ListArray.from_arrays(array.offsets, values, type=type_, mask=array.is_null())
        case "timestamp":
            return array.view(type_)
        case _:
            raise _MisfitError


def _read_field(column: Column) -> Any:
    return pa.field(column.name, _type(column, _READ_TYPES, _read_field))


def _table_field(column: Column) -> Any:
    return pa.field(column.column_name, _table_type(column))


def _table_type(column: Column) -> Any:
    return _type(column, _TABLE_TYPES, _table_field)


def _type(column: Column, scalars: dict[str, Any], field: Any) -> Any:
    if column.kind == "struct":
        return pa.struct([field(child) for child in column.children])
    if column.kind == "list":
        return pa.list_(field(column.children[0]).type)
    return scalars[column.kind]
