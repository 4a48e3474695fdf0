"""Tables: Parquet files and a DuckDB database, with typed columns.

Neither can be cut at a commit, so events go first into a *part*: lines of JSON beside the checkpoint, committed page by
page like any other file. A part that is full is committed durably, then brought into its table in one step that can be
done twice, and only then dropped by another commit. A crash anywhere between leaves either the part or the table.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from fingerprint_async.crawl.checkpoint import STATE_FOLDER, FileState

from .columns import event_schema, to_batch
from .lines import LinesSink

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

    from fingerprint_async.crawl._pages import RawEvent
    from fingerprint_async.crawl.checkpoint import Mark

__all__ = ["DuckDBSink", "ParquetSink"]

_GROUP_ROWS = 5_000
"""Rows of a Parquet row group, and of one transaction of DuckDB: what is held in memory."""


class _TableSink:
    """A stage of lines in front of a table."""

    def __init__(self, folder: Path, *, roll_bytes: int, roll_seconds: float | None) -> None:
        self._folder = folder
        self._parts = LinesSink(
            folder,
            "jsonl",
            roll_bytes=roll_bytes,
            roll_seconds=roll_seconds,
            prefix=f"{STATE_FOLDER}/part-",
            part=True,
        )
        self._full: list[FileState] = []
        self._changed: list[FileState | str] = []
        self._dropped: list[str] = []

    # Of the subclasses: rows in the order they are written, and a full part brought into its table, repeatably.

    def _add(self, events: Sequence[RawEvent]) -> None:
        raise NotImplementedError

    def _load(self, part: FileState) -> FileState:
        raise NotImplementedError

    def _is_full(self) -> bool:
        return self._parts.full

    @property
    def wants_sync(self) -> bool:
        """Whether a full part waits for a durable commit."""
        return bool(self._full or self._dropped)

    def resume(self, files: Iterable[FileState]) -> None:
        """Go on with the part of an earlier run."""
        files = list(files)
        self._parts.resume(files)
        for part in files:
            if part.part:
                self._resume_part(part)
                if part.closed:
                    self._full.append(part)

    def _resume_part(self, part: FileState) -> None:
        for events in _lines(self._folder / part.name, _GROUP_ROWS // 10):
            self._add(events)

    def write(self, events: Sequence[RawEvent], first: Mark, last: Mark) -> None:
        """Append events."""
        self._parts.write(events, first, last)
        self._add(events)
        if self._is_full():
            self._close_part()

    def take_changes(self) -> Sequence[FileState | str]:
        """States to record."""
        changed, self._changed = [*self._parts.take_changes(), *self._changed], []
        return changed

    def committed(self, *, durable: bool) -> None:
        """Bring full parts into the table, and remove those that have been."""
        if not durable:
            return
        for name in self._dropped:
            (self._folder / name).unlink(missing_ok=True)
        self._dropped = []
        for part in self._full:
            self._changed += [self._load(part), part.name]
            self._dropped.append(part.name)
        self._full = []

    def sync(self) -> None:
        """Sync the parts."""
        self._parts.sync()

    def finish(self) -> None:
        """Close the last part."""
        if self._parts.state is not None:
            self._close_part()

    def close(self) -> None:
        """Let go of the files."""
        self._parts.close()

    def _close_part(self) -> None:
        state = self._parts.state
        if state is not None:
            self._parts.roll()
            self._full.append(state)


class ParquetSink(_TableSink):
    """Writes ``events-<UTC time>-<number>.parquet``. Files roll by the size of their events as JSON, or by age."""

    def __init__(self, folder: Path, *, roll_bytes: int, roll_seconds: float | None) -> None:
        super().__init__(folder, roll_bytes=roll_bytes, roll_seconds=roll_seconds)
        self._batches: list[pa.RecordBatch] = []
        self._writer: Any = None
        self._fresh: Path | None = None
        self._finished: dict[str, Path] = {}

    def _resume_part(self, part: FileState) -> None:
        super()._resume_part(part)
        if part.closed:
            self._finish_file(part)

    def _add(self, events: Sequence[RawEvent]) -> None:
        self._batches.append(to_batch(events))
        if sum(batch.num_rows for batch in self._batches) >= _GROUP_ROWS:
            self._write_group()

    def _write_group(self) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self._writer is None:
            self._fresh = self._folder / STATE_FOLDER / f"part-new-{len(self._finished)}.parquet"
            self._writer = pq.ParquetWriter(self._fresh, event_schema(), compression="zstd")
        self._writer.write_table(pa.Table.from_batches(self._batches, schema=event_schema()))
        self._batches = []

    def _close_part(self) -> None:
        state = self._parts.state
        super()._close_part()
        if state is not None:
            self._finish_file(state)

    def _finish_file(self, part: FileState) -> None:
        self._write_group()
        self._writer.close()
        self._writer = None
        if self._fresh is not None:
            with self._fresh.open("rb+") as file:
                os.fsync(file.fileno())
            self._finished[part.name] = self._fresh

    def _load(self, part: FileState) -> FileState:
        name = "events-" + part.name.rpartition("/part-")[2].removesuffix(".jsonl") + ".parquet"
        path = self._folder / name
        self._finished.pop(part.name).replace(path)
        return FileState(name, path.stat().st_size, part.events, part.first, part.last, closed=True)

    def close(self) -> None:
        """Let go of the files."""
        super().close()
        if self._writer is not None:
            self._writer.close()
            self._writer = None


class DuckDBSink(_TableSink):
    """Inserts into the table ``events`` of ``events.duckdb``; each transaction holds a part's rows and its name."""

    NAME = "events.duckdb"

    def __init__(self, folder: Path, *, roll_bytes: int, roll_seconds: float | None) -> None:
        super().__init__(folder, roll_bytes=roll_bytes, roll_seconds=roll_seconds)
        import duckdb
        import pyarrow as pa

        self._state = FileState(self.NAME, closed=True)
        self._db = duckdb.connect(str(folder / self.NAME))
        self._db.register("columns", pa.Table.from_batches([], schema=event_schema()))
        self._db.execute("CREATE TABLE IF NOT EXISTS events AS SELECT * FROM columns")
        self._db.unregister("columns")
        self._db.execute("CREATE TABLE IF NOT EXISTS crawl_parts (name VARCHAR PRIMARY KEY)")

    def _is_full(self) -> bool:
        state = self._parts.state
        return self._parts.full or (state is not None and state.events >= _GROUP_ROWS)

    def resume(self, files: Iterable[FileState]) -> None:
        """Go on with the database and the part of an earlier run."""
        files = list(files)
        for file in files:
            if file.name == self.NAME:
                self._state = file
        super().resume(files)

    def _resume_part(self, part: FileState) -> None:
        """Nothing is held: a part is read again when it is full."""

    def _add(self, events: Sequence[RawEvent]) -> None:
        """Nothing is held: a part is read again when it is full."""

    def _load(self, part: FileState) -> FileState:
        db = self._db
        if not db.execute("SELECT 1 FROM crawl_parts WHERE name = ?", [part.name]).fetchall():
            db.begin()
            try:
                for events in _lines(self._folder / part.name, _GROUP_ROWS // 10):
                    batch = to_batch(events)
                    db.register("rows", batch)
                    db.execute("INSERT INTO events SELECT * FROM rows")
                    db.unregister("rows")
                db.execute("INSERT INTO crawl_parts VALUES (?)", [part.name])
                db.commit()
            except BaseException:
                db.rollback()
                raise
        if part.first is not None and part.last is not None:
            self._state.add(part.events, part.first, part.last)
        return self._state

    def close(self) -> None:
        """Let go of the database."""
        super().close()
        self._db.close()


def _lines(path: Path, count: int) -> Iterator[list[bytes]]:
    """The lines of a file, so many at a time."""
    with path.open("rb") as file:
        lines: list[bytes] = []
        for line in file:
            lines.append(line.rstrip(b"\n"))
            if len(lines) == count:
                yield lines
                lines = []
        if lines:
            yield lines
