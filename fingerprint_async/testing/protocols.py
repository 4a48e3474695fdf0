"""The client as an interface: type your code's argument with it, and write a fake against it.

async def is_risky(client: ClientProtocol, event_id: str) -> bool:
    return bool((await client.events.get(event_id)).vpn)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Iterable, Mapping
    from typing import Unpack

    from fingerprint_async._secret_forms import SecretForm
    from fingerprint_async.config import RequestOptions
    from fingerprint_async.models import EdgeResponse, Event, EventSearch, SearchEventsParams

T = TypeVar("T")

__all__ = [
    "ClientProtocol",
    "EdgeProtocol",
    "EventsProtocol",
    "SearchProtocol",
    "VisitorsProtocol",
]


class SearchProtocol(Protocol):
    """The result of a search: awaited for the first page, iterated over for all events."""

    def __await__(self) -> Generator[Any, Any, EventSearch]:
        """Return the first page."""
        ...

    def __aiter__(self) -> AsyncIterator[Event]:
        """Iterate over every event of every page."""
        ...


class EventsProtocol(Protocol):
    """What `client.events` can do."""

    async def get(self, event_id: str, *, ruleset_id: str | None = None) -> Event:
        """Return an event."""
        ...

    async def find(self, event_id: str, *, ruleset_id: str | None = None) -> Event | None:
        """Return an event, None where there is none."""
        ...

    async def update(
        self,
        event_id: str,
        *,
        linked_id: str | None = None,
        tags: Mapping[str, Any] | None = None,
        suspect: bool | None = None,
    ) -> None:
        """Change fields of an event."""
        ...

    async def feedback(
        self, event_id: str, *, reset_identification_confidence_score: bool | None = None
    ) -> None:
        """Tell what was wrong with an identification."""
        ...

    def search(
        self,
        *,
        cursor_secret: SecretForm | None = None,
        options: RequestOptions | None = None,
        **filters: Unpack[SearchEventsParams],
    ) -> SearchProtocol:
        """Search events. A fake can take `**filters: Any` alone."""
        ...

    def search_from(
        self, cursor: str, *, cursor_secret: SecretForm | None = None
    ) -> SearchProtocol:
        """Go on with a search where a cursor points."""
        ...

    async def search_as(
        self,
        decode: Callable[[bytes], T],
        *,
        options: RequestOptions | None = None,
        **filters: Unpack[SearchEventsParams],
    ) -> T:
        """Return one page, read by a function of yours."""
        ...


class VisitorsProtocol(Protocol):
    """What `client.visitors` can do."""

    async def delete(self, visitor_id: str) -> None:
        """Delete what is known about a visitor."""
        ...


class EdgeProtocol(Protocol):
    """What `client.edge` can do."""

    async def analyze(
        self,
        *,
        method: str,
        url: str,
        headers: Mapping[str, str] | Iterable[tuple[str, str]],
        ip: str | Iterable[str],
        linked_id: str | None = None,
        tags: Mapping[str, Any] | None = None,
    ) -> EdgeResponse:
        """Analyse a request that your server received."""
        ...

    async def analyze_asgi(
        self, scope: Mapping[str, Any], *, trusted_hops: int = 0
    ) -> EdgeResponse:
        """Analyse a request that an ASGI server received."""
        ...

    async def analyze_aiohttp(self, request: Any, *, trusted_hops: int = 0) -> EdgeResponse:
        """Analyse a request that aiohttp received."""
        ...


class ClientProtocol(Protocol):
    """What a `FingerprintClient` can do."""

    @property
    def events(self) -> EventsProtocol:
        """Read, change and search events."""
        ...

    @property
    def visitors(self) -> VisitorsProtocol:
        """Delete what is known about a visitor."""
        ...

    @property
    def edge(self) -> EdgeProtocol:
        """Analyse requests."""
        ...
