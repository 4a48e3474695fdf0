"""The emulator on a socket: a small HTTP/1.1 server of its own.

Its own, because faults live below HTTP (a reset in mid body, a connection closed before the answer), because
a benchmark of a client needs a server that costs little, and because it then needs nothing installed.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from contextlib import asynccontextmanager, contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from fingerprint_async.testing.emulator import Reply, Request
from fingerprint_async.testing.factories import encode, make_error

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from fingerprint_async.testing.emulator import Emulator

__all__ = ["EmulatorServer", "serve", "serve_in_thread"]

MAX_HEAD = 64 * 1024
MAX_BODY = 8 * 1024 * 1024
DRIP_PIECES = 20
_REASONS = {status.value: status.phrase for status in HTTPStatus}


class EmulatorServer:
    """A listening emulator.

    Attributes:
        emulator: What answers.
        host: Where it listens.
        port: Where it listens.
        keep_alive: Seconds after which an idle connection is closed.
    """

    def __init__(self, emulator: Emulator, host: str, port: int, keep_alive: float) -> None:
        self.emulator = emulator
        self.host = host
        self.port = port
        self.keep_alive = keep_alive
        self.connections: set[_Connection] = set()
        self._server: asyncio.Server | None = None

    @property
    def origin(self) -> str:
        """Scheme, host and port; `/_emulator/…` lies below it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def base_url(self) -> str:
        """What a client takes as its base URL."""
        return f"{self.origin}/v4"

    @property
    def api_key(self) -> str:
        """A secret key that the emulator accepts."""
        return self.emulator.api_key

    def __repr__(self) -> str:
        return f"<EmulatorServer at {self.base_url}>"

    async def listen(self) -> None:
        """Opens the socket."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Connection(self), self.host, self.port, backlog=1024
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Closes the socket and every connection; answers under way are dropped."""
        if self._server is None:
            return
        self._server.close()
        unfinished = [
            task for connection in self.connections if (task := connection.abort()) is not None
        ]
        await self._server.wait_closed()
        await asyncio.gather(*unfinished, return_exceptions=True)
        await asyncio.sleep(0)  # connections are told of their end one step later
        self._server = None

    @asynccontextmanager
    async def down(self) -> AsyncIterator[None]:
        """While inside, connections are refused, and those there were are cut."""
        await self.close()
        try:
            yield
        finally:
            await self.listen()


class _Connection(asyncio.Protocol):
    """One connection: requests one after the other, each answered before the next is looked at."""

    __slots__ = ("_buffer", "_busy", "_continued", "_idle", "_server", "_task", "_transport")

    def __init__(self, server: EmulatorServer) -> None:
        self._server = server
        self._transport = cast("asyncio.Transport", None)
        self._buffer = bytearray()
        self._busy = False
        self._continued = False
        self._idle: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._server.connections.add(self)
        self._server.emulator.connection_opened()
        self._wait_for_request()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc  # however it ended
        self._server.connections.discard(self)
        self._server.emulator.connection_closed()
        self._stop_waiting()
        if self._task is not None:
            self._task.cancel()

    def abort(self) -> asyncio.Task[None] | None:
        """Ends it at once; gives the delivery that was under way."""
        self._transport.abort()
        return self._task

    def _wait_for_request(self) -> None:
        loop = asyncio.get_running_loop()
        self._idle = loop.call_later(self._server.keep_alive, self._transport.close)

    def _stop_waiting(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._stop_waiting()
        if not self._busy:
            self._next()

    def _next(self) -> None:
        """Answers what has come in whole."""
        while not self._busy and self._buffer and not self._transport.is_closing():
            try:
                parsed = self._parse()
            except ValueError as error:
                self._refuse(str(error))
                return
            if parsed is None:
                return
            request, keep = parsed
            emulator = self._server.emulator
            reply = emulator.handle(request)
            if not reply.delay and reply.fault is None:
                self._write(reply, keep=keep)
                emulator.request_finished()
                if keep:
                    continue
                return
            self._busy = True
            self._task = asyncio.get_running_loop().create_task(self._deliver(reply, keep=keep))
            self._task.add_done_callback(self._delivered)
        if not self._busy and not self._transport.is_closing():
            self._wait_for_request()

    def _parse(self) -> tuple[Request, bool] | None:
        """The next request, and whether the connection stays open after it; `None` until it is there whole."""
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > MAX_HEAD:
                raise ValueError("request head too large")
            return None
        lines = self._buffer[:end].decode("latin-1").split("\r\n")
        method, target, version = _request_line(lines[0])
        headers: dict[str, str] = {}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if not colon:
                raise ValueError("malformed header")
            headers[name.lower()] = value.strip()
        if headers.get("expect", "").lower() == "100-continue" and not self._continued:
            self._continued = True
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = self._body(end + 4, headers)
        if body is None:
            return None
        content, consumed = body
        del self._buffer[:consumed]
        self._continued = False
        path, _, query = target.partition("?")
        connection = headers.get("connection", "").lower()
        keep = connection != "close" and (version == "HTTP/1.1" or connection == "keep-alive")
        return Request(method, path, query, headers, content), keep

    def _body(self, start: int, headers: dict[str, str]) -> tuple[bytes, int] | None:
        """A request's body and where it ends in the buffer."""
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return self._chunks(start)
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY:
            raise ValueError("unacceptable content-length")
        end = start + int(length)
        return (bytes(self._buffer[start:end]), end) if len(self._buffer) >= end else None

    def _chunks(self, at: int) -> tuple[bytes, int] | None:
        body = bytearray()
        while True:
            line = self._buffer.find(b"\r\n", at)
            if line < 0:
                return None
            size = int(self._buffer[at:line].split(b";")[0], 16)
            if len(body) + size > MAX_BODY:
                raise ValueError("request body too large")
            at = line + 2
            if size == 0:
                end = self._buffer.find(b"\r\n", at)
                return (bytes(body), end + 2) if end >= 0 else None
            if len(self._buffer) < at + size + 2:
                return None
            body += self._buffer[at : at + size]
            at += size + 2

    def _refuse(self, why: str) -> None:
        reply = Reply(400, encode(make_error("request_cannot_be_parsed", why)))
        self._write(reply, keep=False)

    def _head(self, reply: Reply, *, keep: bool) -> bytes:
        lines = [f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, '')}"]
        if reply.body or reply.content_type == "text/html":
            lines.append(f"content-type: {reply.content_type}")
        lines += [f"{name}: {value}" for name, value in reply.headers]
        lines.append(f"content-length: {len(reply.body)}")
        if not keep:
            lines.append("connection: close")
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def _write(self, reply: Reply, *, keep: bool) -> None:
        self._transport.writelines((self._head(reply, keep=keep), reply.body))
        if not keep:
            self._transport.close()

    def _delivered(self, task: asyncio.Task[None]) -> None:
        self._server.emulator.request_finished()
        self._task = None
        self._busy = False
        if not task.cancelled():
            self._next()

    async def _deliver(self, reply: Reply, *, keep: bool) -> None:
        """Delivers a reply that takes its time, or goes wrong on the way."""
        if reply.delay:
            await asyncio.sleep(reply.delay)
        await self._send(reply, keep=keep)

    async def _send(self, reply: Reply, *, keep: bool) -> None:
        kind = None if reply.fault is None else reply.fault.kind
        if kind == "closed":
            self._transport.close()
        elif kind in ("reset", "cut"):
            self._transport.writelines(
                (self._head(reply, keep=keep), reply.body[: len(reply.body) // 2])
            )
            await asyncio.sleep(0.01)  # what was written leaves before the connection does
            if kind == "reset":
                self._reset()
            else:
                self._transport.close()
        elif kind == "drip" and reply.fault is not None:
            self._transport.write(self._head(reply, keep=keep))
            step = max(1, -(-len(reply.body) // DRIP_PIECES))
            for at in range(0, len(reply.body), step):
                await asyncio.sleep(reply.fault.seconds / DRIP_PIECES)
                self._transport.write(reply.body[at : at + step])
            if not keep:
                self._transport.close()
        else:
            self._write(reply, keep=keep)

    def _reset(self) -> None:
        """Ends the connection with a TCP reset instead of a goodbye."""
        raw = self._transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()


def _request_line(line: str) -> tuple[str, str, str]:
    parts = line.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):  # noqa: PLR2004 - method, target, version
        raise ValueError("malformed request line")
    return parts[0], parts[1], parts[2]


@asynccontextmanager
async def serve(
    emulator: Emulator,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    keep_alive: float = 75.0,
) -> AsyncIterator[EmulatorServer]:
    """See `Emulator.serve`."""
    server = EmulatorServer(emulator, host, port, keep_alive)
    await server.listen()
    try:
        yield server
    finally:
        await server.close()


@contextmanager
def serve_in_thread(
    emulator: Emulator,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    keep_alive: float = 75.0,
) -> Iterator[EmulatorServer]:
    """See `Emulator.serve_in_thread`."""
    server = EmulatorServer(emulator, host, port, keep_alive)
    ready = threading.Event()
    stop: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
    failure: list[BaseException] = []

    async def main() -> None:
        done = asyncio.Event()
        await server.listen()
        stop.append((asyncio.get_running_loop(), done))
        ready.set()
        await done.wait()
        await server.close()

    def run() -> None:
        try:
            asyncio.run(main())
        except OSError as error:
            failure.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run, name="fingerprint-emulator", daemon=True)
    thread.start()
    ready.wait()
    if failure:
        raise failure[0]
    try:
        yield server
    finally:
        loop, done = stop[0]
        loop.call_soon_threadsafe(done.set)
        thread.join()
