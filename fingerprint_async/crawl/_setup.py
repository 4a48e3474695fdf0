"""The engine of a crawl, set up: the one way in which exports and iteration fetch a time range."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import attrs

from fingerprint_async.errors import ArgumentError

from ._patience import Patience
from ._query import WEEK_MS, CrawlQuery, check_patience
from ._retention import Retention
from ._source import LimitView, PageSource, in_flight_of, sources_of
from .engine import Engine
from .plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from fingerprint_async.client import FingerprintClient

    from ._source import FetchPage

__all__ = ["Setup"]


@attrs.define
class Setup:
    """Whom to ask, how fast, and for what.

    Attributes:
        query: What is crawled.
        source: Where its pages come from.
        sources: Its searches.
        limit: The client's limit.
        max_in_flight: Most pages at a time.
        patience: How long a failing service is waited for.
    """

    query: CrawlQuery
    source: PageSource
    sources: tuple[str, ...]
    limit: LimitView
    max_in_flight: int
    patience: Patience

    @classmethod
    def checked(
        cls,
        client: FingerprintClient,
        query: CrawlQuery,
        *,
        max_in_flight: int | None,
        patience: float,
        fetch_page: FetchPage | None = None,
    ) -> Setup:
        """Make a setup of the caller's arguments.

        Raises:
            ArgumentError: One of them cannot be right.
        """
        check_patience(patience)
        sources = sources_of(query.source)
        waiting = Patience(patience)
        return cls(
            query,
            PageSource(client, query.filters, sources, patience=waiting, fetch_page=fetch_page),
            sources,
            LimitView(client, now=time.monotonic()),
            in_flight_of(client, max_in_flight),
            waiting,
        )

    async def bounds(self) -> tuple[int, int]:
        """Return first and last millisecond of the crawl.

        What was left open goes by the service's clock.

        Raises:
            ArgumentError: The start lies in the future.
            FingerprintError: What the service said when it was asked for its clock.
        """
        start, end = self.query.start, self.query.end
        is_early = start is not None and start > time.time_ns() // 1_000_000
        if end is None or is_early:
            now = await self.source.now()
            if start is not None and start > now:
                raise ArgumentError(
                    f"start ({start} ms) lies in the future: the service's clock says {now} ms"
                )
            end = now if end is None else end
        return end - WEEK_MS if start is None else start, end

    def plan(self, start: int, end: int) -> Plan:
        """Return a new plan of a time range."""
        parts = self.limit.first_windows(end - start + 1)
        return Plan(start, end, sources=len(self.sources), parts=parts)

    def engine(
        self,
        plan: Plan,
        *,
        is_resumed: bool,
        unwritten: Callable[[], int] = lambda: 0,
    ) -> Engine:
        """Return the engine that runs a plan."""
        retention = Retention(self.source, start=plan.start, end=plan.end, is_resumed=is_resumed)
        return Engine(
            plan,
            self.source.fetch,
            limit=self.limit,
            recover=retention.recover,
            max_in_flight=self.max_in_flight,
            patience=self.patience,
            unwritten=unwritten,
        )
