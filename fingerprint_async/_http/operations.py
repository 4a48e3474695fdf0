"""The table of operations: everything about one stands in its record, and all else reads it.

Adding an operation is: regenerate, add a record here, add a documented method to a resource.
"""

from __future__ import annotations

import math
import re
from enum import Flag, auto
from typing import Any, Final

import attrs
import msgspec

from fingerprint_async._settings import kind_of
from fingerprint_async.errors import IdArgumentError
from fingerprint_async.ratelimit import Budget, Quota

__all__ = [
    "ANALYZE_EDGE",
    "DELETE_VISITOR",
    "GET_EVENT",
    "OPERATIONS",
    "SEARCH_EVENTS",
    "SUBMIT_FEEDBACK",
    "UPDATE_EVENT",
    "Failure",
    "Operation",
]


class Failure(Flag):
    """Why an attempt failed, as far as trying again is concerned."""

    RATE_LIMITED = auto()
    """429: refused before anything was done."""
    UNAVAILABLE = auto()
    """503: the service says that it did not take the request on."""
    SERVER = auto()
    """Any other 5xx: it may have been done, or half done."""
    NOT_READY = auto()
    """409 `state_not_ready`."""
    ABSENT = auto()
    """404 `event_not_found`: it may only be too new."""
    UNSENT = auto()
    """No connection: nothing can have arrived."""
    LOST = auto()
    """The connection ended, or time ran out, after the request may have arrived."""
    BODY = auto()
    """A success with a body that is not what was promised."""
    FINAL = 0
    """Anything else: the same request would fail the same way."""


_ALWAYS_SAFE: Final = Failure.RATE_LIMITED | Failure.UNAVAILABLE | Failure.UNSENT
_SAFE_FOR_READS: Final = _ALWAYS_SAFE | Failure.SERVER | Failure.LOST | Failure.BODY

_HOUR_SECONDS: Final = 3600.0
_EVERYTHING: Final = Budget("default")
_SEARCHES: Final = Budget("search", searches=True)
_DELETIONS: Final = Budget(
    "delete", quotas=(Quota(30, _HOUR_SECONDS), Quota(500, 24 * _HOUR_SECONDS))
)
_FEEDBACK: Final = attrs.evolve(_DELETIONS, name="feedback")

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\s]")


class _Event(msgspec.Struct):
    # Of any type, so that the error about a wrong one can say which field it is.
    event_id: Any


class _Page(msgspec.Struct):
    events: list[msgspec.Raw]


class _Object(msgspec.Struct):
    pass


@attrs.frozen(kw_only=True)
class Operation:
    """One operation of the API.

    Attributes:
        id: Its id in the API's document.
        method: The HTTP method.
        path: The path below the base URL.
        resource: The method that callers use: `events.get`.
        retried: Failures after which it is sent again.
        budget: The requests that it is counted with.
        body: The properties of the body that the method sends.
        query: The query parameters that the method sends; None where callers choose among all.
        shape: What a success must hold at least; None where a success promises no body.
        id_argument: The argument that stands in the path, if one does.
        answers_id: Whether the answer must name the id that was asked for.
        waits: For how many seconds an event that is not there, or not ready, is waited for unless a
            call says otherwise; infinity is until the deadline.
    """

    id: str
    method: str
    path: str
    resource: str
    retried: Failure
    budget: Budget
    shape: type[msgspec.Struct] | None
    body: tuple[str, ...] = ()
    query: tuple[str, ...] | None = ()
    id_argument: str | None = None
    answers_id: bool = False
    waits: float = 0.0

    def check_id(self, value: object) -> str:
        """Return an id that can stand in the path, or raise.

        Percent-encoding keeps `.` and `..`, which lead to another address. White space and control
        characters are part of no id: something else was passed.

        Raises:
            IdArgumentError: It is no id; the error does not show it.
        """
        name = self.id_argument
        if not isinstance(value, str):
            raise IdArgumentError(f"{name}: expected a string, got {kind_of(value)}")
        if not value or value.isspace():
            raise IdArgumentError(f"{name} is empty")
        if value in {".", ".."}:
            raise IdArgumentError(f"{name}: {value!r} is not an id")
        if _CONTROL.search(value):
            raise IdArgumentError(f"{name}: an id holds no white space and no control characters")
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise IdArgumentError(
                    f"{name} holds lone surrogates, which have no bytes to send"
                ) from None
        return value


GET_EVENT: Final = Operation(
    id="getEvent",
    method="GET",
    path="/events/{event_id}",
    resource="events.get",
    retried=_SAFE_FOR_READS | Failure.ABSENT,
    budget=_EVERYTHING,
    shape=_Event,
    query=("ruleset_id",),
    id_argument="event_id",
    answers_id=True,
)
SEARCH_EVENTS: Final = Operation(
    id="searchEvents",
    method="GET",
    path="/events",
    resource="events.search",
    retried=_SAFE_FOR_READS,
    budget=_SEARCHES,
    shape=_Page,
    query=None,
)
UPDATE_EVENT: Final = Operation(
    id="updateEvent",
    method="PATCH",
    path="/events/{event_id}",
    resource="events.update",
    body=("linked_id", "suspect", "tags"),
    # After a lost answer another writer may have changed the event since: not sent twice.
    retried=_ALWAYS_SAFE | Failure.NOT_READY,
    budget=_EVERYTHING,
    shape=None,
    id_argument="event_id",
    waits=math.inf,
)
SUBMIT_FEEDBACK: Final = Operation(
    id="submitEventFeedback",
    method="POST",
    path="/events/{event_id}/feedback",
    resource="events.feedback",
    body=("reset_identification_confidence_score",),
    # The last one wins, and another writer's may have come since: not sent twice.
    retried=_ALWAYS_SAFE,
    budget=_FEEDBACK,
    shape=None,
    id_argument="event_id",
)
DELETE_VISITOR: Final = Operation(
    id="deleteVisitorData",
    method="DELETE",
    path="/visitors/{visitor_id}",
    resource="visitors.delete",
    # Erasing twice costs two of 30 an hour, and the second may answer 404 for what the first did.
    retried=_ALWAYS_SAFE,
    budget=_DELETIONS,
    shape=None,
    id_argument="visitor_id",
)
ANALYZE_EDGE: Final = Operation(
    id="analyzeRequestForAutomationIntelligence",
    method="POST",
    path="/edge",
    resource="edge.analyze",
    body=("headers", "ipv4_address", "ipv6_address", "linked_id", "method", "tags", "url"),
    # A second analysis would be a second event.
    retried=_ALWAYS_SAFE,
    budget=_EVERYTHING,
    shape=_Object,
)

OPERATIONS: Final = {
    operation.id: operation
    for operation in (
        GET_EVENT,
        SEARCH_EVENTS,
        UPDATE_EVENT,
        SUBMIT_FEEDBACK,
        DELETE_VISITOR,
        ANALYZE_EDGE,
    )
}
"""Every operation by its id."""
