# Annotations bind no caller at run time.
# pyright: reportUnnecessaryIsInstance=false
"""`FingerprintClient`: its settings, its lifetime, its resources."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final, Self

import attrs

from fingerprint_async._address import parse_base_url
from fingerprint_async._http.lifetime import Lifetime
from fingerprint_async._http.pipeline import Pipeline
from fingerprint_async._http.tls import check_tls
from fingerprint_async._secret import Secret
from fingerprint_async._settings import kind_of
from fingerprint_async.config import DEFAULT, ClientOptions, check_api_key
from fingerprint_async.errors import ClientStateError, ConfigurationError
from fingerprint_async.regions import REGION_NAMES, Region
from fingerprint_async.resources.edge import Edge
from fingerprint_async.resources.events import Events
from fingerprint_async.resources.visitors import Visitors

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from types import TracebackType

    from fingerprint_async._address import Address
    from fingerprint_async._secret_forms import HasSecretValue
    from fingerprint_async._stats import ClientStats
    from fingerprint_async.config import (
        Default,
        HTTPClient,
        RetryPolicy,
        Timeouts,
        Transport,
        URLObject,
        Verify,
    )
    from fingerprint_async.hooks import Hooks
    from fingerprint_async.ratelimit import RateLimit, RateLimiter

__all__ = ["FingerprintClient"]

API_KEY_VARIABLE: Final = "FINGERPRINT_SECRET_API_KEY"
REGION_VARIABLE: Final = "FINGERPRINT_REGION"
BASE_URL_VARIABLE: Final = "FINGERPRINT_BASE_URL"


class FingerprintClient:
    """A client of the Server API, for one workspace. Make one and keep it: it holds connections.

    ```python
    async with FingerprintClient(region="eu") as client:
        event = await client.events.get("1708102555327.NLOjmg")
    ```

    Where `async with` does not fit, use it as it is and `await client.aclose()` at the end. It
    opens on the first call, in that call's event loop, and belongs to that loop from then on. Calls
    may run side by side without end: the rate limit and the bound of requests in flight hold them
    back.

    Args:
        api_key: The workspace's secret API key, a text or an object with `get_secret_value()`. Left
            out, it is read from `FINGERPRINT_SECRET_API_KEY`.
        region: Where the workspace lives: a `Region`, or one of its names in any case: `us`
            (`global`), `eu` (`europe`), `ap` (`asia`).
        base_url: Another address to send to, up to and with `/v4`, in place of a region: an
            emulator, a proxy of your own. A text or a URL object. With neither, both are read from
            `FINGERPRINT_REGION` and `FINGERPRINT_BASE_URL`, of which one at most may be set; with
            none at all the region is `us`. Once one of the two is an argument, neither variable is
            read.
        timeout: Seconds that each step of an attempt may take, or `Timeouts`; None is without end.
            By default 5 s to connect, 20 s each to send and to wait for the next part of an answer.
        deadline: Seconds for a whole call, waits and retries included; None is without end. 60 by
            default.
        max_retries: Attempts after the first; 0 turns retries off. It goes before the policy's
            `max_attempts`.
        retry: When a failed attempt is followed by another. By default 4 attempts at most.
        rate_limit: How many requests leave this process, or a `RateLimiter` of your own. The
            default is the service's own: 5 a second, bursts of 15.
        max_in_flight: Requests on the way at a time; None is without a bound. The default suits
            the transport.
        max_response_bytes: The most that a response's body may hold, inflated: 64 MiB by default.
        strict: Raise for a response that differs from the schema, instead of keeping what it holds.
        default_headers: Headers that every request carries.
        user_agent_suffix: Added to the User-Agent, so that the service's logs can tell your
            applications apart.
        proxy: A proxy to send through: `http://…`, `https://…`, `socks5://…`. Left out, the
            environment names it (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`), except for this machine.
        verify: The path of a file of certificates to trust in place of the usual ones; with
            `transport="fast"`, besides them.
        ssl_context: Your own TLS settings, which must check certificates; not with
            `transport="fast"`.
        http_client: Your own `AsyncClient` of httpx or httpx2, for its connections: its transports,
            proxies, mounts and TLS settings are used. Its headers, cookies, authentication, hooks,
            timeouts and base URL are not, and it is neither changed nor closed.
        transport: What sends: `"httpx"` (the default), `"httpx2"`, `"fast"` (extra `fast`), or your
            own transport of httpx or httpx2, never closed here (a test's mock, the emulator).
        hooks: Functions that are told of every attempt and every call.
        allow_insecure_http: Let the key travel in the clear to another machine: for an emulator in
            another container. To this machine it is always allowed.

    Attributes:
        events: Read, change and search events.
        visitors: Delete what is known about a visitor.
        edge: Analyse a request that your server received.

    Raises:
        ConfigurationError: A setting is missing, unknown or contradicts another; nothing was sent.
    """

    def __init__(
        self,
        api_key: str | HasSecretValue | None = None,
        *,
        region: Region | str | None = None,
        base_url: str | URLObject | None = None,
        timeout: float | Timeouts | Default | None = DEFAULT,
        deadline: float | Default | None = DEFAULT,
        max_retries: int | None = None,
        retry: RetryPolicy | Default = DEFAULT,
        rate_limit: RateLimit | RateLimiter | Default = DEFAULT,
        max_in_flight: int | Default | None = DEFAULT,
        max_response_bytes: int | Default = DEFAULT,
        strict: bool = False,
        default_headers: Mapping[str, str] | None = None,
        user_agent_suffix: str | None = None,
        proxy: str | URLObject | None = None,
        verify: Verify = True,
        ssl_context: ssl.SSLContext | None = None,
        http_client: HTTPClient | None = None,
        transport: Transport | None = None,
        hooks: Hooks | None = None,
        allow_insecure_http: bool = False,
    ) -> None:
        # Wrapped before anything can raise: no frame of an error shows it.
        secret = Secret(os.environ.get(API_KEY_VARIABLE) if api_key is None else api_key)
        api_key = None
        where, address = _where(region, base_url, allow_insecure_http=allow_insecure_http)
        settings: dict[str, Any] = {
            "timeout": timeout,
            "deadline": deadline,
            "max_retries": max_retries,
            "retry": retry,
            "rate_limit": rate_limit,
            "max_in_flight": max_in_flight,
            "max_response_bytes": max_response_bytes,
            "strict": strict,
            "default_headers": default_headers,
            "user_agent_suffix": user_agent_suffix,
            "proxy": proxy,
            "verify": verify,
            "ssl_context": ssl_context,
            "http_client": http_client,
            "transport": transport,
            "hooks": hooks,
            "allow_insecure_http": allow_insecure_http,
        }
        given = {name: value for name, value in settings.items() if value is not DEFAULT}
        key = check_api_key(secret)
        self._set_up(where, ClientOptions(api_key=key, base_url=address, **given), None)

    def _set_up(
        self, region: Region | None, options: ClientOptions, lifetime: Lifetime | None
    ) -> None:
        _check_together(options)
        self._region = region
        self._options = options
        self._shares = lifetime is not None
        self._lifetime = Lifetime(options) if lifetime is None else lifetime
        self._pipeline = Pipeline(options, self._lifetime)
        self._entered = False
        self.events = Events(self._pipeline)
        self.visitors = Visitors(self._pipeline)
        self.edge = Edge(self._pipeline)

    @property
    def region(self) -> Region | None:
        """The region; None when a `base_url` stands in its place."""
        return self._region

    @property
    def base_url(self) -> str:
        """The address that the paths of operations are appended to."""
        return str(self._options.base_url)

    @property
    def options(self) -> ClientOptions:
        """Everything that the client was built with, defaults filled in."""
        return self._options

    @property
    def stats(self) -> ClientStats:
        """What this client did so far: calls, requests, retries, 429s, waits. A snapshot."""
        return self._pipeline.stats

    @property
    def is_closed(self) -> bool:
        """Whether the client was closed, or the one whose connections it shares."""
        return self._pipeline.is_closed or self._lifetime.is_closed

    def with_options(
        self,
        *,
        api_key: str | HasSecretValue | Default = DEFAULT,
        region: Region | str | Default | None = DEFAULT,
        base_url: str | URLObject | Default | None = DEFAULT,
        timeout: float | Timeouts | Default | None = DEFAULT,
        deadline: float | Default | None = DEFAULT,
        max_retries: int | Default | None = DEFAULT,
        retry: RetryPolicy | Default = DEFAULT,
        rate_limit: RateLimit | RateLimiter | Default = DEFAULT,
        max_in_flight: int | Default | None = DEFAULT,
        max_response_bytes: int | Default = DEFAULT,
        strict: bool | Default = DEFAULT,
        default_headers: Mapping[str, str] | Default | None = DEFAULT,
        user_agent_suffix: str | Default | None = DEFAULT,
        proxy: str | URLObject | Default | None = DEFAULT,
        verify: Verify | Default = DEFAULT,
        ssl_context: ssl.SSLContext | Default | None = DEFAULT,
        http_client: HTTPClient | Default | None = DEFAULT,
        transport: Transport | Default | None = DEFAULT,
        hooks: Hooks | Default | None = DEFAULT,
        allow_insecure_http: bool | Default = DEFAULT,
    ) -> Self:
        """Make a client that differs in what is given: any argument of the constructor.

        Where both send the same way to the same host, the new client shares this one's connections:
        closing the new one leaves them open, closing this one closes both. Else it has its own, and
        is closed on its own. `region` replaces a `base_url`, and `transport` an `http_client`, and
        the other way round; None for `region` or `base_url` changes nothing.

        Raises:
            ConfigurationError: As the constructor.
            ClientStateError: This client is closed.
        """
        key = self._options.api_key if api_key is DEFAULT else Secret(api_key)
        # From here on no frame holds it unwrapped.
        api_key = DEFAULT
        settings: dict[str, Any] = {
            "timeout": timeout,
            "deadline": deadline,
            "max_retries": max_retries,
            "retry": retry,
            "rate_limit": rate_limit,
            "max_in_flight": max_in_flight,
            "max_response_bytes": max_response_bytes,
            "strict": strict,
            "default_headers": default_headers,
            "user_agent_suffix": user_agent_suffix,
            "proxy": proxy,
            "verify": verify,
            "ssl_context": ssl_context,
            "http_client": http_client,
            "transport": transport,
            "hooks": hooks,
            "allow_insecure_http": allow_insecure_http,
        }
        changes = {name: value for name, value in settings.items() if value is not DEFAULT}
        if self.is_closed:
            raise ClientStateError("with_options() was called on a closed client")
        if changes.keys() & {"http_client", "transport"}:
            changes = {"http_client": None, "transport": None, **changes}
        insecure: Any = changes.get("allow_insecure_http", self._options.allow_insecure_http)
        moves = [None if place is DEFAULT else place for place in (region, base_url)]
        where, address = self._region, self._options.base_url
        # None for both would be the default region: another continent than this client's.
        if any(place is not None for place in moves):
            where, address = _where(*moves, allow_insecure_http=insecure)
        else:
            parse_base_url(str(address), allow_insecure_http=insecure)
        options = attrs.evolve(
            self._options, api_key=check_api_key(key), base_url=address, **changes
        )
        client = type(self).__new__(type(self))
        shared = self._lifetime if _sends_by(options) == _sends_by(self._options) else None
        client._set_up(where, options, shared)  # noqa: SLF001 - its own class
        return client

    async def __aenter__(self) -> Self:
        """Open the client in this event loop."""
        if self._entered:
            raise ClientStateError("the client was entered before; make another one")
        self._pipeline.open()
        self._entered = True
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the client."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close the client and its connections. Calls that still run end with `ClientStateError`.

        Closing twice is allowed, and so is closing after the client's event loop has ended.

        Raises:
            ClientStateError: The client belongs to another event loop, which still runs: its
                connections have to be closed there.
        """
        if self._pipeline.is_closed:
            return
        if not self._lifetime.is_closed and not self._lifetime.is_lost:
            self._lifetime.check()
        try:
            await self._pipeline.aclose()
        finally:
            if not self._shares:
                await self._lifetime.aclose()

    def __repr__(self) -> str:
        if "_pipeline" not in self.__dict__:
            # In a traceback of the constructor.
            return f"<{type(self).__name__} not made>"
        where = f"region={str(self._region)!r}" if self._region else f"base_url={self.base_url!r}"
        state = "open" if self._pipeline.is_open else "unopened"
        if self.is_closed:
            state = "closed"
        return f"<{type(self).__name__} {where} api_key='…' {state}>"


def _where(
    region: object, base_url: object, *, allow_insecure_http: bool
) -> tuple[Region | None, Address]:
    """Return where to send to: the arguments, or else what the environment says."""
    names = "region and base_url"
    if region is None and base_url is None:
        region = os.environ.get(REGION_VARIABLE) or None
        base_url = os.environ.get(BASE_URL_VARIABLE) or None
        names = f"{REGION_VARIABLE} and {BASE_URL_VARIABLE}"
    if region is not None and base_url is not None:
        raise ConfigurationError(
            f"{names} exclude each other: a base URL stands in place of a region"
        )
    if not isinstance(allow_insecure_http, bool):
        raise ConfigurationError(
            f"allow_insecure_http must be True or False, not {kind_of(allow_insecure_http)}"
        )
    if base_url is not None:
        return None, parse_base_url(base_url, allow_insecure_http=allow_insecure_http)
    if not isinstance(region, str | None):
        raise ConfigurationError(
            f"unknown region of type {kind_of(region)}: use one of {REGION_NAMES}"
        )
    try:
        found = Region.US if region is None else Region(region)
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
    return found, parse_base_url(found.base_url, allow_insecure_http=False)


def _check_together(options: ClientOptions) -> None:
    """Raise for settings that contradict each other."""
    check_tls(options)
    if options.http_client is not None and options.transport is not None:
        raise ConfigurationError("give http_client or transport, not both")
    own = options.http_client is not None or not isinstance(options.transport, str | None)
    if own and (options.proxy or options.ssl_context or options.verify is not True):
        raise ConfigurationError(
            "proxy, verify and ssl_context are settings of connections made here: "
            "set them on your own http_client or transport"
        )


def _sends_by(options: ClientOptions) -> object:
    """Return what decides over connections: the caller's own, or how they are made and to where."""
    bounds = (options.max_response_bytes, options.allow_insecure_http)
    own = options.http_client or options.transport
    if not isinstance(own, str | None):
        return (id(own), options.base_url.scheme, *bounds)
    return (
        options.transport or "httpx",
        options.base_url.origin,
        options.proxy,
        options.verify,
        options.ssl_context,
        *bounds,
    )
