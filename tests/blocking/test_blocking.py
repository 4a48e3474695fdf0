"""The client for code that blocks."""

from __future__ import annotations

import asyncio
import inspect
import os
import subprocess
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from fingerprint_async import (
    ArgumentError,
    ClientStateError,
    ConfigurationError,
    CursorError,
    FingerprintClient,
    Hooks,
    NotFoundError,
    RateLimit,
)
from fingerprint_async.blocking import BlockingClient

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    import respx

ROOT = Path(__file__).resolve().parents[2]
EVENTS = "https://api.fpjs.io/v4/events"
EVENT = {"event_id": "1708102555327.NLOjmg", "timestamp": 1708102555327}
ERROR = {"error": {"code": "event_not_found", "message": "event id not found"}}
WINDOW = {"start": 1_700_000_000_000, "end": 1_700_000_100_000}


@pytest.fixture
def client() -> Iterator[BlockingClient]:
    """A client without a rate limit."""
    with BlockingClient("sk_test", rate_limit=RateLimit.off()) as client:
        yield client


def threads() -> list[str]:
    """Name the threads of clients."""
    return [one.name for one in threading.enumerate() if one.name == "fingerprint-async"]


def test_calls_return_values(client: BlockingClient, router: respx.MockRouter) -> None:
    """Of every resource, as the async client's, with typed errors."""
    router.get(f"{EVENTS}/{EVENT['event_id']}").respond(json=EVENT)
    router.get(f"{EVENTS}/gone").respond(404, json=ERROR)
    router.patch(url__startswith=EVENTS).respond(200)
    router.delete(url__startswith="https://api.fpjs.io/v4/visitors").respond(200)
    router.post(url__startswith="https://api.fpjs.io/v4/edge").respond(json=EVENT)
    assert client.events.get(str(EVENT["event_id"])).to_dict() == EVENT
    assert client.events.with_raw_response.get(str(EVENT["event_id"])).status_code == 200
    assert client.events.find("gone") is None
    with pytest.raises(NotFoundError) as caught:
        client.events.get("gone")
    assert caught.value.operation == "getEvent"
    client.events.update("a", suspect=True)
    client.visitors.delete("v")
    verdict = client.edge.analyze(
        method="GET", url="https://a.example/", headers={"a": "b"}, ip="192.0.2.1"
    )
    assert verdict.event_id == EVENT["event_id"]
    assert client.stats.requests == 7


def test_a_search_is_iterated_over(client: BlockingClient, router: respx.MockRouter) -> None:
    """By events, by pages, one page, and on from a cursor."""

    def reply(request: httpx.Request) -> httpx.Response:
        key = request.url.params.get("pagination_key")
        following = {None: {"pagination_key": "k1"}, "k1": {"pagination_key": "k2"}}.get(key, {})
        return httpx.Response(200, json={"events": [EVENT, EVENT], **following})

    router.get(url__startswith=EVENTS).mock(side_effect=reply)
    secret = "a secret of 16 bytes or more"
    search = client.events.search(**WINDOW, cursor_secret=secret)
    assert len(list(search)) == 6
    assert len(list(search)) == 6
    assert [len(page.events) for page in search.pages()] == [2, 2, 2]
    cursor = search.first_page().cursor
    assert cursor is not None
    assert len(list(client.events.search_from(cursor, cursor_secret=secret).pages())) == 2
    with pytest.raises(CursorError) as caught:
        client.events.search_from(cursor + "0", cursor_secret=secret)
    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    assert secret not in "".join(repr(frame.f_locals) for frame in frames[1:])


def test_threads_share_one_client(client: BlockingClient, router: respx.MockRouter) -> None:
    """Their calls run at the same time, in one thread of the client."""
    arrived: list[httpx.Request] = []
    everyone = asyncio.Event()

    async def reply(request: httpx.Request) -> httpx.Response:
        arrived.append(request)
        if len(arrived) == 8:
            everyone.set()
        await asyncio.wait_for(everyone.wait(), 20)
        return httpx.Response(200, json={**EVENT, "event_id": request.url.path.rpartition("/")[2]})

    router.get(url__startswith=EVENTS).mock(side_effect=reply)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(client.events.get, [f"id-{turn}" for turn in range(8)]))
    assert [event.event_id for event in found] == [f"id-{turn}" for turn in range(8)]
    assert len(threads()) == 1


def test_closing_ends_the_thread(router: respx.MockRouter) -> None:
    """Nothing is left behind; a client that was never used starts none."""
    router.get(url__startswith=EVENTS).respond(json=EVENT)
    client = BlockingClient("sk_test")
    assert threads() == []
    client.events.get(str(EVENT["event_id"]))
    assert len(threads()) == 1
    client.close()
    client.close()
    assert (threads(), client.is_closed) == ([], True)
    with pytest.raises(ClientStateError, match="closed"):
        client.events.get("a")
    unused = BlockingClient("sk_test")
    unused.close()
    with pytest.raises(ClientStateError, match="closed"):
        unused.events.get("a")


def test_derived_clients_share_the_thread(client: BlockingClient, router: respx.MockRouter) -> None:
    """Closing one leaves the other open."""
    router.get(url__startswith=EVENTS).respond(json=EVENT)
    derived = client.with_options(strict=True)
    assert (derived.options.strict, client.options.strict) == (True, False)
    derived.events.get(str(EVENT["event_id"]))
    assert len(threads()) == 1
    derived.close()
    derived.close()
    assert client.events.get(str(EVENT["event_id"])).to_dict() == EVENT


async def test_it_can_be_used_where_a_loop_runs(
    client: BlockingClient, router: respx.MockRouter
) -> None:
    """In a notebook a loop runs in the main thread; the client has its own."""
    router.get(url__startswith=EVENTS).respond(json=EVENT)
    assert client.events.get(str(EVENT["event_id"])).to_dict() == EVENT


def test_a_call_from_its_own_thread_is_refused(router: respx.MockRouter) -> None:
    """It would wait for itself for ever."""
    router.get(url__startswith=EVENTS).respond(json=EVENT)
    errors: list[BaseException] = []

    def hook(_: Any) -> None:
        try:
            client.events.get("a")
        except ClientStateError as error:
            errors.append(error)

    with BlockingClient("sk_test", hooks=Hooks(on_call=hook)) as client:
        client.events.get(str(EVENT["event_id"]))
    assert [str(error) for error in errors] == [
        "a blocking call from a hook of the client would wait for itself"
    ]


INTERRUPTED = """
import asyncio, os, signal, threading
from fingerprint_async.blocking._portal import Portal

# A shell starts what runs in its background with Ctrl-C ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
portal, ended = Portal(), threading.Event()

async def work():
    # Once the main thread waits for it.
    await asyncio.sleep(0.5)
    os.kill(os.getpid(), signal.SIGINT)
    try:
        await asyncio.sleep(3600)
    finally:
        ended.set()

async def last():
    pass

try:
    portal.call(work)
except KeyboardInterrupt:
    print(ended.wait(20))
portal.close(last)
"""


@pytest.mark.slow
def test_an_interrupted_call_is_cancelled() -> None:
    """Ctrl-C ends what runs in the client's thread, too."""
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, timeout=60, check=True
    )
    assert (done.stdout, done.stderr) == ("True\n", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_after_a_fork_another_is_needed(client: BlockingClient, router: respx.MockRouter) -> None:
    """A typed error at once, where the thread is gone; closing does nothing there."""
    router.get(url__startswith=EVENTS).respond(json=EVENT)
    client.events.get(str(EVENT["event_id"]))
    child = os.fork()
    if child == 0:
        status = 1
        try:
            client.events.get("a")
        except ClientStateError as error:
            client.close()
            status = 0 if "forked" in str(error) else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert client.events.get(str(EVENT["event_id"])).to_dict() == EVENT


@pytest.mark.slow
def test_a_process_ends_without_closing() -> None:
    """A script that forgets to close does not hang, and ends with 0."""
    code = (
        "from fingerprint_async.blocking import BlockingClient\n"
        "client = BlockingClient('sk_test', base_url='http://127.0.0.1:9/v4', max_retries=0)\n"
        "try: client.events.get('a')\n"
        "except Exception as error: print(type(error).__name__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "APIConnectionError\n", "")


def test_no_frame_holds_the_key() -> None:
    """Not even when the constructor raises."""
    with pytest.raises(ConfigurationError) as caught:
        BlockingClient("KEY 1234567")
    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    assert "KEY 1234567" not in "".join(repr(frame.f_locals) for frame in frames[1:])
    client = BlockingClient("sk_1234567")
    assert "sk_1234567" not in repr(client)
    client.close()


def test_signatures_are_those_of_the_async_client() -> None:
    """To the last default, for the client and every method."""
    blocking, other = BlockingClient("sk_test"), FingerprintClient("sk_test")
    assert inspect.signature(BlockingClient) == inspect.signature(FingerprintClient)
    for name in ("events", "visitors", "edge"):
        for of_async, of_blocking in (
            (getattr(other, name), getattr(blocking, name)),
            (getattr(other, name).with_raw_response, getattr(blocking, name).with_raw_response),
        ):
            methods = [one for one in dir(of_async) if not one.startswith("_")]
            assert methods == [one for one in dir(of_blocking) if not one.startswith("_")]
            for method in methods:
                if method != "with_raw_response":
                    signature = inspect.signature(getattr(of_async, method))
                    again = inspect.signature(getattr(of_blocking, method))
                    assert again.parameters == signature.parameters
    blocking.close()


def test_what_is_generated_is_in_step() -> None:
    """`scripts/generate` would change nothing: neither the client, nor the page of models."""
    code = "from codegen import blocking, models_page\nprint(blocking.check(), models_page.check())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT / "scripts",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[] []"


def test_every_other_method_calls_the_async_one(
    client: BlockingClient, router: respx.MockRouter
) -> None:
    """Raw responses, decoders of one's own, ASGI scopes; and where the client sends to."""
    router.get(url__startswith=EVENTS).respond(json={"events": []})
    router.patch(url__startswith=EVENTS).respond(200)
    router.delete(url__startswith="https://api.fpjs.io/v4/visitors").respond(200)
    router.post(f"{EVENTS}/a/feedback").respond(202)
    router.post("https://api.fpjs.io/v4/edge").respond(json={})
    raw = client.events.with_raw_response
    assert raw.search().status_code == 200
    assert raw.search_as(len).parse() == len(b'{"events":[]}')
    assert client.events.search_as(len) == len(b'{"events":[]}')
    assert raw.update("a", suspect=True).status_code == 200
    told = {"reset_identification_confidence_score": True}
    client.events.feedback("a", **told)
    assert raw.feedback("a", **told).status_code == 202
    assert client.visitors.with_raw_response.delete("a").status_code == 200
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "scheme": "https",
        "query_string": "not bytes",
        "headers": [(b"host", b"shop.example")],
        "client": ("192.0.2.1", 1),
    }
    assert client.edge.analyze_asgi(scope).to_dict() == {}
    edge = client.edge.with_raw_response
    raw_edge = edge.analyze(
        headers=[("a", "b")], method="GET", url="https://a.example", ip="192.0.2.1"
    )
    assert raw_edge.status_code == 200
    odd: Any = scope
    with pytest.raises(ArgumentError, match="aiohttp"):
        client.edge.analyze_aiohttp(odd)
    assert client.base_url == "https://api.fpjs.io/v4"
    assert str(client.region) == "us"
    assert repr(client.events.search()).startswith("<Blocking <EventPager")


def test_an_event_loop_that_cannot_start_is_an_error(
    client: BlockingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Typed, in the thread that asked: without file descriptors, say."""

    def fails(coroutine: Coroutine[Any, Any, None]) -> None:
        coroutine.close()
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(asyncio, "run", fails)
    with pytest.raises(ClientStateError, match="could not be started"):
        client.events.get("a")
    assert threads() == []
