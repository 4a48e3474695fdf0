"""Slots in flight, and what the limiter is told."""

from __future__ import annotations

import asyncio
import random

import pytest

from fingerprint_async._http.throttling import Slots, limiter_of
from fingerprint_async._secret import Secret
from fingerprint_async.config import RequestOptions, RetryPolicy
from fingerprint_async.errors import APIConnectionError, APIError, DeadlineExceededError
from fingerprint_async.ratelimit import RateLimit, RateLimitTimeout
from tests._http.conftest import Script, answer, api_error, options_for, request_for

ONCE = RetryPolicy(max_attempts=1)


class Told:
    """A limiter of a caller's own, and its permits: it writes down what it is told."""

    rate = 7.0

    def __init__(self) -> None:
        self.acquired: list[tuple[str, int, float | None]] = []
        self.told: list[object] = []
        self.closed = 0
        self.wait: float | None = None

    async def acquire(self, operation, *, priority=0, timeout=None):  # noqa: ASYNC109 - the protocol's
        """Give a permit, or say that it takes too long."""
        self.acquired.append((operation, priority, timeout))
        if self.wait is not None:
            raise RateLimitTimeout(self.wait, timeout or 0.0)
        return self

    def succeeded(self) -> None:
        """Write it down."""
        self.told.append("succeeded")

    def failed(self) -> None:
        """Write it down."""
        self.told.append("failed")

    def release(self) -> None:
        """Write it down."""
        self.told.append("release")

    def refused(self, *, retry_after, overload=False) -> None:
        """Write it down."""
        self.told.append((retry_after, overload))

    async def aclose(self) -> None:
        """Count."""
        self.closed += 1


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (answer(200, b'{"event_id":"1708102555327.NLOjmg"}'), "succeeded"),
        (answer(200, b"{"), "succeeded"),
        (api_error(500), "succeeded"),
        (APIConnectionError(""), "failed"),
        (APIConnectionError("", processed=False), "release"),
        (api_error(429, "too_many_requests", retry_after="3"), (3.0, False)),
        (api_error(429, "too_many_requests", "too many search requests"), (None, True)),
        (ZeroDivisionError(), "failed"),
    ],
)
async def test_the_limiter_is_told_once_how_a_request_ended(stack, step, told) -> None:
    """One of the four, whatever came."""
    limiter = Told()
    pipeline = stack(Script(step), rate_limit=limiter, retry=ONCE, deadline=None)
    await asyncio.gather(pipeline.call(request_for(), None), return_exceptions=True)
    assert limiter.told == [told]
    assert limiter.acquired == [("getEvent", 0, None)]
    assert (pipeline.stats.rate_limit, pipeline.stats.in_flight) == (7.0, 0)
    await pipeline.aclose()
    assert limiter.closed == 1


async def test_a_policy_bounds_the_pauses_that_it_leads_to(stack) -> None:
    """Who waits for ten seconds at most is not held up for a day by one answer."""
    limiter = Told()
    script = Script(api_error(429, "too_many_requests", retry_after="86400"))
    pipeline = stack(script, rate_limit=limiter, retry=RetryPolicy(max_retry_after=10))
    with pytest.raises(APIError):
        await pipeline.call(request_for(), None)
    assert limiter.told == [(10.0, False)]


async def test_a_limit_that_takes_too_long_is_the_deadlines_error(stack) -> None:
    """At once, before anything is sent, and the attempt is not counted."""
    limiter = Told()
    limiter.wait = 9.0
    script = Script()
    pipeline = stack(script, rate_limit=limiter, deadline=5)
    with pytest.raises(DeadlineExceededError, match=r"deadline of 5 s .* in 9 s") as caught:
        await pipeline.call(request_for(), RequestOptions(priority=3))
    assert (caught.value.attempts, caught.value.operation) == (0, "getEvent")
    assert script.requests == []
    (acquired,) = limiter.acquired
    assert acquired[:2] == ("getEvent", 3)
    assert acquired[2] == pytest.approx(5, abs=0.5)


def test_one_key_at_one_host_has_one_limiter() -> None:
    """However the address is written, and whatever clients come and go; not for another key."""
    key = Secret("sk_one_limiter")
    one, two, three, four = (
        limiter_of(options_for(None, url, api_key=api_key, rate_limit=RateLimit()))
        for url, api_key in (
            ("https://a.example/v4", key),
            ("HTTPS://A.Example:443/v5", key),
            ("https://a.example/v4", Secret("sk_other")),
            ("https://b.example/v4", key),
        )
    )
    assert one is two
    assert len({id(one), id(three), id(four)}) == 3


def test_calls_beyond_the_slots_wait_by_priority(virtual, stack) -> None:
    """No more at a time than asked for; who waits goes by priority, then by coming."""

    async def main(loop):
        order = []

        async def slow():
            await asyncio.sleep(1)
            return answer(200, b'{"events":[]}')

        script = Script(*(slow for _ in range(9)))
        pipeline = stack(script, loop, max_in_flight=2)

        async def call(name, priority):
            await pipeline.call(request_for("searchEvents"), RequestOptions(priority=priority))
            order.append(name)

        names = [("a", 0), ("b", 0), ("c", 0), ("d", 0), ("e", 5), ("f", 5)]
        await asyncio.gather(*(call(*name) for name in names))
        assert order == ["a", "b", "e", "f", "c", "d"]
        assert loop.time() == pytest.approx(3)
        assert pipeline.stats.slot_wait_seconds == pytest.approx(1 + 1 + 2 + 2)

    virtual(main)


def test_slots_are_never_lost(virtual) -> None:
    """Cancelled at random while waiting, at the handing over too: in the end no slot is taken."""

    async def main(_):
        chance = random.Random(7)
        slots = Slots(3)
        most = 0

        async def use() -> None:
            nonlocal most
            if not slots.take_free():
                await slots.take(chance.randrange(3))
            try:
                most = max(most, slots.taken)
                await asyncio.sleep(chance.random())
            finally:
                slots.release()

        tasks = [asyncio.create_task(use()) for _ in range(300)]
        for task in chance.sample(tasks, 150):
            await asyncio.sleep(chance.random() / 10)
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (slots.taken, most) == (0, 3)

    virtual(main)


async def test_a_slot_cancelled_as_it_is_handed_over_goes_to_the_next() -> None:
    """Within one turn of the loop: released, then cancelled."""
    slots = Slots(1)
    assert slots.take_free()
    first = asyncio.create_task(slots.take(0))
    second = asyncio.create_task(slots.take(0))
    await asyncio.sleep(0)
    slots.release()
    first.cancel()
    await second
    assert first.cancelled()
    assert slots.taken == 1
    slots.release()
    assert slots.taken == 0


async def test_failures_of_every_kind_free_the_slot(stack) -> None:
    """With one slot, a hundred failures in a row do not hold up the next call."""
    script = Script(*(APIConnectionError("") for _ in range(100)))
    pipeline = stack(script, max_in_flight=1, retry=ONCE)
    for _ in range(100):
        with pytest.raises(APIError):
            await pipeline.call(request_for("updateEvent"), None)
    assert await pipeline.call(request_for("updateEvent"), None) is None
