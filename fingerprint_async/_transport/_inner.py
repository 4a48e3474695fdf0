"""The innermost room: sends, and reads the answer to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from fingerprint_async.options import ClientOptions

__all__ = ["open_inner"]


class ReadWhole(httpx.AsyncBaseTransport):
    """Returns answers whose body has been read and whose connection is free again, also when cancelled half-way."""

    def __init__(self, inner: httpx.AsyncBaseTransport, *, owned: bool) -> None:
        self._inner = inner
        self._owned = owned

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        try:
            await response.aread()
        finally:
            await response.aclose()
        return response

    async def aclose(self) -> None:
        if self._owned:
            await self._inner.aclose()


class ViaClient(httpx.AsyncBaseTransport):
    """Sends with a caller's own `httpx.AsyncClient`: its pool, proxies, event hooks and certificates; not its auth nor its redirects."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._client.send(request, stream=True, auth=None, follow_redirects=False)


def open_inner(options: ClientOptions) -> ReadWhole:
    """Make the transport that these options ask for."""
    if options.http_client is not None:
        return ReadWhole(ViaClient(options.http_client), owned=False)
    if options.transport == "fast":
        raise NotImplementedError
    if options.transport is not None:
        return ReadWhole(options.transport, owned=False)
    return ReadWhole(httpx.AsyncHTTPTransport(), owned=True)
