"""The engine of a crawl.

Keeps as many requests in flight as the limit allows, and yields pages as they come.

It knows the plan and the source of pages, nothing of files. There is one task a request. Pages are
cut and placed one a turn of the event loop, and pages that are not written yet count as in flight,
so that memory stays flat.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING, Protocol, cast

import attrs

from ._page import CutPage, PageShapeError
from ._patience import FIRST_PAUSE_SECONDS, MAX_PAUSE_SECONDS
from ._source import KeyRefusedError, SearchRefusedError, UnavailableError
from .errors import SearchInconsistentError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from fingerprint_async.errors import FingerprintError

    from ._patience import Patience
    from .plan import Chain, PageRequest, Plan

__all__ = ["Engine", "Limit", "Lost", "Received"]

Lost = tuple[int, int, int]
"""Source, first and last millisecond that the service no longer keeps."""

_LATENCY_MEMORY = 0.8
_MAX_FAILED_SEARCHES, _MAX_LOOPS = 3, 3


class Limit(Protocol):
    """When requests may go."""

    def sent(self) -> None:
        """Count one request."""
        ...

    def wait(self, under_way: int) -> float:
        """Return the seconds after which to ask again whether a request may go.

        0 when it may go now.
        """
        ...

    def seconds_for(self, requests: float, now: float) -> float:
        """Return the seconds until that many more requests may have gone."""
        ...


@attrs.frozen(eq=False)
class Received:
    """A page that came, and which of its events are new: indices, in the chain's direction."""

    request: PageRequest
    page: CutPage
    kept: list[int]


class Engine:
    """Runs a plan to its end.

    Args:
        plan: What is to be fetched; it is changed as pages come in.
        fetch: Fetches the body of one page.
        limit: When requests may go.
        recover: Called with a search that was refused: returns the first moment the service still
            keeps, 0 where it takes that search by now, or raises.
        max_in_flight: Most pages at a time, in flight or not written yet.
        patience: How long a failing service is waited for.
        unwritten: Returns how many pages were yielded and are not written yet.
        clock: Monotonic seconds.
        sleep: Sleeps that many seconds.

    Attributes:
        latency: Seconds that one request takes.
        requests: Requests sent so far.
        lost: What the service no longer keeps.
    """

    def __init__(
        self,
        plan: Plan,
        fetch: Callable[[PageRequest], Awaitable[bytes]],
        *,
        limit: Limit,
        recover: Callable[[PageRequest, FingerprintError], Awaitable[int]],
        max_in_flight: int = 64,
        patience: Patience,
        unwritten: Callable[[], int] = lambda: 0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._plan, self._fetch, self._limit, self._recover = plan, fetch, limit, recover
        self._max, self._patience, self._unwritten = max_in_flight, patience, unwritten
        self._clock, self._sleep = clock, sleep
        self._tasks: set[asyncio.Task[None]] = set()
        self._resting: set[asyncio.Task[None]] = set()
        self._ready: deque[tuple[PageRequest, bytes | Exception]] = deque()
        self._wake = asyncio.Event()
        self._misshapen_since: dict[Chain, float] = {}
        self._failing_since: dict[Chain, float] = {}
        self.latency = 0.0
        self.requests = 0
        self.lost: list[Lost] = []

    @property
    def in_flight(self) -> int:
        """Requests in flight."""
        return len(self._tasks)

    def wake(self) -> None:
        """Have the engine check again whether it may send: a page was written, or cannot be."""
        self._wake.set()

    async def run(self) -> AsyncGenerator[Received | None, None]:
        """Yield pages as they come, until the plan is done; None when woken without a page.

        Close the iterator (``aclosing``) to stop early: requests in flight are cancelled, and
        nothing is left running.

        Raises:
            FingerprintError: What the service said that is not worth another try, or the last of
                its errors once ``patience`` has run out.
        """
        self._patience.begin()
        try:
            while not self._plan.done:
                wait = await self._launch()
                if not self._ready:
                    await self._wait(wait)
                yield await self._take_one() if self._ready else None
                # One page a turn: whatever else runs in this loop gets its turn, too.
                await asyncio.sleep(0)
            self._patience.end()
        finally:
            left = [*self._tasks, *self._resting]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _launch(self) -> float | None:
        """Send what may be sent, up to the next page that is ready.

        Return the seconds after which more may be, None when only a page can tell.
        """
        now = self._clock()
        if wait := self._patience.wait:
            return wait
        self._plan.split(lambda pages: self._seconds_for(pages, now), self.latency, self._max)
        while len(self._tasks) + len(self._ready) + self._unwritten() < self._max:
            wait = self._limit.wait(len(self._tasks))
            if wait > 0:
                return wait
            request = self._plan.next_request()
            if request is None:
                return None
            self._limit.sent()
            self.requests += 1
            self._tasks.add(asyncio.ensure_future(self._ask(request)))
            # One request a turn, as one page a turn.
            await asyncio.sleep(0)
            if self._ready:
                break
        return None

    def _seconds_for(self, pages: float, now: float) -> float:
        return max(self._limit.seconds_for(pages, now), pages * self.latency / self._max)

    async def _ask(self, request: PageRequest) -> None:
        began = self._clock()
        answer: bytes | Exception
        try:
            answer = await self._fetch(request)
        except Exception as error:  # noqa: BLE001 -- handled, or raised again, by whoever iterates
            answer = error
        else:
            taken = self._clock() - began
            memory = _LATENCY_MEMORY if self.latency else 0.0
            self.latency = memory * self.latency + (1 - memory) * taken
        # A done callback would come too late: whoever is woken counts the slots that are free.
        self._tasks.discard(cast("asyncio.Task[None]", asyncio.current_task()))
        self._ready.append((request, answer))
        self._wake.set()

    async def _wait(self, seconds: float | None) -> None:
        if seconds is None:
            await self._wake.wait()
            self._wake.clear()
            return
        waking = asyncio.ensure_future(self._wake.wait())
        sleeping = asyncio.ensure_future(self._sleep(seconds))
        try:
            await asyncio.wait({waking, sleeping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._wake.clear()
            waking.cancel()
            sleeping.cancel()
            await asyncio.gather(waking, sleeping, return_exceptions=True)

    async def _take_one(self) -> Received | None:
        request, answer = self._ready.popleft()
        if isinstance(answer, Exception):
            await self._failed(request, answer)
            return None
        try:
            page = CutPage(answer, (request.start, request.end))
        except PageShapeError as error:
            self._misshapen(request, SearchInconsistentError(str(error)))
            return None
        failures = request.chain.failures
        kept = self._plan.receive(request, page)
        self._came(request)
        if request.chain.failures > failures:
            self._search_failed(request, _inconsistent(request, page))
        return Received(request, page, kept)

    def _came(self, request: PageRequest) -> None:
        """Take note that the service answers, and that a chain gets on."""
        self._patience.answered()
        self._misshapen_since.pop(request.chain, None)
        if request.chain.failures == 0 or request.chain.window.done:
            self._failing_since.pop(request.chain, None)

    async def _failed(self, request: PageRequest, error: Exception) -> None:
        if isinstance(error, SearchRefusedError):
            if request.start + 1 < request.chain.window.lower.frontier:
                # The window begins later by now.
                self._plan.release(request)
                return
            edge = await self._recover(request, error.cause)
            if not edge:
                # Refused by mistake, it seems.
                self._misshapen(request, error.cause)
                return
            self._plan.release(request)
            self.lost += self._plan.lose_before(edge)
        elif isinstance(error, KeyRefusedError):
            self._plan.refuse(request)
            self._search_failed(request, error.cause)
        elif isinstance(error, UnavailableError):
            self._plan.release(request)
            self._patience.failed(error)
        else:
            raise error

    def _misshapen(self, request: PageRequest, cause: FingerprintError) -> None:
        """Ask again later for a page that was none.

        Give up when nothing else came for as long as ``patience``.
        """
        since = self._misshapen_since.setdefault(request.chain, self._clock())
        waited = self._clock() - since
        if waited >= self._patience.limit:
            raise cause
        self._rest(request, waited)

    def _search_failed(self, request: PageRequest, cause: FingerprintError) -> None:
        """Let a chain rest whose searches end one after the other without progress.

        Raises:
            FingerprintError: It has been so for as long as ``patience``, or searches go on without
                end.
        """
        chain = request.chain
        since = self._failing_since.setdefault(chain, self._clock())
        if chain.loops >= _MAX_LOOPS:
            raise cause
        if chain.failures < _MAX_FAILED_SEARCHES or chain.window.done:
            return
        waited = self._clock() - since
        if waited >= self._patience.limit:
            raise cause
        self._rest(request, waited)

    def _rest(self, request: PageRequest, waited: float) -> None:
        """Let one chain rest, as long as it has waited already, while the others go on."""
        seconds = min(max(FIRST_PAUSE_SECONDS, waited), MAX_PAUSE_SECONDS)
        request.chain.busy = True

        async def rest() -> None:
            await self._sleep(seconds)
            self._plan.release(request)
            self._wake.set()

        task = asyncio.ensure_future(rest())
        self._resting.add(task)
        task.add_done_callback(self._resting.discard)


def _inconsistent(request: PageRequest, page: CutPage) -> SearchInconsistentError:
    counted = ""
    if page.total_hits is not None:
        counted = f" It counted {page.total_hits} events there and sent {len(page)}."
    return SearchInconsistentError(
        f"the service's answers between {request.start} and {request.end} bring nothing new "
        f"and do not end.{counted} Run it again later"
    )
