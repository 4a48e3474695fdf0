"""JSON lines: one event a line, as the service sent it; plain, gzip or Zstandard.

Compressed files are a row of frames, one for each batch of pages, so that the file is whole after every commit and can
be cut at any of them. ``zcat`` and ``zstdcat`` read such files as one.
"""

from __future__ import annotations

import gzip
import os
import time
from io import BytesIO
from typing import TYPE_CHECKING

from fingerprint_async.crawl.checkpoint import FileState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from io import FileIO
    from pathlib import Path

    from fingerprint_async.crawl._pages import RawEvent
    from fingerprint_async.crawl.checkpoint import Mark

__all__ = ["LinesSink"]


class LinesSink:
    """Appends events to ``events-<UTC time>-<number>.jsonl`` and rolls to a new file by size or age.

    Args:
        folder: The output folder.
        format: ``jsonl``, ``jsonl.gz`` or ``jsonl.zst``; also the files' ending.
        roll_bytes: A file that has this many bytes is closed and the next one begun.
        roll_seconds: A file this old is closed, too.
        clock: Seconds since the epoch.
        prefix: What the names begin with, the path inside ``folder`` included.
        part: Whether the files are a stage on the way to the output rather than the output.
    """

    def __init__(
        self,
        folder: Path,
        format: str,  # noqa: A002 -- the option's name
        *,
        roll_bytes: int,
        roll_seconds: float | None,
        clock: Callable[[], float] = time.time,
        prefix: str = "events-",
        part: bool = False,
    ) -> None:
        self._folder, self._format, self._prefix, self._part = folder, format, prefix, part
        self._encode = _encoder(format)
        self._roll_bytes, self._roll_seconds, self._clock = roll_bytes, roll_seconds, clock
        self._file: FileIO | None = None
        self._state: FileState | None = None
        self._opened = 0.0
        self._number = 0
        self._changed: dict[str, FileState] = {}
        self._unsynced: list[FileIO] = []
        # One for all pages: new memory of this size is mapped for each page, and costs more than what is copied into it.
        self._buffer = BytesIO()

    @property
    def wants_sync(self) -> bool:
        """Closed files are held open until they are synced."""
        return bool(self._unsynced)

    @property
    def state(self) -> FileState | None:
        """The file being written."""
        return self._state

    @property
    def full(self) -> bool:
        """Whether the file being written is due to be closed."""
        state = self._state
        if state is None:
            return False
        old = self._roll_seconds is not None and self._clock() - self._opened >= self._roll_seconds
        return state.size >= self._roll_bytes or old

    def resume(self, files: Iterable[FileState]) -> None:
        """Go on with the last file that is not closed."""
        for state in files:
            self._number = max(self._number, _number(state.name))
            if not state.closed and state.part is self._part:
                self._state = state
                self._opened = self._clock()

    def write(self, events: Sequence[RawEvent], first: Mark, last: Mark) -> None:
        """Append events."""
        if self.full:
            self.roll()
        state = self._state or self._begin()
        if self._file is None:
            self._file = (self._folder / state.name).open("ab", buffering=0)
        with self._lines(events) as lines:
            state.size += _write(self._file, self._encode(lines))
        state.add(len(events), first, last)
        self._changed[state.name] = state

    def take_changes(self) -> Sequence[FileState | str]:
        """States to record."""
        changed, self._changed = list(self._changed.values()), {}
        return changed

    def committed(self, *, durable: bool) -> None:
        """Nothing waits for a commit."""

    def sync(self) -> None:
        """Sync the files written since the last time."""
        for file in self._unsynced:
            os.fsync(file.fileno())
            file.close()
        self._unsynced = []
        if self._file is not None:
            os.fsync(self._file.fileno())

    def roll(self) -> None:
        """Close the file being written; the next event begins another."""
        if self._state is not None:
            self._state.closed = True
            self._changed[self._state.name] = self._state
            self._state = None
        if self._file is not None:
            self._unsynced.append(self._file)
            self._file = None

    def finish(self) -> None:
        """Close the last file."""
        self.roll()

    def close(self) -> None:
        """Let go of the files."""
        for file in (*self._unsynced, *([self._file] if self._file else [])):
            file.close()
        self._unsynced, self._file = [], None

    def _lines(self, events: Sequence[RawEvent]) -> memoryview:
        """The events, a line each; to be released before the next ones."""
        parts: list[RawEvent] = [b"\n"] * (2 * len(events))
        parts[::2] = events
        self._buffer.seek(0)
        self._buffer.writelines(parts)
        return self._buffer.getbuffer()[: self._buffer.tell()]

    def _begin(self) -> FileState:
        self._opened = self._clock()
        self._number += 1
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self._opened))
        self._state = FileState(
            f"{self._prefix}{stamp}-{self._number:06d}.{self._format}", part=self._part
        )
        return self._state


def _write(file: FileIO, content: bytes | memoryview) -> int:
    """Write all of it: a raw file may take less than it is given."""
    written = 0
    while written < len(content):
        written += file.write(memoryview(content)[written:])
    return written


def _number(name: str) -> int:
    """The running number in a file's name."""
    number = name.partition(".jsonl")[0].partition(".parquet")[0].rpartition("-")[2]
    return int(number) if number.isdecimal() else 0


def _encoder(format: str) -> Callable[[memoryview], bytes | memoryview]:  # noqa: A002 -- the option's name
    if format == "jsonl.gz":
        return lambda content: gzip.compress(content, 6, mtime=0)
    if format == "jsonl.zst":
        import zstandard

        return zstandard.ZstdCompressor(level=3).compress
    return lambda content: content
