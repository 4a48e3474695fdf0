"""A search service in memory, on simulated time: exact, fast, and as odd as the test wants it."""

from __future__ import annotations

import asyncio
import heapq
import random
from bisect import bisect_left, bisect_right
from contextlib import aclosing
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from fingerprint_async import FingerprintClient, RateLimit
from fingerprint_async.crawl._patience import Patience
from fingerprint_async.crawl._source import KeyRefusedError, LimitView
from fingerprint_async.crawl.engine import Engine
from fingerprint_async.crawl.plan import Plan
from fingerprint_async.errors import FingerprintError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fingerprint_async.crawl.plan import PageRequest


def page_bytes(events, key=None, hits=None, *, more=()):
    """The body of a page of (timestamp, id) pairs."""
    items = [b'{"event_id":"%s","timestamp":%d}' % (name.encode(), at) for at, name in events]
    body = b'{"events":[' + b",".join([*items, *more]) + b"]"
    if key is not None:
        body += b',"pagination_key":"%s"' % key.encode()
    if hits is not None:
        body += b',"total_hits":%d' % hits
    return body + b"}"


class FakeService:
    """Searches events the way the service documents it.

    Every doubtful point can be turned either way.

    Args:
        timestamps: When its events were.
        start_inclusive: Whether an event at the start of a search is in it.
        end_inclusive: Whether an event at its end is.
        refuse: How often a pagination key is refused.
        empty: How often a page is empty, with a key that goes on.
        shapes: How often a success is no page.
        short: How often a page has lost its end, with no key.
        repeat: How often a page comes again under its own key.
        twice: How often an event is sent twice in a page.
        shuffle: Whether the order inside a page is none.
        late: How often an event comes a page after its place in the order.
        ignores_reverse: Whether every search comes newest first.
        counts: Whether it gives counts.
        shuffle_ties: Whether the order of events of one millisecond differs between the directions.
        seed: Other numbers, other chances.
    """

    def __init__(
        self,
        timestamps: Sequence[int],
        *,
        start_inclusive: bool = True,
        end_inclusive: bool = True,
        refuse: float = 0.0,
        empty: float = 0.0,
        shapes: float = 0.0,
        short: float = 0.0,
        repeat: float = 0.0,
        twice: float = 0.0,
        shuffle: bool = False,
        late: float = 0.0,
        ignores_reverse: bool = False,
        counts: bool = True,
        shuffle_ties: bool = False,
        seed: int = 0,
    ) -> None:
        self.events = [(at, f"{at}.{number}") for number, at in enumerate(sorted(timestamps))]
        self.start_inclusive, self.end_inclusive = start_inclusive, end_inclusive
        self.refuse, self.empty, self.shapes, self.short = refuse, empty, shapes, short
        self.repeat, self.twice, self.shuffle, self.counts = repeat, twice, shuffle, counts
        self.late, self.ignores_reverse = late, ignores_reverse
        self.seed, self.random = seed, random.Random(seed)
        self.requests: list[PageRequest] = []
        self._at = [at for at, _ in self.events]
        self._descending = self.events[::-1]
        if shuffle_ties:
            salt = {identifier: self.random.random() for _, identifier in self.events}
            self._descending.sort(key=lambda event: (-event[0], salt[event[1]]))

    def chance(self, share: float) -> bool:
        """Whether something that happens so often happens now."""
        return bool(share) and self.random.random() < share

    def search(self, request: PageRequest) -> bytes:
        """Answer one request."""
        self.requests.append(request)
        first = (bisect_left if self.start_inclusive else bisect_right)(self._at, request.start)
        last = (bisect_right if self.end_inclusive else bisect_left)(self._at, request.end)
        last = max(first, last)
        scope = f"{request.start}:{request.end}:{request.reverse}:{request.total_hits}"
        offset = 0
        if request.pagination_key is not None:
            if self.chance(self.refuse):
                raise KeyRefusedError(FingerprintError("refused"))
            bounds, _, position = request.pagination_key.rpartition(":")
            assert bounds == scope, "a key of another search"
            offset = int(position)
        if self.chance(self.shapes):
            return self.random.choice([b"{}", b"[]", b'{"events":{}}', b'{"data":[]}'])
        if self.chance(self.empty):
            return page_bytes([], f"{scope}:{offset}")
        return self._page(first, last, offset, scope, request)

    def _page(self, first: int, last: int, offset: int, scope: str, request: PageRequest) -> bytes:
        size = len(self._at)
        if request.reverse and not self.ignores_reverse:
            found, begin, end = self.events, first, last
        else:
            found, begin, end = self._descending, size - last, size - first
        events = [
            found[self._place(at, begin, end, scope)]
            for at in range(begin + offset, min(end, begin + offset + 100))
        ]
        hits = max(0, min(request.total_hits, last - first)) if self.counts else None
        key = f"{scope}:{offset + 100}" if last - first - offset > 100 else None
        if self.counts and self.chance(self.short):
            events, key = events[: len(events) // 2], None
        elif key is not None and self.chance(self.repeat):
            key = f"{scope}:{offset}"
        if events and self.chance(self.twice):
            events = [*events, self.random.choice(events)]
        if self.shuffle:
            events = self.random.sample(events, len(events))
        return page_bytes(events, key, hits)

    def _place(self, at: int, begin: int, end: int, scope: str) -> int:
        """Which event comes in a place: some events of every second page come a page late."""
        page = (at - begin) // 100
        early = at if page % 2 == 0 else at - 100
        if self.late and early + 100 < end:
            chance = random.Random(f"{self.seed} {scope} {early - begin}").random()
            if chance < self.late:
                return early + 100 if at == early else early
        return at


class SimulatedClient:
    """What a crawl sees of a client.

    Its limit and its counters. Requests wait for a token in it, as in a real one.
    """

    def __init__(self, simulation: Simulation, rate: float | None, burst: float) -> None:
        limit = (
            RateLimit.off() if rate is None else RateLimit(requests_per_second=rate, burst=burst)
        )
        self.options = SimpleNamespace(rate_limit=limit)
        self.stats = SimpleNamespace(rate_limit=rate, in_flight=0, rate_limited=0)
        self._simulation, self._rate = simulation, rate
        self._tokens, self._burst, self._at = burst, burst, simulation.now

    async def acquire(self) -> None:
        """Wait for a token."""
        if self._rate is not None:
            now = self._simulation.now
            self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate) - 1
            self._at = now
            if self._tokens < 0:
                await self._simulation.sleep(-self._tokens / self._rate)
        self.stats.in_flight += 1


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
        recover: Callable[..., object] | None = None,
        patience: float = 120.0,
    ) -> list[str]:
        """Crawl; returns the ids in the order they came."""
        client = SimulatedClient(self, rate, burst)
        limit = LimitView(client, now=self.now)
        plan = plan or Plan(start, end, parts=limit.first_windows(end - start + 1))

        async def fetch(request: PageRequest) -> bytes:
            await client.acquire()
            try:
                await self.sleep(latency * service.random.uniform(0.9, 1.1))
                return service.search(request)
            finally:
                client.stats.in_flight -= 1

        async def refused(request: PageRequest, cause: FingerprintError) -> int:
            raise cause

        engine = Engine(
            plan,
            fetch,
            limit=limit,
            recover=recover or refused,
            max_in_flight=max_in_flight,
            patience=Patience(patience, self.clock),
            clock=self.clock,
            sleep=self.sleep,
        )
        ids: list[str] = []

        async def consume() -> None:
            pages = 0
            async with aclosing(engine.run()) as received_pages:
                async for received in received_pages:
                    if received is None:
                        continue
                    ids.extend(received.page.positions[index][1] for index in received.kept)
                    pages += 1
                    if stop_after is not None and pages >= stop_after:
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


@pytest.fixture
async def fp(emulator):
    """A client of the emulator, in process and without a limit."""
    async with FingerprintClient(
        "test-key",
        base_url="https://emulator.test/v4",
        transport=emulator.transport(),
        rate_limit=RateLimit.off(),
    ) as client:
        yield client


@pytest.fixture
def window(emulator):
    """The whole time of the emulator's events."""
    return {"start": emulator.start, "end": emulator.end}
