"""The checkpoint of a crawl.

What is left to fetch and how much of each file counts, committed together.

After every batch of pages the files' lengths and the windows' state go into one SQLite transaction.
Whatever lies beyond a committed length was written by a process that died before its commit, and is
cut off on the next start.

Two kinds of commit. A *quick* one is not synced to the disk: it survives the death of the process
at any point, as the operating system holds both the files and the database, but not the death of
the machine. A *durable* one, every few seconds, syncs the files first and then a copy of the state.
The boot id tells which one to believe.

A file is recorded, durably, before it is made: so whatever a folder holds that is not recorded is
somebody else's.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import msgspec

from ._folder import STATE_FOLDER, reading_state, writing
from ._tables import check_tables, connect_read_only, create_tables, tables_of
from .errors import OutputDamagedError, OutputMismatchError
from .plan import Position  # noqa: TC001 -- msgspec reads the annotations

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

__all__ = ["Checkpoint", "FileKind", "FileState"]

FileKind = str
"""``events``: holds events. ``stage``: on the way to a table. ``quarantine``.

Odd events, as the bytes that came.
"""


@attrs.define
class FileState:
    """How much of a file counts.

    Attributes:
        name: Its path, relative to the output folder.
        kind: What it is for, see :data:`FileKind`.
        size: Bytes that count.
        crc32: Checksum of those bytes; None while it is not known.
        events: Events in it.
        first: The earliest of them.
        last: The latest of them.
        closed: Whether it is never written again.
    """

    name: str
    kind: FileKind = "events"
    size: int = 0
    crc32: int | None = 0
    events: int = 0
    first: Position | None = None
    last: Position | None = None
    closed: bool = False

    def add(self, events: int, first: Position, last: Position) -> None:
        """Count events in."""
        self.events += events
        self.first = first if self.first is None else min(self.first, first)
        self.last = last if self.last is None else max(self.last, last)


class Checkpoint:
    """The state of the crawl in a folder.

    Args:
        folder: The output folder.
        db: The database, open. :meth:`open` and :meth:`read` make one.

    Attributes:
        folder: The output folder.
        query: What is crawled, as JSON values; None before the first page was committed.
    """

    def __init__(self, folder: Path, db: sqlite3.Connection) -> None:
        self.folder = folder
        self._db: sqlite3.Connection | None = db
        self.query: dict[str, Any] | None = None

    @classmethod
    def open(cls, folder: Path) -> Checkpoint:
        """Open the state of a folder for writing, and make it where there is none.

        The folder must be locked.

        Raises:
            OutputDamagedError: The state is damaged.
            OutputMismatchError: Another version of this library wrote it.
            OutputWriteError: The folder cannot be written.
        """
        path = folder / STATE_FOLDER / "state.sqlite"
        with writing(folder):
            uri = f"{path.absolute().as_uri()}?mode=rwc"
            # The worker thread has it to itself, once the crawl runs.
            db = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
            checkpoint = cls(folder, db)
            try:
                db.execute("PRAGMA journal_mode=WAL")
                db.execute("PRAGMA synchronous=NORMAL")
                if not tables_of(db):
                    create_tables(db)
                check_tables(db, folder)
                checkpoint._load_query()
                checkpoint._believe()
            except BaseException:
                checkpoint.close()
                raise
        return checkpoint

    @classmethod
    @contextlib.contextmanager
    def read(cls, folder: Path) -> Generator[Checkpoint]:
        """Read the state of a folder, changing nothing there. The crawl may be running.

        Raises:
            OutputDamagedError: The state is damaged.
            OutputMismatchError: The folder holds no crawl, or one of another version of this
                library.
        """
        path = folder / STATE_FOLDER / "state.sqlite"
        with writing(folder):
            is_there = path.exists()
        if not is_there:
            raise OutputMismatchError(f"{folder} holds no crawl")
        with writing(folder), connect_read_only(path) as db:
            checkpoint = cls(folder, db)
            if not tables_of(db):
                raise OutputMismatchError(f"{folder} holds no crawl: nothing was begun in it")
            check_tables(db, folder)
            checkpoint._load_query()
            yield checkpoint

    # -- reading
    # ------------------------------------------------------------------------------------------

    def windows(self) -> list[tuple[int, dict[str, Any]]]:
        """Return what is left to fetch: numbers and states of windows."""
        rows = self._rows("SELECT number, state FROM windows ORDER BY number")
        return [(number, self._decode(state, dict[str, Any])) for number, state in rows]

    def files(self) -> list[FileState]:
        """Return the files that count, in the order of their names."""
        rows = self._rows("SELECT state FROM files ORDER BY name")
        return [self._decode(state, FileState) for (state,) in rows]

    def counters(self) -> dict[str, float]:
        """Return sums over all runs of this crawl, and its moments in Unix ms."""
        rows = self._rows("SELECT key, value FROM counters")
        with reading_state(self.folder):
            return {str(key): float(value) for key, value in rows}

    def known(self) -> dict[str, int]:
        """Return the ids that a later run may see again, and their timestamps."""
        rows = self._rows("SELECT event_id, timestamp FROM known")
        with reading_state(self.folder):
            return {str(event_id): int(at) for event_id, at in rows}

    def note(self, key: str) -> Any:
        """Return what was kept under a name, None for nothing."""
        text = self._meta(f"note:{key}")
        return None if text is None else self._decode(text, object)

    def lost(self) -> list[tuple[int, int, int]]:
        """Return what the service no longer kept: source, first and last millisecond."""
        text = self._meta("note:lost")
        return [] if text is None else self._decode(text, list[tuple[int, int, int]])

    # -- writing
    # ------------------------------------------------------------------------------------------

    def commit(
        self,
        *,
        windows: Iterable[tuple[int, dict[str, Any] | None]] = (),
        files: Iterable[FileState | str] = (),
        counters: dict[str, float] | None = None,
        known: Iterable[Position] = (),
        known_from: int | None = None,
        durable: bool = False,
    ) -> None:
        """Commit changes together.

        Args:
            windows: Numbers and new states of windows; None for a finished one.
            files: New states of files; a bare name for one that no longer counts.
            counters: New values.
            known: Events that a later run may see again.
            known_from: Forget the known events before this moment; with a durable commit only.
            durable: Make everything so far survive the death of the machine. The files must be
                synced already.

        Raises:
            OutputWriteError: The state cannot be written.
        """
        with writing(self.folder), self._transaction() as db:
            for number, state in windows:
                if state is None:
                    db.execute("DELETE FROM windows WHERE number = ?", (number,))
                else:
                    values = (number, _text(state))
                    db.execute("INSERT OR REPLACE INTO windows VALUES (?, ?)", values)
            for file in files:
                _put_file(db, "files", file)
            if counters:
                db.executemany("INSERT OR REPLACE INTO counters VALUES (?, ?)", counters.items())
            db.executemany(
                "INSERT OR REPLACE INTO known VALUES (?, ?, 0)",
                ((event_id, at) for at, event_id in known),
            )
            if durable:
                self._make_durable(db, known_from)
        if durable:
            with writing(self.folder):
                self._connection.execute("PRAGMA wal_checkpoint(FULL)").fetchall()

    def record(self, file: FileState) -> None:
        """Record a file, durably, before it is made.

        Raises:
            OutputWriteError: The state cannot be written.
        """
        with writing(self.folder):
            self._connection.execute("PRAGMA synchronous=FULL")
            with self._transaction() as db:
                _put_file(db, "files", file)
                _put_file(db, "durable_files", file)
            self._connection.execute("PRAGMA synchronous=NORMAL")

    def next_number(self) -> int:
        """Return a number for the next file's name, which no file of this folder has ever had.

        Raises:
            OutputWriteError: The state cannot be written.
        """
        with reading_state(self.folder):
            number = int(self._meta("number") or 0) + 1
        with writing(self.folder):
            self._connection.execute("PRAGMA synchronous=FULL")
            self._put_meta("number", str(number))
            self._connection.execute("PRAGMA synchronous=NORMAL")
        return number

    def bind(self, query: dict[str, Any]) -> None:
        """Bind the folder to a query."""
        self.query = query
        self._put_meta("query", json.dumps(query, sort_keys=True))

    def put_note(self, key: str, value: Any) -> None:
        """Keep a JSON value under a name."""
        self._put_meta(f"note:{key}", _text(value))

    def put_lost(self, spans: list[tuple[int, int, int]]) -> None:
        """Keep what the service no longer kept."""
        self.put_note("lost", spans)

    def close(self) -> None:
        """Close the database."""
        if self._db is not None:
            self._db.close()
            self._db = None

    # -- inside
    # -------------------------------------------------------------------------------------------

    @property
    def _connection(self) -> sqlite3.Connection:
        if self._db is None:
            raise sqlite3.ProgrammingError("the checkpoint is closed")
        return self._db

    def _load_query(self) -> None:
        text = self._meta("query")
        self.query = None if text is None else self._decode(text, dict[str, Any])

    def _decode(self, text: str, type_: Any) -> Any:
        try:
            return msgspec.json.decode(text, type=type_)
        except (msgspec.DecodeError, TypeError) as error:
            raise OutputDamagedError(
                f"the checkpoint in {self.folder / STATE_FOLDER} is damaged ({error}): "
                "use another folder, and crawl anew"
            ) from error

    def _meta(self, key: str) -> str | None:
        rows = self._rows("SELECT value FROM meta WHERE key = ?", key)
        return str(rows[0][0]) if rows else None

    def _put_meta(self, key: str, value: str) -> None:
        with writing(self.folder), self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def _rows(self, question: str, *values: str) -> list[Any]:
        with writing(self.folder):
            return self._connection.execute(question, values).fetchall()

    @contextlib.contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        db = self._connection
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise

    def _make_durable(self, db: sqlite3.Connection, known_from: int | None) -> None:
        _copy(db, "", "durable_")
        db.execute("UPDATE known SET durable = 1 WHERE durable = 0")
        if known_from is not None:
            db.execute("DELETE FROM known WHERE timestamp < ?", (known_from,))

    def _believe(self) -> None:
        """Choose between the quick and the durable state.

        The quick one counts while the same system runs.
        """
        boot = _boot_id()
        before = self._meta("boot")
        with self._transaction() as db:
            if before is not None and (boot is None or boot != before):
                _copy(db, "durable_", "")
                db.execute("DELETE FROM known WHERE durable = 0")
            db.execute("INSERT OR REPLACE INTO meta VALUES ('boot', ?)", (boot or "",))


def _put_file(db: sqlite3.Connection, table: str, file: FileState | str) -> None:
    if isinstance(file, str):
        db.execute(f"DELETE FROM {table} WHERE name = ?", (file,))  # noqa: S608 -- our own names
    else:
        values = (file.name, _text(file))
        question = f"INSERT OR REPLACE INTO {table} VALUES (?, ?)"  # noqa: S608 -- our own names
        db.execute(question, values)


def _copy(db: sqlite3.Connection, source: str, target: str) -> None:
    for table in ("windows", "files", "counters"):
        db.execute(f"DELETE FROM {target}{table}")  # noqa: S608 -- our own names
        question = f"INSERT INTO {target}{table} SELECT * FROM {source}{table}"  # noqa: S608
        db.execute(question)


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _boot_id() -> str | None:
    """Return what names this run of the operating system; None where nothing does."""
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return None
