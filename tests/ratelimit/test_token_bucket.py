"""The client's view of the service's bucket, against a service with delays of any shape."""

from __future__ import annotations

import heapq

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerprint_async.ratelimit import TokenBucket


@given(
    rate=st.floats(0.5, 200),
    burst=st.floats(1, 300),
    steps=st.lists(
        st.tuples(st.floats(0, 2), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=120
    ),
)
def test_the_service_never_has_fewer_tokens(
    rate: float, burst: float, steps: list[tuple[float, float, float]]
) -> None:
    """Whatever requests and answers take, the service's own bucket refuses none."""
    ours = TokenBucket(rate, burst, now=0.0)
    level, filled_at = burst, 0.0
    now = 0.0
    events: list[tuple[float, int, str, float]] = []
    for number, (gap, there, back) in enumerate(steps):
        now += gap * 3 / rate
        while events and events[0][0] <= now:
            at, _, what, after = heapq.heappop(events)
            if what == "arrive":
                level = min(burst, level + (at - filled_at) * rate)
                filled_at = at
                assert level >= 1 - 1e-6
                level -= 1
                heapq.heappush(events, (at + after, number, "answer", 0.0))
            else:
                ours.answered(at)
        if ours.wait(0, now) == 0.0:
            ours.take(now)
            heapq.heappush(events, (now + there, number, "arrive", back))


@given(
    rate=st.floats(0.5, 200),
    burst=st.floats(1, 300),
    gaps=st.lists(st.floats(0, 3), min_size=2, max_size=200),
)
def test_no_stretch_of_time_has_more_than_rate_and_burst(
    rate: float, burst: float, gaps: list[float]
) -> None:
    """At most `rate * t + burst` requests in any stretch of `t` seconds, refunds left out."""
    bucket = TokenBucket(rate, burst, now=0.0)
    now, taken = 0.0, []
    for gap in gaps:
        now += gap / rate
        if bucket.wait(0, now) == 0.0:
            bucket.take(now)
            bucket.answered(now)
            taken.append(now)
    for first, begin in enumerate(taken):
        for last in range(first, len(taken)):
            assert last - first + 1 <= rate * (taken[last] - begin) + burst + 1e-6


def test_a_token_is_used_once_its_time_has_come() -> None:
    """The wait that is named is the wait that is needed, for each place in the queue."""
    bucket = TokenBucket(10.0, 2.0, now=0.0)
    for _ in range(2):
        bucket.take(0.0)
        bucket.answered(0.0)
    wait = bucket.wait(0, 0.0)
    assert wait == pytest.approx(0.1, rel=0.01)
    assert bucket.wait(1, 0.0) == pytest.approx(2 * wait)
    assert bucket.wait(0, 0.9 * wait) > 0
    assert bucket.wait(0, wait) == 0.0


def test_a_refund_is_there_at_once() -> None:
    """And never makes the bucket hold more than its burst."""
    bucket = TokenBucket(1.0, 1.0, now=0.0)
    bucket.take(0.0)
    assert bucket.wait(0, 0.0) > 0
    bucket.refund(0.0)
    assert bucket.wait(0, 0.0) == 0.0
    assert bucket.level(0.0) == 1.0


def test_a_drained_bucket_fills_from_nothing() -> None:
    """A 429 says that it is empty; below nothing it stays as it is."""
    bucket = TokenBucket(1.0, 5.0, now=0.0)
    bucket.drain(0.0)
    assert bucket.level(0.0) == 0.0
    bucket.take(0.0)
    bucket.drain(0.0)
    assert bucket.level(0.0) == -1.0
    bucket.restart(2.0, 6.0, 0.0)
    assert (bucket.level(0.0), bucket.rate, bucket.burst) == (0.0, 2.0, 6.0)


def test_round_trips_that_are_alike_are_counted_on() -> None:
    """What fills in during one round trip is there as well, once enough of them took as long."""
    alike = TokenBucket(10.0, 30.0, now=0.0)
    unlike = TokenBucket(10.0, 30.0, now=0.0)
    now = 0.0
    for trip in range(12):
        for bucket, seconds in ((alike, 0.5), (unlike, 0.1 + 0.4 * (trip % 2))):
            bucket.take(now)
            bucket.answered(now + seconds, sent=now)
        now += 0.5
    alike.take(now)
    unlike.take(now)
    for bucket in (alike, unlike):
        bucket.drain(now)
    assert alike.level(now) == 0.0
    for _ in range(20):
        alike.take(now)
        unlike.take(now)
    assert alike.level(now) == unlike.level(now) == -20.0
    assert alike.level(now + 1.0) > unlike.level(now + 1.0) - 1e-9


def test_a_smaller_burst_takes_effect_at_once() -> None:
    """What was in the bucket beyond it is gone."""
    bucket = TokenBucket(10.0, 30.0, now=0.0)
    bucket.refit(5.0, 15.0, 0.0)
    assert bucket.level(0.0) == 15.0


def test_requests_that_hang_take_up_space_for_seconds_only() -> None:
    """Those that are answered later, or never, hold up nobody for as long as they hang."""
    bucket = TokenBucket(10.0, 3.0, now=0.0)
    for _ in range(3):
        bucket.take(0.0)
    assert bucket.wait(0, 4.9) > 0
    assert bucket.unanswered == 3
    assert bucket.level(5.1) < 3
    assert bucket.level(5.2) > 0
    assert (bucket.unanswered, bucket.level(6.0)) == (0, 3.0)
    bucket.take(6.0)
    for taken in (0.0, 0.0, None, None):
        bucket.answered(6.1, taken=taken)
    assert bucket.unanswered == 0


def test_the_request_that_ended_is_the_one_that_is_under_way_no_more() -> None:
    """Not another that was sent before it."""
    bucket = TokenBucket(10.0, 3.0, now=0.0)
    bucket.take(0.0)
    bucket.take(3.0)
    bucket.take(4.0)
    bucket.answered(4.5, taken=3.0)
    bucket.refund(4.5, taken=4.0)
    bucket.level(5.1)
    assert bucket.unanswered == 0
    bucket.take(5.1)
    bucket.answered(5.2, taken=4.0)
    assert bucket.unanswered == 1
