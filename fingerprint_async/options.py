"""How a client behaves: frozen objects, checked when they are made. Times are in seconds, rates in requests per second."""

from __future__ import annotations

import asyncio
import math
import random
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeAlias

import msgspec

from fingerprint_async._discreet import Discreet
from fingerprint_async.errors import ConfigurationError
from fingerprint_async.ratelimit import RateLimit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx import AsyncBaseTransport, AsyncClient
else:
    # What reads the annotations at run time (`help`, `inspect.signature`) gets by without httpx, which is loaded with the first client.
    AsyncBaseTransport = AsyncClient = Any

__all__ = ["DEFAULT", "ClientOptions", "RateLimit", "RequestOptions", "RetryPolicy", "Timeouts"]


class _Default(Enum):
    DEFAULT = "DEFAULT"

    def __repr__(self) -> str:
        return self.name


Default: TypeAlias = Literal[_Default.DEFAULT]
DEFAULT: Final = _Default.DEFAULT
"""Stands for "what the client was given", where None means "none"."""


def is_header_name(text: str) -> bool:
    """Whether a text can name a header: a token, by RFC 9110."""
    return re.fullmatch(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", text) is not None


def is_header_value(text: str) -> bool:
    """Whether a text can stand in a header: printable ASCII, on one line."""
    return text.isascii() and text.isprintable()


# The rules give an error that names the option. What stands for "none" or "the client's" passes first, where an option takes it.


def _positive(options: Discreet, *names: str, or_else: tuple[object, ...] = ()) -> None:
    for name, value in _given(options, names, or_else):
        if not _is_number(value) or not 0 < value < math.inf:
            raise ConfigurationError(f"{name} must be a finite number above 0, not {value!r}")


def _not_negative(options: Discreet, *names: str) -> None:
    for name, value in _given(options, names):
        if not _is_number(value) or not 0 <= value < math.inf:
            raise ConfigurationError(f"{name} must be a finite number, 0 or above, not {value!r}")


def _count(options: Discreet, *names: str, or_else: tuple[object, ...] = ()) -> None:
    for name, value in _given(options, names, or_else):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ConfigurationError(f"{name} must be a whole number, 1 or above, not {value!r}")


def _a(kind: type, options: Discreet, name: str, or_else: tuple[object, ...] = ()) -> None:
    for _, value in _given(options, (name,), or_else):
        if not isinstance(value, kind):
            names = " or ".join([kind.__name__, *("None" for other in or_else if other is None)])
            raise ConfigurationError(f"{name} must be {names}, not {value!r}")


def _given(
    options: Discreet, names: tuple[str, ...], or_else: tuple[object, ...] = ()
) -> Iterator[tuple[str, Any]]:
    for name in names:
        value = getattr(options, name)
        if not any(value is other for other in or_else):
            yield name, value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _sendable(headers: Mapping[str, str] | None) -> None:
    if headers is not None and not isinstance(headers, Mapping):
        raise ConfigurationError(
            f"headers must be a mapping of names to values, not {type(headers).__name__}"
        )
    for name, content in (headers or {}).items():
        if not isinstance(name, str) or not isinstance(content, str):
            raise ConfigurationError("headers must be strings, names and values")
        if not is_header_name(name) or not is_header_value(content):
            raise ConfigurationError(
                f"headers: {name[:64]!r} or its value cannot stand in a header"
            )
        if name.lower() in {"host", "content-length", "transfer-encoding"}:
            raise ConfigurationError(
                f"headers cannot hold {name}: it belongs to the request itself"
            )
        if name.lower() == "authorization":
            raise ConfigurationError(
                "headers cannot hold Authorization: make another client for another key"
            )


class Timeouts(Discreet, msgspec.Struct, frozen=True, kw_only=True):
    """How long one attempt may take at each of its steps, in seconds; None is without end.

    The deadline of a call is something else: it bounds all attempts and waits together.

    Attributes:
        connect: Making a connection, TLS included.
        read: Waiting for the next part of an answer.
        write: Sending a part of the request.
        pool: Waiting for a free connection. None by default: the deadline bounds it.
    """

    connect: float | None = 5.0
    read: float | None = 20.0
    write: float | None = 20.0
    pool: float | None = None

    def __post_init__(self) -> None:
        _positive(self, "connect", "read", "write", "pool", or_else=(None,))


class RetryPolicy(Discreet, msgspec.Struct, frozen=True, kw_only=True):
    """When a failed attempt is followed by another. Which failures qualify is decided for each operation; see docs/limits.md.

    Attributes:
        max_attempts: Attempts of one call in all. 1 turns retries off.
        base_delay: The upper bound of the first wait, in seconds; it doubles with each attempt, and the wait is drawn between 0 and it.
        max_delay: No upper bound grows beyond this.
        max_retry_after: A `Retry-After` above this is not slept through: `RateLimitError` (or the error at hand) is raised at once.
        quota: Retries that this client may make in a row without successes between them, so that an outage is not made worse. Each retry
            takes one; each call that succeeds gives back `quota_refill`. None is without a bound.
        quota_refill: What a successful call gives back.
    """

    max_attempts: int = 4
    base_delay: float = 0.5
    max_delay: float = 8.0
    max_retry_after: float = 60.0
    quota: int | None = 100
    quota_refill: float = 0.2

    def __post_init__(self) -> None:
        _count(self, "max_attempts")
        _not_negative(self, "base_delay", "max_delay", "max_retry_after", "quota_refill")
        _count(self, "quota", or_else=(None,))


class RequestOptions(Discreet, msgspec.Struct, frozen=True, kw_only=True):
    """What one call does differently; anything left out is the client's.

    Attributes:
        timeouts: Timeouts of each attempt; None is without any.
        deadline: Seconds for the whole call, waits and retries included; None is without end.
        retry: The retry policy.
        max_attempts: Attempts in all; 1 turns retries off. It goes before `retry.max_attempts`.
        strict: Whether a response that differs from the schema is an error.
        headers: More headers to send. `Authorization` cannot be among them.
    """

    _unshown: ClassVar[frozenset[str]] = frozenset({"headers"})

    timeouts: Timeouts | Default | None = DEFAULT
    deadline: float | Default | None = DEFAULT
    retry: RetryPolicy | Default = DEFAULT
    max_attempts: int | Default = DEFAULT
    strict: bool | Default = DEFAULT
    headers: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        _a(Timeouts, self, "timeouts", or_else=(DEFAULT, None))
        _positive(self, "deadline", or_else=(DEFAULT, None))
        _a(RetryPolicy, self, "retry", or_else=(DEFAULT,))
        _count(self, "max_attempts", or_else=(DEFAULT,))
        _a(bool, self, "strict", or_else=(DEFAULT,))
        _sendable(self.headers)


class ClientOptions(Discreet, msgspec.Struct, frozen=True, kw_only=True):
    """Everything a client was built with, defaults filled in.

    Attributes:
        api_key: The secret key; in no repr.
        base_url: Where the API is, without a slash at the end: `https://eu.api.fpjs.io/v4`.
        timeouts: Timeouts of each attempt; None is without any.
        deadline: Seconds for a whole call; None is without end.
        retry: The retry policy.
        rate_limit: The rate limit.
        max_in_flight: Requests at a time. `DEFAULT` is what suits the transport; None is without a bound.
        strict: Whether responses that differ from the schema are errors.
        user_agent_suffix: Added to the User-Agent, for the service's logs.
        http_client: The caller's own `httpx.AsyncClient` to send with: never changed nor closed.
        transport: The caller's own `httpx.AsyncBaseTransport` (never closed), or `"fast"`.
        clock: Seconds that only go up.
        sleep: Waits for that many seconds.
        uniform: A random number between its two arguments, for jitter.
    """

    _unshown: ClassVar[frozenset[str]] = frozenset({"api_key", "clock", "sleep", "uniform"})

    api_key: str
    base_url: str
    timeouts: Timeouts | None = msgspec.field(default_factory=Timeouts)
    deadline: float | None = 60.0
    retry: RetryPolicy = msgspec.field(default_factory=RetryPolicy)
    rate_limit: RateLimit = msgspec.field(default_factory=RateLimit)
    max_in_flight: int | Default | None = DEFAULT
    strict: bool = False
    user_agent_suffix: str | None = None
    http_client: AsyncClient | None = None
    transport: AsyncBaseTransport | Literal["fast"] | None = None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    uniform: Callable[[float, float], float] = random.uniform

    def __post_init__(self) -> None:
        _positive(self, "deadline", or_else=(None,))
        _count(self, "max_in_flight", or_else=(DEFAULT, None))
        if self.http_client is not None and self.transport is not None:
            raise ConfigurationError("give http_client or transport, not both")
