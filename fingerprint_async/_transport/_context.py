"""What one call carries through the rooms, in `request.extensions`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar, Final

import msgspec

from fingerprint_async._discreet import Discreet
from fingerprint_async.errors import CallError
from fingerprint_async.options import RequestOptions

__all__ = ["CONTEXT", "OPERATION", "CallContext"]

CONTEXT: Final = "fingerprint_async"
"""The extension that holds the `CallContext`."""
OPERATION: Final = "fingerprint_async_operation"
"""The extension in which generated code names its operation."""


class CallContext(Discreet, msgspec.Struct, eq=False, kw_only=True):
    """One call, all its attempts. Made by whoever makes the call; the rooms write what happens to it.

    Attributes:
        options: What this call does differently from the client.
        decode: Turns the body of a success into what the caller wants, inside the attempt, so that a body which cannot be decoded
            counts as a failed attempt. Without it the body is only checked to be JSON.
        decoded: What `decode` made.
        operation: The operation's name in the API.
        attempts: Attempts begun.
        waited: Seconds spent waiting, for the limiter, for a slot, between attempts.
        expires: The reading of the client's clock at which the deadline ends.
        last_error: Why the last failed attempt failed.
    """

    _unshown: ClassVar[frozenset[str]] = frozenset({"decode", "decoded"})

    options: RequestOptions | None = None
    decode: Callable[[bytes], Any] | None = None
    decoded: Any = None
    operation: str = ""
    attempts: int = 0
    waited: float = 0.0
    deadline: float | None = None
    expires: float = math.inf
    last_error: CallError | None = None
