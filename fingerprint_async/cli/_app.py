"""The root of the command line: which commands there are, and what an error looks like."""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App, CycloptsError

from fingerprint_async.cli._failure import print_failure, wants_json
from fingerprint_async.errors import (
    APIConnectionError,
    APITimeoutError,
    ArgumentError,
    FingerprintError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_FAILED, EXIT_USAGE, EXIT_UNREACHABLE, EXIT_CRASHED, EXIT_INTERRUPTED = 1, 2, 3, 70, 130

COMMANDS = {
    "demo": "Start a server on this machine, crawl it, and check the result. A good first command.",
    "crawl": "Export every event of a time window into files. Run it again to go on where it was.",
    "serve": "Run the emulator: a server that behaves like the Fingerprint API, with made-up events.",
    "schema": "Compare API schemas: what changed, and for whom it breaks.",
}

# What a command may need beyond [cli], by the module whose absence shows it.
EXTRAS = {
    "respx": "testing",
    "pyarrow": "parquet",
    "duckdb": "duckdb",
    "zstandard": "zstd",
    "redis": "redis",
    "yaml": "cli",
    "distributed": "dask",
    "dask": "dask",
}

app = App(
    name="fingerprint-async",
    help="""The Fingerprint Server API v4 from a terminal.

The secret API key is read from FINGERPRINT_SECRET_API_KEY, the region from FINGERPRINT_REGION (us, eu, ap; us when unset).
Start with: fingerprint-async demo""",
    version=lambda: importlib.import_module("fingerprint_async").__version__,
)
for _name, _help in COMMANDS.items():
    app.command(f"fingerprint_async.cli.{_name}:app", name=_name, help=_help)


def run(argv: Sequence[str]) -> int:
    """Run one command and turn what it raises into one line and an exit code."""
    _open_streams()
    try:
        result = app(argv, exit_on_error=False, result_action="return_value")
        sys.stdout.flush()
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Who read our output has gone (`… | head`): there is nobody left to tell.
        _discard_output()
        return EXIT_FAILED
    except Exception as error:  # noqa: BLE001 -- a bug must not look like an answer
        try:
            return _failed(error, as_json=wants_json(argv))
        except OSError:
            # Nothing can be written where the failure would be told.
            return EXIT_FAILED
        finally:
            _discard_output()
    return result if isinstance(result, int) else 0


def _failed(error: Exception, *, as_json: bool) -> int:
    """Say what went wrong; return the exit code."""
    code, line = _told(error)
    try:
        if as_json:
            print_failure(type(error).__name__, line)
    finally:
        if not isinstance(error, CycloptsError):  # it is said already, with the usage
            sys.stderr.write(f"fingerprint-async: {line}\n")
            sys.stderr.flush()
    return code


def _told(error: Exception) -> tuple[int, str]:
    """Return the exit code of an error, and one line about it."""
    if isinstance(error, CycloptsError):
        return EXIT_USAGE, " ".join(str(error).split())
    if isinstance(error, FingerprintError):
        return _code_of(error), str(error)
    if isinstance(error, ModuleNotFoundError):
        extra = EXTRAS.get((error.name or "").partition(".")[0])
        if extra is not None:
            line = f"This needs {error.name}: pip install 'fingerprint-async[{extra}]'"
            return EXIT_USAGE, line
    if isinstance(error, OSError) and error.filename is None and error.errno == errno.ENOSPC:
        return EXIT_FAILED, f"cannot write the output: {error.strerror}"
    return EXIT_CRASHED, _crash_of(error)


def _code_of(error: FingerprintError) -> int:
    from fingerprint_async.crawl.errors import ClusterError

    if isinstance(error, ArgumentError):
        return EXIT_USAGE
    if isinstance(error, (APIConnectionError, APITimeoutError, ClusterError)):
        return EXIT_UNREACHABLE
    return EXIT_FAILED


def _open_streams() -> None:
    """Have something to write to where the command was started with a stream closed."""
    nowhere = Path(os.devnull)
    sys.stdout = sys.stdout or nowhere.open("w", encoding="utf-8")
    sys.stderr = sys.stderr or nowhere.open("w", encoding="utf-8")


def _discard_output() -> None:
    """Write what is still buffered nowhere: the interpreter would complain about it when it ends."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _crash_of(error: Exception) -> str:
    """Return where a bug of ours is.

    The text of a foreign error may hold an address or a key, so only its type and place are said.
    """
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "fingerprint_async" in frame.filename] or frames
    place = f" ({Path(ours[-1].filename).name}:{ours[-1].lineno})" if ours else ""
    said = str(error) if type(error).__module__.startswith("fingerprint_async.") else ""
    detail = f"{type(error).__name__}{f': {said}' if said else ''}{place}"
    return f"failed by a bug of its own: {detail}. This is no answer; please report it."
