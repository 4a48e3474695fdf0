"""What httpx and httpx2 have in common.

Sending, reading with a cap, translating what they raise.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

import attrs

from fingerprint_async._http.backends._body import ERROR_BODY_BYTES, inflated, too_large
from fingerprint_async._http.backends._connections import (
    Connection,
    Connector,
    is_proxy,
    spoil_unread,
)
from fingerprint_async._http.message import SUCCESSES, Headers, HttpRequest, HttpResponse
from fingerprint_async._http.proxies import proxy_of
from fingerprint_async._http.tls import context_of
from fingerprint_async._secret import Secret
from fingerprint_async.errors import (
    APIConnectionError,
    APITimeoutError,
    ClientStateError,
    ConfigurationError,
    FingerprintError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from fingerprint_async._address import Proxy
    from fingerprint_async._http.message import Backend
    from fingerprint_async.config import ClientOptions, Timeouts

__all__ = ["Library", "open_family"]

KEEP_ALIVE_SECONDS: Final = 5.0


@attrs.frozen(kw_only=True)
class Library:
    """The modules of one library.

    Attributes:
        http: `httpx`, or one of its shape.
        core: `httpcore`, or one of its shape.
    """

    http: Any
    core: Any


class Sending(Protocol):
    """A transport of the library's shape."""

    async def handle_async_request(self, request: Any, /) -> Any:
        """Send a request; the answer's body is still to be read."""
        ...


def open_family(library: Library, options: ClientOptions) -> Backend:
    """Make the backend that the options ask for."""
    if options.http_client is not None:
        return CallersBackend(library, options, partial(_transport_of, options.http_client))
    if options.transport is not None and not isinstance(options.transport, str):
        own = options.transport
        return CallersBackend(library, options, lambda _: own)
    return OwnBackend(library, options)


def _transport_of(client: Any, request: Any) -> Sending:
    """Return what a caller's own client sends a request with: its transport, mounts, proxies.

    The client's `send()` would also run its hooks, follow redirects and keep cookies.
    """
    if client.is_closed:
        raise ClientStateError("the http_client that this client was given is closed")
    # Neither library has a public way to ask for it.
    choose = getattr(client, "_transport_for_url", None)
    if choose is None:
        return _Whole(client)
    chosen: Sending = choose(request.url)
    if request.url.scheme == "http" and is_proxy(chosen) and not is_proxy(client._transport):  # noqa: SLF001
        # What goes to this machine never leaves it by a variable of the environment.
        return cast("Sending", client._transport)  # noqa: SLF001
    return chosen


@attrs.frozen
class _Whole:
    """A client whose transports cannot be asked for.

    Attributes:
        client: The client.
    """

    client: Any

    async def handle_async_request(self, request: Any, /) -> Any:
        """Send over the client as a whole."""
        return await self.client.send(request, stream=True, auth=None, follow_redirects=False)


class CallersBackend:
    """Send over a client or transport of the caller's, which is never changed nor closed."""

    def __init__(
        self, library: Library, options: ClientOptions, choose: Callable[[Any], Sending]
    ) -> None:
        self._library = library
        self._most = options.max_response_bytes
        self._may_be_read = options.base_url.scheme == "https" or options.allow_insecure_http
        self._choose = choose
        self._close_next = False

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send a request and read its answer to the end."""
        more: tuple[tuple[str, str], ...] = ()
        if self._close_next:
            self._close_next = False
            more = (("Connection", "close"),)
        return await exchange(self._library, self._chosen, request, self._most, more)

    def _chosen(self, request: Any) -> Sending:
        transport = self._choose(request)
        if not self._may_be_read and is_proxy(transport):
            raise ConfigurationError(
                "http_client or transport: the secret API key would be sent to its proxy in the "
                "clear; use https for base_url, or say allow_insecure_http=True"
            )
        return transport

    async def drop_idle(self) -> None:
        """Ask for the end of the connection that is used next: which one was odd is not ours."""
        self._close_next = True

    async def aclose(self) -> None:
        """Leave everything open."""


class OwnBackend:
    """Send over connections made here, each request in flight over one of its own.

    A pool that holds many looks at all of them whenever a request begins or ends. The freshest
    connection is used first; those that rest too long are closed.
    """

    def __init__(
        self,
        library: Library,
        options: ClientOptions,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._library = library
        self._most = options.max_response_bytes
        proxy = proxy_of(options)
        _check_proxy(proxy)
        self._connector = Connector(
            http=library.http,
            core=library.core,
            address=options.base_url,
            context=context_of(options, proxy),
            proxy=proxy,
            keep_alive=KEEP_ALIVE_SECONDS,
        )
        self._clock = clock
        self._idle: list[tuple[float, Connection]] = []
        self.busy = 0

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send a request and read its answer to the end."""
        connection = await self._connection()
        self.busy += 1
        kept = False
        try:
            response = await exchange(
                self._library, lambda _: connection.transport, request, self._most, ()
            )
            kept = True
        finally:
            self.busy -= 1
            if not kept:
                await connection.aclose()
        self._idle.append((self._clock(), connection))
        return response

    async def _connection(self) -> Connection:
        """Return the freshest connection that still stands, or a new one; close old ones."""
        idle = self._idle
        if idle:
            oldest = self._clock() - KEEP_ALIVE_SECONDS
            while idle and idle[0][0] < oldest:
                await idle.pop(0)[1].aclose()
            while idle:
                connection = idle.pop()[1]
                if connection.is_reusable():
                    return connection
                await connection.aclose()
        return self._connector.connect()

    async def drop_idle(self) -> None:
        """Close the connections that rest."""
        idle, self._idle = self._idle, []
        for _, connection in idle:
            await connection.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self.drop_idle()


async def exchange(
    library: Library,
    choose: Callable[[Any], Sending],
    request: HttpRequest,
    most: int,
    more: tuple[tuple[str, str], ...],
) -> HttpResponse:
    """Send one request over the transport for it, and read its answer to the end.

    Raises:
        APIError: It failed; nothing of the library's is chained.
    """
    failure: BaseException
    try:
        transport, answer = await _begun(choose, _as_library(library, request, more))
        status: int = answer.status_code
        limit = most if status in SUCCESSES else min(most, ERROR_BODY_BYTES)
        encoding: str = answer.headers.get("content-encoding", "")
        # Not a list of parts: a peer can make each of them one byte.
        content = bytearray()
        try:
            if answer.is_stream_consumed:
                # Made with its content by a mock, and inflated by the library then.
                content += answer.content
                encoding = ""
            else:
                async for part in answer.stream:
                    content += part
                    if len(content) > limit:
                        break
                spoil_unread(transport)
        finally:
            await answer.aclose()
        pairs: list[tuple[str, str]] = answer.headers.multi_items()
        reason: str = answer.reason_phrase
    except (asyncio.CancelledError, FingerprintError) as error:
        # Without its frames, which hold the address.
        failure = error.with_traceback(None)
    except Exception as error:  # noqa: BLE001 - whatever a library or a caller's transport raises
        failure = _translated(library, error)
    else:
        if len(content) > limit and status in SUCCESSES:
            raise too_large(status, most)
        body = bytes(content)
        if encoding:
            body = await inflated(status, body, encoding, most=limit)
        return HttpResponse(status=status, reason=reason, headers=Headers(pairs), content=body)
    # Outside of `except`: what was raised holds the address, and its frames the key.
    raise failure


async def _begun(choose: Callable[[Any], Sending], sent: Any) -> tuple[Sending, Any]:
    """Send a request; return the transport that was chosen, and the answer, still to be read."""
    transport = choose(sent)
    return transport, await transport.handle_async_request(sent)


def _as_library(library: Library, request: HttpRequest, more: tuple[tuple[str, str], ...]) -> Any:
    return library.http.Request(
        request.method,
        request.url,
        headers=_unwrapped((*request.headers, *more) if more else request.headers),
        content=request.content,
        extensions={
            "timeout": _as_extension(request.timeouts),
            "fingerprint_async_operation": request.operation,
        },
    )


def _unwrapped(headers: tuple[tuple[str, str | Secret], ...]) -> list[tuple[str, str]]:
    return [
        (name, str(value.hidden) if isinstance(value, Secret) else value) for name, value in headers
    ]


def _as_extension(timeouts: Timeouts) -> dict[str, float | None]:
    return {
        "connect": timeouts.connect,
        "read": timeouts.read,
        "write": timeouts.write,
        "pool": timeouts.pool,
    }


def _translated(library: Library, error: Exception) -> APIConnectionError:
    """Name what a library raised, without its words: they can hold an address or a key."""
    http = library.http
    unsent = isinstance(error, http.ConnectError | http.ConnectTimeout | http.PoolTimeout)
    unsent = unsent or isinstance(error, http.ProxyError | http.UnsupportedProtocol)
    if isinstance(error, http.TimeoutException | TimeoutError):
        step = _STEPS.get(type(error).__name__, "the request")
        return APITimeoutError(f"{step} took longer than its timeout", processed=not unsent)
    what = _LOST.get(type(error).__name__, f"the transport failed with {type(error).__name__}")
    reason = _reason(error)
    return APIConnectionError(f"{what}: {reason}" if reason else what, processed=not unsent)


_STEPS: Final = {
    "ConnectTimeout": "connecting",
    "ReadTimeout": "waiting for the answer",
    "WriteTimeout": "sending the request",
    "PoolTimeout": "waiting for a free connection",
}
_LOST: Final = {
    "ConnectError": "the connection could not be made",
    "ProxyError": "the proxy refused the connection",
    "ReadError": "the connection was lost before the answer was complete",
    "WriteError": "the connection was lost while the request was sent",
    "RemoteProtocolError": "the connection was closed before the answer was complete, "
    "or the answer is no HTTP",
}


def _reason(error: BaseException) -> str | None:
    """Return the system's or TLS's own words for a failure: those never hold a request."""
    seen: BaseException | None = error
    for _ in range(10):
        if seen is None:
            return None
        verify = getattr(seen, "verify_message", None)
        if verify:
            return f"the certificate is refused: {verify}"
        if isinstance(seen, OSError) and seen.strerror:
            return str(seen.strerror)[:200]
        seen = seen.__cause__ or seen.__context__
    return None


def _check_proxy(proxy: Proxy | None) -> None:
    if proxy is None or not proxy.address.scheme.startswith("socks"):
        return
    if find_spec("socksio") is None:
        raise ConfigurationError('proxy: a socks proxy needs socksio: pip install "httpx[socks]"')
