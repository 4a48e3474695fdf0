"""Whether an output is what its checkpoint says, and whole: every event is read."""

from __future__ import annotations

import sqlite3
import tempfile
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from ._folder import MANIFEST, output_folder, unrecorded
from .formats._checksum import file_crc32
from .formats._read import read_positions
from .status import read_status

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from .checkpoint import FileState
    from .plan import Position
    from .status import CrawlStatus

__all__ = ["Verification", "verify_crawl"]

_BATCH = 5_000


@attrs.frozen(kw_only=True)
class Verification:
    """Whether an output is what its checkpoint says, and whole.

    Attributes:
        status: How far the crawl is.
        events: Events found in the files.
        quarantined: Events in quarantine files.
        duplicates: Events found more than once.
        outside: Events outside the time range.
        problems: What is wrong, one line each; empty when nothing is.
    """

    status: CrawlStatus
    events: int
    quarantined: int
    duplicates: int
    outside: int
    problems: list[str]

    @property
    def ok(self) -> bool:
        """Whether everything is there, once."""
        return not self.problems

    def to_dict(self) -> dict[str, Any]:
        """Return the verification as JSON values."""
        return {**attrs.asdict(self, recurse=False), "status": self.status.to_dict(), "ok": self.ok}


def verify_crawl(output: str | os.PathLike[str]) -> Verification:
    """Read every event of an output and compare.

    Checksums, counts, duplicates, time range, what is missing.

    Memory stays flat: ids are compared in a temporary database.

    Raises:
        OutputMismatchError: The folder holds no crawl.
        OutputDamagedError: Its checkpoint is damaged.
    """
    folder = output_folder(output)
    status, files = read_status(folder)
    with tempfile.TemporaryDirectory() as temporary:
        reading = _Reading(folder, (status.query["start"], status.end), Path(temporary))
        for file in files:
            reading.check(file)
        duplicates = reading.close()
    problems = [*_problems_of(folder, status, files), *reading.problems]
    if duplicates:
        problems.append(f"{duplicates} events are there more than once")
    if reading.outside:
        problems.append(f"{reading.outside} events lie outside the time range")
    return Verification(
        status=status,
        events=reading.events,
        quarantined=sum(file.events for file in files if file.kind == "quarantine"),
        duplicates=duplicates,
        outside=reading.outside,
        problems=problems,
    )


def _problems_of(folder: Path, status: CrawlStatus, files: list[FileState]) -> list[str]:
    problems: list[str] = []
    if status.missing:
        problems.append(f"{len(status.missing)} stretches of time are not fetched yet")
    if status.waiting:
        problems.append(f"{status.waiting} events are not in their table yet: run it again")
    if status.disordered:
        problems.append(
            f"{status.disordered} events came out of order: nothing proves that all are there"
        )
    if not (folder / MANIFEST).is_file():
        problems.append(f"{MANIFEST} is missing: the next run writes it again")
    problems += [f"{name} is no file of this crawl" for name in unrecorded(folder, files)]
    return problems


class _Reading:
    """Reads the files of an output, and counts.

    Args:
        folder: The output folder.
        bounds: First and last millisecond that events may have.
        temporary: A folder for the ids seen so far.
    """

    def __init__(self, folder: Path, bounds: tuple[int, int], temporary: Path) -> None:
        self._folder, self._bounds = folder, bounds
        self._seen = _Seen(temporary / "ids.sqlite")
        self.events = self.outside = 0
        self.problems: list[str] = []

    def close(self) -> int:
        """Return how many events were found more than once."""
        duplicates = self.events - self._seen.count()
        self._seen.close()
        return duplicates

    def check(self, file: FileState) -> None:
        """Check one file."""
        path = self._folder / file.name
        if not path.exists():
            if file.size or file.events:
                self.problems.append(f"{file.name} is missing")
            return
        try:
            self._check_bytes(path, file)
            if file.kind == "events":
                self._check_events(path, file)
        # Whatever a library says of a damaged file is the finding.
        except Exception as error:  # noqa: BLE001
            self.problems.append(f"{file.name} cannot be read: {_first_line(error)}")

    def _check_bytes(self, path: Path, file: FileState) -> None:
        size = path.stat().st_size
        # What lies beyond the size of a file that is still written is cut off by the next run.
        if size < file.size or (file.closed and file.crc32 is not None and size > file.size):
            self.problems.append(f"{file.name} has {size} bytes, {file.size} were committed")
        elif file.crc32 is not None and file_crc32(path, file.size) != file.crc32:
            self.problems.append(f"{file.name} is not what was written: its checksum differs")

    def _check_events(self, path: Path, file: FileState) -> None:
        count = 0
        first: Position | None = None
        last: Position | None = None
        positions = read_positions(path, file.size)
        try:
            while batch := list(islice(positions, _BATCH)):
                self._seen.add(event_id for _, event_id in batch)
                count += len(batch)
                low, high = min(batch), max(batch)
                first = low if first is None else min(first, low)
                last = high if last is None else max(last, high)
                start, end = self._bounds
                self.outside += sum(not start <= at <= end for at, _ in batch)
        finally:
            self.events += count
        if count != file.events:
            self.problems.append(f"{file.name} holds {count} events, {file.events} were committed")
        # Of events in one millisecond, any may be called the first.
        if [position and position[0] for position in (first, last)] != [
            position and position[0] for position in (file.first, file.last)
        ]:
            self.problems.append(
                f"{file.name} begins and ends with other events than were committed"
            )


class _Seen:
    """Ids seen so far, on disk: a set of a billion would not fit into memory."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=OFF")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.execute("CREATE TABLE seen (id BLOB PRIMARY KEY) WITHOUT ROWID")
        self._db.execute("BEGIN")

    def add(self, ids: Iterable[str]) -> None:
        rows = ((blake2b(event_id.encode(), digest_size=16).digest(),) for event_id in ids)
        self._db.executemany("INSERT OR IGNORE INTO seen VALUES (?)", rows)

    def count(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM seen").fetchone()[0])

    def close(self) -> None:
        self._db.close()


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
