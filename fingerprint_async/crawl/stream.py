"""Crawling into a program: an async iterator of models."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from ._query import CrawlQuery
from ._setup import Setup
from .errors import SearchInconsistentError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from datetime import datetime

    from fingerprint_async.client import FingerprintClient
    from fingerprint_async.models import Event

    from ._source import Source

__all__ = ["crawl"]

_logger = logging.getLogger("fingerprint_async.crawl")

_TURN_SECONDS = 0.001
"""Seconds of decoding after which the event loop gets a turn."""


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
    """Yield every event of a time range, each once, in no particular order.

    It is as fast as the client's limit allows. The crawl goes no faster than the loop that
    consumes it. Leave the loop early only under :func:`contextlib.aclosing`, so that the
    requests in flight end with it.

    Args:
        client: The client to crawl with.
        start: First moment, included: an aware datetime, Unix ms or RFC 3339. Default: a week
            before ``end``.
        end: Last moment, included. Default: now, by the service's clock.
        source: ``device`` events, ``edge`` events, or ``both``.
        max_in_flight: Most pages at a time. Default: 64, or 16 where the client has no limit.
        patience: Seconds without any page after which a failing service ends the crawl.
        **filters: Any filter of ``client.events.search`` but the window, the order and the page.

    Yields:
        Events, as models. An event that is no valid JSON is left out, with a warning in the log.

    Raises:
        ArgumentError: Something about the arguments, before anything is sent.
        SearchInconsistentError: The service's answers contradict each other.
        StartBeforeRetentionError: The service keeps no events as old as ``start``.
        FingerprintError: What the service answered, once no retry helped.
    """
    from fingerprint_async.errors import DecodeError
    from fingerprint_async.models import Event

    query = CrawlQuery.checked(
        start=start, end=end, source=source, base_url=client.base_url, filters=filters
    )
    setup = Setup.checked(client, query, max_in_flight=max_in_flight, patience=patience)
    plan = setup.plan(*await setup.bounds())
    engine = setup.engine(plan, is_resumed=False)
    turn = time.monotonic()
    async with aclosing(engine.run()) as pages:
        async for received in pages:
            if received is None:
                continue
            for index in received.kept:
                try:
                    event = Event.from_json(bytes(received.page.events[index]))
                except DecodeError:
                    at, event_id = received.page.positions[index]
                    _logger.warning(
                        "left out an event that is no valid JSON: %s at %d ms", event_id, at
                    )
                    continue
                yield event
                if time.monotonic() - turn > _TURN_SECONDS:
                    await asyncio.sleep(0)
                    turn = time.monotonic()
    if plan.disordered:
        raise SearchInconsistentError.out_of_order(plan.disordered)
    for _, first, last in engine.lost:
        _logger.warning("the service no longer kept the events from %d to %d ms", first, last)
