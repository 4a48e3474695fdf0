"""What generated API functions put on the wire."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from fingerprint_async import DecodeError, drop_none
from fingerprint_async.models import (
    BotInfoCategory,
    EdgeRequest,
    EdgeRequestHeadersItem,
    Event,
    EventUpdate,
    SearchEventsParams,
)
from fingerprint_async_generated.api.edge import analyze_request_for_automation_intelligence as edge
from fingerprint_async_generated.api.events import get_event, search_events, update_event
from fingerprint_async_generated.api.visitors import delete_visitor_data

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import respx

BASE = "https://api.test/v4"


@pytest.fixture
async def low() -> AsyncIterator[httpx.AsyncClient]:
    """A plain HTTP client of a user's: all that generated functions need."""
    async with httpx.AsyncClient(base_url=BASE, headers={"Authorization": "Bearer sk"}) as http:
        yield http


async def test_lists_are_repeated_keys(low: httpx.AsyncClient, router: respx.MockRouter) -> None:
    """Each value of a list is a parameter of its own, booleans are words, times are RFC 3339."""
    route = router.get(f"{BASE}/events").respond(json={"events": [], "pagination_key": "next"})
    response = await search_events.asyncio_detailed(
        client=low,
        environment=["a,b", "c"],
        bot_info_category=[BotInfoCategory.AI_AGENT, "scraping"],
        bot="bad",
        vpn=True,
        tor_node=False,
        limit=5,
        min_suspect_score=1.5,
        url="https://x.test/?a=1&b",
        start=dt.datetime(2026, 1, 2, tzinfo=dt.UTC),
        end=1767312000000,
    )
    assert sorted(route.calls.last.request.url.params.multi_items()) == sorted(
        [
            ("environment", "a,b"),
            ("environment", "c"),
            ("bot_info_category", "ai_agent"),
            ("bot_info_category", "scraping"),
            ("bot", "bad"),
            ("vpn", "true"),
            ("tor_node", "false"),
            ("limit", "5"),
            ("min_suspect_score", "1.5"),
            ("url", "https://x.test/?a=1&b"),
            ("start", "2026-01-02T00:00:00+00:00"),
            ("end", "1767312000000"),
        ]
    )
    assert response.status_code == 200
    assert response.parsed
    assert response.parsed.pagination_key == "next"
    assert route.calls.last.request.headers["authorization"] == "Bearer sk"


@pytest.mark.parametrize("name", ["linked_id", "vpn", "start", "environment"])
async def test_a_filter_that_is_none_is_refused(low: httpx.AsyncClient, name: str) -> None:
    """Left out silently it would find everything; nothing is sent."""
    with pytest.raises(TypeError, match=f"{name} is None: leave it out"):
        await search_events.asyncio_detailed(client=low, **{name: None})


async def test_filters_without_those_that_are_none(
    low: httpx.AsyncClient, router: respx.MockRouter
) -> None:
    """`drop_none` says that leaving them out is meant; false and zero stay."""
    route = router.get(f"{BASE}/events").respond(json={"events": []})
    filters = drop_none(linked_id=None, vpn=False, min_suspect_score=0, visitor_id=None)
    await search_events.asyncio_detailed(client=low, **filters)
    assert sorted(route.calls.last.request.url.params.multi_items()) == [
        ("min_suspect_score", "0"),
        ("vpn", "false"),
    ]


async def test_a_single_text_is_one_value(low: httpx.AsyncClient, router: respx.MockRouter) -> None:
    """A string in place of a list is one value, not its letters."""
    route = router.get(f"{BASE}/events").respond(json={"events": []})
    await search_events.asyncio_detailed(client=low, environment="env")
    assert route.calls.last.request.url.params.multi_items() == [("environment", "env")]


async def test_an_unknown_parameter_is_refused(low: httpx.AsyncClient) -> None:
    """A misspelt filter is an error before anything is sent."""
    with pytest.raises(TypeError, match="no such query parameter: 'lmit'"):
        await search_events.asyncio_detailed(client=low, lmit=5)  # type: ignore[call-arg]


def test_every_filter_of_the_schema_is_a_keyword(document: dict[str, Any]) -> None:
    """The TypedDict has the 52 filters, by their names on the wire."""
    parameters = {each["name"] for each in document["paths"]["/events"]["get"]["parameters"]}
    assert parameters == SearchEventsParams.__annotations__.keys()
    assert len(parameters) == 52


async def test_absent_and_false_stay_apart(
    low: httpx.AsyncClient, router: respx.MockRouter
) -> None:
    """A PATCH sends exactly what was given; its empty answer has nothing to parse."""
    route = router.patch(f"{BASE}/events/1.a").respond(200)
    response = await update_event.asyncio_detailed(
        "1.a", client=low, body=EventUpdate(suspect=False)
    )
    assert route.calls.last.request.content == b'{"suspect":false}'
    assert route.calls.last.request.headers["content-type"] == "application/json"
    assert response.parsed is None


async def test_ids_are_one_segment(low: httpx.AsyncClient, router: respx.MockRouter) -> None:
    """What an id holds cannot leave its place in the path."""
    route = router.delete(url__startswith=BASE).respond(200)
    await delete_visitor_data.asyncio_detailed("a/b?c#d", client=low)
    assert route.calls.last.request.url.raw_path == b"/v4/visitors/a%2Fb%3Fc%23d"


async def test_an_answer_has_headers_and_a_model(
    low: httpx.AsyncClient, router: respx.MockRouter
) -> None:
    """The response is a value of ours; its repr shows the status alone."""
    route = router.get(f"{BASE}/events/1.a").respond(json={"event_id": "1.a", "timestamp": 1})
    response = await get_event.asyncio_detailed("1.a", client=low, ruleset_id="r")
    assert route.calls.last.request.url.params.multi_items() == [("ruleset_id", "r")]
    assert response.parsed
    assert response.parsed.event_id == "1.a"
    assert response.headers["content-type"] == "application/json"
    assert repr(response) == "Response(status_code=200)"


def test_a_request_is_a_value() -> None:
    """What builds a request sends nothing, and its repr names the operation alone."""
    request = get_event.build_request("1/a", ruleset_id="r")
    assert (request.operation_id, request.method, request.path) == (
        "getEvent",
        "GET",
        "/events/1%2Fa",
    )
    assert request.query == (("ruleset_id", "r"),)
    assert request.result is Event
    assert repr(request) == "Request(getEvent)"


async def test_an_answer_is_decoded_when_asked(
    low: httpx.AsyncClient, router: respx.MockRouter
) -> None:
    """A failure has no model; a success that is not what was promised raises when parsed."""
    router.get(f"{BASE}/events/1.a").mock(
        side_effect=[
            httpx.Response(404, json={"error": {}}),
            httpx.Response(599),
            httpx.Response(200, content=b"<html>"),
        ]
    )
    assert (await get_event.asyncio_detailed("1.a", client=low)).parsed is None
    assert (await get_event.asyncio_detailed("1.a", client=low)).status_code == 599
    response = await get_event.asyncio_detailed("1.a", client=low)
    with pytest.raises(DecodeError, match="not JSON"):
        response.parse()


async def test_strict_is_asked_for_when_parsing(
    low: httpx.AsyncClient, router: respx.MockRouter
) -> None:
    """`parse(strict=True)` raises for what `parsed` keeps."""
    router.get(f"{BASE}/events/1.a").respond(json={"event_id": 5, "timestamp": 1})
    response = await get_event.asyncio_detailed("1.a", client=low)
    assert response.parsed
    assert response.parsed.event_id == 5
    with pytest.raises(DecodeError, match="/event_id"):
        response.parse(strict=True)


async def test_an_edge_request_goes_as_it_is(
    low: httpx.AsyncClient, router: respx.MockRouter
) -> None:
    """Header order and empty values survive."""
    headers = [
        EdgeRequestHeadersItem(name=name, value=value)
        for name, value in [("B", "2"), ("A", ""), ("B", "1")]
    ]
    route = router.post(f"{BASE}/edge").respond(
        json={"event_id": "1", "timestamp": 1, "ip_info": {}}
    )
    body = EdgeRequest(
        headers=headers, method="GET", url="https://x.test", ipv4_address="192.0.2.1"
    )
    response = await edge.asyncio_detailed(client=low, body=body)
    sent = json.loads(route.calls.last.request.content)
    assert sent["headers"] == [
        {"name": "B", "value": "2"},
        {"name": "A", "value": ""},
        {"name": "B", "value": "1"},
    ]
    assert response.parsed
    assert response.parsed.event_id == "1"
