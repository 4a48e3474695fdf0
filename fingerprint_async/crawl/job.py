"""Exporting every event of a time range into files, and following what comes in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._folder import check_database_folder, output_folder
from ._query import DEFAULT_ROLL_BYTES, CrawlQuery, check_function, check_rolls, check_seconds
from ._session import Session
from ._setup import Setup

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from datetime import datetime

    from fingerprint_async.client import FingerprintClient

    from ._query import ReadAs
    from ._source import FetchPage, Source
    from .formats import Format
    from .progress import CrawlSummary, Progress

__all__ = ["export", "follow"]

_LATE_SECONDS = 600.0


async def export(
    client: FingerprintClient,
    output: str | os.PathLike[str],
    *,
    start: datetime | int | str | None = None,
    end: datetime | int | str | None = None,
    format: Format = "jsonl",  # noqa: A002 -- what the files' ending is called
    source: Source = "device",
    read_as: ReadAs = "raw",
    roll_bytes: int = DEFAULT_ROLL_BYTES,
    roll_seconds: float | None = None,
    max_in_flight: int | None = None,
    patience: float = 120.0,
    on_progress: Callable[[Progress], object] | None = None,
    fetch_page: FetchPage | None = None,
    **filters: Any,
) -> CrawlSummary:
    """Export every event of a time range into files, each exactly once.

    Calling it again with the same output goes on where the last run stopped, however it stopped. A
    later ``end`` extends the output by what came in since.

    Args:
        client: The client to crawl with; its rate limit decides how fast.
        output: Folder of the output. It belongs to one query of one service for good.
        start: First moment, included: an aware datetime, Unix ms or RFC 3339. Default: a week
            before ``end``, or as it was.
        end: Last moment, included. Default: now, by the service's clock, or as it was.
        format: ``jsonl``, ``jsonl.gz``, ``jsonl.zst``, ``parquet`` or ``duckdb``.
        source: ``device`` events, ``edge`` events, or ``both``.
        read_as: ``raw`` writes events as they came; ``typed`` decodes each into a model first.
        roll_bytes: A file of this size is closed and the next one begun.
        roll_seconds: A file this old is closed, too.
        max_in_flight: Most pages at a time. Default: 64, or 16 where the client has no limit.
        patience: Seconds without any page after which a failing service ends the run.
        on_progress: Called with the state of things about ten times a second; it may be a coroutine
            function.
        fetch_page: What sends the searches, when it is not ``client``: see
            :func:`fingerprint_async.crawl.distributed.dask_workers`.
        **filters: Any filter of ``client.events.search`` but the window, the order and the page.

    Returns:
        The summary of this run; ``complete`` is false when the end lies in the service's future.

    Raises:
        ArgumentError: Something about the arguments, before anything is sent.
        OutputBusyError: Another process writes to the folder.
        OutputMismatchError: The folder holds another crawl, or files that no crawl recorded.
        OutputWriteError: No space or no permission; what was committed is intact.
        SearchInconsistentError: The service's answers contradict each other for as long as
            ``patience``.
        StartBeforeRetentionError: The service keeps no events as old as ``start``.
        FingerprintError: What the service answered, once no retry helped.
    """
    session = _session(
        client,
        output,
        start=start,
        end=end,
        format=format,
        source=source,
        read_as=read_as,
        roll_bytes=roll_bytes,
        roll_seconds=roll_seconds,
        max_in_flight=max_in_flight,
        patience=patience,
        on_progress=on_progress,
        fetch_page=fetch_page,
        late_seconds=_LATE_SECONDS,
        filters=filters,
    )
    async with session.opened():
        await session.rounds()
        await session.finish()
    return session.summary()


async def follow(
    client: FingerprintClient,
    output: str | os.PathLike[str],
    *,
    start: datetime | int | str | None = None,
    every: float = 60.0,
    late: float = _LATE_SECONDS,
    format: Format = "jsonl",  # noqa: A002 -- what the files' ending is called
    source: Source = "device",
    read_as: ReadAs = "raw",
    roll_bytes: int = DEFAULT_ROLL_BYTES,
    roll_seconds: float | None = 3600.0,
    max_in_flight: int | None = None,
    patience: float = 120.0,
    on_progress: Callable[[Progress], object] | None = None,
    **filters: Any,
) -> None:
    """Export every event since ``start``, then keep the output current until cancelled.

    Each event is there exactly once. It is :func:`export` again and again, each time to the
    service's present. Each round asks again for the last ``late`` seconds before the end of the
    one before, and drops by its id what is there already.

    Args:
        client: The client to crawl with.
        output: Folder of the output.
        start: First moment, included. Default: a week ago, or as it was.
        every: Seconds between the rounds.
        late: Seconds that an event may come in late. One that comes later still is missed.
        format: As for :func:`export`. Events of Parquet and DuckDB are in their table when a file
            rolls.
        source: As for :func:`export`.
        read_as: As for :func:`export`.
        roll_bytes: As for :func:`export`.
        roll_seconds: As for :func:`export`; an hour unless given.
        max_in_flight: As for :func:`export`.
        patience: As for :func:`export`.
        on_progress: As for :func:`export`.
        **filters: As for :func:`export`.

    Raises:
        ArgumentError: Something about the arguments, before anything is sent.
        CrawlError: As for :func:`export`.
        FingerprintError: What the service answered, once no retry helped.
    """
    check_seconds("every", every)
    check_seconds("late", late, may_be_zero=True)
    session = _session(
        client,
        output,
        start=start,
        end=None,
        format=format,
        source=source,
        read_as=read_as,
        roll_bytes=roll_bytes,
        roll_seconds=roll_seconds,
        max_in_flight=max_in_flight,
        patience=patience,
        on_progress=on_progress,
        fetch_page=None,
        late_seconds=late,
        filters=filters,
    )
    async with session.opened():
        while True:
            await session.round()
            await session.wait(every)
            await session.extend()


def _session(
    client: FingerprintClient,
    output: str | os.PathLike[str],
    *,
    start: datetime | int | str | None,
    end: datetime | int | str | None,
    format: Format,  # noqa: A002 -- the option's name
    source: Source,
    read_as: ReadAs,
    roll_bytes: int,
    roll_seconds: float | None,
    max_in_flight: int | None,
    patience: float,
    on_progress: Callable[[Progress], object] | None,
    fetch_page: FetchPage | None,
    late_seconds: float,
    filters: dict[str, Any],
) -> Session:
    folder = output_folder(output)
    if format == "duckdb":
        check_database_folder(folder)
    check_rolls(roll_bytes, roll_seconds)
    check_function("on_progress", on_progress)
    check_function("fetch_page", fetch_page)
    query = CrawlQuery.checked(
        start=start,
        end=end,
        format=format,
        source=source,
        read_as=read_as,
        base_url=client.base_url,
        filters=filters,
    )
    setup = Setup.checked(
        client, query, max_in_flight=max_in_flight, patience=patience, fetch_page=fetch_page
    )
    return Session(
        setup,
        folder,
        roll_bytes=roll_bytes,
        roll_seconds=roll_seconds,
        late_ms=round(late_seconds * 1000),
        on_progress=on_progress,
    )
