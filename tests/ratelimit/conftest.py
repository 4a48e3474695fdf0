"""A virtual clock, and the service's token bucket on top of it."""

from __future__ import annotations

import asyncio
import random
import selectors
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from fingerprint_async.ratelimit import Budget, Quota, RateLimit, RateLimiter, limiter_for

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

HOUR, DAY = 3600.0, 86_400.0
BUDGETS = {
    "search": Budget("search", searches=True),
    "delete": Budget("delete", quotas=(Quota(30, HOUR), Quota(500, DAY))),
    "feedback": Budget("feedback", quotas=(Quota(30, HOUR), Quota(500, DAY))),
}


class _Selector(selectors.SelectSelector):
    """Instead of waiting, moves the time on."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready; else let the time pass."""
        ready = super().select(0)
        if not ready and timeout is None:
            raise AssertionError("everything waits, and for nothing that will come")
        if not ready and timeout:
            self.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose sleeps take no time and whose `time()` knows nothing else."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        """Return the virtual time."""
        return self._virtual.now


class Service:
    """A token bucket at a distance: requests arrive after they are sent, answers later still."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        rate: float,
        *,
        burst: float | None = None,
        latency: float = 0.3,
        jitter: float = 0.0,
        cold: int = 0,
        retry_after: float | None = None,
    ) -> None:
        self._clock = loop.time
        self.rate = rate
        self.burst = 3 * rate if burst is None else burst
        self.latency, self.jitter, self.cold = latency, jitter, cold
        self.retry_after = retry_after
        self._random = random.Random(1)
        self.level, self._at = self.burst, loop.time()
        self.accepted = self.refused = 0
        self.allowed = self.burst
        self.sent: list[float] = []

    @property
    def requests(self) -> int:
        """Requests so far."""
        return len(self.sent)

    @property
    def share(self) -> float:
        """The share of what was allowed that was used."""
        self.refill()
        return self.accepted / self.allowed

    def refill(self) -> None:
        """Let the bucket fill up to now."""
        now = self._clock()
        self.allowed += (now - self._at) * self.rate
        self.level = min(self.burst, self.level + (now - self._at) * self.rate)
        self._at = now

    def change(self, rate: float) -> None:
        """Allow something else from now on."""
        self.refill()
        self.rate, self.burst = rate, 3 * rate
        self.level = min(self.level, self.burst)

    async def answer(self) -> bool:
        """Arrive, take a token or not, answer."""
        self.sent.append(self._clock())
        if self.requests <= self.cold:
            await asyncio.sleep(self._random.uniform(0.05, 0.25))
        latency = self.latency * self._random.uniform(1 - self.jitter, 1 + self.jitter)
        there = latency * (self._random.random() if self.jitter else 0.1)
        await asyncio.sleep(there)
        self.refill()
        taken = self.level >= 1
        if taken:
            self.level -= 1
            self.accepted += 1
        else:
            self.refused += 1
        await asyncio.sleep(latency - there)
        return taken

    async def call(
        self, limiter: RateLimiter, operation: str = "get", *, attempts: int = 4, **options: Any
    ) -> int:
        """Call as a client does. Return the attempts it took; raise when there are no more."""
        for attempt in range(attempts):
            permit = await limiter.acquire(operation, **options)
            try:
                accepted = await self.answer()
            except BaseException:
                permit.failed()
                raise
            if accepted:
                permit.succeeded()
                return attempt + 1
            permit.refused(retry_after=self.retry_after)
        raise AssertionError("no attempts left")

    async def saturate(self, limiter: RateLimiter, seconds: float, tasks: int) -> None:
        """Ask for more than is allowed, for some time."""

        async def work() -> None:
            while True:
                await self.call(limiter, attempts=1_000_000)

        workers = [asyncio.create_task(work()) for _ in range(tasks)]
        await asyncio.sleep(seconds)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


_keys = count()


def new_limiter(
    limit: RateLimit | None = None, *, key: str | None = None, host: str = "service.test"
) -> Any:
    """Return a limiter on the running loop's clock: of a workspace of its own, unless named."""
    return limiter_for(
        host,
        f"key-{next(_keys)}" if key is None else key,
        limit or RateLimit(),
        budgets=BUDGETS,
        clock=asyncio.get_running_loop().time,
    )


@pytest.fixture(scope="session")
def virtual() -> Callable[[Callable[[VirtualLoop], Coroutine[Any, Any, Any]]], Any]:
    """Runs a coroutine function, which gets the loop, in virtual time."""

    def run(main: Callable[[VirtualLoop], Coroutine[Any, Any, Any]]) -> Any:
        loop = VirtualLoop()
        asyncio.set_event_loop(loop)
        try:
            return loop.run_until_complete(main(loop))
        finally:
            asyncio.set_event_loop(None)
            loop.close()

    return run


@pytest.fixture(scope="session")
def make_limiter() -> Callable[..., Any]:
    """Makes limiters."""
    return new_limiter


@pytest.fixture(scope="session")
def service_class() -> type[Service]:
    """The service's class."""
    return Service
