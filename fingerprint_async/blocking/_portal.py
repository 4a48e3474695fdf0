"""An event loop in a thread of its own, which blocking calls are handed to."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import weakref
from concurrent.futures import CancelledError, Future, InvalidStateError
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from anyio import CancelScope

from fingerprint_async.errors import ClientStateError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from anyio.from_thread import BlockingPortal

    from fingerprint_async.models import Event, EventSearch
    from fingerprint_async.pagination import EventPager

__all__ = ["BlockingEventPager", "Portal"]

T = TypeVar("T")

_END: Final = object()


class Portal:
    """Runs coroutines for threads that wait for them. The event loop starts with the first call.

    An exception such as Ctrl-C can come between any two statements of a thread. So what a thread
    starts is handed over in an object that it holds already, and ended when the wait is left.
    """

    def __init__(self) -> None:
        self._lock: Final = threading.Lock()
        self._close_lock: Final = threading.Lock()
        self._portal: BlockingPortal | None = None
        self._thread: threading.Thread | None = None
        self._process = os.getpid()
        self._is_closed = False

    def call(self, start: Callable[[], Awaitable[T]]) -> T:
        """Run what a function starts, and return its result.

        When the waiting thread is interrupted, as by Ctrl-C, what runs is cancelled.

        Raises:
            ClientStateError: The portal is closed, belongs to another process, or would wait for
                itself.
        """
        self.check_caller()
        return _call(self._open(), start)

    def close(self, last: Callable[[], Awaitable[None]]) -> None:
        """Run a last coroutine, and end the event loop.

        In a forked process, and when the interpreter ends, nothing is done. After a close that was
        interrupted, the next one goes on with it.

        Raises:
            ClientStateError: The portal would wait for itself.
        """
        if self._process != os.getpid() or sys.is_finalizing():
            return
        self.check_caller()
        with self._close_lock:
            with self._lock:
                self._is_closed = True
                portal, thread = self._portal, self._thread
            if portal is None or thread is None:
                return
            try:
                # An interrupted close may have ended the event loop.
                with suppress(ClientStateError):
                    _call(portal, last)
            finally:
                _stop(portal)
                thread.join()
                self._portal = None

    def check_caller(self) -> None:
        """Raise a `ClientStateError` if this thread, or this process, cannot wait for a call."""
        # A forked child tells no coverage.
        if self._process != os.getpid():  # pragma: no cover
            raise ClientStateError(
                "this client was made before the process forked: make one in each process"
            )
        if sys.is_finalizing():  # pragma: no cover - nothing is counted then
            raise ClientStateError("the interpreter is ending: no other thread runs any more")
        if threading.current_thread() is self._thread:
            raise ClientStateError(
                "a blocking call from a hook of the client would wait for itself"
            )

    def _open(self) -> BlockingPortal:
        with self._lock:
            if self._is_closed:
                raise ClientStateError("the client is closed")
            return self._portal or self._start()

    def _start(self) -> BlockingPortal:
        ready: Future[_Started] = Future()
        # A daemon: a process that ends without closing the client does not wait for it.
        thread = threading.Thread(target=_run, args=(ready,), name="fingerprint-async", daemon=True)
        try:
            thread.start()
            self._thread = thread
            started = ready.result()
            self._portal = started.portal
            # Clients that nobody closes would leave a thread behind each.
            weakref.finalize(self, started.stop, self._process).atexit = False
        except BaseException as error:
            self._portal = None
            if not ready.cancel() and ready.exception() is None:
                _stop(ready.result().portal)
            if isinstance(error, RuntimeError) and not isinstance(error, ClientStateError):
                raise ClientStateError("the thread could not be started") from None
            raise
        return self._portal


class _Started:
    """An event loop that was started.

    Attributes:
        portal: What hands coroutines to it.
    """

    __slots__ = ("_loop", "_stopping", "portal")

    def __init__(self, portal: BlockingPortal, loop: asyncio.AbstractEventLoop) -> None:
        self.portal = portal
        self._loop = loop

    def stop(self, process: int) -> None:
        """End it without waiting: what collects garbage may be its own thread, or hold a lock."""
        if process == os.getpid():
            with suppress(RuntimeError):  # it has ended
                self._loop.call_soon_threadsafe(self._stop)

    def _stop(self) -> None:
        self._stopping = self._loop.create_task(self.portal.stop(cancel_remaining=True))


def _run(ready: Future[_Started]) -> None:
    try:
        asyncio.run(_serve(ready))
    except OSError as error:
        failure = ClientStateError(f"the event loop could not be started ({type(error).__name__})")
        with suppress(InvalidStateError):
            ready.set_exception(failure)


async def _serve(ready: Future[_Started]) -> None:
    # anyio's own `start_blocking_portal` waits for its thread when it is collected, and so for
    # ever when the interpreter ends.
    from anyio.from_thread import BlockingPortal

    async with BlockingPortal() as portal:
        try:
            ready.set_result(_Started(portal, asyncio.get_running_loop()))
        except InvalidStateError:
            # Who started this thread was interrupted.
            return
        await portal.sleep_until_stopped()


def _call(portal: BlockingPortal, start: Callable[[], Awaitable[T]]) -> T:
    """Run what a function starts, and wait for it; cancel it when the wait is left."""
    call = _Call(start)
    try:
        try:
            portal.start_task_soon(call.run)
        except RuntimeError:
            raise ClientStateError("the client is closed") from None
        return call.outcome.result()
    except CancelledError:
        raise ClientStateError("the client was closed while the call was running") from None
    finally:
        # Nothing happens to an outcome that is there.
        call.outcome.cancel()


def _stop(portal: BlockingPortal) -> None:
    """End an event loop and what runs in it, if it has not ended."""
    with suppress(RuntimeError):
        portal.start_task_soon(portal.stop, True)


class _Call(Generic[T]):
    """A coroutine that runs for a thread that waits for its outcome.

    Args:
        start: Makes the awaitable.

    Attributes:
        outcome: What came of it. Cancelling it cancels the coroutine, at any time.
    """

    __slots__ = ("_start", "outcome")

    def __init__(self, start: Callable[[], Awaitable[T]]) -> None:
        self._start = start
        self.outcome: Future[T] = Future()

    async def run(self) -> None:
        """Run it, in the event loop's thread."""
        with CancelScope() as scope:
            cancel = partial(_cancel, asyncio.get_running_loop(), scope)
            self.outcome.add_done_callback(cancel)
            if self.outcome.cancelled():
                return
            try:
                value = await self._start()
            except asyncio.CancelledError:
                self.outcome.cancel()
                raise
            except BaseException as error:  # noqa: BLE001 - the thread that called gets it
                # Also what ends a program: it would end the event loop here.
                with suppress(InvalidStateError):
                    self.outcome.set_exception(error)
            else:
                with suppress(InvalidStateError):
                    self.outcome.set_result(value)


def _cancel(loop: asyncio.AbstractEventLoop, scope: CancelScope, outcome: Future[Any]) -> None:
    if outcome.cancelled():
        with suppress(RuntimeError):  # the loop has ended, and so has the coroutine
            loop.call_soon_threadsafe(scope.cancel)


class BlockingEventPager:
    """The result of a search, fetched as it is asked for: `EventPager`, blocking.

    * `page = pager.first_page()` is one request: the first page.
    * `for event in pager` is every event of every page.
    * `for page in pager.pages()` is the same, a page at a time.
    """

    __slots__ = ("_pager", "_portal")

    def __init__(self, portal: Portal, pager: EventPager) -> None:
        self._portal = portal
        self._pager = pager

    def first_page(self) -> EventSearch:
        """Fetch the first page."""
        return self._portal.call(self._pager.first_page)

    def __iter__(self) -> Iterator[Event]:
        """Iterate over every event of every page."""
        return _Events(self._portal, self._pager)

    def pages(self) -> Iterator[EventSearch]:
        """Iterate over pages. One may be empty and still not be the last."""
        return _Pages(self._portal, self._pager)

    def __repr__(self) -> str:
        return f"<Blocking {self._pager!r}>"


class _Pages:
    # No generators here: one that an error has left is at its end, as if nothing came after.

    __slots__ = ("_pages", "_portal")

    def __init__(self, portal: Portal, pager: EventPager) -> None:
        self._portal = portal
        self._pages = pager.pages()

    def __iter__(self) -> _Pages:
        return self

    def __next__(self) -> EventSearch:
        page = self._portal.call(self._fetch)
        if page is None:
            raise StopIteration
        return page

    async def _fetch(self) -> EventSearch | None:
        return await anext(self._pages, None)


class _Events:
    __slots__ = ("_lock", "_pages", "_portal", "_rest")

    def __init__(self, portal: Portal, pager: EventPager) -> None:
        self._portal = portal
        self._pages = _Pages(portal, pager)
        self._rest: Iterator[Event] = iter(())
        self._lock = threading.Lock()

    def __iter__(self) -> _Events:
        return self

    def __next__(self) -> Event:
        self._portal.check_caller()
        event: object
        # Several threads may share an iterator, each event going to one of them.
        with self._lock:
            while (event := next(self._rest, _END)) is _END:
                self._rest = iter(next(self._pages).events or ())
        return cast("Event", event)
