"""Pages fetched by the workers of a Dask cluster, for networks where one machine isn't enough.

The plan, the checkpoint and the output stay with the process that calls :func:`~fingerprint_async.crawl.export`, so that
a crawl is exactly as exact as without: a worker that dies takes pages in flight with it, and they are asked for again.
Each page of a window is one task. All workers stay under one rate limit, which they keep in Redis.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Literal

import attrs
from distributed import Client, KilledWorker
from distributed.client import FutureCancelledError

from fingerprint_async.errors import APIConnectionError, ArgumentError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from fingerprint_async.client import FingerprintClient
    from fingerprint_async.ratelimit import RateLimit

    from ._fetch import Ask

__all__ = ["dask_workers"]


@attrs.frozen
class _Settings:
    """What a worker makes its client with. Never the key: that is in the worker's environment."""

    base_url: str
    rate_limit: RateLimit
    max_in_flight: int
    transport: Literal["fast"] | None
    allow_insecure_http: bool


#: The clients of a worker process, for as long as it lives.
_clients: dict[_Settings, FingerprintClient] = {}


async def _search(settings: _Settings, parameters: dict[str, Any]) -> bytes:
    """One search, on a worker. Coroutines run in the worker's own event loop, so one client serves them all."""
    client = _clients.get(settings)
    if client is None:
        from fingerprint_async import FingerprintClient

        client = _clients[settings] = FingerprintClient(**attrs.asdict(settings, recurse=False))
    return (await client.events.with_raw_response.search(**parameters)).content


@asynccontextmanager
async def dask_workers(
    scheduler: str | Any,
    *,
    base_url: str,
    rate_limit: RateLimit,
    max_in_flight: int = 64,
    transport: Literal["fast"] | None = None,
    allow_insecure_http: bool = False,
) -> AsyncIterator[Ask]:
    """What :func:`~fingerprint_async.crawl.export` takes as ``ask``, to fetch its pages on a Dask cluster.

    Args:
        scheduler: Address of the scheduler, such as ``tcp://host:8786``, or a cluster object.
        base_url: Where the API is.
        rate_limit: The limit of all workers together: with ``shared`` (a ``redis://`` address), or off.
        max_in_flight: Most requests in flight of one worker.
        transport: What the workers send with: ``"fast"`` needs that extra on each of them.
        allow_insecure_http: Let ``base_url`` be plain http to another machine.

    Raises:
        ArgumentError: A limit that each worker would keep for itself.
    """
    if rate_limit.mode != "off" and not isinstance(rate_limit.shared, str):
        raise ArgumentError(
            "workers need one limit together: give it a redis:// address (--redis), or turn it off (--rate off)"
        )
    settings = _Settings(base_url, rate_limit, max_in_flight, transport, allow_insecure_http)
    connect: Any = Client  # distributed has no types
    async with connect(scheduler, asynchronous=True, set_as_default=False) as cluster:

        async def ask(parameters: Mapping[str, Any]) -> bytes:
            # Not pure: the same page asked for again is another request.
            future = cluster.submit(_search, settings, dict(parameters), pure=False)
            try:
                return bytes(await future)
            except (KilledWorker, FutureCancelledError) as lost:
                raise APIConnectionError(f"a worker was lost: {lost}") from lost
            finally:
                future.release()

        yield ask
