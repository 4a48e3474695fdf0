"""The backend of the extra `fast`: pyreqwest, which is Rust's reqwest and hyper under asyncio."""

from __future__ import annotations

import asyncio
import atexit
import time
from datetime import timedelta
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from fingerprint_async._http.backends._body import ERROR_BODY_BYTES, inflated, too_large
from fingerprint_async._http.message import SUCCESSES, Headers, HttpRequest, HttpResponse
from fingerprint_async._http.proxies import proxy_of
from fingerprint_async._http.tls import certificates_of
from fingerprint_async._secret import Secret
from fingerprint_async.errors import (
    APIConnectionError,
    APITimeoutError,
    ClientStateError,
    ConfigurationError,
    FingerprintError,
)

if TYPE_CHECKING:
    from pyreqwest.client import Client, ClientBuilder
    from pyreqwest.http import HeaderMap
    from pyreqwest.proxy import ProxyBuilder
    from pyreqwest.request import StreamRequest

    from fingerprint_async._address import Proxy
    from fingerprint_async.config import ClientOptions, Timeouts

__all__ = ["PyreqwestBackend", "open_pyreqwest"]

_KEEP_ALIVE: Final = timedelta(seconds=5)
_MOST_TIMEOUT_SECONDS: Final = 366 * 86_400.0
"""A longer timeout is none to anybody, and more than the library can hold."""
_AFTER_DEADLINE_SECONDS: Final = 1.0
"""What the library waits longer than we do, so that it is always us who end a call."""
_CONNECTING: Final = "client error (Connect)"
_NOT_OURS: Final = (asyncio.CancelledError, KeyboardInterrupt, SystemExit, GeneratorExit)


def open_pyreqwest(options: ClientOptions) -> PyreqwestBackend:
    """Send over pyreqwest.

    Raises:
        ConfigurationError: The extra is not installed, or a setting cannot be right.
    """
    if find_spec("pyreqwest") is None:
        raise ConfigurationError(
            'transport="fast" needs pyreqwest: pip install "fingerprint-async[fast]"'
        )
    return PyreqwestBackend(options)


class PyreqwestBackend:
    """Send over a pyreqwest client.

    Connect and read timeouts are the client's; a call's own timeouts bound its attempts as a whole.
    """

    def __init__(self, options: ClientOptions) -> None:
        self._options = options
        self._most = options.max_response_bytes
        self._connections = _Connections(_built(options))
        self.busy = 0
        _settle_at_exit()

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send a request and read its answer to the end."""
        self.busy += 1
        connections = self._connections
        connections.busy += 1
        try:
            async with self._request(connections, request) as answer:
                status = answer.status
                pairs, encoding = _pairs(answer.headers)
                limit = self._most if status in SUCCESSES else min(self._most, ERROR_BODY_BYTES)
                # Not a list of parts: a peer can make each of them one byte.
                content = bytearray()
                reader = answer.body_reader
                while len(content) <= limit and (chunk := await reader.read_chunk()) is not None:
                    content += chunk.to_bytes()
        except BaseException as error:
            # A panic in Rust is a BaseException.
            if isinstance(error, (*_NOT_OURS, FingerprintError)):
                raise
            failure = _translated(error)
        else:
            if len(content) > limit and status in SUCCESSES:
                raise too_large(status, self._most)
            body = bytes(content)
            if encoding:
                body = await inflated(status, body, encoding, most=limit)
            return HttpResponse(status=status, reason="", headers=Headers(pairs), content=body)
        finally:
            self.busy -= 1
            connections.busy -= 1
            if connections is not self._connections and not connections.busy:
                await connections.aclose()
        # Outside of `except`: what was raised holds the address.
        raise failure

    def _request(self, connections: _Connections, request: HttpRequest) -> StreamRequest:
        if connections.client is None:
            raise ClientStateError("the client is closed")
        builder = connections.client.request(request.method, request.url).headers(
            [
                (name, str(value.hidden) if isinstance(value, Secret) else value)
                for name, value in request.headers
            ]
        )
        if request.content is not None:
            builder = builder.body_bytes(request.content)
        total = _total_seconds(request, self._options.timeout)
        if total:
            builder = builder.timeout(_duration(total))
        return builder.build_streamed()

    async def drop_idle(self) -> None:
        """Go on with new connections: the library cannot close those that rest, only a client."""
        old, self._connections = self._connections, _Connections(_built(self._options))
        if not old.busy:
            await old.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._connections.aclose()


@attrs.define(eq=False)
class _Connections:
    """The connections of one client of the library, closed once the last request has ended.

    Attributes:
        client: The client; None once it was closed.
        busy: Requests under way.
    """

    client: Client | None
    busy: int = 0

    async def aclose(self) -> None:
        """Close them: closing the client ends its requests, its own end what rests."""
        client, self.client = self.client, None
        if client is not None:
            await client.close()


def _built(options: ClientOptions) -> Client:
    try:
        return _builder(options).build()
    except ConfigurationError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever the library says of certificates or proxies
        name = type(error).__name__
    raise ConfigurationError(
        f'transport="fast" cannot be set up ({name}): are the certificates of this machine '
        "(SSL_CERT_FILE, SSL_CERT_DIR) and the proxy right?"
    )


def _builder(options: ClientOptions) -> ClientBuilder:
    from pyreqwest.client import ClientBuilder

    builder = (
        ClientBuilder()
        # A redirect would carry the key along.
        .follow_redirects(enable=False)
        .referer(enable=False)
        .pool_idle_timeout(_KEEP_ALIVE)
        # Inflated here, so that what comes out is counted.
        .gzip(enable=False)
        .deflate(enable=False)
        .brotli(enable=False)
        .zstd(enable=False)
        # The environment is read here, by the same rules for every backend.
        .no_proxy()
    )
    proxy = proxy_of(options)
    if proxy is not None:
        builder = builder.proxy(_library_proxy(proxy))
    certificates = certificates_of(options)
    if certificates is not None:
        builder = builder.add_root_certificate_pem(certificates)
    timeouts = options.timeout
    if timeouts.connect is not None:
        builder = builder.connect_timeout(_duration(timeouts.connect))
    if timeouts.read is not None:
        builder = builder.read_timeout(_duration(timeouts.read))
    return builder


def _library_proxy(proxy: Proxy) -> ProxyBuilder:
    from pyreqwest.proxy import ProxyBuilder

    library = ProxyBuilder.all(str(proxy.address))
    if proxy.username is None:
        return library
    password = proxy.password
    return library.basic_auth(proxy.username, "" if password is None else password.reveal_text())


def _pairs(headers: HeaderMap) -> tuple[list[tuple[str, str]], str]:
    """Return the headers and the content encoding."""
    pairs: list[tuple[str, str]] = []
    try:
        pairs = list(headers.items())
    except ValueError:
        # Bytes above 127, which HTTP allows and the library does not read.
        for name in headers.keys():  # noqa: SIM118 - a map of several values
            try:
                value = headers[name]
            except ValueError:
                value = ""
            pairs.append((name, value))
    encodings = [value for name, value in pairs if name == "content-encoding"]
    return pairs, ",".join(encodings)


def _translated(error: BaseException) -> APIConnectionError:
    """Name what the library raised, without its words: they hold the address.

    Its types do not tell what failed while connecting from what failed later, when the service may
    have acted already; hyper's causes do. What is not known is held for processed.
    """
    from pyreqwest.exceptions import RequestTimeoutError

    unsent = _CONNECTING in str(getattr(error, "details", None))
    if isinstance(error, RequestTimeoutError | TimeoutError):
        step = "connecting" if unsent else "the request"
        return APITimeoutError(f"{step} took longer than its timeout", processed=not unsent)
    if unsent:
        return APIConnectionError("the connection could not be made", processed=False)
    return APIConnectionError(
        "the connection was lost before the answer was complete, or the answer is no HTTP "
        f"({type(error).__name__})"
    )


def _total_seconds(request: HttpRequest, usual: Timeouts) -> float:
    """Return what an attempt may take in all; 0 is without end.

    A request that is cancelled goes on in the library, which has no way to stop it: past the
    deadline it ends by itself.
    """
    total = 0.0 if request.deadline is None else request.deadline + _AFTER_DEADLINE_SECONDS
    if request.timeouts != usual:
        timeouts = request.timeouts
        steps = (timeouts.connect, timeouts.read, timeouts.write)
        own = sum(seconds for seconds in steps if seconds is not None)
        total = min(own, total) if own and total else own or total
    return total


def _duration(seconds: float) -> timedelta:
    return timedelta(seconds=min(seconds, _MOST_TIMEOUT_SECONDS))


@cache
def _settle_at_exit() -> None:
    """Let the library's threads come to rest before the interpreter ends.

    They wake the event loop through Python. One that does so while the interpreter ends aborts the
    process, although everything was closed.
    """
    atexit.register(settle)


_TASKS: Final = Path("/proc/self/task")
_SETTLE_SECONDS: Final = 1.0
_STEP_SECONDS: Final = 0.002
_QUIET_STEPS: Final = 3


def settle() -> None:
    """Wait until every other thread rests, at most a second."""
    end = time.monotonic() + _SETTLE_SECONDS
    quiet = 0
    while quiet < _QUIET_STEPS and time.monotonic() < end:
        # Sleeping lets go of the interpreter's lock, for which such a thread waits.
        time.sleep(_STEP_SECONDS)
        quiet = quiet + 1 if _others_rest() else 0


def _others_rest() -> bool:
    """Tell whether all threads but this one sleep; True where that cannot be seen."""
    import threading

    own = str(threading.get_native_id())
    try:
        for task in _TASKS.iterdir():
            if task.name != own and b") S " not in (task / "stat").read_bytes():
                return False
    except OSError:
        return True
    return True
