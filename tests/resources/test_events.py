"""`client.events` on the wire."""

from __future__ import annotations

import asyncio
import base64
import copy
import enum
import inspect
import ipaddress
import json
import pickle
import traceback
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import attrs
import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerprint_async import (
    ArgumentError,
    BadRequestError,
    ConfigurationError,
    CursorError,
    EventPager,
    FingerprintClient,
    FingerprintError,
    IdArgumentError,
    IdRefusedError,
    InvalidIdError,
    NotFoundError,
    PaginationError,
    PaginationKeyError,
    RateLimit,
    ResponseBodyError,
    ServerError,
    UnexpectedStatusError,
    drop_none,
    models,
)
from fingerprint_async._secret import Secret
from fingerprint_async.blocking import BlockingClient
from fingerprint_async.cursors import CursorWriter, read_cursor, signing_key
from fingerprint_async.resources._filters import check_filters, search_filters

if TYPE_CHECKING:
    import respx


class Newer(enum.StrEnum):
    """Values that this version does not know."""

    BOT = "newer"


class Color(str, enum.Enum):  # noqa: UP042 - such enums write their name
    """Texts that write themselves otherwise."""

    RED = "red"


class Size(enum.IntEnum):
    """Numbers that are more than numbers."""

    FIVE = 5


class Share(float):
    """A number of a foreign library, as numpy's are."""


EVENTS = "https://api.fpjs.io/v4/events"
EVENT = {
    "event_id": "1708102555327.NLOjmg",
    "timestamp": 1708102555327,
    "new_field": {"kept": True},
}
LOOKS_LIKE_IDS = ["1708102555327.NLOjmg", "0KSXzYsBqCGBSDRNFDQC", "1.a", "...", "%2e", "é", "a+b=c"]


def sent(route: respx.Route) -> str:
    """Give the last request's path and query, without who asks."""
    url = route.calls.last.request.url
    return url.raw_path.decode().removeprefix("/v4").rpartition("ii=")[0].rstrip("?&")


def echo(request: httpx.Request) -> httpx.Response:
    """Answer with the event that was asked for."""
    asked = unquote(request.url.raw_path.partition(b"?")[0].rpartition(b"/")[2].decode())
    return httpx.Response(200, json={**EVENT, "event_id": asked})


# get


async def test_get_reads_one_event(client: FingerprintClient, router: respx.MockRouter) -> None:
    """`GET /events/{event_id}`, and the event is the JSON, unknown fields included."""
    route = router.get(url__startswith=EVENTS).respond(json=EVENT)
    event = await client.events.get("1708102555327.NLOjmg")
    assert sent(route) == "/events/1708102555327.NLOjmg"
    assert isinstance(event, models.Event)
    assert event.event_id == "1708102555327.NLOjmg"
    assert event.to_dict() == EVENT


async def test_get_with_a_ruleset_asks_for_its_verdict(
    client: FingerprintClient, router: respx.MockRouter
) -> None:
    """The ruleset is a query parameter."""
    route = router.get(url__startswith=EVENTS).mock(side_effect=echo)
    await client.events.get("a", ruleset_id="r s")
    assert sent(route) in {"/events/a?ruleset_id=r+s", "/events/a?ruleset_id=r%20s"}
    with pytest.raises(ArgumentError, match="ruleset_id is empty"):
        await client.events.get("a", ruleset_id="")


@pytest.mark.parametrize(
    ("event_id", "path"),
    [
        ("a/b", b"/v4/events/a%2Fb"),
        ("../visitors", b"/v4/events/..%2Fvisitors"),
        ("a?b#c", b"/v4/events/a%3Fb%23c"),
        ("%2e%2e", b"/v4/events/%252e%252e"),
        ("...", b"/v4/events/..."),
        ("é", b"/v4/events/%C3%A9"),
    ],
)
async def test_an_id_stays_one_segment_of_the_path(
    event_id: str, path: bytes, client: FingerprintClient, router: respx.MockRouter
) -> None:
    """Whatever an id holds, it leads to an event of that name and to no other address."""
    route = router.route(url__startswith="https://api.fpjs.io").mock(side_effect=echo)
    await client.events.get(event_id)
    assert route.calls.last.request.url.raw_path.partition(b"?")[0] == path


@given(st.text(max_size=50))
def test_any_id_that_is_accepted_stays_one_segment(event_id: str) -> None:
    """Of any text: it arrives as it was at the one address for it, or is refused."""
    seen: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.raw_path.partition(b"?")[0])
        return echo(request)

    client = FingerprintClient(
        "sk_test", transport=httpx.MockTransport(answer), rate_limit=RateLimit.off()
    )
    try:
        asyncio.run(client.events.get(event_id))  # type: ignore[arg-type]
    except ArgumentError:
        assert not seen
    else:
        (path,) = seen
        prefix, _, last = path.rpartition(b"/")
        assert prefix == b"/v4/events"
        assert unquote(last.decode()) == event_id
        assert last not in {b".", b".."}


async def test_an_address_that_is_too_long_is_an_argument_error(client: FingerprintClient) -> None:
    """The HTTP library has a bound of its own, and its error is no part of the tree."""
    with pytest.raises(ArgumentError, match=r"the request's address would be 7.* characters long"):
        await client.events.get("a" * 70_000)
    with pytest.raises(ArgumentError, match="address would be"):
        await client.events.search(url="a" * 70_000)


@pytest.mark.parametrize(
    "event_id", ["", ".", "..", " ", "a b", "a\n", "\x00", "a\u2028", "\ud800", None, 3, b"a"]
)
async def test_what_is_no_id_is_refused_before_anything_is_sent(
    event_id: Any, client: FingerprintClient, router: respx.MockRouter
) -> None:
    """Dot segments would lead elsewhere; the rest are variables that hold something else."""
    for call in (
        client.events.get(event_id),
        client.events.update(event_id, suspect=True),
        client.events.with_raw_response.get(event_id),
        client.visitors.delete(event_id),
    ):
        with pytest.raises(ArgumentError, match=r"^(event_id|visitor_id)"):
            await call
    assert not router.calls


async def test_a_raw_response_has_bytes_headers_and_the_event(
    client: FingerprintClient, router: respx.MockRouter
) -> None:
    """Status, headers, body and attempts as they were, and the model on demand."""
    router.get(url__startswith=EVENTS).mock(
        side_effect=[
            httpx.Response(
                503, json={"error": {"code": "service_unavailable", "message": "later"}}
            ),
            httpx.Response(200, json=EVENT, headers={"X-Request-Id": "r1"}),
        ]
    )
    response = await client.events.with_raw_response.get(EVENT["event_id"])
    assert response.status_code == 200
    assert response.headers["x-request-id"] == "r1"
    assert response.request_id == "r1"
    assert response.attempts == 2
    assert json.loads(response.content) == EVENT
    assert response.parse().event_id == EVENT["event_id"]


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (
            httpx.Response(502, html="<h1>Bad gateway</h1>"),
            ServerError,
            "502.*attempts: 4.*Bad gateway",
        ),
        (httpx.Response(200, content=b""), ResponseBodyError, "body is empty.*attempts: 4"),
        (
            httpx.Response(200, content=b'{"event_id": "a"'),
            ResponseBodyError,
            "not the JSON.*attempts: 4",
        ),
        (httpx.Response(200, content=b"[]"), ResponseBodyError, "not the JSON"),
        (httpx.Response(418, text="short"), UnexpectedStatusError, "418.*attempts: 1.*short"),
        (
            httpx.Response(301, headers={"location": "https://b.example"}),
            UnexpectedStatusError,
            "301",
        ),
    ],
)
async def test_what_nobody_declared_is_a_typed_error(
    answer: httpx.Response,
    error: type[FingerprintError],
    says: str,
    client: FingerprintClient,
    router: respx.MockRouter,
) -> None:
    """HTML, nothing, half a document, an odd status.

    An error with status, attempts and the body's start.
    """
    router.get(url__startswith=EVENTS).mock(
        side_effect=lambda _: httpx.Response(
            answer.status_code, headers=answer.headers, content=answer.content
        )
    )
    with pytest.raises(error, match=says):
        await client.events.get("a")


# update


def nested(levels: int) -> dict[str, Any]:
    """An object in an object."""
    out: dict[str, Any] = {}
    for _ in range(levels):
        out = {"a": out}
    return out


@pytest.mark.parametrize(
    ("changes", "body"),
    [
        ({"suspect": False}, b'{"suspect":false}'),
        ({"linked_id": "a"}, b'{"linked_id":"a"}'),
        ({"linked_id": ""}, b'{"linked_id":""}'),
        ({"linked_id": None, "suspect": True}, b'{"suspect":true}'),
        ({"tags": {}}, b'{"tags":{}}'),
        ({"tags": {"case": 7, "a": [{"b": None}]}}, b'{"tags":{"case":7,"a":[{"b":null}]}}'),
        ({"tags": {"t": (1, 2.5, True)}}, b'{"tags":{"t":[1,2.5,true]}}'),
        (
            {"tags": {Color.RED: [Color.RED, Size.FIVE, Share(0.5)]}, "linked_id": Color.RED},
            b'{"linked_id":"red","tags":{"red":["red",5,0.5]}}',
        ),
    ],
)
async def test_update_sends_what_is_given_and_nothing_else(
    changes: dict[str, Any], body: bytes, client: FingerprintClient, router: respx.MockRouter
) -> None:
    """None leaves as it is; false is sent."""
    route = router.patch(url__startswith=EVENTS).respond(200)
    assert await client.events.update("a.b", **changes) is None
    assert sent(route) == "/events/a.b"
    assert route.calls.last.request.content == body
    assert route.calls.last.request.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "nothing to update: give at least one of linked_id, tags, suspect"),
        ({"suspect": None, "tags": None, "linked_id": None}, "nothing to update"),
        ({"suspect": "yes"}, "suspect: expected True or False, got str"),
        ({"suspect": 1}, "suspect: expected True or False, got int"),
        ({"linked_id": "x" * 257}, "linked_id: 257 characters, 256 are allowed"),
        ({"linked_id": 5}, "linked_id: expected a string, got int"),
        ({"tags": [1]}, "tags: expected a mapping, got list"),
        ({"tags": {"at": datetime.now(UTC)}}, "tags cannot be written as JSON: .*datetime"),
        ({"tags": {"n": float("nan")}}, "tags holds a number that JSON has not"),
        ({"tags": {"n": 10**30}}, "tags holds an integer of more than 64 bits"),
        ({"tags": {"s": "\ud800"}}, "tags holds lone surrogates"),
        ({"tags": {1: "a", "1": "b"}}, "tags: keys are strings, got int"),
        ({"tags": nested(100)}, "tags is nested deeper than 64 levels"),
        ({"tags": nested(100_000)}, "tags is nested deeper than 64 levels"),
    ],
)
async def test_an_update_that_cannot_be_right_is_refused(
    changes: dict[str, Any], says: str, client: FingerprintClient, router: respx.MockRouter
) -> None:
    """Nothing to change, or what the API or JSON does not take: nothing is sent."""
    with pytest.raises(ArgumentError, match=says):
        await client.events.update("a.b", **changes)
    assert not router.calls


async def test_update_waits_for_an_event_to_be_ready(
    client: FingerprintClient, router: respx.MockRouter
) -> None:
    """409 `state_not_ready` is tried again, and the answer's empty body is a success."""
    not_ready = httpx.Response(
        409, json={"error": {"code": "state_not_ready", "message": "not yet"}}
    )
    router.patch(url__startswith=EVENTS).mock(
        side_effect=[not_ready, not_ready, httpx.Response(200)]
    )
    response = await client.events.with_raw_response.update("a", suspect=True)
    assert response.attempts == 3
    assert response.parse() is None


# feedback


@pytest.mark.parametrize("reset", [True, False])
async def test_feedback_sends_what_is_told(
    reset: bool,  # noqa: FBT001 -- the argument under test
    client: FingerprintClient,
    router: respx.MockRouter,
) -> None:
    """The body holds the one property; 202 without a body is a success, in both faces."""
    route = router.post(url__startswith=EVENTS).respond(202)
    told = {"reset_identification_confidence_score": reset}
    assert await client.events.feedback("a.b", **told) is None
    assert sent(route) == "/events/a.b/feedback"
    assert json.loads(route.calls.last.request.content) == told
    raw = await client.events.with_raw_response.feedback("a.b", **told)
    assert (raw.status_code, raw.parse()) == (202, None)


@pytest.mark.parametrize(
    ("event_id", "told", "says"),
    [
        ("a", {}, "nothing to tell: give at least reset_identification_confidence_score"),
        ("a", {"reset_identification_confidence_score": None}, "nothing to tell"),
        ("a", {"reset_identification_confidence_score": 1}, "expected True or False, got int"),
        ("..", {"reset_identification_confidence_score": True}, "is not an id"),
    ],
)
async def test_feedback_that_cannot_be_right_is_refused(
    event_id: str,
    told: dict[str, Any],
    says: str,
    client: FingerprintClient,
    router: respx.MockRouter,
) -> None:
    """Nothing to tell, or what the API does not take: nothing is sent."""
    with pytest.raises(ArgumentError, match=says):
        await client.events.feedback(event_id, **told)
    assert not router.calls


# search


@pytest.mark.parametrize(
    ("filters", "query"),
    [
        ({}, ""),
        ({"visitor_id": "v", "limit": 10}, "limit=10&visitor_id=v"),
        ({"vpn": True, "proxy": False}, "proxy=false&vpn=true"),
        ({"environment": ["a", "b"]}, "environment=a&environment=b"),
        ({"environment": "a"}, "environment=a"),
        ({"environment": ("a",), "bot_info_name": {"x"}}, "bot_info_name=x&environment=a"),
        ({"source": "edge"}, "source=edge"),
        ({"source": ["edge"]}, "source=edge"),
        ({"bot": "bad"}, "bot=bad"),
        ({"bot": models.SearchEventsBot("bad")}, "bot=bad"),
        ({"bot": Newer.BOT}, "bot=newer"),
        (
            {"bot_info_category": ["ai_agent", models.BotInfoCategory("other")]},
            "bot_info_category=ai_agent&bot_info_category=other",
        ),
        ({"rare_device_percentile_bucket": "p99.9+"}, "rare_device_percentile_bucket=p99.9%2B"),
        ({"min_suspect_score": 0.5}, "min_suspect_score=0.5"),
        ({"min_suspect_score": 3}, "min_suspect_score=3"),
        ({"total_hits": 1000, "limit": 100}, "limit=100&total_hits=1000"),
        ({"ip_address": "203.0.113.0/24"}, "ip_address=203.0.113.0%2F24"),
        ({"ip_address": ipaddress.ip_address("2001:db8::1")}, "ip_address=2001%3Adb8%3A%3A1"),
        ({"ip_address": ipaddress.ip_network("10.0.0.0/8")}, "ip_address=10.0.0.0%2F8"),
        ({"start": 0, "end": datetime(2026, 1, 1, tzinfo=UTC)}, "end=1767225600000&start=0"),
        ({"start": "2026-01-01T02:00:00.5+02:00"}, "start=1767225600500"),
        (
            {"start": datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=-1)))},
            "start=1767229200000",
        ),
        ({"linked_id": "x y&z"}, "linked_id=x+y%26z"),
        ({"url": "https://a.example/?q=1"}, "url=https%3A%2F%2Fa.example%2F%3Fq%3D1"),
        ({"pagination_key": "k+/="}, "pagination_key=k%2B%2F%3D"),
        ({"ip_address": "::ffff:192.0.2.1"}, "ip_address=192.0.2.1"),
    ],
)
async def test_filters_on_the_wire(
    filters: dict[str, Any], query: str, client: FingerprintClient, router: respx.MockRouter
) -> None:
    """Booleans in lower case, lists as repeated keys, times in milliseconds, everything escaped."""
    route = router.get(url__startswith=EVENTS).respond(json={"events": []})
    await client.events.search(**filters)
    path, _, found = sent(route).partition("?")
    assert path == "/events"
    assert sorted(httpx.QueryParams(found).multi_items()) == sorted(
        httpx.QueryParams(query).multi_items()
    )
    assert "%20" not in found or "+" not in found


async def test_every_documented_filter_is_a_keyword(
    client: FingerprintClient, router: respx.MockRouter
) -> None:
    """All 52, each accepted with a value of its type and sent under its own name."""
    route = router.get(url__startswith=EVENTS).respond(json={"events": []})
    values: dict[str, Any] = {"start": 1, "end": 2, "ip_address": "192.0.2.1"}
    for name, known in search_filters().items():
        value = (
            known.choices[0]
            if known.choices
            else {bool: True, str: "x", int: 7, float: 0.5}.get(known.type)
        )
        values.setdefault(name, [value, value] if known.many else value)
    assert len(values) == 52
    await client.events.search(**values)
    items = httpx.QueryParams(sent(route).partition("?")[2]).multi_items()
    assert {name for name, _ in items} == values.keys()


@pytest.mark.parametrize(
    ("filters", "says"),
    [
        ({"visitorid": "v"}, "visitorid is not a search filter; did you mean visitor_id?"),
        ({"qqq": 1}, "qqq is not a search filter$"),
        ({"visitor_id": ""}, "visitor_id is empty"),
        ({"visitor_id": " "}, "visitor_id is empty"),
        (
            {"visitor_id": None},
            r"visitor_id: None is not a value .*drop_none",
        ),
        ({"visitor_id": 5}, "visitor_id: expected a string, got int"),
        ({"visitor_id": "\ud800"}, "visitor_id holds lone surrogates"),
        ({"vpn": "true"}, "vpn: expected True or False, got str"),
        ({"vpn": 1}, "vpn: expected True or False, got int"),
        ({"limit": 0}, "limit: 0 is not within 1 to 100"),
        ({"limit": 101}, "limit: 101 is not within 1 to 100"),
        ({"limit": "10"}, "limit: expected an integer, got str"),
        ({"limit": True}, "limit: expected an integer, got bool"),
        ({"limit": 10.0}, "limit: expected an integer, got float"),
        ({"total_hits": 0}, "total_hits: 0 is not within 1 to 1000"),
        ({"total_hits": 1001}, "total_hits: 1001 is not within 1 to 1000"),
        ({"min_suspect_score": "3"}, "min_suspect_score: expected a number, got str"),
        ({"min_suspect_score": float("nan")}, "min_suspect_score: expected a finite number"),
        ({"min_suspect_score": 10**400}, "min_suspect_score: expected a finite number"),
        ({"limit": 10**5000}, "limit: expected a finite number"),
        ({"linked_id": "x" * 257}, "linked_id: 257 characters, 256 are allowed"),
        (
            {"ip_address": "300.1.1.1"},
            "ip_address: expected one IPv4 or IPv6 address, or a network",
        ),
        ({"ip_address": "10.0.0.0/33"}, "ip_address: expected one IPv4 or IPv6 address"),
        ({"ip_address": 5}, "ip_address: expected an address or a network, got int"),
        ({"bot": "evil"}, "bot: expected one of 'all', 'bad', 'good', 'none'; got 'evil'"),
        ({"bot": ["bad"]}, "bot: expected one of .*; got list"),
        (
            {"bot_info_category": ["ai_agent", "x"]},
            "bot_info_category: expected one of .*; got 'x'",
        ),
        ({"bot": models.VpnConfidence("high")}, "bot: expected one of"),
        ({"environment": []}, "environment: an empty list filters nothing"),
        ({"environment": [3]}, "environment: expected a string, got int"),
        ({"start": datetime(2026, 1, 1)}, "start: .* has no time zone"),  # noqa: DTZ001 - naive is the point
        ({"end": 1767225600}, "end: .* looks like Unix seconds"),
        ({"start": "0" * 20 + "9" * 30}, "start: .* is not a time after 1970"),
        ({"start": 2, "end": 1}, r"start \(2 ms\) is after end \(1 ms\)"),
    ],
)
def test_a_wrong_filter_is_an_error_when_the_search_is_written(
    filters: dict[str, Any], says: str
) -> None:
    """At the call, not at the first await, and before anything is sent."""
    client = FingerprintClient("sk_test")
    with pytest.raises(ArgumentError, match=says):
        client.events.search(**filters)


def test_wrong_options_of_a_search_are_an_error_at_once(api_key: str) -> None:
    """Where the search is written, not where it is awaited."""
    with pytest.raises(ArgumentError, match="options: expected RequestOptions, got dict"):
        FingerprintClient(api_key).events.search(options={"deadline": 1})  # type: ignore[arg-type]


async def test_a_raw_response_says_why_an_attempt_before_it_failed(
    client: FingerprintClient, router: respx.MockRouter
) -> None:
    """The error of the last failed attempt, or none."""
    router.get(f"{EVENTS}/a").mock(
        side_effect=[httpx.Response(503), httpx.Response(200, json={**EVENT, "event_id": "a"})]
    )
    response = await client.events.with_raw_response.get("a")
    assert response.attempts == 2
    assert isinstance(response.last_error, ServerError)
    router.get(f"{EVENTS}/b").mock(side_effect=echo)
    assert (await client.events.with_raw_response.get("b")).last_error is None


async def test_a_wrong_filter_is_an_error_of_the_raw_search_too(client: FingerprintClient) -> None:
    """One page by bytes has the same checks."""
    with pytest.raises(ArgumentError, match="did you mean limit"):
        await client.events.with_raw_response.search(limitt=1)  # type: ignore[call-arg]


async def test_awaiting_a_search_gives_the_first_page(
    client: FingerprintClient, router: respx.MockRouter
) -> None:
    """Events, the key of the next page, and the count if it was asked for."""
    router.get(url__startswith=EVENTS).respond(
        json={"events": [EVENT], "pagination_key": "k", "total_hits": 1000}
    )
    page = await client.events.search(total_hits=1000)
    assert isinstance(page, models.EventSearch)
    assert [event.event_id for event in page.events] == [EVENT["event_id"]]
    assert (page.pagination_key, page.total_hits) == ("k", 1000)


async def test_iterating_over_a_search_follows_the_pages(
    client: FingerprintClient, router: respx.MockRouter
) -> None:
    """The same filters on each page, 100 events each, with the key of the page before."""
    pages = [
        {"events": [EVENT, EVENT], "pagination_key": "k1"},
        {"events": [], "pagination_key": "k2"},
        {"events": [EVENT]},
    ]
    route = router.get(url__startswith=EVENTS).mock(
        side_effect=[httpx.Response(200, json=page) for page in pages]
    )
    pager = client.events.search(vpn=True, environment=["a", "b"])
    assert isinstance(pager, EventPager)
    assert len([event async for event in pager]) == 3
    asked = [call.request.url.params for call in route.calls]
    assert [(q["limit"], q["vpn"], q.get("pagination_key")) for q in asked] == [
        ("100", "true", None),
        ("100", "true", "k1"),
        ("100", "true", "k2"),
    ]
    assert [q.get_list("environment") for q in asked] == [["a", "b"]] * 3


async def test_another_404_of_a_search_is_an_error(
    client: FingerprintClient, router: respx.MockRouter
) -> None:
    """Only an unknown visitor is an empty page; a wrong base URL is not."""
    router.get(url__startswith=EVENTS).respond(404, html="<h1>Not here</h1>")
    with pytest.raises(UnexpectedStatusError, match="base_url"):
        await client.events.search(visitor_id="v")
    error = {"error": {"code": "event_not_found", "message": "event id not found"}}
    router.get(url__startswith=EVENTS).respond(404, json=error)
    with pytest.raises(NotFoundError):
        await client.events.search(visitor_id="v")
    error = {"error": {"code": "visitor_not_found", "message": "visitor not found"}}
    router.get(url__startswith=EVENTS).respond(404, json=error)
    assert (await client.events.search(visitor_id="v")).events == []


@pytest.mark.parametrize("body", [{}, {"message": "hi"}, [], {"events": None}, {"events": "ab"}])
async def test_a_page_of_another_shape_is_never_an_empty_page(
    body: Any, client: FingerprintClient, router: respx.MockRouter
) -> None:
    """It is asked for again, then an error; by bytes too."""
    route = router.get(url__startswith=EVENTS).respond(json=body)
    for call in (client.events.search(), client.events.with_raw_response.search()):
        with pytest.raises(ResponseBodyError):
            await call
    assert route.call_count == 8


async def test_filters_that_are_none_are_dropped_on_purpose(
    client: FingerprintClient, router: respx.MockRouter
) -> None:
    """`drop_none` says that it is meant; it knows the names all the same."""
    route = router.get(url__startswith=EVENTS).respond(json={"events": []})
    await client.events.search(**drop_none(vpn=None, limit=3))
    assert sent(route) == "/events?limit=3"
    with pytest.raises(ArgumentError, match="did you mean vpn"):
        drop_none(vpnn=None)  # type: ignore[call-arg]


async def test_one_page_by_bytes(client: FingerprintClient, router: respx.MockRouter) -> None:
    """The raw search is one request; its content is the body as it came."""
    body = b'{"events": [ {"event_id":"a", "timestamp":1.0e3} ], "pagination_key":"k"}'
    route = router.get(url__startswith=EVENTS).respond(content=body)
    response = await client.events.with_raw_response.search(limit=100, source=["edge"])
    assert response.content == body
    assert response.parse().pagination_key == "k"
    assert sent(route) == "/events?limit=100&source=edge"


async def test_a_page_by_a_decoder_of_ones_own(
    client: FingerprintClient, router: respx.MockRouter
) -> None:
    """The decoder gets the bytes, once; the raw twin gives what it made, too."""
    seen: list[bytes] = []

    def decode(content: bytes) -> int:
        seen.append(content)
        return len(content)

    route = router.get(url__startswith=EVENTS).respond(content=b'{"events":[]}')
    assert await client.events.search_as(decode, limit=100) == len(b'{"events":[]}')
    assert seen == [b'{"events":[]}']
    assert sent(route) == "/events?limit=100"
    response = await client.events.with_raw_response.search_as(decode, limit=100)
    assert (response.status_code, response.parse(), len(seen)) == (200, 13, 2)


async def test_what_ones_own_decoder_refuses_is_a_failed_attempt(
    client: FingerprintClient, router: respx.MockRouter
) -> None:
    """A ValueError says that the body is not what was promised: it is asked for again."""
    answers = iter([b'{"events":', b'{"events":[]}'])

    def respond(request: httpx.Request) -> httpx.Response:
        del request
        return httpx.Response(200, content=next(answers))

    router.get(url__startswith=EVENTS).mock(side_effect=respond)
    assert await client.events.search_as(json.loads, limit=1) == {"events": []}


async def test_a_decoder_that_is_none_is_refused(client: FingerprintClient) -> None:
    """Before anything is sent."""
    with pytest.raises(ArgumentError, match="decode: expected a function, got str"):
        await client.events.search_as("json")  # type: ignore[arg-type]


def said(code: str, message: str = "words", status: int = 404) -> httpx.Response:
    """An error in the API's words."""
    return httpx.Response(status, json={"error": {"code": code, "message": message}})


async def test_find_is_none_for_an_event_that_is_not_there(
    client: FingerprintClient, router: respx.MockRouter
) -> None:
    """Only for that: a proxy's 404, a refused id and an empty id are errors."""
    route = router.get(url__startswith=EVENTS)
    route.side_effect = [
        said("event_not_found"),
        httpx.Response(200, json=EVENT),
        said("other"),
        httpx.Response(404, text="<p>"),
        said("request_cannot_be_parsed", "invalid event_id", 400),
    ]
    event_id = EVENT["event_id"]
    assert await client.events.find(event_id) is None
    found = await client.events.find(event_id)
    assert found is not None
    assert found.to_dict() == EVENT
    for expected in (NotFoundError, UnexpectedStatusError, InvalidIdError):
        with pytest.raises(expected):
            await client.events.find(event_id)
    with pytest.raises(InvalidIdError):
        await client.events.find("")
    assert route.call_count == 5


async def test_get_waits_for_an_event_that_is_too_new(
    client: FingerprintClient, router: respx.MockRouter
) -> None:
    """When it is asked to; the raw twin and `find` do so too."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    patient = client.with_options()
    object.__setattr__(patient.options, "sleep", sleep)
    route = router.get(url__startswith=EVENTS)
    success = httpx.Response(200, json=EVENT)
    route.side_effect = [said("event_not_found"), success] * 3
    events = patient.events
    assert (await events.get(EVENT["event_id"], wait=True)).to_dict() == EVENT
    assert (await events.find(EVENT["event_id"], wait=5)) is not None
    raw = await events.with_raw_response.get(EVENT["event_id"], wait=5)
    assert (raw.status_code, raw.attempts) == (200, 2)
    assert len(waits) == 3
    assert all(1 <= seconds <= 2 for seconds in waits)


@pytest.mark.parametrize("wait", [None, -1, float("nan"), float("inf"), 10**400, "5"])
async def test_a_wait_is_a_bool_or_seconds(client: FingerprintClient, wait: Any) -> None:
    """Nothing is sent for anything else."""
    for call in (
        client.events.get("a", wait=wait),
        client.events.find("a", wait=wait),
        client.events.update("a", suspect=True, wait=wait),
    ):
        with pytest.raises(ArgumentError, match="wait: expected True, False or a finite number"):
            await call


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ("get", "invalid event_id"),
        ("get", "Invalid event_id "),
        ("update", "invalid event_id"),
        ("delete", "invalid visitor id"),
        ("delete", "visitor id is required"),
    ],
)
async def test_what_cannot_be_an_id_is_one_family_of_errors(
    client: FingerprintClient, router: respx.MockRouter, operation: str, message: str
) -> None:
    """The service's refusal and our own, for events and visitors."""
    router.route().mock(return_value=said("request_cannot_be_parsed", message, 400))

    async def call(value: Any) -> None:
        if operation == "get":
            await client.events.get(value)
        elif operation == "update":
            await client.events.update(value, suspect=True)
        else:
            await client.visitors.delete(value)

    with pytest.raises(IdRefusedError) as caught:
        await call("well-formed")
    assert isinstance(caught.value, InvalidIdError)
    assert isinstance(caught.value, BadRequestError)
    for value in ("", "..", "a b", None, "\ud800"):
        with pytest.raises(IdArgumentError) as refused:
            await call(value)
        assert isinstance(refused.value, InvalidIdError)
        assert isinstance(refused.value, ArgumentError)


SECRET = "a secret of 16 bytes or more"
WINDOW = {"start": 1_700_000_000_000, "end": 1_700_000_100_000}


async def test_a_cursor_goes_on_where_a_page_ended(
    client: FingerprintClient, router: respx.MockRouter
) -> None:
    """With the same filters and window, in another process, until the last page."""
    route = router.get(url__startswith=EVENTS)
    route.side_effect = [
        httpx.Response(200, json={"events": [EVENT], "pagination_key": "k1"}),
        httpx.Response(200, json={"events": [EVENT], "pagination_key": "k2"}),
        httpx.Response(200, json={"events": [EVENT]}),
    ]
    page = await client.events.search(
        **WINDOW, limit=1, vpn=True, environment=["a", "b"], cursor_secret=SECRET
    )
    first = sent(route)
    seen = []
    while (cursor := page.cursor) is not None:
        page = await client.events.search_from(cursor, cursor_secret=SECRET)
        seen.append(sent(route))
    assert [sorted(text.partition("?")[2].split("&")) for text in seen] == [
        sorted([*first.partition("?")[2].split("&"), f"pagination_key={key}"])
        for key in ("k1", "k2")
    ]


async def test_pages_of_an_iteration_have_cursors(
    client: FingerprintClient, router: respx.MockRouter
) -> None:
    """Each goes on after its page, with the page size that it was asked for with."""
    route = router.get(url__startswith=EVENTS)
    route.side_effect = lambda request: httpx.Response(
        200,
        json={"events": [EVENT]}
        if (key := int(request.url.params.get("pagination_key", "0"))) == 3
        else {"events": [EVENT], "pagination_key": str(key + 1)},
    )
    pages = [page async for page in client.events.search(**WINDOW, vpn=True).pages()]
    assert [page.cursor is None for page in pages] == [False, False, False, True]
    cursor = pages[1].cursor
    assert cursor is not None
    following = [page async for page in client.events.search_from(cursor).pages()]
    assert [page.cursor for page in following] == [page.cursor for page in pages[2:]]
    assert "limit=100" in sent(route)


async def test_a_key_goes_with_the_page_size_that_it_came_with(
    client: FingerprintClient, router: respx.MockRouter
) -> None:
    """A page of the default size is gone on from with the default size, in an iteration too."""
    route = router.get(url__startswith=EVENTS)
    route.side_effect = [
        httpx.Response(200, json={"events": [EVENT], "pagination_key": "k1"}),
        httpx.Response(200, json={"events": [EVENT], "pagination_key": "k2"}),
        httpx.Response(200, json={"events": [EVENT]}),
    ]
    cursor = (await client.events.search(**WINDOW)).cursor
    assert cursor is not None
    assert len([event async for event in client.events.search_from(cursor)]) == 2
    assert not [call for call in route.calls if "limit" in str(call.request.url)]


async def test_a_page_for_an_unknown_visitor_is_the_last_one(
    client: FingerprintClient, router: respx.MockRouter
) -> None:
    """The service answers 404, and the page is empty: there is no next one."""
    router.get(url__startswith=EVENTS).mock(
        return_value=said("visitor_not_found", "visitor not found", 404)
    )
    assert (await client.events.search(**WINDOW, visitor_id="a")).cursor is None


PAGE = json.dumps({"events": [EVENT], "pagination_key": "k1"}).encode()


async def found_page(client: FingerprintClient, router: respx.MockRouter) -> models.EventSearch:
    """A page of a search with a secret."""
    router.get(url__startswith=EVENTS).mock(return_value=httpx.Response(200, content=PAGE))
    page = await client.events.search(**WINDOW, linked_id="order-7", cursor_secret=SECRET)
    assert page.cursor is not None
    return page


async def test_a_cursor_is_no_field_of_its_page(
    client: FingerprintClient, router: respx.MockRouter
) -> None:
    """The page compares, is written, shown and pickled as one that was read from the same JSON."""
    page, read = await found_page(client, router), models.EventSearch.from_json(PAGE)
    assert page == read
    assert page.to_json() == PAGE
    assert page.to_dict() == json.loads(PAGE)
    assert repr(page) == repr(read)
    assert pickle.dumps(page) == pickle.dumps(read)
    assert SECRET.encode() not in pickle.dumps(page)
    assert "cursor" not in page
    assert "cursor" not in {field.name for field in attrs.fields(models.EventSearch)}
    assert page.findings() == read.findings()
    assert msgspec.json.encode(page) == msgspec.json.encode(read)
    assert attrs.asdict(page) == attrs.asdict(read)
    assert SECRET not in repr(page._cursor_source)
    assert "order-7" not in repr(page._cursor_source)


async def test_a_page_that_comes_from_no_search_has_no_cursor(
    client: FingerprintClient, router: respx.MockRouter
) -> None:
    """Its filters are not known: a typed error says so."""
    page = await found_page(client, router)
    raw = await client.events.with_raw_response.search(**WINDOW)
    for other in (
        models.EventSearch.from_json(PAGE),
        models.EventSearch(events=[], pagination_key="k1"),
        models.EventSearch(events=[]),
        pickle.loads(pickle.dumps(page)),  # noqa: S301 - written by this test
        copy.deepcopy(page),
        attrs.evolve(page, pagination_key="k2"),
        raw.parse(),
    ):
        with pytest.raises(PaginationError, match="does not come from a search"):
            _ = other.cursor


@pytest.mark.parametrize("window", [{}, {"start": 1}, {"end": 2}])
async def test_a_window_that_moves_gives_no_cursor(
    client: FingerprintClient, router: respx.MockRouter, window: dict[str, Any]
) -> None:
    """The service tells no window, so the search works and its cursor says what is missing."""
    router.get(url__startswith=EVENTS).mock(
        return_value=httpx.Response(200, json={"events": [EVENT], "pagination_key": "k1"})
    )
    page = await client.events.search(**window)
    assert len(page.events) == 1
    with pytest.raises(ArgumentError, match="give start and end"):
        _ = page.cursor


async def test_the_last_page_of_a_window_that_moves_is_the_last(
    client: FingerprintClient, router: respx.MockRouter
) -> None:
    """Nothing is to be asked for, so nothing is missing."""
    router.get(url__startswith=EVENTS).mock(
        return_value=httpx.Response(200, json={"events": [EVENT]})
    )
    assert (await client.events.search()).cursor is None


@pytest.mark.parametrize("key", [5, True, {"a": 1}, ["k"], 1.5])
async def test_a_key_of_another_type_makes_no_cursor(
    client: FingerprintClient, router: respx.MockRouter, key: Any
) -> None:
    """The page is kept as it came; going on from it is an error."""
    router.get(url__startswith=EVENTS).mock(
        return_value=httpx.Response(200, json={"events": [], "pagination_key": key})
    )
    page = await client.events.search(**WINDOW)
    with pytest.raises(PaginationError, match=f"of type {type(key).__name__}"):
        _ = page.cursor


def cursor_of(secret: Any = SECRET, /, **filters: Any) -> str:
    """Make a cursor."""
    checked = check_filters({**WINDOW, **filters})
    writer = CursorWriter(filters=checked, key=signing_key(Secret(secret)))
    cursor = writer.cursor_to("k1")
    assert cursor is not None
    return cursor


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "visitor_id": st.text(),
            "linked_id": st.text(),
            "environment": st.text() | st.lists(st.text(), max_size=3),
            "bot": st.sampled_from([*models.SearchEventsBot, "good", Newer.BOT]),
            "suspect": st.booleans(),
            "ip_address": st.ip_addresses(),
            "min_suspect_score": st.floats() | st.integers() | st.just(10**400) | st.just(10**30),
            "limit": st.integers(0, 101),
            "start": st.datetimes(timezones=st.just(UTC)) | st.integers(),
        },
    )
)
def test_whatever_can_be_searched_for_survives_in_a_cursor(filters: dict[str, Any]) -> None:
    """The request that a cursor leads to has the same parameters, and the key."""
    client = FingerprintClient("sk_test")
    filters = {"end": 2**53, "start": 1_700_000_000_000, **filters}
    try:
        client.events.search(**filters)
    except ArgumentError:
        return
    cursor = cursor_of(**filters)
    read = check_filters(read_cursor(cursor, signing_key(Secret(SECRET))), takes_newer=True)
    expected = {**check_filters(filters), "pagination_key": "k1"}
    assert httpx.QueryParams(read) == httpx.QueryParams(expected)
    client.events.search_from(cursor, cursor_secret=SECRET)


@pytest.mark.parametrize(
    "filters",
    [
        {"linked_id": Color.RED, "environment": [Color.RED], "total_hits": Size.FIVE},
        {"min_suspect_score": Share(0.5), "limit": Size.FIVE},
        {"url": "\x01" * 20_000},
        {"environment": [f"ae_{number:05}" for number in range(3000)]},
    ],
)
async def test_what_a_search_takes_its_cursor_takes(
    filters: dict[str, Any], client: FingerprintClient, router: respx.MockRouter
) -> None:
    """Values of a caller's own classes, and addresses as long as can be sent."""
    route = router.get(EVENTS).respond(json={"events": [], "pagination_key": "k1"})
    page = await client.events.search(**WINDOW, **filters, cursor_secret=SECRET)
    first = sent(route)
    assert page.cursor is not None
    await client.events.search_from(page.cursor, cursor_secret=SECRET)
    assert sorted(sent(route).split("&")) == sorted([*first.split("&"), "pagination_key=k1"])


def test_a_key_that_fits_into_no_cursor_is_told() -> None:
    """Not by the search that the cursor would have led to."""
    writer = CursorWriter(filters=WINDOW, key=None)
    with pytest.raises(PaginationError, match="key has 300000 characters"):
        writer.cursor_to("k" * 300_000)


@given(st.data())
def test_a_signed_cursor_cannot_be_changed(data: st.DataObject) -> None:
    """Not a single character, anywhere."""
    cursor = cursor_of(linked_id="order-7")
    position = data.draw(st.integers(0, len(cursor) - 1))
    other = data.draw(st.characters().filter(lambda character: character != cursor[position]))
    changed = cursor[:position] + other + cursor[position + 1 :]
    with pytest.raises(CursorError):
        FingerprintClient("sk_test").events.search_from(changed, cursor_secret=SECRET)


def unsigned(**content: Any) -> str:
    """A cursor of any content."""
    return "1." + base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("cursor", "secret"),
    [
        *((value, None) for value in ("", ".", "1.", "1.!", "2.e30", "é", None, 5, b"1.e30")),
        ("1." + "A" * 20_000, None),
        (unsigned(key="k"), None),
        (unsigned(key="k", filters={}), None),
        (unsigned(key=5, filters=WINDOW), None),
        (unsigned(key="k", filters={**WINDOW, "unknown": 1}), None),
        (unsigned(key="k", filters={**WINDOW, "vpn": "yes"}), None),
        (unsigned(key="", filters=WINDOW), None),
        (unsigned(key="k", filters=WINDOW), SECRET),
        (cursor_of(), None),
        (cursor_of(), SECRET + "!"),
        (cursor_of(None), SECRET),
    ],
)
def test_a_cursor_that_was_not_made_here_is_one_error(cursor: Any, secret: Any) -> None:
    """Nothing is sent, and nothing else is raised."""
    with pytest.raises(CursorError):
        FingerprintClient("sk_test").events.search_from(cursor, cursor_secret=secret)


@given(st.text() | st.binary().map(lambda content: unsigned(key="k", filters=content.hex())))
def test_no_text_leads_to_another_error(cursor: str) -> None:
    """Whatever a browser sends."""
    client = FingerprintClient("sk_test")
    for secret in (None, SECRET):
        with pytest.raises(CursorError):
            client.events.search_from(cursor, cursor_secret=secret)


@pytest.mark.parametrize(
    "secret", ["", "short", b"short", 5, ["a secret of 16 bytes or more"], "\ud800" * 20]
)
def test_a_cursor_secret_that_cannot_be_right_is_refused_at_once(secret: Any) -> None:
    """By the search, before anything is sent."""
    client = FingerprintClient("sk_test")
    with pytest.raises(ConfigurationError, match="cursor_secret"):
        client.events.search(**WINDOW, cursor_secret=secret)
    with pytest.raises(ConfigurationError, match="cursor_secret"):
        client.events.search_from(cursor_of(), cursor_secret=secret)


@pytest.mark.parametrize("make", [FingerprintClient, BlockingClient])
def test_no_frame_holds_a_cursor_secret(make: Any) -> None:
    """Whatever is wrong beside it, and also where the secret itself is."""
    events = make("sk_test").events
    hidden = "hidden secret of a cursor"
    for call in (
        lambda: events.search(vpn="yes", cursor_secret=hidden),
        lambda: events.search(options=1, cursor_secret=hidden),
        lambda: events.search(cursor_secret=[hidden]),
        lambda: events.search(cursor_secret=hidden[:8]),
        lambda: events.search_from("1.a", cursor_secret=hidden),
        lambda: events.search_from(unsigned(key="k", filters=WINDOW), cursor_secret=[hidden]),
    ):
        with pytest.raises(ArgumentError) as caught:
            call()
        # The first frames are this test's.
        inner = caught.tb.tb_next.tb_next if caught.tb.tb_next else None
        told = traceback.TracebackException(
            caught.type, caught.value, inner, capture_locals=True
        ).format()
        assert inner is not None
        assert hidden[:8] not in "".join(told)


async def test_a_pagination_key_that_is_refused_is_told_apart(
    client: FingerprintClient, router: respx.MockRouter
) -> None:
    """It grew old, or the filters differ: begin again."""
    router.get(url__startswith=EVENTS).mock(
        return_value=said("request_cannot_be_parsed", "invalid pagination key", 400)
    )
    with pytest.raises(PaginationKeyError) as caught:
        await client.events.search_from(cursor_of(), cursor_secret=SECRET)
    assert isinstance(caught.value, BadRequestError)
    assert isinstance(caught.value, PaginationError)


# Made of others, whose twins answer with what these are made of.
WITHOUT_TWINS = {"find", "search_from", "analyze_asgi", "analyze_aiohttp"}


def test_the_raw_twins_take_the_same_arguments() -> None:
    """Every operation has one, and the parameters are the same to the last default."""
    client = FingerprintClient("sk_test")
    for resource in (client.events, client.visitors, client.edge):
        operations = [
            name
            for name in dir(resource)
            if not name.startswith("_") and name not in {"with_raw_response", *WITHOUT_TWINS}
        ]
        twins = [name for name in dir(resource.with_raw_response) if not name.startswith("_")]
        assert twins == operations
        for name in operations:
            of_operation = dict(inspect.signature(getattr(resource, name)).parameters)
            # The answer of a raw search is bytes: its page knows no search.
            of_operation.pop("cursor_secret", None)
            assert (
                inspect.signature(getattr(resource.with_raw_response, name)).parameters
                == of_operation
            )


JSON_ISH = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.lists(st.text() | st.integers())
)


@given(st.dictionaries(st.sampled_from(sorted(search_filters())) | st.text(), JSON_ISH, max_size=4))
def test_any_filters_are_accepted_or_refused_by_an_argument_error(filters: dict[str, Any]) -> None:
    """No value leads to another exception, and what is accepted can be encoded."""
    try:
        checked = check_filters(filters)
    except ArgumentError:
        return
    assert checked.keys() <= filters.keys()
    str(httpx.QueryParams(checked)).encode()
