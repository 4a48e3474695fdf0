"""Requests wait here until they may go: for a slot in flight, then for the rate limit."""

from __future__ import annotations

import asyncio
import hashlib
import heapq
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from fingerprint_async._http.message import TOO_MANY_REQUESTS, HttpResponse
from fingerprint_async._http.operations import OPERATIONS
from fingerprint_async.errors import APIConnectionError, APIError
from fingerprint_async.ratelimit import RateLimit, RateLimitTimeout, limiter_for

if TYPE_CHECKING:
    from fingerprint_async._http.message import Backend, Call
    from fingerprint_async._stats import Counters
    from fingerprint_async.config import ClientOptions
    from fingerprint_async.ratelimit import Permit, RateLimiter

__all__ = ["Slots", "Throttling", "limiter_of"]

_LONGEST_PAUSE_SECONDS: Final = 60.0
"""What a limiter pauses at most; a policy that waits for less bounds its pauses further."""
_KEY_SALT: Final = b"fingerprint-async rate limit "


def limiter_of(options: ClientOptions) -> RateLimiter:
    """Return the limiter of a client: its own, or the process's for its key at its host."""
    limit = options.rate_limit
    if not isinstance(limit, RateLimit):
        return limit
    digest = hashlib.sha256(_KEY_SALT + options.api_key.reveal_text().encode())
    return limiter_for(
        options.base_url.origin,
        digest.hexdigest(),
        limit,
        budgets={operation.id: operation.budget for operation in OPERATIONS.values()},
        clock=options.clock,
        sleep=options.sleep,
    )


class Slots:
    """How many requests are in flight at a time; who waits goes by priority, then by coming.

    Args:
        most: How many there are; None for any number.
    """

    __slots__ = ("_most", "_numbers", "_waiting", "taken")

    def __init__(self, most: int | None) -> None:
        self._most = most
        self._numbers = count()
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self.taken = 0

    def take_free(self) -> bool:
        """Take a slot if one is free."""
        if self._most is None or (self.taken < self._most and not self._waiting):
            self.taken += 1
            return True
        return False

    async def take(self, priority: int) -> None:
        """Take a slot, or wait for one. Cancelled, it leaves nothing behind."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (-priority, next(self._numbers), future))
        try:
            await future
        except asyncio.CancelledError:
            if not future.cancelled():
                # The slot was handed over in the same turn of the loop.
                self.release()
            raise

    def release(self) -> None:
        """Hand the slot to the next who waits, or free it."""
        while self._waiting:
            future = heapq.heappop(self._waiting)[2]
            if not future.done():
                future.set_result(None)
                return
        self.taken -= 1


class Throttling:
    """Hold a slot and a permit of the rate limit while the backend works.

    Args:
        backend: What sends.
        limiter: The rate limit.
        slots: Requests in flight at a time, of each budget; None for any number.
        counters: What the client counts.
        options: The client's settings.
    """

    __slots__ = ("_clock", "_counters", "_limiter", "_most", "_slots", "backend")

    def __init__(
        self,
        backend: Backend,
        *,
        limiter: RateLimiter,
        slots: int | None,
        counters: Counters,
        options: ClientOptions,
    ) -> None:
        self.backend = backend
        self._limiter = limiter
        self._most = slots
        self._slots: dict[str, Slots] = {}
        self._counters = counters
        self._clock = options.clock

    async def send(self, call: Call[Any]) -> HttpResponse:
        """Send one attempt once it may go, and tell the limiter what came of it.

        Raises:
            APIError: No answer came, or the deadline ends before the request may go.
        """
        budget = call.operation.budget.name
        slots = self._slots.get(budget)
        if slots is None:
            slots = self._slots[budget] = Slots(self._most)
        if not slots.take_free():
            await self._wait_for_slot(slots, call)
        try:
            permit = await self._permit(call)
            return await self._sent(call, permit)
        finally:
            slots.release()

    async def _wait_for_slot(self, slots: Slots, call: Call[Any]) -> None:
        begin = self._clock()
        try:
            await slots.take(call.priority)
        finally:
            waited = self._clock() - begin
            self._counters.slot_wait_seconds += waited
            call.waited += waited

    async def _permit(self, call: Call[Any]) -> Permit:
        begin = self._clock()
        left = None if call.deadline is None else max(0.0, call.expires - begin)
        try:
            return await self._limiter.acquire(
                call.operation.id, priority=call.priority, timeout=left
            )
        except RateLimitTimeout as error:
            failure = call.too_late(
                f"before the rate limit lets this request go, in {error.wait:.3g} s"
            )
            failure.attempts -= 1
        finally:
            waited = self._clock() - begin
            self._counters.limit_wait_seconds += waited
            call.waited += waited
        raise failure

    async def _sent(self, call: Call[Any], permit: Permit) -> HttpResponse:
        counters = self._counters
        operation = counters.operations[call.operation.id]
        operation.requests += 1
        counters.tokens += 1
        counters.in_flight += 1
        try:
            response = await self.backend.send(call.http)
        except APIConnectionError as error:
            if error.processed:
                permit.failed()
            else:
                counters.tokens -= 1
                permit.release()
            raise
        except APIError:
            # A success came whose body is of no use.
            permit.succeeded()
            raise
        except BaseException:
            permit.failed()
            raise
        finally:
            counters.in_flight -= 1
        if response.status != TOO_MANY_REQUESTS:
            permit.succeeded()
            return response
        operation.rate_limited += 1
        asked, most = response.retry_after, call.policy.max_retry_after
        if asked is not None and most < _LONGEST_PAUSE_SECONDS:
            asked = min(asked, most)
        permit.refused(retry_after=asked, overload=response.is_search_overload)
        return response
