"""The same login endpoint twice: on this client, and on the official SDK in threads. `LOGIN_SDK` says which."""

from __future__ import annotations

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, HTTPException, Request

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

IN_FLIGHT = 50
KEY, BASE_URL = os.environ["LOGIN_KEY"], os.environ["LOGIN_BASE_URL"]

check: Callable[[str, str], Awaitable[list[str]]]


@asynccontextmanager
async def ours(app: FastAPI) -> AsyncGenerator[None, None]:
    """Await the event, and check it."""
    from fingerprint_async import FingerprintClient, RateLimit, checks

    async with FingerprintClient(KEY, base_url=BASE_URL, rate_limit=RateLimit.off()) as client:

        async def check(event_id: str, ip: str) -> list[str]:
            event = await client.events.get(event_id)
            return [problem.code for problem in checks.check_event(event, ip=ip)]

        app.state.check = check
        yield


@asynccontextmanager
async def official(app: FastAPI) -> AsyncGenerator[None, None]:
    """Have a thread fetch the event, and look at as much of it."""
    from fingerprint_server_sdk import Configuration, FingerprintApi

    configuration = Configuration(api_key=KEY)
    configuration.host = BASE_URL
    api = FingerprintApi(configuration)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(IN_FLIGHT))

    async def check(event_id: str, ip: str) -> list[str]:
        event = await asyncio.to_thread(api.get_event, event_id)
        found = {
            "stale": time.time() * 1000 - event.timestamp > 120_000,
            "ip_mismatch": event.ip_address != ip,
            "no_visitor": event.identification is None,
            "bot": event.bot not in {None, "not_detected"},
            "vpn": event.vpn,
            "proxy": event.proxy,
            "tampering": event.tampering,
            "incognito": event.incognito,
            "replayed": event.replayed,
        }
        return [name for name, is_so in found.items() if is_so]

    app.state.check = check
    yield


app = FastAPI(lifespan={"ours": ours, "official": official}[os.environ["LOGIN_SDK"]])


@app.post("/login/{event_id}")
async def log_in(event_id: str, request: Request) -> dict[str, Any]:
    """Refuse whoever's event is a bot's."""
    problems = await request.app.state.check(
        event_id, request.client.host if request.client else ""
    )
    if "bot" in problems:
        raise HTTPException(403, problems)
    return {"problems": problems}
