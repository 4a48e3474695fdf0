"""What Parquet and DuckDB have in common: a stage of lines in front of a table.

Neither can be cut at a commit, so events go first into a *part*: lines of JSON beside the
checkpoint, committed page by page like any other file, and turned into columns meanwhile. A part
that is full is committed durably, then brought into its table in one step that can be done twice,
and only then dropped by another commit. A crash anywhere between leaves either the part or the
table.
"""

from __future__ import annotations

import abc
import sys
from itertools import islice
from typing import TYPE_CHECKING, Any

from fingerprint_async.crawl._folder import STATE_FOLDER
from fingerprint_async.crawl.errors import OutputDamagedError

from ._arrow import EventTable
from ._checksum import check_crc32
from ._columns import columns_from_state, columns_state, event_columns
from ._lines import LinesSink

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from fingerprint_async.crawl.checkpoint import FileState
    from fingerprint_async.crawl.plan import Position

    from . import Place

__all__ = ["StagedSink"]

_BATCH_EVENTS = 1_000
"""Events that are turned into columns at a time."""

_COLUMNS_NOTE = "columns"


class StagedSink(abc.ABC):
    """A stage of lines in front of a table.

    Args:
        place: Where to write.
        part_events: Events of a part, at most.
    """

    def __init__(self, place: Place, *, part_events: int = sys.maxsize) -> None:
        self._place, self._part_events = place, part_events
        self._parts = LinesSink(place, "jsonl", prefix=f"{STATE_FOLDER}/part-", kind="stage")
        self._table = EventTable(_columns(place))
        self._waiting: list[bytes] = []
        self._full: list[FileState] = []
        self._changed: list[FileState | str] = []
        self._dropped: list[str] = []
        #: Events in parts that ended in this run, and all that the table counted by then.
        self._evolved = self._evolved_seen = 0

    @abc.abstractmethod
    def _add(self, table: Any) -> None:
        """Take rows of the part at hand, in the order of its lines."""

    @abc.abstractmethod
    def _end_part(self, part: FileState) -> None:
        """Take note that the rows taken so far are those of this part, and no more follow."""

    @abc.abstractmethod
    def _rows_of(self, part: FileState) -> int:
        """Return how many rows were taken of a part that ended."""

    @abc.abstractmethod
    def _load(self, part: FileState) -> FileState:
        """Bring a part into its table, repeatably. Return the state of the table's file."""

    @property
    def evolved(self) -> int:
        """Events in full parts of this run that held what their columns have no place for."""
        return self._evolved

    @property
    def wants_sync(self) -> bool:
        """Whether a full part waits for a durable commit."""
        return bool(self._full or self._dropped)

    def resume(self, files: Iterable[FileState]) -> None:
        """Go on with the parts of an earlier run."""
        files = list(files)
        self._parts.resume(files)
        for part in sorted((file for file in files if file.kind == "stage"), key=_order):
            if not part.events:
                if part.closed:
                    self._changed.append(part.name)
                    self._dropped.append(part.name)
                continue
            path = self._place.folder / part.name
            check_crc32(path, part.crc32, part.size)
            for events in _lines(path, part.events):
                self._table_rows(events)
            if part.closed:
                self._full.append(part)
                self._end_part(part)
                # The run that closed it has counted them.
                self._evolved_seen = self._table.evolved

    def write(self, events: Sequence[bytes], positions: Sequence[Position]) -> None:
        """Append events, to as many parts as they need."""
        begin = 0
        while begin < len(events):
            self._close_full_part()
            end = min(len(events), begin + self._capacity_left)
            # Not `write`: who closes a part has to take its rows along.
            self._parts.append(events[begin:end], positions[begin:end])
            self._waiting += events[begin:end]
            if len(self._waiting) >= _BATCH_EVENTS:
                self._flush()
            begin = end
        self._close_full_part()

    def roll_if_due(self) -> None:
        """Close the part if it is old enough."""
        if self._parts.is_old:
            self._close_part()

    def take_changes(self) -> Sequence[FileState | str]:
        """Return states to record."""
        changed, self._changed = [*self._parts.take_changes(), *self._changed], []
        return changed

    def committed(self, *, durable: bool) -> None:
        """Bring full parts into the table, and remove those that have been."""
        if not durable:
            return
        for name in self._dropped:
            (self._place.folder / name).unlink(missing_ok=True)
        self._dropped = []
        for part in self._full:
            rows = self._rows_of(part)
            if rows != part.events:
                raise OutputDamagedError(
                    f"{self._place.folder / part.name} holds {rows} events, "
                    f"{part.events} were committed"
                )
            self._changed += [self._load(part), part.name]
            self._dropped.append(part.name)
        self._full = []

    def sync(self) -> None:
        """Sync the parts."""
        self._parts.sync()

    def settle(self) -> None:
        """Close the last part."""
        self._close_part()

    def finish(self) -> None:
        """Close the last part."""
        self._close_part()

    def close(self) -> Sequence[FileState | str]:
        """Let go of the files."""
        self._parts.close()
        return ()

    @property
    def _capacity_left(self) -> int:
        """How many more events the part at hand takes."""
        written = 0 if self._parts.state is None else self._parts.state.events
        return self._part_events - written

    def _flush(self) -> None:
        events, self._waiting = self._waiting, []
        self._table_rows(events)

    def _table_rows(self, events: list[bytes]) -> None:
        if events:
            self._add(self._table.batch(events))

    def _close_full_part(self) -> None:
        if self._parts.is_full or self._capacity_left <= 0:
            self._close_part()

    def _close_part(self) -> None:
        part = self._parts.state
        if part is not None:
            self._flush()
            self._parts.roll()
            self._full.append(part)
            self._end_part(part)
            self._evolved += self._table.evolved - self._evolved_seen
            self._evolved_seen = self._table.evolved


def _columns(place: Place) -> Any:
    """Return the columns an output was begun with: a later schema changes none of them."""
    state = place.checkpoint.note(_COLUMNS_NOTE)
    if state is not None:
        return columns_from_state(state)
    columns = event_columns()
    place.checkpoint.put_note(_COLUMNS_NOTE, columns_state(columns))
    return columns


def _order(part: FileState) -> tuple[bool, str]:
    """Parts in the order they were written: the open one is the last."""
    return not part.closed, part.name


def _lines(path: Path, count: int) -> Iterator[list[bytes]]:
    """Yield the first so many lines of a file, some at a time."""
    with path.open("rb") as file:
        lines: list[bytes] = []
        for line in islice(file, count):
            lines.append(line.rstrip(b"\n"))
            if len(lines) == _BATCH_EVENTS:
                yield lines
                lines = []
        yield lines
