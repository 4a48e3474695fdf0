"""Search: windows, order, pages, keys and filters."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fingerprint_async.testing.emulator.filters import PREDICATES
from fingerprint_async.testing.emulator.search import to_ms

if TYPE_CHECKING:
    from collections.abc import Callable

    from fingerprint_async.testing import Emulator

START, END = 1_767_225_600_000, 1_769_817_600_000
ALL = {"start": START, "end": END}


def ids(events: list[dict[str, Any]]) -> list[str]:
    """The ids of events."""
    return [event["event_id"] for event in events]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    events=st.integers(0, 150),
    seed=st.integers(0, 3),
    limit=st.integers(1, 20),
    reverse=st.booleans(),
    source=st.sampled_from(["device", "edge"]),
    window=st.tuples(st.integers(-1, 150), st.integers(-1, 150)),
    nudge=st.tuples(st.integers(-1, 1), st.integers(-1, 1)),
    added=st.lists(st.integers(0, 149), max_size=5),
    deleted=st.none() | st.integers(0, 149),
)
def test_paging_gives_the_truth(
    make_caller: Callable[..., Any],
    *,
    events: int,
    seed: int,
    limit: int,
    reverse: bool,
    source: Any,
    window: tuple[int, int],
    nudge: tuple[int, int],
    added: list[int],
    deleted: int | None,
) -> None:
    """By any window, limit and order, with events added, changed and deleted.

    Each event once, in order.
    """
    call = make_caller(events=events, deletion=True, seed=seed, searchable_after=0)
    emulator: Emulator = call.emulator
    workspace = emulator.dataset
    times = [*workspace.timestamps, START, END]
    everything = [workspace.event(number) for number in range(events)]
    everything += [
        emulator.add_event(timestamp=times[at % len(times)], detail="slim") for at in added
    ]
    if deleted is not None and everything:
        chosen = everything[deleted % len(everything)]
        call("PATCH", f"/events/{chosen['event_id']}", body={"suspect": True})
        visitor = chosen.get("identification", {}).get("visitor_id")
        if visitor is not None:
            assert call("DELETE", f"/visitors/{visitor}").status == 200
            everything = [
                event
                for event in everything
                if event.get("identification", {}).get("visitor_id") != visitor
                or event["timestamp"] < END - 10 * 86_400_000
            ]
    low, high = sorted(
        times[at % len(times)] + by if at >= 0 else (START, END)[which]
        for which, (at, by) in enumerate(zip(window, nudge, strict=True))
    )
    query: dict[str, Any] = {
        "start": low,
        "end": high,
        "limit": limit,
        "reverse": str(reverse).lower(),
    }
    if source == "edge":
        query["source"] = "edge"
    found = call.walk(**query)
    expected = [
        event
        for event in everything
        if event["source"] == source and low <= event["timestamp"] <= high
    ]
    assert sorted(ids(found)) == sorted(ids(expected))
    times_found = [event["timestamp"] for event in found]
    assert times_found == sorted(times_found, reverse=not reverse)
    truth = emulator.truth(start=low, end=high, source=source)
    assert truth.ids == tuple(ids(found if reverse else found[::-1]))
    assert truth.count == len(found)


@pytest.mark.parametrize(
    ("name", "wanted", "holds"),
    [
        ("vpn", "true", lambda event: event["vpn"] is True),
        ("vpn", "false", lambda event: event["vpn"] is False),
        ("bot", "all", lambda event: event["bot"] in ("good", "bad")),
        ("bot", "none", lambda event: event["bot"] == "not_detected"),
        ("bot", "bad", lambda event: event["bot"] == "bad"),
        ("bot_info", "all", lambda event: "bot_info" in event),
        ("bot_info", "none", lambda event: "bot_info" not in event),
        (
            "bot_info_category",
            ["scraping", "ai_assistant"],
            lambda event: event["bot_info"]["category"] in ("scraping", "ai_assistant"),
        ),
        ("bot_info_name", "PulseCheck", lambda event: event["bot_info"]["name"] == "PulseCheck"),
        ("suspect", "false", lambda event: event["suspect"] is False),
        (
            "anti_detect_browser",
            "true",
            lambda event: event["tampering_details"]["anti_detect_browser"],
        ),
        ("tor_node", "false", lambda event: not event["ip_blocklist"]["tor_node"]),
        ("factory_reset", "true", lambda event: event["factory_reset_timestamp"] > 0),
        ("min_suspect_score", "40", lambda event: event["suspect_score"] >= 40),
        (
            "rare_device_percentile_bucket",
            "p99.9+",
            lambda event: event["rare_device_percentile_bucket"] == "p99.9+",
        ),
        (
            "ip_address",
            "192.0.2.0/26",
            lambda event: any(
                ip_address(info["address"]) in ip_network("192.0.2.0/26")
                for info in event["ip_info"].values()
                if ":" not in info["address"]
            ),
        ),
        ("asn", "64501", lambda event: event["ip_info"]["v4"]["asn"] == "64501"),
        (
            "origin",
            "https://bank.example.org",
            lambda event: event["url"].startswith("https://bank.example.org/"),
        ),
        ("sdk_platform", "ios", lambda event: event["sdk"]["platform"] == "ios"),
        ("environment", ["env_staging"], lambda event: event["environment_id"] == "env_staging"),
        ("environment", ["env_staging", "env_production"], bool),
    ],
)
def test_a_filter_finds_exactly_its_events(
    make_caller: Callable[..., Any], name: str, wanted: Any, holds: Callable[[dict[str, Any]], bool]
) -> None:
    """A filter gives the events it names, all of them, and none that lack the signal."""
    call = make_caller(detail="full", events=600)

    def fits(event: dict[str, Any]) -> bool:
        try:
            return bool(holds(event))
        except KeyError:
            return False

    everything = call.walk(**ALL, limit=100)
    found = call.walk(**ALL, limit=7, **{name: wanted})
    assert found
    assert ids(found) == ids([event for event in everything if fits(event)])


@pytest.mark.parametrize("name", ["visitor_id", "high_recall_id", "linked_id"])
def test_filters_of_one_visitor(call: Any, name: str) -> None:
    """Ids of a visitor, and linked ids, find all its events and no other."""
    paths = {
        "visitor_id": lambda event: event["identification"]["visitor_id"],
        "high_recall_id": lambda event: event["supplementary_id_high_recall"]["visitor_id"],
        "linked_id": lambda event: event.get("linked_id"),
    }
    everything = call.walk(**ALL, limit=100)
    wanted = next(value for event in everything if (value := paths[name](event)))
    found = call.walk(**ALL, **{name: wanted})
    assert ids(found) == ids([event for event in everything if paths[name](event) == wanted])
    assert call.walk(**ALL, **{name: "nobody"}) == []


def test_every_published_filter_is_known() -> None:
    """Filters, window, order, paging, source and count make the 52 parameters of the search."""
    others = {"limit", "pagination_key", "start", "end", "reverse", "total_hits", "source"}
    assert len(PREDICATES.keys() | others) == 52


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"limit": 0}, "invalid limit"),
        ({"limit": 101}, "invalid limit"),
        ({"limit": "ten"}, "invalid limit"),
        ({"start": "yesterday"}, "invalid start time"),
        ({"end": "2026-01-01"}, "invalid end time"),
        ({"start": 5, "end": 4}, "invalid end time"),
        ({"reverse": "yes"}, "invalid reverse param"),
        ({"bot": "evil"}, "invalid bot type"),
        ({"ip_address": "10.0.0.0/40"}, "invalid ip address"),
        ({"linked_id": "x" * 257}, "linked_id can't be greater than 256 characters long"),
        ({"pagination_key": "made up"}, "invalid pagination key"),
        ({"pagination_key": "é"}, "invalid pagination key"),
        ({"vpn": "1"}, "invalid vpn"),
        ({"source": "device"}, "invalid source"),
        ({"total_hits": 0}, "invalid total_hits"),
        ({"min_suspect_score": "high"}, "invalid min_suspect_score"),
        ({"bot_info_category": "scraping,security"}, "invalid bot_info_category"),
    ],
)
def test_bad_parameters_are_refused(call: Any, query: dict[str, Any], message: str) -> None:
    """Each bad parameter is a 400 with the service's words."""
    assert call.error("GET", "/events", **query) == (400, "request_cannot_be_parsed", message)


@pytest.mark.parametrize(
    "change",
    [{"limit": 6}, {"reverse": "true"}, {"end": END - 1}, {"start": START + 1}, {"vpn": "true"}],
)
def test_a_pagination_key_is_bound_to_its_search(call: Any, change: dict[str, Any]) -> None:
    """A key with another parameter changed, added or left out is refused; `ii` does not count."""
    query = {**ALL, "limit": 5}
    key = call.json("GET", "/events", **query, ii="a/1")["pagination_key"]
    assert call.json("GET", "/events", **query, pagination_key=key, ii="b/2")["events"]
    assert (
        call.error("GET", "/events", **(query | change), pagination_key=key)[2]
        == "invalid pagination key"
    )


def test_a_forged_pagination_key_is_refused(call: Any) -> None:
    """Any changed character of a key makes it another."""
    key = call.json("GET", "/events", **ALL)["pagination_key"]
    for at in range(0, len(key) - 1, 7):
        forged = key[:at] + ("A" if key[at] != "A" else "B") + key[at + 1 :]
        assert call("GET", "/events", **ALL, pagination_key=forged).status == 400


def test_a_pagination_key_outlives_the_server_but_not_its_lifetime(
    make_caller: Any, clock: Any
) -> None:
    """A key is good in a restarted emulator of the same seed, until its lifetime is over."""
    key = make_caller(key_lifetime=60).json("GET", "/events", **ALL)["pagination_key"]
    again = make_caller(key_lifetime=60)
    assert again.json("GET", "/events", **ALL, pagination_key=key)["events"]
    clock.now += 61
    assert again.error("GET", "/events", **ALL, pagination_key=key)[2] == "invalid pagination key"


def test_the_window_has_defaults(make_caller: Any, clock: Any) -> None:
    """Without start and end, the last seven days are searched, ten events a page."""
    call = make_caller()
    week = call.walk()
    assert ids(week) == ids(call.walk(start=END - 7 * 86_400_000, end=END))
    assert len(call.json("GET", "/events", start=START)["events"]) == 10


def test_total_hits_is_capped(call: Any) -> None:
    """`total_hits` counts all pages, at most as many as asked for, and is absent otherwise."""
    truth = call.emulator.truth().count
    assert call.json("GET", "/events", **ALL, limit=1, total_hits=1000)["total_hits"] == truth
    assert call.json("GET", "/events", **ALL, limit=1, total_hits=5)["total_hits"] == 5
    assert "total_hits" not in call.json("GET", "/events", **ALL)


def test_start_before_retention_is_refused(make_caller: Any) -> None:
    """An explicit start further back than the retention is a 400."""
    call = make_caller(retention=7)
    assert call.error("GET", "/events", start=END - 8 * 86_400_000)[2] == "invalid start time"
    assert call("GET", "/events", start=END - 6 * 86_400_000).status == 200


def test_an_unknown_visitor_is_empty_or_not_found(make_caller: Any) -> None:
    """Both readings of the service can be had."""
    assert make_caller().walk(**ALL, visitor_id="nobody") == []
    refused = make_caller(unknown_visitor="not_found").error(
        "GET", "/events", **ALL, visitor_id="nobody"
    )
    assert refused == (404, "visitor_not_found", "visitor not found")


def test_live_and_late_events_come_in_with_time(make_caller: Any, clock: Any) -> None:
    """Events of the future are not there yet, late ones come later; in the end all are there."""
    call = make_caller(live=True, late=(0.5, 600.0))
    clock.now = (START + END) / 2_000
    call.emulator.reset()
    query = {"start": START, "end": END, "limit": 100}
    before = ids(call.walk(**query))
    assert sorted(before) == sorted(call.emulator.truth().ids)
    clock.now = END / 1_000 + 606
    after = ids(call.walk(**query))
    assert set(before) < set(after)
    assert len(after) == len(call.emulator.dataset.numbers("device"))


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1767225600000", START),
        ("2026-01-01T00:00:00Z", START),
        ("2026-01-01T01:00:00.123456+01:00", START + 123),
        ("2026-01-01T00:00:00", None),
        ("2026-13-01T00:00:00Z", None),
        ("-5", None),
    ],
)
def test_times_are_ms_or_rfc_3339(text: str, ms: int | None) -> None:
    """Both forms are understood; a time without an offset is neither."""
    assert to_ms(text) == ms


@pytest.mark.parametrize("reverse", ["true", "false"])
@pytest.mark.parametrize("limit", [1, 2, 7, 100])
def test_added_events_page_with_the_synthetic_ones(
    make_caller: Any, limit: int, reverse: str
) -> None:
    """Pages that end on an added event, within one millisecond too, go on after it, either way."""
    call = make_caller(events=40, searchable_after=0)
    times = sorted(set(call.emulator.dataset.timestamps))
    for at in (times[3], times[3], times[7], times[-1], END, START):
        call.emulator.add_event(timestamp=at, detail="slim")
    found = call.walk(**ALL, limit=limit, reverse=reverse)
    order = ids(found) if reverse == "true" else ids(found)[::-1]
    truth = call.emulator.truth()
    assert len(order) == len(set(order)) == truth.count
    assert tuple(order) == truth.ids
