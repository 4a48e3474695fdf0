"""A service on a socket: a small HTTP/1.1 server.

It is our own because faults lie below HTTP (a reset in the middle of a body, a connection closed
before the answer), and because a benchmark of a client needs a cheap server. h11 parses.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fingerprint_async.testing.carriers._connection import Connection

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from fingerprint_async.testing.carriers.message import Service

__all__ = ["Server", "ServerThread"]


class Server:
    """A listening service.

    Attributes:
        service: What answers.
        host: Where it listens.
        port: Where it listens; 0 until then for any free one.
        keep_alive: Seconds after which an idle connection is closed.
        read_timeout: Seconds that a request may take to come in whole.
    """

    def __init__(
        self,
        service: Service,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        keep_alive: float = 75.0,
        read_timeout: float = 30.0,
    ) -> None:
        if not host:
            raise ValueError("host must name an address; 127.0.0.1 is this machine only")
        self.service = service
        self.host = host
        self.port = port
        self.keep_alive = keep_alive
        self.read_timeout = read_timeout
        self.connections: set[Connection] = set()
        self._server: asyncio.Server | None = None

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self.origin}>"

    async def listen(self) -> None:
        """Open the socket."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Connection(self), self.host, self.port, backlog=1024
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Close the socket and every connection; answers under way are dropped."""
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
    async def down(self) -> AsyncGenerator[None, None]:
        """While inside, refuse connections; cut those that are open."""
        await self.close()
        try:
            yield
        finally:
            await self.listen()


class ServerThread:
    """Runs a server in a thread with an event loop of its own."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._done = asyncio.Event()
        self._failure: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="fingerprint-emulator", daemon=True)

    def start(self) -> None:
        """Return once the server listens.

        Raises:
            OSError: It cannot listen.
        """
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Stop the server and end the thread."""
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._done.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as error:
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        await self.server.listen()
        self._loop = asyncio.get_running_loop()
        self._ready.set()
        await self._done.wait()
        await self.server.close()
