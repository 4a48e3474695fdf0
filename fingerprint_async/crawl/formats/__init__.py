"""Where a crawl's events go. Each sink writes files whose committed lengths make up the output.

A sink belongs to the crawl's worker thread: nothing of it runs in the event loop.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal, Protocol, get_args

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from fingerprint_async.crawl.checkpoint import Checkpoint, FileState
    from fingerprint_async.crawl.plan import Position

__all__ = ["FORMATS", "Format", "Place", "Sink", "open_sink"]

Format = Literal["jsonl", "jsonl.gz", "jsonl.zst", "parquet", "duckdb"]
FORMATS: tuple[str, ...] = get_args(Format)


@attrs.frozen
class Place:
    """Where a sink writes, and when its files roll.

    Attributes:
        folder: The output folder.
        checkpoint: Where a file is recorded before it is made.
        roll_bytes: A file that has this many bytes is closed and the next one begun.
        roll_seconds: A file this old is closed, too; None for never.
        clock: Seconds since the epoch.
    """

    folder: Path
    checkpoint: Checkpoint
    roll_bytes: int
    roll_seconds: float | None
    clock: Callable[[], float] = time.time


class Sink(Protocol):
    """Writes events into the files of one output folder."""

    @property
    def evolved(self) -> int:
        """Events of this run that held what their columns have no place for."""
        ...

    @property
    def wants_sync(self) -> bool:
        """Whether the next commit should be a durable one."""
        ...

    def resume(self, files: Iterable[FileState]) -> None:
        """Go on with the files of an earlier run."""
        ...

    def write(self, events: Sequence[bytes], positions: Sequence[Position]) -> None:
        """Write events, one or more; each has a position."""
        ...

    def roll_if_due(self) -> None:
        """Close the file being written if it is old enough."""
        ...

    def take_changes(self) -> Sequence[FileState | str]:
        """Return what a commit has to record.

        New states, and bare names of files that no longer count.
        """
        ...

    def committed(self, *, durable: bool) -> None:
        """Go on after a commit: now what no longer counts may be removed."""
        ...

    def sync(self) -> None:
        """Make what was written survive the death of the machine."""
        ...

    def settle(self) -> None:
        """Make what was written readable, as the run ends early.

        Commits follow for as long as ``wants_sync``.
        """
        ...

    def finish(self) -> None:
        """Bring everything into its final form; commits follow for as long as ``wants_sync``."""
        ...

    def close(self) -> Sequence[FileState | str]:
        """Let go of the files.

        Return what is known only now: states, and bare names of files that no longer count.
        """
        ...


def open_sink(place: Place, format: Format) -> Sink:  # noqa: A002 -- the option's name
    """Make the sink of a format.

    Raises:
        ModuleNotFoundError: The format needs an extra that is not installed.
    """
    if format == "parquet":
        from ._parquet import ParquetSink

        return ParquetSink(place)
    if format == "duckdb":
        from ._duckdb import DuckDBSink

        return DuckDBSink(place)
    from ._lines import LinesSink

    return LinesSink(place, format)
