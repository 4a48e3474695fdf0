"""A service as an ASGI application, for ASGI servers and in-process ASGI clients of your own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from fingerprint_async.testing.carriers.message import DRIP_PIECES, Reply, Request, Service

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Message = MutableMapping[str, Any]

__all__ = ["ConnectionFault", "EmulatorApp"]


class ConnectionFault(Exception):  # noqa: N818 - it is not an error of the application
    """Raised through the ASGI server to make it drop the connection, as a fault asks for."""


class EmulatorApp:
    """An ASGI application over one service.

    Faults of the connection itself (`closed`, `reset`, `cut`) are as real as the server makes an
    application that raises in mid response; `Emulator.serve` does them exactly.
    """

    def __init__(self, service: Service) -> None:
        self.service = service

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Serve one ASGI scope: `http` or `lifespan`."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            raise ValueError(f"the emulator speaks HTTP only, not {scope['type']}")
        request = Request(
            scope["method"],
            (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0],
            scope.get("query_string", b"").decode("latin-1"),
            {
                name.decode("latin-1").lower(): value.decode("latin-1")
                for name, value in scope["headers"]
            },
            await _body(receive),
        )
        reply = self.service.handle(request)
        try:
            if reply.delay:
                await asyncio.sleep(reply.delay)
            await _send(reply, send)
        finally:
            self.service.request_finished()


async def _lifespan(
    receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _body(receive: Callable[[], Awaitable[Message]]) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)


async def _send(reply: Reply, send: Callable[[Message], Awaitable[None]]) -> None:
    kind = reply.delivery.kind
    if kind == "closed":
        raise ConnectionFault(kind)
    headers = [(name.encode(), value.encode()) for name, value in reply.head()]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    if kind in ("reset", "cut"):
        half = reply.body[: len(reply.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        raise ConnectionFault(kind)
    if kind == "drip":
        for piece in reply.pieces():
            await asyncio.sleep(reply.delivery.seconds / DRIP_PIECES)
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.body", "body": reply.body})
