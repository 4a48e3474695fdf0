"""One limit for several processes: through a real Redis, and through servers that misbehave."""

from __future__ import annotations

import asyncio
import logging
import shutil
import socket
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from fingerprint_async.errors import ConfigurationError
from fingerprint_async.ratelimit import RateLimit, RateLimitTimeout, limiter_for
from fingerprint_async.ratelimit import _redis as redis_module
from fingerprint_async.ratelimit._redis import SharedBucket

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from pathlib import Path

pytest.importorskip("redis")

needs_redis = pytest.mark.skipif(
    shutil.which("redis-server") is None,
    reason="no redis-server on PATH (apt-get install redis-server)",
)

WORKER = """
import asyncio, sys, time
from fingerprint_async.ratelimit import RateLimit, limiter_for

async def main(url):
    limit = RateLimit(requests_per_second=100, burst=10, shared=url)
    limiter = limiter_for("a.test", "two processes", limit, budgets={})
    async def work():
        for _ in range(5):
            permit = await limiter.acquire("get")
            print(time.time(), flush=True)
            permit.succeeded()
    await asyncio.gather(*(work() for _ in range(20)))
    await limiter.aclose()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of our own, on loopback, that keeps nothing."""
    folder: Path = tmp_path_factory.mktemp("redis")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    server = subprocess.Popen([*command, "--dir", str(folder)], stdout=subprocess.DEVNULL)
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


@asynccontextmanager
async def bucket_at(
    shared: Any, name: str, *, rate: float = 1.0, burst: float = 2.0
) -> AsyncIterator[SharedBucket]:
    """Make a bucket, and close it."""
    limit = RateLimit(requests_per_second=rate, burst=burst, shared=shared)
    bucket = SharedBucket(limit, name=name)
    try:
        yield bucket
    finally:
        await bucket.aclose()


@asynccontextmanager
async def serving(
    answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    """Serve something else than Redis, on loopback."""
    writers: list[asyncio.StreamWriter] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await answer(reader, writer)

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"redis://:sk_secret@127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
    finally:
        server.close()
        for writer in writers:
            writer.close()
        await asyncio.sleep(0)


async def _hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    while await reader.read(1000):
        pass


async def _hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


def _play(answer: bytes) -> Callable[..., Awaitable[None]]:
    """Shake hands as Redis does, and answer a script with something."""

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            words = []
            for _ in range(int(line[1:])):
                length = int((await reader.readline())[1:])
                words.append((await reader.readexactly(length + 2))[:-2])
            match words[0].upper():
                case b"HELLO":
                    writer.write(b"%1\r\n$5\r\nproto\r\n:3\r\n")
                case b"EVAL":
                    writer.write(answer)
                case _:
                    writer.write(b"+OK\r\n")

    return play


def _say(text: bytes) -> Callable[..., Awaitable[None]]:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(10_000):
            writer.write(text)

    return say


class Clock:
    """A clock to set."""

    now = 1000.0

    def monotonic(self) -> float:
        """Return what was set."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of breakers."""
    clock = Clock()
    monkeypatch.setattr(redis_module, "time", clock)
    return clock


@needs_redis
async def test_a_reservation_is_made_or_refused(redis_url: str) -> None:
    """What would take too long is not reserved; what is returned can be taken again."""
    async with bucket_at(redis_url, "one") as bucket:
        assert await bucket.take(10) == 0
        assert await bucket.take(10) == 0
        wait = await bucket.take(0.1)
        assert wait is not None
        assert wait > 0.1
        bucket.give_back()
        assert await bucket.take(0.1) == 0
        assert (await bucket.take(10) or 0) > 0.9
        assert (await bucket.take(10) or 0) > 1.9


@needs_redis
async def test_an_empty_bucket_is_empty_for_all(redis_url: str) -> None:
    """One process was refused: the others wait too, once it asks again."""
    async with (
        bucket_at(redis_url, "drained", burst=40) as one,
        bucket_at(redis_url, "drained", burst=40) as other,
    ):
        assert await other.take(0) == 0
        one.drain()
        assert (await one.take(0) or 0) > 0
        assert (await other.take(0) or 0) > 0


@needs_redis
@pytest.mark.parametrize("hours", [1, 24 * 365])
async def test_a_clock_that_goes_back_refuses_nobody(redis_url: str, hours: int) -> None:
    """What was written by a clock that was ahead is no time to wait for."""
    from redis.asyncio import Redis

    async with Redis.from_url(redis_url) as redis, bucket_at(redis, f"back {hours}") as bucket:
        # A bucket that is full again is forgotten: on a busy machine that can be at once.
        for _ in range(50):
            for _ in range(2):
                await bucket.take(10)
            seconds, _ = await redis.time()
            if await redis.hset(bucket._key, "at", str(seconds + 3600 * hours)) == 0:
                break
            await redis.delete(bucket._key)
        assert await redis.hlen(bucket._key) > 1
        wait = await bucket.take(10)
        assert wait is not None
        assert wait <= 1.1
        assert await redis.ping()


@needs_redis
async def test_two_processes_stay_under_one_limit(redis_url: str) -> None:
    """Together they send no more than it allows, and both get their part."""
    workers = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", WORKER, redis_url, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(2)
    ]
    outputs = [(await worker.communicate())[0].split() for worker in workers]
    times = sorted(float(at) for output in outputs for at in output)
    assert [len(output) for output in outputs] == [100, 100]
    # A process may be late with what it was given.
    assert len(times) <= 100 * (times[-1] - times[0] + 0.2) + 10


@needs_redis
async def test_what_waits_for_redis_waits_where_priorities_count(redis_url: str) -> None:
    """While other processes have used the limit up, a login check passes the crawl."""
    limit = RateLimit(requests_per_second=5, burst=3, shared=redis_url)
    limiter = limiter_for("a.test", "priorities", limit, budgets={})
    went: list[int] = []

    async def call(priority: int) -> None:
        permit = await limiter.acquire("get", priority=priority)
        went.append(priority)
        permit.succeeded()

    (await limiter.acquire("get")).succeeded()
    other = limiter._shared
    for _ in range(6):
        await other.take(10)
    crawl = [asyncio.create_task(call(0)) for _ in range(8)]
    await asyncio.sleep(0.1)
    await asyncio.gather(call(10), *crawl)
    assert went.index(10) <= 4
    await limiter.aclose()


@needs_redis
async def test_a_cancelled_reservation_is_given_back(redis_url: str) -> None:
    """Whoever comes next does not wait for it."""
    limit = RateLimit(requests_per_second=0.5, burst=4, shared=redis_url)
    limiter = limiter_for("a.test", "cancelled", limit, budgets={})
    shared = limiter._shared
    for _ in range(4):
        assert await shared.take(0) == 0
    before = await shared.take(0)
    call = asyncio.create_task(limiter.acquire("get"))
    await asyncio.sleep(0.2)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert 0 < await shared.take(0) <= before
    with pytest.raises(RateLimitTimeout):
        await limiter.acquire("get", timeout=0.1)
    await limiter.aclose()


@needs_redis
async def test_a_permit_that_is_settled_says_so_to_all(redis_url: str) -> None:
    """Released, its token is there for others; refused, the bucket is empty for them."""
    limit = RateLimit(requests_per_second=0.5, burst=4, shared=redis_url)
    limiter = limiter_for("a.test", "settled", limit, budgets={})
    shared = limiter._shared
    permits = [await limiter.acquire("get") for _ in range(4)]
    assert await shared.take(0) > 0
    permits[0].release()
    assert await shared.take(0) == 0
    permits[1].refused(retry_after=None, overload=True)
    permits[2].refused(retry_after=None)
    for _ in range(2):
        shared.give_back()
    assert await shared.take(0) > 0
    await limiter.aclose()


@needs_redis
async def test_a_client_of_ones_own_is_left_open(redis_url: str) -> None:
    """It is the caller's."""
    from redis.asyncio import Redis

    async with Redis.from_url(redis_url, decode_responses=True) as redis:
        async with bucket_at(redis, "own") as bucket:
            assert await bucket.take(0) == 0
        assert await redis.ping()


@pytest.mark.parametrize(
    "answer",
    [
        _hang,
        _hang_up,
        _say(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        _say(b"-ERR no\r\n"),
        _say(b"\x00\xff\xfe\r\n"),
        _play(b"-NOPERM no\r\n"),
        _play(b"+OK\r\n"),
        _play(b"$3\r\nnan\r\n"),
        _play(b"$2\r\n-1\r\n"),
        _play(b":99999999999999\r\n"),
        _play(b"$-1\r\n"),
        _play(b"*0\r\n"),
        _play(b""),
    ],
)
async def test_whatever_answers_the_process_limits_by_itself(
    answer: Any, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Within half a second, with one warning that holds no address; the breaker spares the rest."""
    async with serving(answer) as url:
        limit = RateLimit(requests_per_second=100, burst=10, shared=url)
        limiter = limiter_for("a.test", url, limit, budgets={})
        begin = time.monotonic()
        permits = await asyncio.gather(*(limiter.acquire("get") for _ in range(5)))
        assert time.monotonic() - begin < 5
        begin = time.monotonic()
        for _ in range(5):
            permits.append(await limiter.acquire("get"))
        assert time.monotonic() - begin < 0.45
        for permit in permits:
            permit.refused(retry_after=0.01)
        begin = time.monotonic()
        await limiter.aclose()
        assert time.monotonic() - begin < 2
    warnings = [record.getMessage() for record in caplog.records if "reach" in record.getMessage()]
    assert len(warnings) == 1
    assert "sk_secret" not in warnings[0]
    assert "127.0.0.1" not in warnings[0]


async def test_an_answer_is_used() -> None:
    """The stand-in for Redis that the tests above use shakes hands well enough."""
    async with serving(_play(b"$3\r\n0.5\r\n")) as url, bucket_at(url, "used") as bucket:
        assert await bucket.take(10) == 0.5


async def test_a_hanging_redis_holds_up_neither_cancel_nor_close() -> None:
    """A call that is cancelled ends at once; closing takes no longer."""
    async with serving(_hang) as url, bucket_at(url, "hanging") as bucket:
        call = asyncio.create_task(bucket.take(10))
        await asyncio.sleep(0.1)
        begin = time.monotonic()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert time.monotonic() - begin < 0.4
        call = asyncio.create_task(bucket.take(10))
        await asyncio.sleep(0.1)
        begin = time.monotonic()
        await bucket.aclose()
        assert time.monotonic() - begin < 0.4
        assert await call is None


@needs_redis
async def test_closing_one_client_disturbs_no_other(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What another asks at that moment is answered, and later calls connect anew."""
    async with bucket_at(redis_url, "disturbed", rate=1000, burst=1000) as bucket:
        calls = [asyncio.create_task(bucket.take(10)) for _ in range(5)]
        for _ in range(20):
            await asyncio.sleep(0)
            await bucket.aclose()
        assert None not in await asyncio.gather(*calls)
        assert await bucket.take(10) is not None
    assert not caplog.records


async def test_a_short_timeout_says_nothing_about_redis(caplog: pytest.LogCaptureFixture) -> None:
    """The call goes on with the limit at hand, and the next one asks again."""
    async with serving(_hang) as url, bucket_at(url, "short") as bucket:
        assert await bucket.take(0.05) is None
        assert not caplog.records
        assert await bucket.take(10) is None
        assert len(caplog.records) == 1


@needs_redis
async def test_redis_is_asked_again_after_a_while(
    redis_url: str, clock: Clock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a second, then twice as long each time up to a minute, by one call; said once."""
    caplog.set_level(logging.INFO)
    async with bucket_at("redis://127.0.0.1:9/0", "again") as bucket:
        asked: list[float] = []
        ask = bucket._ask

        async def count(*arguments: Any, **options: Any) -> float:
            asked.append(clock.now)
            await asyncio.sleep(0)
            return await ask(*arguments, **options)

        monkeypatch.setattr(bucket, "_ask", count)
        for _ in range(2000):
            assert await asyncio.gather(bucket.take(10), bucket.take(10)) == [None, None]
            clock.now += 0.1
        gaps = [round(later - earlier) for earlier, later in pairwise(asked[1:])]
        assert gaps == [1, 2, 4, 8, 16, 32, 60, 60]
        assert [record.levelname for record in caplog.records] == ["WARNING"]
        bucket._where = redis_url
        bucket._clients.clear()
        clock.now += 60
        assert await bucket.take(10) == 0
        assert await bucket.take(10) == 0
        assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


async def test_a_trial_that_is_cancelled_is_made_by_the_next(clock: Clock) -> None:
    """Redis is not given up for a minute because nobody waited for its answer."""
    async with serving(_hang) as url, bucket_at(url, "trial") as bucket:
        assert await bucket.take(10) is None
        clock.now += 1.1
        trial = asyncio.create_task(bucket.take(10))
        await asyncio.sleep(0.1)
        assert await bucket.take(10) is None
        trial.cancel()
        with pytest.raises(asyncio.CancelledError):
            await trial
        begin = time.monotonic()
        assert await bucket.take(10) is None
        assert time.monotonic() - begin > 0.3


@pytest.mark.parametrize(("answer", "returned"), [(0.5, 1), (20.0, 0)])
async def test_a_cancellation_that_the_library_drops_is_not_lost(
    monkeypatch: pytest.MonkeyPatch, answer: float, returned: int
) -> None:
    """`wait_for` of Python 3.11 answers in place of one at times: the call ends all the same."""
    async with bucket_at("redis://127.0.0.1:9/0", "dropped") as bucket:

        async def drop(*_: object, **__: object) -> float:
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            return answer

        monkeypatch.setattr(bucket, "_ask", drop)
        with pytest.raises(asyncio.CancelledError):
            await asyncio.create_task(bucket.take(10))
        assert bucket._returned == returned


def test_the_redis_extra_is_named_when_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs it."""
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    limit = RateLimit(shared="redis://127.0.0.1")
    with pytest.raises(ConfigurationError, match=r"fingerprint-async\[redis\]"):
        limiter_for("a.test", "no extra", limit, budgets={})
    with pytest.raises(ConfigurationError, match="shared must be"):
        RateLimit(shared=object())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url",
    [
        "redis://:sk_secret@a/0?socket_timeout=x",
        "redis://:sk_secret@a?ssl_x=1&health_check_interval=y",
    ],
)
def test_an_address_that_redis_does_not_understand_is_refused(url: str) -> None:
    """When the limiter is made, without the address."""
    with pytest.raises(ConfigurationError, match="shared is no address") as caught:
        limiter_for("a.test", "bad address", RateLimit(shared=url), budgets={})
    assert "sk_secret" not in str(caught.value)
    assert caught.value.__cause__ is None
