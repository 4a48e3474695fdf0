"""Looking at an output from outside: how far it is, and whether it is what its checkpoint says."""

from __future__ import annotations

import sqlite3
import tempfile
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from ._marks import read_marks
from .checkpoint import MANIFEST, Checkpoint

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from .checkpoint import FileState, Mark

__all__ = ["CrawlStatus", "Verification", "crawl_status", "verify_crawl"]


@attrs.frozen(kw_only=True)
class CrawlStatus:
    """How far a crawl is.

    Attributes:
        output: The output folder.
        query: What is crawled: start and end (Unix ms), format, source, filters.
        complete: Whether everything is there.
        events: Events committed.
        files: Files committed, parts of a table on their way included.
        size: Their bytes.
        pages: Pages received in all runs and committed.
        runs: How many times it was started.
        missing: Stretches of time not fetched yet: first and last millisecond, both included.
        covered: Share of the time range that is fetched, 0 to 1.
    """

    output: Path
    query: dict[str, Any]
    complete: bool
    events: int
    files: int
    size: int
    pages: int
    runs: int
    missing: list[tuple[int, int]]
    covered: float

    def to_dict(self) -> dict[str, Any]:
        """The status as JSON values."""
        return {**attrs.asdict(self), "output": str(self.output)}


@attrs.frozen(kw_only=True)
class Verification:
    """Whether an output is what its checkpoint says, and whole.

    Attributes:
        status: How far the crawl is.
        events: Events found in the files.
        duplicates: Events found more than once.
        outside: Events outside the time range.
        problems: What is wrong, one line each; empty when nothing is.
    """

    status: CrawlStatus
    events: int
    duplicates: int
    outside: int
    problems: list[str]

    @property
    def ok(self) -> bool:
        """Whether everything is there, once."""
        return not self.problems

    def to_dict(self) -> dict[str, Any]:
        """The verification as JSON values."""
        return {**attrs.asdict(self, recurse=False), "status": self.status.to_dict(), "ok": self.ok}


def crawl_status(output: str | os.PathLike[str]) -> CrawlStatus:
    """How far the crawl in a folder is. It may be running.

    Raises:
        OutputMismatchError: The folder holds no crawl.
        OutputDamagedError: Its checkpoint is damaged.
    """
    checkpoint = Checkpoint(Path(output), read_only=True)
    try:
        return _status(checkpoint)
    finally:
        checkpoint.close()


def verify_crawl(output: str | os.PathLike[str]) -> Verification:
    """Read every event of an output and compare: counts, duplicates, time range, what is missing.

    Memory stays flat: ids are compared in a temporary database.

    Raises:
        OutputMismatchError: The folder holds no crawl.
        OutputDamagedError: Its checkpoint is damaged.
    """
    folder = Path(output)
    checkpoint = Checkpoint(folder, read_only=True)
    try:
        status, files = _status(checkpoint), checkpoint.files()
    finally:
        checkpoint.close()
    problems: list[str] = []
    if status.missing:
        problems.append(f"{len(status.missing)} stretches of time are not fetched yet")
    if status.files and not (folder / MANIFEST).exists():
        problems.append(f"{MANIFEST} is missing: the next run writes it again")
    names = {file.name for file in files}
    problems += [
        f"{path.name} is no file of this crawl"
        for path in sorted(folder.glob("events-*"))
        if path.name not in names
    ]
    found = outside = 0
    start, end = status.query["start"], status.query["end"]
    with tempfile.TemporaryDirectory() as temporary:
        seen = _Seen(Path(temporary) / "ids.sqlite")
        for file in files:
            events, out = _verify_file(folder, file, seen, (start, end), problems)
            found += events
            outside += out
        duplicates = found - seen.count()
        seen.close()
    if duplicates:
        problems.append(f"{duplicates} events are there more than once")
    if outside:
        problems.append(f"{outside} events lie outside the time range")
    return Verification(
        status=status, events=found, duplicates=duplicates, outside=outside, problems=problems
    )


def _status(checkpoint: Checkpoint) -> CrawlStatus:
    query, counters, files = checkpoint.query, checkpoint.counters(), checkpoint.files()
    begun = bool(counters)
    missing = sorted(
        (state["lower"]["frontier"], state["upper"]["frontier"])
        for _, state in checkpoint.windows()
    )
    if not begun and query["start"] is not None and query["end"] is not None:
        missing = [(query["start"], query["end"])]
    whole = max(1, counters.get("end", query["end"] or 0) - (query["start"] or 0) + 1)
    whole *= 2 if query["source"] == "both" else 1
    return CrawlStatus(
        output=checkpoint.folder,
        query=query,
        complete=begun and not missing,
        events=int(counters.get("events", 0)),
        files=len(files),
        size=sum(file.size for file in files),
        pages=int(counters.get("pages", 0)),
        runs=int(counters.get("runs", 0)),
        missing=missing,
        covered=max(0.0, 1.0 - sum(last - first + 1 for first, last in missing) / whole)
        if begun
        else 0.0,
    )


def _verify_file(
    folder: Path,
    file: FileState,
    seen: _Seen,
    bounds: tuple[int | None, int | None],
    problems: list[str],
) -> tuple[int, int]:
    path = folder / file.name
    if not path.exists():
        problems.append(f"{file.name} is missing")
        return 0, 0
    size = path.stat().st_size
    lines = not file.name.endswith((".parquet", ".duckdb"))
    # What lies beyond the size of a file that is still written is cut off by the next run.
    if size < file.size or (lines and file.closed and size > file.size):
        problems.append(f"{file.name} has {size} bytes, {file.size} were committed")
    count = outside = 0
    first: Mark | None = None
    last: Mark | None = None
    start, end = bounds
    marks: Iterator[Mark] = read_marks(path, size=file.size if lines else None)
    try:
        while batch := list(islice(marks, 5_000)):
            seen.add(event_id for _, event_id in batch)
            count += len(batch)
            low, high = min(batch), max(batch)
            first = low if first is None else min(first, low)
            last = high if last is None else max(last, high)
            outside += sum(
                (start is not None and at < start) or (end is not None and at > end)
                for at, _ in batch
            )
    except (ValueError, OSError) as error:
        problems.append(f"{file.name} cannot be read: {error}")
    if count != file.events:
        problems.append(f"{file.name} holds {count} events, {file.events} were committed")
    # Of events in one millisecond, any may be called the first.
    if [mark and mark[0] for mark in (first, last)] != [
        mark and mark[0] for mark in (file.first, file.last)
    ]:
        problems.append(f"{file.name} begins and ends with other events than were committed")
    return count, outside


class _Seen:
    """Ids seen so far, on disk: a set of a billion would not fit into memory."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=OFF")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.execute("CREATE TABLE seen (id BLOB PRIMARY KEY) WITHOUT ROWID")
        self._db.execute("BEGIN")

    def add(self, ids: Iterator[str]) -> None:
        rows = ((blake2b(event_id.encode(), digest_size=16).digest(),) for event_id in ids)
        self._db.executemany("INSERT OR IGNORE INTO seen VALUES (?)", rows)

    def count(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM seen").fetchone()[0])

    def close(self) -> None:
        self._db.close()
