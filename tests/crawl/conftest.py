"""A search service in memory, on simulated time: exact, fast, and as odd as the test wants it."""

from __future__ import annotations

import asyncio
import heapq
import random
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

import pytest

from fingerprint_async.crawl._pace import Pace
from fingerprint_async.crawl.engine import Engine, KeyRefusedError
from fingerprint_async.crawl.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fingerprint_async.crawl.plan import PageRequest


class FakePage:
    """A page of (timestamp, id) pairs."""

    def __init__(
        self, events: Sequence[tuple[int, str]], key: str | None, hits: int | None = None
    ) -> None:
        self.events, self.pagination_key, self.total_hits = events, key, hits

    def __len__(self) -> int:
        return len(self.events)

    def timestamp(self, index: int) -> int:
        """Unix milliseconds."""
        return self.events[index][0]

    def event_id(self, index: int) -> str:
        """The id."""
        return self.events[index][1]


class FakeService:
    """Searches events the way the service documents it; every doubtful point can be turned either way."""

    def __init__(
        self,
        timestamps: Sequence[int],
        *,
        start_inclusive: bool = True,
        end_inclusive: bool = True,
        refuse: float = 0.0,
        empty: float = 0.0,
        shuffle_ties: bool = False,
        seed: int = 0,
    ) -> None:
        self.events = [(at, f"{at}.{number}") for number, at in enumerate(sorted(timestamps))]
        self.start_inclusive, self.end_inclusive = start_inclusive, end_inclusive
        self.refuse, self.empty = refuse, empty
        self.random = random.Random(seed)
        self.requests: list[PageRequest] = []
        self._at = [at for at, _ in self.events]
        self._descending = self.events[::-1]
        if shuffle_ties:
            salt = {identifier: self.random.random() for _, identifier in self.events}
            self._descending.sort(key=lambda event: (-event[0], salt[event[1]]))

    def search(self, request: PageRequest) -> FakePage:
        """Answer one request."""
        self.requests.append(request)
        first = (bisect_left if self.start_inclusive else bisect_right)(self._at, request.start)
        last = (bisect_right if self.end_inclusive else bisect_left)(self._at, request.end)
        offset = 0
        if request.pagination_key is not None:
            if self.random.random() < self.refuse:
                raise KeyRefusedError(ValueError("refused"))
            bounds, _, position = request.pagination_key.rpartition(":")
            assert (
                bounds == f"{request.start}:{request.end}:{request.reverse}:{request.total_hits}"
            ), "a key of another search"
            offset = int(position)
        if self.random.random() < self.empty:
            return FakePage(
                [], f"{request.start}:{request.end}:{request.reverse}:{request.total_hits}:{offset}"
            )
        size = len(self._at)
        events = (
            self.events[first + offset : min(last, first + offset + 100)]
            if request.reverse
            else self._descending[
                size - last + offset : min(size - first, size - last + offset + 100)
            ]
        )
        more = last - first - offset > 100
        key = (
            f"{request.start}:{request.end}:{request.reverse}:{request.total_hits}:{offset + 100}"
            if more
            else None
        )
        hits = None if request.total_hits is None else max(0, min(request.total_hits, last - first))
        return FakePage(events, key, hits)


class Simulation:
    """Runs the engine on simulated time: what it would take, in seconds, requests and pages."""

    def __init__(self) -> None:
        self.now = 0.0
        self._timers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def clock(self) -> float:
        """Simulated seconds."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Sleep in simulated time."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._timers, (self.now + seconds, self._count, future))
        await future

    async def run(
        self,
        service: FakeService,
        start: int,
        end: int,
        *,
        rate: float | None = None,
        burst: float = 0.0,
        latency: float = 0.1,
        max_in_flight: int = 64,
        plan: Plan | None = None,
        stop_after: int | None = None,
    ) -> list[str]:
        """Crawl; returns the ids in the order they came."""
        pace = Pace(rate, burst, now=self.now)
        plan = plan or Plan(start, end, parts=pace.first_windows(end - start + 1))

        async def fetch(request: PageRequest) -> FakePage:
            await self.sleep(latency * service.random.uniform(0.9, 1.1))
            return service.search(request)

        engine: Engine[FakePage] = Engine(
            plan,
            fetch,
            pace=pace,
            max_in_flight=max_in_flight,
            clock=self.clock,
            sleep=self.sleep,
        )
        ids: list[str] = []

        async def consume() -> None:
            pages = 0
            async for batch in (batches := engine.run()):
                for received in batch:
                    ids.extend(received.page.event_id(index) for index in received.kept)
                    pages += 1
                if stop_after is not None and pages >= stop_after:
                    await batches.aclose()
                    return

        task = asyncio.ensure_future(consume())
        while not task.done():
            # Let everything that can run do so, then jump to the next thing that happens.
            for _ in range(6):
                await asyncio.sleep(0)
            if task.done():
                break
            while self._timers and self._timers[0][2].done():
                heapq.heappop(self._timers)
            if self._timers:
                self.now, _, future = heapq.heappop(self._timers)
                future.set_result(None)
        await task
        return ids


@pytest.fixture
def simulation() -> Simulation:
    return Simulation()


@pytest.fixture
def fake_service() -> Callable[..., FakeService]:
    return FakeService
