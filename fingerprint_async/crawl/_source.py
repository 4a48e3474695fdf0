# Annotations bind no caller at run time.
# pyright: reportUnnecessaryIsInstance=false
"""The service as a crawl sees it. Everything that a crawl needs of the client stands here."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Literal, get_args

import attrs

from fingerprint_async.errors import (
    APIConnectionError,
    APIStatusError,
    ArgumentError,
    DeadlineExceededError,
    FingerprintError,
    RateLimitError,
    ResponseBodyError,
)
from fingerprint_async.ratelimit import RateLimit

from .plan import PAGE_SIZE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fingerprint_async.client import FingerprintClient

    from ._patience import Patience
    from .plan import PageRequest

__all__ = [
    "SOURCES",
    "TYPICAL_LATENCY_SECONDS",
    "Answer",
    "FetchPage",
    "KeyRefusedError",
    "LimitView",
    "PageSource",
    "SearchRefusedError",
    "Source",
    "UnavailableError",
    "check_filters",
    "in_flight_of",
    "search_page",
    "sources_of",
]


@attrs.frozen
class Answer:
    """The body of a search, and the service's clock at that time in Unix ms, if it was told."""

    content: bytes
    service_ms: int | None = None


FetchPage = Callable[[Mapping[str, Any]], Awaitable[Answer]]
"""Sends one search with these parameters; raises what the client raises."""

Source = Literal["device", "edge", "both"]
SOURCES: tuple[str, ...] = get_args(Source)

_SET_BY_CRAWL = frozenset(
    {"start", "end", "limit", "pagination_key", "reverse", "source", "total_hits"}
)
_TEMPORARY = (APIConnectionError, ResponseBodyError, DeadlineExceededError)
_BAD_REQUEST, _FIRST_SERVER_ERROR = 400, 500
_NO_SUCH_VISITOR = "visitor_not_found"
_EMPTY_PAGE = b'{"events":[],"total_hits":0}'

_IN_FLIGHT, _IN_FLIGHT_UNLIMITED = 64, 16
TYPICAL_LATENCY_SECONDS = 0.3
_MAX_FIRST_WINDOWS = 8
_SHORT_SPAN_MS = 3_600_000
_MIN_QUEUED, _QUEUED_SECONDS = 2, 0.04
_ADAPTIVE_HEADROOM = 1.7


class KeyRefusedError(Exception):
    """The service refused a search that had a pagination key: the chain has to seek anew."""

    def __init__(self, cause: FingerprintError) -> None:
        super().__init__(str(cause))
        self.cause = cause


class SearchRefusedError(Exception):
    """The service refused a search without a key: for its start, or for good."""

    def __init__(self, cause: FingerprintError) -> None:
        super().__init__(str(cause))
        self.cause = cause


class UnavailableError(Exception):
    """A page could not be fetched now, after all retries of the client: worth asking again later.

    Args:
        cause: What the client raised.
        wait: Seconds the service asked to wait, if it did.
    """

    def __init__(self, cause: FingerprintError, *, wait: float | None = None) -> None:
        super().__init__(str(cause))
        self.cause, self.wait = cause, wait


def check_filters(filters: Mapping[str, Any]) -> None:
    """Refuse the search parameters that are the crawl's own.

    Raises:
        ArgumentError: One of them was given.
    """
    for name in filters:
        if name in _SET_BY_CRAWL:
            raise ArgumentError(f"{name} is set by the crawl itself: leave it out")


def sources_of(source: str) -> tuple[str, ...]:
    """Return the searches that a source stands for.

    The service searches device and edge events apart.
    """
    return ("device", "edge") if source == "both" else (source,)


def in_flight_of(client: FingerprintClient, asked: int | None) -> int:
    """Return how many requests may be in flight.

    Raises:
        ArgumentError: No number of requests.
    """
    if asked is None:
        # Without a limit this process is what bounds the speed, and more pages at a time only cost
        # memory.
        limit = _known_limit(client)
        is_unlimited = limit is not None and limit.mode == "off"
        return _IN_FLIGHT_UNLIMITED if is_unlimited else _IN_FLIGHT
    if isinstance(asked, bool) or not isinstance(asked, int) or asked < 1:
        raise ArgumentError(f"max_in_flight must be a whole number, 1 or above, not {asked!r}")
    return asked


def _known_limit(client: FingerprintClient) -> RateLimit | None:
    """Return the limit of searches, None where the caller's own limiter keeps it."""
    limit = client.options.rate_limit
    return limit.for_searches if isinstance(limit, RateLimit) else None


class PageSource:
    """Fetches pages of one crawl.

    Args:
        client: The client to search with.
        filters: The search filters of the crawl.
        sources: Its searches, as :func:`sources_of` returns them.
        patience: How long a service that is down is waited for.
        fetch_page: What sends the searches, when it is not ``client``.

    Attributes:
        service_ms: The service's clock at the first answer, in Unix ms; None before, or if it tells
            none.
        earliest_start: The earliest start of a search that the service took so far, in Unix ms.
    """

    def __init__(
        self,
        client: FingerprintClient,
        filters: Mapping[str, Any],
        sources: Sequence[str],
        *,
        patience: Patience,
        fetch_page: FetchPage | None = None,
    ) -> None:
        self._client, self._patience = client, patience
        self._filters, self._sources = dict(filters), tuple(sources)
        self._fetch_page = fetch_page or self._search
        self.service_ms: int | None = None
        self.earliest_start: int | None = None

    @property
    def base_url(self) -> str:
        """The address of the service."""
        return self._client.base_url

    @property
    def throttled(self) -> int:
        """429 answers that the client has had so far."""
        return self._client.stats.rate_limited

    async def fetch(self, request: PageRequest) -> bytes:
        """Fetch one page.

        Raises:
            KeyRefusedError: The pagination key was refused.
            SearchRefusedError: The search was refused.
            UnavailableError: Worth asking again later.
            FingerprintError: Anything else the service said.
        """
        parameters: dict[str, Any] = {
            **self._filters,
            "start": max(0, request.start),
            "end": request.end,
            "limit": PAGE_SIZE,
            "total_hits": request.total_hits,
        }
        if request.reverse:
            parameters["reverse"] = True
        if request.pagination_key is not None:
            parameters["pagination_key"] = request.pagination_key
        return await self._ask(parameters, self._sources[request.source])

    async def now(self) -> int:
        """Return the service's clock in Unix ms; this machine's where the service tells none.

        Raises:
            FingerprintError: What the service said.
        """
        try:
            await self._ask_patiently({**self._filters, "limit": 1}, self._sources[0])
        except SearchRefusedError as error:
            raise error.cause from None
        return time.time_ns() // 1_000_000 if self.service_ms is None else self.service_ms

    async def accepts(self, start: int, end: int, source: int) -> bool:
        """Return whether the service takes a search with these bounds.

        Raises:
            FingerprintError: What the service said, where it is not about the search.
        """
        parameters = {**self._filters, "start": max(0, start), "end": max(start, end), "limit": 1}
        try:
            await self._ask_patiently(parameters, self._sources[source])
        except SearchRefusedError:
            return False
        return True

    async def _ask_patiently(self, parameters: dict[str, Any], source: str) -> None:
        """Ask again while the service is down."""
        self._patience.begin()
        while True:
            try:
                await self._ask(parameters, source)
            except UnavailableError as error:
                self._patience.failed(error)
                await asyncio.sleep(self._patience.wait)
            else:
                self._patience.answered()
                return

    async def _ask(self, parameters: dict[str, Any], source: str) -> bytes:
        if source != "device":
            parameters["source"] = source
        has_key = "pagination_key" in parameters
        try:
            answer = await self._fetch_page(parameters)
        except RateLimitError as error:
            raise UnavailableError(error, wait=error.retry_after) from error
        except APIStatusError as error:
            if self._has_no_events(error):
                return _EMPTY_PAGE
            raise _refusal(error, has_key=has_key) from error
        except _TEMPORARY as error:
            raise UnavailableError(error) from error
        if self.service_ms is None:
            self.service_ms = answer.service_ms
        start = parameters.get("start")
        if start is not None and (self.earliest_start is None or start < self.earliest_start):
            self.earliest_start = start
        return answer.content

    def _has_no_events(self, error: APIStatusError) -> bool:
        """Whether a visitor has no events: sources disagree on whether that is a 404."""
        return "visitor_id" in self._filters and error.code == _NO_SUCH_VISITOR

    async def _search(self, parameters: Mapping[str, Any]) -> Answer:
        return await search_page(self._client, parameters)


def _refusal(error: APIStatusError, *, has_key: bool) -> Exception:
    """Return what an answer that is no success means for the chain that asked."""
    if error.status_code >= _FIRST_SERVER_ERROR:
        return UnavailableError(error)
    if has_key and error.status_code == _BAD_REQUEST:
        return KeyRefusedError(error)
    if error.status_code == _BAD_REQUEST:
        return SearchRefusedError(error)
    return error


async def search_page(client: FingerprintClient, parameters: Mapping[str, Any]) -> Answer:
    """Send one search, and return its body unread.

    Raises:
        FingerprintError: What the client raises.
    """
    response = await client.events.with_raw_response.search_as(bytes, **parameters)
    return Answer(response.content, _unix_ms(response.headers.get("date")))


def _unix_ms(date: str | None) -> int | None:
    """Return the last millisecond of the second that a Date header names, if it names one."""
    if date is None:
        return None
    try:
        return round(parsedate_to_datetime(date).timestamp() * 1000) + 999
    except (ValueError, OverflowError):
        return None


class LimitView:
    """The client's rate limit, as far as a crawl has to know it to choose its requests.

    The client's own limiter decides when a request goes. The crawl only keeps the queue in front of
    it short, as a request that waits there can no longer be chosen.

    Args:
        client: The client that sends.
        now: The clock's reading, in seconds.
    """

    def __init__(self, client: FingerprintClient, *, now: float) -> None:
        limit = _known_limit(client)
        self._client = client
        self._began = now
        self._sent = 0
        self._is_fixed = limit is not None and limit.mode == "fixed"
        self._burst = limit.capacity if limit is not None and self._is_fixed else 0.0

    @property
    def rate(self) -> float | None:
        """Requests per second that searches may go at, None without a limit."""
        return self._client.stats.rate_limit

    def sent(self) -> None:
        """Count one request."""
        self._sent += 1

    def wait(self, under_way: int) -> float:
        """Return the seconds after which to ask again whether a request may go.

        0 when it may go now.

        Args:
            under_way: Requests that were handed to the client and have no answer.
        """
        rate = self.rate
        if rate is None or self._sent < self._burst:
            return 0.0
        queued = under_way - self._client.stats.in_flight
        return 0.0 if queued < max(_MIN_QUEUED, _QUEUED_SECONDS * rate) else 0.5 / rate

    def seconds_for(self, requests: float, now: float) -> float:
        """Return the seconds until that many more requests may have gone."""
        rate = self.rate
        if rate is None:
            return 0.0
        if not self._is_fixed:
            return requests / (_ADAPTIVE_HEADROOM * rate)
        credit = min(self._burst, self._burst + rate * (now - self._began) - self._sent)
        return max(0.0, (requests - max(0.0, credit)) / rate)

    def allowed(self, seconds: float) -> float | None:
        """Return the requests that the limit allows in that many seconds after a rest.

        None where it is not known.
        """
        rate = self.rate
        return self._burst + rate * seconds if self._is_fixed and rate is not None else None

    def first_windows(self, span_ms: int) -> int:
        """Return into how many windows a crawl is cut before anything is known about it.

        As many as the limit can keep busy until the first answers come.
        """
        if span_ms <= _SHORT_SPAN_MS:
            return 1
        rate = self.rate
        if rate is None or not self._is_fixed:
            return _MAX_FIRST_WINDOWS
        return max(2, min(_MAX_FIRST_WINDOWS, round(rate * TYPICAL_LATENCY_SECONDS / 2)))
