"""Where the client runs: several loops and threads, a loop a task, workers."""

from __future__ import annotations

import asyncio
import multiprocessing
import threading
import time
from typing import Any

import httpx
import pytest

from fingerprint_async import ClientStateError, FingerprintClient, RateLimit

EVENT = {"event_id": "a", "timestamp": 1}


def make_client(**settings: Any) -> FingerprintClient:
    """Make a client that reaches nobody."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=EVENT))
    return FingerprintClient("sk_test_deployment", transport=transport, **settings)


async def get_once(**settings: Any) -> str:
    """Make a client, one call, and close it."""
    async with make_client(**settings) as client:
        return (await client.events.get("a")).event_id


def test_a_loop_a_task_keeps_the_limit() -> None:
    """As Celery tasks that call `asyncio.run`: the limit outlives loops and clients."""
    limit = RateLimit(requests_per_second=20, burst=2)
    begin = time.monotonic()
    for _ in range(8):
        assert asyncio.run(get_once(rate_limit=limit, base_url="https://loops.test/v4")) == "a"
    # Two at once, then 20 a second: six more take 0.3 s at least.
    assert time.monotonic() - begin >= 0.25


def test_threads_with_a_loop_each_have_a_client_each() -> None:
    """At the same time; a client of another loop says that it is one."""
    found: list[str] = []

    def work() -> None:
        found.append(asyncio.run(get_once(rate_limit=RateLimit.off())))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert found == ["a"] * 8


def test_a_client_of_another_loop_is_refused() -> None:
    """With a typed error that says so, while the first loop runs."""
    client = make_client(rate_limit=RateLimit.off())
    first = asyncio.new_event_loop()
    try:
        first.run_until_complete(client.events.get("a"))
        with pytest.raises(ClientStateError, match="loop"):
            asyncio.run(client.events.get("a"))
        first.run_until_complete(client.aclose())
    finally:
        first.close()


def _in_worker(queue: Any) -> None:
    queue.put(asyncio.run(get_once(rate_limit=RateLimit.off())))


@pytest.mark.slow
@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_workers_make_their_own_client(method: str) -> None:
    """After a fork as after a spawn, also when the parent has used one."""
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip("not on this system")
    asyncio.run(get_once(rate_limit=RateLimit.off()))
    context = multiprocessing.get_context(method)
    queue = context.Queue()
    worker = context.Process(target=_in_worker, args=(queue,))
    worker.start()
    assert queue.get(timeout=60) == "a"
    worker.join(20)
    assert worker.exitcode == 0


async def test_shutdown_ends_calls_under_way() -> None:
    """With a typed error, and nothing is left behind."""
    began = asyncio.Event()

    async def reply(_: httpx.Request) -> httpx.Response:
        began.set()
        await asyncio.sleep(3600)
        raise AssertionError

    client = FingerprintClient("sk_test_deployment", transport=httpx.MockTransport(reply))
    call = asyncio.create_task(client.events.get("a"))
    await began.wait()
    await client.aclose()
    with pytest.raises(ClientStateError):
        await call
    assert len(asyncio.all_tasks()) == 1
