"""A clock that nobody waits for, and a service of a few lines on top of it."""

from __future__ import annotations

import asyncio
import random
import selectors
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from fingerprint_async._transport import build_transport
from fingerprint_async.options import ClientOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine


class _Selector(selectors.SelectSelector):
    """Instead of waiting, moves the time on."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Give what is ready; else let the time pass."""
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
        """Give the virtual time."""
        return self._virtual.now


class Service(httpx.AsyncBaseTransport):
    """A token bucket behind a distance: requests arrive some time after they are sent, answers later still."""

    def __init__(
        self,
        clock: Callable[[], float],
        rate: float,
        burst: float,
        *,
        latency: float = 0.3,
        jitter: float = 0.0,
        cold: int = 0,
    ) -> None:
        self.clock, self.rate, self.burst, self.latency, self.jitter = (
            clock,
            rate,
            burst,
            latency,
            jitter,
        )
        self.cold = cold
        self.random = random.Random(1)
        self.level, self.at = burst, None
        self.requests = self.accepted = self.refused = 0
        self.allowed = 0.0
        self.sent: list[tuple[float, str]] = []
        self.script: list[Callable[[], httpx.Response]] = []

    def refill(self) -> None:
        """Let the bucket fill up to now."""
        now = self.clock()
        if self.at is None:
            self.allowed, self.at = self.burst, now
        self.allowed += (now - self.at) * self.rate
        self.level = min(self.burst, self.level + (now - self.at) * self.rate)
        self.at = now

    def change(self, rate: float, burst: float) -> None:
        """Allow something else from now on."""
        self.refill()
        self.rate, self.burst, self.level = rate, burst, min(self.level, burst)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Arrive, take a token or not, answer."""
        self.requests += 1
        self.sent.append((self.clock(), request.url.path))
        if self.requests <= self.cold:
            await asyncio.sleep(self.random.uniform(0.05, 0.25))
        latency = self.latency * self.random.uniform(1 - self.jitter, 1 + self.jitter)
        there = latency * (self.random.random() if self.jitter else 0.1)
        await asyncio.sleep(there)
        if self.script:
            answer = self.script.pop(0)()
            await asyncio.sleep(latency - there)
            return answer
        self.refill()
        taken = self.level >= 1
        if taken:
            self.level -= 1
            self.accepted += 1
        else:
            self.refused += 1
        await asyncio.sleep(latency - there)
        if taken:
            return httpx.Response(200, json={"events": []})
        return httpx.Response(
            429, json={"error": {"code": "too_many_requests", "message": "too many requests"}}
        )


@pytest.fixture
def virtual() -> Any:
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


@pytest.fixture
def service() -> type[Service]:
    """The service's class."""
    return Service


_keys = iter(range(10**9))


@pytest.fixture
def stack() -> Callable[..., Any]:
    """Builds the rooms over an inner transport; every call a workspace of its own, so that no limiter is shared."""

    def build(
        inner: httpx.AsyncBaseTransport,
        loop: asyncio.AbstractEventLoop | None = None,
        **options: Any,
    ) -> Any:
        if loop is not None:
            options.setdefault("clock", loop.time)
        options.setdefault("api_key", f"sk_secret_{next(_keys)}")
        return build_transport(ClientOptions(base_url="http://service.test/v4", **options), inner)

    return build


@pytest.fixture
def request_for() -> Callable[..., httpx.Request]:
    """Makes requests as generated code does."""

    def make(
        operation: str = "searchEvents", path: str = "/events", context: Any = None, **kwargs: Any
    ) -> httpx.Request:
        extensions = {"fingerprint_async_operation": operation}
        if context is not None:
            extensions["fingerprint_async"] = context
        return httpx.Request(
            kwargs.pop("method", "GET"),
            f"http://service.test/v4{path}",
            extensions=extensions,
            **kwargs,
        )

    return make
