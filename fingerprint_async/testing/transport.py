"""The emulator as an httpx transport: no sockets, the same answers, the same faults as httpx exceptions."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx

from fingerprint_async.testing.emulator import Reply, Request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from fingerprint_async.testing.emulator import Emulator

__all__ = ["EmulatorTransport", "to_response"]

_PIECES = 20


def to_response(reply: Reply, request: httpx.Request | None = None) -> httpx.Response:
    """A reply as an httpx response, whole and undisturbed."""
    headers = [*_headers(reply), ("content-length", str(len(reply.body)))]
    return httpx.Response(reply.status, headers=headers, content=reply.body, request=request)


def _headers(reply: Reply) -> list[tuple[str, str]]:
    kind = (
        [("content-type", reply.content_type)]
        if reply.body or reply.content_type == "text/html"
        else []
    )
    return [*kind, *reply.headers]


def to_request(request: httpx.Request, body: bytes) -> Request:
    """An httpx request as the emulator takes it."""
    path, _, query = request.url.raw_path.decode("ascii").partition("?")
    return Request(request.method, path, query, dict(request.headers), body)


class _Body(httpx.AsyncByteStream):
    """A response body on its way; `finished` is told once, however it ends."""

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
    """Carries requests to an emulator in the same process.

    Waiting (latency, stalls, drips) keeps to the request's read timeout and then raises `httpx.ReadTimeout`,
    as a socket would.

    Args:
        emulator: What answers.
        sleep: Waits for so many seconds; give another with an emulator whose clock is not the real one.
    """

    def __init__(
        self, emulator: Emulator, *, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    ) -> None:
        self.emulator = emulator
        self._sleep = sleep

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answers one request; closing the response ends it for the emulator too."""
        body = await request.aread()
        reply = self.emulator.handle(to_request(request, body))
        patience = request.extensions.get("timeout", {}).get("read")
        try:
            await self._wait(reply.delay, patience, request)
        except BaseException:
            self.emulator.request_finished()
            raise
        if reply.fault is not None and reply.fault.kind == "closed":
            self.emulator.request_finished()
            raise httpx.RemoteProtocolError(
                "Server disconnected without sending a response.", request=request
            )
        headers = [*_headers(reply), ("content-length", str(len(reply.body)))]
        stream = _Body(self._pieces(reply, patience, request), self.emulator.request_finished)
        return httpx.Response(reply.status, headers=headers, stream=stream, request=request)

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
        fault = reply.fault
        if fault is not None and fault.kind in ("reset", "cut"):
            yield reply.body[: len(reply.body) // 2]
            if fault.kind == "reset":
                raise httpx.ReadError("Connection reset by peer", request=request)
            raise httpx.RemoteProtocolError(
                "peer closed connection without sending complete message body",
                request=request,
            )
        if fault is not None and fault.kind == "drip":
            step = max(1, -(-len(reply.body) // _PIECES))
            for at in range(0, len(reply.body), step):
                await self._wait(fault.seconds / _PIECES, patience, request)
                yield reply.body[at : at + step]
            return
        yield reply.body
