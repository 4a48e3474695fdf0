"""What decoding costs, counted in Python calls rather than in time."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from enum import Enum
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from fingerprint_async.models import Event, EventSearch

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [
    pytest.mark.uncovered,
    pytest.mark.skipif(
        sys.gettrace() is not None, reason="a tracer of another makes calls of its own"
    ),
]


def python_calls(function: Callable[[], Any]) -> int:
    """How many Python functions run inside it."""
    count = 0

    def seen(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        function()
    finally:
        sys.setprofile(before)
    return count - 1


@pytest.fixture
def event(full_event: dict[str, Any]) -> Event:
    """A full event whose models are loaded."""
    event = Event.from_dict(dict(full_event))
    assert event.identification
    return event


def test_a_scalar_is_read_without_any_call(full_event: dict[str, Any]) -> None:
    """A scalar costs what any attribute costs, and so does a model from its second read on."""
    event = Event.from_dict({**full_event, "vpn": None})
    sparse = Event.from_dict({"event_id": "1", "timestamp": 1})
    assert python_calls(lambda: (event.event_id, event.vpn, sparse.event_id, sparse.vpn)) == 0

    def read() -> object:
        return (
            event.identification,
            event.bot,
            event.rule_action,
            event.labels,
            event.tags,
            sparse.tags,
        )

    read()
    assert python_calls(read) == 0


def test_cutting_a_page_makes_no_call_an_event(full_event: dict[str, Any]) -> None:
    """A page of a hundred is cut by as many Python calls as a page of one."""
    small, large = (json.dumps({"events": [full_event] * count}).encode() for count in (1, 100))
    EventSearch.from_json(small)
    assert python_calls(lambda: EventSearch.from_json(small)) == python_calls(
        lambda: EventSearch.from_json(large)
    )


def test_an_event_that_nobody_read_is_one_object_to_the_collector(
    full_event: dict[str, Any],
) -> None:
    """The items of a page are bytes until they are read: the collector tracks one object each."""
    page = EventSearch.from_json(json.dumps({"events": [full_event] * 50}))
    below = [
        found for event in page.events for found in gc.get_referents(event) if gc.is_tracked(found)
    ]
    assert {type(found) for found in below} <= {type}


def tracked(function: Callable[[], Any]) -> int:
    """Count the objects that the collector tracks afterwards and did not before."""
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        kept = function()
        after = len(gc.get_objects())
    finally:
        gc.enable()
    del kept
    return after - before


def test_an_event_is_two_objects_to_the_collector_at_most(full_event: dict[str, Any]) -> None:
    """One until it is read, two when ids, times and verdicts were: only objects within are more."""
    text = json.dumps({"events": [full_event] * 100}).encode()

    def cut() -> EventSearch:
        return EventSearch.from_json(text)

    def read() -> EventSearch:
        page = EventSearch.from_json(text)
        for event in page.events:
            assert event.event_id
            assert event.timestamp
            assert event.vpn
            assert event.bot
        return page

    cut()
    read()
    # The page, the list of events, what this test holds.
    assert tracked(cut) <= 100 + 10
    # And a row an event: what was decoded of it.
    assert tracked(read) <= 2 * 100 + 10


def test_reading_scalars_decodes_no_list_and_no_object(full_event: dict[str, Any]) -> None:
    """An event whose id was read holds its scalars, and nothing that the collector tracks."""
    event = EventSearch.from_json(json.dumps({"events": [full_event]})).events[0]
    assert event.event_id
    assert event.bot
    held = gc.get_referents(event)
    assert not [
        found for found in held if gc.is_tracked(found) and not isinstance(found, type | Enum)
    ]
    assert event.tags == full_event["tags"]
    assert event.identification
    assert [found for found in gc.get_referents(event) if gc.is_tracked(found)]


def test_the_visitor_of_an_event_is_decoded_alone(full_event: dict[str, Any]) -> None:
    """After an id, the first object that is read is decoded without the others."""
    text = json.dumps({"events": [full_event] * 100}).encode()

    def read() -> EventSearch:
        page = EventSearch.from_json(text)
        for event in page.events:
            assert event.event_id
            assert event.identification
            assert event.identification.visitor_id
        return page

    read()
    # An event and its row, the identification and its row.
    assert tracked(read) <= 4 * 100 + 10


def test_the_first_read_is_one_pass(full_event: dict[str, Any]) -> None:
    """It sets every scalar and enum of an event: each read of one from then on makes no call."""
    first, event = EventSearch.from_json(json.dumps({"events": [full_event] * 2})).events
    assert first.event_id
    enums = sum(isinstance(getattr(first, field.name), Enum) for field in attrs.fields(Event))
    # `__getattr__`, the plan, its reading; one an enum.
    assert python_calls(lambda: event.event_id) <= 3 + enums
    assert python_calls(lambda: (event.timestamp, event.vpn, event.url, event.bot)) == 0


def test_the_json_of_an_event_is_given_not_made(event: Event) -> None:
    """`to_json()` gives the bytes that came: a call or two, whatever the size."""
    assert python_calls(event.to_json) <= 2
    assert event.to_json() is event.to_json()


def test_a_call_loads_what_it_needs() -> None:
    """One `events.get` loads no crawl, no schema, no library that nobody asked for."""
    code = (
        "import asyncio, sys, httpx, fingerprint_async as f\n"
        "answer = httpx.Response(200, json={'event_id': 'a', 'timestamp': 1})\n"
        "t = httpx.MockTransport(lambda _: answer)\n"
        "async def call():\n"
        "    return (await f.FingerprintClient('sk', transport=t).events.get('a')).event_id\n"
        "before = set(sys.modules)\n"
        "assert asyncio.run(call()) == 'a'\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    packages = {name.split(".")[1] for name in loaded if name.startswith("fingerprint_async.")}
    assert not packages & {"cli", "crawl", "drift", "schema", "sealed", "testing", "webhooks"}
    foreign = {"cattrs", "pydantic", "pyreqwest", "redis", "rich", "sqlite3", "uvicorn", "yaml"}
    assert not loaded & {*foreign, "tomllib", "multiprocessing"}
