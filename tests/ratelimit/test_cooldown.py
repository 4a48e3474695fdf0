"""Pauses after a 429, and the probes that follow them."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerprint_async.ratelimit._cooldown import MAX_PAUSE_SECONDS, Cooldown


def refuse(cooldown: Cooldown, now: float, retry_after: float | None = None) -> float | None:
    """Refuse a request that was sent at that moment."""
    return cooldown.refused(sent=now, now=now, retry_after=retry_after)


def test_a_pause_ends_at_its_time() -> None:
    """As long as the service says, else a quarter of a second."""
    cooldown = Cooldown()
    assert cooldown.open_slots(0.0) == inf
    assert refuse(cooldown, 0.0, 7.5) == 7.5
    assert (cooldown.open_slots(7.49), cooldown.wait(3, 0.5)) == (0, 7.0)
    assert cooldown.open_slots(7.5) == inf
    cooldown.succeeded(sent=8.0)
    assert refuse(cooldown, 9.0) == 0.25


@given(st.one_of(st.floats(), st.integers(-(10**400), 10**400)))
def test_no_time_that_the_service_names_pauses_for_longer_than_a_minute(value: float) -> None:
    """Nor breaks anything: negative, not a number, without end, of hundreds of digits."""
    cooldown = Cooldown()
    pause = cooldown.refused(sent=0.0, now=0.0, retry_after=value)
    assert pause is not None
    assert 0 <= pause <= MAX_PAUSE_SECONDS


def test_pauses_grow_while_nothing_succeeds() -> None:
    """Twice as long each time, up to 16 seconds; a success ends the row."""
    cooldown, now, pauses = Cooldown(), 0.0, []
    for _ in range(9):
        pauses.append(refuse(cooldown, now))
        now += pauses[-1] or 0.0
    assert pauses == [0.25, 0.5, 1, 2, 4, 8, 16, 16, 16]
    assert not cooldown.at_rest(now + 59)
    assert cooldown.at_rest(now + 60)
    cooldown.succeeded(sent=now)
    assert cooldown.at_rest(now)
    assert refuse(cooldown, now) == 0.25


def test_overload_pauses_longer() -> None:
    """A second and more."""
    cooldown = Cooldown()
    assert cooldown.refused(sent=0.0, now=0.0, retry_after=None, overload=True) == 1.0
    assert cooldown.refused(sent=1.0, now=1.0, retry_after=None, overload=True) == 2.0


def test_requests_of_before_extend_a_pause_and_end_none() -> None:
    """They are no reason to wait longer the next time."""
    cooldown = Cooldown()
    assert cooldown.refused(sent=0.0, now=1.0, retry_after=5.0) == 5.0
    assert cooldown.refused(sent=0.5, now=2.0, retry_after=6.0) is None
    cooldown.succeeded(sent=0.9)
    assert cooldown.open_slots(7.9) == 0
    assert cooldown.open_slots(8.0) == inf


def test_a_service_that_says_at_once_is_not_asked_in_a_loop() -> None:
    """`Retry-After: 0` is believed once, not again and again."""
    cooldown = Cooldown()
    assert [refuse(cooldown, float(now), 0.0) for now in range(4)] == [0, 0.25, 0.5, 1]


@pytest.mark.parametrize("retry_after", [86_400.0, inf, 10**400])
def test_a_pause_that_is_cut_is_followed_by_one_probe(retry_after: float) -> None:
    """The others wait for what becomes of it: a 429 pauses again, a success lets more go."""
    cooldown = Cooldown()
    assert refuse(cooldown, 0.0, retry_after) == 60.0
    assert cooldown.open_slots(60.0) == 1
    assert cooldown.wait(0, 60.0) == 0.0
    assert cooldown.take(60.0)
    assert cooldown.open_slots(60.1) == 0
    assert 0 < cooldown.wait(0, 60.1) <= 1
    cooldown.ended()
    assert refuse(cooldown, 61.0, retry_after) == 60.0
    assert cooldown.take(121.0)
    cooldown.ended()
    cooldown.succeeded(sent=121.0)
    assert cooldown.open_slots(121.5) == 2


def test_each_success_lets_one_more_go() -> None:
    """So that their number doubles with each round trip, until it does not matter."""
    cooldown, now = Cooldown(), 60.0
    refuse(cooldown, 0.0, 1e9)
    numbers = []
    while (slots := cooldown.open_slots(now)) != inf:
        numbers.append(slots)
        for _ in range(int(slots)):
            assert cooldown.take(now)
        assert cooldown.open_slots(now) == 0
        for _ in range(int(slots)):
            cooldown.ended()
            cooldown.succeeded(sent=now)
        now += 0.3
    assert numbers == [1, 2, 4, 8, 16, 32, 64]
    assert not cooldown.take(now)


def test_a_second_refusal_in_a_row_is_followed_by_one_probe() -> None:
    """What waits does not go all at once into the next refusal. Nor does it under overload."""
    cooldown = Cooldown()
    refuse(cooldown, 0.0)
    assert cooldown.open_slots(0.25) == inf
    refuse(cooldown, 0.25)
    assert cooldown.open_slots(0.75) == 1
    cooldown = Cooldown()
    cooldown.refused(sent=0.0, now=0.0, retry_after=None, overload=True)
    assert cooldown.open_slots(1.0) == 1


def test_a_probe_without_an_answer_is_followed_by_another() -> None:
    """At once when it is known that none will come, else after a minute."""
    cooldown = Cooldown()
    refuse(cooldown, 0.0, 1e9)
    cooldown.take(60.0)
    cooldown.ended()
    assert cooldown.open_slots(60.0) == 1
    cooldown.take(60.0)
    assert cooldown.open_slots(119.9) == 0
    assert cooldown.open_slots(120.0) == 1
    cooldown.take(120.0)
    assert cooldown.open_slots(120.1) == 0
    cooldown.ended()
    cooldown.ended()
    assert cooldown.open_slots(120.2) == 1
