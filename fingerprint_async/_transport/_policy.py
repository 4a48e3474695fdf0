"""Which failures of which operation may be answered by trying again. Data; `_retry` acts on it."""

from __future__ import annotations

from enum import Flag, auto
from typing import Final

from fingerprint_async.errors import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    CallError,
    RateLimitError,
    ResponseBodyError,
    ServerError,
    StateNotReadyError,
    TransportError,
)

__all__ = ["Failure", "failure_of", "retried"]

_UNAVAILABLE: Final = 503


class Failure(Flag):
    """What an attempt failed of, as far as trying again is concerned."""

    RATE_LIMITED = auto()
    """429: refused before anything was done."""
    UNAVAILABLE = auto()
    """503: the service says that it did not take the request on."""
    SERVER = auto()
    """Any other 5xx: it may have been done, or half done."""
    NOT_READY = auto()
    """409 `state_not_ready`."""
    UNSENT = auto()
    """No connection: nothing can have arrived."""
    LOST = auto()
    """The connection ended, or time ran out, after the request may have arrived."""
    BODY = auto()
    """A success with a body that is not the JSON that was promised."""
    FINAL = 0
    """Anything else: the same request would fail the same way."""


_ALWAYS_SAFE: Final = Failure.RATE_LIMITED | Failure.UNAVAILABLE | Failure.UNSENT
_READ: Final = _ALWAYS_SAFE | Failure.SERVER | Failure.LOST | Failure.BODY

_TABLE: Final = {
    # Reads: asking again changes nothing.
    "getEvent": _READ,
    "searchEvents": _READ,
    # A new event can be changed only some seconds later: waiting is the documented answer. After a lost answer another writer may have
    # changed the event since, so the same change is not sent twice.
    "updateEvent": _ALWAYS_SAFE | Failure.NOT_READY,
    # Erasing twice has one effect, but costs two of 30 requests an hour, and the second may answer 404 for what the first one did.
    "deleteVisitorData": _ALWAYS_SAFE,
    # A second analysis would be a second event.
    "analyzeRequestForAutomationIntelligence": _ALWAYS_SAFE,
    # Feedback counts in the vendor's models, and its budget is 30 an hour.
    "submitEventFeedback": _ALWAYS_SAFE,
}


def retried(operation: str) -> Failure:
    """Say which failures of an operation are tried again. Of an operation that nobody listed: those that are safe for any."""
    return _TABLE.get(operation, _ALWAYS_SAFE)


def failure_of(error: CallError) -> Failure:
    """Name the failure that an error stands for."""
    match error:
        case RateLimitError():
            return Failure.RATE_LIMITED
        case StateNotReadyError():
            return Failure.NOT_READY
        case ServerError():
            return Failure.UNAVAILABLE if error.status_code == _UNAVAILABLE else Failure.SERVER
        case ResponseBodyError():
            return Failure.BODY
        case APIConnectionError() | APITimeoutError() | TransportError():
            return Failure.LOST if error.processed else Failure.UNSENT
        case APIError() | _:
            return Failure.FINAL
