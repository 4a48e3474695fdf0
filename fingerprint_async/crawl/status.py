"""How far the crawl in a folder is, seen from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ._folder import output_folder, reading_state
from .checkpoint import Checkpoint
from .errors import OutputMismatchError

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from .checkpoint import FileState

__all__ = ["CrawlStatus", "crawl_status", "read_status"]


@attrs.frozen(kw_only=True)
class CrawlStatus:
    """How far a crawl is.

    Attributes:
        output: The output folder.
        query: What is crawled: start and end (Unix ms), format, source, address, filters.
        complete: Whether everything is there, as of ``as_of``, and can be read.
        as_of: The service's clock when the crawl of this time range began, in Unix ms; None before.
        end: The last millisecond that was asked for so far.
        events: Events committed.
        quarantined: Events in quarantine files.
        disordered: Events that the service sent out of order: not all may have come.
        waiting: Events that are on their way into a table.
        files: Files of the output.
        size: Their bytes.
        pages: Pages received in all runs and committed.
        runs: How many times it was started.
        missing: Stretches of time not fetched yet: first and last millisecond, both included.
        lost: Stretches of time whose events the service no longer kept.
        covered: Share of the time range that is fetched, 0 to 1.
    """

    output: Path
    query: dict[str, Any]
    complete: bool
    as_of: int | None
    end: int
    events: int
    quarantined: int
    disordered: int
    waiting: int
    files: int
    size: int
    pages: int
    runs: int
    missing: list[tuple[int, int]]
    lost: list[tuple[int, int]]
    covered: float

    def to_dict(self) -> dict[str, Any]:
        """Return the status as JSON values."""
        return {**attrs.asdict(self), "output": str(self.output)}


def crawl_status(output: str | os.PathLike[str]) -> CrawlStatus:
    """Return how far the crawl in a folder is. It may be running, and the folder be read-only.

    Raises:
        OutputMismatchError: The folder holds no crawl.
        OutputDamagedError: Its checkpoint is damaged.
    """
    return read_status(output_folder(output))[0]


def read_status(folder: Path) -> tuple[CrawlStatus, list[FileState]]:
    """Return the status of a crawl, and its files.

    Raises:
        OutputMismatchError: The folder holds no crawl.
        OutputDamagedError: Its checkpoint is damaged.
    """
    with Checkpoint.read(folder) as checkpoint:
        if checkpoint.query is None:
            raise OutputMismatchError(f"{folder} holds no crawl: nothing was fetched into it yet")
        files = checkpoint.files()
        with reading_state(folder):
            return _status(checkpoint, checkpoint.query, files), files


def _status(checkpoint: Checkpoint, query: dict[str, Any], files: list[FileState]) -> CrawlStatus:
    counters = checkpoint.counters()
    missing = sorted(
        (int(state["lower"]["frontier"]), int(state["upper"]["frontier"]))
        for _, state in checkpoint.windows()
    )
    start, end, horizon = (int(counters[name]) for name in ("start", "end", "horizon"))
    if not missing and horizon < end:
        missing = [(max(start, horizon), end)]
    disordered = int(counters.get("disordered", 0))
    whole = (end - start + 1) * (2 if query["source"] == "both" else 1)
    output = [file for file in files if file.kind == "events" and file.events]
    waiting = sum(file.events for file in files if file.kind == "stage")
    return CrawlStatus(
        output=checkpoint.folder,
        query=query,
        complete=not missing and not waiting and not disordered,
        as_of=int(counters.get("as_of", 0)) or None,
        end=end,
        events=int(counters["events"]),
        quarantined=int(counters["quarantined"]),
        disordered=disordered,
        waiting=waiting,
        files=len(output),
        size=sum(file.size for file in output),
        pages=int(counters["pages"]),
        runs=int(counters["runs"]),
        missing=missing,
        lost=[(int(first), int(last)) for _, first, last in checkpoint.lost()],
        covered=max(0.0, 1.0 - sum(last - first + 1 for first, last in missing) / whole),
    )
