"""A service as an httpx transport: no sockets, the same answers, faults as httpx exceptions."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx

from fingerprint_async.testing.carriers.message import DRIP_PIECES, Reply, Request, Service

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

__all__ = ["EmulatorTransport", "to_request", "to_response"]


def to_response(reply: Reply, request: httpx.Request | None = None) -> httpx.Response:
    """Return a reply as an httpx response, whole and undisturbed."""
    return httpx.Response(reply.status, headers=reply.head(), content=reply.body, request=request)


def to_request(request: httpx.Request, body: bytes) -> Request:
    """Return an httpx request as a service takes it."""
    path, _, query = request.url.raw_path.decode("ascii").partition("?")
    return Request(request.method, path, query, dict(request.headers), body)


class _Body(httpx.AsyncByteStream):
    """A response body on its way; `finished` is called once, however it ends."""

    def __init__(self, pieces: AsyncIterator[bytes], finished: Callable[[], None]) -> None:
        self._pieces = pieces
        self._finished: Callable[[], None] | None = finished

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._pieces:
            yield piece

    async def aclose(self) -> None:
        if self._finished is not None:
            self._finished()
            self._finished = None


class EmulatorTransport(httpx.AsyncBaseTransport):
    """Carries requests to a service in the same process.

    Waiting (latency, stalls, drips) keeps to the request's read timeout and then raises
    `httpx.ReadTimeout`, as a socket would.

    Args:
        service: What answers.
        sleep: Waits for so many seconds; give another with a clock that is not the real one.
    """

    def __init__(
        self, service: Service, *, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    ) -> None:
        self.service = service
        self._sleep = sleep

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request; closing the response ends it for the service too."""
        body = await request.aread()
        reply = self.service.handle(to_request(request, body))
        patience = request.extensions.get("timeout", {}).get("read")
        try:
            await self._wait(reply.delay, patience, request)
        except BaseException:
            self.service.request_finished()
            raise
        if reply.delivery.kind == "closed":
            self.service.request_finished()
            raise httpx.RemoteProtocolError(
                "Server disconnected without sending a response.", request=request
            )
        stream = _Body(self._pieces(reply, patience, request), self.service.request_finished)
        return httpx.Response(reply.status, headers=reply.head(), stream=stream, request=request)

    async def _wait(self, seconds: float, patience: float | None, request: httpx.Request) -> None:
        if seconds <= 0:
            return
        if patience is not None and patience < seconds:
            await self._sleep(patience)
            raise httpx.ReadTimeout("The read operation timed out", request=request)
        await self._sleep(seconds)

    async def _pieces(
        self, reply: Reply, patience: float | None, request: httpx.Request
    ) -> AsyncIterator[bytes]:
        delivery = reply.delivery
        if delivery.kind in ("reset", "cut"):
            yield reply.body[: len(reply.body) // 2]
            if delivery.kind == "reset":
                raise httpx.ReadError("Connection reset by peer", request=request)
            raise httpx.RemoteProtocolError(
                "peer closed connection without sending complete message body",
                request=request,
            )
        if delivery.kind == "drip":
            for piece in reply.pieces():
                await self._wait(delivery.seconds / DRIP_PIECES, patience, request)
                yield piece
            return
        yield reply.body
