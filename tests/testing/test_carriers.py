"""The emulator on sockets, as an httpx transport, an ASGI application, in respx and pytest."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from fingerprint_async.testing import Emulator, Fault, make_error, make_event, make_page, mock_api

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

START, END = 1_767_225_600_000, 1_769_817_600_000
AUTH = {"Authorization": "Bearer test-key"}
LOST = (httpx.ReadError, httpx.RemoteProtocolError)


@pytest.fixture(params=["socket", "transport", "asgi"])
async def carried(
    request: pytest.FixtureRequest,
) -> AsyncIterator[tuple[Emulator, httpx.AsyncClient]]:
    """An emulator of 200 events, and a client that reaches it by each of the three ways."""
    emulator = Emulator(events=200, start=START, end=END)
    if request.param == "socket":
        async with (
            emulator.serve() as server,
            httpx.AsyncClient(base_url=server.base_url, headers=AUTH, timeout=5) as client,
        ):
            yield emulator, client
        return
    transport: Any = (
        emulator.transport() if request.param == "transport" else httpx.ASGITransport(emulator.app)
    )
    async with httpx.AsyncClient(
        base_url="http://emulator/v4", headers=AUTH, transport=transport, timeout=5
    ) as client:
        yield emulator, client


async def test_every_way_gives_the_truth(carried: tuple[Emulator, httpx.AsyncClient]) -> None:
    """Walking all pages gives every event once; nothing is in flight afterwards."""
    emulator, client = carried
    found: list[str] = []
    query: dict[str, Any] = {"start": START, "end": END, "limit": 30}
    while True:
        response = await client.get("/events", params=query)
        assert response.headers["content-type"].startswith("application/json")
        page = response.json()
        found += [event["event_id"] for event in page["events"]]
        if "pagination_key" not in page:
            break
        query["pagination_key"] = page["pagination_key"]
    assert tuple(reversed(found)) == emulator.truth().ids
    assert emulator.in_flight == 0


async def test_bodies_go_both_ways(carried: tuple[Emulator, httpx.AsyncClient]) -> None:
    """A body with a length, and one in chunks, arrive; an empty 200 is empty."""
    emulator, client = carried
    path = f"/events/{emulator.truth().ids[0]}"

    async def chunks() -> AsyncIterator[bytes]:
        for piece in (b'{"linked', b'_id":"x"', b"}"):
            yield piece

    assert (await client.patch(path, json={"suspect": True})).content == b""
    assert (await client.patch(path, content=chunks())).status_code == 200
    event = (await client.get(path)).json()
    assert (event["suspect"], event["linked_id"]) == (True, "x")


@pytest.mark.parametrize(
    "kind", ["bad_gateway", "truncated", "wrong_type", "empty", "garbage", "drip", "stall"]
)
async def test_spoiled_answers(carried: tuple[Emulator, httpx.AsyncClient], kind: Any) -> None:
    """Each fault of the content is what it says."""
    emulator, client = carried
    emulator.set_faults(Fault(kind=kind, seconds=0.02, times=1))
    response = await client.get("/events", params={"start": START})
    if kind == "bad_gateway":
        assert (response.status_code, response.headers["content-type"]) == (502, "text/html")
        return
    assert response.status_code == 200
    if kind in ("drip", "stall"):
        assert response.json()["events"]
    else:
        with pytest.raises(ValueError, match=r"Expecting|decode|Unterminated|delimiter|codec"):
            response.json()
    assert emulator.stats()["faults"] == {kind: 1}


@pytest.fixture(params=["socket", "transport"])
async def spoilt(
    request: pytest.FixtureRequest,
) -> AsyncIterator[tuple[Emulator, httpx.AsyncClient]]:
    """An emulator reached by the ways that have connections to lose."""
    emulator = Emulator(events=200, start=START, end=END)
    async with emulator.serve() as server:
        transport = emulator.transport() if request.param == "transport" else None
        async with httpx.AsyncClient(
            base_url=server.base_url, headers=AUTH, transport=transport
        ) as client:
            yield emulator, client


@pytest.mark.parametrize("kind", ["closed", "reset", "cut"])
async def test_lost_connections(spoilt: tuple[Emulator, httpx.AsyncClient], kind: Any) -> None:
    """A connection lost before or within the answer is an httpx error.

    The next request works.
    """
    emulator, client = spoilt
    emulator.set_faults(Fault(kind=kind, times=1))
    with pytest.raises(LOST):
        await client.get("/events", params={"start": START})
    assert (await client.get("/events")).status_code == 200
    assert emulator.in_flight == 0


async def test_a_stall_meets_the_read_timeout(spoilt: tuple[Emulator, httpx.AsyncClient]) -> None:
    """A server that says nothing for longer than the read timeout raises ReadTimeout."""
    emulator, client = spoilt
    emulator.set_faults(Fault(kind="stall", seconds=60))
    with pytest.raises(httpx.ReadTimeout):
        await client.get("/events", timeout=0.05)


async def test_an_update_that_lost_its_answer_has_happened(
    spoilt: tuple[Emulator, httpx.AsyncClient],
) -> None:
    """Faults on the way back leave the effect in place."""
    emulator, client = spoilt
    path = f"/events/{emulator.truth().ids[0]}"
    emulator.set_faults(Fault(kind="closed", times=1))
    with pytest.raises(LOST):
        await client.patch(path, json={"linked_id": "done"})
    assert (await client.get(path)).json()["linked_id"] == "done"


async def test_a_server_that_is_down_refuses(spoilt: tuple[Emulator, httpx.AsyncClient]) -> None:
    """While down, connections are refused; afterwards the same address answers."""
    emulator = Emulator(events=10)
    async with (
        emulator.serve() as server,
        httpx.AsyncClient(base_url=server.base_url, headers=AUTH) as client,
    ):
        assert (await client.get("/events")).status_code == 200
        async with server.down():
            with pytest.raises((httpx.ConnectError, *LOST)):
                await client.get("/events")
        assert (await client.get("/events")).status_code == 200


async def test_idle_connections_are_closed() -> None:
    """After the keep-alive time an idle connection is gone; a busy one is not cut."""
    emulator = Emulator(events=10, latency=0.1)
    async with emulator.serve(keep_alive=0.05) as server:
        async with httpx.AsyncClient(base_url=server.base_url, headers=AUTH) as client:
            assert (await client.get("/events")).status_code == 200
            await asyncio.sleep(0.2)
            assert emulator.stats()["connections_open"] == 0
            assert (await client.get("/events")).status_code == 200
        assert emulator.connections == 2


async def test_a_caller_that_leaves_is_not_waited_for() -> None:
    """A request cancelled while the server waits is not in flight any longer.

    Closing does not hang.
    """
    emulator = Emulator(events=10, latency=30)
    async with (
        emulator.serve() as server,
        httpx.AsyncClient(base_url=server.base_url, headers=AUTH) as client,
    ):
        with pytest.raises(httpx.ReadTimeout):
            await client.get("/events", timeout=0.05)
        for _ in range(100):
            await asyncio.sleep(0.01)
            if emulator.in_flight == 0:
                break
        assert (emulator.in_flight, emulator.stats()["in_flight_max"]) == (0, 1)
        waiting = asyncio.create_task(client.get("/events"))
        await asyncio.sleep(0.05)
        await server.close()
        with pytest.raises(LOST):
            await waiting
    assert emulator.in_flight == 0


async def test_what_is_not_http_is_refused() -> None:
    """Nonsense on the socket is a 4xx and the end of the connection; requests may be pipelined."""
    emulator = Emulator(events=10)
    async with emulator.serve() as server:
        for nonsense in (
            b"hello\r\n\r\n",
            b"GET / HTTP/1.1\r\nbad\r\n\r\n",
            b"GET /" + b"x" * 70_000,
        ):
            reader, writer = await asyncio.open_connection(server.host, server.port)
            writer.write(nonsense)
            assert (await reader.read()).startswith(b"HTTP/1.1 4")
            writer.close()
            await writer.wait_closed()
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(
            b"GET /_emulator/stats HTTP/1.1\r\nhost: localhost\r\n\r\n"
            b"GET /x HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
        )
        assert (await reader.read()).count(b"HTTP/1.1 ") == 2
        writer.close()
        await writer.wait_closed()


async def test_it_is_driven_from_outside(carried: tuple[Emulator, httpx.AsyncClient]) -> None:
    """Truth, stats, limits, faults and reset are addresses of their own.

    Mistakes there are 400s.
    """
    emulator, client = carried
    control = httpx.URL(str(client.base_url)).copy_with(path="/_emulator/")

    async def ask(method: str, name: str, **rest: Any) -> httpx.Response:
        return await client.request(method, control.join(name), **rest)

    truth = (
        await ask("GET", "truth", params={"start": START, "end": "2026-01-31T00:00:00Z", "ids": 1})
    ).json()
    assert truth == {"count": emulator.truth().count, "ids": list(emulator.truth().ids)}
    both = (await ask("GET", "truth", params={"source": "both"})).json()
    assert both == {"count": 200}
    assert (await ask("GET", "truth", params={"vpn": "true"})).json()["count"] < truth["count"]
    for bad in ({"start": "x"}, {"source": "x"}, {"colour": "x"}, {"vpn": "x"}):
        assert (await ask("GET", "truth", params=bad)).status_code == 400
    assert (await ask("POST", "limits", json={"rate": 2, "burst": 2})).json()["rate"] == 2
    assert [(await client.get("/events")).status_code for _ in range(3)] == [200, 200, 429]
    assert (await ask("POST", "limits", json={"rate": "off"})).json()["rate"] is None
    for bad in ({"rate": 0}, {"rate": "fast"}, []):
        assert (await ask("POST", "limits", json=bad)).status_code == 400
    faults = {"faults": ["search:internal_error", {"kind": "unavailable"}]}
    assert (await ask("POST", "faults", json=faults)).status_code == 200
    assert (await client.get("/events")).status_code == 500
    assert (await ask("POST", "faults", json={"faults": ["dragons"]})).status_code == 400
    assert (await ask("GET", "stats")).json()["statuses"] == {"200": 2, "429": 1, "500": 1}
    assert (await ask("POST", "reset")).status_code == 200
    assert (await ask("GET", "stats")).json()["requests"] == 0
    assert (await ask("GET", "unknown")).status_code == 404
    assert (await client.get("/events")).status_code == 200


async def test_a_transport_waits_on_the_clock_it_is_given(
    make_emulator: Callable[..., Emulator], clock: Any
) -> None:
    """With a sleep that moves the clock, latency costs no time."""
    from fingerprint_async.testing import EmulatorTransport

    emulator = make_emulator(latency=(100.0, 200.0))
    before = clock.now
    transport = EmulatorTransport(emulator, sleep=clock.sleep)
    async with httpx.AsyncClient(transport=transport, headers=AUTH, timeout=1_000) as client:
        assert (await client.get("http://x/v4/events")).status_code == 200
    assert 100 <= clock.now - before <= 200


async def test_the_asgi_application_drops_connections_by_raising() -> None:
    """Under an ASGI server a lost connection is an exception of the application.

    It has a lifespan.
    """
    from fingerprint_async.testing.carriers.asgi import ConnectionFault

    emulator = Emulator(events=10)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(emulator.app), headers=AUTH
    ) as client:
        for kind in ("closed", "reset"):
            emulator.set_faults(Fault(kind=kind))  # type: ignore[arg-type]
            with pytest.raises(ConnectionFault):
                await client.get("http://x/v4/events")
    assert emulator.in_flight == 0
    inbox = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent: list[str] = []

    async def receive() -> Any:
        return inbox.pop(0)

    async def send(message: Any) -> None:
        sent.append(message["type"])

    await emulator.app({"type": "lifespan"}, receive, send)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    with pytest.raises(ValueError, match="websocket"):
        await emulator.app({"type": "websocket"}, receive, send)


def test_respx_routes_answer_and_can_be_overridden() -> None:
    """Each operation has a route of its name, answered by the emulator until told otherwise."""
    base = "https://eu.api.fpjs.io/v4"
    with mock_api(base_url=base) as api:
        page = httpx.get(f"{base}/events", headers=AUTH).json()
        event_id = page["events"][0]["event_id"]
        assert httpx.get(f"{base}/events/{event_id}", headers=AUTH).json() == page["events"][0]
        assert api["getEvent"].call_count == 1
        api["getEvent"].respond(404, json=make_error("event_not_found"))
        assert (
            httpx.get(f"{base}/events/{event_id}").json()["error"]["message"]
            == "event id not found"
        )


def test_factories_make_what_is_asked_for() -> None:
    """Overrides are merged, left-out fields are gone, pages have keys only when given."""
    event = make_event(
        vpn=None, identification={"visitor_id": "me"}, tags={"only": 1}, without=["url"]
    )
    assert (event["vpn"], event["identification"]["visitor_id"], event["tags"]) == (
        None,
        "me",
        {"only": 1},
    )
    assert event["identification"]["visitor_found"] in (True, False)
    assert "url" not in event
    assert make_event() == make_event()
    assert "raw_device_attributes" not in make_event(detail="slim")
    assert "device_details" in make_event(platform="ios")
    assert make_page() == {"events": [make_event()]}
    page = make_page([event], pagination_key="k", total_hits=3)
    assert (page["pagination_key"], page["total_hits"]) == ("k", 3)
    assert len({event["event_id"] for event in make_page(50)["events"]}) == 50


def test_the_kit_lists_what_it_has() -> None:
    """Every public name can be had, `dir` lists them, and any other is an AttributeError."""
    from fingerprint_async import testing

    assert set(testing.__all__) <= set(dir(testing))
    assert all(getattr(testing, name) is not None for name in testing.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        _ = testing.nothing


@pytest.mark.fingerprint_emulator(events=5)
def test_the_respx_fixture(fingerprint_api: Any) -> None:
    """`fingerprint_api` answers for the default host."""
    assert httpx.get("https://api.fpjs.io/v4/events", headers=AUTH).status_code == 200
    assert fingerprint_api["searchEvents"].called


@pytest.mark.fingerprint_emulator(events=7, start=START, end=END)
def test_fixtures(fingerprint_server: Any, fingerprint_emulator: Emulator) -> None:
    """The plugin's fixtures give the test's emulator, made as its marker says.

    Serve it from a thread.
    """
    assert len(fingerprint_emulator.dataset) == 7
    response = httpx.get(f"{fingerprint_server.origin}/_emulator/truth", params={"source": "both"})
    assert response.json() == {"count": 7}


def test_a_taken_port_is_an_error(fingerprint_server: Any) -> None:
    """Serving from a thread on a taken port raises in the caller."""
    with (
        pytest.raises(OSError, match="in use"),
        Emulator(events=1).serve_in_thread(port=fingerprint_server.port),
    ):
        pass


def test_the_plugin_loads_nothing() -> None:
    """What pytest loads at its start brings in neither httpx, msgspec, respx nor the emulator."""
    code = (
        "import sys, pytest; before = set(sys.modules);"
        "import fingerprint_async.testing.pytest_plugin;"
        "print([m for m in set(sys.modules) - before if m.split('.')[0] in "
        "('httpx','msgspec','respx','attrs','attr')"
        " or m.startswith('fingerprint_async.testing.') and not m.endswith('pytest_plugin')])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_told_to_stop(
    tmp_path: Path, number: signal.Signals
) -> None:
    """`serve` writes its ready file, answers, and stops cleanly on either signal."""
    ready = tmp_path / "ready.json"
    command = [sys.executable, "-W", "error", "-m", "fingerprint_async"]
    options = [
        "serve",
        "--port",
        "0",
        "--events",
        "50",
        "--start",
        str(START),
        "--end",
        "2026-01-31T00:00:00Z",
    ]
    with subprocess.Popen(
        [
            *command,
            *options,
            "--ready-file",
            str(ready),
            "--rate",
            "5",
            "--fault",
            "get:unavailable=0.5",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            while not ready.exists():
                assert process.poll() is None, process.communicate()
            told = json.loads(ready.read_text())
            headers = {"Authorization": f"Bearer {told['api_key']}"}
            page = httpx.get(
                told["base_url"] + "/events", headers=headers, params={"start": START, "end": END}
            )
            assert page.status_code == 200
        finally:
            process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    assert told["base_url"] in out
    assert "curl" in out
    assert "Stopped after 1 requests" in out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--start", "yesterday"], "--start is Unix ms or RFC 3339"),
        (["--latency", "fast"], "--latency is a number"),
        (["--rate", "0"], "rate must be more than 0"),
        (["--fault", "dragons"], "unknown fault"),
    ],
)
def test_wrong_options_are_told(
    capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    """A wrong option is one line on stderr and exit code 2."""
    from fingerprint_async.cli import main

    assert main(["serve", "--events", "1", *options]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
async def test_an_address_of_version_6_stands_in_brackets() -> None:
    """The origin is one that a client takes as it is."""
    emulator = Emulator(events=3, start=START, end=END)
    try:
        async with emulator.serve(host="::1") as server, httpx.AsyncClient() as client:
            assert server.origin == f"http://[::1]:{server.port}"
            answer = await client.get(f"{server.base_url}/events", headers=AUTH)
    except OSError:
        pytest.skip("this machine has no ::1")
    assert answer.status_code == 200
