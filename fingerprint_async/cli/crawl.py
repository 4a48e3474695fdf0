"""`fingerprint-async crawl`: export every event of a time range into files."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path  # noqa: TC003 -- read by cyclopts
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypedDict

from cyclopts import App, Group, Parameter

from fingerprint_async.cli._failure import print_failure
from fingerprint_async.cli._progress import view
from fingerprint_async.crawl.formats import Format  # noqa: TC001 -- read by cyclopts
from fingerprint_async.resources._filters import search_filters

if TYPE_CHECKING:
    from collections.abc import Callable

    from fingerprint_async.crawl import CrawlSummary, Progress
    from fingerprint_async.ratelimit import RateLimit

INTERRUPTED, TERMINATED = 130, 143

_ADAPTIVE_START = 15.0
"""Requests per second that a crawl begins with when nobody told the limit.

Too many for the smallest plan, which then answers
a few 429s, and enough to find a larger one within seconds."""

_OURS = ("start", "end", "limit", "pagination_key", "reverse", "source", "total_hits")


def _search_filters() -> Any:
    """The search filters as options, read off the generated parameters.

    A new one needs nothing here.
    """
    types: dict[str, Any] = {}
    for name, filter_ in search_filters().items():
        if name in _OURS:
            continue
        type_: Any = Literal[filter_.choices] if filter_.choices else filter_.type
        types[name] = list[type_] if filter_.many else type_
    # Made at run time.
    return TypedDict("SearchFilters", types, total=False)  # type: ignore[operator]


SearchFilters = _search_filters()

_DASK = Group("More machines", help="Pages fetched by the workers of a Dask cluster.", sort_key=4)
_FILTERS = Group("Filters", help="Only events that match all of them.", sort_key=3)
_PACE = Group("Pace", sort_key=1)
_FOLLOW = Group(
    "Follow", help="Keep the output current with new events, until stopped.", sort_key=2
)

app = App(
    name="crawl",
    default_parameter=Parameter(negative_iterable=""),
    help="""Export every event of a time range into files, each event exactly once.

Run the same command again to go on where it stopped, however it stopped. The secret API key is read
from FINGERPRINT_SECRET_API_KEY. Exit codes: 0 everything is there, 1 it is not, 2 wrong usage or
another crawl's folder,
3 the service or the cluster can't be reached, 130 interrupted, 143 terminated.""",
)


@app.default
def crawl(
    out: Path,
    /,
    *,
    start: str | None = None,
    end: str | None = None,
    format: Format = "jsonl",  # noqa: A002 -- the option's name
    source: Literal["device", "edge", "both"] = "device",
    read_as: Literal["raw", "typed"] = "raw",
    roll_size: int = 256,
    roll_seconds: float | None = None,
    base_url: str | None = None,
    region: str | None = None,
    transport: Literal["default", "fast"] = "default",
    allow_insecure_http: Annotated[bool, Parameter(negative="")] = False,
    rate: Annotated[str, Parameter(group=_PACE)] = "5",
    burst: Annotated[float | None, Parameter(group=_PACE)] = None,
    in_flight: Annotated[int | None, Parameter(group=_PACE)] = None,
    patience: Annotated[float, Parameter(group=_PACE)] = 120.0,
    follow: Annotated[bool, Parameter(negative="", group=_FOLLOW)] = False,
    every: Annotated[float, Parameter(group=_FOLLOW)] = 60.0,
    late: Annotated[float, Parameter(group=_FOLLOW)] = 600.0,
    engine: Annotated[Literal["local", "dask"], Parameter(group=_DASK)] = "local",
    scheduler: Annotated[str | None, Parameter(group=_DASK)] = None,
    redis: Annotated[str | None, Parameter(group=_DASK)] = None,
    log_format: Literal["text", "json"] = "text",
    as_json: Annotated[bool, Parameter(name="--json", negative="")] = False,
    filters: Annotated[  # pyright: ignore[reportUnknownParameterType] - made at run time
        SearchFilters | None,  # type: ignore[valid-type]  # made at run time
        Parameter(name="*", group=_FILTERS),
    ] = None,
) -> int:
    """Export every event of a time range into files, each event exactly once.

    Parameters
    ----------
    out
        Folder of the output; it belongs to one query for good.
    start
        First moment: Unix ms or RFC 3339. A week before the end when left out.
    end
        Last moment, included. Now when left out.
    format
        How events are written.
    source
        Device events, edge events, or both.
    read_as
        raw: as the service sent them. typed: each through its model.
    roll_size
        A file of that many MiB is closed and the next one begun.
    roll_seconds
        A file that old is closed, too.
    base_url
        Another address than the region's.
    region
        us, eu or ap.
    transport
        fast: the transport of the extra of that name, at two thirds of the processor time.
    allow_insecure_http
        Let --base-url be plain http to another machine; the key is then sent in the clear.
    rate
        Requests per second that your plan allows; "adaptive" finds out, "off" does not limit.
    burst
        Requests that may go at once after a rest; three times the rate when left out.
    in_flight
        Most requests at a time; 64 when left out, or 16 with --rate off.
    patience
        Seconds without any page after which the command gives up.
    follow
        Go on after the crawl, with what comes in; leave --end out.
    every
        Seconds between two rounds.
    late
        Seconds that an event may come in late.
    engine
        dask: pages are fetched by the workers of a cluster, written here.
    scheduler
        Address of the Dask scheduler, tcp://host:8786. Its workers read the secret key from their
        own environment.
    redis
        A redis:// address where all workers keep one rate limit together.
    log_format
        json: one line of JSON per second on stderr, for services.
    as_json
        Print the summary, or what went wrong, as JSON on stdout.
    """
    from fingerprint_async.client import FingerprintClient
    from fingerprint_async.crawl import export
    from fingerprint_async.crawl import follow as keep_following
    from fingerprint_async.errors import ArgumentError

    limit = _rate_limit(rate, burst, redis)
    if roll_size < 1:
        raise ArgumentError(f"--roll-size is a number of MiB, 1 or above, not {roll_size}")
    if engine == "dask" and (scheduler is None or follow):
        raise ArgumentError("--engine dask needs --scheduler, and does not follow")
    if follow and end is not None:
        raise ArgumentError("--follow has no end: leave --end out")
    connection: dict[str, Any] = {
        "rate_limit": limit,
        "transport": None if transport == "default" else transport,
        "allow_insecure_http": allow_insecure_http,
        **({} if in_flight is None else {"max_in_flight": in_flight}),
    }
    common: dict[str, Any] = {
        "start": start,
        "format": format,
        "source": source,
        "read_as": read_as,
        "roll_bytes": roll_size * 1024 * 1024,
        "patience": patience,
        "roll_seconds": roll_seconds,
        "max_in_flight": in_flight,
        **(filters or {}),
    }

    async def run(show: Callable[[Progress], object]) -> CrawlSummary | None:
        async with FingerprintClient(base_url=base_url, region=region, **connection) as client:
            if follow:
                await keep_following(
                    client, out, every=every, late=late, on_progress=show, **common
                )
                return None
            if engine == "dask":
                from fingerprint_async.crawl.distributed import dask_workers

                async with dask_workers(
                    scheduler, base_url=client.base_url, **connection
                ) as fetch_page:
                    return await export(
                        client, out, end=end, on_progress=show, fetch_page=fetch_page, **common
                    )
            return await export(client, out, end=end, on_progress=show, **common)

    with view(log_format) as show:
        summary, code = _run(lambda: run(show))
    if summary is None:
        line = f"Stopped. What is in {out} is safe: run the same command again to go on."
        if as_json:
            print_failure("Interrupted", line)
        sys.stderr.write(f"{line}\n")
        return code
    if as_json:
        sys.stdout.write(json.dumps(summary.to_dict()) + "\n")
    else:
        _print_summary(summary)
    return 0 if summary.complete else 1


@app.command
def status(
    out: Path, /, *, as_json: Annotated[bool, Parameter(name="--json", negative="")] = False
) -> int:
    """Say how far the crawl in a folder is. Exit code 0: everything is there, 1: not yet.

    Parameters
    ----------
    out
        Folder of the output.
    as_json
        As JSON.
    """
    from fingerprint_async.crawl import crawl_status

    found = crawl_status(out)
    if as_json:
        sys.stdout.write(json.dumps(found.to_dict()) + "\n")
    else:
        _print_rows(
            [
                ("complete", "yes" if found.complete else "no"),
                ("as of", "–" if found.as_of is None else _moment(found.as_of)),
                ("events", f"{found.events:,}"),
                ("in quarantine", f"{found.quarantined:,}"),
                ("not in a table yet", f"{found.waiting:,}"),
                ("files", f"{found.files:,}  ({found.size / 1e6:,.1f} MB)"),
                (
                    "time range",
                    f"{found.covered:.1%} fetched, {len(found.missing)} stretches missing",
                ),
                ("runs", str(found.runs)),
                *((name, json.dumps(value)) for name, value in found.query.items()),
            ]
        )
    return 0 if found.complete else 1


@app.command
def verify(
    out: Path, /, *, as_json: Annotated[bool, Parameter(name="--json", negative="")] = False
) -> int:
    """Read a whole output: counts, duplicates, what is missing. Exit code 0.

    Everything is there, once.

    Parameters
    ----------
    out
        Folder of the output.
    as_json
        As JSON.
    """
    from fingerprint_async.crawl import verify_crawl

    found = verify_crawl(out)
    if as_json:
        sys.stdout.write(json.dumps(found.to_dict()) + "\n")
    else:
        _print_rows(
            [
                ("events", f"{found.events:,}  ({found.status.events:,} committed)"),
                ("in quarantine", f"{found.quarantined:,}"),
                ("duplicates", str(found.duplicates)),
                ("outside the range", str(found.outside)),
                ("stretches missing", str(len(found.status.missing))),
                *(("problem", problem) for problem in found.problems),
                ("verdict", "everything is there, once" if found.ok else "not whole"),
            ]
        )
    return 0 if found.ok else 1


def _rate_limit(rate: str, burst: float | None, redis: str | None) -> RateLimit:
    from fingerprint_async.errors import ArgumentError
    from fingerprint_async.ratelimit import RateLimit

    if rate in {"off", "adaptive"}:
        if burst is not None:
            raise ArgumentError(f"--burst says nothing with --rate {rate}")
        return RateLimit.off() if rate == "off" else RateLimit.adaptive(start=_ADAPTIVE_START)
    try:
        number = float(rate)
    except ValueError:
        raise ArgumentError(
            f"--rate is a number of requests per second, adaptive or off, not {rate!r}"
        ) from None
    return RateLimit(requests_per_second=number, burst=burst, shared=redis)


def _run(make: Callable[[], Any]) -> tuple[Any, int]:
    """Run a coroutine; Ctrl-C and SIGTERM end it cleanly, with the exit code that says so."""
    stopped = 0

    async def main() -> Any:
        nonlocal stopped
        task = asyncio.ensure_future(make())

        def stop(code: int) -> None:
            nonlocal stopped
            stopped = code
            task.cancel()

        loop = asyncio.get_running_loop()
        for name, code in (("SIGINT", INTERRUPTED), ("SIGTERM", TERMINATED)):
            try:
                loop.add_signal_handler(getattr(signal, name), stop, code)
            except (NotImplementedError, RuntimeError):
                # Windows, or not the main thread: KeyboardInterrupt does it.
                continue
        return await task

    try:
        return asyncio.run(main()), 0
    except asyncio.CancelledError:
        if not stopped:
            raise
        return None, stopped
    except KeyboardInterrupt:
        return None, INTERRUPTED


def _moment(unix_ms: int) -> str:
    moment = datetime.fromtimestamp(unix_ms / 1000, UTC)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _print_summary(summary: CrawlSummary) -> None:
    complete = f"as of {_moment(summary.as_of)}"
    if summary.as_of < summary.end:
        complete += ", before the end: run it again later"
    rows = [
        ("events", f"{summary.events:,}"),
        *([("in quarantine", f"{summary.quarantined:,}")] if summary.quarantined else []),
        *([("beyond the columns", f"{summary.evolved:,}")] if summary.evolved else []),
        *(
            ("lost to retention", f"{span.source}: {_moment(span.first)} to {_moment(span.last)}")
            for span in summary.lost
        ),
        ("files", f"{summary.files:,}  ({summary.size / 1e6:,.1f} MB in {summary.output})"),
        ("pages", f"{summary.pages:,}  ({summary.requests:,} requests, {summary.throttled} × 429)"),
        ("seconds", f"{summary.seconds:.1f}"),
        ("share of the limit", "–" if summary.share is None else f"{summary.share:.1%}"),
        ("complete", ("yes, " if summary.complete else "no, ") + complete),
    ]
    _print_rows(rows)


def _print_rows(rows: list[tuple[str, str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, value)
    Console(highlight=False, soft_wrap=True).print(table)
