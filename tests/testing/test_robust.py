"""Whatever comes in, the emulator answers as the service does, and stays whole."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fingerprint_async.testing import Emulator, make_edge_request
from fingerprint_async.testing.carriers import Request

from .conftest import END, START, Caller

if TYPE_CHECKING:
    from pathlib import Path

EASY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
PROPERTIES = st.sampled_from(
    ["headers", "method", "url", "ipv4_address", "ipv6_address", "linked_id", "tags", "suspect"]
)
DEEP = [
    b'{"tags":' + b'{"a":' * 3_000 + b"1" + b"}" * 3_001,
    b"[" * 100_000,
    b'{"tags":{"a":[' + b"[" * 500 + b"]" * 500 + b"]}}",
]


@EASY
@given(change=st.dictionaries(PROPERTIES, JSON, max_size=3))
def test_any_edge_body_is_answered(make_caller: Any, change: dict[str, Any]) -> None:
    """A 200 or a 400, never a 500; what was stored is readable and found."""
    call = make_caller(events=3, searchable_after=0)
    body = json.dumps(make_edge_request(**change)).encode()
    reply = call("POST", "/edge", body=body)
    assert reply.status in (200, 400), reply.body
    if reply.status == 200:
        event_id = json.loads(reply.body)["event_id"]
        assert call.json("GET", f"/events/{event_id}")["event_id"] == event_id
    for name, value in (("ip_address", "192.0.2.0/24"), ("origin", "https://x"), ("asn", "1")):
        assert call("GET", "/events", source="edge", **{name: value}).status == 200


@EASY
@given(body=st.dictionaries(PROPERTIES, JSON, max_size=3))
def test_any_update_is_answered(make_caller: Any, body: dict[str, Any]) -> None:
    """A 200 or a 400; the event stays readable."""
    call = make_caller(events=3)
    newest = call.emulator.truth(source="both").ids[-1]
    reply = call("PATCH", f"/events/{newest}", body=json.dumps(body).encode())
    assert reply.status in (200, 400), reply.body
    assert call.json("GET", f"/events/{newest}")["event_id"] == newest


@EASY
@given(
    method=st.sampled_from(["GET", "POST", "PATCH", "DELETE"]),
    path=st.text(max_size=30),
    query=st.text(max_size=30),
    body=st.binary(max_size=30),
)
def test_any_request_is_answered(
    make_caller: Any, method: str, path: str, query: str, body: bytes
) -> None:
    """No path, query or body is a 500."""
    emulator = make_caller(events=3, feedback=True, deletion=True).emulator
    for start in ("/v4/events/", "/v4/visitors/", "/v4/events?", "/"):
        headers = {"authorization": "Bearer test-key"}
        reply = emulator.handle(Request(method, start + path, query, headers, body))
        emulator.request_finished()
        assert reply.status < 500, reply.body
    assert emulator.in_flight == 0


@pytest.mark.parametrize(
    "change",
    [
        {"ipv4_address": False},
        {"ipv4_address": 3},
        {"ipv6_address": []},
        {"url": "http://["},
        {"url": "http://"},
        {"url": 7},
        {"method": None},
        {"linked_id": {}},
        {"headers": [None]},
        {"headers": {"a": "b"}},
    ],
)
def test_bad_types_are_refused(call: Any, change: dict[str, Any]) -> None:
    """A value of a wrong type is a 400, and no event comes of it."""
    before = len(call.emulator.store)
    assert call("POST", "/edge", body=make_edge_request(**change)).status == 400
    assert len(call.emulator.store) == before


@pytest.mark.parametrize("body", DEEP, ids=["object", "array", "tags"])
def test_deep_bodies_are_refused(call: Any, body: bytes) -> None:
    """Nesting has an end."""
    newest = call.emulator.truth().ids[-1]
    assert call("PATCH", f"/events/{newest}", body=body).status == 400
    assert call("POST", "/edge", body=body).status == 400
    assert call.json("GET", f"/events/{newest}")


@pytest.mark.parametrize("name", ["linked_id", "tags", "suspect"])
def test_an_update_takes_no_null(call: Any, name: str) -> None:
    """The schema has no null for any of them."""
    newest = call.emulator.truth().ids[-1]
    assert call("PATCH", f"/events/{newest}", body={name: None}).status == 400


def test_an_unforeseen_error_is_a_logged_500(
    make_caller: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug of the emulator is told in the log; it goes on."""
    call = make_caller()
    newest = call.emulator.truth().ids[-1]

    def broken(_: object) -> bytes:
        raise RuntimeError("a bug")

    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setattr(call.emulator.store, "encoded", broken)
        assert call.error("GET", f"/events/{newest}")[:2] == (500, "failed")
    assert "a bug" in caplog.text
    assert call.emulator.in_flight == 0
    assert call("GET", f"/events/{newest}").status == 200


@pytest.mark.parametrize(
    "chunks",
    [b"-1\r\n", b"-5\r\nxxxxx\r\n", b"zz\r\n", b"1\r\nab\r\n", b"ffffffffffffffff\r\n", b"\r\n"],
)
async def test_bad_chunks_end_the_connection(chunks: bytes) -> None:
    """A chunk size that is none is refused; the server goes on and can be stopped."""
    emulator = Emulator(events=3)
    async with emulator.serve() as server:
        server.read_timeout = 0.2
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(
            b"POST /v4/edge HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer test-key\r\n"
            b"transfer-encoding: chunked\r\n\r\n" + chunks
        )
        answer = await asyncio.wait_for(reader.read(), 5)
        assert answer.startswith(b"HTTP/1.1 400")
        writer.close()
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{server.origin}/_emulator/stats")).is_success


async def test_a_body_that_does_not_come_is_a_timeout() -> None:
    """A request that is not there whole in time: 400 `request_read_timeout`."""
    async with Emulator(events=3).serve() as server:
        server.read_timeout = 0.05
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(b"POST /v4/edge HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\nabc")
        answer = await asyncio.wait_for(reader.read(), 5)
        assert b"request_read_timeout" in answer
        writer.close()


async def test_a_body_has_a_limit() -> None:
    """Too many bytes are a 413, chunked or not."""
    async with Emulator(events=3).serve() as server, httpx.AsyncClient() as client:
        headers = {"authorization": "Bearer test-key"}
        url = f"{server.base_url}/edge"
        answer = await client.post(url, headers=headers, content=b"x" * 300_000)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "payload_too_large")


@pytest.mark.slow
async def test_sigterm_ends_it_amid_nonsense(tmp_path: Path) -> None:
    """With a client that sends nonsense and stays, SIGTERM still ends the command."""
    ready = tmp_path / "ready.json"
    words = ["serve", "--port", "0", "--quiet", "--events", "5", "--ready-file", str(ready)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "fingerprint_async", *words
    )
    while not ready.exists():  # noqa: ASYNC110 - another process writes it
        await asyncio.sleep(0.05)
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", json.loads(ready.read_text())["port"]
    )
    writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n")
    await reader.read(10)
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 5) == 0
    writer.close()


WINDOW = {"start": START, "end": END, "limit": 5, "vpn": "false", "sdk_platform": "js"}


def test_equal_requests_have_equal_keys(make_caller: Any) -> None:
    """Whoever asks, whenever, and in whatever order the parameters stand."""
    call, again = make_caller(), make_caller()
    keys = {
        one.json("GET", "/events", **query)["pagination_key"]
        for one in (call, call, again)
        for query in (WINDOW, dict(reversed(WINDOW.items())))
    }
    assert len(keys) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"vpn": "true"},
        {"vpn": None},
        {"proxy": "false"},
        {"limit": 6},
        {"reverse": "true"},
        {"start": START + 1},
        {"end": None},
        {"environment": ["env_production"]},
        {"unknown": "x"},
    ],
)
def test_a_key_is_good_for_its_search_only(call: Caller, change: dict[str, Any]) -> None:
    """With any other parameter changed, added or left out, a key is refused."""
    key = call.json("GET", "/events", **WINDOW)["pagination_key"]
    assert call("GET", "/events", **WINDOW, pagination_key=key).status == 200
    query = {name: value for name, value in (WINDOW | change).items() if value is not None}
    assert call.error("GET", "/events", **query, pagination_key=key)[2] == "invalid pagination key"


def test_a_key_of_another_environment_is_refused(call: Caller) -> None:
    """A secret key that sees one environment takes no pagination key of one that sees all."""
    key = call.json("GET", "/events", **WINDOW)["pagination_key"]
    told = call.error("GET", "/events", **WINDOW, pagination_key=key, key="test-key-staging")
    assert told[2] == "invalid pagination key"
