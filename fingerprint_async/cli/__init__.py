"""The `fingerprint-async` command: the SDK from a terminal, nothing that the library can't do.

Each command is a room of its own, loaded only when it is called. Exit codes: 0 done, 1 what was asked about is not so,
2 the command was used wrongly, 3 the service can't be reached, 130 interrupted.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

NEEDS = "The command line needs more packages: pip install 'fingerprint-async[cli]'"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Args:
        argv: The words after the program's name; `sys.argv[1:]` when left out.
    """
    try:
        from fingerprint_async.cli._app import run
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in {"cyclopts", "rich"}:
            raise
        sys.stderr.write(f"{NEEDS} (missing: {missing.name})\n")
        return 2
    return run(sys.argv[1:] if argv is None else argv)
