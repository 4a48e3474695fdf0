"""What remembers ids that were used."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerprint_async import ArgumentError, ConfigurationError
from fingerprint_async.replays import MemorySeenStore, RedisSeenStore, SeenStore, SeenStoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


async def test_a_key_is_new_once() -> None:
    """Until its time is over, or it is forgotten."""
    clock = Clock()
    seen = MemorySeenStore(ttl_seconds=60, clock=clock)
    assert await seen.add("a")
    assert not await seen.add("a")
    assert await seen.add("b")
    clock.now += 59.9
    assert not await seen.add("a")
    clock.now += 0.1
    assert await seen.add("a")
    await seen.discard("a")
    await seen.discard("never there")
    assert await seen.add("a")
    assert isinstance(seen, SeenStore)


async def test_memory_is_bounded() -> None:
    """The oldest key goes first; keys whose time is over take no space."""
    clock = Clock()
    seen = MemorySeenStore(ttl_seconds=60, max_keys=3, clock=clock)
    for key in "abcd":
        assert await seen.add(key)
    assert len(seen) == 3
    assert not await seen.add("b")
    assert await seen.add("a")
    clock.now += 60
    assert len(seen) == 0
    assert "a" not in repr(seen).removeprefix("MemorySeenStore")[:3]


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.floats(0, 40))))
def test_a_key_is_never_new_twice_within_its_time(steps: list[tuple[str, float]]) -> None:
    """Whatever the order of keys and pauses."""

    async def run() -> None:
        clock = Clock()
        seen = MemorySeenStore(ttl_seconds=60, clock=clock)
        added: dict[str, float] = {}
        for key, pause in steps:
            clock.now += pause
            is_new = await seen.add(key)
            assert is_new == (key not in added or clock.now >= added[key] + 60)
            if is_new:
                added[key] = clock.now

    asyncio.run(run())


@pytest.mark.parametrize("key", ["", None, 5, b"a"])
async def test_a_key_is_text(key: Any) -> None:
    """A variable that was never set would make every event the same."""
    for store in (MemorySeenStore(), RedisSeenStore(FakeRedis())):  # type: ignore[arg-type]
        with pytest.raises(ArgumentError, match="key: expected text"):
            await store.add(key)
        with pytest.raises(ArgumentError, match="key: expected text"):
            await store.discard(key)


class SmallPool:
    """A Redis whose client has a pool of connections, and fails what is beyond it."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.in_use = 0

    async def set(self, name: str, value: str, **_: object) -> Any:
        """Store a value with one of 32 connections."""
        return await self.use(
            lambda: None if name in self.kept else not self.kept.update({name: value})
        )

    async def get(self, name: str) -> Any:
        """Return a value."""
        return await self.use(lambda: self.kept.get(name))

    async def delete(self, name: str) -> None:
        """Forget a value."""
        await self.use(lambda: self.kept.pop(name, None))

    async def use(self, work: Callable[[], Any]) -> Any:
        """Work with a connection."""
        if self.in_use == 32:
            raise ConnectionError("too many connections")
        self.in_use += 1
        try:
            await asyncio.sleep(0.001)
            return work()
        finally:
            self.in_use -= 1


def test_more_calls_at_once_than_connections_wait_for_one() -> None:
    """In one event loop after the other, too."""
    redis: Any = SmallPool()
    seen = RedisSeenStore(redis, timeout_seconds=20)

    async def add_all() -> int:
        answers = await asyncio.gather(*(seen.add(str(key % 300)) for key in range(600)))
        return sum(answers)

    async def forget_all() -> None:
        await asyncio.gather(*(seen.discard(str(key)) for key in range(300)))

    assert asyncio.run(add_all()) == 300
    assert asyncio.run(add_all()) == 0
    asyncio.run(forget_all())
    assert asyncio.run(add_all()) == 300


class LostAnswers:
    """A Redis whose first answer to each command is lost: its client sends the command again.

    Args:
        encode: How the client gives what is stored.
    """

    def __init__(self, encode: Callable[[str], Any]) -> None:
        self.encode = encode
        self.kept: dict[str, str] = {}

    async def set(self, name: str, value: str, **_: object) -> bool | None:
        """Store a value twice."""
        self.kept.setdefault(name, value)
        return None if name in self.kept else True

    async def get(self, name: str) -> Any:
        """Return what is stored."""
        return self.encode(self.kept[name])

    async def delete(self, name: str) -> None:
        """Forget a value."""
        del self.kept[name]


@pytest.mark.parametrize("encode", [str, str.encode])
async def test_a_key_whose_first_answer_was_lost_is_new(encode: Callable[[str], Any]) -> None:
    """The clients of Redis send a command again when the connection breaks."""
    redis: Any = LostAnswers(encode)
    assert await RedisSeenStore(redis).add("a")
    assert not await RedisSeenStore(redis).add("a")
    await RedisSeenStore(redis).discard("a")
    assert await RedisSeenStore(redis).add("a")


def test_a_client_of_redis_that_blocks_is_refused() -> None:
    """It would record the key, and fail all the same."""
    redis = pytest.importorskip("redis")
    with pytest.raises(ConfigurationError, match=r"redis\.asyncio, not Redis"):
        RedisSeenStore(redis.Redis())


async def test_a_pipeline_finds_no_key_new() -> None:
    """It asks nothing: what is not known to be new is not."""
    asyncio_redis = pytest.importorskip("redis.asyncio")
    assert not await RedisSeenStore(asyncio_redis.Redis().pipeline()).add("a")


class FakeRedis:
    """A client that fails, or never answers."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error

    async def delete(self, *_: object) -> None:
        """Fail or hang."""
        await self.set()

    async def get(self, *_: object) -> None:
        """Fail or hang."""
        await self.set()

    async def set(self, *_: object, **__: object) -> None:
        """Fail or hang."""
        if self.error is None:
            await asyncio.sleep(3600)
        else:
            raise self.error


@pytest.mark.parametrize("error", [None, OSError("secret-host"), RuntimeError("x"), TimeoutError()])
async def test_a_redis_out_of_reach_is_one_typed_error(error: BaseException | None) -> None:
    """Within its time, and without an address in the text."""
    seen = RedisSeenStore(FakeRedis(error), timeout_seconds=0.01)  # type: ignore[arg-type]
    with pytest.raises(SeenStoreError, match="could not record") as caught:
        await seen.add("a")
    assert "secret-host" not in str(caught.value)
    assert caught.value.__context__ is None
    with pytest.raises(SeenStoreError, match="could not forget"):
        await seen.discard("a")


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        *(
            ({"ttl_seconds": value}, "ttl_seconds")
            for value in (0, -1, True, float("nan"), float("inf"), 10**400, "60", None)
        ),
        *(({"max_keys": value}, "max_keys") for value in (0, True, 1.5, None)),
    ],
)
def test_settings_of_a_memory_store_are_checked(arguments: dict[str, Any], name: str) -> None:
    """The error names the setting."""
    with pytest.raises(ConfigurationError, match=name):
        MemorySeenStore(**arguments)


@pytest.mark.parametrize(
    ("redis", "arguments", "name"),
    [
        ("redis://localhost", {}, "redis"),
        (None, {}, "redis"),
        (FakeRedis(), {"prefix": 5}, "prefix"),
        (FakeRedis(), {"ttl_seconds": 0}, "ttl_seconds"),
        (FakeRedis(), {"timeout_seconds": float("nan")}, "timeout_seconds"),
        (FakeRedis(), {"timeout_seconds": "1"}, "timeout_seconds"),
    ],
)
def test_settings_of_a_redis_store_are_checked(
    redis: Any, arguments: dict[str, Any], name: str
) -> None:
    """The error names the setting."""
    with pytest.raises(ConfigurationError, match=name):
        RedisSeenStore(redis, **arguments)


@pytest.fixture
def redis_port() -> Iterator[int]:
    """A Redis of our own, on loopback, that keeps nothing."""
    pytest.importorskip("redis")
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server on PATH (apt-get install redis-server)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if "Ready to accept connections" in line:
                break
        yield port
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.mark.slow
async def test_processes_share_keys_through_redis(redis_port: int) -> None:
    """Of many calls at once, through two clients, one finds the key new; what is kept is a hash."""
    from redis.asyncio import Redis

    one, other = (Redis(port=redis_port) for _ in range(2))
    async with one, other:
        stores = [RedisSeenStore(one, ttl_seconds=60), RedisSeenStore(other, ttl_seconds=60)]
        answers = await asyncio.gather(*(stores[turn % 2].add("login:a") for turn in range(40)))
        assert answers.count(True) == 1
        keys = await one.keys("*")
        assert len(keys) == 1
        assert b"login" not in keys[0]
        assert 50_000 < await one.pttl(keys[0]) <= 60_000
        await stores[0].discard("login:a")
        assert await stores[1].add("login:a")
