"""The room in which requests wait until they may go: for their budget's rate and pause, then for a slot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from ._context import CONTEXT
from ._errors import is_search_overload
from ._gate import Gate
from ._retry_after import retry_after_seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from fingerprint_async._stats import Counters

    from ._context import CallContext
    from ._limiter import Limiter

__all__ = ["Limits"]

_TOO_MANY = 429
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Limits(httpx.AsyncBaseTransport):
    """Holds a slot while the inner transport works, until its answer has been read to the end.

    Args:
        inner: The transport that sends. It returns answers whose body has been read.
        limiter: The rate limits.
        slots: Requests in flight at a time, of each budget; None for any number.
        counters: The client's counters.
        clock: Seconds that only go up.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        *,
        limiter: Limiter,
        slots: int | None,
        counters: Counters,
        clock: Callable[[], float],
    ) -> None:
        self._inner = inner
        self.limiter = limiter
        self._slots = slots
        self._gates: dict[str, Gate] = {}
        self._counters = counters
        self._clock = clock

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        context: CallContext = request.extensions[CONTEXT]
        limiter, counters, clock = self.limiter, self._counters, self._clock
        budget = limiter.budget(context.operation)
        gate = self._gates.get(budget.name)
        if gate is None:
            gate = self._gates[budget.name] = Gate(self._slots)
        while True:
            begin = clock()
            try:
                await limiter.acquire(budget, context)
            finally:
                waited = clock() - begin
                counters.limit_wait_seconds += waited
                context.waited += waited
            begin = clock()
            try:
                await gate.acquire()
            except BaseException:
                limiter.refund(budget)
                raise
            finally:
                waited = clock() - begin
                counters.slot_wait_seconds += waited
                context.waited += waited
            if budget.pause.remaining(clock()) <= 0:
                break
            # A pause began while this request waited for its slot.
            gate.release()
            limiter.refund(budget)
        counters.requests += 1
        counters.tokens += bool(budget.buckets)
        counters.in_flight += 1
        sent = clock()
        try:
            response = await self._inner.handle_async_request(request)
        except _NEVER_SENT:
            counters.tokens -= bool(budget.buckets)
            limiter.refund(budget)
            raise
        except BaseException:
            limiter.answered(budget, sent=sent, lost=True)
            raise
        finally:
            counters.in_flight -= 1
            gate.release()
        if response.status_code == _TOO_MANY:
            counters.rate_limited += 1
            overload = is_search_overload(response)
            limiter.refused(
                budget,
                sent=sent,
                retry_after=retry_after_seconds(response.headers.get("retry-after")),
                overload=overload,
            )
            if limiter.shared is not None and not overload:
                await limiter.shared.drain()
        else:
            limiter.answered(budget, sent=sent)
        return response
