"""The checkpoint of a crawl: what is left to fetch and how much of each file counts, committed together.

After every batch of pages the files' lengths and the windows' state go into one SQLite transaction. Whatever lies
beyond a committed length was written by a process that died before its commit, and is cut off on the next start.

Two kinds of commit. A *quick* one is not synced to the disk: it survives the death of the process at any point, because
the operating system holds both the files and the database, but not the death of the machine. A *durable* one, every few
seconds, syncs the files first and then a copy of the state. The identity of the running system tells which to believe.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import msgspec

from .errors import OutputBusyError, OutputDamagedError, OutputMismatchError, OutputWriteError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["MANIFEST", "STATE_FOLDER", "Checkpoint", "FileState", "Mark", "writing"]

STATE_FOLDER = ".crawl"
"""The folder inside the output that holds the checkpoint, the lock and what is not finished."""

MANIFEST = "manifest.json"
"""The file inside the output that lists the others."""

_VERSION = 1

_TABLES = """
BEGIN;
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counters (key TEXT PRIMARY KEY, value REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS windows (number INTEGER PRIMARY KEY, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS durable_counters (key TEXT PRIMARY KEY, value REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS durable_windows (number INTEGER PRIMARY KEY, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS durable_files (name TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
COMMIT;
"""

Mark = tuple[int, str]
"""Timestamp (Unix ms) and id of an event."""


@attrs.define
class FileState:
    """How much of a file counts.

    ``name`` is relative to the output folder, ``size`` in bytes; ``first`` and ``last`` are the earliest and the latest
    event. ``closed`` files are never written again. ``part`` files are a stage on the way to the output, not in it.
    """

    name: str
    size: int = 0
    events: int = 0
    first: Mark | None = None
    last: Mark | None = None
    closed: bool = False
    part: bool = False

    def add(self, events: int, first: Mark, last: Mark) -> None:
        """Count events in."""
        self.events += events
        self.first = first if self.first is None else min(self.first, first)
        self.last = last if self.last is None else max(self.last, last)


class Checkpoint:
    """The state of the crawl in a folder, held by one process at a time.

    Args:
        folder: The output folder; made when it is not there.
        query: What is crawled. A folder belongs to one query for good. Values of None mean "as it was".
        read_only: Only look: nothing is made, locked or changed.

    Raises:
        OutputBusyError: Another process holds the folder.
        OutputDamagedError: The state is damaged.
        OutputMismatchError: The folder belongs to another query, or holds files that are no crawl's.
        OutputWriteError: The folder cannot be written.
    """

    def __init__(
        self, folder: Path, query: dict[str, Any] | None = None, *, read_only: bool = False
    ) -> None:
        self.folder = folder
        self._lock: int | None = None
        state = folder / STATE_FOLDER
        path = state / "state.sqlite"
        if read_only and not path.exists():
            raise OutputMismatchError(f"{folder} holds no crawl")
        with writing(folder):
            if not read_only:
                state.mkdir(parents=True, exist_ok=True)
                self._lock = _lock(state / "lock", folder)
            try:
                self._open(path, query, read_only=read_only)
            except BaseException:
                self.close()
                raise

    def _open(self, path: Path, query: dict[str, Any] | None, *, read_only: bool) -> None:
        uri = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
        self._db: sqlite3.Connection | None = sqlite3.connect(uri, uri=True, isolation_level=None)
        if not read_only:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(_TABLES)
        self.fresh = self._meta("query") is None
        if self.fresh:
            if query is None:
                raise OutputMismatchError(f"{self.folder} holds no crawl")
            self.query = query
            with self._transaction() as db:
                db.execute("INSERT INTO meta VALUES ('version', ?)", (str(_VERSION),))
                db.execute(
                    "INSERT INTO meta VALUES ('query', ?)", (json.dumps(query, sort_keys=True),)
                )
        else:
            self.query = json.loads(self._meta("query") or "")
            if query is not None:
                self._compare(query)
        if not read_only:
            self._believe()

    # -- reading ----------------------------------------------------------------------------------------------

    def windows(self) -> list[tuple[int, dict[str, Any]]]:
        """What is left to fetch: numbers and states of windows."""
        rows = self._rows("SELECT number, state FROM windows ORDER BY number")
        return [(number, msgspec.json.decode(state)) for number, state in rows]

    def files(self) -> list[FileState]:
        """The files that count, in the order of their names."""
        rows = self._rows("SELECT state FROM files ORDER BY name")
        return [msgspec.json.decode(state, type=FileState) for (state,) in rows]

    def counters(self) -> dict[str, float]:
        """Sums over all runs of this crawl."""
        return dict(self._rows("SELECT key, value FROM counters"))

    # -- writing ----------------------------------------------------------------------------------------------

    def commit(
        self,
        *,
        windows: Iterable[tuple[int, dict[str, Any] | None]] = (),
        files: Iterable[FileState | str] = (),
        counters: dict[str, float] | None = None,
        durable: bool = False,
    ) -> None:
        """Commit changes together.

        Args:
            windows: Numbers and new states of windows; None for a finished one.
            files: New states of files; a bare name for one that no longer counts.
            counters: New values.
            durable: Make everything so far survive the death of the machine. The files must be synced already.

        Raises:
            OutputWriteError: The state cannot be written.
        """
        with writing(self.folder), self._transaction() as db:
            for number, state in windows:
                if state is None:
                    db.execute("DELETE FROM windows WHERE number = ?", (number,))
                else:
                    db.execute(
                        "INSERT OR REPLACE INTO windows VALUES (?, ?)", (number, _text(state))
                    )
            for file in files:
                if isinstance(file, str):
                    db.execute("DELETE FROM files WHERE name = ?", (file,))
                else:
                    db.execute(
                        "INSERT OR REPLACE INTO files VALUES (?, ?)", (file.name, _text(file))
                    )
            if counters:
                db.executemany("INSERT OR REPLACE INTO counters VALUES (?, ?)", counters.items())
            if durable:
                _copy(db, "", "durable_")
        if durable:
            with writing(self.folder):
                self._connection.execute("PRAGMA wal_checkpoint(FULL)").fetchall()

    def settle(self, **values: Any) -> None:
        """Fix parts of the query that were left open."""
        self.query = {**self.query, **values}
        with writing(self.folder), self._transaction() as db:
            db.execute(
                "UPDATE meta SET value = ? WHERE key = 'query'",
                (json.dumps(self.query, sort_keys=True),),
            )

    def close(self) -> None:
        """Close the database and let go of the folder."""
        if getattr(self, "_db", None) is not None:
            self._connection.close()
            self._db = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    # -- inside -----------------------------------------------------------------------------------------------

    @property
    def _connection(self) -> sqlite3.Connection:
        if self._db is None:
            raise sqlite3.ProgrammingError("the checkpoint is closed")
        return self._db

    def _meta(self, key: str) -> str | None:
        rows = self._rows("SELECT value FROM meta WHERE key = ?", key)
        return str(rows[0][0]) if rows else None

    def _rows(self, question: str, *values: str) -> list[Any]:
        with writing(self.folder):
            return self._connection.execute(question, values).fetchall()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        db = self._connection
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise

    def _compare(self, query: dict[str, Any]) -> None:
        """A folder belongs to one query; what is None in the new one is taken from the old."""
        changed = [
            f"{key} was {_shown(self.query.get(key))}, is {_shown(value)}"
            for key, value in sorted(query.items())
            if value is not None and value != self.query.get(key)
        ]
        missing = [
            f"{key} was {_shown(value)}, is not given"
            for key, value in sorted(self.query.items())
            if value is not None and key not in query
        ]
        if changed or missing:
            raise OutputMismatchError(
                f"{self.folder} holds another crawl: {'; '.join(changed + missing)}. "
                "Use another folder, or the same parameters to go on with this one"
            )

    def _believe(self) -> None:
        """Choose between the quick and the durable state: the quick one counts while the same system runs."""
        boot = _boot_id()
        before = self._meta("boot")
        with self._transaction() as db:
            if not self.fresh and (boot is None or boot != before):
                _copy(db, "durable_", "")
            db.execute("INSERT OR REPLACE INTO meta VALUES ('boot', ?)", (boot or "",))

    def trim(self) -> None:
        """Cut off what was written and not committed, and check that what was committed is there.

        Raises:
            OutputDamagedError: A file is missing or too short.
        """
        files = {file.name: file for file in self.files()}
        with writing(self.folder):
            for file in files.values():
                path = self.folder / file.name
                size = path.stat().st_size if path.exists() else -1
                if size < file.size:
                    what = "is missing" if size < 0 else f"has {size} of {file.size} bytes"
                    raise OutputDamagedError(
                        f"{path} {what}: it was changed after the crawl wrote it"
                    )
                if size > file.size and not file.closed:
                    os.truncate(path, file.size)
            for path in [
                *self.folder.glob("events-*"),
                *(self.folder / STATE_FOLDER).glob("part-*"),
            ]:
                if path.relative_to(self.folder).as_posix() not in files:
                    path.unlink()


def _copy(db: sqlite3.Connection, source: str, target: str) -> None:
    for table in ("windows", "files", "counters"):
        db.execute(f"DELETE FROM {target}{table}")  # noqa: S608 -- our own names
        db.execute(f"INSERT INTO {target}{table} SELECT * FROM {source}{table}")  # noqa: S608 -- our own names


def _text(state: FileState | dict[str, Any]) -> str:
    return msgspec.json.encode(state).decode()


def _shown(value: object) -> str:
    return "not given" if value is None else json.dumps(value)


def _boot_id() -> str | None:
    """What names this run of the operating system; None where nothing does."""
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return None


def _lock(path: Path, folder: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _take_lock(descriptor)
    except OSError:
        os.close(descriptor)
        raise OutputBusyError(f"{folder} is being written by another process") from None
    return descriptor


if sys.platform == "win32":
    import msvcrt

    def _take_lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn what the disk and SQLite raise into :class:`OutputWriteError`, or :class:`OutputDamagedError` for a state that is none."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise OutputWriteError(f"cannot write to {folder}: {error}") from error
    except sqlite3.DatabaseError as error:
        raise OutputDamagedError(
            f"the checkpoint in {folder / STATE_FOLDER} is damaged ({error}): use another folder, and crawl anew"
        ) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputWriteError(f"cannot write to {error.filename or folder}: {reason}") from error
