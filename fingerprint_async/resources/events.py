# Annotations bind no caller at run time.
# pyright: reportUnnecessaryIsInstance=false
"""`client.events`: read, change and search events."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from fingerprint_async._http.operations import GET_EVENT, SUBMIT_FEEDBACK, UPDATE_EVENT
from fingerprint_async._runtime.page import put_cursor_source
from fingerprint_async._runtime.request import Request
from fingerprint_async._secret import Secret
from fingerprint_async._settings import is_number, kind_of, shown
from fingerprint_async.config import RequestOptions
from fingerprint_async.cursors import CursorWriter, read_cursor, signing_key
from fingerprint_async.errors import ArgumentError, CursorError, NotFoundError
from fingerprint_async.pagination import EventPager
from fingerprint_async.resources._filters import check_filters
from fingerprint_async.resources._values import check_json_object, check_linked_id, check_text
from fingerprint_async_generated.api.events import (
    get_event,
    search_events,
    submit_event_feedback,
    update_event,
)
from fingerprint_async_generated.models.event_feedback import EventFeedback
from fingerprint_async_generated.models.event_search import EventSearch
from fingerprint_async_generated.models.event_update import EventUpdate

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from typing import Unpack

    from fingerprint_async._http.pipeline import Pipeline
    from fingerprint_async._secret_forms import SecretForm
    from fingerprint_async.models import Event, SearchEventsParams
    from fingerprint_async.responses import RawResponse

__all__ = ["Events", "EventsWithRawResponse"]

T = TypeVar("T")

_NO_EVENTS = b'{"events":[]}'


def _get(event_id: str, ruleset_id: str | None) -> Request[Event]:
    """Check the arguments and build the request."""
    checked = GET_EVENT.check_id(event_id)
    if ruleset_id is None:
        return get_event.build_request(checked)
    return get_event.build_request(checked, ruleset_id=check_text("ruleset_id", ruleset_id))


def _update(
    event_id: str,
    *,
    linked_id: str | None,
    tags: Mapping[str, Any] | None,
    suspect: bool | None,
) -> Request[None]:
    """Check the arguments and build the request."""
    checked = UPDATE_EVENT.check_id(event_id)
    changes: dict[str, Any] = {}
    if linked_id is not None:
        changes["linked_id"] = check_linked_id(linked_id)
    if tags is not None:
        changes["tags"] = check_json_object("tags", tags)
    if suspect is not None:
        if not isinstance(suspect, bool):
            raise ArgumentError(f"suspect: expected True or False, got {kind_of(suspect)}")
        changes["suspect"] = suspect
    if not changes:
        raise ArgumentError("nothing to update: give at least one of linked_id, tags, suspect")
    return update_event.build_request(checked, body=EventUpdate.from_dict(changes))


def _wait_seconds(wait: object) -> float:
    """Return for how long an event is waited for: infinity is until the deadline."""
    if isinstance(wait, bool):
        return math.inf if wait else 0.0
    if not is_number(wait) or not isinstance(wait, int | float) or wait < 0:
        raise ArgumentError(
            f"wait: expected True, False or a finite number of seconds, got {shown(wait)}"
        )
    return float(wait)


def _feedback(
    event_id: str, *, reset_identification_confidence_score: bool | None
) -> Request[None]:
    """Check the arguments and build the request."""
    checked = SUBMIT_FEEDBACK.check_id(event_id)
    reset = reset_identification_confidence_score
    if reset is None:
        raise ArgumentError("nothing to tell: give at least reset_identification_confidence_score")
    if not isinstance(reset, bool):
        raise ArgumentError(
            f"reset_identification_confidence_score: expected True or False, got {kind_of(reset)}"
        )
    body = EventFeedback.from_dict({"reset_identification_confidence_score": reset})
    return submit_event_feedback.build_request(checked, body=body)


@attrs.frozen(eq=False)
class _DecodedBy(Generic[T]):
    """A caller's decoder, in the shape of a model.

    Attributes:
        decode: The caller's function.
    """

    decode: Callable[[bytes], T]

    def from_json(self, data: bytes, /, *, strict: bool = False) -> T:
        """Read the body."""
        del strict
        return self.decode(data)


def _search_as(decode: Callable[[bytes], T], filters: Mapping[str, Any]) -> Request[T]:
    """Check the arguments and build the request."""
    if not callable(decode):
        raise ArgumentError(f"decode: expected a function, got {kind_of(decode)}")
    request = search_events.build_request(**check_filters(filters))
    return Request(
        operation_id=request.operation_id,
        method=request.method,
        path=request.path,
        query=request.query,
        result=_DecodedBy(decode),
        reads_alone=True,
    )


class EventsWithRawResponse:
    """The operations of `client.events`, answering with the `RawResponse`."""

    __slots__ = ("_pipeline",)

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    async def get(
        self,
        event_id: str,
        *,
        ruleset_id: str | None = None,
        wait: bool | float = False,
        options: RequestOptions | None = None,
    ) -> RawResponse[Event]:
        """Get one event, as `Events.get` does."""
        seconds = _wait_seconds(wait)
        return await self._pipeline.call_raw(_get(event_id, ruleset_id), options, wait=seconds)

    async def update(
        self,
        event_id: str,
        *,
        linked_id: str | None = None,
        tags: Mapping[str, Any] | None = None,
        suspect: bool | None = None,
        wait: bool | float = True,
        options: RequestOptions | None = None,
    ) -> RawResponse[None]:
        """Change one event, as `Events.update` does."""
        seconds = _wait_seconds(wait)
        request = _update(event_id, linked_id=linked_id, tags=tags, suspect=suspect)
        return await self._pipeline.call_raw(request, options, wait=seconds)

    async def feedback(
        self,
        event_id: str,
        *,
        reset_identification_confidence_score: bool | None = None,
        options: RequestOptions | None = None,
    ) -> RawResponse[None]:
        """Tell what was wrong with an identification, as `Events.feedback` does."""
        request = _feedback(
            event_id, reset_identification_confidence_score=reset_identification_confidence_score
        )
        return await self._pipeline.call_raw(request, options)

    async def search(
        self, *, options: RequestOptions | None = None, **filters: Unpack[SearchEventsParams]
    ) -> RawResponse[EventSearch]:
        """Search events, one page: its `content` is the page's bytes, its `parse()` the page.

        The filters are those of `Events.search`. For the next page, pass the same filters and the
        page's `pagination_key`; a page that `parse()` made has no `cursor`.
        """
        request = search_events.build_request(**check_filters(filters))
        return await self._pipeline.call_raw(request, options)

    async def search_as(
        self,
        decode: Callable[[bytes], T],
        *,
        options: RequestOptions | None = None,
        **filters: Unpack[SearchEventsParams],
    ) -> RawResponse[T]:
        """Search events, one page; `parse()` reads it with a decoder of your own."""
        return await self._pipeline.call_raw(_search_as(decode, filters), options)


class Events:
    """Operations on events. Reached as `client.events`.

    Attributes:
        with_raw_response: The same operations, answering with status, headers and bytes; `search`
            with those of one page.
    """

    __slots__ = ("_pipeline", "with_raw_response")

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self.with_raw_response = EventsWithRawResponse(pipeline)

    async def get(
        self,
        event_id: str,
        *,
        ruleset_id: str | None = None,
        wait: bool | float = False,
        options: RequestOptions | None = None,
    ) -> Event:
        """Get one event.

        Args:
            event_id: The event's id, as the JavaScript agent or a webhook gave it.
            ruleset_id: A ruleset to evaluate for the event; its verdict is then in
                `event.rule_action`.
            wait: Whether to ask again, every second or two, while the service has no such event: it
                may be too new. True is until the deadline; a number of seconds ends it earlier.
            options: Options of this call only.

        Raises:
            InvalidIdError: It cannot be an id: an `IdArgumentError` before anything is sent, an
                `IdRefusedError` when the service says so.
            NotFoundError: The workspace (or the key's environment) has no such event, or no longer.
            BadRequestError: The service has no such ruleset.
            DecodeError: `strict` is on, and the event differs from the schema.
            FingerprintError: Every other failure.
        """
        seconds = _wait_seconds(wait)
        return await self._pipeline.call(_get(event_id, ruleset_id), options, wait=seconds)

    async def find(
        self,
        event_id: str,
        *,
        ruleset_id: str | None = None,
        wait: bool | float = False,
        options: RequestOptions | None = None,
    ) -> Event | None:
        """Get one event, or None if the service has no such event.

        The arguments are those of `get`, and so are all other errors: what cannot be an id is one.
        """
        try:
            return await self.get(event_id, ruleset_id=ruleset_id, wait=wait, options=options)
        except NotFoundError as error:
            if error.code != "event_not_found":
                raise
            return None

    async def update(
        self,
        event_id: str,
        *,
        linked_id: str | None = None,
        tags: Mapping[str, Any] | None = None,
        suspect: bool | None = None,
        wait: bool | float = True,
        options: RequestOptions | None = None,
    ) -> None:
        """Change what you may attach to an event. What is None or left out stays as it is.

        Events older than about a month can no longer be changed.

        Args:
            event_id: The event's id.
            linked_id: Your own id for the event, up to 256 characters.
            tags: Your own JSON object, in place of the one that was there.
            suspect: Whether you hold the event for suspicious.
            wait: The service refuses an event for some 12 seconds after it was made (409
                `state_not_ready`). Whether to try again, every second or two, until it can be
                changed. True is until the deadline; a number of seconds ends it earlier.
            options: Options of this call only.

        Raises:
            ArgumentError: Nothing to change, or an argument is not what the API takes; nothing was
                sent.
            InvalidIdError: It cannot be an id.
            StateNotReadyError: The event was still not ready at the end of the wait.
            NotFoundError: The workspace has no such event.
            FingerprintError: Every other failure.
        """
        seconds = _wait_seconds(wait)
        request = _update(event_id, linked_id=linked_id, tags=tags, suspect=suspect)
        await self._pipeline.call(request, options, wait=seconds)

    async def feedback(
        self,
        event_id: str,
        *,
        reset_identification_confidence_score: bool | None = None,
        options: RequestOptions | None = None,
    ) -> None:
        """Tell the service what was wrong with an identification. Beta, for Enterprise plans.

        The service acts on it later; the last feedback on an event wins. It takes feedback on
        events of the JavaScript agent that are at most 24 hours old, 30 an hour and 500 a day.

        Args:
            event_id: The event's id.
            reset_identification_confidence_score: Whether to forget how sure the identification
                was.
            options: Options of this call only.

        Raises:
            ArgumentError: Nothing to tell, or an argument is not what the API takes; nothing was
                sent.
            PermissionDeniedError: The plan has no feedback (`feature_not_enabled`).
            NotFoundError: The workspace has no such event.
            FingerprintError: Every other failure.
        """
        request = _feedback(
            event_id, reset_identification_confidence_score=reset_identification_confidence_score
        )
        await self._pipeline.call(request, options)

    def search(
        self,
        *,
        cursor_secret: SecretForm | None = None,
        options: RequestOptions | None = None,
        **filters: Unpack[SearchEventsParams],
    ) -> EventPager:
        """Search events, newest first.

        Nothing is sent until the result is awaited (the first page) or iterated over (every event
        of every page); see `EventPager`.

        ```python
        page = await client.events.search(visitor_id="…", limit=10)
        async for event in client.events.search(start=since, vpn=True):
            ...
        ```

        A filter on a signal also leaves out events that lack the signal. Without `source` the
        service gives the events of devices only, with `source="edge"` those of edge requests only:
        for both, search twice.

        A visitor that the service does not know has no events: the page is empty. (The raw twin
        gives its answer as it is: an empty page, or a `NotFoundError`.)

        Args:
            cursor_secret: What to sign `page.cursor` with, 16 bytes or more. Whoever can change an
                unsigned one can search with other filters: sign what you give to a browser.
            options: Options of each request; a deadline covers one page, not the iteration.
            **filters: The API's filters. `start` and `end` take aware datetimes, Unix milliseconds
                or RFC 3339 text. Where several values may be given, one alone may be too. A choice
                that this version does not know is refused as a typing error; to send a newer one
                all the same, pass it as a member of an enum of your own.

        Raises:
            ArgumentError: At once: an unknown filter, or a value that the API would not take.
            BadRequestError: When awaited: the service refuses a filter, a pagination key, or a
                start before its retention.
            FingerprintError: When awaited: every other failure.
        """
        wrapped = Secret(cursor_secret)
        del cursor_secret
        checked, key = check_filters(filters), signing_key(wrapped)
        return EventPager(self._fetch_with(key, options), checked)

    def search_from(
        self,
        cursor: str,
        *,
        cursor_secret: SecretForm | None = None,
        options: RequestOptions | None = None,
    ) -> EventPager:
        """Go on with a search where a cursor says: await it for one page, or iterate.

        ```python
        page = await client.events.search_from(cursor, cursor_secret=SECRET)
        following = page.cursor
        ```

        Args:
            cursor: What `page.cursor` was.
            cursor_secret: What it was signed with; the cursors of the next pages are, too.
            options: Options of each request.

        Raises:
            CursorError: It was changed, or is signed with another secret; nothing was sent.
            PaginationKeyError: When awaited: the service does not take its key any longer.
            FingerprintError: When awaited: every other failure.
        """
        wrapped = Secret(cursor_secret)
        del cursor_secret
        key = signing_key(wrapped)
        try:
            filters = check_filters(read_cursor(cursor, key), takes_newer=True)
        except CursorError:
            raise
        except ArgumentError as error:
            raise CursorError(f"cursor: {error}") from None
        return EventPager(self._fetch_with(key, options), filters, keeps_page_size=True)

    def _fetch_with(
        self, key: Secret | None, options: RequestOptions | None
    ) -> Callable[[Mapping[str, Any]], Awaitable[EventSearch]]:
        """Make the function that fetches a page for filters that were checked."""
        if options is not None and not isinstance(options, RequestOptions):
            raise ArgumentError(f"options: expected RequestOptions, got {kind_of(options)}")
        pipeline = self._pipeline

        async def fetch(filters: Mapping[str, Any]) -> EventSearch:
            try:
                page = await pipeline.call(search_events.build_request(**filters), options)
            except NotFoundError as error:
                # The service's own clients disagree on whether it says so, or gives an empty page.
                if error.code != "visitor_not_found":
                    raise
                page = EventSearch.from_json(_NO_EVENTS)
            put_cursor_source(page, CursorWriter(filters=filters, key=key))
            return page

        return fetch

    async def search_as(
        self,
        decode: Callable[[bytes], T],
        *,
        options: RequestOptions | None = None,
        **filters: Unpack[SearchEventsParams],
    ) -> T:
        """Search events, one page, with a decoder of your own. Nothing else reads the body.

        Args:
            decode: Gets the bytes of a successful answer. A `ValueError` from it says that they are
                not what was promised: the attempt has failed, and is made again as the retry policy
                allows.
            options: Options of this call only; `strict` says nothing here.
            **filters: Those of `search`, and the `pagination_key` of the page before.

        Raises:
            ArgumentError: An unknown filter, or a value that the API would not take.
            ResponseBodyError: `decode` raised a `ValueError` in the last attempt.
            FingerprintError: As from `search`.
        """
        return await self._pipeline.call(_search_as(decode, filters), options)
