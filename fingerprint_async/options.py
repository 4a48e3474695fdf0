"""How a client behaves: frozen objects, checked when they are made. Times are in seconds, rates in requests per second."""

from __future__ import annotations

import asyncio
import math
import random
import re
import time
from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import attrs

from fingerprint_async.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpx

__all__ = ["DEFAULT", "ClientOptions", "RateLimit", "RequestOptions", "RetryPolicy", "Timeouts"]


class _Default(Enum):
    DEFAULT = "DEFAULT"

    def __repr__(self) -> str:
        return self.name


Default: TypeAlias = Literal[_Default.DEFAULT]
DEFAULT: Final = _Default.DEFAULT
"""Stands for "what the client was given", where None means "none"."""


def is_header_value(text: str) -> bool:
    """Whether a text can stand in a header: printable ASCII, on one line."""
    return text.isascii() and text.isprintable()


def _positive(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is None or value is DEFAULT:
        return
    if isinstance(value, bool) or not isinstance(value, int | float) or not (0 < value < math.inf):
        raise ConfigurationError(f"{attribute.name} must be a finite number above 0, not {value!r}")


def _not_negative(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not (0 <= value < math.inf):
        raise ConfigurationError(f"{attribute.name} must be a finite number, 0 or above, not {value!r}")


def _count(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is None or value is DEFAULT:
        return
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigurationError(f"{attribute.name} must be a whole number, 1 or above, not {value!r}")


def _mode(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value not in {"fixed", "adaptive", "off"}:
        raise ConfigurationError(f"{attribute.name} must be fixed, adaptive or off, not {value!r}")


def _sendable(_: object, __: object, value: Mapping[str, str] | None) -> None:
    if value is not None and not isinstance(value, Mapping):
        raise ConfigurationError(f"headers must be a mapping of names to values, not {type(value).__name__}")
    for name, content in (value or {}).items():
        if not isinstance(name, str) or not isinstance(content, str):
            raise ConfigurationError("headers must be strings, names and values")
        if not re.fullmatch(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", name) or not is_header_value(content):
            raise ConfigurationError(f"headers: {name[:64]!r} or its value cannot stand in a header")
        if name.lower() in {"host", "content-length", "transfer-encoding"}:
            raise ConfigurationError(f"headers cannot hold {name}: it belongs to the request itself")
        if name.lower() == "authorization":
            raise ConfigurationError("headers cannot hold Authorization: make another client for another key")


def _a(*kinds: type) -> Callable[[object, attrs.Attribute[Any], object], None]:
    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if value is not DEFAULT and not isinstance(value, kinds):
            names = " or ".join("None" if kind is type(None) else kind.__name__ for kind in kinds)
            raise ConfigurationError(f"{attribute.name} must be {names}, not {value!r}")

    return check


@attrs.frozen(kw_only=True)
class Timeouts:
    """How long one attempt may take at each of its steps, in seconds; None is without end.

    The deadline of a call is something else: it bounds all attempts and waits together.

    Attributes:
        connect: Making a connection, TLS included.
        read: Waiting for the next part of an answer.
        write: Sending a part of the request.
        pool: Waiting for a free connection. None by default: the deadline bounds it.
    """

    connect: float | None = attrs.field(default=5.0, validator=_positive)
    read: float | None = attrs.field(default=20.0, validator=_positive)
    write: float | None = attrs.field(default=20.0, validator=_positive)
    pool: float | None = attrs.field(default=None, validator=_positive)


@attrs.frozen(kw_only=True)
class RetryPolicy:
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

    max_attempts: int = attrs.field(default=4, validator=_count)
    base_delay: float = attrs.field(default=0.5, validator=_not_negative)
    max_delay: float = attrs.field(default=8.0, validator=_not_negative)
    max_retry_after: float = attrs.field(default=60.0, validator=_not_negative)
    quota: int | None = attrs.field(default=100, validator=_count)
    quota_refill: float = attrs.field(default=0.2, validator=_not_negative)


@attrs.frozen(kw_only=True)
class RateLimit:
    """How many requests leave this process (or, with `shared`, all processes).

    The service counts requests of a workspace in a token bucket, all endpoints together: 5 a second with bursts of 15, unless the plan says
    otherwise. `RateLimit()` is that; `RateLimit(requests_per_second=50)` is a larger plan; `RateLimit.adaptive()` finds out;
    `RateLimit.off()` does not limit. All clients with the same key and base URL in a process share one bucket.

    Attributes:
        requests_per_second: The rate at which the bucket fills.
        burst: What the bucket holds. Three times the rate unless given.
        search: A bucket of its own for `events.search`, for workspaces whose plan counts searches apart. Else one bucket serves all.
        shared: Where processes keep one bucket together: a `redis://` address, or a `redis.asyncio.Redis`. Needs the `redis` extra.
        mode: `fixed`, `adaptive` or `off`; made by the constructor and the two class methods.
    """

    requests_per_second: float = attrs.field(default=5.0, validator=_positive)
    burst: float | None = attrs.field(default=None, validator=_positive)
    search: RateLimit | None = None
    shared: Any = attrs.field(default=None, repr=False)
    mode: Literal["fixed", "adaptive", "off"] = attrs.field(default="fixed", validator=_mode)

    def __attrs_post_init__(self) -> None:
        if self.shared is not None and self.mode != "fixed":
            raise ConfigurationError("only a limit that is known can be shared: give requests_per_second")

    @property
    def capacity(self) -> float:
        """What the bucket holds."""
        return max(1.0, 3.0 * self.requests_per_second if self.burst is None else self.burst)

    @classmethod
    def off(cls) -> RateLimit:
        """No limit on this side: requests go as they come. A 429 still pauses."""
        return cls(mode="off")

    @classmethod
    def adaptive(cls, *, start: float = 5.0) -> RateLimit:
        """Find the limit and follow it when it changes, from the 429s alone.

        Args:
            start: Requests per second to begin with.
        """
        return cls(requests_per_second=start, mode="adaptive")


@attrs.frozen(kw_only=True)
class RequestOptions:
    """What one call does differently; anything left out is the client's.

    Attributes:
        timeouts: Timeouts of each attempt; None is without any.
        deadline: Seconds for the whole call, waits and retries included; None is without end.
        retry: The retry policy.
        max_attempts: Attempts in all; 1 turns retries off. It goes before `retry.max_attempts`.
        strict: Whether a response that differs from the schema is an error.
        headers: More headers to send. `Authorization` cannot be among them.
    """

    timeouts: Timeouts | Default | None = attrs.field(default=DEFAULT, validator=_a(Timeouts, type(None)))
    deadline: float | Default | None = attrs.field(default=DEFAULT, validator=_positive)
    retry: RetryPolicy | Default = attrs.field(default=DEFAULT, validator=_a(RetryPolicy))
    max_attempts: int | Default = attrs.field(default=DEFAULT, validator=_count)
    strict: bool | Default = attrs.field(default=DEFAULT, validator=_a(bool))
    headers: Mapping[str, str] | None = attrs.field(default=None, repr=False, validator=_sendable)


@attrs.frozen(kw_only=True)
class ClientOptions:
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

    api_key: str = attrs.field(repr=False)
    base_url: str
    timeouts: Timeouts | None = attrs.field(factory=Timeouts)
    deadline: float | None = attrs.field(default=60.0, validator=_positive)
    retry: RetryPolicy = attrs.field(factory=RetryPolicy)
    rate_limit: RateLimit = attrs.field(factory=RateLimit)
    max_in_flight: int | Default | None = attrs.field(default=DEFAULT, validator=_count)
    strict: bool = False
    user_agent_suffix: str | None = None
    http_client: httpx.AsyncClient | None = None
    transport: httpx.AsyncBaseTransport | Literal["fast"] | None = None
    clock: Callable[[], float] = attrs.field(default=time.monotonic, repr=False)
    sleep: Callable[[float], Awaitable[None]] = attrs.field(default=asyncio.sleep, repr=False)
    uniform: Callable[[float, float], float] = attrs.field(default=random.uniform, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.http_client is not None and self.transport is not None:
            raise ConfigurationError("give http_client or transport, not both")
