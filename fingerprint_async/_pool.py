"""Connections, the event loop that they belong to, and the calls that run over them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from fingerprint_async.errors import ClientStateError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpx

    from fingerprint_async.options import ClientOptions

__all__ = ["Pool"]

T = TypeVar("T")


class Pool:
    """Connections, the loop that they belong to, and the calls that run over them.

    One for a client and those made from it by `with_options()`.
    """

    def __init__(self, options: ClientOptions) -> None:
        self._options = options
        self._inner: httpx.AsyncBaseTransport | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._calls: dict[asyncio.Timeout, object] = {}
        self._ended = asyncio.Event()
        self.is_closed = False

    def check_loop(self) -> None:
        """Take the running event loop as one's own, or see that it is."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            raise ClientStateError("the client needs a running asyncio event loop") from None
        if self._loop is None:
            self._loop = loop
        elif self._loop is not loop:
            raise ClientStateError(
                "the client belongs to another event loop, that of its first call; make a client in each loop"
            )

    def inner(self) -> httpx.AsyncBaseTransport:
        """Give what sends: the caller's own, or one that is closed with the client."""
        if self._inner is None:
            from fingerprint_async._transport import open_inner

            self._inner = open_inner(self._options)
        return self._inner

    async def run(self, owner: object, call: Callable[[], Awaitable[T]]) -> T:
        """Make a call, in reach of `end_calls` for as long as it runs."""
        scope = asyncio.timeout(None)
        try:
            async with scope:
                self._calls[scope] = owner
                return await call()
        except TimeoutError:
            if not scope.expired():
                raise
            raise ClientStateError("the client was closed while the call was running") from None
        finally:
            self._calls.pop(scope, None)
            self._ended.set()

    async def end_calls(self, owner: object | None) -> None:
        """End the running calls, those of one owner or all, and wait until they have."""
        mine = [scope for scope, other in self._calls.items() if owner is None or other is owner]
        for scope in mine:
            if not scope.expired():
                # An end in the past: the call ends where it waits, as by asyncio's own timeouts.
                scope.reschedule(0)
        while any(scope in self._calls for scope in mine):
            self._ended.clear()
            await self._ended.wait()

    async def aclose(self) -> None:
        """End all calls and close the connections, unless they are the caller's."""
        self.is_closed = True
        try:
            await self.end_calls(None)
        finally:
            if self._inner is not None:
                await self._inner.aclose()
