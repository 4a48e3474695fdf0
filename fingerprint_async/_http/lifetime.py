"""Connections, the event loop and process that they belong to, and the calls that run over them."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from fingerprint_async.errors import ClientStateError

if TYPE_CHECKING:
    from fingerprint_async._http.message import Backend
    from fingerprint_async.config import ClientOptions

__all__ = ["Lifetime"]


class Lifetime:
    """The life of the connections of a client, and of those made from it by `with_options()`.

    Args:
        options: The settings of the client that they were first made for.
    """

    def __init__(self, options: ClientOptions) -> None:
        self._options = options
        self._backend: Backend | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._process = 0
        self._calls: dict[asyncio.Timeout, object] = {}
        self._ending: set[asyncio.Timeout] = set()
        self._wakers: set[asyncio.Future[None]] = set()
        self.is_closed = False

    def check(self) -> None:
        """Take the running event loop as the one of the connections, or raise unless it is.

        Raises:
            ClientStateError: It is closed, or belongs to another event loop or process.
        """
        if self.is_closed:
            raise ClientStateError("the client is closed")
        # A forked child tells no coverage.
        if self._loop is not None and self._process != os.getpid():  # pragma: no cover
            raise ClientStateError(
                "the client belongs to the process that this one was forked from; "
                "make a client after the fork"
            )
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            raise ClientStateError("the client needs a running asyncio event loop") from None
        if self._loop is None:
            self._loop = loop
            self._process = os.getpid()
        elif self._loop is not loop:
            raise ClientStateError(
                "the client belongs to another event loop, that of its first call; "
                "make a client in each loop"
            )

    @property
    def is_lost(self) -> bool:
        """Whether the event loop or the process of the connections is gone."""
        loop = self._loop
        return loop is not None and (loop.is_closed() or self._process != os.getpid())

    def backend(self) -> Backend:
        """Return what sends; made on the first call."""
        if self._backend is None:
            from fingerprint_async._http.backends import open_backend

            self._backend = open_backend(self._options)
        return self._backend

    def began(self, scope: asyncio.Timeout, owner: object) -> None:
        """Take in a call that runs."""
        self._calls[scope] = owner

    def ended(self, scope: asyncio.Timeout) -> None:
        """Forget a call that ended."""
        self._calls.pop(scope, None)
        self._ending.discard(scope)
        for waker in self._wakers:
            if not waker.done():
                waker.set_result(None)

    def is_ending(self, scope: asyncio.Timeout) -> bool:
        """Tell whether a call was ended by closing its client."""
        return scope in self._ending

    async def end_calls(self, owner: object | None) -> None:
        """End the running calls, those of one owner or all, and wait until they have."""
        mine = [scope for scope, other in self._calls.items() if owner is None or other is owner]
        for scope in mine:
            if not scope.expired():
                self._ending.add(scope)
                # An end in the past: the call ends where it waits.
                scope.reschedule(0)
        while any(scope in self._calls for scope in mine):
            waker: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._wakers.add(waker)
            try:
                await waker
            finally:
                self._wakers.discard(waker)

    async def aclose(self) -> None:
        """End all calls and close the connections, unless they are the caller's."""
        self.is_closed = True
        if self.is_lost:
            # Nothing can be awaited that belongs to a loop that is gone.
            self._backend = None
            return
        try:
            await self.end_calls(None)
        finally:
            if self._backend is not None:
                await self._backend.aclose()
