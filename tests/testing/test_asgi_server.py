"""The emulator's ASGI application under a server that is not ours."""

from __future__ import annotations

import asyncio
import socket

import httpx
import uvicorn

from fingerprint_async.testing import Emulator


async def test_the_app_runs_under_any_asgi_server() -> None:
    """Under uvicorn, over sockets, the application answers as the emulator's own server does."""
    emulator = Emulator(events=250, seed=3)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(emulator.app, log_level="error", lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            async with httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{listener.getsockname()[1]}/v4",
                headers={"Authorization": f"Bearer {emulator.api_key}"},
            ) as client:
                window = {"start": emulator.start, "end": emulator.end, "limit": 100}
                page = (await client.get("/events", params=window)).json()
                refused = await client.get(
                    "/events", params=window, headers={"Authorization": "Bearer nobody"}
                )
        finally:
            server.should_exit = True
            await serving
    truth = emulator.truth(start=emulator.start, end=emulator.end)
    assert len(page["events"]) == 100
    assert {event["event_id"] for event in page["events"]} <= set(truth.ids)
    assert (refused.status_code, refused.json()["error"]["code"]) == (
        403,
        "secret_api_key_not_found",
    )
