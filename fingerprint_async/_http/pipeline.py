# Annotations bind no caller at run time.
# pyright: reportUnnecessaryIsInstance=false
"""A call from its request to its value: the layers of one client, in order."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from fingerprint_async._http.auth import Auth
from fingerprint_async._http.errors import Errors
from fingerprint_async._http.logging import Logging, tell_call
from fingerprint_async._http.message import Answer, Call
from fingerprint_async._http.operations import OPERATIONS
from fingerprint_async._http.retries import Retries
from fingerprint_async._http.throttling import Throttling, limiter_of
from fingerprint_async._settings import kind_of
from fingerprint_async._stats import ClientStats, Counters
from fingerprint_async.config import DEFAULT, RequestOptions
from fingerprint_async.errors import (
    APIError,
    ArgumentError,
    ClientStateError,
    DeadlineExceededError,
)
from fingerprint_async.responses import RawResponse

if TYPE_CHECKING:
    from fingerprint_async._http.lifetime import Lifetime
    from fingerprint_async._runtime.request import Request
    from fingerprint_async.config import ClientOptions
    from fingerprint_async.ratelimit import RateLimiter

__all__ = ["Pipeline"]

T = TypeVar("T")

SLOTS: Final = 100
"""Requests in flight at a time over connections of our own: a rate of 50 over 2 s of latency."""
MOST_WAIT_SECONDS: Final = 120.0
"""How long an event is waited for by a call that has no deadline, and does not say how long."""
SLOTS_OF_A_CALLERS_CLIENT: Final = 20
"""Over a caller's own client, whose pool gets slow beyond that."""


class Pipeline:
    """Runs the calls of one client.

    Args:
        options: The client's settings.
        lifetime: The connections, and the event loop that they belong to; shared by derived
            clients.
    """

    def __init__(self, options: ClientOptions, lifetime: Lifetime) -> None:
        self._options = options
        self._lifetime = lifetime
        self._counters = Counters()
        self._auth = Auth(options)
        self._limiter: RateLimiter | None = None
        self._layers: Retries | None = None
        self.is_closed = False

    @property
    def stats(self) -> ClientStats:
        """The counters as they stand."""
        return self._counters.snapshot(rate_limit=self._rate_limiter().rate)

    @property
    def is_open(self) -> bool:
        """Whether a call was made, or the client was entered."""
        return self._layers is not None

    def open(self) -> Retries:
        """Return the layers; made on the first call, for the running event loop.

        Raises:
            ClientStateError: The client is closed, or belongs to another event loop or process.
            ConfigurationError: A setting, or the environment, cannot be right.
        """
        if self.is_closed:
            raise ClientStateError("the client is closed")
        self._lifetime.check()
        layers = self._layers
        if layers is None:
            options = self._options
            slots = options.max_in_flight
            if slots is DEFAULT:
                slots = SLOTS if options.http_client is None else SLOTS_OF_A_CALLERS_CLIENT
            throttling = Throttling(
                self._lifetime.backend(),
                limiter=self._rate_limiter(),
                slots=slots,
                counters=self._counters,
                options=options,
            )
            errors = Errors(throttling, secret=options.api_key)
            layers = Retries(Logging(errors, options), options, self._counters)
            self._layers = layers
        return layers

    async def call(
        self, request: Request[T], options: RequestOptions | None, *, wait: float | None = None
    ) -> T:
        """Make a call and return the decoded value.

        Args:
            request: What generated code built.
            options: What this call does differently.
            wait: For how many seconds an event that is not there, or not ready, is waited for. None
                is what the operation's record says.

        Raises:
            FingerprintError: It failed.
        """
        answer = await self._run(self._call(request, options, raw=False, wait=wait))
        # None only where the operation promises no body, and there T is None.
        return cast("T", answer.value)

    async def call_raw(
        self, request: Request[T], options: RequestOptions | None, *, wait: float | None = None
    ) -> RawResponse[T]:
        """Make a call and return the answer as it came, decoded when asked.

        Raises:
            FingerprintError: It failed.
        """
        call = self._call(request, options, raw=True, wait=wait)
        response = (await self._run(call)).response
        return RawResponse(
            status_code=response.status,
            headers=response.headers,
            content=response.content,
            attempts=call.attempts,
            request_id=response.request_id,
            last_error=call.last_error,
            result=None if call.operation.shape is None else request.result,
            strict=call.strict,
        )

    def _call(
        self, request: Request[T], options: RequestOptions | None, *, raw: bool, wait: float | None
    ) -> Call[T]:
        """Bring together what is asked and under which settings."""
        client = self._options
        policy, most, priority = client.retry, client.max_retries, 0
        strict, deadline = client.strict, client.deadline
        if options is not None:
            if not isinstance(options, RequestOptions):
                raise ArgumentError(f"options: expected RequestOptions, got {kind_of(options)}")
            if options.retry is not DEFAULT:
                policy, most = options.retry, None
            if options.max_retries is not DEFAULT:
                most = options.max_retries
            if options.strict is not DEFAULT:
                strict = options.strict
            if options.deadline is not DEFAULT:
                deadline = options.deadline
            priority = options.priority
        now = client.clock()
        operation = OPERATIONS[request.operation_id]
        return Call(
            request=request,
            operation=operation,
            http=self._auth.complete(request, options),
            policy=policy,
            max_attempts=policy.max_attempts if most is None else most + 1,
            strict=strict,
            raw=raw,
            priority=priority,
            deadline=deadline,
            expires=math.inf if deadline is None else now + deadline,
            ready_by=_ready_by(now, operation.waits if wait is None else wait, deadline),
        )

    async def _run(self, call: Call[T]) -> Answer[T]:
        """Send a call within its deadline, in reach of whoever closes the client."""
        layers = self.open()
        counters = self._counters.operations[call.operation.id]
        counters.calls += 1
        begin = self._options.clock()
        failure: BaseException | None = None
        scope = asyncio.timeout(call.deadline)
        try:
            async with scope:
                self._lifetime.began(scope, self)
                return await layers.send(call)
        except BaseException as error:
            counters.failures += 1
            failure = error
            if isinstance(error, TimeoutError) and not isinstance(error, APIError):
                failure = self._ended(scope, call) or error
            if failure is not error:
                raise failure from call.last_error
            raise
        finally:
            self._lifetime.ended(scope)
            if self._options.hooks.on_call is not None:
                duration = self._options.clock() - begin
                tell_call(call, self._options.hooks.on_call, duration, failure)

    def _ended(self, scope: asyncio.Timeout, call: Call[Any]) -> Exception | None:
        """Return the error for a scope that ended: by closing, or by the deadline."""
        if not scope.expired():
            return None
        if self._lifetime.is_ending(scope):
            return ClientStateError("the client was closed while the call was running")
        return DeadlineExceededError(
            f"the call did not end within its deadline of {call.deadline:g} s",
            deadline=call.deadline or 0.0,
            operation=call.operation.id,
            attempts=call.attempts,
            waited=call.waited,
        )

    def _rate_limiter(self) -> RateLimiter:
        if self._limiter is None:
            self._limiter = limiter_of(self._options)
        return self._limiter

    async def aclose(self) -> None:
        """End this client's calls, and what its rate limit holds for this event loop."""
        self.is_closed = True
        if self._lifetime.is_lost:
            return
        await self._lifetime.end_calls(self)
        if self._limiter is not None:
            await self._limiter.aclose()


def _ready_by(now: float, wait: float, deadline: float | None) -> float:
    if not wait:
        return -math.inf
    return now + (MOST_WAIT_SECONDS if deadline is None and math.isinf(wait) else wait)
