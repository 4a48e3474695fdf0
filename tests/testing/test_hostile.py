"""Hostile behaviours: each is what its name says, and the same seed does the same."""

from __future__ import annotations

import json
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import pytest

from fingerprint_async.testing import Hostile
from fingerprint_async.testing.emulator.hostile import BEHAVIOURS

from .conftest import END, START

if TYPE_CHECKING:
    from fingerprint_async.testing.emulator import Reply

ALL = {"start": START, "end": END}
DAY_MS = 86_400_000


def ids(page: dict[str, Any]) -> list[str]:
    """The ids of a page's events."""
    return [event["event_id"] for event in page["events"]]


@pytest.mark.parametrize("reverse", ["true", "false"])
def test_shuffled_pages_hold_the_same_events(make_caller: Any, reverse: str) -> None:
    """A page holds what it would hold anyway, in another order."""
    query = {**ALL, "limit": 20, "reverse": reverse}
    plain = ids(make_caller().json("GET", "/events", **query))
    shuffled = ids(make_caller(hostile=[Hostile("shuffled_pages")]).json("GET", "/events", **query))
    assert sorted(plain) == sorted(shuffled)
    assert plain != shuffled


def test_repeated_pages_come_once_more_and_go_on(make_caller: Any) -> None:
    """A struck request gets the page before with its key; a walk still meets every event."""
    call = make_caller(hostile=[Hostile("repeated_pages", amount=0.3)])
    met = [event["event_id"] for event in call.walk(**ALL, limit=10)]
    assert len(met) > len(set(met))
    assert set(met) == set(call.emulator.truth().ids)


def test_other_shapes_are_json_with_200(make_caller: Any) -> None:
    """The answer is JSON and a 200, and no page of events."""
    call = make_caller(hostile=[Hostile("other_shapes")])
    for _ in range(30):
        answer = call.json("GET", "/events", **ALL)
        events = answer.get("events") if isinstance(answer, dict) else None
        is_page = isinstance(events, list) and all(
            isinstance(event, dict) and "event_id" in event for event in events
        )
        assert not is_page


def test_wrong_totals_differ_from_the_truth(make_caller: Any) -> None:
    """`total_hits` is another number than there are events."""
    call = make_caller(hostile=[Hostile("wrong_totals")])
    page = call.json("GET", "/events", **ALL, total_hits=1_000)
    assert page["total_hits"] != call.emulator.truth().count


def test_a_repeating_key_leads_to_its_own_page(make_caller: Any) -> None:
    """The page of a key has the same key, again and again."""
    call = make_caller(hostile=[Hostile("repeating_keys")])
    key = call.json("GET", "/events", **ALL)["pagination_key"]
    pages = [call.json("GET", "/events", **ALL, pagination_key=key) for _ in range(3)]
    assert [page["pagination_key"] for page in pages] == [key] * 3
    assert ids(pages[0]) == ids(pages[2])


def test_empty_pages_never_end(make_caller: Any) -> None:
    """Every page is empty, and each of their keys is another one."""
    call = make_caller(hostile=[Hostile("endless_empty_pages")])
    page, keys = call.json("GET", "/events", **ALL), set()
    for _ in range(50):
        assert page["events"] == []
        keys.add(page["pagination_key"])
        page = call.json("GET", "/events", **ALL, pagination_key=page["pagination_key"])
    assert len(keys) == 50


def test_the_last_page_may_have_a_blank_key(make_caller: Any) -> None:
    """The last page's key is null, empty, or leads to an empty page."""
    seen = set()
    for seed in range(12):
        call = make_caller(hostile=[Hostile("blank_last_keys")], seed=seed, events=30)
        page = call.json("GET", "/events", **ALL, limit=100)
        key = page["pagination_key"]
        seen.add(key if not key else "key")
        if key:
            assert ids(call.json("GET", "/events", **ALL, limit=100, pagination_key=key)) == []
    assert seen == {None, "", "key"}


def test_odd_events_are_odd_in_every_answer(make_caller: Any) -> None:
    """Strict readers refuse an odd event, in a search and by its id; its neighbours are whole."""
    call = make_caller(hostile=[Hostile("odd_events", amount=0.1)])

    def strict(reply: Reply) -> bool:
        try:
            text = reply.body.decode("utf-8")
            json.dumps(json.loads(text), allow_nan=False).encode().decode("unicode_escape").encode()
        except (ValueError, UnicodeError):
            return False
        return True

    odd = [name for name in call.emulator.truth().ids if not strict(call("GET", f"/events/{name}"))]
    assert 0.02 < len(odd) / call.emulator.truth().count < 0.25
    assert odd == [
        name for name in call.emulator.truth().ids if not strict(call("GET", f"/events/{name}"))
    ]
    page = call("GET", "/events", **ALL, limit=100).body
    assert (b"\xff" in page) or (b"1e400" in page) or (b"-1e999" in page) or (b"\\ud" in page)


@pytest.mark.parametrize("limit", [1, 2, 7, 100])
@pytest.mark.parametrize("reverse", ["true", "false"])
def test_ids_come_twice_and_none_is_lost(make_caller: Any, limit: int, reverse: str) -> None:
    """Struck events come twice; no page exceeds its limit; a walk meets every event."""
    call = make_caller(hostile=[Hostile("ids_twice", amount=0.3)], events=60)
    query = {**ALL, "limit": limit, "reverse": reverse}
    met, page = [], call.json("GET", "/events", **query)
    while True:
        assert len(page["events"]) <= limit
        met += ids(page)
        if "pagination_key" not in page:
            break
        page = call.json("GET", "/events", **query, pagination_key=page["pagination_key"])
    assert set(met) == set(call.emulator.truth().ids)
    assert (len(met) > len(set(met))) is (limit > 1)


@pytest.mark.parametrize("enforced", [True, False])
def test_retention_on_keys(make_caller: Any, clock: Any, *, enforced: bool) -> None:
    """A start that fell behind the retention meanwhile is refused with a key only if so wanted."""
    hostile = [Hostile("retention_on_keys")] if enforced else []
    call = make_caller(retention=30, hostile=hostile)
    query = {**ALL, "start": START + 1_000}
    key = call.json("GET", "/events", **query)["pagination_key"]
    clock.now += 10
    assert call.error("GET", "/events", **query)[2] == "invalid start time"
    reply = call("GET", "/events", **query, pagination_key=key)
    assert (reply.status == 400) is enforced


def test_refused_keys_are_told_in_other_words(make_caller: Any) -> None:
    """The refusal of a key is a 400 whose message may say anything."""
    call = make_caller(hostile=[Hostile("key_messages")])
    told = {call.error("GET", "/events", **ALL, pagination_key="x") for _ in range(60)}
    assert {status for status, _, _ in told} == {400}
    assert len(told) > 3
    assert not any("pagination" in message for _, _, message in told)


@pytest.mark.parametrize("seconds", [-5_000.0, 7_200.0])
def test_a_skewed_clock_shows_in_the_date(make_caller: Any, clock: Any, seconds: float) -> None:
    """The Date header is off, and so is what the service takes for now."""
    call = make_caller(hostile=[Hostile("skewed_clock", amount=seconds)])
    reply = call("GET", "/events")
    date = parsedate_to_datetime(dict(reply.headers)["date"]).timestamp()
    assert date == clock.now + seconds


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_the_same_seed_does_the_same(make_caller: Any, behaviour: Any) -> None:
    """Two emulators of one seed answer the same requests with the same bytes."""

    def answers() -> list[bytes]:
        call = make_caller(hostile=[Hostile(behaviour, amount=0.5)], seed=4, retention=40)
        return [call("GET", "/events", **ALL, limit=limit).body for limit in range(1, 40)]

    assert answers() == answers()


def test_behaviours_are_written_and_drawn() -> None:
    """A behaviour has a text form; a seed draws the same ones, and all of them in time."""
    assert Hostile.parse("shuffled_pages=0.25") == Hostile("shuffled_pages", amount=0.25)
    assert Hostile.parse("skewed_clock=-60").amount == -60
    assert Hostile.draw(3) == Hostile.draw(3)
    drawn = {one.behaviour for seed in range(40) for one in Hostile.draw(seed)}
    assert drawn == set(BEHAVIOURS)
    assert {one.behaviour for seed in range(9) for one in Hostile.draw(seed, ["ids_twice"])} == {
        "ids_twice"
    }


@pytest.mark.parametrize("text", ["", "nonsense", "ids_twice=2", "ids_twice=-1", "ids_twice=1.2.3"])
def test_bad_behaviours_are_refused(text: str) -> None:
    """A mistake in a behaviour is an error that says what would be right."""
    with pytest.raises(ValueError, match=r"behaviour|share"):
        Hostile.parse(text)


def test_hostile_behaviours_change_while_it_runs(make_caller: Any) -> None:
    """They are switched on and off, also from outside."""
    call = make_caller()
    call.emulator.set_hostile(Hostile("other_shapes"))
    assert "pagination_key" not in call("GET", "/events", **ALL).body.decode()
    call.emulator.set_hostile()
    assert call.json("GET", "/events", **ALL)["pagination_key"]
