"""One limit for several processes, through a real Redis."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import socket
import subprocess
import sys
import textwrap
import time
from typing import TYPE_CHECKING

import pytest

from fingerprint_async import FingerprintClient, RateLimit
from fingerprint_async._transport._redis import RedisBucket
from fingerprint_async.errors import ConfigurationError, DeadlineExceededError
from fingerprint_async.testing.emulator import Emulator, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("redis")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("redis-server") is None,
        reason="no redis-server on PATH (apt-get install redis-server)",
    ),
]
END = 1_800_000_000_000

WORKER = """
import asyncio, sys
from fingerprint_async import FingerprintClient, RateLimit, RetryPolicy

async def main(base_url, redis, seconds):
    limit = RateLimit(requests_per_second=40, burst=30, shared=redis)
    async with FingerprintClient("test-key", base_url=base_url, rate_limit=limit) as client:
        async def work():
            while True:
                await client.events.search(limit=1, start=1_799_990_000_000, end=1_800_000_000_000)
        tasks = [asyncio.create_task(work()) for _ in range(20)]
        await asyncio.sleep(float(seconds))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        print(client.stats.requests, client.stats.rate_limited)

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of our own, on loopback, that keeps nothing."""
    folder: Path = tmp_path_factory.mktemp("redis")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    server = subprocess.Popen(
        [
            "redis-server",
            "--port",
            str(port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(folder),
        ],
        stdout=subprocess.DEVNULL,
    )
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


async def test_two_processes_stay_under_one_limit(
    redis_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Together they use the limit; the server refuses nothing."""
    emulator = Emulator(
        events=10, start=END - 10_000_000, end=END, detail="slim", rate=40, burst=30, latency=0.02
    )
    async with emulator.serve(port=0) as server:
        workers = [
            await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                textwrap.dedent(WORKER),
                server.base_url,
                redis_url,
                "6",
                stdout=asyncio.subprocess.PIPE,
            )
            for _ in range(2)
        ]
        outputs = [(await worker.communicate())[0].decode().split() for worker in workers]
        stats = emulator.stats()
    counts = [int(requests) for requests, _ in outputs]
    with capsys.disabled():
        print(  # noqa: T201 - the counts are there to be read
            f"\ntwo processes: {counts} requests, 429s {stats['too_many_requests']}, share used {stats['limit']['share']:.3f}"
        )
    assert stats["too_many_requests"] == 0
    assert min(counts) > 20
    assert stats["limit"]["share"] > 0.5


async def test_a_reservation_is_given_back_or_refused(redis_url: str) -> None:
    """What would take too long is not reserved; what is given back can be taken again."""
    bucket = RedisBucket(redis_url, name="one", rate=1, burst=2)
    try:
        assert await bucket.take(10) == 0
        assert await bucket.take(10) == 0
        wait = await bucket.take(0.1)
        assert wait is not None
        assert wait > 0.1
        await bucket.refund()
        assert await bucket.take(0.1) == 0
        await bucket.refund()
        await bucket.drain()
        assert (await bucket.take(0.1) or 0) > 0.1
    finally:
        await bucket.aclose()


async def test_a_deadline_counts_for_the_shared_bucket(redis_url: str) -> None:
    """A reservation beyond the deadline ends the call at once."""
    emulator = Emulator(events=10, start=END - 10_000_000, end=END, detail="slim")
    limit = RateLimit(requests_per_second=1, burst=3, shared=redis_url)
    async with (
        FingerprintClient(
            "test-key", transport=emulator.transport(), rate_limit=limit, deadline=0.2
        ) as client,
    ):
        taken = RedisBucket(redis_url, name=_name(client), rate=1, burst=3)
        for _ in range(3):
            await taken.take(10)
        with pytest.raises(DeadlineExceededError, match="rate limit"):
            await client.events.search(limit=1)
        await taken.aclose()


def _name(client: FingerprintClient, key: bytes = b"test-key") -> str:
    return f"{hashlib.sha256(key).hexdigest()} {client.base_url}"


async def test_without_redis_the_process_limits_by_itself(caplog: pytest.LogCaptureFixture) -> None:
    """Calls go on, and a warning is logged once."""
    emulator = Emulator(events=10, start=END - 10_000_000, end=END, detail="slim")
    limit = RateLimit(requests_per_second=100, burst=10, shared="redis://127.0.0.1:9/0")
    async with FingerprintClient(
        "test-key", transport=emulator.transport(), rate_limit=limit
    ) as client:
        for _ in range(3):
            await client.events.search(limit=1)
    assert [record.levelname for record in caplog.records if "out of reach" in record.message] == [
        "WARNING"
    ]


def test_only_a_known_limit_can_be_shared() -> None:
    """What one process finds out says nothing about the share of the others."""
    with pytest.raises(ConfigurationError, match="known"):
        RateLimit(mode="adaptive", shared="redis://127.0.0.1")


async def test_a_cancelled_reservation_is_given_back(redis_url: str) -> None:
    """Whoever comes next does not wait for it."""
    emulator = Emulator(events=10, start=END - 10_000_000, end=END, detail="slim", keys=["cancel"])
    limit = RateLimit(requests_per_second=0.5, burst=4, shared=redis_url)
    async with FingerprintClient(
        "cancel", transport=emulator.transport(), rate_limit=limit
    ) as client:
        other = RedisBucket(redis_url, name=_name(client, b"cancel"), rate=0.5, burst=4)
        for _ in range(4):
            assert await other.take(0) == 0
        before = await other.take(0)
        call = asyncio.create_task(_search(client))
        await asyncio.sleep(0.2)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        after = await other.take(0)
        assert before is not None
        assert after is not None
        assert 0 < after <= before
        await other.aclose()


async def _search(client: FingerprintClient) -> None:
    await client.events.search(limit=1)


async def test_a_client_of_ones_own_is_used_and_left_open(redis_url: str) -> None:
    """It is the caller's; a 429 empties the bucket for everybody."""
    from redis.asyncio import Redis

    async with Redis.from_url(redis_url) as redis:
        fault = Fault(kind="rate_limited", times=1, retry_after="fraction")
        emulator = Emulator(
            events=10, start=END - 10_000_000, end=END, detail="slim", faults=[fault], keys=["own"]
        )
        limit = RateLimit(requests_per_second=2, burst=40, shared=redis)
        async with FingerprintClient(
            "own", transport=emulator.transport(), rate_limit=limit
        ) as client:
            await client.events.search(limit=1)
            other = RedisBucket(redis, name=_name(client, b"own"), rate=2, burst=40)
            assert (await other.take(0.0) or 0) > 0
            await other.aclose()
        assert await redis.ping()


def test_the_redis_extra_is_named_when_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs it."""
    monkeypatch.setitem(sys.modules, "redis.exceptions", None)
    with pytest.raises(ConfigurationError, match=r"fingerprint-async\[redis\]"):
        RedisBucket("redis://a", name="n", rate=1, burst=1)


async def test_a_cancellation_that_the_library_drops_is_not_lost() -> None:
    """`wait_for` of Python 3.11 can answer in place of a cancellation: the call still ends, and gives its token back."""
    asked: list[str] = []

    class Dropping:
        async def eval(self, *words: object) -> str:
            asked.append(str(words[-1]))
            try:
                await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                return "0.5"
            return "0"

    bucket = RedisBucket(Dropping(), name="one", rate=1, burst=2)
    taking = asyncio.create_task(bucket.take(10))
    await asyncio.sleep(0)
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    assert asked == ["take", "refund"]
