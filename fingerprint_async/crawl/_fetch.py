"""The crawl as a user of the client: one page a call, and what a failure means for the chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

import msgspec

from fingerprint_async.errors import (
    ArgumentError,
    BadRequestError,
    DeadlineExceededError,
    NotFoundError,
    RateLimitError,
    ResponseBodyError,
    ServerError,
    TransportError,
)

from ._pace import Pace
from ._pages import EMPTY_PAGE, CutPage
from .engine import KeyRefusedError, UnavailableError
from .errors import StartBeforeRetentionError
from .plan import PAGE_SIZE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from fingerprint_async.client import FingerprintClient

    from .plan import PageRequest

__all__ = ["SOURCES", "Source", "check_filters", "fetcher", "pace_of", "throttled_of"]

Source = Literal["device", "edge", "both"]
SOURCES: tuple[str, ...] = get_args(Source)

_OURS = frozenset({"start", "end", "limit", "pagination_key", "reverse", "source", "total_hits"})
_TEMPORARY = (RateLimitError, ServerError, TransportError, ResponseBodyError, DeadlineExceededError)


def check_filters(filters: Mapping[str, Any]) -> None:
    """Refuse the search parameters that are the crawl's own.

    Raises:
        ArgumentError: One of them was given.
    """
    for name in filters:
        if name in _OURS:
            raise ArgumentError(f"{name} is set by the crawl itself")


def fetcher(
    client: FingerprintClient, filters: Mapping[str, Any], sources: Sequence[str]
) -> Callable[[PageRequest], Awaitable[CutPage]]:
    """The engine's ``fetch`` on a client."""
    search = client.events.with_raw_response.search

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
        if sources[request.source] != "device":
            parameters["source"] = sources[request.source]
        try:
            response = await search(**parameters)
            return CutPage(response.content)
        except NotFoundError:
            # "No such visitor" and "no events of this visitor" are told apart by some servers and not by others.
            return EMPTY_PAGE
        except BadRequestError as error:
            message = (error.message or "").lower()
            if request.pagination_key is not None and "pagination" in message:
                raise KeyRefusedError from error
            if "start" in message:
                raise StartBeforeRetentionError(str(error)) from error
            raise
        except _TEMPORARY as error:
            raise UnavailableError(error, wait=getattr(error, "retry_after", None)) from error
        except msgspec.DecodeError as error:
            raise UnavailableError(error) from error

    return fetch


def pace_of(client: FingerprintClient, *, now: float) -> Pace:
    """The client's rate limit, as the crawl counts it."""
    limit = client.options.rate_limit
    limit = limit.search or limit
    if limit.mode != "fixed":
        return Pace(None, 0.0, now=now)
    return Pace(limit.requests_per_second, limit.burst, now=now)


def throttled_of(client: FingerprintClient) -> int:
    """429 answers the client has had so far."""
    return client.stats.rate_limited
