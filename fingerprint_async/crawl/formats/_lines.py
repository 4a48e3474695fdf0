"""JSON lines: one event a line, as the service sent it; plain, gzip or Zstandard.

Compressed files are a row of frames, one for each batch of pages, so that a file is whole after
every commit and can be cut at any of them. ``zcat`` and ``zstdcat`` read such files as one.
"""

from __future__ import annotations

import gzip
import os
import time
import zlib
from typing import TYPE_CHECKING

from fingerprint_async.crawl.checkpoint import FileState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from io import FileIO

    from fingerprint_async.crawl.checkpoint import FileKind
    from fingerprint_async.crawl.plan import Position

    from . import Place

__all__ = ["LinesSink", "write_all"]

_GZIP_LEVEL, _ZSTD_LEVEL = 6, 3


class LinesSink:
    """Appends events to ``events-<UTC time>-<number>.jsonl``; files roll by size or age.

    Args:
        place: Where to write.
        format: ``jsonl``, ``jsonl.gz`` or ``jsonl.zst``; also the files' ending.
        prefix: What the names begin with, the path inside the folder included.
        kind: What the files are for.
    """

    evolved = 0

    def __init__(
        self,
        place: Place,
        format: str,  # noqa: A002 -- the option's name
        *,
        prefix: str = "events-",
        kind: FileKind = "events",
    ) -> None:
        self._place, self._format, self._prefix, self._kind = place, format, prefix, kind
        self._compress = _compressor(format)
        self._file: FileIO | None = None
        self._state: FileState | None = None
        self._opened = 0.0
        self._changed: dict[str, FileState] = {}
        self._unsynced: list[FileIO] = []

    @property
    def wants_sync(self) -> bool:
        """Closed files are held open until they are synced."""
        return bool(self._unsynced)

    @property
    def state(self) -> FileState | None:
        """The file being written."""
        return self._state

    @property
    def is_old(self) -> bool:
        """Whether the file being written is old enough to be closed."""
        age = self._place.roll_seconds
        return (
            self._state is not None and age is not None and time.monotonic() - self._opened >= age
        )

    @property
    def is_full(self) -> bool:
        """Whether the file being written is due to be closed."""
        return self._state is not None and (
            self._state.size >= self._place.roll_bytes or self.is_old
        )

    def resume(self, files: Iterable[FileState]) -> None:
        """Go on with the last file that is not closed.

        Others that are not were closed by a run that ended before it committed that.
        """
        unfinished = [file for file in files if file.kind == self._kind and not file.closed]
        for state in unfinished[:-1]:
            state.closed = True
            self._changed[state.name] = state
        if unfinished:
            self._state = unfinished[-1]
            self._opened = time.monotonic()

    def write(self, events: Sequence[bytes], positions: Sequence[Position]) -> None:
        """Append events, to a new file where the one at hand is due to be closed."""
        if self.is_full:
            self.roll()
        self.append(events, positions)

    def append(self, events: Sequence[bytes], positions: Sequence[Position]) -> None:
        """Append events to the file at hand, however large or old it is."""
        state = self._state or self._begin()
        if self._file is None:
            self._file = (self._place.folder / state.name).open("ab", buffering=0)
        content = self._compress(b"\n".join([*events, b""]))
        write_all(self._file, content)
        state.size += len(content)
        state.crc32 = zlib.crc32(content, state.crc32 or 0)
        state.add(len(events), min(positions), max(positions))
        self._changed[state.name] = state

    def roll_if_due(self) -> None:
        """Close the file being written if it is old enough."""
        if self.is_old:
            self.roll()

    def take_changes(self) -> Sequence[FileState | str]:
        """Return states to record."""
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

    def settle(self) -> None:
        """Do nothing: lines are readable as they are."""

    def finish(self) -> None:
        """Close the last file."""
        self.roll()

    def close(self) -> Sequence[FileState | str]:
        """Let go of the files."""
        for file in (*self._unsynced, *([self._file] if self._file else [])):
            file.close()
        self._unsynced, self._file = [], None
        return ()

    def _begin(self) -> FileState:
        self._opened = time.monotonic()
        number = self._place.checkpoint.next_number()
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self._place.clock()))
        name = f"{self._prefix}{stamp}-{number:06d}.{self._format}"
        self._state = FileState(name, self._kind)
        self._place.checkpoint.record(self._state)
        return self._state


def write_all(file: FileIO, content: bytes) -> None:
    """Write all of it: a raw file may take less than it is given."""
    left = memoryview(content)
    while left:
        left = left[file.write(left) :]


def _compressor(format: str) -> Callable[[bytes], bytes]:  # noqa: A002 -- the option's name
    if format == "jsonl.gz":
        return _gzip
    if format == "jsonl.zst":
        import zstandard

        return zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress
    return _as_it_is


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, _GZIP_LEVEL, mtime=0)


def _as_it_is(content: bytes) -> bytes:
    return content
