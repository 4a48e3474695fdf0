"""Reading an output back: timestamp and id of the events in a file, whatever its format."""

from __future__ import annotations

import gzip
import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from fingerprint_async.crawl.plan import Position

__all__ = ["read_positions"]

_ROWS = 10_000


class _Position(msgspec.Struct):
    event_id: str
    timestamp: int


def read_positions(path: Path, size: int) -> Iterator[Position]:
    """Yield timestamp and id of every event in a file of an output, in the file's order.

    Args:
        path: A file that a crawl wrote.
        size: Bytes of it that count; for files of lines only.

    Raises:
        ValueError: A line that is not an event.
        Exception: What the format's library raises for a damaged file.
    """
    if path.name.endswith(".parquet"):
        yield from _parquet_positions(path)
    elif path.name.endswith(".duckdb"):
        yield from _duckdb_positions(path)
    else:
        with _lines(path, size) as lines:
            decode = msgspec.json.Decoder(_Position).decode
            for number, line in enumerate(lines, 1):
                try:
                    line.decode()
                    position = decode(line)
                except (msgspec.DecodeError, UnicodeDecodeError) as error:
                    raise ValueError(f"line {number} is not an event ({error})") from error
                yield position.timestamp, position.event_id


@contextmanager
def _lines(path: Path, size: int) -> Iterator[Iterable[bytes]]:
    with path.open("rb") as file:
        head = io.BufferedReader(_Head(file, size))
        if path.name.endswith(".gz"):
            with gzip.GzipFile(fileobj=head) as content:
                yield content
        elif path.name.endswith(".zst"):
            import zstandard

            decompressor = zstandard.ZstdDecompressor()
            yield io.BufferedReader(decompressor.stream_reader(head, read_across_frames=True))
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


def _parquet_positions(path: Path) -> Iterator[Position]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=_ROWS, columns=["timestamp", "event_id"]):
            moments = batch["timestamp"].cast(pa.int64()).to_pylist()
            yield from zip(moments, batch["event_id"].to_pylist(), strict=True)


def _duckdb_positions(path: Path) -> Iterator[Position]:
    import duckdb

    with duckdb.connect(str(path), read_only=True) as db:
        rows = db.execute("SELECT epoch_us(timestamp) // 1000, event_id FROM events")
        while batch := rows.fetchmany(_ROWS):
            yield from batch
