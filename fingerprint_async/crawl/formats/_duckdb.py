"""A DuckDB database with one table of events."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from fingerprint_async.crawl._folder import sidecars
from fingerprint_async.crawl.checkpoint import FileState
from fingerprint_async.crawl.errors import OutputDamagedError, OutputWriteError

from ._arrow import empty_table
from ._checksum import file_crc32
from ._stage import StagedSink

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from . import Place

__all__ = ["DuckDBSink"]

_NAME = "events.duckdb"
_PART_EVENTS = 4_096
"""Rows of one transaction, and of a row group.

DuckDB writes a whole row group straight into its file, and what is less into its log first.
"""
_PARTS_OF_A_CONNECTION = 8
"""Parts after which the database is opened anew: DuckDB keeps 1 MB for each row group it wrote."""

_SETTINGS: dict[str, Any] = {
    "threads": 1,
    "memory_limit": "128MB",
    # Each checkpoint writes the last row group anew.
    "checkpoint_threshold": "256MB",
    "preserve_insertion_order": "false",
}


class DuckDBSink(StagedSink):
    """Inserts into the table ``events`` of ``events.duckdb``.

    Each transaction holds a part's rows and its name.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(place, part_events=_PART_EVENTS)
        self._state = FileState(_NAME, closed=True)
        self._db: Any = None
        self._is_written = False
        self._parts_loaded = 0
        self._tables: list[Any] = []
        self._parts_tables: dict[str, list[Any]] = {}

    def resume(self, files: Iterable[FileState]) -> None:
        """Go on with the database and the parts of an earlier run."""
        files = list(files)
        for file in files:
            if file.name == _NAME:
                self._state = file
                if not file.events:
                    self._remove_unfinished()
        super().resume(files)

    def _remove_unfinished(self) -> None:
        """Remove a database that was not made to the end; its rows are all in parts still."""
        path = self._place.folder / _NAME
        try:
            if path.exists():
                duckdb.connect(str(path), read_only=True).close()
        except duckdb.Error:
            for name in (_NAME, *sidecars(_NAME)):
                (self._place.folder / name).unlink(missing_ok=True)

    def _add(self, table: Any) -> None:
        self._tables.append(table)

    def _end_part(self, part: FileState) -> None:
        self._parts_tables[part.name], self._tables = self._tables, []

    def _load(self, part: FileState) -> FileState:
        db = self._connect()
        tables = self._parts_tables.pop(part.name)
        with self._translated():
            if not db.execute("SELECT 1 FROM crawl_parts WHERE name = ?", [part.name]).fetchall():
                db.begin()
                try:
                    db.register("rows", pa.concat_tables(tables))
                    db.execute("INSERT INTO events SELECT * FROM rows")
                    db.unregister("rows")
                    db.execute("INSERT INTO crawl_parts VALUES (?)", [part.name])
                    db.commit()
                except BaseException:
                    with contextlib.suppress(duckdb.Error):
                        db.rollback()
                    raise
        if part.first is not None and part.last is not None:
            self._state.add(part.events, part.first, part.last)
        self._parts_loaded += 1
        if self._parts_loaded % _PARTS_OF_A_CONNECTION == 0:
            self._disconnect()
        return self._state

    def _connect(self) -> Any:
        if self._db is None:
            # While it is open, nobody knows its checksum.
            self._state.crc32 = None
            self._place.checkpoint.record(self._state)
            with self._translated():
                self._db = self._attached()
            self._is_written = True
        return self._db

    def _attached(self) -> Any:
        path = str(self._place.folder / _NAME).replace("'", "''")
        db = duckdb.connect(config=_SETTINGS)
        try:
            db.execute(f"ATTACH '{path}' AS output (ROW_GROUP_SIZE {_PART_EVENTS})")
            db.execute("USE output")
            db.register("columns", empty_table(self._table.schema))
            db.execute("CREATE TABLE IF NOT EXISTS events AS SELECT * FROM columns")
            db.unregister("columns")
            db.execute("CREATE TABLE IF NOT EXISTS crawl_parts (name VARCHAR PRIMARY KEY)")
        except BaseException:
            db.close()
            raise
        return db

    def close(self) -> Sequence[FileState]:
        """Let go of the database. Return its state, with its size and checksum."""
        super().close()
        if not self._is_written:
            return ()
        self._disconnect()
        path = self._place.folder / _NAME
        self._state.size = path.stat().st_size
        self._state.crc32 = file_crc32(path)
        return (self._state,)

    def _disconnect(self) -> None:
        db, self._db = self._db, None
        if db is None:
            return
        with self._translated(), contextlib.closing(db):
            # Detaching, unlike closing, tells when the file could not be brought up to date.
            db.execute("USE memory")
            db.execute("DETACH output")

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        """Raise what DuckDB raises as an error of this package."""
        path = self._place.folder / _NAME
        try:
            yield
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            raise OutputDamagedError(f"{path} is not the table of this crawl: {error}") from error
        except duckdb.Error as error:
            raise OutputWriteError(f"cannot write to {path}: {error}") from error
