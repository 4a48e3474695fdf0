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
from ._checksum import check_crc32, file_crc32
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


_READ_SETTINGS: dict[str, Any] = {"threads": 1, "memory_limit": "128MB"}


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
                if file.crc32 is None:
                    # The run before did not end: nothing else tells what the database holds.
                    self._check_rows(files)
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

    def _check_rows(self, files: Iterable[FileState]) -> None:
        """Read every row that is there, and count.

        Raises:
            OutputDamagedError: The rows are not those that were committed.
            OutputWriteError: Another process has the database open.
        """
        path = self._place.folder / _NAME
        staged = {file.name: file.events for file in files if file.kind == "stage"}
        if not path.exists():
            if self._state.events:
                raise OutputDamagedError(f"{path} is missing: it was removed after the crawl")
            return
        try:
            with duckdb.connect(str(path), read_only=True, config=_READ_SETTINGS) as db:
                rows, loaded = _count(db)
        except duckdb.Error as error:
            if "Could not set lock" in str(error):
                raise OutputWriteError(f"cannot write to {path}: {error}") from error
            raise OutputDamagedError(f"{path} cannot be read: {error}") from error
        committed = self._state.events + sum(staged.get(name, 0) for name in loaded)
        if rows != committed:
            raise OutputDamagedError(
                f"{path} holds {rows} events, {committed} were committed: "
                "it, or the checkpoint, was changed after the crawl wrote it"
            )

    def _add(self, table: Any) -> None:
        self._tables.append(table)

    def _end_part(self, part: FileState) -> None:
        self._parts_tables[part.name], self._tables = self._tables, []

    def _rows_of(self, part: FileState) -> int:
        return sum(table.num_rows for table in self._parts_tables[part.name])

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
            if not self._is_written:
                # As it was committed: parts that were added since are counted by the next commit.
                self._begin_writing()
            with self._translated():
                self._db = self._attached()
            self._is_written = True
        return self._db

    def _begin_writing(self) -> None:
        """Check that a database is what the last run left, and record that it changes now."""
        path, state = self._place.folder / _NAME, self._state
        if state.size and state.crc32 is not None:
            check_crc32(path, state.crc32)
        # While it is open, nobody knows its checksum.
        state.crc32 = None
        self._place.checkpoint.record(state)

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

    def close(self) -> Sequence[FileState | str]:
        """Let go of the database.

        Return its state, with its size and checksum, and the parts that it holds by now: both
        count at once, or a part would be counted twice.
        """
        super().close()
        if not self._is_written:
            return ()
        self._disconnect()
        path = self._place.folder / _NAME
        self._state.size = path.stat().st_size
        self._state.crc32 = file_crc32(path)
        return (*self._changed, self._state)

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


def _count(db: Any) -> tuple[int, list[str]]:
    """Return how many events a database holds, and the names of the parts they came from."""
    tables = {name for (name,) in db.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if not {"events", "crawl_parts"} <= tables:
        return 0, []
    # A damaged block is noticed when it is read.
    ((rows, _),) = db.execute("SELECT count(*), bit_xor(hash(events)) FROM events").fetchall()
    names = db.execute("SELECT name FROM crawl_parts").fetchall()
    return int(rows), [str(name) for (name,) in names]
