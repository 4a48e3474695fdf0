"""The crawl as a user of the client: one page a call, and what a failure means for the chain."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, get_args

import msgspec

from fingerprint_async.errors import (
    APIConnectionError,
    ArgumentError,
    BadRequestError,
    DeadlineExceededError,
    NotFoundError,
    RateLimitError,
    ResponseBodyError,
    ServerError,
)

from ._pace import Pace
from ._pages import EMPTY_PAGE, CutPage, keep_page_memory
from .engine import KeyRefusedError, UnavailableError
from .errors import StartBeforeRetentionError
from .plan import PAGE_SIZE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fingerprint_async.client import FingerprintClient

    from .plan import PageRequest

__all__ = [
    "SOURCES",
    "Ask",
    "Search",
    "Source",
    "StartRefusedError",
    "check_filters",
    "fetcher",
    "in_flight_of",
    "pace_of",
    "refused_start",
    "searcher",
    "sources_of",
    "throttled_of",
]

Ask = Callable[["Mapping[str, Any]"], Awaitable[bytes]]
"""Sends one search with these parameters and gives the body; raises what the client raises."""

Search = Callable[["Mapping[str, Any]"], Awaitable[CutPage]]
"""Sends one search with these parameters and gives its page; raises what the client raises."""

Source = Literal["device", "edge", "both"]
SOURCES: tuple[str, ...] = get_args(Source)

_MINUTE_MS = 60_000
_IN_FLIGHT, _IN_FLIGHT_UNLIMITED = 64, 16
_OURS = frozenset({"start", "end", "limit", "pagination_key", "reverse", "source", "total_hits"})
_TEMPORARY = (
    RateLimitError,
    ServerError,
    APIConnectionError,
    ResponseBodyError,
    DeadlineExceededError,
)


class StartRefusedError(Exception):
    """The service refused a search because of its start, as it seems."""

    def __init__(self, cause: BadRequestError | NotFoundError) -> None:
        super().__init__(str(cause))
        self.cause = cause


async def refused_start(
    client: FingerprintClient,
    error: StartRefusedError,
    filters: Mapping[str, Any],
    *,
    start: int,
    end: int,
) -> Exception:
    """What to raise for a refused start: with the earliest one that is not, to the minute, found by asking."""
    search = client.events.with_raw_response.search

    async def accepted(moment: int) -> bool:
        try:
            await search(**filters, start=moment, end=end, limit=1)
        except (BadRequestError, NotFoundError):
            return False
        return True

    if not await accepted(end):
        return error.cause
    low, high = start, end
    while high - low > _MINUTE_MS:
        middle = (low + high) // 2
        if await accepted(middle):
            high = middle
        else:
            low = middle
    earliest = (
        datetime.fromtimestamp(high / 1000, UTC)
        .isoformat(timespec="seconds")
        .replace("+00:00", "Z")
    )
    return StartBeforeRetentionError(
        f"the service refuses a start this early ({error.cause.message}); the earliest it takes is {earliest} ({high} ms)",
        earliest=high,
    )


def check_filters(filters: Mapping[str, Any]) -> None:
    """Refuse the search parameters that are the crawl's own.

    Raises:
        ArgumentError: One of them was given.
    """
    for name in filters:
        if name in _OURS:
            raise ArgumentError(f"{name} is set by the crawl itself")


def sources_of(source: str) -> tuple[str, ...]:
    """The searches that a source stands for: the service searches device and edge events apart."""
    return ("device", "edge") if source == "both" else (source,)


def searcher(client: FingerprintClient, ask: Ask | None = None) -> Search:
    """Search with a client of this process, which cuts a body as it checks it; or with whatever else gives bodies."""
    search_as = client.events.search_as

    async def search(parameters: Mapping[str, Any]) -> CutPage:
        if ask is not None:
            return CutPage(await ask(parameters))
        return await search_as(CutPage, **parameters)

    return search


def fetcher(
    search: Search, filters: Mapping[str, Any], sources: Sequence[str]
) -> Callable[[PageRequest], Awaitable[CutPage]]:
    """The engine's ``fetch``: what a page's request is for the API, and what a failure means for the crawl."""
    keep_page_memory()

    async def fetch(request: PageRequest) -> CutPage:
        parameters: dict[str, Any] = {
            **filters,
            "start": max(0, request.start),
            "end": request.end,
            "limit": PAGE_SIZE,
        }
        if request.reverse:
            parameters["reverse"] = True
        if request.pagination_key is not None:
            parameters["pagination_key"] = request.pagination_key
        if request.total_hits is not None:
            parameters["total_hits"] = request.total_hits
        if sources[request.source] != "device":
            parameters["source"] = sources[request.source]
        try:
            return await search(parameters)
        except NotFoundError as error:
            if "visitor_id" in filters:
                # Sources disagree on whether a visitor without events is a 404.
                return EMPTY_PAGE
            raise StartRefusedError(error) from error
        except BadRequestError as error:
            message = (error.message or "").lower()
            if request.pagination_key is not None and "pagination" in message:
                raise KeyRefusedError(error) from error
            if "start" in message:
                raise StartRefusedError(error) from error
            raise
        except _TEMPORARY as error:
            raise UnavailableError(error, wait=getattr(error, "retry_after", None)) from error
        except msgspec.DecodeError as error:
            raise UnavailableError(error) from error

    return fetch


def in_flight_of(client: FingerprintClient, asked: int | None) -> int:
    """How many requests may be in flight: as many as were asked for, or what suits the client's limit.

    Raises:
        ArgumentError: No number of requests.
    """
    if asked is None:
        # Without a limit this process is what bounds the speed, and more pages at a time only cost memory.
        return (
            _IN_FLIGHT_UNLIMITED
            if client.options.rate_limit.for_searches.mode == "off"
            else _IN_FLIGHT
        )
    if isinstance(asked, bool) or not isinstance(asked, int) or asked < 1:
        raise ArgumentError(f"max_in_flight must be a whole number, 1 or above, not {asked!r}")
    return asked


def pace_of(client: FingerprintClient, *, now: float) -> Pace:
    """The client's rate limit, as the crawl counts it."""
    limit = client.options.rate_limit.for_searches
    if limit.mode != "fixed":
        return Pace(None, 0.0, now=now, client=lambda: client.stats)
    return Pace(limit.requests_per_second, limit.capacity, now=now)


def throttled_of(client: FingerprintClient) -> int:
    """429 answers the client has had so far."""
    return client.stats.rate_limited
