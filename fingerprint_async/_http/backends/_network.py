"""The network of httpcore over plain asyncio: its public seam, without a layer for other loops."""

from __future__ import annotations

import asyncio
import select
from typing import TYPE_CHECKING, Any, Final, cast

from fingerprint_async._http.backends._dialing import dial

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

__all__ = ["AsyncioNetwork"]

_HIGH_WATER_BYTES: Final = 256 * 1024
"""What is buffered before the peer has to wait."""


class _Wire(asyncio.Protocol):
    """The bytes that came and were not read yet, and who waits for more."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.buffer = bytearray()
        self.failure: BaseException | None = None
        self.is_ended = False
        self._reader: asyncio.Future[None] | None = None
        self._writer: asyncio.Future[None] | None = None
        self._is_full = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if len(self.buffer) > _HIGH_WATER_BYTES and self.transport is not None:
            self.transport.pause_reading()
        _wake(self._reader)

    def eof_received(self) -> bool:
        self.is_ended = True
        _wake(self._reader)
        return False

    def connection_lost(self, exc: BaseException | None) -> None:
        self.is_ended = True
        self.failure = exc
        _wake(self._reader)
        _wake(self._writer)

    def pause_writing(self) -> None:
        self._is_full = True

    def resume_writing(self) -> None:
        self._is_full = False
        _wake(self._writer)

    def take(self, most: int) -> bytes:
        """Return bytes that came, at most so many."""
        data = bytes(self.buffer[:most])
        del self.buffer[:most]
        if len(self.buffer) <= _HIGH_WATER_BYTES and self.transport is not None:
            self.transport.resume_reading()
        return data

    async def wait_readable(self, timeout: float | None) -> None:
        """Wait until bytes came, or the connection ended."""
        if not self.buffer and not self.is_ended:
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await _within(self._reader, timeout)
            finally:
                self._reader = None

    async def wait_writable(self, timeout: float | None) -> None:
        """Wait until more can be written, or the connection ended."""
        if self._is_full and not self.is_ended:
            self._writer = asyncio.get_running_loop().create_future()
            try:
                await _within(self._writer, timeout)
            finally:
                self._writer = None


def _wake(future: asyncio.Future[None] | None) -> None:
    if future is not None and not future.done():
        future.set_result(None)


async def _within(future: asyncio.Future[None], timeout: float | None) -> None:
    """Wait for a future, at most so many seconds."""
    if timeout is None:
        await future
        return
    timer = asyncio.get_running_loop().call_later(timeout, _expire, future)
    try:
        await future
    finally:
        timer.cancel()


def _expire(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_exception(TimeoutError())


class _Stream:
    """One connection, as httpcore reads and writes it."""

    def __init__(self, core: Any, wire: _Wire, transport: asyncio.Transport) -> None:
        self._core = core
        self._wire = wire
        self._transport = transport

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        wire = self._wire
        if not wire.buffer:
            try:
                await wire.wait_readable(timeout)
            except TimeoutError:
                raise self._core.ReadTimeout from None
            if not wire.buffer and wire.failure is not None:
                raise self._core.ReadError(_words(wire.failure)) from None
        return wire.take(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:
            return
        wire = self._wire
        if wire.failure is not None or self._transport.is_closing():
            raise self._core.WriteError("closed")
        self._transport.write(buffer)
        try:
            await wire.wait_writable(timeout)
        except TimeoutError:
            raise self._core.WriteTimeout from None

    async def aclose(self) -> None:
        # Everything was read, or nobody wants it: there is nothing to wait for.
        self._transport.abort()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> _Stream:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout):
                secured = await loop.start_tls(
                    self._transport, self._wire, ssl_context, server_hostname=server_hostname
                )
        except TimeoutError:
            self._transport.abort()
            raise self._core.ConnectTimeout from None
        except (OSError, EOFError) as error:
            self._transport.abort()
            raise self._core.ConnectError(_words(error)) from error
        except BaseException:
            self._transport.abort()
            raise
        transport = cast("asyncio.Transport", secured)
        self._wire.transport = transport
        return _Stream(self._core, self._wire, transport)

    def get_extra_info(self, info: str) -> Any:
        return (
            self._is_readable() if info == "is_readable" else self._transport.get_extra_info(info)
        )

    def _is_readable(self) -> bool:
        """Tell whether bytes or the end came.

        On a resting connection both mean that it is of no use.
        """
        wire = self._wire
        if wire.buffer or wire.is_ended or self._transport.is_closing():
            return True
        raw = self._transport.get_extra_info("socket")
        if raw is None or not hasattr(select, "poll"):  # pragma: no cover - Windows, other loops
            return False
        poll = select.poll()
        poll.register(raw.fileno(), select.POLLIN)
        return bool(poll.poll(0))


class AsyncioNetwork:
    """Opens connections for httpcore, or a library of its shape.

    Args:
        core: The library's module, for its exceptions.
    """

    def __init__(self, core: Any) -> None:
        self._core = core

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> _Stream:
        """Open a connection."""
        if host.endswith(".localhost"):
            # Never asked of a name server, which could name another machine (RFC 6761).
            host = "localhost"
        try:
            async with asyncio.timeout(timeout):
                transport, wire = await dial(_Wire, host, port)
        except TimeoutError:
            raise self._core.ConnectTimeout from None
        except (OSError, UnicodeError) as error:
            raise self._core.ConnectError(_words(error)) from error
        return _Stream(self._core, wire, cast("asyncio.Transport", transport))


def _words(error: BaseException) -> str:
    return type(error).__name__
