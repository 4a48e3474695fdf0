"""One token bucket for many processes, kept in Redis.

`limits`, `aiolimiter`'s Redis cousins and most others count windows, or let each waiter ask again and again. Here a request reserves its
place in one round trip, however many wait, and gives it back when it is cancelled: a script of a few lines, on `redis-py`.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
import weakref
from typing import TYPE_CHECKING, Any, Final

from fingerprint_async.errors import ConfigurationError

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["RedisBucket"]

logger = logging.getLogger("fingerprint_async.transport")

_LATE: Final = 1.0
"""Seconds that a request may take to arrive. A full bucket at the server starts to fill only then, so this one does as late."""
_WARN_EVERY: Final = 60.0

_SCRIPT: Final = """
local rate, burst, late, longest, what = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local state = redis.call('HMGET', KEYS[1], 'level', 'at')
local level, at = tonumber(state[1]) or burst, tonumber(state[2]) or now
if now > at then
  level, at = math.min(burst, level + (now - at) * rate), now
end
local wait = 0
if what == 'take' then
  if level >= burst - 1 then at = math.max(at, now + late) end
  if level < 1 then wait = (1 - level) / rate + math.max(0, at - now) end
  if wait > longest then return tostring(wait) end
  level = level - 1
elseif what == 'refund' then
  level = math.min(burst, level + 1)
else
  level = math.min(level, 0)
end
redis.call('HSET', KEYS[1], 'level', tostring(level), 'at', string.format('%.6f', at))
redis.call('PEXPIRE', KEYS[1], math.ceil(1000 * (burst - level) / rate) + 60000)
return tostring(wait)
"""


class RedisBucket:
    """A bucket that all processes with the same key, address and Redis take from.

    Without Redis for a while, each process keeps to the whole limit by itself and a warning is logged: calls that fail for want of a counter
    would be worse than a 429.

    Args:
        where: A `redis://` address, or a `redis.asyncio.Redis`, which is not closed here.
        name: Tells workspaces apart.
        rate: Tokens per second.
        burst: Tokens at most.
    """

    def __init__(self, where: str | Redis, *, name: str, rate: float, burst: float) -> None:
        try:
            from redis.exceptions import RedisError
        except ImportError as error:
            raise ConfigurationError(
                'RateLimit(shared=…) needs redis: pip install "fingerprint-async[redis]"'
            ) from error
        self._errors = (RedisError, OSError)
        self._where = where
        self._key = f"fingerprint-async:{hashlib.sha256(name.encode()).hexdigest()[:32]}"
        self._rate = rate * 0.999
        self._burst = burst
        self._warned = float("-inf")
        self._clients: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Redis] = (
            weakref.WeakKeyDictionary()
        )

    async def take(self, longest: float) -> float | None:
        """Reserve a token; give the seconds until it may be used. Beyond `longest` nothing is reserved. None: ask the bucket at hand."""
        return await self._run("take", min(longest, 1e9))

    async def refund(self) -> None:
        """Give back a token that was not used."""
        await self._run("refund", 0.0)

    async def drain(self) -> None:
        """The server said that its bucket is empty."""
        await self._run("drain", 0.0)

    async def aclose(self) -> None:
        """Close this event loop's connections, unless they are the caller's."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()

    async def _run(self, what: str, longest: float) -> float | None:
        """Ask Redis, and see that a cancellation is not lost on the way.

        redis-py waits with `asyncio.wait_for`, which before Python 3.12 drops a cancellation that comes in the same turn as what it waits for.
        """
        task = asyncio.current_task()
        cancelled = 0 if task is None else task.cancelling()
        answer = await self._ask(what, longest)
        if task is not None and task.cancelling() > cancelled:
            if what == "take" and answer is not None and answer <= longest:
                await self._ask("refund", 0.0)
            raise asyncio.CancelledError
        return answer

    async def _ask(self, what: str, longest: float) -> float | None:
        try:
            answer: Any = await self._client().eval(
                _SCRIPT,
                1,
                self._key,
                repr(self._rate),
                repr(self._burst),
                repr(_LATE),
                repr(longest),
                what,
            )
            return float(answer)
        except self._errors as error:
            now = time.monotonic()
            if now - self._warned > _WARN_EVERY:
                self._warned = now
                logger.warning(
                    "the shared rate limit is out of reach (%s): this process limits by itself",
                    error,
                )
            return None

    def _client(self) -> Redis:
        if not isinstance(self._where, str):
            return self._where
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None:
            from redis.asyncio import Redis

            client = self._clients[loop] = Redis.from_url(
                self._where, socket_timeout=2.0, socket_connect_timeout=2.0
            )
        return client
