"""One connection of the HTTP/1.1 server: h11 parses and writes, faults happen at the socket."""

from __future__ import annotations

import asyncio
import socket
import struct
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol, cast

import h11

from fingerprint_async.testing.carriers.message import DRIP_PIECES, Reply, Request, Service
from fingerprint_async.testing.factories import encode, make_error

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Connection", "Listener"]

UNREADABLE = "request cannot be parsed"
MAX_HEAD_BYTES = 64 * 1024
MAX_BODY_BYTES = 8 * 1024 * 1024
MAX_WAITING_BYTES = 256 * 1024
_REASONS = {status.value: status.phrase.encode() for status in HTTPStatus}


class Listener(Protocol):
    """What a connection needs to know of its server."""

    service: Service
    connections: set[Connection]
    keep_alive: float
    read_timeout: float


class Connection(asyncio.Protocol):
    """One connection: requests one after the other, each answered before the next is read."""

    __slots__ = (
        "_bodiless",
        "_body",
        "_head",
        "_http",
        "_listener",
        "_paused",
        "_task",
        "_timer",
        "_transport",
    )

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._transport = cast("asyncio.Transport", None)
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD_BYTES)
        self._head: h11.Request | None = None
        self._body = bytearray()
        self._bodiless = False
        self._paused = False
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    # -- what asyncio calls --

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first request."""
        self._transport = cast("asyncio.Transport", transport)
        self._listener.connections.add(self)
        self._listener.service.connection_opened()
        self._set_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give up whatever is under way."""
        del exc  # however it ended
        self._listener.connections.discard(self)
        self._listener.service.connection_closed()
        self._stop_timer()
        if self._task is not None:
            self._task.cancel()

    def data_received(self, data: bytes) -> None:
        """Answer what has come in whole."""
        self._http.receive_data(data)
        if self._task is None:
            self._read()
        elif len(self._http.trailing_data[0]) > MAX_WAITING_BYTES:
            self._transport.pause_reading()
            self._paused = True

    def abort(self) -> asyncio.Task[None] | None:
        """End the connection at once; return the delivery that was under way."""
        self._transport.abort()
        return self._task

    # -- timers --

    def _set_timer(self) -> None:
        self._stop_timer()
        seconds = self._listener.keep_alive if self._head is None else self._listener.read_timeout
        self._timer = asyncio.get_running_loop().call_later(seconds, self._time_out)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _time_out(self) -> None:
        if self._head is None:
            self._transport.close()
        else:
            self._refuse(400, "request_read_timeout", "request read timeout")

    # -- requests --

    def _read(self) -> None:
        """Take in events until a request has to be waited for, or its reply has."""
        while self._task is None and not self._transport.is_closing():
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as error:
                self._refuse(error.error_status_hint, "request_cannot_be_parsed", UNREADABLE)
                return
            if event is h11.NEED_DATA:
                if self._http.they_are_waiting_for_100_continue:
                    go_on = h11.InformationalResponse(status_code=100, headers=[])
                    self._transport.write(self._http.send(go_on) or b"")
                self._set_timer()
                return
            if isinstance(event, h11.Request):
                self._head = event
            elif isinstance(event, h11.Data):
                self._body += event.data
                if len(self._body) > MAX_BODY_BYTES:
                    self._refuse(413, "payload_too_large", "payload too large")
                    return
            elif isinstance(event, h11.EndOfMessage):
                self._answer()
            else:  # ConnectionClosed, or PAUSED after a request that ends the connection
                self._transport.close()
                return

    def _answer(self) -> None:
        head, body = cast("h11.Request", self._head), bytes(self._body)
        self._head, self._body = None, bytearray()
        self._stop_timer()
        self._bodiless = head.method == b"HEAD"
        path, _, query = head.target.decode("latin-1").partition("?")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
        service = self._listener.service
        reply = service.handle(Request(head.method.decode("ascii"), path, query, headers, body))
        if not reply.delay and reply.delivery.kind == "whole":
            self._write(reply)
            service.request_finished()
        else:
            self._task = asyncio.get_running_loop().create_task(self._deliver(reply))
            self._task.add_done_callback(self._delivered)

    def _refuse(self, status: int, code: str, message: str) -> None:
        """Answer a request that cannot be read, and close."""
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            reply = Reply(status, encode(make_error(code, message)))
            reply.headers.append(("connection", "close"))
            self._transport.writelines(self._encode(reply))
        self._transport.close()

    # -- replies --

    def _encode(self, reply: Reply) -> Iterable[bytes]:
        """Return the bytes of a whole reply."""
        parts = [self._start(reply)]
        if reply.body and not self._bodiless:
            # Not copied: a page is half a megabyte.
            data = self._http.send_with_data_passthrough(h11.Data(data=reply.body))
            parts += cast("list[bytes]", data)
        parts.append(self._http.send(h11.EndOfMessage()) or b"")
        return parts

    def _start(self, reply: Reply) -> bytes:
        response = h11.Response(
            status_code=reply.status,
            headers=reply.head(),
            reason=_REASONS.get(reply.status, b""),
        )
        return self._http.send(response) or b""

    def _write(self, reply: Reply) -> None:
        for part in self._encode(reply):
            if part:
                self._transport.write(part)
        self._next_cycle()

    def _next_cycle(self) -> None:
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
            self._set_timer()
        else:
            self._transport.close()

    def _delivered(self, task: asyncio.Task[None]) -> None:
        self._listener.service.request_finished()
        self._task = None
        if task.cancelled() or self._transport.is_closing():
            return
        if self._paused:
            self._transport.resume_reading()
            self._paused = False
        self._read()

    async def _deliver(self, reply: Reply) -> None:
        """Deliver a reply that takes its time, or goes wrong on the way."""
        if reply.delay:
            await asyncio.sleep(reply.delay)
        kind = reply.delivery.kind
        if kind == "closed":
            self._transport.close()
        elif kind in ("reset", "cut"):
            self._transport.writelines((self._start(reply), reply.body[: len(reply.body) // 2]))
            await asyncio.sleep(0.01)  # what was written leaves before the connection ends
            if kind == "reset":
                self._reset()
            else:
                self._transport.close()
        elif kind == "drip":
            self._transport.write(self._start(reply))
            for piece in reply.pieces():
                await asyncio.sleep(reply.delivery.seconds / DRIP_PIECES)
                self._transport.write(self._http.send(h11.Data(data=piece)) or b"")
            self._transport.write(self._http.send(h11.EndOfMessage()) or b"")
            self._next_cycle()
        else:
            self._write(reply)

    def _reset(self) -> None:
        """End the connection with a TCP reset."""
        raw = self._transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()
