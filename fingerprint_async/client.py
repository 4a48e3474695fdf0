"""`FingerprintClient`: its settings, its lifetime, its resources."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal, Self
from urllib.parse import urlsplit

from fingerprint_async._arguments import (
    API_KEY_VARIABLE,
    BASE_URL_VARIABLE,
    REGION_VARIABLE,
    check_api_key,
    check_base_url,
    check_region,
    check_settings,
)
from fingerprint_async._session import Session, State
from fingerprint_async.edge import Edge
from fingerprint_async.errors import ClientStateError, ConfigurationError
from fingerprint_async.events import Events
from fingerprint_async.options import DEFAULT, ClientOptions
from fingerprint_async.regions import Region
from fingerprint_async.visitors import Visitors

if TYPE_CHECKING:
    from types import TracebackType

    import httpx

    from fingerprint_async._pool import Pool
    from fingerprint_async._stats import ClientStats
    from fingerprint_async.options import Default, RateLimit, RetryPolicy, Timeouts

__all__ = ["FingerprintClient"]


class FingerprintClient:
    """A client of the Server API, for one workspace. Make one and keep it: it holds the connections.

    ```python
    async with FingerprintClient(region="eu") as client:
        event = await client.events.get("1708102555327.NLOjmg")
    ```

    Where `async with` does not fit, use it as it is and `await client.aclose()` at the end. It opens on the
    first call, in that call's event loop, and belongs to that loop from then on. Calls may run side by side
    without end: rate limit and in-flight gate hold them back.

    Args:
        api_key: The workspace's secret API key. Left out, it is read from `FINGERPRINT_SECRET_API_KEY`.
        region: Where the workspace lives: a `Region`, or one of its names in any case: `us` (`global`),
            `eu` (`europe`), `ap` (`asia`).
        base_url: Another address to send to, up to and with `/v4`, in place of a region: an emulator, a
            proxy of your own. With neither, both are read from `FINGERPRINT_REGION` and
            `FINGERPRINT_BASE_URL`, of which one at most may be set; with none at all the region is `us`.
            Once one of the two is an argument, neither variable is looked at.
        timeouts: How long the steps of one attempt may take; None is without end. By default 5 s to connect,
            20 s each to send and to wait for the next part of an answer.
        deadline: Seconds for a whole call, waits and retries included; None is without end. 60 by default.
        retry: When a failed attempt is followed by another. By default there are 4 attempts at most.
        rate_limit: How many requests leave this process. The default is the service's own: 5 a second,
            bursts of 15.
        max_in_flight: Requests on the way at a time; None is without a bound. The default suits the
            transport.
        strict: Raise `DecodeError` for a response that differs from the schema, instead of keeping what it
            holds.
        http_client: Your own `httpx.AsyncClient`, for its connections: its transports, proxies, mounts and
            TLS settings are used. Its headers, cookies, authentication, hooks, timeouts and base URL are
            not, and it is neither changed nor closed.
        transport: Your own `httpx.AsyncBaseTransport` to send with, never closed here (a test's mock, the
            emulator in process); or `"fast"` for the transport of the `fast` extra.
        user_agent_suffix: Added to the User-Agent, so that the service's logs can tell your applications
            apart.
        allow_insecure_http: Let `base_url` be plain http to another machine. The key is then sent in the
            clear: for an emulator in another container. To this machine it is always allowed.

    Attributes:
        events: Read, change and search events.
        visitors: Delete what is known about a visitor.
        edge: Analyse a request that your server received.

    Raises:
        ConfigurationError: A setting is missing, unknown or contradicts another; nothing was sent.
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        region: Region | str | None = None,
        base_url: str | None = None,
        timeouts: Timeouts | Default | None = DEFAULT,
        deadline: float | Default | None = DEFAULT,
        retry: RetryPolicy | Default = DEFAULT,
        rate_limit: RateLimit | Default = DEFAULT,
        max_in_flight: int | Default | None = DEFAULT,
        strict: bool = False,
        http_client: httpx.AsyncClient | None = None,
        transport: httpx.AsyncBaseTransport | Literal["fast"] | None = None,
        user_agent_suffix: str | None = None,
        allow_insecure_http: bool = False,
    ) -> None:
        self._arguments: dict[str, Any] = {
            "api_key": api_key,
            "region": region,
            "base_url": base_url,
            "timeouts": timeouts,
            "deadline": deadline,
            "retry": retry,
            "rate_limit": rate_limit,
            "max_in_flight": max_in_flight,
            "strict": strict,
            "http_client": http_client,
            "transport": transport,
            "user_agent_suffix": user_agent_suffix,
            "allow_insecure_http": allow_insecure_http,
        }
        self._region, self._options = _resolve(**self._arguments)
        self._entered = False
        self._connect(None)

    def _connect(self, pool: Pool | None) -> None:
        self._session = Session(self._options, pool)
        self.events = Events(self._session)
        self.visitors = Visitors(self._session)
        self.edge = Edge(self._session)

    @property
    def region(self) -> Region | None:
        """The region; None when a `base_url` stands in its place."""
        return self._region

    @property
    def base_url(self) -> str:
        """The address that the paths of operations are appended to."""
        return self._options.base_url

    @property
    def options(self) -> ClientOptions:
        """Everything that the client was built with, defaults filled in."""
        return self._options

    @property
    def stats(self) -> ClientStats:
        """What this client did so far: calls, requests, retries, 429s, waits. A snapshot."""
        return self._session.stats

    @property
    def is_closed(self) -> bool:
        """Whether the client was closed, or the one whose connections it shares."""
        return self._session.state is State.CLOSED

    def with_options(
        self,
        *,
        api_key: str | Default = DEFAULT,
        region: Region | str | Default | None = DEFAULT,
        base_url: str | Default | None = DEFAULT,
        timeouts: Timeouts | Default | None = DEFAULT,
        deadline: float | Default | None = DEFAULT,
        retry: RetryPolicy | Default = DEFAULT,
        rate_limit: RateLimit | Default = DEFAULT,
        max_in_flight: int | Default | None = DEFAULT,
        strict: bool | Default = DEFAULT,
        http_client: httpx.AsyncClient | Default | None = DEFAULT,
        transport: httpx.AsyncBaseTransport | Literal["fast"] | Default | None = DEFAULT,
        user_agent_suffix: str | Default | None = DEFAULT,
        allow_insecure_http: bool | Default = DEFAULT,
    ) -> FingerprintClient:
        """Make a client that differs in what is given: any argument of the constructor.

        Where both send the same way to the same host, the new client shares this one's connections: closing
        the new one leaves them open, closing this one closes both. Else it has its own, and is closed on its
        own. `region` replaces a `base_url`, and `transport` an `http_client`, and the other way round; None for
        `region` or `base_url` changes nothing.

        Raises:
            ConfigurationError: As the constructor.
            ClientStateError: This client is closed.
        """
        changes: dict[str, Any] = {
            name: value
            for name, value in {
                "api_key": api_key,
                "region": region,
                "base_url": base_url,
                "timeouts": timeouts,
                "deadline": deadline,
                "retry": retry,
                "rate_limit": rate_limit,
                "max_in_flight": max_in_flight,
                "strict": strict,
                "http_client": http_client,
                "transport": transport,
                "user_agent_suffix": user_agent_suffix,
                "allow_insecure_http": allow_insecure_http,
            }.items()
            if value is not DEFAULT
        }
        if self.is_closed:
            raise ClientStateError("with_options() was called on a closed client")
        inherited = {
            "api_key": self._options.api_key,
            **_where(self._region, self._options.base_url),
        }
        # None for both would be the default region: another continent than the one this client was told.
        moves: dict[str, Any] = {
            name: changes.pop(name) for name in ("region", "base_url") if name in changes
        }
        if any(value is not None for value in moves.values()):
            inherited |= {"region": None, "base_url": None, **moves}
        if changes.keys() & {"http_client", "transport"}:
            inherited |= {"http_client": None, "transport": None}
        client = type(self)(**{**self._arguments, **inherited, **changes})
        if _sends_by(client.options) == _sends_by(self._options):
            client._connect(self._session.pool)  # noqa: SLF001 - its own class
        return client

    async def __aenter__(self) -> Self:
        """Open the client in this event loop."""
        if self._entered:
            raise ClientStateError(
                "the client was entered before; make another one for another `async with`"
            )
        self._session.open()
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

        Closing twice is allowed.

        Raises:
            ClientStateError: The client belongs to another event loop, where its connections have to be
                closed.
        """
        await self._session.aclose()

    def __repr__(self) -> str:
        where = (
            f"region={str(self._region)!r}"
            if self._region
            else f"base_url={self._options.base_url!r}"
        )
        return f"<{type(self).__name__} {where} api_key='…' {self._session.state.value}>"


def _resolve(
    *,
    api_key: str | None,
    region: Region | str | None,
    base_url: str | None,
    allow_insecure_http: bool,
    **settings: Any,
) -> tuple[Region | None, ClientOptions]:
    """Check the constructor's arguments and fill in what the environment says."""
    if api_key is None:
        api_key = os.environ.get(API_KEY_VARIABLE)
        if api_key is None:
            raise ConfigurationError(f"no secret API key: pass api_key, or set {API_KEY_VARIABLE}")
    key = check_api_key(api_key)
    names = "region and base_url"
    if region is None and base_url is None:
        region = os.environ.get(REGION_VARIABLE) or None
        base_url = os.environ.get(BASE_URL_VARIABLE) or None
        names = f"{REGION_VARIABLE} and {BASE_URL_VARIABLE}"
    if region is not None and base_url is not None:
        raise ConfigurationError(
            f"{names} exclude each other: a base URL stands in place of a region"
        )
    check_settings({**settings, "allow_insecure_http": allow_insecure_http})
    found = None
    if base_url is None:
        found = Region.US if region is None else check_region(region)
        base_url = found.base_url
    options = ClientOptions(
        api_key=key,
        base_url=check_base_url(base_url, allow_insecure_http=allow_insecure_http),
        **{name: value for name, value in settings.items() if value is not DEFAULT},
    )
    return found, options


def _sends_by(options: ClientOptions) -> object:
    """Give what decides over connections: the caller's own, or by certificates and proxies the host."""
    own = options.http_client or (None if options.transport == "fast" else options.transport)
    # Connections made here know the certificates and the proxy of their host, or that there are none.
    return own or (options.transport, *urlsplit(options.base_url)[:2])


def _where(region: Region | None, base_url: str) -> dict[str, Any]:
    return {"region": region, "base_url": None if region else base_url}
