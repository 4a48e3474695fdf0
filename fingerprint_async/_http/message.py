"""What travels through the pipeline: a request, its answer, and the call that they belong to."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

import attrs

from fingerprint_async.errors import DeadlineExceededError

if TYPE_CHECKING:
    from fingerprint_async._http.operations import Operation
    from fingerprint_async._runtime.request import Request
    from fingerprint_async._secret import Secret
    from fingerprint_async.config import RetryPolicy, Timeouts
    from fingerprint_async.errors import APIError

__all__ = [
    "Answer",
    "Backend",
    "Call",
    "Headers",
    "HttpRequest",
    "HttpResponse",
    "retry_after_seconds",
]

T = TypeVar("T")

SUCCESSES: Final = range(200, 300)
TOO_MANY_REQUESTS: Final = 429

_REQUEST_ID_HEADERS: Final = ("x-request-id", "request-id", "x-amzn-requestid", "x-amz-cf-id")
_MOST_REQUEST_ID_CHARACTERS: Final = 200
_NUMBER: Final = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,15})?")
_OVERLOAD: Final = b"too many search requests"
_SCANNED_BYTES: Final = 1000


@attrs.define(eq=False, repr=False)
class Headers(Mapping[str, str]):
    """The headers of a response: names in any case, several values of one name joined by a comma.

    Attributes:
        pairs: Names and values as they came.
    """

    pairs: list[tuple[str, str]]
    _by_name: dict[str, str] | None = attrs.field(default=None, init=False)

    def __getitem__(self, name: str) -> str:
        by_name = self._by_name
        if by_name is None:
            by_name = {}
            for key, value in self.pairs:
                lower = key.lower()
                by_name[lower] = f"{by_name[lower]}, {value}" if lower in by_name else value
            self._by_name = by_name
        return by_name[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name.lower() for name, _ in self.pairs))

    def __len__(self) -> int:
        return len({name.lower() for name, _ in self.pairs})

    def __repr__(self) -> str:
        # Values can be about people.
        return f"Headers({sorted(self)})"


@attrs.frozen(kw_only=True, eq=False, repr=False)
class HttpRequest:
    """One HTTP request, ready to be sent.

    Attributes:
        operation: The operation's id, for what traces an HTTP library.
        method: The HTTP method.
        url: The whole address, percent-encoded.
        headers: Names and values; secrets are unwrapped where the HTTP library takes them.
        content: The body; None without one.
        timeouts: How long the steps may take.
        deadline: Seconds after which nobody waits for the answer; None is without end.
    """

    operation: str
    method: str
    url: str
    headers: tuple[tuple[str, str | Secret], ...]
    content: bytes | None
    timeouts: Timeouts
    deadline: float | None

    def __repr__(self) -> str:
        # Addresses and bodies are about people.
        return f"HttpRequest({self.operation})"


@attrs.frozen(kw_only=True, eq=False, repr=False)
class HttpResponse:
    """One HTTP response, read to its end and inflated.

    Attributes:
        status: The HTTP status.
        reason: The words beside it, where the protocol has any.
        headers: The headers.
        content: The body.
    """

    status: int
    reason: str
    headers: Headers
    content: bytes

    @property
    def request_id(self) -> str | None:
        """What the service, or a proxy before it, calls the request."""
        for name in _REQUEST_ID_HEADERS:
            value = self.headers.get(name)
            if value:
                text = value[:_MOST_REQUEST_ID_CHARACTERS]
                return "".join(char for char in text if char.isprintable())
        return None

    @property
    def retry_after(self) -> float | None:
        """Seconds that the server asks to wait."""
        headers = self.headers
        return retry_after_seconds(headers.get("retry-after"), date=headers.get("date"))

    @property
    def is_search_overload(self) -> bool:
        """Whether a 429 is about the load of the service: the API tells it by its words only."""
        return _OVERLOAD in self.content[:_SCANNED_BYTES].lower()

    def __repr__(self) -> str:
        return f"HttpResponse({self.status})"


class Backend(Protocol):
    """What sends one request over an HTTP library.

    It raises errors of this library only, and chains nothing of the HTTP library's.
    """

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send a request and read its answer to the end."""
        ...

    async def drop_idle(self) -> None:
        """Close the connections that rest, as one of them gave an answer to another request."""
        ...

    async def aclose(self) -> None:
        """Close what was opened here, never what is the caller's."""
        ...


@attrs.define(kw_only=True, eq=False, repr=False)
class Call(Generic[T]):
    """One call with all its attempts.

    Attributes:
        request: What generated code built.
        operation: The record of its operation.
        http: The HTTP request of each attempt.
        policy: The retry policy.
        max_attempts: Attempts in all.
        strict: Whether a body that differs from the schema is an error.
        raw: Whether the caller decodes the body, so that it is only checked here.
        priority: The place at the rate limit.
        deadline: Seconds for all of it; None is without end.
        expires: The clock's reading at which the deadline ends.
        ready_by: The clock's reading until which an event that is not there, or not ready, is
            waited for.
        attempts: Attempts begun.
        waited: Seconds spent waiting so far.
        last_error: Why the last failed attempt failed.
    """

    request: Request[T]
    operation: Operation
    http: HttpRequest
    policy: RetryPolicy
    max_attempts: int
    strict: bool
    raw: bool
    priority: int
    deadline: float | None
    expires: float
    ready_by: float = -math.inf
    attempts: int = 0
    waited: float = 0.0
    last_error: APIError | None = None

    def too_late(self, what: str) -> DeadlineExceededError:
        """Return the error for a deadline that ends before something can happen."""
        error = DeadlineExceededError(
            f"the deadline of {self.deadline:g} s ends {what}",
            deadline=self.deadline or 0.0,
            operation=self.operation.id,
            attempts=self.attempts,
            waited=self.waited,
        )
        error.__cause__ = self.last_error
        return error

    def __repr__(self) -> str:
        return f"Call({self.operation.id})"


@attrs.frozen(eq=False, repr=False)
class Answer(Generic[T]):
    """A success.

    Attributes:
        response: The answer as it came.
        value: The decoded body; None for a raw call and where no body is promised.
    """

    response: HttpResponse
    value: T | None


def retry_after_seconds(
    value: str | None, *, date: str | None = None, now: float | None = None
) -> float | None:
    """Read `Retry-After`: seconds, a fraction of them, or an HTTP date. None for nonsense.

    Args:
        value: The header.
        date: The response's `Date`, which a date counts from: this machine's clock can be wrong.
        now: Unix time, when there is no `Date`; the machine's clock when left out.
    """
    if not value:
        return None
    text = value.strip()
    if _NUMBER.fullmatch(text):
        return float(text)
    moment = _unix_time(text)
    if moment is None:
        return None
    since = _unix_time(date) if date else None
    if since is None:
        since = time.time() if now is None else now
    seconds = moment - since
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _unix_time(text: str) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
