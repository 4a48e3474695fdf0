"""Protect a login with FastAPI, receive webhooks, unseal, erase, page to a browser.

Settings come from the environment: FINGERPRINT_SECRET_API_KEY and FINGERPRINT_REGION (or
FINGERPRINT_BASE_URL) are read by the client itself, the rest below.
"""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import fastapi
from edge_guard import EdgeGuard
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from fingerprint_async import (
    CursorError,
    FingerprintClient,
    FingerprintError,
    InvalidIdError,
    PaginationKeyError,
    checks,
)
from fingerprint_async.checks import ProblemCode
from fingerprint_async.integrations.receiver import WebhookGate, WebhookReceiver
from fingerprint_async.integrations.starlette import webhook_endpoint
from fingerprint_async.replays import MemorySeenStore, RedisSeenStore, SeenStore
from fingerprint_async.sealed import UnsealError, unseal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from fingerprint_async.models import Event

ORIGIN = os.environ.get("SHOP_ORIGIN", "https://shop.example")
MAX_AGE_SECONDS = float(os.environ.get("LOGIN_MAX_AGE_SECONDS", "120"))
WEBHOOK_SECRET = os.environ["FINGERPRINT_WEBHOOK_SECRET"]
SEALED_KEY = os.environ["FINGERPRINT_SEALED_KEY"]
CURSOR_SECRET = os.environ["CURSOR_SECRET"]
REDIS_URL = os.environ.get("REDIS_URL")
BLOCKS_BOTS_AT_THE_EDGE = os.environ.get("EDGE_GUARD") == "on"
VERDICT_WITHIN_SECONDS = float(os.environ.get("EDGE_GUARD_SECONDS", "1"))

REFUSED = {
    ProblemCode.STALE,
    ProblemCode.FUTURE,
    ProblemCode.NO_TIMESTAMP,
    ProblemCode.REPLAYED,
    ProblemCode.IP_MISMATCH,
    ProblemCode.ORIGIN_MISMATCH,
    ProblemCode.BOT,
    ProblemCode.RULE_BLOCK,
}
"""The problems for which this shop refuses a login. Others are its own decision, too."""


class Login(BaseModel):
    """What the login page sends."""

    user: str
    password: str
    event_id: str


class Sealed(BaseModel):
    """A sealed result, as the agent in the browser hands it out."""

    sealed_result: str


async def handle_webhook(event: Event) -> None:
    """Do the work that an event asks for."""
    print("webhook", event.event_id, flush=True)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None, None]:
    """One client, one store and one receiver a process, for as long as the app runs."""
    redis: Any = None
    seen: SeenStore = MemorySeenStore()
    if REDIS_URL is not None:
        from redis.asyncio import Redis

        redis = Redis.from_url(REDIS_URL)  # pyright: ignore[reportUnknownMemberType] - untyped there
        seen = RedisSeenStore(redis)
    receiver = WebhookReceiver(handle_webhook, WebhookGate(secret=WEBHOOK_SECRET, seen=seen))
    async with FingerprintClient() as client:
        app.state.client, app.state.seen, app.state.receiver = client, seen, receiver
        try:
            yield
        finally:
            await receiver.aclose()
    if redis is not None:
        await redis.aclose()


app = FastAPI(lifespan=lifespan)
if BLOCKS_BOTS_AT_THE_EDGE:
    app.add_middleware(
        EdgeGuard, client=lambda: app.state.client, within_seconds=VERDICT_WITHIN_SECONDS
    )


@app.exception_handler(InvalidIdError)
async def answer_bad_id(_: Request, __: Exception) -> JSONResponse:
    """Say that what was sent cannot be an id."""
    return JSONResponse({"detail": {"refused": ["invalid_id"]}}, 400)


@app.exception_handler(FingerprintError)
async def answer_failure(_: Request, __: Exception) -> JSONResponse:
    """Say that the service, or the store of what was seen, cannot be asked now."""
    return JSONResponse({"detail": {"refused": ["try_again_later"]}}, 503)


def ip_of(request: Request) -> str:
    """Return where a request came from; without it, no event can be told to be from there."""
    if request.client is None:
        raise HTTPException(503, {"refused": ["try_again_later"]})
    return request.client.host


def client_of(request: Request) -> FingerprintClient:
    """Return the client; a test overrides this dependency."""
    client: FingerprintClient = request.app.state.client
    return client


Client = Annotated[FingerprintClient, Depends(client_of)]


@app.post("/login")
async def log_in(login: Login, request: Request, client: Client) -> dict[str, Any]:
    """Refuse a login whose event cannot be trusted; nothing is asked for an id that cannot be."""
    checks.event_id_time(login.event_id, max_age=MAX_AGE_SECONDS)
    event = await client.events.find(login.event_id, wait=2)
    if event is None:
        raise HTTPException(403, {"refused": ["unknown_event"]})
    problems = checks.check_event(event, ip=ip_of(request), origin=ORIGIN, max_age=MAX_AGE_SECONDS)
    refused = [problem.code for problem in problems if problem.code in REFUSED]
    if not refused and not await request.app.state.seen.add(f"login:{event.event_id}"):
        refused = [ProblemCode.REPLAYED]
    if refused:
        raise HTTPException(403, {"refused": refused})
    visitor = event.identification.visitor_id if event.identification else None
    return {"user": login.user, "visitor": visitor}


@app.post("/webhooks/fingerprint")
async def receive_webhook(request: Request) -> fastapi.Response:
    """Receive an event from the service: verified, once, answered in time."""
    return await webhook_endpoint(request.app.state.receiver)(request)


@app.post("/sealed")
async def read_sealed(body: Sealed, request: Request) -> dict[str, Any]:
    """Read an event that came through the browser; it is checked like any other."""
    try:
        event = unseal(body.sealed_result, [SEALED_KEY])
    except UnsealError:
        raise HTTPException(400, "not a sealed result of ours") from None
    problems = checks.check_event(event, ip=ip_of(request), max_age=MAX_AGE_SECONDS)
    return {"event_id": event.event_id, "problems": [problem.code for problem in problems]}


@app.delete("/visitors/{visitor_id}", status_code=202)
async def erase_visitor(visitor_id: str, client: Client) -> None:
    """Erase a visitor for privacy law. Events older than 10 days stay until retention ends."""
    await client.visitors.delete(visitor_id)


@app.get("/admin/events")
async def list_events(client: Client, cursor: str | None = None) -> dict[str, Any]:
    """Page through the last 30 days; the cursor is signed, so the browser cannot change it."""
    if cursor is None:
        end = datetime.now(UTC)
        search = client.events.search(
            start=end - timedelta(days=30), end=end, limit=20, cursor_secret=CURSOR_SECRET
        )
    else:
        try:
            search = client.events.search_from(cursor, cursor_secret=CURSOR_SECRET)
        except CursorError:
            raise HTTPException(400, "not a cursor of ours") from None
    try:
        page = await search
    except PaginationKeyError:
        raise HTTPException(410, "the cursor is too old: begin again") from None
    return {"events": [event.event_id for event in page.events], "next": page.cursor}
