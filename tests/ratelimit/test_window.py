"""Windows such as 30 deletions an hour."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fingerprint_async.ratelimit._window import Window


@given(
    most=st.integers(1, 10),
    seconds=st.floats(1, 10_000),
    gaps=st.lists(st.floats(0, 0.5), min_size=1, max_size=100),
)
def test_no_stretch_holds_more(most: int, seconds: float, gaps: list[float]) -> None:
    """In any stretch of that length, at most that many requests."""
    window = Window(most, seconds)
    now, taken = 0.0, []
    for gap in gaps:
        now += gap * seconds
        if window.wait(0, now) == 0.0:
            window.take(now)
            taken.append(now)
    for first, begin in enumerate(taken):
        assert sum(at < begin + seconds for at in taken[first:]) <= most


def test_the_wait_is_what_it_takes() -> None:
    """For each place in the queue, over several rounds; a minute longer than the service's own."""
    window = Window(2, 3600)
    assert window.wait(1, 0.0) == 0.0
    window.take(0.0)
    window.take(10.0)
    assert [window.wait(place, 10.0) for place in range(4)] == [3650, 3660, 7310, 7320]
    assert window.free(3660.0) == 1
    assert window.wait(0, 3660.0) == 0.0


def test_a_refund_frees_the_latest_place() -> None:
    """A place that is free too early would break the limit."""
    window = Window(2, 100)
    window.take(0.0)
    window.take(50.0)
    window.refund()
    assert window.free(50.0) == 1
    assert not window.at_rest(50.0)
    assert window.at_rest(200.0)
    window.refund()
    assert window.free(200.0) == 2
