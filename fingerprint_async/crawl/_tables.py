"""The tables of a checkpoint, and whether a database has them."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from ._folder import STATE_FOLDER
from .errors import OutputDamagedError, OutputMismatchError

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["check_tables", "connect_read_only", "create_tables", "tables_of"]

_VERSION = 2

_TABLES = f"""
BEGIN;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE counters (key TEXT PRIMARY KEY, value REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE windows (number INTEGER PRIMARY KEY, state TEXT NOT NULL);
CREATE TABLE files (name TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE durable_counters (key TEXT PRIMARY KEY, value REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE durable_windows (number INTEGER PRIMARY KEY, state TEXT NOT NULL);
CREATE TABLE durable_files (name TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE known
    (event_id TEXT PRIMARY KEY, timestamp INTEGER NOT NULL, durable INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES ('version', '{_VERSION}');
COMMIT;
"""  # noqa: S608 -- our own number


def create_tables(db: sqlite3.Connection) -> None:
    """Make the tables, in one transaction."""
    db.executescript(_TABLES)


def tables_of(db: sqlite3.Connection) -> dict[str, list[str]]:
    """Return the tables of a database, and their columns."""
    names = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    question = "SELECT name FROM pragma_table_info(?)"
    return {name: [row[0] for row in db.execute(question, (name,))] for (name,) in names}


def check_tables(db: sqlite3.Connection, folder: Path) -> None:
    """Check that a database is a checkpoint of this version.

    Raises:
        OutputMismatchError: Another version of this library wrote it, or something else.
        OutputDamagedError: It is damaged.
    """
    tables = tables_of(db)
    version = None
    if tables.get("meta") == ["key", "value"]:
        row = db.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()
        version = None if row is None else row[0]
    if version != str(_VERSION):
        raise OutputMismatchError(
            f"{folder} was written by another version of this library (checkpoint version "
            f"{'unknown' if version is None else version}; this one writes {_VERSION}): "
            "go on with that version, or crawl into another folder"
        )
    if tables != _expected():
        raise OutputDamagedError(
            f"the checkpoint in {folder / STATE_FOLDER} is damaged (its tables are not those of "
            f"version {_VERSION}): use another folder, and crawl anew"
        )


def _expected() -> dict[str, list[str]]:
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        create_tables(db)
        return tables_of(db)


@contextlib.contextmanager
def connect_read_only(path: Path) -> Generator[sqlite3.Connection]:
    """Connect to a database that is only read, also where its folder cannot be written.

    SQLite makes a file beside a database in WAL mode even to read it; where it cannot, a copy is
    read.
    """
    import shutil
    import tempfile

    with contextlib.ExitStack() as stack:
        try:
            db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
            stack.callback(db.close)
            db.execute("SELECT name FROM sqlite_master").fetchall()
        except sqlite3.OperationalError:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            for ending in ("", "-wal"):
                found = path.with_name(path.name + ending)
                if found.exists():
                    shutil.copyfile(found, folder / found.name)
            db = sqlite3.connect(folder / path.name)
            stack.callback(db.close)
        yield db
