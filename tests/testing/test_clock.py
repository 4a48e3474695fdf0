"""The emulator's clock: real, standing still, fast; and what hangs on it."""

from __future__ import annotations

import math
from typing import Any

import pytest

from fingerprint_async.testing import Clock, Emulator


def test_a_clock_of_another_speed() -> None:
    """It runs as fast as it is told, from where it stands."""
    now = [100.0]
    clock = Clock(lambda: now[0], speed=60, start=1_000)
    now[0] += 2
    assert clock() == 1_120
    clock.set_speed(0)
    now[0] += 50
    assert clock() == 1_120
    clock.advance(3.5)
    clock.set_speed(1)
    now[0] += 1
    assert clock() == 1_124.5


async def test_a_frozen_clock_moves_by_hand_only() -> None:
    """Waiting on it is moving it."""
    clock = Clock.frozen(5)
    assert clock() == clock() == 5
    await clock.sleep(7)
    assert clock() == 12


@pytest.mark.parametrize("seconds", [-1, math.nan, math.inf])
def test_time_does_not_go_back(seconds: float) -> None:
    """It goes ahead by a number of seconds, or says what is wrong."""
    clock = Clock.frozen(5)
    for change in (clock.advance, clock.set_speed):
        with pytest.raises(ValueError, match="must be 0 or more"):
            change(seconds)
    with pytest.raises(ValueError, match="speed"):
        Clock(speed=seconds)
    assert clock() == 5


def test_a_new_event_is_as_the_service_has_it(make_caller: Any, clock: Any) -> None:
    """By default it is read at once, found by a search after 5 s, changed after 12 s."""
    call = make_caller()
    event_id = call.emulator.add_event()["event_id"]

    def state() -> tuple[bool, bool, int]:
        found = call.walk(end=int(clock.now * 1_000) + 1, limit=100)
        return (
            call("GET", f"/events/{event_id}").status == 200,
            event_id in [event["event_id"] for event in found],
            call("PATCH", f"/events/{event_id}", body={"suspect": True}).status,
        )

    assert state() == (True, False, 409)
    clock.now += 5
    assert state() == (True, True, 409)
    clock.now += 7
    assert state() == (True, True, 200)


def test_an_old_event_cannot_be_changed(make_caller: Any, clock: Any) -> None:
    """A month after it came in, an event stays as it is."""
    call = make_caller()
    newest = call.emulator.truth().ids[-1]
    assert call("PATCH", f"/events/{newest}", body={"suspect": True}).status == 200
    clock.now += 31 * 86_400
    assert call("PATCH", f"/events/{newest}", body={"suspect": True}).status == 400


def test_what_is_behind_the_retention_is_gone(make_caller: Any, clock: Any) -> None:
    """Events go with time, from searches and from reads; a start there is refused."""
    call = make_caller(retention=31)
    oldest = call.emulator.truth().ids[0]
    assert call("GET", f"/events/{oldest}").status == 200
    clock.now += 2 * 86_400
    assert call.error("GET", f"/events/{oldest}")[1] == "event_not_found"
    assert oldest not in call.emulator.truth().ids
    assert call.error("GET", "/events", start=call.emulator.start)[2] == "invalid start time"


@pytest.mark.parametrize("retention", [0.001, 1, 30, 365])
def test_the_start_that_it_names_is_good(retention: float) -> None:
    """With any retention, a search from `searchable_start` passes, also a while later."""
    clock = Clock.frozen(1_790_000_000)
    emulator = Emulator(events=50, retention=retention, clock=clock)
    start = emulator.searchable_start
    clock.advance(min(3_000, retention * 8_000))
    from .conftest import Caller

    assert Caller(emulator)("GET", "/events", start=start).status == 200


def test_a_deletion_takes_its_time(make_caller: Any, clock: Any) -> None:
    """With `deletion_seconds`, events go later than the answer comes."""
    call = make_caller(deletion=True, deletion_seconds=60)
    newest = call.emulator.truth(sdk_platform="js").ids[-1]
    visitor = call.json("GET", f"/events/{newest}")["identification"]["visitor_id"]
    assert call("DELETE", f"/visitors/{visitor}").status == 200
    assert call("GET", f"/events/{newest}").status == 200
    clock.now += 60
    assert call("GET", f"/events/{newest}").status == 404


def test_feedback_has_its_day(make_caller: Any, clock: Any) -> None:
    """Feedback is for events of the JavaScript agent of the last 24 h; the last one wins."""
    call = make_caller(feedback=True)
    body = {"reset_identification_confidence_score": True}
    web = call.emulator.truth(sdk_platform="js").ids[-1]
    phone = call.emulator.add_event(platform="ios")["event_id"]
    assert call("POST", f"/events/{phone}/feedback", body=body).status == 400
    assert call("POST", f"/events/{web}/feedback", body=body).status == 202
    assert call.json("GET", f"/events/{web}")["identification"]["confidence"]["score"] == 0
    clock.now += 86_401
    assert call("POST", f"/events/{web}/feedback", body=body).status == 400
