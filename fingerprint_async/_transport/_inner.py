"""The innermost room: sends, and reads the answer to its end, so that nothing of a request outlives it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from fingerprint_async.errors import ClientStateError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from fingerprint_async.options import ClientOptions

__all__ = ["OneEach", "open_inner"]

_KEEP_ALIVE: Final = 5.0


class ReadWhole(httpx.AsyncBaseTransport):
    """A caller's own transport, never closed here."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await _whole(await self._inner.handle_async_request(request))


class ViaClient(httpx.AsyncBaseTransport):
    """The connections of a caller's own `httpx.AsyncClient`: its transports, mounts, proxies and certificates.

    `send()` would also run its hooks, follow its redirects and put our cookies into its jar.
    """

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._client.is_closed:
            raise ClientStateError("the http_client that this client was given is closed")
        # httpx has no public way to ask a client for the transport of an address.
        transport = self._client._transport_for_url(request.url)  # noqa: SLF001
        return await transport.handle_async_request(request)


class OneEach(httpx.AsyncBaseTransport):
    """Plain httpx, each request in flight over a transport of its own that holds one connection.

    httpcore's pool looks at all its connections and requests whenever a request begins or ends, idle connections being polled by a system call
    each, so 50 in flight go at a fraction of the speed of one at a time. With one connection to a pool there is nothing to look through, and
    the speed no longer depends on how many are in flight. The freshest connection is used first; those that rest are closed.

    Args:
        make: Makes a transport of one connection.
        clock: Seconds that only go up.
    """

    def __init__(
        self,
        make: Callable[[], httpx.AsyncBaseTransport],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make = make
        self._clock = clock
        self._idle: list[tuple[float, httpx.AsyncBaseTransport]] = []
        self._busy: set[httpx.AsyncBaseTransport] = set()

    @property
    def busy(self) -> int:
        """Transports that a request holds now."""
        return len(self._busy)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        transport = self._idle.pop()[1] if self._idle else self._make()
        self._busy.add(transport)
        try:
            response = await _whole(await transport.handle_async_request(request))
        except httpx.HTTPError:
            # Its connection is closed already.
            self._busy.discard(transport)
            self._idle.append((self._clock(), transport))
            raise
        except BaseException:
            # Cancelled, at any point: what httpcore's pool holds then is not for anyone to know.
            try:
                await transport.aclose()
            finally:
                self._busy.discard(transport)
            raise
        self._busy.discard(transport)
        now = self._clock()
        self._idle.append((now, transport))
        while self._idle and now - self._idle[0][0] > _KEEP_ALIVE:
            # The server has closed its end by now, or will soon.
            await self._idle.pop(0)[1].aclose()
        return response

    async def aclose(self) -> None:
        idle, self._idle = self._idle, []
        for _, transport in idle:
            await transport.aclose()


async def _whole(response: httpx.Response) -> httpx.Response:
    try:
        await response.aread()
    except httpx.DecodingError:
        if response.is_success:
            raise
        # What it says cannot be read; that it failed, and how, can.
        headers = [
            (name, value)
            for name, value in response.headers.multi_items()
            if name != "content-encoding"
        ]
        return httpx.Response(response.status_code, headers=headers, extensions=response.extensions)
    finally:
        await response.aclose()
    return response


def open_inner(options: ClientOptions) -> httpx.AsyncBaseTransport:
    """Make what sends, as the options ask. Closing it closes connections that were made here, never the caller's."""
    if options.http_client is not None:
        return ReadWhole(ViaClient(options.http_client))
    if options.transport == "fast":
        from ._fast import open_fast

        return open_fast(options)
    if options.transport is not None:
        return ReadWhole(options.transport)
    proxy = environment_proxy(options.base_url)
    context: ssl.SSLContext | bool = False
    if options.base_url.startswith("https:"):
        # Made once: reading the certificates takes as long as dozens of requests.
        context = httpx.create_ssl_context()
    one = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=_KEEP_ALIVE)
    return OneEach(lambda: httpx.AsyncHTTPTransport(verify=context, limits=one, proxy=proxy))


def environment_proxy(base_url: str) -> str | None:
    """Say which proxy the environment names for this address, as httpx, curl and pip would: `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`."""
    parts = urlsplit(base_url)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or (parts.hostname and proxy_bypass(parts.hostname)):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"
