"""The only caller of generated API functions: an operation a function, from checked arguments on."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from fingerprint_async._arguments import Filter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping
    from typing import TypeAlias

    from fingerprint_async._runtime.request import Request
    from fingerprint_async._transport import Sender
    from fingerprint_async.models import EdgeResponse, Event, EventSearch
    from fingerprint_async.options import RequestOptions
    from fingerprint_async.responses import RawResponse

__all__ = [
    "Caller",
    "Decode",
    "analyze_edge",
    "delete_visitor",
    "empty_page",
    "get_event",
    "search_events",
    "search_events_as",
    "search_filters",
    "update_event",
]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

if TYPE_CHECKING:
    Send: TypeAlias = Callable[[Sender, dict[str, Any]], Awaitable[Any]]

    class Decode(Protocol[T_co]):
        """Turns a body into what an operation promises."""

        def __call__(self, content: bytes, /, *, strict: bool = False) -> T_co:
            """Decode it; with `strict`, raise for every difference from the schema."""
            ...

    class Caller(Protocol):
        """Sends one call through a client's transport, under that call's options."""

        def call(
            self, send: Send, decode: Decode[T], options: RequestOptions | None, *, raw: bool
        ) -> Coroutine[Any, Any, RawResponse[T]]:
            """Send one call.

            Args:
                send: Calls the generated function, with the generated client and the request's extensions.
                decode: Turns the body into what the operation promises.
                options: Options of this call only.
                raw: Decode when asked only. Else the body is decoded within the attempt, so one that cannot be
                    is a failed attempt.
            """
            ...


def _sending(request: Request[Any]) -> Send:
    from fingerprint_async._transport import OPERATION

    async def send(sender: Sender, extensions: dict[str, Any]) -> Any:
        return await sender.request(
            request.method,
            request.path,
            params=request.query,
            content=request.content,
            extensions={OPERATION: request.operation_id, **extensions},
        )

    return send


async def get_event(
    caller: Caller,
    event_id: str,
    *,
    ruleset_id: str | None,
    options: RequestOptions | None,
    raw: bool,
) -> RawResponse[Event]:
    """`GET /events/{event_id}`."""
    from fingerprint_async_generated.api.events.get_event import GetEventParams, build_request
    from fingerprint_async_generated.models import Event

    params: GetEventParams = {} if ruleset_id is None else {"ruleset_id": ruleset_id}
    return await caller.call(
        _sending(build_request(event_id, **params)),
        Event.from_json,
        options,
        raw=raw,
    )


async def update_event(
    caller: Caller, event_id: str, *, changes: dict[str, Any], options: RequestOptions | None
) -> RawResponse[None]:
    """`PATCH /events/{event_id}`."""
    from fingerprint_async_generated.api.events.update_event import build_request
    from fingerprint_async_generated.models import EventUpdate

    body = EventUpdate.from_dict(changes)
    return await caller.call(
        _sending(build_request(event_id, body=body)),
        _nothing,
        options,
        raw=True,
    )


async def search_events(
    caller: Caller, filters: Mapping[str, Any], *, options: RequestOptions | None, raw: bool
) -> RawResponse[EventSearch]:
    """`GET /events`."""
    from fingerprint_async_generated.models import EventSearch

    return await caller.call(_searching(filters), EventSearch.from_json, options, raw=raw)


async def search_events_as(
    caller: Caller,
    decode: Callable[[bytes], T],
    filters: Mapping[str, Any],
    *,
    options: RequestOptions | None,
) -> RawResponse[T]:
    """`GET /events`, with a decoder of the caller's own in place of the model."""

    def decode_page(content: bytes, *, strict: bool = False) -> T:
        del strict
        return decode(content)

    return await caller.call(_searching(filters), decode_page, options, raw=False)


def _searching(filters: Mapping[str, Any]) -> Send:
    from fingerprint_async_generated.api.events.search_events import build_request

    return _sending(build_request(**filters))


def empty_page() -> EventSearch:
    """Give a page without events, the last one."""
    from fingerprint_async_generated.models import EventSearch

    return EventSearch(events=[])


async def delete_visitor(
    caller: Caller, visitor_id: str, *, options: RequestOptions | None
) -> RawResponse[None]:
    """`DELETE /visitors/{visitor_id}`."""
    from fingerprint_async_generated.api.visitors.delete_visitor_data import build_request

    return await caller.call(
        _sending(build_request(visitor_id)),
        _nothing,
        options,
        raw=True,
    )


async def analyze_edge(
    caller: Caller, request: dict[str, Any], *, options: RequestOptions | None, raw: bool
) -> RawResponse[EdgeResponse]:
    """`POST /edge`."""
    from fingerprint_async_generated.api.edge.analyze_request_for_automation_intelligence import (
        build_request,
    )
    from fingerprint_async_generated.models import EdgeRequest, EdgeResponse

    body = EdgeRequest.from_dict(request)
    return await caller.call(
        _sending(build_request(body=body)),
        EdgeResponse.from_json,
        options,
        raw=raw,
    )


def _nothing(_: bytes, /, *, strict: bool = False) -> None:
    """Decode the body of an operation that promises none."""
    del strict


@cache
def search_filters() -> Mapping[str, Filter]:
    """Give what every search filter takes, as the generated TypedDict states it."""
    import re
    from typing import get_type_hints

    from fingerprint_async_generated import models
    from fingerprint_async_generated.api.events.search_events import SearchEventsParams

    # The generated module names its enums for type checkers only, and there are many more models than those.
    written = " ".join(hint.__forward_arg__ for hint in SearchEventsParams.__annotations__.values())
    names = set(models.__all__).intersection(re.findall(r"\w+", written))
    hints = get_type_hints(
        SearchEventsParams, localns={name: getattr(models, name) for name in names}
    )
    return {name: Filter.from_hint(hint) for name, hint in hints.items()}
