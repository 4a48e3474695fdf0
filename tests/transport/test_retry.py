"""Attempts, waits, quota and deadline."""

from __future__ import annotations

import asyncio
import email.utils

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerprint_async._transport import CallContext
from fingerprint_async._transport._policy import Failure, retried
from fingerprint_async._transport._retry_after import retry_after_seconds
from fingerprint_async.errors import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    DeadlineExceededError,
    DecodeError,
    RateLimitError,
    ResponseBodyError,
    ServerError,
    StateNotReadyError,
)
from fingerprint_async.options import RateLimit, RequestOptions, RetryPolicy

GET, SEARCH, UPDATE = "getEvent", "searchEvents", "updateEvent"
DELETE, EDGE, FEEDBACK = (
    "deleteVisitorData",
    "analyzeRequestForAutomationIntelligence",
    "submitEventFeedback",
)
READS, WRITES = {GET, SEARCH}, {UPDATE, DELETE, EDGE, FEEDBACK}


def answer(status: int, code: str = "failed", **headers: str) -> httpx.Response:
    """An error of the API."""
    return httpx.Response(
        status, json={"error": {"code": code, "message": "words"}}, headers=headers
    )


class Script(httpx.AsyncBaseTransport):
    """Answers with, or raises, one thing after another; then 200."""

    def __init__(self, *steps: object) -> None:
        self.steps = list(steps)
        self.requests = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Take the next step."""
        del request
        self.requests += 1
        step = self.steps.pop(0) if self.steps else httpx.Response(200, json={})
        if isinstance(step, BaseException):
            raise step
        assert isinstance(step, httpx.Response)
        return step


def off(**options: object) -> dict[str, object]:
    """No limit, no jitter: each wait is its upper bound."""
    return {"rate_limit": RateLimit.off(), "uniform": lambda _, high: high, **options}


FAILURES = {
    "429": (lambda: answer(429, "too_many_requests"), READS | WRITES),
    "503": (lambda: answer(503, "service_unavailable"), READS | WRITES),
    "refused": (lambda: httpx.ConnectError("refused"), READS | WRITES),
    "connect timeout": (lambda: httpx.ConnectTimeout(""), READS | WRITES),
    "500": (lambda: answer(500), READS),
    "502 html": (lambda: httpx.Response(502, html="<p>"), READS),
    "504": (lambda: answer(504), READS),
    "read error": (lambda: httpx.ReadError(""), READS),
    "read timeout": (lambda: httpx.ReadTimeout(""), READS),
    "disconnected": (lambda: httpx.RemoteProtocolError("closed"), READS),
    "truncated": (lambda: httpx.Response(200, content=b'{"a":'), READS),
    "html": (lambda: httpx.Response(200, html="<p>"), READS),
    "not ready": (lambda: answer(409, "state_not_ready"), {UPDATE}),
    "conflict": (lambda: answer(409, "other"), set()),
    "400": (lambda: answer(400), set()),
    "403": (lambda: answer(403), set()),
    "404": (lambda: answer(404), set()),
    "413": (lambda: answer(413), set()),
    "302": (lambda: httpx.Response(302, headers={"location": "https://elsewhere"}), set()),
    "418": (lambda: httpx.Response(418), set()),
}


@pytest.mark.parametrize("operation", sorted(READS | WRITES))
@pytest.mark.parametrize("failure", FAILURES)
def test_the_table_says_what_is_tried_again(
    virtual, stack, request_for, failure, operation
) -> None:
    """Reads on whatever may pass; changes only when nothing can have been done."""
    make, operations = FAILURES[failure]

    async def main(loop):
        script = Script(make())
        transport = stack(script, loop, **off())
        if operation in operations:
            response = await transport.handle_async_request(request_for(operation))
            assert (response.status_code, script.requests) == (200, 2)
        else:
            with pytest.raises(
                (APIError, ResponseBodyError, APIConnectionError, APITimeoutError)
            ) as caught:
                await transport.handle_async_request(request_for(operation))
            assert (script.requests, caught.value.attempts) == (1, 1)

    virtual(main)


def test_an_operation_nobody_listed_is_tried_again_only_where_any_may() -> None:
    """A new operation of the API is not repeated after it may have been done."""
    assert not retried("somethingNew") & (Failure.SERVER | Failure.LOST | Failure.BODY)


def test_waits_double_up_to_their_ceiling(virtual, stack, request_for) -> None:
    """The upper bounds of the waits, of which a random part is waited."""

    async def main(loop):
        bounds = []
        transport = stack(
            Script(*(answer(500) for _ in range(5))),
            loop,
            rate_limit=RateLimit.off(),
            uniform=lambda low, high: bounds.append((low, high)) or 0.0,
            retry=RetryPolicy(max_attempts=6, base_delay=0.5, max_delay=3),
        )
        await transport.handle_async_request(request_for())
        assert bounds == [(0, 0.5), (0, 1), (0, 2), (0, 3), (0, 3)]
        assert loop.time() == 0.0

    virtual(main)


def test_attempts_end(virtual, stack, request_for) -> None:
    """The last error is raised, with the count; a call's own number goes before the client's."""

    async def main(loop):
        script = Script(*(answer(500) for _ in range(20)))
        transport = stack(script, loop, **off())
        context = CallContext()
        with pytest.raises(ServerError) as caught:
            await transport.handle_async_request(request_for(context=context))
        assert (script.requests, caught.value.attempts, context.attempts) == (4, 4, 4)
        assert caught.value.waited == pytest.approx(0.5 + 1 + 2)
        assert transport.stats.retries == 3
        for options in (
            RequestOptions(max_attempts=1),
            RequestOptions(retry=RetryPolicy(max_attempts=1)),
        ):
            with pytest.raises(ServerError) as caught:
                await transport.handle_async_request(
                    request_for(context=CallContext(options=options))
                )
            assert caught.value.attempts == 1

    virtual(main)


def test_the_last_cause_is_kept(virtual, stack, request_for) -> None:
    """Whoever asks how a call went finds out why it was tried again."""

    async def main(loop):
        context = CallContext()
        await stack(Script(answer(500), httpx.ReadError("")), loop, **off()).handle_async_request(
            request_for(context=context)
        )
        assert isinstance(context.last_error, APIConnectionError)
        assert context.attempts == 3

    virtual(main)


def test_retry_after_is_honoured_on_a_503(virtual, stack, request_for) -> None:
    """No sooner than asked; above the ceiling not at all."""

    async def main(loop):
        transport = stack(Script(answer(503, **{"retry-after": "4"})), loop, **off())
        await transport.handle_async_request(request_for())
        assert loop.time() == 4.0
        transport = stack(Script(answer(503, **{"retry-after": "100"})), loop, **off())
        with pytest.raises(ServerError) as caught:
            await transport.handle_async_request(request_for())
        assert (caught.value.retry_after, loop.time()) == (100, 4.0)

    virtual(main)


def test_when_everything_fails_the_quota_keeps_the_traffic_down(
    virtual, stack, request_for
) -> None:
    """Once it is empty, below 1.3 requests a call; and the error says that a retry was left out."""

    async def main(loop):
        script = Script(*(answer(500) for _ in range(10_000)))
        transport = stack(script, loop, **off())
        for _ in range(40):
            with pytest.raises(ServerError):
                await transport.handle_async_request(request_for())
        before = script.requests
        for _ in range(100):
            with pytest.raises(ServerError, match="retry quota: used up"):
                await transport.handle_async_request(request_for())
        assert script.requests - before < 130
        assert transport.stats.quota_refusals > 0

    virtual(main)


def test_with_some_successes_the_quota_still_bounds_retries(virtual, stack, request_for) -> None:
    """When four of five requests fail for good, retries stay below 0.3 a call in the long run."""

    async def main(loop):
        calls = 600
        script = Script(
            *(httpx.Response(200, json={}) if i % 5 == 0 else answer(500) for i in range(5000))
        )
        transport = stack(script, loop, **off())
        for _ in range(200):
            await asyncio.gather(
                transport.handle_async_request(request_for()), return_exceptions=True
            )
        before = script.requests
        for _ in range(calls):
            await asyncio.gather(
                transport.handle_async_request(request_for()), return_exceptions=True
            )
        assert (script.requests - before) / calls < 1.3

    virtual(main)


def test_without_a_quota_nothing_is_refused(virtual, stack, request_for) -> None:
    """None is without a bound."""

    async def main(loop):
        transport = stack(
            Script(*(answer(500) for _ in range(1000))), loop, **off(retry=RetryPolicy(quota=None))
        )
        for _ in range(100):
            with pytest.raises(ServerError) as caught:
                await transport.handle_async_request(request_for())
            assert caught.value.attempts == 4

    virtual(main)


def test_a_deadline_is_looked_at_before_sleeping(virtual, stack, request_for) -> None:
    """The call ends at once when the next attempt would come too late; the last failure is the cause."""

    async def main(loop):
        transport = stack(Script(*(answer(500) for _ in range(9))), loop, **off(deadline=1.4))
        with pytest.raises(DeadlineExceededError) as caught:
            await transport.handle_async_request(request_for())
        error = caught.value
        assert loop.time() == 0.5
        assert (error.attempts, error.deadline, error.operation) == (2, 1.4, SEARCH)
        assert error.waited == pytest.approx(0.5)
        assert isinstance(error.__cause__, ServerError)

    virtual(main)


def test_a_deadline_ends_an_attempt_that_takes_too_long(virtual, stack, request_for) -> None:
    """To the moment, wherever the call is; a call's own deadline goes before the client's, and None is none."""

    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            del request
            await asyncio.sleep(100)
            return httpx.Response(200, json={})

    async def main(loop):
        transport = stack(Slow(), loop, **off(deadline=5))
        with pytest.raises(DeadlineExceededError, match=r"deadline of 5 s"):
            await transport.handle_async_request(request_for())
        assert loop.time() == 5.0
        assert transport.stats.in_flight == 0
        context = CallContext(options=RequestOptions(deadline=2))
        with pytest.raises(DeadlineExceededError, match=r"deadline of 2 s"):
            await transport.handle_async_request(request_for(context=context))
        context = CallContext(options=RequestOptions(deadline=None))
        assert (
            await transport.handle_async_request(request_for(context=context))
        ).status_code == 200

    virtual(main)


def test_a_timeout_of_somebody_else_is_not_ours(virtual, stack, request_for) -> None:
    """A caller's own `asyncio.timeout` around a call stays a plain TimeoutError."""

    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            del request
            await asyncio.sleep(100)
            raise AssertionError

    async def main(loop):
        transport = stack(Slow(), loop, **off(deadline=50))
        with pytest.raises(TimeoutError) as caught:
            async with asyncio.timeout(1):
                await transport.handle_async_request(request_for())
        assert type(caught.value) is TimeoutError
        with pytest.raises(APITimeoutError):
            await stack(Script(httpx.ReadTimeout("")), loop, **off()).handle_async_request(
                request_for(UPDATE)
            )

    virtual(main)


def test_a_retry_pays_the_limiter_again(virtual, stack, request_for) -> None:
    """Each attempt takes a token, and waits for one."""

    async def main(loop):
        limit = RateLimit(requests_per_second=1, burst=1)
        transport = stack(
            Script(answer(500), answer(500)),
            loop,
            **off(rate_limit=limit, retry=RetryPolicy(base_delay=0)),
        )
        await transport.handle_async_request(request_for())
        assert transport.stats.tokens == 3
        assert loop.time() == pytest.approx(2, rel=0.01)

    virtual(main)


def test_a_request_that_was_never_sent_costs_no_token(virtual, stack, request_for) -> None:
    """No connection, no token."""

    async def main(loop):
        limit = RateLimit(requests_per_second=1, burst=2)
        transport = stack(
            Script(httpx.ConnectError("")),
            loop,
            **off(rate_limit=limit, retry=RetryPolicy(base_delay=0)),
        )
        await transport.handle_async_request(request_for())
        await transport.handle_async_request(request_for())
        assert loop.time() == 0.0
        assert transport.stats.tokens == 2

    virtual(main)


def test_a_body_that_differs_from_the_schema_is_not_tried_again(
    virtual, stack, request_for
) -> None:
    """In strict mode it would differ again; one that is no JSON at all may not."""

    async def main(loop):
        def differs(_: bytes) -> object:
            raise DecodeError("differs", ("finding",))  # type: ignore[arg-type]

        script = Script()
        with pytest.raises(DecodeError):
            await stack(script, loop, **off()).handle_async_request(
                request_for(context=CallContext(decode=differs))
            )
        assert script.requests == 1

    virtual(main)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("3", 3.0),
        ("0", 0.0),
        ("1.5", 1.5),
        (email.utils.formatdate(1_000_010, usegmt=True), 10.0),
        (email.utils.formatdate(999_000, usegmt=True), 0.0),
        ("Mon, 12 Jan 1970 13:46:50", 10.0),
        (None, None),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("1e999", None),
        ("Mon, 99 Foo 1970 99:99:99 GMT", None),
    ],
)
def test_retry_after_comes_in_many_forms(value: str | None, seconds: float | None) -> None:
    """Seconds, fractions, dates; nonsense is ignored."""
    assert retry_after_seconds(value, now=1_000_000) == seconds


@given(st.text(max_size=40))
def test_no_retry_after_breaks_anything(value: str) -> None:
    """Whatever a proxy writes there."""
    seconds = retry_after_seconds(value)
    assert seconds is None or 0 <= seconds < float("inf")


def test_a_429_says_how_long(virtual, stack, request_for) -> None:
    """In seconds, also from a date."""

    async def main(loop):
        script = Script(answer(429, "too_many_requests", **{"retry-after": "2.5"}))
        transport = stack(script, loop, **off(retry=RetryPolicy(max_attempts=1)))
        with pytest.raises(RateLimitError) as caught:
            await transport.handle_async_request(request_for())
        assert caught.value.retry_after == 2.5
        with pytest.raises(StateNotReadyError):
            await stack(
                Script(answer(409, "state_not_ready")),
                loop,
                **off(retry=RetryPolicy(max_attempts=1)),
            ).handle_async_request(request_for(UPDATE))

    virtual(main)
