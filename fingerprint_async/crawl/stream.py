"""Crawling into a program: an async iterator of models."""

from __future__ import annotations

import time
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from fingerprint_async._time import to_unix_ms

from ._fetch import (
    SOURCES,
    Source,
    StartRefusedError,
    check_filters,
    fetcher,
    in_flight_of,
    pace_of,
    refused_start,
    searcher,
    sources_of,
)
from .engine import Engine
from .plan import Plan

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from datetime import datetime

    from fingerprint_async.client import FingerprintClient
    from fingerprint_async.models import Event

    from ._pages import CutPage

__all__ = ["crawl"]

_WEEK_MS = 7 * 24 * 3600 * 1000


async def crawl(
    client: FingerprintClient,
    *,
    start: datetime | int | str | None = None,
    end: datetime | int | str | None = None,
    source: Source = "device",
    max_in_flight: int | None = None,
    patience: float = 120.0,
    **filters: Any,
) -> AsyncGenerator[Event, None]:
    """Every event of a time range, each once, as fast as the client's limit allows, in no particular order.

    The crawl goes no faster than the loop that consumes it. Leave the loop early only under
    :func:`contextlib.aclosing`, so that the requests in flight end with it.

    Args:
        client: The client to crawl with.
        start: First moment, included: an aware datetime, Unix ms or RFC 3339. Default: a week before ``end``.
        end: Last moment, included. Default: now.
        source: ``device`` events, ``edge`` events, or ``both``.
        max_in_flight: Most requests in flight. Default: 64, or 16 where the client has no limit, as more then only cost memory.
        patience: Seconds without any page after which a failing service ends the crawl.
        **filters: Any filter of ``client.events.search`` but the window, the order and the page.

    Yields:
        Events, as models.

    Raises:
        ArgumentError: Something about the arguments, before anything is sent.
        StartBeforeRetentionError: The service keeps no events as old as ``start``.
        FingerprintError: What the service answered, once no retry helped.
    """
    from fingerprint_async.errors import ArgumentError
    from fingerprint_async.models import Event

    check_filters(filters)
    if source not in SOURCES:
        raise ArgumentError(f"source must be one of {', '.join(SOURCES)}, not {source!r}")
    last = time.time_ns() // 1_000_000 if end is None else to_unix_ms(end, name="end")
    first = last - _WEEK_MS if start is None else to_unix_ms(start, name="start")
    sources = sources_of(source)
    pace = pace_of(client, now=time.monotonic())
    engine: Engine[CutPage] = Engine(
        Plan(first, last, sources=len(sources), parts=pace.first_windows(last - first + 1)),
        fetcher(searcher(client), filters, sources),
        pace=pace,
        max_in_flight=in_flight_of(client, max_in_flight),
        patience=patience,
    )
    try:
        async with aclosing(engine.run()) as batches:
            async for batch in batches:
                while batch:
                    received = batch.popleft()
                    for index in received.kept:
                        yield Event.from_json(bytes(received.page.events[index]))
    except StartRefusedError as error:
        raise await refused_start(client, error, filters, start=first, end=last) from error.cause
