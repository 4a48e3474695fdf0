"""Pages fetched by the workers of a Dask cluster, for networks where one machine is not enough.

The plan, the checkpoint and the output stay with the process that calls
:func:`~fingerprint_async.crawl.export`, so that a crawl is exactly as exact as without: a worker
that dies takes pages in flight with it, and they are asked for again. Each page is one task. All
workers stay under one rate limit, which they keep in Redis.
"""

from __future__ import annotations

import asyncio
import logging
import math
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Literal

import attrs
from distributed import Client, KilledWorker
from distributed.client import FutureCancelledError

from fingerprint_async.errors import APIConnectionError, ArgumentError, FingerprintError

from ._source import TYPICAL_LATENCY_SECONDS, Answer, search_page
from .errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from fingerprint_async.client import FingerprintClient
    from fingerprint_async.ratelimit import RateLimit

    from ._source import FetchPage

__all__ = ["dask_workers"]

_logger = logging.getLogger("fingerprint_async.crawl")

_CONNECT_SECONDS = 10.0
_CHECK_SECONDS = 2.0
_GONE_SECONDS = 15.0


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


async def _search(settings: _Settings, parameters: dict[str, Any]) -> tuple[bytes, int | None]:
    """Send one search, on a worker.

    Coroutines run in the worker's own event loop, so one client serves them all.
    """
    client = _clients.get(settings)
    if client is None:
        from fingerprint_async.client import FingerprintClient

        client = _clients[settings] = FingerprintClient(**attrs.asdict(settings, recurse=False))
    answer = await search_page(client, parameters)
    return answer.content, answer.service_ms


@asynccontextmanager
async def dask_workers(
    scheduler: str | Any,
    *,
    base_url: str,
    rate_limit: RateLimit,
    max_in_flight: int = 64,
    transport: Literal["fast"] | None = None,
    allow_insecure_http: bool = False,
) -> AsyncGenerator[FetchPage]:
    """Return a ``fetch_page`` for :func:`~fingerprint_async.crawl.export` that uses a Dask cluster.

    Args:
        scheduler: Address of the scheduler, such as ``tcp://host:8786``, or a cluster object.
        base_url: Where the API is.
        rate_limit: The limit of all workers together: with ``shared`` (a ``redis://`` address), or
            off.
        max_in_flight: Most requests in flight of one worker.
        transport: What the workers send with: ``"fast"`` needs that extra on each of them.
        allow_insecure_http: Let ``base_url`` be plain http to another machine.

    Raises:
        ArgumentError: A limit that each worker would keep for itself.
        ClusterError: No scheduler or no worker is there. While pages are fetched: all of them are
            gone.
    """
    if rate_limit.mode != "off" and not isinstance(rate_limit.shared, str):
        raise ArgumentError(
            "workers need one limit together: give it a redis:// address (--redis), "
            "or turn it off (--rate off)"
        )
    settings = _Settings(base_url, rate_limit, max_in_flight, transport, allow_insecure_http)
    cluster = await _connect(scheduler)
    gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    watching = asyncio.ensure_future(_watch(cluster, gone))
    try:
        _check_threads(await _threads(cluster), rate_limit)

        async def fetch_page(parameters: Mapping[str, Any]) -> Answer:
            try:
                # Not pure: the same page asked for again is another request.
                future = cluster.submit(_search, settings, dict(parameters), pure=False)
            except Exception as error:  # noqa: BLE001 -- translated
                # It has lost its scheduler: for good, or the watch would have said so.
                await asyncio.wait({gone}, timeout=2 * _GONE_SECONDS)
                if gone.done():
                    gone.result()
                raise _lost(error) from None
            result = asyncio.ensure_future(_result(future))
            try:
                first: set[asyncio.Future[Any]] = {result, gone}
                await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
                if gone.done():
                    gone.result()
                return Answer(*(await result))
            finally:
                result.cancel()
                future.release()

        yield fetch_page
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        if gone.done():
            # What is gone cannot be taken leave of: without a limit that would wait for it.
            gone.exception()
            await _close(cluster, seconds=1.0)
        else:
            gone.cancel()
            await _close(cluster, seconds=_CONNECT_SECONDS)


async def _connect(scheduler: str | Any) -> Any:
    connect: Any = Client  # distributed has no types
    try:
        cluster = await connect(
            scheduler, asynchronous=True, set_as_default=False, timeout=_CONNECT_SECONDS
        )
    except Exception as error:  # whatever a foreign library raises
        raise ClusterError(f"no Dask scheduler answers at {scheduler}") from error
    try:
        await cluster.wait_for_workers(1, timeout=_CONNECT_SECONDS)
    except Exception as error:  # the same
        await _close(cluster, seconds=1.0)
        raise ClusterError(f"the Dask scheduler at {scheduler} has no workers") from error
    return cluster


async def _close(cluster: Any, *, seconds: float) -> None:
    closing = asyncio.ensure_future(cluster.close(timeout=seconds))
    await asyncio.wait({closing}, timeout=2 * seconds)
    closing.cancel()
    await asyncio.gather(closing, return_exceptions=True)


async def _threads(cluster: Any) -> int:
    """Return how many tasks the cluster's workers run at a time."""
    workers = (await cluster.scheduler.identity())["workers"]
    return sum(int(worker["nthreads"]) for worker in workers.values())


async def _watch(cluster: Any, gone: asyncio.Future[None]) -> None:
    """Tell when the scheduler or its last worker has been gone for a while."""
    missing_for = 0.0
    what = ""
    while missing_for < _GONE_SECONDS:
        await asyncio.sleep(_CHECK_SECONDS)
        try:
            threads = await asyncio.wait_for(_threads(cluster), _CHECK_SECONDS)
        except Exception:  # noqa: BLE001 -- whatever it is, no scheduler answers
            threads, what = 0, "the Dask scheduler does not answer any more"
        else:
            what = "the Dask cluster has no workers any more"
        missing_for = 0.0 if threads else missing_for + _CHECK_SECONDS
    if not gone.done():
        gone.set_exception(ClusterError(what))


def _check_threads(threads: int, limit: RateLimit) -> None:
    """Warn when the workers cannot have as many requests in flight as the limit allows."""
    if limit.mode == "off":
        return
    needed = math.ceil(limit.for_searches.requests_per_second * TYPICAL_LATENCY_SECONDS)
    if threads < needed:
        _logger.warning(
            "the cluster's %d threads allow %d requests in flight; about %d are needed to use "
            "%g requests per second",
            threads,
            threads,
            needed,
            limit.for_searches.requests_per_second,
        )


def _lost(error: BaseException) -> APIConnectionError:
    return APIConnectionError(f"a worker was lost: {type(error).__name__}")


async def _result(future: Any) -> tuple[bytes, int | None]:
    try:
        content, service_ms = await future
    except (KilledWorker, FutureCancelledError, OSError) as lost:
        raise _lost(lost) from lost
    except FingerprintError:
        raise
    except Exception as error:
        name = type(error).__name__
        raise ClusterError(f"a worker cannot fetch pages ({name}): its log says why") from error
    return bytes(content), service_ms
