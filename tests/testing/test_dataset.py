"""The synthetic workspace."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fingerprint_async.testing.emulator.dataset import Dataset

START, END = 1_767_225_600_000, 1_769_817_600_000
HOUR = 3_600_000


@pytest.fixture(scope="module")
def month() -> Dataset:
    """Twenty thousand events over thirty days."""
    return Dataset(events=20_000, start=START, end=END, seed=7)


def test_the_same_seed_gives_the_same_bytes() -> None:
    """Two workspaces of the same arguments are equal byte by byte.

    Another seed is another workspace.
    """
    one, same, other = (Dataset(events=500, start=START, end=END, seed=seed) for seed in (1, 1, 2))
    assert one.encode(range(500)) == same.encode(range(500))
    assert one.encode(range(500)) != other.encode(range(500))


def test_events_have_unique_ids_which_lead_back_to_them(month: Dataset) -> None:
    """Each id is `<ms>.<six characters>`, unique, and found again."""
    ids = month.event_ids(range(len(month)))
    assert len(set(ids)) == len(month)
    assert all(month.find(event_id) == number for number, event_id in enumerate(ids))
    assert all(
        event_id == f"{at}.{event_id[-6:]}"
        for event_id, at in zip(ids, month.timestamps, strict=True)
    )


@pytest.mark.parametrize(
    "event_id", ["", "1", "1.abc", "1767225600000.zzzzzz", "x.abcdef", "1.ab-def", "1.æøåabc"]
)
def test_an_unknown_id_is_not_found(month: Dataset, event_id: str) -> None:
    """What is not an event's id finds nothing, whatever its shape."""
    assert month.find(event_id) is None


def test_the_time_line_is_uneven(month: Dataset) -> None:
    """There is an hour with a quarter of all events, a millisecond with more than a page.

    Empty days.
    """
    times = month.timestamps
    assert (times[0], times[-1]) == (START, END)
    assert list(times) == sorted(times)
    busiest = max(Counter(at // (HOUR // 2) for at in times).values())
    assert busiest > len(times) / 8
    assert max(Counter(times).values()) > 100
    assert max(later - at for at, later in pairwise(times)) > 24 * HOUR


def test_events_are_as_large_as_real_ones(month: Dataset) -> None:
    """A page of a hundred device events is about 600 kB."""
    page = b"".join(month.encode(month.numbers("device")[:100]))
    assert 450_000 < len(page) < 700_000


def test_every_kind_of_event_is_there(month: Dataset) -> None:
    """All sources of events, both rule actions, labels, velocity, bots and device details occur."""
    events = [month.event(number) for number in range(0, 20_000, 20)]
    assert {event["source"] for event in events} == {"device", "edge"}
    assert {event["sdk"]["platform"] for event in events if "sdk" in event} == {
        "js",
        "android",
        "ios",
    }
    assert {event["rule_action"]["type"] for event in events if "rule_action" in event} == {
        "allow",
        "block",
    }
    for name in (
        "labels",
        "velocity",
        "bot_info",
        "raw_device_attributes",
        "device_details",
        "proximity",
    ):
        assert any(name in event for event in events), name


def test_a_visitor_keeps_its_device(month: Dataset) -> None:
    """All events of a visitor carry its ids and the same device attributes."""
    visitor = month.visitor_of(month.numbers("device")[0])
    assert visitor is not None
    events = [
        month.event(number)
        for number in month.numbers("device")
        if month.visitor_of(number) == visitor
    ]
    assert {event["identification"]["visitor_id"] for event in events} == {
        month.visitor_id(visitor)
    }
    assert len({json.dumps(event["raw_device_attributes"]) for event in events}) == 1
    assert month.find_visitor(month.visitor_id(visitor)) == visitor
    assert month.find_visitor(month.high_recall_id(visitor), high_recall=True) == visitor
    assert month.find_visitor(month.high_recall_id(visitor)) is None


@pytest.mark.parametrize("visitor_id", ["", "x" * 20, "é" * 20, "-" * 20])
def test_an_unknown_visitor_is_not_found(month: Dataset, visitor_id: str) -> None:
    """What is not a visitor's id finds nothing."""
    assert month.find_visitor(visitor_id) is None


@settings(max_examples=40, deadline=None)
@given(events=st.integers(0, 300), span=st.integers(0, 10_000_000), seed=st.integers(0, 5))
def test_any_size_and_span_holds(events: int, span: int, seed: int) -> None:
    """However many events and however short the range.

    That many, inside it, each decodable, ids unique.
    """
    workspace = Dataset(events=events, start=START, end=START + span, seed=seed, detail="slim")
    assert len(workspace) == events
    assert all(START <= at <= START + span for at in workspace.timestamps)
    decoded = [json.loads(event) for event in workspace.encode(range(events))]
    assert len({event["event_id"] for event in decoded}) == events
    assert [event["timestamp"] for event in decoded] == list(workspace.timestamps)


def test_impossible_sizes_are_refused() -> None:
    """Fewer than no events, or an end before the start, is an error."""
    with pytest.raises(ValueError, match="negative"):
        Dataset(events=-1, start=0, end=1)
    with pytest.raises(ValueError, match="before start"):
        Dataset(events=1, start=2, end=1)
