# Annotations bind no caller at run time.
# pyright: reportUnnecessaryIsInstance=false
"""What was seen before: so that a login, or a webhook, is acted upon once.

```python
seen = MemorySeenStore()
if not await seen.add(f"login:{event.event_id}"):
    ...  # the id was used before
```

The event of a login also comes by webhook, so begin keys with what they are for. `MemorySeenStore`
is for one process; several processes share a `RedisSeenStore`. Both keep keys for `ttl_seconds`,
which must be longer than an event is taken for fresh.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from fingerprint_async._settings import has_method, is_number, kind_of, shown
from fingerprint_async.errors import ArgumentError, ConfigurationError, FingerprintError

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis.asyncio import Redis

__all__ = [
    "DEFAULT_MAX_KEYS",
    "DEFAULT_TTL_SECONDS",
    "MemorySeenStore",
    "RedisSeenStore",
    "SeenStore",
    "SeenStoreError",
]

DEFAULT_TTL_SECONDS: Final = 24 * 3600.0
"""How long a key is kept by default: a day."""
DEFAULT_MAX_KEYS: Final = 100_000
"""How many keys a `MemorySeenStore` keeps by default: some 20 MB."""

_LONGEST_TTL_SECONDS: Final = 10 * 365 * 24 * 3600.0
_MILLISECONDS: Final = 1000
_MOST_AT_ONCE: Final = 32


class SeenStoreError(FingerprintError):
    """The store could not be asked. Whether the key was seen before is not known."""


@runtime_checkable
class SeenStore(Protocol):
    """What remembers keys for a while. Implement it over a database of your own."""

    async def add(self, key: str) -> bool:
        """Record a key; return True if it was not there. Two calls at once never both get True.

        Raises:
            SeenStoreError: The store could not be asked.
        """
        ...

    async def discard(self, key: str) -> None:
        """Forget a key, so that it can be used again: what it was recorded for has failed.

        Raises:
            SeenStoreError: The store could not be asked.
        """
        ...


class MemorySeenStore:
    """Keys in this process's memory, bounded in number and time.

    When it is full, the oldest key is forgotten before its time. Of a key a hash is kept.

    Args:
        ttl_seconds: How long a key is kept.
        max_keys: How many are kept.
        clock: Tells the time in seconds; for tests.
    """

    def __init__(
        self,
        *,
        ttl_seconds: float = DEFAULT_TTL_SECONDS,
        max_keys: int = DEFAULT_MAX_KEYS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.ttl_seconds: Final = _check_ttl(ttl_seconds)
        """How long a key is kept."""
        if isinstance(max_keys, bool) or not isinstance(max_keys, int) or max_keys < 1:
            raise ConfigurationError(
                f"max_keys must be a whole number, 1 or above, not {shown(max_keys)}"
            )
        self._max_keys = max_keys
        self._clock = clock
        # In the order in which they end, as all are kept equally long.
        self._ends: OrderedDict[bytes, float] = OrderedDict()

    async def add(self, key: str) -> bool:
        """Record a key; return True if it was not there."""
        name = _hash(key)
        now = self._clock()
        self._remove_ended(now)
        if name in self._ends:
            return False
        if len(self._ends) >= self._max_keys:
            self._ends.popitem(last=False)
        self._ends[name] = now + self.ttl_seconds
        return True

    async def discard(self, key: str) -> None:
        """Forget a key."""
        self._ends.pop(_hash(key), None)

    def __len__(self) -> int:
        """Return how many keys are kept."""
        self._remove_ended(self._clock())
        return len(self._ends)

    def __repr__(self) -> str:
        return f"MemorySeenStore({len(self._ends)} of {self._max_keys} keys)"

    def _remove_ended(self, now: float) -> None:
        while self._ends and next(iter(self._ends.values())) <= now:
            self._ends.popitem(last=False)


class RedisSeenStore:
    """Keys in Redis, for several processes. Needs the extra `redis`.

    Args:
        redis: A client of `redis.asyncio`. It is yours: close it yourself.
        ttl_seconds: How long a key is kept.
        prefix: What the keys in Redis begin with. A hash of the key follows.
        timeout_seconds: How long Redis may take to answer.
    """

    def __init__(
        self,
        redis: Redis,
        *,
        ttl_seconds: float = DEFAULT_TTL_SECONDS,
        prefix: str = "fingerprint-async:seen:",
        timeout_seconds: float = 1.0,
    ) -> None:
        if not all(has_method(redis, name) for name in ("set", "get", "delete")) or _blocks(redis):
            raise ConfigurationError(
                f"redis must be a client of redis.asyncio, not {kind_of(redis)}"
            )
        if not isinstance(prefix, str) or not prefix.isascii():
            raise ConfigurationError("prefix must be text in ASCII")
        if not is_number(timeout_seconds) or timeout_seconds <= 0:
            raise ConfigurationError(
                f"timeout_seconds must be a finite number above 0, not {shown(timeout_seconds)}"
            )
        self._redis = redis
        self.ttl_seconds: Final = _check_ttl(ttl_seconds)
        """How long a key is kept."""
        self._prefix = prefix
        self._timeout_seconds = timeout_seconds
        self._slots_of: tuple[asyncio.AbstractEventLoop, asyncio.Semaphore] | None = None

    async def add(self, key: str) -> bool:
        """Record a key; return True if it was not there.

        Raises:
            SeenStoreError: Redis cannot be reached, or did not answer in time.
        """
        name = self._name(key)
        failure: str
        try:
            async with asyncio.timeout(self._timeout_seconds), self._slots():
                token = secrets.token_hex(16)
                if await self._redis.set(name, token, nx=True, px=self._ttl_ms()) is True:
                    return True
                # A client sends a command again when its first answer is lost, and is told then
                # that the key is there: its own.
                kept: object = await self._redis.get(name)
                return (kept.decode() if isinstance(kept, bytes) else kept) == token
        except TimeoutError:
            failure = f"no answer within {self._timeout_seconds:g} s"
        except Exception as error:  # noqa: BLE001 - whatever the client raises, it did not answer
            failure = kind_of(error)
        raise SeenStoreError(f"Redis could not record the key: {failure}")

    async def discard(self, key: str) -> None:
        """Forget a key.

        Raises:
            SeenStoreError: Redis cannot be reached, or did not answer in time.
        """
        name = self._name(key)
        failure: str
        try:
            async with asyncio.timeout(self._timeout_seconds), self._slots():
                await self._redis.delete(name)
        except TimeoutError:
            failure = f"no answer within {self._timeout_seconds:g} s"
        except Exception as error:  # noqa: BLE001 - whatever the client raises, it did not answer
            failure = kind_of(error)
        else:
            return
        raise SeenStoreError(f"Redis could not forget the key: {failure}")

    def _slots(self) -> asyncio.Semaphore:
        """Return what bounds the calls at once: a pool of Redis fails those beyond its size."""
        loop = asyncio.get_running_loop()
        if self._slots_of is None or self._slots_of[0] is not loop:
            self._slots_of = loop, asyncio.Semaphore(_MOST_AT_ONCE)
        return self._slots_of[1]

    def _ttl_ms(self) -> int:
        return max(1, int(self.ttl_seconds * _MILLISECONDS))

    def _name(self, key: str) -> str:
        return f"{self._prefix}{_hash(key).hex()}"


def _blocks(redis: object) -> bool:
    """Tell whether it is a client of redis that is not of `redis.asyncio`."""
    try:
        from redis import Redis, RedisCluster
    except ModuleNotFoundError:
        return False
    return isinstance(redis, Redis | RedisCluster)


def _check_ttl(value: object) -> float:
    if (
        not is_number(value)
        or not isinstance(value, int | float)
        or not 0 < value <= _LONGEST_TTL_SECONDS
    ):
        raise ConfigurationError(
            f"ttl_seconds must be a number above 0, at most ten years, not {shown(value)}"
        )
    return float(value)


def _hash(key: object) -> bytes:
    """Return what stands for a key: of one size, and without what a key may tell of people."""
    if not isinstance(key, str) or not key:
        raise ArgumentError(f"key: expected text that is not empty, got {kind_of(key)}")
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
