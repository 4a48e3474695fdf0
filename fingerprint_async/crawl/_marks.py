"""Reading an output back: the marks of the events in a file, whatever its format."""

from __future__ import annotations

import gzip
import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from .checkpoint import Mark

__all__ = ["read_marks"]


class _Mark(msgspec.Struct):
    event_id: str
    timestamp: int


def read_marks(path: Path, *, size: int | None = None) -> Iterator[Mark]:
    """Timestamp and id of every event in a file of an output, in the file's order.

    Args:
        path: A file that a crawl wrote.
        size: Bytes of it that count; all when left out. For files of lines only.

    Raises:
        ValueError: A line that is not an event.
    """
    name = path.name
    if name.endswith(".parquet"):
        yield from _parquet_marks(path)
    elif name.endswith(".duckdb"):
        yield from _duckdb_marks(path)
    else:
        with _lines(path, size) as lines:
            decode = msgspec.json.Decoder(_Mark).decode
            for number, line in enumerate(lines, 1):
                try:
                    mark = decode(line)
                except msgspec.DecodeError as error:
                    raise ValueError(f"{name}, line {number}: not an event ({error})") from error
                yield mark.timestamp, mark.event_id


@contextmanager
def _lines(path: Path, size: int | None) -> Iterator[Iterable[bytes]]:
    with path.open("rb") as file:
        head = io.BufferedReader(_Head(file, path.stat().st_size if size is None else size))
        if path.name.endswith(".gz"):
            with gzip.GzipFile(fileobj=head) as content:
                yield content
        elif path.name.endswith(".zst"):
            import zstandard

            yield io.BufferedReader(
                zstandard.ZstdDecompressor().stream_reader(head, read_across_frames=True)
            )
        else:
            yield head


class _Head(io.RawIOBase):
    """The first so many bytes of a file: what lies beyond was not committed."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._left = file, size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = self._file.read(min(len(buffer), self._left))
        self._left -= len(content)
        buffer[: len(content)] = content
        return len(content)


def _parquet_marks(path: Path) -> Iterator[Mark]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=["timestamp", "event_id"]):
            yield from zip(
                batch["timestamp"].to_pylist(), batch["event_id"].to_pylist(), strict=True
            )


def _duckdb_marks(path: Path) -> Iterator[Mark]:
    import duckdb

    with duckdb.connect(str(path), read_only=True) as db:
        rows = db.execute("SELECT timestamp, event_id FROM events")
        while batch := rows.fetchmany(10_000):
            yield from batch
