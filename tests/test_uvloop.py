"""Everything works on uvloop's event loop as on asyncio's, over real sockets."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
import pytest

from fingerprint_async import (
    APIConnectionError,
    APITimeoutError,
    ClientStateError,
    DeadlineExceededError,
    FingerprintClient,
    RateLimit,
    RequestOptions,
    RetryPolicy,
    Timeouts,
    webhooks,
)
from fingerprint_async.crawl import crawl, export
from fingerprint_async.integrations.receiver import WebhookGate, WebhookReceiver
from tests.examples.conftest import environment, service

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from pathlib import Path

    from fingerprint_async.models import Event

__all__ = ["environment", "service"]

if sys.platform == "win32":
    pytest.skip("uvloop is not for Windows", allow_module_level=True)
uvloop = pytest.importorskip("uvloop")
pytestmark = pytest.mark.slow

TRANSPORTS = pytest.mark.parametrize(
    "transport", ["default", *(["fast"] if find_spec("pyreqwest") else [])]
)
T = TypeVar("T")
SECRET = "webhook-secret"


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on a loop of uvloop, which reports what nobody handled."""
    unhandled: list[dict[str, Any]] = []

    async def watched() -> T:
        loop = asyncio.get_running_loop()
        assert type(loop).__module__.startswith("uvloop")
        loop.set_exception_handler(lambda _, context: unhandled.append(context))
        async with asyncio.timeout(60):
            return await work

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(watched())
    assert unhandled == []
    return found


def make(service: dict[str, Any], transport: str = "default", **settings: Any) -> FingerprintClient:
    """A client of the service, with a transport of the choice."""
    if transport == "fast":
        settings["transport"] = "fast"
    settings = {"rate_limit": RateLimit.off(), **settings}
    return FingerprintClient(service["api_key"], base_url=service["base_url"], **settings)


def window(service: dict[str, Any]) -> dict[str, Any]:
    """The last days of what the service holds."""
    end = datetime.fromtimestamp(service["end"] / 1000, UTC)
    return {"start": end - timedelta(days=5), "end": end}


@TRANSPORTS
def test_calls_and_searches(service: dict[str, Any], transport: str) -> None:
    """50 calls in flight, pages that follow pages, a cursor, and a client that is closed."""

    async def work() -> None:
        async with make(service, transport) as client:
            events = [event async for event in client.events.search(**window(service))]
            assert len({event.event_id for event in events}) == len(events) > 20
            found = await asyncio.gather(
                *(client.events.get(events[n % 20].event_id) for n in range(50))
            )
            assert [event.event_id for event in found[:20]] == [
                event.event_id for event in events[:20]
            ]
            page = await client.events.search(**window(service), limit=5)
            assert page.cursor is not None
            following = await client.events.search_from(page.cursor)
            assert following.events[0].event_id == events[5].event_id
        with pytest.raises(ClientStateError):
            await client.events.search()

    run(work())


@TRANSPORTS
def test_failures_are_the_same(transport: str) -> None:
    """Refused, silent, cut off, over the deadline, cancelled: typed, and in time."""

    async def work() -> None:
        open_writers: list[asyncio.StreamWriter] = []

        async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            open_writers.append(writer)
            await reader.read(100_000)
            with suppress(ConnectionError):
                await reader.read(1)

        async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(100_000)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
            writer.close()

        silent = await asyncio.start_server(hang, "127.0.0.1", 0)
        cutting = await asyncio.start_server(cut, "127.0.0.1", 0)
        address = {
            server: f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v4"
            for server in (silent, cutting)
        }
        once: dict[str, Any] = {"retry": RetryPolicy(max_attempts=1)}
        of = {"api_key": "sk_test"}
        async with make({**of, "base_url": address[cutting]}, transport, **once) as client:
            with pytest.raises(APIConnectionError):
                await client.events.get("a")
        timeouts = Timeouts(read=0.2)
        silent_at = {**of, "base_url": address[silent]}
        async with make(silent_at, transport, timeout=timeouts, **once) as client:
            with pytest.raises(APITimeoutError):
                await client.events.get("a")
        async with make(silent_at, transport, **once) as client:
            with pytest.raises(DeadlineExceededError):
                await client.events.get("a", options=RequestOptions(deadline=0.2))
            call = asyncio.create_task(client.events.get("a"))
            await asyncio.sleep(0.1)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            call = asyncio.create_task(client.events.get("a"))
            await asyncio.sleep(0.1)
            await client.aclose()
            with pytest.raises(ClientStateError):
                await call
        silent.close()
        cutting.close()
        for writer in open_writers:
            writer.close()
        async with make({**of, "base_url": address[cutting]}, transport, **once) as client:
            with pytest.raises(APIConnectionError):
                await client.events.get("a")

    run(work())


def test_crawls(service: dict[str, Any], tmp_path: Path) -> None:
    """Files and models have the same events."""

    async def work() -> None:
        async with make(service) as client:
            summary = await export(client, tmp_path / "out", **window(service))
            ids = [event.event_id async for event in crawl(client, **window(service))]
            assert len(set(ids)) == len(ids) == summary.events > 20
            first = 0
            async for _ in crawl(client, **window(service)):
                first += 1
                if first == 3:
                    break

    run(work())


def test_webhooks_are_received() -> None:
    """Verified, handed on once, and finished when the receiver is closed."""
    seen: list[str] = []

    async def handle(event: Event) -> None:
        await asyncio.sleep(0.05)
        seen.append(event.event_id)

    async def work() -> None:
        applications = pytest.importorskip("starlette.applications")
        routing = pytest.importorskip("starlette.routing")
        from fingerprint_async.integrations.starlette import webhook_endpoint

        receiver = WebhookReceiver(handle, WebhookGate(secret=SECRET))
        endpoint = webhook_endpoint(receiver)
        app = applications.Starlette(routes=[routing.Route("/webhook", endpoint, methods=["POST"])])
        body = f'{{"event_id": "a", "timestamp": {int(time.time() * 1000)}}}'.encode()
        headers = {webhooks.SIGNATURE_HEADER: webhooks.sign(body, secret=SECRET)}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as browser:
            post: Callable[..., Awaitable[httpx.Response]] = browser.post
            answers = [await post("/webhook", content=body, headers=headers) for _ in range(2)]
            answers.append(await post("/webhook", content=body))
        assert [answer.status_code for answer in answers] == [200, 200, 403]
        await receiver.aclose()

    run(work())
    assert seen == ["a"]
