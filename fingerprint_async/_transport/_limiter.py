"""Waiting for a budget: one limiter for all clients with the same key and base URL in the process, whatever loop or thread they run in."""

from __future__ import annotations

import asyncio
import hashlib
import threading
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from fingerprint_async.errors import DeadlineExceededError

from ._bucket import TokenBucket, WindowBucket
from ._pause import Pause

if TYPE_CHECKING:
    from collections.abc import Callable

    from fingerprint_async.options import RateLimit

    from ._adaptive import AdaptiveRate
    from ._bucket import Bucket
    from ._context import CallContext
    from ._redis import RedisBucket

__all__ = ["Budget", "Limiter", "limiter_for"]

_HOUR: Final = 3600.0
_DAY: Final = 24 * _HOUR
_SHORTEST_PAUSE: Final = 0.25
_OVERLOAD_PAUSE: Final = 1.0

_BUDGET_OF: Final = {
    "searchEvents": "search",
    "deleteVisitorData": "delete",
    "submitEventFeedback": "feedback",
}


class Budget:
    """The requests that pause together, and the buckets they all take from.

    Args:
        name: What the documentation calls it.
        buckets: The buckets.
        adaptive: What finds the rate of the last bucket, when nobody told it.
    """

    __slots__ = ("adaptive", "buckets", "name", "pause")

    def __init__(
        self, name: str, buckets: tuple[Bucket, ...], adaptive: AdaptiveRate | None = None
    ) -> None:
        self.name = name
        self.buckets = buckets
        self.adaptive = adaptive
        self.pause = Pause()

    def learn(self, now: float, *, sent: float, refused: bool) -> None:
        """Tell the finder of rates about an answer, and take on what it says."""
        adaptive = self.adaptive
        if adaptive is None:
            return
        bucket = self.buckets[-1]
        assert isinstance(bucket, TokenBucket)  # noqa: S101 - the finder's bucket stands last
        if refused:
            adaptive.refused(now, sent=sent)
        else:
            adaptive.rested(bucket.filled_at)
            adaptive.accepted(now, sent=sent, saturated=bucket.waiting > 0)
        if adaptive.rate != bucket.rate:
            bucket.refit(adaptive.rate, adaptive.burst, now)


class Limiter:
    """Lets requests through as the budgets allow.

    Args:
        limit: What is allowed.
        clock: Seconds that only go up, the same as the event loop's.
        name: Tells workspaces apart where processes share a limit.

    Attributes:
        shared: The bucket that processes share, taken from after those at hand.
    """

    def __init__(self, limit: RateLimit, clock: Callable[[], float], *, name: str) -> None:
        self._clock = clock
        self.shared: RedisBucket | None = None
        if limit.shared is not None:
            from ._redis import RedisBucket

            self.shared = RedisBucket(
                limit.shared, name=name, rate=limit.requests_per_second, burst=limit.capacity
            )
        self._lock = threading.Lock()
        self._wakers: dict[
            tuple[int, int], tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]
        ] = {}
        now = clock()
        everything, adaptive = _buckets(limit, now)
        searches, adaptive_search = (
            (everything, adaptive) if limit.search is None else _buckets(limit.search, now)
        )
        # Whether these also count as requests of the workspace is not documented: assumed so.
        rare = [
            () if limit.mode == "off" else (WindowBucket(30, _HOUR), WindowBucket(500, _DAY))
            for _ in range(2)
        ]
        self._budgets = {
            "default": Budget("default", everything, adaptive),
            "search": Budget("search", searches, adaptive_search),
            "delete": Budget("delete", (*rare[0], *everything)),
            "feedback": Budget("feedback", (*rare[1], *everything)),
        }

    def budget(self, operation: str) -> Budget:
        """Say which budget an operation takes from."""
        return self._budgets[_BUDGET_OF.get(operation, "default")]

    @property
    def search_rate(self) -> float | None:
        """Requests per second that searches may go at, as known now; None without a limit."""
        budget = self._budgets["search"]
        if budget.adaptive is not None:
            return budget.adaptive.measured
        return min(
            (bucket.rate for bucket in budget.buckets if isinstance(bucket, TokenBucket)),
            default=None,
        )

    async def acquire(self, budget: Budget, context: CallContext) -> None:
        """Wait out the budget's pause, then take a token of each of its buckets. Cancelled, it leaves nothing behind.

        Raises:
            DeadlineExceededError: The wait would end after the call's deadline.
        """
        taken = 0
        try:
            for bucket in budget.buckets:
                await self._take(budget, bucket, context)
                taken += 1
            if not taken:
                await self._outwait(budget, context)
            if self.shared is not None:
                await self._take_shared(self.shared, context)
        except BaseException:
            self.refund(budget, taken)
            raise

    def refund(self, budget: Budget, taken: int | None = None) -> None:
        """Give back the tokens of a request that was never sent."""
        with self._lock:
            now = self._clock()
            for bucket in budget.buckets[:taken]:
                bucket.refund(now)
                self._wake(bucket)

    def answered(self, budget: Budget, *, sent: float, lost: bool = False) -> None:
        """Take in that a request ended, with anything but a 429; `lost` if no answer came."""
        with self._lock:
            now = self._clock()
            budget.pause.accepted(sent=sent)
            # Who measures the rate itself measures it with what answers say, and nothing ahead of them.
            told = None if lost or budget.adaptive is not None else sent
            for bucket in budget.buckets:
                bucket.answered(now, sent=told)
            budget.learn(now, sent=sent, refused=False)
            for bucket in budget.buckets:
                self._wake(bucket)

    def refused(
        self, budget: Budget, *, sent: float, retry_after: float | None, overload: bool
    ) -> None:
        """Take in a 429: the budget pauses, and its buckets are as empty as the server says. Load on the server's side only pauses."""
        with self._lock:
            now = self._clock()
            budget.pause.refused(
                sent=sent,
                now=now,
                shortest=_OVERLOAD_PAUSE if overload else _SHORTEST_PAUSE,
                retry_after=retry_after,
            )
            for bucket in budget.buckets:
                bucket.answered(now)
            if budget.buckets and not overload:
                # The first is the tightest: deletions are refused for their own budget, not the workspace's.
                budget.buckets[0].drain(now)
            budget.learn(now, sent=sent, refused=not overload)

    async def _take_shared(self, shared: RedisBucket, context: CallContext) -> None:
        longest = context.expires - self._clock()
        wait = await shared.take(longest)
        if not wait:
            return
        if wait > longest:
            raise _too_late(context, wait)
        try:
            await asyncio.sleep(wait)
        except asyncio.CancelledError:
            await shared.refund()
            raise

    async def _outwait(self, budget: Budget, context: CallContext) -> None:
        """Wait until the budget's pause is over, put off as it may be meanwhile."""
        while (wait := budget.pause.remaining(self._clock())) > 0:
            if self._clock() + wait > context.expires:
                raise _too_late(context, wait)
            await asyncio.sleep(wait)

    async def _take(self, budget: Budget, bucket: Bucket, context: CallContext) -> None:
        with self._lock:
            ticket = bucket.enter()
        queued = True
        try:
            while True:
                with self._lock:
                    now = self._clock()
                    wait = budget.pause.remaining(now)
                    if wait > 0:
                        # Others may use this bucket meanwhile; the ticket keeps the place in the queue.
                        if queued:
                            bucket.leave(ticket)
                            queued = False
                            self._wake(bucket)
                    else:
                        if not queued:
                            bucket.enter(ticket)
                            queued = True
                        wait = bucket.poll(ticket, now)
                        if wait > 0 and self._forget_closed(bucket):
                            continue
                        if wait <= 0:
                            queued = False
                            self._wake(bucket)
                            return
                if now + wait > context.expires:
                    raise _too_late(context, wait)
                await self._sleep(bucket, ticket, wait)
        finally:
            if queued:
                with self._lock:
                    bucket.leave(ticket)
                    self._wake(bucket)

    async def _sleep(self, bucket: Bucket, ticket: int, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        timer = loop.call_later(seconds, _done, future)
        key = id(bucket), ticket
        self._wakers[key] = loop, future
        try:
            await future
        finally:
            timer.cancel()
            self._wakers.pop(key, None)

    def _wake(self, bucket: Bucket) -> None:
        """Let the head of the queue look again, as its turn may have come closer."""
        self._forget_closed(bucket)
        head = bucket.head
        waker = None if head is None else self._wakers.get((id(bucket), head))
        if waker is not None:
            loop, future = waker
            # Its loop may be another thread's, and be closed in this moment.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(_done, future)

    def _forget_closed(self, bucket: Bucket) -> bool:
        """Drop from the queue's head who waits in an event loop that was closed, and will never come."""
        forgot = False
        while (head := bucket.head) is not None:
            waker = self._wakers.get((id(bucket), head))
            if waker is None or not waker[0].is_closed():
                break
            bucket.leave(head)
            forgot = True
        return forgot


def _buckets(limit: RateLimit, now: float) -> tuple[tuple[TokenBucket, ...], AdaptiveRate | None]:
    if limit.mode == "off":
        return (), None
    if limit.mode == "adaptive":
        from ._adaptive import AdaptiveRate

        adaptive = AdaptiveRate(limit.requests_per_second, now=now)
        return (TokenBucket(adaptive.rate, adaptive.burst, now=now),), adaptive
    return (TokenBucket(limit.requests_per_second, limit.capacity, now=now),), None


def _too_late(context: CallContext, wait: float) -> DeadlineExceededError:
    return DeadlineExceededError(
        f"the deadline of {context.deadline:g} s ends before the rate limit lets this request go, "
        f"in {wait:.3g} s",
        deadline=context.deadline or 0.0,
        operation=context.operation,
        attempts=context.attempts - 1,
        waited=context.waited,
    )


def _done(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


_limiters: weakref.WeakValueDictionary[tuple[object, ...], Limiter] = weakref.WeakValueDictionary()
_limiters_lock: Final = threading.Lock()


def limiter_for(
    api_key: str, base_url: str, limit: RateLimit, clock: Callable[[], float]
) -> Limiter:
    """Give the limiter of this key at this address with this limit: the same one for as long as anyone holds it."""
    digest = hashlib.sha256(api_key.encode()).digest()
    key = (digest, base_url, limit, clock)
    with _limiters_lock:
        limiter = _limiters.get(key)
        if limiter is None:
            limiter = _limiters[key] = Limiter(limit, clock, name=f"{digest.hex()} {base_url}")
        return limiter
