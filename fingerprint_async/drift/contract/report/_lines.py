"""The files and lines on which changes stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fingerprint_async.drift.contract.load import positions

if TYPE_CHECKING:
    from fingerprint_async.drift.contract.assess import Report, Side
    from fingerprint_async.drift.contract.changes import Change

__all__ = ["Lines"]


class Lines:
    """Finds a change's file and line.

    Args:
        report: The report whose changes are looked up.
    """

    def __init__(self, report: Report) -> None:
        self._sides = {"old": report.old, "new": report.new}
        wanted: dict[str, set[str]] = {"old": set(), "new": set()}
        for entry in (*report.entries, *report.ignored):
            wanted[entry.change.document].add(entry.change.location)
        self._lines = {name: _positions(side, wanted[name]) for name, side in self._sides.items()}

    def of(self, change: Change) -> tuple[str, int]:
        """Return the file and the line (from 1) of a change.

        The path is relative to the working directory; a document that came from elsewhere has the
        name that it had there.
        """
        side = self._sides[change.document]
        return side.file, self._lines[change.document].get(change.location, 1)


def _positions(side: Side, pointers: set[str]) -> dict[str, int]:
    return positions(side.content, pointers) if side.content and pointers else {}
