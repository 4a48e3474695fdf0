"""One token bucket for many processes, kept in Redis.

A request reserves its place in one round trip, however many wait: a script of a few lines, run by
`redis-py`. Libraries that count windows, or let each waiter ask again and again, do neither.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import threading
import time
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, cast

from fingerprint_async.errors import ConfigurationError

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from ._settings import RateLimit

__all__ = ["SharedBucket"]

logger = logging.getLogger("fingerprint_async.ratelimit")

_ASK_SECONDS: Final = 0.5
"""Redis answers within this, or the process limits by itself."""
_LEAST_ASK_SECONDS: Final = 0.05
"""So long Redis is given even by a call that does not want to wait."""
_FIRST_BREAK_SECONDS: Final = 1.0
_MAX_BREAK_SECONDS: Final = 60.0
_MAX_DOUBLINGS: Final = 10
_LATE_SECONDS: Final = 1.0
"""Seconds that a request may take to arrive. The service's full bucket starts to fill only then,
so this one does as late."""
_REFILL_SHARE: Final = 0.999
"""Refill slightly slower than the service does, so that its bucket is never emptier than ours."""
_LONGEST_SECONDS: Final = 1e9

_SCRIPT: Final = """
local rate, burst, late = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local longest, returned, drained = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6] == '1'
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local state = redis.call('HMGET', KEYS[1], 'level', 'at')
local level, at = tonumber(state[1]) or burst, tonumber(state[2]) or now
-- A clock that went back: what lies ahead of it is no time to wait for.
if at > now + late then at = now end
if now > at then
  level, at = math.min(burst, level + (now - at) * rate), now
end
level = math.min(burst, level + returned)
if drained then level = math.min(level, 0) end
if level >= burst - 1 then at = math.max(at, now + late) end
local wait = 0
if level < 1 then wait = (1 - level) / rate + math.max(0, at - now) end
if wait <= longest then level = level - 1 end
redis.call('HSET', KEYS[1], 'level', tostring(level), 'at', string.format('%.6f', at))
redis.call('PEXPIRE', KEYS[1], math.ceil(1000 * (burst - level) / rate) + 60000)
return tostring(wait)
"""


class SharedBucket:
    """A bucket that all processes with the same key, host and Redis take from.

    When Redis is out of reach, each process keeps to the whole limit by itself: calls that fail for
    want of a counter would be worse than a 429. A warning is logged, and Redis is asked again after
    a second, then twice as long each time, up to a minute.

    Args:
        limit: Its `shared` is a `redis://` address, or a `redis.asyncio.Redis`, which is not
            closed here.
        name: Tells workspaces apart.

    Raises:
        ConfigurationError: The address is none, or the `redis` extra is not installed.
    """

    def __init__(self, limit: RateLimit, *, name: str) -> None:
        self._where = limit.shared
        self._key = f"fingerprint-async:{hashlib.sha256(name.encode()).hexdigest()[:32]}"
        self._rate = limit.requests_per_second * _REFILL_SHARE
        self._burst = limit.capacity
        self._lock = threading.Lock()
        self._returned = 0
        self._drained = False
        self._failures = 0
        self._ask_again_at = float("-inf")
        self._clients: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Redis] = (
            weakref.WeakKeyDictionary()
        )
        if isinstance(self._where, str):
            _connect(self._where)

    async def take(self, longest: float) -> float | None:
        """Reserve a token, and return the seconds until it may be used.

        If they are more than `longest`, nothing is reserved. None when Redis is out of reach.
        Cancelled while Redis is asked, the token counts as taken.
        """
        with self._lock:
            now = time.monotonic()
            if now < self._ask_again_at:
                return None
            trial = self._failures > 0
            if trial:
                # One request finds out whether Redis is back; the others do not wait for it.
                self._ask_again_at = now + _MAX_BREAK_SECONDS
            returned, self._returned = self._returned, 0
            drained, self._drained = self._drained, False
        bound = min(_ASK_SECONDS, max(_LEAST_ASK_SECONDS, longest))
        task = asyncio.current_task()
        cancellations = 0 if task is None else task.cancelling()
        try:
            async with asyncio.timeout(bound):
                wait = await self._ask(min(longest, _LONGEST_SECONDS), returned, drained=drained)
        except asyncio.CancelledError:
            if trial:
                self._ask_again()
            raise
        except Exception as error:  # noqa: BLE001 - whatever a library or a server came up with
            if isinstance(error, TimeoutError) and bound < _ASK_SECONDS:
                # The call had too little time left for an answer, which says nothing about Redis.
                self._ask_again()
            else:
                self._failed(error, trial=trial)
            return None
        self._answered()
        if task is not None and task.cancelling() > cancellations:
            # redis-py waits with `asyncio.wait_for`, which before Python 3.12 can drop a
            # cancellation that comes in the same turn as what it waits for.
            if wait <= longest:
                self.give_back()
            raise asyncio.CancelledError
        return wait

    def give_back(self) -> None:
        """Give back a token that was not used, with the next request."""
        with self._lock:
            self._returned += 1

    def drain(self) -> None:
        """Take in, with the next request, that the service's bucket is empty."""
        with self._lock:
            self._drained = True

    async def aclose(self) -> None:
        """Close this event loop's idle connections, unless they are the caller's.

        What is being asked goes on: other clients may use the same limit.
        """
        client = self._clients.get(asyncio.get_running_loop())
        if client is not None:
            # A connection that cannot be closed in time is of no use to anybody.
            with suppress(Exception):
                async with asyncio.timeout(_ASK_SECONDS):
                    await client.connection_pool.disconnect(inuse_connections=False)

    async def _ask(self, longest: float, returned: int, *, drained: bool) -> float:
        answer: Any = await self._client().eval(
            _SCRIPT,
            1,
            self._key,
            repr(self._rate),
            repr(self._burst),
            repr(_LATE_SECONDS),
            repr(longest),
            str(returned),
            str(int(drained)),
        )
        wait = float(answer)
        if not 0 <= wait < _LONGEST_SECONDS:
            raise ValueError("no time to wait")
        return wait

    def _client(self) -> Redis:
        if not isinstance(self._where, str):
            assert self._where is not None  # noqa: S101 - made only where a limit is shared
            return self._where
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None:
            client = self._clients[loop] = _connect(self._where)
        return client

    def _answered(self) -> None:
        with self._lock:
            failures, self._failures = self._failures, 0
            self._ask_again_at = float("-inf")
        if failures:
            logger.info("the shared rate limit is in reach again")

    def _failed(self, error: Exception, *, trial: bool) -> None:
        with self._lock:
            if self._failures and not trial:
                # Asked at the same time as another that has failed already.
                return
            self._failures += 1
            first = self._failures == 1
            seconds = min(
                _FIRST_BREAK_SECONDS * 2.0 ** min(self._failures - 1, _MAX_DOUBLINGS),
                _MAX_BREAK_SECONDS,
            )
            self._ask_again_at = time.monotonic() + seconds
        if first:
            # The error's own text may hold the address.
            logger.warning(
                "the shared rate limit is out of reach (%s): this process limits by itself",
                type(error).__name__,
            )

    def _ask_again(self) -> None:
        with self._lock:
            self._ask_again_at = float("-inf")


def _connect(address: str) -> Redis:
    try:
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
    except ImportError:
        raise ConfigurationError(
            'RateLimit(shared=…) needs redis: pip install "fingerprint-async[redis]"'
        ) from None
    redis: Any = Redis
    try:
        return cast("Redis", redis.from_url(address, retry=Retry(NoBackoff(), 0)))
    except Exception as error:  # noqa: BLE001 - whatever the library makes of an address
        # The error's own text may hold the password.
        raise ConfigurationError(
            f"shared is no address that redis understands ({type(error).__name__})"
        ) from None
