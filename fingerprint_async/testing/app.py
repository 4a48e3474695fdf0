"""The emulator as an ASGI application, for ASGI servers and in-process ASGI clients of your own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from fingerprint_async.testing.emulator import Reply, Request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from fingerprint_async.testing.emulator import Emulator

    Message = MutableMapping[str, Any]

__all__ = ["ConnectionFault", "EmulatorApp"]

_PIECES = 20


class ConnectionFault(Exception):  # noqa: N818 - it is not an error of the application
    """Raised through the ASGI server to make it drop the connection, where a fault asks for that."""


class EmulatorApp:
    """An ASGI application over one emulator.

    Faults of the connection itself (`closed`, `reset`, `cut`) are as real as the server makes an application
    that raises in mid response; `Emulator.serve` does them to the letter.
    """

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Serves one ASGI scope: `http` or `lifespan`."""
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
        reply = self.emulator.handle(request)
        try:
            if reply.delay:
                await asyncio.sleep(reply.delay)
            await _send(reply, send)
        finally:
            self.emulator.request_finished()


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
    fault = reply.fault
    if fault is not None and fault.kind == "closed":
        raise ConnectionFault(fault.kind)
    headers = [(b"content-length", str(len(reply.body)).encode())]
    if reply.body or reply.content_type == "text/html":
        headers.append((b"content-type", reply.content_type.encode()))
    headers += [(name.encode(), value.encode()) for name, value in reply.headers]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    if fault is not None and fault.kind in ("reset", "cut"):
        await send(
            {
                "type": "http.response.body",
                "body": reply.body[: len(reply.body) // 2],
                "more_body": True,
            }
        )
        raise ConnectionFault(fault.kind)
    if fault is not None and fault.kind == "drip":
        step = max(1, -(-len(reply.body) // _PIECES))
        for at in range(0, len(reply.body), step):
            await asyncio.sleep(fault.seconds / _PIECES)
            await send(
                {
                    "type": "http.response.body",
                    "body": reply.body[at : at + step],
                    "more_body": True,
                }
            )
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.body", "body": reply.body})
