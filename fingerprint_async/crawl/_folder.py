# Annotations bind no caller at run time.
# pyright: reportUnnecessaryIsInstance=false
"""The output folder: who holds it, whose files are in it, and what errors its disk may give."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from fingerprint_async.errors import ArgumentError, FingerprintError

from .errors import OutputBusyError, OutputDamagedError, OutputMismatchError, OutputWriteError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from .checkpoint import FileState

__all__ = [
    "MANIFEST",
    "STATE_FOLDER",
    "check_database_folder",
    "check_ownership",
    "locked",
    "output_folder",
    "reading_state",
    "sidecars",
    "trim",
    "unrecorded",
    "writing",
]

STATE_FOLDER = ".crawl"
"""The folder inside the output that holds the checkpoint, the lock and what is not finished."""

MANIFEST = "manifest.json"
"""The file inside the output that lists the others."""

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
_OUTPUT_NAMES = ("events*", "quarantine*")
_NOT_FOR_DUCKDB = "?" if sys.platform == "win32" else "?\\"
"""Characters that DuckDB takes for something else, wherever they stand in a path."""
_SYSTEM_NAMES = frozenset({"lost+found"})
_SIDECARS = (".wal", ".tmp")
_SHOWN = 3


def output_folder(output: str | os.PathLike[str]) -> Path:
    """Return the absolute path of an output.

    Raises:
        ArgumentError: It is an address, empty, or no path of this system.
    """
    text = os.fspath(output) if isinstance(output, (str, os.PathLike)) else ""
    if not isinstance(text, str) or not text.strip():
        raise ArgumentError(f"output must be the path of a folder, not {output!r}")
    if _ADDRESS.match(text) and not (sys.platform == "win32" and text[1] == ":"):
        raise ArgumentError(
            "output must be a folder of this machine: "
            f"{text.partition(':')[0]}: addresses are not supported"
        )
    try:
        is_path = b"\0" not in os.fsencode(text)
        # The program may change its folder meanwhile, and libraries read more into relative paths
        # than the system does: an address (`md:`), a home (`~`).
        path = Path(text).absolute()
    except (UnicodeEncodeError, OSError) as error:
        raise ArgumentError(f"output must be the path of a folder, not {output!r}") from error
    if not is_path:
        raise ArgumentError(f"output must be the path of a folder, not {output!r}")
    return path


def check_database_folder(folder: Path) -> None:
    """Check that DuckDB can have a database in a folder.

    Raises:
        ArgumentError: It cannot.
    """
    for character in _NOT_FOR_DUCKDB:
        if character in str(folder):
            raise ArgumentError(
                f"output must be a folder without {character} in its path: DuckDB takes none "
                f"there, not {folder}"
            )


@contextlib.contextmanager
def locked(folder: Path) -> Generator[None]:
    """Hold a folder; make it where it is not there.

    Raises:
        OutputBusyError: Another process holds it.
        OutputMismatchError: It is a file.
        OutputWriteError: It cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise OutputMismatchError(f"{folder} is a file: the output is a folder")
    with writing(folder):
        (folder / STATE_FOLDER).mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / STATE_FOLDER / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            _take_lock(descriptor)
        except OSError:
            raise OutputBusyError(f"{folder} is being written by another process") from None
        yield
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _take_lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def sidecars(name: str) -> list[str]:
    """Return what a database makes beside its file."""
    return [name + ending for ending in _SIDECARS] if name.endswith(".duckdb") else []


def unrecorded(folder: Path, files: Iterable[FileState]) -> list[str]:
    """Return what in a folder has a crawl's name and is not in its checkpoint."""
    recorded = {file.name for file in files}
    recorded |= {other for name in recorded for other in sidecars(name)}
    found = {path.name for pattern in _OUTPUT_NAMES for path in folder.glob(pattern)}
    return sorted(found - recorded)


def check_ownership(folder: Path, files: Iterable[FileState], *, is_bound: bool) -> None:
    """Check that a folder holds nothing that its checkpoint did not record.

    Args:
        folder: The output folder.
        files: What its checkpoint recorded.
        is_bound: Whether a crawl has written there before.

    Raises:
        OutputMismatchError: It does. Nothing was touched.
    """
    files = list(files)
    if files or is_bound:
        foreign = unrecorded(folder, files)
    elif folder.is_dir():
        names = {path.name for path in folder.iterdir()} - _SYSTEM_NAMES
        foreign = sorted(name for name in names if not name.startswith("."))
    else:
        foreign = []
    if foreign:
        more = f" and {len(foreign) - _SHOWN} more" if len(foreign) > _SHOWN else ""
        raise OutputMismatchError(
            f"{folder} holds what this crawl did not write "
            f"({', '.join(foreign[:_SHOWN])}{more}): nothing was touched. "
            "Use an empty or new folder, or move these files away"
        )


def trim(folder: Path, files: Iterable[FileState]) -> None:
    """Cut off what was not committed, and check that what was committed is there.

    Raises:
        OutputDamagedError: A file is missing, too short, or was finished and has grown since.
        OutputWriteError: A file cannot be written.
    """
    files = list(files)
    with writing(folder):
        for file in files:
            path = folder / file.name
            # One that was recorded and not made yet is not missing.
            size = path.stat().st_size if path.is_file() else 0
            # What a database does to its file is not known while it is open.
            is_final = file.closed and file.crc32 is not None
            if size < file.size or (size > file.size and is_final):
                what = f"has {size} of {file.size} bytes" if path.is_file() else "is missing"
                raise OutputDamagedError(f"{path} {what}: it was changed after the crawl wrote it")
            if size > file.size and not file.closed:
                os.truncate(path, file.size)
        kept = {file.name for file in files}
        for path in (folder / STATE_FOLDER).glob("part-*"):
            if path.relative_to(folder).as_posix() not in kept:
                path.unlink()


@contextlib.contextmanager
def reading_state(folder: Path) -> Generator[None]:
    """Raise what a damaged checkpoint makes of the code that reads it as an error of this package.

    Raises:
        OutputDamagedError: A value in it is missing, or not what it should be.
    """
    try:
        yield
    except (LookupError, TypeError, ValueError, OverflowError) as error:
        if isinstance(error, FingerprintError):
            raise
        raise OutputDamagedError(
            f"the checkpoint in {folder / STATE_FOLDER} is damaged ({error!r}): "
            "use another folder, and crawl anew"
        ) from error


@contextlib.contextmanager
def writing(folder: Path) -> Generator[None]:
    """Raise what the disk and SQLite raise as errors of this package.

    Raises:
        OutputWriteError: No space, no permission, a locked database.
        OutputDamagedError: The database is none, or a file of the output is gone.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        raise OutputWriteError(f"cannot write to {folder}: {error}") from error
    except sqlite3.DatabaseError as error:
        raise OutputDamagedError(
            f"the checkpoint in {folder / STATE_FOLDER} is damaged ({error}): "
            "use another folder, and crawl anew"
        ) from error
    except FileNotFoundError as error:
        raise OutputDamagedError(
            f"{error.filename or folder} is gone: it was removed while the crawl ran"
        ) from error
    except OSError as error:
        reason = error.strerror or os.strerror(error.errno or errno.EIO)
        raise OutputWriteError(f"cannot write to {error.filename or folder}: {reason}") from error
