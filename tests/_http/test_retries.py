"""Attempts, waits, quota and deadline."""

from __future__ import annotations

import asyncio
import math

import pytest

from fingerprint_async._http.operations import OPERATIONS
from fingerprint_async.config import RequestOptions, RetryPolicy
from fingerprint_async.errors import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    DeadlineExceededError,
    DecodeError,
    NotFoundError,
    RateLimitError,
    ResponseBodyError,
    ResponseTooLargeError,
    ServerError,
    StateNotReadyError,
)
from fingerprint_async.ratelimit import RateLimit
from tests._http.conftest import Script, answer, api_error, request_for

READS = {"getEvent", "searchEvents"}
WRITES = OPERATIONS.keys() - READS

FAILURES = {
    "429": (lambda: api_error(429, "too_many_requests"), READS | WRITES),
    "503": (lambda: api_error(503, "service_unavailable"), READS | WRITES),
    "unsent": (lambda: APIConnectionError("", processed=False), READS | WRITES),
    "connect timeout": (lambda: APITimeoutError("", processed=False), READS | WRITES),
    "500": (lambda: api_error(500), READS),
    "502 html": (lambda: answer(502, b"<p>"), READS),
    "504": (lambda: api_error(504), READS),
    "lost": (lambda: APIConnectionError(""), READS),
    "read timeout": (lambda: APITimeoutError(""), READS),
    "not ready": (lambda: api_error(409, "state_not_ready"), {"updateEvent"}),
    "conflict": (lambda: api_error(409, "other"), set()),
    "400": (lambda: api_error(400), set()),
    "403": (lambda: api_error(403), set()),
    "404": (lambda: api_error(404), set()),
    "404 of a proxy": (lambda: answer(404, b"<p>"), set()),
    "413": (lambda: api_error(413), set()),
    "302": (lambda: answer(302, headers={"location": "https://elsewhere"}), set()),
    "418": (lambda: answer(418), set()),
    "too large": (lambda: ResponseTooLargeError("", status_code=200), set()),
}


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
@pytest.mark.parametrize("failure", FAILURES)
def test_the_table_says_what_is_tried_again(virtual, stack, failure, operation) -> None:
    """Reads on whatever may pass; changes only when nothing can have been done."""
    make, operations = FAILURES[failure]

    async def main(loop):
        script = Script(make())
        pipeline = stack(script, loop)
        if operation in operations:
            raw = await pipeline.call_raw(request_for(operation), None)
            assert (raw.status_code, raw.attempts, len(script.requests)) == (200, 2, 2)
        else:
            with pytest.raises(APIError) as caught:
                await pipeline.call(request_for(operation), None)
            assert (len(script.requests), caught.value.attempts) == (1, 1)
            assert caught.value.operation == operation

    virtual(main)


@pytest.mark.parametrize("content", [b"", b'{"a":', b"<p>", b"[]", b"{}", b'{"message":"hi"}'])
@pytest.mark.parametrize("operation", sorted(READS))
def test_a_read_with_a_body_of_another_kind_is_tried_again(
    virtual, stack, operation, content
) -> None:
    """Not JSON, cut off, or another shape: never an empty page or an event without an id."""

    async def main(loop):
        script = Script(answer(200, content))
        await stack(script, loop).call(request_for(operation), None)
        assert len(script.requests) == 2
        script = Script(*(answer(200, content) for _ in range(9)))
        for call in (stack(script, loop).call, stack(script, loop).call_raw):
            with pytest.raises(ResponseBodyError) as caught:
                await call(request_for(operation), None)
            assert (caught.value.attempts, caught.value.status_code) == (4, 200)

    virtual(main)


@pytest.mark.parametrize("operation", ["updateEvent", "deleteVisitorData"])
@pytest.mark.parametrize("content", [b"", b"OK", b"<html>", b"\xff", b"{}"])
def test_a_change_succeeds_with_any_text(virtual, stack, operation, content) -> None:
    """Its success promises no body."""

    async def main(loop):
        script = Script(answer(202, content))
        assert await stack(script, loop).call(request_for(operation), None) is None
        assert len(script.requests) == 1

    virtual(main)


def test_waits_double_up_to_their_ceiling(virtual, stack) -> None:
    """The upper bounds of the waits, of which a random part is waited."""

    async def main(loop):
        bounds = []
        pipeline = stack(
            Script(*(api_error(500) for _ in range(5))),
            loop,
            uniform=lambda low, high: bounds.append((low, high)) or 0.0,
            retry=RetryPolicy(max_attempts=6, base_delay=0.5, max_delay=3),
        )
        await pipeline.call(request_for(), None)
        assert bounds == [(0, 0.5), (0, 1), (0, 2), (0, 3), (0, 3)]
        assert loop.time() == 0.0

    virtual(main)


def test_thousands_of_attempts_are_no_overflow(virtual, stack) -> None:
    """The doubling ends before a float does."""

    async def main(loop):
        pipeline = stack(
            Script(*(api_error(500) for _ in range(1500))),
            loop,
            deadline=None,
            retry=RetryPolicy(max_attempts=2000, max_delay=0.001, quota=None),
        )
        await pipeline.call(request_for(), None)
        assert pipeline.stats.requests == 1501

    virtual(main)


def test_attempts_end(virtual, stack) -> None:
    """The last error is raised, with the count; a call's own number goes before the client's."""

    async def main(loop):
        script = Script(*(api_error(500) for _ in range(30)))
        pipeline = stack(script, loop)
        with pytest.raises(ServerError) as caught:
            await pipeline.call(request_for(), None)
        assert (len(script.requests), caught.value.attempts) == (4, 4)
        assert caught.value.waited == pytest.approx(0.5 + 1 + 2)
        stats = pipeline.stats
        assert (stats.calls, stats.requests, stats.retries) == (1, 4, 3)
        assert stats.operations["getEvent"].failures == 1
        for options in (
            RequestOptions(max_retries=0),
            RequestOptions(retry=RetryPolicy(max_attempts=1)),
        ):
            with pytest.raises(ServerError) as caught:
                await pipeline.call(request_for(), options)
            assert caught.value.attempts == 1
        with pytest.raises(ServerError) as caught:
            await stack(script, loop, max_retries=1).call(request_for(), None)
        assert caught.value.attempts == 2

    virtual(main)


def test_the_last_cause_is_kept(virtual, stack) -> None:
    """Whoever asks how a call went finds out why it was tried again."""

    async def main(loop):
        pipeline = stack(Script(api_error(500), APIConnectionError("lost")), loop)
        raw = await pipeline.call_raw(request_for(), None)
        assert isinstance(raw.last_error, APIConnectionError)
        assert raw.attempts == 3

    virtual(main)


def test_retry_after_is_honoured_on_a_503(virtual, stack) -> None:
    """No sooner than asked; above the ceiling not at all."""

    async def main(loop):
        pipeline = stack(Script(api_error(503, retry_after="4")), loop)
        await pipeline.call(request_for(), None)
        assert loop.time() == 4.0
        pipeline = stack(Script(api_error(503, retry_after="100")), loop)
        with pytest.raises(ServerError) as caught:
            await pipeline.call(request_for(), None)
        assert (caught.value.retry_after, loop.time()) == (100, 4.0)

    virtual(main)


def test_when_everything_fails_the_quota_keeps_the_traffic_down(virtual, stack) -> None:
    """Once it is used up, below 1.3 requests a call.

    And the error says that a retry was left out.
    """

    async def main(loop):
        script = Script(*(api_error(500) for _ in range(10_000)))
        pipeline = stack(script, loop)
        for _ in range(40):
            with pytest.raises(ServerError):
                await pipeline.call(request_for(), None)
        before = len(script.requests)
        for _ in range(100):
            with pytest.raises(ServerError, match="retry quota: used up"):
                await pipeline.call(request_for(), None)
        assert len(script.requests) - before < 130
        assert pipeline.stats.quota_refusals > 0

    virtual(main)


def test_with_some_successes_the_quota_still_bounds_retries(virtual, stack) -> None:
    """When four of five requests fail, retries stay below 0.3 a call in the long run."""

    async def main(loop):
        calls = 600
        steps = (api_error(500) if i % 5 else None for i in range(5000))
        script = Script(*(step or answer(200, b'{"events":[]}') for step in steps))
        pipeline = stack(script, loop)
        for _ in range(200):
            await asyncio.gather(
                pipeline.call(request_for("searchEvents"), None), return_exceptions=True
            )
        before = len(script.requests)
        for _ in range(calls):
            await asyncio.gather(
                pipeline.call(request_for("searchEvents"), None), return_exceptions=True
            )
        assert (len(script.requests) - before) / calls < 1.3

    virtual(main)


def test_an_event_that_is_not_ready_is_waited_for_until_the_deadline(virtual, stack) -> None:
    """Every second or two, however many attempts that takes, and no failure is counted."""

    async def main(loop):
        script = Script(*(api_error(409, "state_not_ready") for _ in range(12)))
        pipeline = stack(script, loop, uniform=lambda low, high: (low + high) / 2)
        assert await pipeline.call(request_for("updateEvent"), None) is None
        assert len(script.requests) == 13
        assert loop.time() == pytest.approx(18)
        assert pipeline.stats.quota_refusals == 0
        script = Script(*(api_error(409, "state_not_ready") for _ in range(200)))
        with pytest.raises(StateNotReadyError) as caught:
            await stack(script, loop, deadline=10).call(request_for("updateEvent"), None)
        assert 5 <= caught.value.attempts <= 10

    virtual(main)


def test_waiting_for_a_state_ends_without_a_deadline_too(virtual, stack) -> None:
    """A call that has all the time there is gives up after two minutes; without retries at once."""

    async def main(loop):
        script = Script(*(api_error(409, "state_not_ready") for _ in range(500)))
        pipeline = stack(script, loop, deadline=None)
        with pytest.raises(StateNotReadyError):
            await pipeline.call(request_for("updateEvent"), None)
        assert 100 <= loop.time() <= 121
        with pytest.raises(StateNotReadyError) as caught:
            await pipeline.call(request_for("updateEvent"), RequestOptions(max_retries=0))
        assert caught.value.attempts == 1

    virtual(main)


def test_a_deadline_is_compared_before_waiting(virtual, stack) -> None:
    """The call ends at once when the next attempt would come too late; the failure is the cause."""

    async def main(loop):
        pipeline = stack(Script(*(api_error(500) for _ in range(9))), loop, deadline=1.4)
        with pytest.raises(DeadlineExceededError) as caught:
            await pipeline.call(request_for(), None)
        error = caught.value
        assert loop.time() == 0.5
        assert (error.attempts, error.deadline, error.operation) == (2, 1.4, "getEvent")
        assert error.waited == pytest.approx(0.5)
        assert isinstance(error.__cause__, ServerError)

    virtual(main)


async def slow():
    """Answer after 100 seconds."""
    await asyncio.sleep(100)
    return answer(200, b'{"event_id":"1708102555327.NLOjmg"}')


def test_a_deadline_ends_an_attempt_that_takes_too_long(virtual, stack) -> None:
    """To the moment; a call's own deadline goes before the client's, and None is none."""

    async def main(loop):
        pipeline = stack(Script(slow, slow, slow), loop, deadline=5)
        with pytest.raises(DeadlineExceededError, match=r"deadline of 5 s"):
            await pipeline.call(request_for(), None)
        assert loop.time() == 5.0
        assert pipeline.stats.in_flight == 0
        with pytest.raises(DeadlineExceededError, match=r"deadline of 2 s"):
            await pipeline.call(request_for(), RequestOptions(deadline=2))
        assert (await pipeline.call_raw(request_for(), RequestOptions(deadline=None))).status_code

    virtual(main)


def test_a_timeout_of_somebody_else_is_not_ours(virtual, stack) -> None:
    """A caller's own `asyncio.timeout` around a call stays a plain TimeoutError."""

    async def main(loop):
        pipeline = stack(Script(slow, APITimeoutError("")), loop, deadline=50)
        with pytest.raises(TimeoutError) as caught:
            async with asyncio.timeout(1):
                await pipeline.call(request_for(), None)
        assert type(caught.value) is TimeoutError
        with pytest.raises(APITimeoutError):
            await pipeline.call(request_for("updateEvent"), None)

    virtual(main)


def test_a_retry_pays_the_limiter_again(virtual, stack) -> None:
    """Each attempt takes a token, and waits for one; a request that was never sent costs none."""

    async def main(loop):
        limit = RateLimit(requests_per_second=1, burst=1)
        pipeline = stack(
            Script(api_error(500), api_error(500)),
            loop,
            rate_limit=limit,
            retry=RetryPolicy(base_delay=0),
        )
        await pipeline.call(request_for(), None)
        assert pipeline.stats.tokens == 3
        assert loop.time() == pytest.approx(2, rel=0.01)
        begin = loop.time()
        pipeline = stack(
            Script(APIConnectionError("", processed=False)),
            loop,
            rate_limit=RateLimit(requests_per_second=1, burst=2),
            retry=RetryPolicy(base_delay=0),
        )
        await pipeline.call(request_for(), None)
        await pipeline.call(request_for(), None)
        assert loop.time() == begin
        assert pipeline.stats.tokens == 2

    virtual(main)


def test_a_body_that_differs_from_the_schema_is_not_tried_again(virtual, stack) -> None:
    """It would differ again. The error is an error of the call and of decoding."""

    async def main(loop):
        odd = b'{"event_id":"1708102555327.NLOjmg","odd":1}'
        script = Script(answer(200, odd, {"x-request-id": "r-1"}), answer(200, odd))
        pipeline = stack(script, loop, strict=True)
        with pytest.raises(DecodeError) as caught:
            await pipeline.call(request_for(), None)
        error = caught.value
        assert isinstance(error, APIError)
        assert (error.findings, error.operation, error.attempts) == (("finding",), "getEvent", 1)
        assert (error.request_id, len(script.requests)) == ("r-1", 1)
        assert (await pipeline.call(request_for(), RequestOptions(strict=False)))["odd"] == 1

    virtual(main)


def test_a_long_pause_is_raised_at_once(virtual, stack) -> None:
    """Above `max_retry_after` nothing waits for it."""

    async def main(loop):
        script = Script(api_error(429, "too_many_requests", retry_after="3600"))
        with pytest.raises(RateLimitError) as caught:
            await stack(script, loop).call(request_for(), None)
        assert (caught.value.retry_after, loop.time()) == (3600, 0)

    virtual(main)


def absent() -> object:
    """An event that the service does not have."""
    return api_error(404, "event_not_found")


def test_an_event_that_is_not_there_is_waited_for_when_asked(virtual, stack) -> None:
    """Every second or two until it is there, the wait ends, or the deadline comes."""

    async def main(loop):
        script = Script(*(absent() for _ in range(5)))
        pipeline = stack(script, loop, uniform=lambda low, high: (low + high) / 2)
        await pipeline.call(request_for(), None, wait=math.inf)
        assert (len(script.requests), loop.time()) == (6, pytest.approx(7.5))
        for wait, deadline, least, most in [
            (10, 60, 9, 10),
            (60, 10, 9, 10),
            (math.inf, 10, 9, 10),
            (math.inf, None, 118, 120),
            (300, None, 298, 300),
        ]:
            begin = loop.time()
            script = Script(*(absent() for _ in range(500)))
            pipeline = stack(script, loop, deadline=deadline, uniform=lambda low, _: low)
            with pytest.raises(NotFoundError):
                await pipeline.call(request_for(), None, wait=wait)
            assert least <= loop.time() - begin <= most
            assert pipeline.stats.quota_refusals == 0

    virtual(main)


@pytest.mark.parametrize(
    "reply", [api_error(404, "visitor_not_found"), api_error(404), answer(404, b"<p>")]
)
def test_only_an_absent_event_is_waited_for(virtual, stack, reply) -> None:
    """A 404 of a proxy, or about something else, will not go away."""

    async def main(loop):
        script = Script(reply)
        with pytest.raises(APIError):
            await stack(script, loop).call(request_for(), None, wait=math.inf)
        assert len(script.requests) == 1

    virtual(main)


def test_a_wait_of_any_length_ends_with_an_attempt(virtual, stack) -> None:
    """Also one that is shorter than the time between two attempts."""

    async def main(loop):
        for wait in (0.5, 1, 1.5, 2, 3.2):
            begin = loop.time()
            script = Script(*(absent() for _ in range(50)))
            with pytest.raises(NotFoundError):
                await stack(script, loop).call(request_for(), None, wait=wait)
            assert loop.time() - begin == pytest.approx(wait, abs=0.05)
            assert len(script.requests) >= 2

    virtual(main)


def test_a_change_need_not_wait(virtual, stack) -> None:
    """With `wait=0` the first answer stands; with a number the wait ends earlier."""

    async def main(loop):
        for wait, most in [(0, 0), (5, 5)]:
            begin = loop.time()
            script = Script(*(api_error(409, "state_not_ready") for _ in range(50)))
            with pytest.raises(StateNotReadyError):
                await stack(script, loop).call(request_for("updateEvent"), None, wait=wait)
            assert loop.time() - begin <= most

    virtual(main)
