"""The attempts of a call: which failures are followed by another, and after what wait.

Libraries for retries wrap functions or HTTP methods. A table of operations, a quota over all calls,
a deadline that is compared before each wait, and a wait that the rate limiter serves would have to
be built around them, so that nothing but their loop would be left.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, TypeVar

from fingerprint_async._http.operations import Failure
from fingerprint_async.errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    DeadlineExceededError,
    NotFoundError,
    RateLimitError,
    ResponseBodyError,
    ResponseTooLargeError,
    ServerError,
    StateNotReadyError,
)

if TYPE_CHECKING:
    from fingerprint_async._http.logging import Logging
    from fingerprint_async._http.message import Answer, Call
    from fingerprint_async._stats import Counters
    from fingerprint_async.config import ClientOptions

__all__ = ["Retries", "failure_of"]

T = TypeVar("T")

_UNAVAILABLE: Final = 503
_EVENT_NOT_FOUND: Final = "event_not_found"
_MOST_DOUBLINGS: Final = 60

_READY_WAIT_SECONDS: Final = (1.0, 2.0)
_LEAST_WAIT_SECONDS: Final = 0.05
"""Between two attempts for an event that is not there, or not ready, yet."""


class Quota:
    """The retries that a client may still make: each costs one, each success gives back a part.

    Once it is used up, only successes pay for retries, which bounds what an outage costs.
    """

    __slots__ = ("_full", "left")

    def __init__(self, full: float) -> None:
        self._full = full
        self.left = full

    def take(self) -> bool:
        """Take one, if there is one."""
        if self.left < 1:
            return False
        self.left -= 1
        return True

    def refill(self, amount: float) -> None:
        """Give back a part."""
        self.left = min(self._full, self.left + amount)


class Retries:
    """Send attempts until one succeeds or no other may follow. The only place that tries again.

    Args:
        inner: The next layer.
        options: The client's settings.
        counters: What the client counts.
    """

    __slots__ = ("_counters", "_inner", "_options", "_quota")

    def __init__(self, inner: Logging, options: ClientOptions, counters: Counters) -> None:
        self._inner = inner
        self._options = options
        self._counters = counters
        quota = options.retry.quota
        self._quota = Quota(math.inf if quota is None else quota)

    async def send(self, call: Call[T]) -> Answer[T]:
        """Send a call.

        Raises:
            APIError: The last attempt failed, or the deadline ends before the next one.
        """
        while True:
            call.attempts += 1
            try:
                answer = await self._inner.send(call)
            except DeadlineExceededError as error:
                raise error from call.last_error
            except APIError as error:
                delay = self._delay(error, call)
                error.waited = call.waited
                if delay is None:
                    raise
                call.last_error = error
            else:
                self._quota.refill(call.policy.quota_refill)
                return answer
            self._counters.operations[call.operation.id].retries += 1
            await self._wait(delay, call)

    def _delay(self, error: APIError, call: Call[Any]) -> float | None:
        """Return the seconds to wait before the next attempt; None for no more."""
        failure = failure_of(error)
        if call.max_attempts == 1 or not failure & call.operation.retried:
            return None
        asked = error.retry_after if isinstance(error, APIStatusError) else None
        if failure in Failure.NOT_READY | Failure.ABSENT:
            return self._delay_until_ready(call, asked or 0.0)
        if call.attempts >= call.max_attempts:
            return None
        if asked is not None and asked > call.policy.max_retry_after:
            return None
        if call.policy.quota is not None and not self._quota.take():
            error.quota_exhausted = True
            self._counters.quota_refusals += 1
            return None
        if failure is Failure.RATE_LIMITED:
            # The limiter has paused the whole budget, this call's next attempt included.
            return 0.0
        doublings = min(call.attempts - 1, _MOST_DOUBLINGS)
        ceiling = min(call.policy.max_delay, call.policy.base_delay * 2.0**doublings)
        return max(self._options.uniform(0.0, ceiling), asked or 0.0)

    def _delay_until_ready(self, call: Call[Any], asked: float) -> float | None:
        """Return the wait for an event to be there, or ready.

        It is no failure, so attempts do not bound it. The last attempt is made when the wait ends.
        """
        now = self._options.clock()
        rest = call.ready_by - now
        delay = max(min(self._options.uniform(*_READY_WAIT_SECONDS), rest), asked)
        is_in_time = _LEAST_WAIT_SECONDS <= delay <= rest and now + delay < call.expires
        return delay if is_in_time else None

    async def _wait(self, seconds: float, call: Call[Any]) -> None:
        begin = self._options.clock()
        if begin + seconds > call.expires:
            raise call.too_late(f"before the next attempt, in {seconds:.3g} s")
        if not seconds:
            return
        try:
            await self._options.sleep(seconds)
        finally:
            waited = self._options.clock() - begin
            self._counters.retry_wait_seconds += waited
            call.waited += waited


def failure_of(error: APIError) -> Failure:
    """Name the failure that an error stands for."""
    match error:
        case RateLimitError():
            return Failure.RATE_LIMITED
        case StateNotReadyError():
            return Failure.NOT_READY
        case NotFoundError():
            return Failure.ABSENT if error.code == _EVENT_NOT_FOUND else Failure.FINAL
        case ServerError():
            return Failure.UNAVAILABLE if error.status_code == _UNAVAILABLE else Failure.SERVER
        case ResponseTooLargeError():
            return Failure.FINAL
        case ResponseBodyError():
            # What differs from the schema would differ again.
            return Failure.FINAL if error.findings else Failure.BODY
        case APIConnectionError():
            return Failure.LOST if error.processed else Failure.UNSENT
        case _:
            return Failure.FINAL
