"""Driving an emulator from outside, and who may do so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx
import pytest

from fingerprint_async.testing import Clock, Emulator
from fingerprint_async.testing.carriers import Request

from .conftest import END, START

if TYPE_CHECKING:
    from collections.abc import Callable

AUTH = {"authorization": "Bearer test-key"}
ALL = {"start": START, "end": END}


@pytest.fixture
def emulator() -> Emulator:
    """A small emulator on a clock that stands still."""
    return Emulator(events=60, start=START, end=END, clock=Clock.frozen(END / 1000))


@pytest.fixture
def drive(emulator: Emulator) -> Callable[..., Any]:
    """Sends controls; gives status and JSON."""

    def ask(method: str, name: str, body: Any = None, **query: Any) -> tuple[int, Any]:
        content = b"" if body is None else json.dumps(body).encode()
        reply = emulator.handle(
            Request(method, f"/_emulator/{name}", urlencode(query), {}, content)
        )
        emulator.request_finished()
        return reply.status, json.loads(reply.body)

    return ask


def search(emulator: Emulator, **query: Any) -> int:
    """Send a search; give the status."""
    reply = emulator.handle(Request("GET", "/v4/events", urlencode(query), AUTH))
    emulator.request_finished()
    return reply.status


def test_an_event_is_added_and_the_clock_advanced(emulator: Emulator, drive: Any) -> None:
    """An added event is searchable once the clock was moved."""
    status, event = drive("POST", "events", {"vpn": True, "linked_id": "mine"})
    assert (status, event["linked_id"]) == (200, "mine")
    wanted = {"linked_id": "mine", "end": END + 10_000}
    assert drive("GET", "truth", **wanted)[1] == {"count": 0}
    assert drive("POST", "clock", {"advance": 5})[1]["now"] == END / 1000 + 5
    assert drive("GET", "truth", **wanted)[1] == {"count": 1}
    assert drive("POST", "clock", {"speed": 60})[1]["speed"] == 60


def test_requests_are_read_with_bodies_and_without_keys(emulator: Emulator, drive: Any) -> None:
    """The last requests are there in order; no secret key is."""
    search(emulator, limit=3)
    emulator.handle(Request("POST", "/v4/edge", "", AUTH, b'{"a": 1}'))
    status, told = drive("GET", "requests", since=1)
    (edge,) = told["requests"]
    assert (status, edge["operation"], edge["body"], edge["status"]) == (
        200,
        "analyzeRequestForAutomationIntelligence",
        '{"a": 1}',
        400,
    )
    assert "test-key" not in json.dumps(told)
    assert "test-key" not in repr(emulator.requests)
    assert [one.request.query for one in emulator.requests] == ["limit=3", ""]


def test_keys_rulesets_and_webhooks_are_set(emulator: Emulator, drive: Any) -> None:
    """What the constructor takes can be changed while it runs."""
    assert drive("POST", "keys", {"k2": {"region": "eu"}})[0] == 200
    assert emulator.keys["k2"].region == "eu"
    rule = {"expression": "vpn", "action": "block"}
    assert "rs_9" in drive("POST", "rulesets", {"rs_9": {"rules": [rule]}})[1]["rulesets"]
    hook = {"url": "http://127.0.0.1:1/", "secret": "s"}
    assert drive("POST", "webhooks", {"webhooks": [hook]}) == (200, {"webhooks": 1})
    drive("POST", "events", {})
    emulator.deliver_webhooks(lambda *_: 200)
    assert [one["status"] for one in drive("GET", "webhooks")[1]["attempts"]] == [200]


def test_hostile_behaviours_are_set(emulator: Emulator, drive: Any) -> None:
    """As on the command line."""
    assert drive("POST", "hostile", {"hostile": ["skewed_clock=60"]})[0] == 200
    assert emulator.hostility.skew_seconds == 60


@pytest.mark.parametrize(
    ("method", "name", "body", "names"),
    [
        ("POST", "events", {"event_id": None}, ""),
        ("POST", "clock", {"advance": -1}, "seconds"),
        ("POST", "clock", {"advance": "x"}, "x"),
        ("POST", "clock", {"back": 1}, "back"),
        ("POST", "limits", {"rate": 0}, "rate"),
        ("POST", "limits", {"retry_after": "never"}, "retry_after"),
        ("POST", "faults", {"faults": ["nonsense"]}, "nonsense"),
        ("POST", "faults", {"faults": [{"kind": 3}]}, "fault"),
        ("POST", "hostile", {"hostile": [3]}, ""),
        ("POST", "hostile", {"hostile": ["x"]}, "x"),
        ("POST", "keys", {"k": {"region": "eu", "more": 1}}, "more"),
        ("POST", "keys", {"k": 3}, ""),
        ("POST", "rulesets", {"rs": {"rules": [{"expression": "(", "action": "allow"}]}}, "("),
        ("POST", "webhooks", {"webhooks": [{"url": "x", "secret": "s"}]}, "url"),
        ("POST", "webhooks", {"webhooks": 3}, ""),
        ("POST", "clock", [], "not valid"),
        ("GET", "requests?since=x", None, ""),
    ],
)
def test_mistakes_are_told_and_change_nothing(
    emulator: Emulator, method: str, name: str, body: Any, names: str
) -> None:
    """A mistake is a 400 that names it; the emulator goes on."""
    name, _, query = name.partition("?")
    reply = emulator.handle(
        Request(method, f"/_emulator/{name}", query, {}, json.dumps(body).encode())
    )
    emulator.request_finished()
    assert reply.status == 400, reply.body
    assert names in json.loads(reply.body)["error"]["message"]
    assert search(emulator, **ALL) == 200
    assert emulator.in_flight == 0


async def test_others_need_the_token() -> None:
    """A server that other machines can reach has a token for its controls; the API needs none."""
    emulator = Emulator(events=5)
    async with emulator.serve(host="0.0.0.0") as server:  # noqa: S104 - that is the point
        base = f"http://127.0.0.1:{server.port}/_emulator/stats"
        async with httpx.AsyncClient() as client:
            assert (await client.get(base)).status_code == 403
            wrong = await client.get(base, headers={"x-emulator-token": "x"})
            assert wrong.status_code == 403
            assert (await client.get(base, params={"token": server.admin_token})).is_success
            token = {"x-emulator-token": server.admin_token or ""}
            assert (await client.get(base, headers=token)).is_success
            api = f"http://127.0.0.1:{server.port}/v4/events"
            assert (await client.get(api, headers=AUTH)).is_success
    assert emulator.in_flight == 0


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"host": "localhost"}, True),
        ({"host": "evil.example"}, False),
        ({"host": "127.0.0.1.evil.example"}, False),
        ({"host": "["}, False),
        ({"origin": "http://evil.example"}, False),
        ({"origin": "null"}, False),
    ],
)
async def test_no_web_page_of_others_drives_it(headers: dict[str, str], *, allowed: bool) -> None:
    """On the loopback interface Host and Origin are checked: no rebinding, no foreign page."""
    async with Emulator(events=5).serve() as server, httpx.AsyncClient() as client:
        answer = await client.post(f"{server.origin}/_emulator/reset", headers=headers)
        assert answer.is_success is allowed
        same = {"origin": server.origin}
        assert (await client.get(f"{server.origin}/_emulator/stats", headers=same)).is_success


async def test_an_empty_host_is_refused() -> None:
    """An empty host would listen everywhere: it is an error."""
    with pytest.raises(ValueError, match="host"):
        async with Emulator(events=1).serve(host=""):
            pass


async def test_three_regions_at_once() -> None:
    """Each region has a port; a key of one is refused by the others."""
    emulator = Emulator(events=20, region="all")
    async with emulator.serve_regions() as servers, httpx.AsyncClient() as client:
        assert set(servers) == {"us", "eu", "ap"}
        for region, server in servers.items():
            for key in servers:
                answer = await client.get(
                    f"{server.base_url}/events", headers={"authorization": f"Bearer test-key-{key}"}
                )
                assert answer.is_success is (key == region)


@pytest.mark.parametrize(
    ("host", "region"),
    [("api.fpjs.io", "us"), ("eu.api.fpjs.io", "eu"), ("AP.api.fpjs.io:443", "ap"), ("x", "us")],
)
def test_the_host_decides_on_the_region(host: str, region: str) -> None:
    """An emulator of all regions answers as the host that is asked."""
    emulator = Emulator(events=5, region="all")

    def status(key: str) -> int:
        headers = {"authorization": f"Bearer test-key-{key}", "host": host}
        return emulator.handle(Request("GET", "/v4/events", "", headers)).status

    assert {key for key in ("us", "eu", "ap") if status(key) == 200} == {region}


def test_it_serves_a_notebook() -> None:
    """`start_server` returns at once; `stop_server` ends it, also when nothing runs."""
    emulator = Emulator(events=5)
    server = emulator.start_server()
    with pytest.raises(RuntimeError, match="stop_server"):
        emulator.start_server()
    assert httpx.get(f"{server.base_url}/events", headers=AUTH).is_success
    emulator.stop_server()
    emulator.stop_server()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{server.base_url}/events", headers=AUTH)
