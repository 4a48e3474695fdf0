"""`client.events`: read, change and search events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from fingerprint_async import _operations
from fingerprint_async._arguments import (
    check_filters,
    check_id,
    check_json_object,
    check_linked_id,
    check_options,
    check_text,
)
from fingerprint_async.errors import ArgumentError, NotFoundError
from fingerprint_async.pagination import EventPager

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Unpack

    from fingerprint_async._operations import Caller
    from fingerprint_async.models import Event, EventSearch, SearchEventsParams
    from fingerprint_async.options import RequestOptions
    from fingerprint_async.responses import RawResponse

__all__ = ["Events", "EventsWithRawResponse"]

T = TypeVar("T")


class EventsWithRawResponse:
    """The operations of `client.events`, answering with the `RawResponse`."""

    __slots__ = ("_caller", "_raw")

    def __init__(self, caller: Caller, *, raw: bool = True) -> None:
        self._caller = caller
        self._raw = raw

    async def get(
        self, event_id: str, *, ruleset_id: str | None = None, options: RequestOptions | None = None
    ) -> RawResponse[Event]:
        """Get one event, as `Events.get` does."""
        return await _operations.get_event(
            self._caller,
            check_id("event_id", event_id),
            ruleset_id=None if ruleset_id is None else check_text("ruleset_id", ruleset_id),
            options=options,
            raw=self._raw,
        )

    async def update(
        self,
        event_id: str,
        *,
        linked_id: str | None = None,
        tags: Mapping[str, Any] | None = None,
        suspect: bool | None = None,
        options: RequestOptions | None = None,
    ) -> RawResponse[None]:
        """Change one event, as `Events.update` does."""
        changes: dict[str, Any] = {}
        if linked_id is not None:
            changes["linked_id"] = check_linked_id(linked_id)
        if tags is not None:
            changes["tags"] = check_json_object("tags", tags)
        if suspect is not None:
            if not isinstance(suspect, bool):
                raise ArgumentError(
                    f"suspect: expected True or False, got {type(suspect).__name__}"
                )
            changes["suspect"] = suspect
        if not changes:
            raise ArgumentError("nothing to update: give at least one of linked_id, tags, suspect")
        return await _operations.update_event(
            self._caller, check_id("event_id", event_id), changes=changes, options=options
        )

    async def search(
        self, *, options: RequestOptions | None = None, **filters: Unpack[SearchEventsParams]
    ) -> RawResponse[EventSearch]:
        """Search events, one page: its `content` is the page's bytes, its `parse()` the page.

        The filters are those of `Events.search`. For the next page, pass the same filters and the page's
        `pagination_key`.
        """
        checked = check_filters(filters, _operations.search_filters())
        return await _operations.search_events(
            self._caller, checked, options=options, raw=self._raw
        )

    async def search_as(
        self,
        decode: Callable[[bytes], T],
        *,
        options: RequestOptions | None = None,
        **filters: Unpack[SearchEventsParams],
    ) -> RawResponse[T]:
        """Search events, one page, with a decoder of your own, as `Events.search_as` does."""
        checked = check_filters(filters, _operations.search_filters())
        return await _operations.search_events_as(self._caller, decode, checked, options=options)


class Events:
    """Operations on events. Reached as `client.events`.

    Attributes:
        with_raw_response: The same operations, answering with status, headers and bytes; `search` with
            those of one page.
    """

    __slots__ = ("_caller", "_decoding", "with_raw_response")

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._decoding = EventsWithRawResponse(caller, raw=False)
        self.with_raw_response = EventsWithRawResponse(caller)

    async def get(
        self, event_id: str, *, ruleset_id: str | None = None, options: RequestOptions | None = None
    ) -> Event:
        """Get one event.

        Args:
            event_id: The event's id, as the JavaScript agent or a webhook gave it.
            ruleset_id: A ruleset to evaluate for the event; its verdict is then in `event.rule_action`.
            options: Options of this call only.

        Raises:
            ArgumentError: The id is empty or not an id; nothing was sent.
            NotFoundError: The workspace (or the key's environment) has no such event, or no longer.
            BadRequestError: The service does not take the id, or has no such ruleset.
            DecodeError: `strict` is on, and the event differs from the schema.
            FingerprintError: Every other failure.
        """
        response = await self._decoding.get(event_id, ruleset_id=ruleset_id, options=options)
        return response.parse()

    async def update(
        self,
        event_id: str,
        *,
        linked_id: str | None = None,
        tags: Mapping[str, Any] | None = None,
        suspect: bool | None = None,
        options: RequestOptions | None = None,
    ) -> None:
        """Change what you may attach to an event. What is left out, or None, stays as it is.

        The service can refuse an event for some seconds after it was made (409 `state_not_ready`): that is
        retried. Events older than about a month can no longer be changed.

        Args:
            event_id: The event's id.
            linked_id: Your own id for the event, up to 256 characters.
            tags: Your own JSON object, in place of the one that was there.
            suspect: Whether you hold the event for suspicious.
            options: Options of this call only.

        Raises:
            ArgumentError: Nothing to change, or an argument is not what the API takes; nothing was sent.
            StateNotReadyError: The event was still not ready when attempts or deadline were used up.
            NotFoundError: The workspace has no such event.
            FingerprintError: Every other failure.
        """
        await self._decoding.update(
            event_id, linked_id=linked_id, tags=tags, suspect=suspect, options=options
        )

    def search(
        self, *, options: RequestOptions | None = None, **filters: Unpack[SearchEventsParams]
    ) -> EventPager:
        """Search events, newest first.

        Nothing is sent until the result is awaited (the first page) or iterated over (every event of every
        page); see `EventPager`.

        ```python
        page = await client.events.search(visitor_id="…", limit=10)
        async for event in client.events.search(start=since, vpn=True):
            ...
        ```

        A filter on a signal also leaves out events that lack the signal. Without `source` the service gives
        the events of devices only, with `source="edge"` those of edge requests only: for both, search
        twice.

        A visitor that the service does not know has no events: the page is empty. (The raw twin gives its answer as
        it is: an empty page, or a `NotFoundError`.)

        Args:
            options: Options of each request; a deadline covers one page, not the iteration.
            **filters: The API's filters. `start` and `end` take aware datetimes, Unix milliseconds or RFC
                3339 text. Where several values may be given, one alone may be too. A choice that this
                version does not know is refused as a typing error; to send a newer one all the same, make
                it a member of the filter's enum in `fingerprint_async.models`.

        Raises:
            ArgumentError: At once: an unknown filter, or a value that the API would not take.
            BadRequestError: When awaited: the service refuses a filter, a pagination key, or a start before
                its retention.
            FingerprintError: When awaited: every other failure.
        """
        caller = self._caller
        check_options(options)
        checked = check_filters(filters, _operations.search_filters())

        async def fetch(filters: Mapping[str, Any]) -> EventSearch:
            try:
                return (
                    await _operations.search_events(caller, filters, options=options, raw=False)
                ).parse()
            except NotFoundError as error:
                # The service's own clients disagree on whether it says so, or gives an empty page.
                if error.code != "visitor_not_found":
                    raise
                return _operations.empty_page()

        return EventPager(fetch, checked)

    async def search_as(
        self,
        decode: Callable[[bytes], T],
        *,
        options: RequestOptions | None = None,
        **filters: Unpack[SearchEventsParams],
    ) -> T:
        """Search events, one page, with a decoder of your own. Nothing else reads the body.

        Args:
            decode: Gets the bytes of a successful answer. A `ValueError` from it says that they are not what
                was promised: the attempt has failed, and is made again as the retry policy allows.
            options: Options of this call only; `strict` says nothing here.
            **filters: Those of `search`, and the `pagination_key` of the page before.

        Raises:
            ArgumentError: An unknown filter, or a value that the API would not take.
            ResponseBodyError: `decode` raised a `ValueError` in the last attempt.
            FingerprintError: As from `search`.
        """
        return (await self._decoding.search_as(decode, options=options, **filters)).parse()
