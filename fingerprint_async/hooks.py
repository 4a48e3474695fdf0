"""What a client tells about its calls while they run: `FingerprintClient(hooks=Hooks(...))`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from fingerprint_async._settings import an_optional

if TYPE_CHECKING:
    from fingerprint_async.errors import APIError

__all__ = ["AttemptInfo", "CallInfo", "Hooks"]


@attrs.frozen(kw_only=True, eq=False)
class AttemptInfo:
    """One attempt of a call, once it ended. It holds no id, filter, header or body.

    Attributes:
        operation: The operation's id in the API.
        attempt: Its number in the call; the first is 1.
        method: The HTTP method.
        host: The host that it was sent to.
        started_at: Unix time at which it began, in seconds.
        duration: Seconds that it took, with waits for the rate limit.
        status_code: The HTTP status; None without an answer.
        request_id: What the server calls the request, where it says so.
        error: Why it failed; None for a success.
    """

    operation: str
    attempt: int
    method: str
    host: str
    started_at: float
    duration: float
    status_code: int | None
    request_id: str | None
    error: APIError | None

    @property
    def outcome(self) -> str:
        """The status, or the error's name where no answer came."""
        if self.status_code is not None:
            return str(self.status_code)
        return type(self.error).__name__

    def as_extra(self) -> Mapping[str, Any]:
        """Return the fields that log records carry as `extra`."""
        return {
            "fingerprint_operation": self.operation,
            "fingerprint_attempt": self.attempt,
            "fingerprint_outcome": self.outcome,
            "fingerprint_duration_ms": round(1000 * self.duration, 3),
            "fingerprint_request_id": self.request_id,
        }


@attrs.frozen(kw_only=True, eq=False)
class CallInfo:
    """One call, once it ended.

    Attributes:
        operation: The operation's id in the API.
        attempts: How many times the request was sent.
        started_at: Unix time at which it began, in seconds.
        duration: Seconds that it took, waits and retries included.
        waited: Seconds of that spent waiting.
        error: What the call raised; None for a success.
    """

    operation: str
    attempts: int
    started_at: float
    duration: float
    waited: float
    error: BaseException | None


@attrs.frozen(kw_only=True)
class Hooks:
    """Functions that are called with each attempt and each call, in the event loop.

    They must return at once: the call waits for them. What they raise is logged and goes no
    further.

    Attributes:
        on_attempt: Called after each attempt.
        on_call: Called after each call, cancelled ones included.
    """

    on_attempt: Callable[[AttemptInfo], object] | None = attrs.field(
        default=None, validator=an_optional(Callable, "a function")
    )
    on_call: Callable[[CallInfo], object] | None = attrs.field(
        default=None, validator=an_optional(Callable, "a function")
    )
