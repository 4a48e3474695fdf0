"""Calls that are cancelled or held up at odd moments."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import httpx2
import pytest

from fingerprint_async import FingerprintClient, RateLimit, RetryPolicy
from fingerprint_async.errors import DeadlineExceededError, FingerprintError
from tests._http.test_backends import BACKENDS, Peer, wire
from tests._http.test_callers_own import open_client, until

EVENT = b'{"event_id":"a"}'


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("times", [1, 2])
async def test_a_call_can_be_cancelled_at_each_step(backend: str, times: int) -> None:
    """After any number of steps of the loop, and once more while it ends."""

    async def serve(writer: asyncio.StreamWriter, _: int) -> None:
        await asyncio.sleep(0)
        writer.write(wire(EVENT))
        await writer.drain()

    async with Peer(serve) as peer:
        async with open_client(backend, peer.url, max_in_flight=1, deadline=5) as client:
            for steps in range(40):
                call = asyncio.create_task(client.events.get("a"))
                for _ in range(steps):
                    await asyncio.sleep(0)
                for _ in range(times):
                    call.cancel()
                    await asyncio.sleep(0)
                await asyncio.gather(call, return_exceptions=True)
                assert client.stats.in_flight == 0
            assert (await client.events.get("a")).event_id == "a"
        await until(lambda: peer.open_connections == 0)


@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
async def test_a_transport_that_drops_the_cancellation_is_not_used_again(library: Any) -> None:
    """The deadline cancels once: after it, no attempt may begin, even one that need not wait."""
    begun = 0

    class Dropping(library.AsyncBaseTransport):  # type: ignore[misc]
        async def handle_async_request(self, _: Any) -> Any:
            nonlocal begun
            begun += 1
            try:
                await asyncio.sleep(30)
            except asyncio.CancelledError:
                raise OSError from None

    async with FingerprintClient(
        "sk",
        transport=Dropping(),
        deadline=0.1,
        rate_limit=RateLimit.off(),
        retry=RetryPolicy(base_delay=0),
    ) as client:
        with pytest.raises(DeadlineExceededError):
            await client.events.get("a")
    assert begun == 1


@pytest.mark.parametrize("backend", ["httpx", "httpx2", "http_client", "http_client2"])
async def test_threads_that_are_busy_hold_up_no_call(backend: str) -> None:
    """Names are resolved in threads: where none is free, the deadline ends the call."""
    pool = ThreadPoolExecutor(1)
    asyncio.get_running_loop().set_default_executor(pool)
    done = threading.Event()
    pool.submit(done.wait)
    try:
        async with open_client(backend, "http://localhost:1/v4", deadline=0.2) as client:
            with pytest.raises(FingerprintError):
                await client.events.get("a")
    finally:
        done.set()
