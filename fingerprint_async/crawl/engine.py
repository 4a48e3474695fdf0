"""The engine of a crawl: keeps as many requests in flight as the limit allows, and hands out pages as they come.

It knows the plan and a ``fetch`` coroutine, and nothing of HTTP or files. One task a request; everything else happens
in the consumer's own iteration, so a consumer that is slow (a full disk cache, a busy database) slows the crawl down
and memory stays flat: at most ``max_in_flight`` pages are held.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, cast

import attrs

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

    from ._pace import Pace
    from .plan import Page, PageRequest, Plan

__all__ = ["Engine", "KeyRefusedError", "Received", "UnavailableError"]

PageT = TypeVar("PageT", bound="Page")
PageT_co = TypeVar("PageT_co", bound="Page", covariant=True)

_LATENCY_MEMORY = 0.8
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 15.0
_MOST_REFUSALS = 5
_PATIENCE_AT_FIRST = 0.1


class KeyRefusedError(Exception):
    """The service refused a pagination key: the chain has to seek anew.

    Args:
        cause: What the client raised.
    """

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


class UnavailableError(Exception):
    """A page could not be fetched now, after all retries of the client: worth asking again later.

    Args:
        cause: What the client raised.
        wait: Seconds the service asked to wait, if it did.
    """

    def __init__(self, cause: Exception, *, wait: float | None = None) -> None:
        super().__init__(str(cause))
        self.cause, self.wait = cause, wait


@attrs.frozen(eq=False)
class Received(Generic[PageT]):
    """A page that came, and which of its events are new: indices in page order."""

    request: PageRequest
    page: PageT
    kept: Sequence[int]


class Fetch(Protocol[PageT_co]):
    """Fetches one page. Raises :class:`KeyRefusedError` and :class:`UnavailableError`; anything else ends the crawl."""

    def __call__(self, request: PageRequest, /) -> Awaitable[PageT_co]: ...


class Engine(Generic[PageT]):
    """Runs a plan to its end.

    Args:
        plan: What is to be fetched; it is changed as pages come in.
        fetch: Fetches one page.
        pace: When requests may go.
        max_in_flight: Most requests in flight.
        patience: Seconds without any page after which a failing service ends the crawl; a tenth of it before the first.
        clock: Monotonic seconds.
        sleep: Sleeps that many seconds.
    """

    def __init__(
        self,
        plan: Plan,
        fetch: Fetch[PageT],
        *,
        pace: Pace,
        max_in_flight: int = 64,
        patience: float = 120.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._plan, self._fetch, self._pace = plan, fetch, pace
        self._max, self._patience = max_in_flight, patience
        self._clock, self._sleep = clock, sleep
        self._tasks: set[asyncio.Task[None]] = set()
        self._ready: deque[tuple[PageRequest, PageT | Exception]] = deque()
        self._wake = asyncio.Event()
        self._paused_until = 0.0
        self._pause = _FIRST_PAUSE
        self._last_page = clock()
        self.latency = 0.0
        self.requests = 0

    @property
    def in_flight(self) -> int:
        """Requests in flight."""
        return len(self._tasks)

    async def run(self) -> AsyncGenerator[deque[Received[PageT]], None]:
        """Yield pages in batches, as they come, until the plan is done.

        Close the iterator (``aclosing``) to stop early: requests in flight are cancelled, and nothing is left running.

        Raises:
            Exception: Whatever ``fetch`` raised that is not worth another try, or the cause of the last
                :class:`UnavailableError` once ``patience`` has run out.
        """
        try:
            while not self._plan.done:
                wait = self._launch()
                if not self._ready:
                    await self._wait(wait)
                if batch := self._take_ready():
                    yield batch
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _launch(self) -> float | None:
        """Send what may be sent; returns the seconds after which more may be, None when only a page can tell."""
        now = self._clock()
        if now < self._paused_until:
            return self._paused_until - now
        self._plan.split(lambda pages: self._seconds_for(pages, now), self.latency, self._max)
        while len(self._tasks) < self._max:
            wait = self._pace.wait(now, len(self._tasks))
            if wait > 0:
                return wait
            request = self._plan.next_request()
            if request is None:
                return None
            self._pace.take(now)
            self.requests += 1
            task = asyncio.create_task(self._ask(request))
            self._tasks.add(task)
        return None

    def _seconds_for(self, pages: float, now: float) -> float:
        return max(self._pace.seconds_for(pages, now), pages * self.latency / self._max)

    async def _ask(self, request: PageRequest) -> None:
        began = self._clock()
        sent: float | None = None
        answer: PageT | Exception
        try:
            answer = await self._fetch(request)
        except Exception as error:  # noqa: BLE001 -- raised again by whoever iterates
            answer = error
        else:
            sent = began
            taken = self._clock() - began
            memory = _LATENCY_MEMORY if self.latency else 0.0
            self.latency = memory * self.latency + (1 - memory) * taken
        finally:
            self._pace.answered(self._clock(), sent=sent)
        # A done callback would come too late: whoever is woken counts the slots that are free.
        self._tasks.discard(cast("asyncio.Task[None]", asyncio.current_task()))
        self._ready.append((request, answer))
        self._wake.set()

    async def _wait(self, seconds: float | None) -> None:
        self._wake.clear()
        if seconds is None:
            await self._wake.wait()
            return
        waking = asyncio.ensure_future(self._wake.wait())
        sleeping = asyncio.ensure_future(self._sleep(seconds))
        try:
            await asyncio.wait({waking, sleeping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waking.cancel()
            sleeping.cancel()
            await asyncio.gather(waking, sleeping, return_exceptions=True)

    def _take_ready(self) -> deque[Received[PageT]]:
        batch: deque[Received[PageT]] = deque()
        while self._ready:
            request, answer = self._ready.popleft()
            if isinstance(answer, Exception):
                self._failed(request, answer)
                continue
            self._pause = _FIRST_PAUSE
            self._last_page = self._clock()
            batch.append(Received(request, answer, self._plan.receive(request, answer)))
        return batch

    def _failed(self, request: PageRequest, error: Exception) -> None:
        now = self._clock()
        if isinstance(error, KeyRefusedError) and request.chain.refusals < _MOST_REFUSALS:
            self._plan.refuse(request)
            return
        # A service that has never answered is more likely misspelt than down.
        patience = self._patience * (1.0 if self._plan.pages else _PATIENCE_AT_FIRST)
        if isinstance(error, UnavailableError) and now - self._last_page < patience:
            self._plan.release(request)
            wait = self._pause if error.wait is None else error.wait
            self._paused_until = max(self._paused_until, now + wait)
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)
            return
        if isinstance(error, (UnavailableError, KeyRefusedError)):
            raise error.cause
        raise error
