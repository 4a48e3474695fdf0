"""Protect a login, and receive webhooks, with aiohttp's server."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from aiohttp import web

from fingerprint_async import FingerprintClient, FingerprintError, InvalidIdError, checks
from fingerprint_async.checks import ProblemCode
from fingerprint_async.integrations.aiohttp import close_with, webhook_handler
from fingerprint_async.integrations.receiver import WebhookGate, WebhookReceiver
from fingerprint_async.replays import MemorySeenStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fingerprint_async.models import Event

CLIENT = web.AppKey("client", FingerprintClient)
SEEN = web.AppKey("seen", MemorySeenStore)
MAX_AGE_SECONDS = float(os.environ.get("LOGIN_MAX_AGE_SECONDS", "120"))
REFUSED = {ProblemCode.STALE, ProblemCode.FUTURE, ProblemCode.NO_TIMESTAMP, ProblemCode.BOT}


async def log_in(request: web.Request) -> web.Response:
    """Refuse a login whose event cannot be trusted."""
    try:
        event_id = (await request.json())["event_id"]
    except (ValueError, TypeError, KeyError):
        return refuse("invalid_id", status=400)
    try:
        event = await request.app[CLIENT].events.find(event_id, wait=2)
    except InvalidIdError:
        return refuse("invalid_id", status=400)
    except FingerprintError:
        return refuse("try_again_later", status=503)
    if event is None:
        return refuse("unknown_event")
    problems = checks.check_event(event, max_age=MAX_AGE_SECONDS)
    refused = [problem.code for problem in problems if problem.code in REFUSED]
    if not refused and not await request.app[SEEN].add(f"login:{event.event_id}"):
        refused = [ProblemCode.REPLAYED]
    if refused:
        return refuse(*refused)
    return web.json_response({"event_id": event.event_id})


def refuse(*reasons: str, status: int = 403) -> web.Response:
    """Answer a login that is not let in."""
    return web.json_response({"refused": reasons}, status=status)


async def handle_webhook(event: Event) -> None:
    """Do the work that an event asks for."""
    print("webhook", event.event_id, flush=True)


async def with_client(app: web.Application) -> AsyncIterator[None]:
    """One client a process, for as long as the app runs."""
    async with FingerprintClient() as client:
        app[CLIENT] = client
        yield


def make_app() -> web.Application:
    """Make the app."""
    gate = WebhookGate(secret=os.environ["FINGERPRINT_WEBHOOK_SECRET"])
    receiver = WebhookReceiver(handle_webhook, gate)
    app = web.Application()
    app[SEEN] = MemorySeenStore()
    app.cleanup_ctx.append(with_client)
    app.on_shutdown.append(close_with(receiver))
    app.router.add_post("/login", log_in)
    app.router.add_post("/webhooks/fingerprint", webhook_handler(receiver))
    return app


if __name__ == "__main__":
    web.run_app(make_app(), host="127.0.0.1", port=int(os.environ.get("PORT", "8000")))
