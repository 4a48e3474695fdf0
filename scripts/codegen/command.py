"""`scripts/sync`: what it is given, and what it says."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Final

from codegen.errors import GenerationError, PublishedError
from codegen.facade import type_errors
from codegen.published import Published, load
from codegen.regenerate import Layout, sync
from fingerprint_async.drift.addresses import ADDRESS
from fingerprint_async.drift.fetch import UnreachableError, read_side, side_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["main"]

_USAGE: Final = 2
_UNREACHABLE: Final = 3
_LONGEST_LINE: Final = 2000


def main(root: Path, arguments: Sequence[str]) -> int:
    """Take a published schema in; return the exit code.

    Args:
        root: The checkout.
        arguments: The words of the command line.
    """
    parser = argparse.ArgumentParser(
        prog="sync",
        description="Take a published schema in and regenerate the client.",
        epilog="Exit codes: 0 taken in; 2 a schema that can't be, or that the client could not be"
        " imported with; 3 an address that can't be reached. Whatever fails, the checkout stays"
        " as it was.",
    )
    parser.add_argument(
        "source",
        nargs="?",
        default=ADDRESS,
        help="a path or an address; the official address when left out",
    )
    parser.add_argument("--schema-version", help="the vendor's version of it, for the record")
    given = parser.parse_args(arguments)
    layout = Layout.of(root)
    try:
        published = load(given.source)
        if layout.pinned.exists():
            sys.stdout.write(_drift_of(layout.pinned, published))
            sys.stdout.flush()
        report = sync(layout, published, schema_version=given.schema_version)
    except (PublishedError, GenerationError) as error:
        plain = "".join(char if char.isprintable() else " " for char in str(error))
        sys.stderr.write(f"sync: {plain[:_LONGEST_LINE]}\n")
        return _UNREACHABLE if isinstance(error.__cause__, UnreachableError) else _USAGE
    sys.stdout.write(
        "Took in another schema.\n" if report.changed else "The same facts as before.\n"
    )
    misfits = type_errors(root) if report.changed else []
    for note in [*report.notes, *misfits]:
        sys.stdout.write(f"  {note}\n")
    return 0


def _drift_of(pinned: Path, published: Published) -> str:
    """The drift report of a document that is about to be taken in."""
    from fingerprint_async.drift.contract.assess import assess
    from fingerprint_async.drift.contract.report import render

    old, new = read_side(str(pinned)), side_of(published.content, source=published.source)
    try:
        from fingerprint_async.drift.check import check as check_documents

        report, _ = check_documents(old, new)
    except ImportError:
        # A generated package that is broken is what this command mends: without its names, then.
        report = assess(old, new)
    return render(report, "text")
