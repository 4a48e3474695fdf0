"""A call as a whole: its deadline and its attempts."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

import httpx

from fingerprint_async.errors import APIError, CallError, DeadlineExceededError
from fingerprint_async.options import DEFAULT, ClientOptions, RequestOptions, RetryPolicy

from ._context import CONTEXT
from ._policy import Failure, failure_of, retried

if TYPE_CHECKING:
    from fingerprint_async._stats import Counters

    from ._context import CallContext

__all__ = ["Retry"]

_NO_OPTIONS = RequestOptions()


class Quota:
    """How many retries a client may still make: each costs one, each success gives a part of one back.

    The same idea as the retry quota of AWS's clients. It bounds what an outage costs: once empty, only successes pay for retries.
    """

    __slots__ = ("_full", "left")

    def __init__(self, full: float) -> None:
        self._full = full
        self.left = full

    def take(self) -> bool:
        if self.left < 1:
            return False
        self.left -= 1
        return True

    def give(self, amount: float) -> None:
        self.left = min(self._full, self.left + amount)


class Retry(httpx.AsyncBaseTransport):
    """The only place that tries again.

    Stamina, tenacity and httpx-retries are made for functions or for HTTP methods. A table of operations, a quota over all calls of a client, a
    deadline that is looked at before each sleep, and a wait that the limiter serves (it pauses everyone, not the one who met the 429) would all
    have to be built around them, so that nothing but their loop would be left.
    """

    def __init__(
        self, inner: httpx.AsyncBaseTransport, options: ClientOptions, counters: Counters
    ) -> None:
        self._inner = inner
        self._options = options
        self._counters = counters
        quota = options.retry.quota
        self._quota = Quota(math.inf if quota is None else quota)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        context: CallContext = request.extensions[CONTEXT]
        options = context.options or _NO_OPTIONS
        deadline = self._options.deadline if options.deadline is DEFAULT else options.deadline
        context.deadline = deadline
        if deadline is not None:
            context.expires = self._options.clock() + deadline
        policy = self._options.retry if options.retry is DEFAULT else options.retry
        most = policy.max_attempts if options.max_attempts is DEFAULT else options.max_attempts
        self._counters.calls += 1
        if deadline is None:
            return await self._attempts(request, context, policy, most)
        scope = asyncio.timeout(deadline)
        try:
            async with scope:
                return await self._attempts(request, context, policy, most)
        except TimeoutError as error:
            # Timeouts of an attempt are TimeoutErrors as well.
            if isinstance(error, CallError) or not scope.expired():
                raise
            raise self._too_late(
                context, f"the call did not end within its deadline of {deadline:g} s"
            ) from context.last_error

    async def _attempts(
        self, request: httpx.Request, context: CallContext, policy: RetryPolicy, most: int
    ) -> httpx.Response:
        while True:
            context.attempts += 1
            try:
                response = await self._inner.handle_async_request(request)
            except DeadlineExceededError as error:
                raise error from context.last_error
            except CallError as error:
                delay = self._delay(error, context, policy, most)
                error.waited = context.waited
                if delay is None:
                    raise
                context.last_error = error
            else:
                self._quota.give(policy.quota_refill)
                return response
            self._counters.retries += 1
            if delay:
                await self._sleep(delay, context)

    def _delay(
        self, error: CallError, context: CallContext, policy: RetryPolicy, most: int
    ) -> float | None:
        """Seconds to wait before the next attempt; None for no more."""
        failure = failure_of(error)
        if context.attempts >= most or not failure & retried(context.operation):
            return None
        asked = error.retry_after if isinstance(error, APIError) else None
        if asked is not None and asked > policy.max_retry_after:
            return None
        if policy.quota is not None and not self._quota.take():
            error.quota_exhausted = True
            self._counters.quota_refusals += 1
            return None
        if failure is Failure.RATE_LIMITED:
            # The limiter has paused the whole budget, this call's next attempt included.
            return 0.0
        ceiling = min(policy.max_delay, policy.base_delay * 2.0 ** (context.attempts - 1))
        return max(self._options.uniform(0.0, ceiling), asked or 0.0)

    async def _sleep(self, seconds: float, context: CallContext) -> None:
        if self._options.clock() + seconds > context.expires:
            raise self._too_late(
                context,
                f"the deadline of {context.deadline:g} s ends before the next attempt, in {seconds:.3g} s",
            ) from context.last_error
        begin = self._options.clock()
        try:
            await self._options.sleep(seconds)
        finally:
            waited = self._options.clock() - begin
            self._counters.retry_wait_seconds += waited
            context.waited += waited

    def _too_late(self, context: CallContext, message: str) -> DeadlineExceededError:
        return DeadlineExceededError(
            message,
            deadline=context.deadline or 0.0,
            operation=context.operation,
            attempts=context.attempts,
            waited=context.waited,
        )
