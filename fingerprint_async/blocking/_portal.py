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

from anyio import CancelScope, create_task_group, sleep_forever
from sniffio import current_async_library_cvar

from fingerprint_async.errors import ClientStateError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from anyio.abc import TaskGroup

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
        self._loop: _Loop | None = None
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
        return self._open().call(start)

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
                loop, thread = self._loop, self._thread
            if loop is None or thread is None:
                return
            try:
                # An interrupted close may have ended the event loop.
                with suppress(ClientStateError):
                    loop.call(last)
            finally:
                loop.stop()
                thread.join()
                self._loop = None

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

    def _open(self) -> _Loop:
        with self._lock:
            if self._is_closed:
                raise ClientStateError("the client is closed")
            return self._loop or self._start()

    def _start(self) -> _Loop:
        ready: Future[_Loop] = Future()
        # A daemon: a process that ends without closing the client does not wait for it.
        thread = threading.Thread(target=_run, args=(ready,), name="fingerprint-async", daemon=True)
        try:
            thread.start()
            self._thread = thread
            self._loop = ready.result()
            # Clients that nobody closes would leave a thread behind each.
            weakref.finalize(self, self._loop.stop_in, self._process).atexit = False
        except BaseException as error:
            self._loop = None
            if not ready.cancel() and ready.exception() is None:
                ready.result().stop()
            if isinstance(error, RuntimeError) and not isinstance(error, ClientStateError):
                raise ClientStateError("the thread could not be started") from None
            raise
        return self._loop


class _Loop:
    """An event loop in a thread, and the calls that other threads wait for.

    A wait ends whenever the event loop does: what was handed over too late to begin is cancelled.

    Args:
        group: What the calls run in.
    """

    __slots__ = ("_group", "_has_ended", "_lock", "_loop", "_outcomes")

    def __init__(self, group: TaskGroup) -> None:
        self._group = group
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._outcomes: set[Future[Any]] = set()
        self._has_ended = False

    def call(self, start: Callable[[], Awaitable[T]]) -> T:
        """Run what a function starts, and wait for it; cancel it when the wait is left."""
        call = _Call(start)
        try:
            self._hand_over(call)
            return call.outcome.result()
        except CancelledError:
            raise ClientStateError("the client was closed while the call was running") from None
        finally:
            # Nothing happens to an outcome that is there.
            call.outcome.cancel()

    def stop(self) -> None:
        """Cancel what runs, and end. Waits for nothing, so that any thread can stop it."""
        with suppress(RuntimeError):  # it has ended
            self._loop.call_soon_threadsafe(self._group.cancel_scope.cancel)

    def stop_in(self, process: int) -> None:
        """Stop if this is still the process that it was started in."""
        if process == os.getpid():
            self.stop()

    def end(self) -> None:
        """Cancel what never began, when the event loop is closed."""
        with self._lock:
            self._has_ended = True
            outcomes = list(self._outcomes)
        for outcome in outcomes:
            outcome.cancel()

    def _hand_over(self, call: _Call[T]) -> None:
        call.outcome.add_done_callback(self._outcomes.discard)
        with self._lock:
            if self._has_ended:
                raise ClientStateError("the client is closed")
            self._outcomes.add(call.outcome)
            # The context goes along, and with it what another thread's event loop is.
            with suppress(RuntimeError):  # it is closed: `end` comes next
                self._loop.call_soon_threadsafe(self._begin, call)

    def _begin(self, call: _Call[Any]) -> None:
        current_async_library_cvar.set("asyncio")
        if self._group.cancel_scope.cancel_called:
            call.outcome.cancel()
        else:
            self._group.start_soon(call.run)


def _run(ready: Future[_Loop]) -> None:
    try:
        asyncio.run(_serve(ready))
    except OSError as error:
        failure = ClientStateError(f"the event loop could not be started ({type(error).__name__})")
        with suppress(InvalidStateError):
            ready.set_exception(failure)
    finally:
        if ready.done() and not ready.cancelled() and ready.exception() is None:
            ready.result().end()


async def _serve(ready: Future[_Loop]) -> None:
    # anyio's `start_blocking_portal` waits for its thread when it is collected, and so for ever
    # when the interpreter ends; and a call to a portal that ends just then waits for ever.
    async with create_task_group() as group:
        try:
            ready.set_result(_Loop(group))
        except InvalidStateError:
            # Who started this thread was interrupted.
            return
        await sleep_forever()


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

    __slots__ = ("_fetching", "_lock", "_page", "_pages", "_portal")

    def __init__(self, portal: Portal, pager: EventPager) -> None:
        self._portal = portal
        self._pages = pager.pages()
        self._page: EventSearch | None = None
        self._lock = threading.Lock()
        self._fetching = asyncio.Lock()

    def __iter__(self) -> _Pages:
        return self

    def __next__(self) -> EventSearch:
        self._portal.check_caller()
        with self._lock:
            if self._page is None:
                self._portal.call(self._fetch)
            page, self._page = self._page, None
        if page is None:
            raise StopIteration
        return page

    async def _fetch(self) -> None:
        # Not returned: a page that comes when its wait is interrupted is that of the next step.
        async with self._fetching:
            if self._page is None:
                self._page = await anext(self._pages, None)


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
