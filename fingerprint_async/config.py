"""How a client behaves: frozen value objects, checked when they are made.

Times are in seconds, rates in requests per second, sizes in bytes.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable  # noqa: TC003 - attrs resolves annotations
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias

import attrs

from fingerprint_async._secret import Secret  # noqa: TC001 - attrs resolves annotations
from fingerprint_async._secret_forms import ask
from fingerprint_async._settings import (
    a_count,
    a_non_negative_number,
    a_positive_number,
    an_instance,
    has_method,
    header_pairs,
    is_header_value,
    kind_of,
    repr_of,
)
from fingerprint_async.errors import ConfigurationError
from fingerprint_async.hooks import Hooks

if TYPE_CHECKING:
    import ssl
    from os import PathLike

    import httpx
    import httpx2

    from fingerprint_async._address import Address, Proxy
    from fingerprint_async.ratelimit import RateLimit, RateLimiter

    HTTPClient: TypeAlias = httpx.AsyncClient | httpx2.AsyncClient
    Transport: TypeAlias = (
        httpx.AsyncBaseTransport | httpx2.AsyncBaseTransport | Literal["httpx", "httpx2", "fast"]
    )
    Verify: TypeAlias = str | PathLike[str] | Literal[True]


class URLObject(Protocol):
    """An object whose text is an address: of httpx, yarl, pydantic and others."""

    def __str__(self) -> str: ...


__all__ = ["DEFAULT", "ClientOptions", "RequestOptions", "RetryPolicy", "Timeouts"]


class _Default(Enum):
    DEFAULT = "DEFAULT"

    def __repr__(self) -> str:
        return self.name


Default: TypeAlias = Literal[_Default.DEFAULT]
DEFAULT: Final = _Default.DEFAULT
"""Stands for "what the client was given", where None means "none"."""

DEFAULT_DEADLINE_SECONDS: Final = 60.0
DEFAULT_MAX_RESPONSE_BYTES: Final = 64 * 1024 * 1024


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

    connect: float | None = attrs.field(default=5.0, validator=a_positive_number(or_else=(None,)))
    read: float | None = attrs.field(default=20.0, validator=a_positive_number(or_else=(None,)))
    write: float | None = attrs.field(default=20.0, validator=a_positive_number(or_else=(None,)))
    pool: float | None = attrs.field(default=None, validator=a_positive_number(or_else=(None,)))


NO_TIMEOUTS: Final = Timeouts(connect=None, read=None, write=None, pool=None)


def _timeouts(value: Any) -> Any:
    """Read `timeout`: a number bounds each step, None is without end."""
    if value is DEFAULT or isinstance(value, Timeouts):
        return value
    if value is None:
        return NO_TIMEOUTS
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigurationError(
            f"timeout must be a number of seconds, Timeouts or None, not {kind_of(value)}"
        )
    try:
        return Timeouts(connect=value, read=value, write=value, pool=value)
    except ConfigurationError:
        raise ConfigurationError("timeout must be a finite number above 0") from None


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """When a failed attempt is followed by another.

    Which failures qualify is decided for each operation; see docs/limits.md.

    Attributes:
        max_attempts: Attempts of one call in all. 1 turns retries off.
        base_delay: The upper bound of the first wait, in seconds. It doubles with each attempt, and
            the wait is drawn between 0 and it.
        max_delay: No upper bound grows beyond this.
        max_retry_after: A `Retry-After` above this is not slept through: the error is raised.
        quota: Retries that this client may make without successes between them, so that an outage
            is not made worse. Each retry takes one; each call that succeeds gives back
            `quota_refill`. None is without a bound.
        quota_refill: What a successful call gives back.
    """

    max_attempts: int = attrs.field(default=4, validator=a_count())
    base_delay: float = attrs.field(default=0.5, validator=a_non_negative_number)
    max_delay: float = attrs.field(default=8.0, validator=a_non_negative_number)
    max_retry_after: float = attrs.field(default=60.0, validator=a_non_negative_number)
    quota: int | None = attrs.field(default=100, validator=a_count(or_else=(None,)))
    quota_refill: float = attrs.field(default=0.2, validator=a_non_negative_number)


@attrs.frozen(kw_only=True, repr=False)
class RequestOptions:
    """What one call does differently; anything left out is the client's.

    Attributes:
        timeout: Seconds for each step of an attempt, or `Timeouts`; None is without end.
        deadline: Seconds for the whole call, waits and retries included; None is without end.
        max_retries: Attempts after the first; 0 turns retries off. It goes before the policy's
            `max_attempts`.
        retry: The retry policy.
        strict: Whether a response that differs from the schema is an error.
        headers: More headers to send. `Authorization` cannot be among them.
        priority: Calls of a higher priority pass waiting ones of a lower one at the rate limit.
    """

    timeout: Timeouts | Default = attrs.field(default=DEFAULT, converter=_timeouts)
    deadline: float | Default | None = attrs.field(
        default=DEFAULT, validator=a_positive_number(or_else=(DEFAULT, None))
    )
    max_retries: int | Default = attrs.field(
        default=DEFAULT, validator=a_count(least=0, or_else=(DEFAULT,))
    )
    retry: RetryPolicy | Default = attrs.field(
        default=DEFAULT, validator=an_instance(RetryPolicy, "a RetryPolicy", or_else=(DEFAULT,))
    )
    strict: bool | Default = attrs.field(
        default=DEFAULT, validator=an_instance(bool, "True or False", or_else=(DEFAULT,))
    )
    headers: tuple[tuple[str, str], ...] = attrs.field(
        default=None, converter=header_pairs, repr=False
    )
    priority: int = attrs.field(default=0, validator=a_count(least=-1000))

    def __repr__(self) -> str:
        return repr_of(self)


def _user_agent_suffix(_: object, __: object, value: Any) -> None:
    if value is None:
        return
    if not isinstance(value, str):
        raise ConfigurationError(f"user_agent_suffix must be a string, not {kind_of(value)}")
    if not is_header_value(value):
        raise ConfigurationError("user_agent_suffix holds characters that cannot stand in a header")


def _rate_limit(_: object, __: object, value: object) -> None:
    from fingerprint_async.ratelimit import RateLimit, RateLimiter

    if isinstance(value, RateLimit):
        return
    try:
        fits = not isinstance(value, type) and isinstance(value, RateLimiter)
    except Exception:  # noqa: BLE001 - an object of a caller's, which can raise anything
        fits = False
    if not fits:
        raise ConfigurationError(
            f"rate_limit must be a RateLimit, not {kind_of(value)}; a RateLimiter has acquire(), "
            "rate and aclose()"
        )


def _default_rate_limit() -> RateLimit:
    from fingerprint_async.ratelimit import RateLimit

    return RateLimit()


def _hooks(value: Any) -> Any:
    return Hooks() if value is None else value


def _http_client(_: object, __: object, value: Any) -> None:
    if value is not None and not has_method(value, "aclose"):
        raise ConfigurationError(
            f"http_client must be an httpx.AsyncClient or None, not {kind_of(value)}"
        )


_LONGEST_NAME: Final = 12


def _transport(_: object, __: object, value: object) -> None:
    if value is None or has_method(value, "handle_async_request"):
        return
    if not isinstance(value, str) or value not in {"httpx", "httpx2", "fast"}:
        # What is longer than any name was meant for another parameter, perhaps for the key.
        named = isinstance(value, str) and len(value) <= _LONGEST_NAME
        got = repr(value) if named else kind_of(value)
        raise ConfigurationError(
            f"transport must be 'httpx', 'httpx2', 'fast' or an httpx.AsyncBaseTransport, not {got}"
        )


def _proxy(value: Any) -> Proxy | None:
    from fingerprint_async._address import parse_proxy

    return None if value is None else parse_proxy(value, name="proxy")


_API_KEY: Final = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
"""What a bearer token may hold, by RFC 6750."""


def check_api_key(secret: Secret) -> Secret:
    """Return a secret API key that can stand in a header, or raise. No error holds any part of it.

    Raises:
        ConfigurationError: It is missing, empty, or holds other characters than keys do.
    """
    if has_method(secret.hidden, "get_secret_value"):
        secret = ask(secret)
        if secret.hidden is None:
            raise ConfigurationError("the secret API key: get_secret_value() failed")
    if secret.hidden is None:
        raise ConfigurationError(
            "no secret API key: pass api_key, or set FINGERPRINT_SECRET_API_KEY"
        )
    if not isinstance(secret.hidden, str):
        raise ConfigurationError(f"the secret API key is a string, got {kind_of(secret.hidden)}")
    if not secret.hidden:
        raise ConfigurationError(
            "the secret API key is empty: pass api_key, or set FINGERPRINT_SECRET_API_KEY"
        )
    if not _API_KEY.fullmatch(secret.reveal_text()):
        raise ConfigurationError(
            "the secret API key holds quotes, white space or other characters that keys do not "
            "have; was it read with its line's end, or in quotes?"
        )
    return secret


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ClientOptions:
    """Everything a client was built with, defaults filled in.

    Attributes:
        api_key: The secret key, wrapped: nothing shows it.
        base_url: Where the API is, parsed and normalised.
        timeout: Timeouts of each attempt.
        deadline: Seconds for a whole call; None is without end.
        max_retries: Attempts after the first; None is what `retry` says.
        retry: The retry policy.
        rate_limit: The rate limit, or a limiter of the caller's.
        max_in_flight: Requests at a time. `DEFAULT` suits the transport; None is without a bound.
        max_response_bytes: What an answer's body may hold, inflated.
        strict: Whether responses that differ from the schema are errors.
        default_headers: Headers that every request carries.
        user_agent_suffix: Added to the User-Agent, for the service's logs.
        proxy: The proxy to send through; None is what the environment says.
        verify: True, or the path of a file of certificates to trust.
        ssl_context: The TLS settings of the caller.
        http_client: The caller's own client to send with: never changed nor closed.
        transport: What sends: a name, or a transport of the caller's, never closed.
        hooks: What is told about attempts and calls.
        allow_insecure_http: Whether the key may travel in the clear.
        clock: Seconds that only go up.
        sleep: Waits for that many seconds.
        uniform: A random number between its two arguments, for jitter.
    """

    api_key: Secret
    base_url: Address
    timeout: Timeouts = attrs.field(factory=Timeouts, converter=_timeouts)
    deadline: float | None = attrs.field(
        default=DEFAULT_DEADLINE_SECONDS, validator=a_positive_number(or_else=(None,))
    )
    max_retries: int | None = attrs.field(default=None, validator=a_count(least=0, or_else=(None,)))
    retry: RetryPolicy = attrs.field(
        factory=RetryPolicy, validator=an_instance(RetryPolicy, "a RetryPolicy")
    )
    rate_limit: RateLimit | RateLimiter = attrs.field(
        factory=_default_rate_limit, validator=_rate_limit
    )
    max_in_flight: int | Default | None = attrs.field(
        default=DEFAULT, validator=a_count(or_else=(DEFAULT, None))
    )
    max_response_bytes: int = attrs.field(default=DEFAULT_MAX_RESPONSE_BYTES, validator=a_count())
    strict: bool = attrs.field(default=False, validator=an_instance(bool, "True or False"))
    default_headers: tuple[tuple[str, str], ...] = attrs.field(
        default=None, converter=header_pairs, repr=False
    )
    user_agent_suffix: str | None = attrs.field(default=None, validator=_user_agent_suffix)
    proxy: Proxy | None = attrs.field(default=None, converter=_proxy, repr=False)
    verify: Verify = attrs.field(default=True)
    ssl_context: ssl.SSLContext | None = attrs.field(default=None, repr=False)
    http_client: HTTPClient | None = attrs.field(default=None, validator=_http_client)
    transport: Transport | None = attrs.field(default=None, validator=_transport)
    hooks: Hooks = attrs.field(
        factory=Hooks,
        converter=_hooks,
        validator=an_instance(Hooks, "Hooks or None"),
    )
    allow_insecure_http: bool = attrs.field(
        default=False, validator=an_instance(bool, "True or False")
    )
    clock: Callable[[], float] = attrs.field(default=time.monotonic, repr=False)
    sleep: Callable[[float], Awaitable[None]] = attrs.field(default=asyncio.sleep, repr=False)
    uniform: Callable[[float, float], float] = attrs.field(default=random.uniform, repr=False)

    def __repr__(self) -> str:
        return repr_of(self)
