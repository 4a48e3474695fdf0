"""Where a crawl's events go. Each sink writes files whose committed lengths make up the output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from fingerprint_async.crawl._pages import RawEvent
    from fingerprint_async.crawl.checkpoint import FileState, Mark

__all__ = ["FORMATS", "Format", "Sink", "open_sink"]

Format = Literal["jsonl", "jsonl.gz", "jsonl.zst", "parquet", "duckdb"]
FORMATS: tuple[str, ...] = get_args(Format)


class Sink(Protocol):
    """Writes events into the files of one output folder."""

    @property
    def wants_sync(self) -> bool:
        """Whether the next commit should be a durable one."""
        ...

    def resume(self, files: Iterable[FileState]) -> None:
        """Go on with the files of an earlier run."""
        ...

    def write(self, events: Sequence[RawEvent], first: Mark, last: Mark) -> None:
        """Write events, each one line of JSON; ``first`` and ``last`` are the earliest and the latest of them."""
        ...

    def take_changes(self) -> Sequence[FileState | str]:
        """What a commit has to record: new states, and bare names of files that no longer count."""
        ...

    def committed(self, *, durable: bool) -> None:
        """Called after each commit: now what no longer counts may be removed."""
        ...

    def sync(self) -> None:
        """Make what was written survive the death of the machine."""
        ...

    def finish(self) -> None:
        """Bring everything into its final form; a commit follows."""
        ...

    def close(self) -> None:
        """Let go of the files without finishing them."""
        ...


def open_sink(folder: Path, format: Format, *, roll_bytes: int, roll_seconds: float | None) -> Sink:  # noqa: A002 -- the option's name
    """Make the sink of a format."""
    if format in {"jsonl", "jsonl.gz", "jsonl.zst"}:
        from .lines import LinesSink

        return LinesSink(folder, format, roll_bytes=roll_bytes, roll_seconds=roll_seconds)
    from .tables import DuckDBSink, ParquetSink

    table_sink = ParquetSink if format == "parquet" else DuckDBSink
    return table_sink(folder, roll_bytes=roll_bytes, roll_seconds=roll_seconds)
