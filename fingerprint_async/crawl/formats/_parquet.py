"""Parquet files of events."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from fingerprint_async.crawl._folder import STATE_FOLDER, writing
from fingerprint_async.crawl.checkpoint import FileState

from ._arrow import empty_table
from ._checksum import file_crc32
from ._stage import StagedSink

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from . import Place

__all__ = ["ParquetSink"]

_ROW_GROUP_BYTES = 8 * 1024 * 1024
"""Bytes of columns in memory at which a row group is written."""
_PART_EVENTS = 200_000
"""Rows of a file: what it tells of each row group is in memory until it is closed."""


class ParquetSink(StagedSink):
    """Writes ``events-<UTC time>-<number>.parquet``.

    Files roll by the size of their events as JSON, their number, or by age.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(place, part_events=_PART_EVENTS)
        self._tables: list[Any] = []
        self._bytes = 0
        self._writer: Any = None
        self._number = 0
        self._path = self._next_path()
        self._finished: dict[str, Path] = {}

    def _next_path(self) -> Path:
        self._number += 1
        return self._place.folder / STATE_FOLDER / f"part-new-{self._number}.parquet"

    def _add(self, table: Any) -> None:
        self._tables.append(table)
        self._bytes += table.nbytes
        if self._bytes >= _ROW_GROUP_BYTES:
            self._write_group()

    def _write_group(self) -> None:
        schema = self._table.schema
        writer = self._writer
        if writer is None:
            writer = pq.ParquetWriter(self._path, schema, compression="zstd")
            self._writer = writer
        tables, self._tables, self._bytes = self._tables, [], 0
        # Without rows a table is written, too: the file must be one.
        writer.write_table(
            pa.concat_tables(tables) if tables else empty_table(schema),
            row_group_size=1 << 20,
        )

    def _end_part(self, part: FileState) -> None:
        if self._tables or self._writer is None:
            self._write_group()
        if self._writer is not None:
            self._writer.close()
        self._writer = None
        with self._path.open("rb+") as file:
            os.fsync(file.fileno())
        self._finished[part.name] = self._path
        self._path = self._next_path()

    def _rows_of(self, part: FileState) -> int:
        return int(pq.read_metadata(self._finished[part.name]).num_rows)

    def _load(self, part: FileState) -> FileState:
        stem = part.name.rpartition("/part-")[2].removesuffix(".jsonl")
        name = f"events-{stem}.parquet"
        self._place.checkpoint.record(FileState(name))
        path = self._place.folder / name
        with writing(self._place.folder):
            self._finished.pop(part.name).replace(path)
            return FileState(
                name,
                size=path.stat().st_size,
                crc32=file_crc32(path),
                events=part.events,
                first=part.first,
                last=part.last,
                closed=True,
            )

    def close(self) -> Sequence[FileState | str]:
        """Let go of the files."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        return super().close()
