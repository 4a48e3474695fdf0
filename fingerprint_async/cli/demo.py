"""`fingerprint-async demo`: the main job on a server of this machine, checked against what that server holds."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import attrs
from cyclopts import App, Parameter, validators

from fingerprint_async.cli._progress import view

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fingerprint_async.crawl import CrawlSummary

__all__ = ["app"]

app = App(name="demo")

_Count = Annotated[int, Parameter(validator=validators.Number(gte=1))]
_Rate = Annotated[float, Parameter(validator=validators.Number(gt=0))]


@attrs.frozen(kw_only=True)
class Outcome:
    """What was crawled, held against what the server holds."""

    summary: CrawlSummary
    lost: int
    duplicated: int
    unexpected: int

    @property
    def right(self) -> bool:
        """Whether every event is there, once, and no other."""
        return self.summary.complete and not (self.lost or self.duplicated or self.unexpected)


@app.default
def demo(
    *,
    events: _Count = 20_000,
    rate: _Rate = 50.0,
    latency: Annotated[float, Parameter(validator=validators.Number(gte=0))] = 0.1,
    seed: int = 1,
    keep: Path | None = None,
) -> int:
    """Start the emulator on loopback, crawl all its events over real sockets into JSONL, and check every id.

    Needs no account and no network. Exit code 0 when nothing is lost and nothing is there twice, else 1.

    Parameters
    ----------
    events
        How many events the server holds.
    rate
        Requests per second that the server allows, with a burst of three times as many.
    latency
        Seconds that the server takes to answer.
    seed
        Another seed, other events.
    keep
        Folder to leave the output in. It goes to a temporary folder, which is removed, when left out.
    """
    output = keep or Path(tempfile.mkdtemp(prefix="fingerprint-async-demo-"))
    try:
        outcome = asyncio.run(_run(output, events=events, rate=rate, latency=latency, seed=seed))
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return 130
    finally:
        if keep is None:
            shutil.rmtree(output, ignore_errors=True)
    _print(outcome, keep)
    return 0 if outcome.right else 1


async def _run(output: Path, *, events: int, rate: float, latency: float, seed: int) -> Outcome:
    from fingerprint_async.client import FingerprintClient
    from fingerprint_async.crawl import export
    from fingerprint_async.ratelimit import RateLimit
    from fingerprint_async.testing import Emulator

    emulator = Emulator(events=events, rate=rate, burst=3 * rate, latency=latency, seed=seed)
    async with emulator.serve() as server:
        sys.stderr.write(
            f"A server with {events:,} events listens at {server.base_url} ({rate:g} requests/s, burst {3 * rate:g}).\n"
        )
        async with FingerprintClient(
            server.api_key, base_url=server.base_url, rate_limit=RateLimit(requests_per_second=rate)
        ) as client:
            with view("text") as show:
                summary = await export(
                    client,
                    output,
                    start=emulator.start,
                    end=emulator.end,
                    source="both",
                    on_progress=show,
                )
        truth = emulator.truth(start=emulator.start, end=emulator.end, source="both")
        return compare(summary, truth.ids, _ids(output))


def compare(summary: CrawlSummary, truth: Iterable[str], found: Iterable[str]) -> Outcome:
    """Hold the ids that were found against the true ones."""
    times = Counter(found)
    wanted = set(truth)
    return Outcome(
        summary=summary,
        lost=len(wanted - times.keys()),
        duplicated=sum(count - 1 for count in times.values()),
        unexpected=len(times.keys() - wanted),
    )


def _ids(output: Path) -> Iterable[str]:
    for file in sorted(output.glob("events-*.jsonl")):
        with file.open("rb") as lines:
            for line in lines:
                yield json.loads(line)["event_id"]


def _print(outcome: Outcome, keep: Path | None) -> None:
    from rich.console import Console
    from rich.table import Table

    summary = outcome.summary
    table = Table(title="Crawled and checked, id by id", title_justify="left")
    table.add_column("what")
    table.add_column("figure", justify="right")
    share = "no limit" if summary.share is None else f"{summary.share:.1%}"
    for name, value in (
        ("events", f"{summary.events:,}"),
        ("pages", f"{summary.pages:,}"),
        ("seconds", f"{summary.seconds:.1f}"),
        ("429s", str(summary.throttled)),
        ("share of the allowed rate used", share),
        ("lost", str(outcome.lost)),
        ("duplicated", str(outcome.duplicated)),
    ):
        table.add_row(name, value)
    console = Console(highlight=False)
    console.print(table)
    if outcome.unexpected:
        console.print(f"{outcome.unexpected} events are not the server's")
    if keep is not None:
        console.print(f"The events are in {keep}.", soft_wrap=True)
