"""Webhooks in Starlette, FastAPI and aiohttp, over ASGI and real HTTP."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Annotated, Any

import httpx
import pytest

from fingerprint_async import ConfigurationError, webhooks
from fingerprint_async.integrations.receiver import WebhookGate, WebhookReceiver
from fingerprint_async.models import Event

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def body_of(event_id: str = "a.1") -> bytes:
    """Write an event as the service does."""
    return json.dumps({"event_id": event_id, "timestamp": int(time.time() * 1000)}).encode()


async def check(post: Callable[..., Awaitable[Any]], events: list[str]) -> None:
    """Send what the service and strangers send; compare statuses and what was handed on."""
    body = body_of()
    signed = {webhooks.SIGNATURE_HEADER: webhooks.sign(body, secret="s")}
    assert (await post(content=body, headers=signed)).status_code == 200
    assert (await post(content=body, headers=signed)).status_code == 200
    assert events == ["a.1"]
    assert (await post(content=body)).status_code == 403
    assert (await post(content=body + b" ", headers=signed)).status_code == 403
    assert (await post(content=b"x" * 2_000_000, headers=signed)).status_code == 413
    failing = body_of("fail.1")
    signed = {webhooks.SIGNATURE_HEADER: webhooks.sign(failing, secret="s")}
    assert (await post(content=failing, headers=signed)).status_code == 500
    assert (await post(content=failing, headers=signed)).status_code == 500
    assert events == ["a.1", "fail.1", "fail.1"]


def handler_of(events: list[str]) -> Callable[[Event], Awaitable[None]]:
    """Make a handler that fails for ids that say so."""

    async def handle(event: Event) -> None:
        events.append(event.event_id)
        if event.event_id.startswith("fail"):
            raise ValueError("x")

    return handle


async def test_starlette_endpoint() -> None:
    """A route of its own."""
    applications = pytest.importorskip("starlette.applications")
    routing = pytest.importorskip("starlette.routing")
    from fingerprint_async.integrations.starlette import webhook_endpoint

    events: list[str] = []
    receiver = WebhookReceiver(handler_of(events), WebhookGate(secret="s"))
    route = routing.Route("/hook", webhook_endpoint(receiver), methods=["POST"])
    transport = httpx.ASGITransport(applications.Starlette(routes=[route]))
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        await check(lambda **request: client.post("/hook", **request), events)


async def test_fastapi_dependency() -> None:
    """The endpoint gets the event; when it raises, the second attempt gets through."""
    fastapi = pytest.importorskip("fastapi")
    from fingerprint_async.integrations.starlette import webhook_event

    events: list[str] = []
    handle = handler_of(events)
    webhook = webhook_event(WebhookGate(secret="s"))

    async def on_event(event: Any) -> None:
        await handle(event)

    on_event.__annotations__["event"] = Annotated[Event, fastapi.Depends(webhook)]
    app = fastapi.FastAPI()
    app.post("/hook")(on_event)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        await check(lambda **request: client.post("/hook", **request), events)


@pytest.mark.slow
async def test_aiohttp_handler() -> None:
    """Over a socket, with a shutdown that waits for the work."""
    test_utils = pytest.importorskip("aiohttp.test_utils")
    web = pytest.importorskip("aiohttp.web")
    from fingerprint_async.integrations.aiohttp import close_with, webhook_handler

    events: list[str] = []
    receiver = WebhookReceiver(handler_of(events), WebhookGate(secret="s"))
    app = web.Application()
    app.router.add_post("/hook", webhook_handler(receiver))
    app.on_shutdown.append(close_with(receiver))
    server = test_utils.TestServer(app)
    async with server, httpx.AsyncClient(trust_env=False) as client:
        address = str(server.make_url("/hook"))
        await check(lambda **request: client.post(address, **request), events)
    answer = await receiver.receive(empty(), signature=None)
    assert answer.status == 503


@pytest.mark.parametrize("wrong", ["secret", None, WebhookReceiver, object()])
def test_what_is_no_gate_or_receiver_is_refused_at_once(wrong: Any) -> None:
    """When the app is made, not by the first webhook."""
    aiohttp = pytest.importorskip("fingerprint_async.integrations.aiohttp")
    starlette = pytest.importorskip("fingerprint_async.integrations.starlette")
    for make in (aiohttp.webhook_handler, aiohttp.close_with, starlette.webhook_endpoint):
        with pytest.raises(ConfigurationError, match="receiver must be a WebhookReceiver"):
            make(wrong)
    with pytest.raises(ConfigurationError, match="gate must be a WebhookGate"):
        starlette.webhook_event(wrong)


async def test_a_request_of_another_framework_is_told() -> None:
    """The error names what is for it."""
    aiohttp = pytest.importorskip("fingerprint_async.integrations.aiohttp")
    starlette = pytest.importorskip("fingerprint_async.integrations.starlette")
    web_test = pytest.importorskip("aiohttp.test_utils")
    requests = pytest.importorskip("starlette.requests")
    receiver = WebhookReceiver(handler_of([]), WebhookGate(secret="s"))
    with pytest.raises(ConfigurationError, match=r"integrations\.aiohttp\.webhook_handler"):
        await starlette.webhook_endpoint(receiver)(web_test.make_mocked_request("POST", "/"))
    with pytest.raises(ConfigurationError, match=r"integrations\.starlette\.webhook_endpoint"):
        await aiohttp.webhook_handler(receiver)(requests.Request({"type": "http"}))


async def empty() -> Any:
    """A body of nothing."""
    for part in ():
        yield part
