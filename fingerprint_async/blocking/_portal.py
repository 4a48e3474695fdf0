"""An event loop in a thread of its own, which blocking calls are handed to."""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Final, TypeVar

from fingerprint_async.errors import ClientStateError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from anyio.from_thread import BlockingPortal

    from fingerprint_async.models import Event, EventSearch
    from fingerprint_async.pagination import EventPager

__all__ = ["BlockingEventPager", "Portal"]

T = TypeVar("T")


class Portal:
    """Runs coroutines for threads that wait for them. The event loop starts with the first call."""

    def __init__(self) -> None:
        self._lock: Final = threading.Lock()
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
        future = self._open().start_task_soon(start)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def close(self, last: Callable[[], Awaitable[None]]) -> None:
        """Run a last coroutine, and end the event loop. In a forked process nothing is done."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            portal, thread = self._portal, self._thread
        if portal is None or thread is None or self._process != os.getpid():
            return
        try:
            portal.start_task_soon(last).result()
        finally:
            portal.start_task_soon(portal.stop, True).result()
            thread.join()

    def _open(self) -> BlockingPortal:
        # A forked child tells no coverage.
        if self._process != os.getpid():  # pragma: no cover
            raise ClientStateError(
                "this client was made before the process forked: make one in each process"
            )
        if threading.current_thread() is self._thread:
            raise ClientStateError(
                "a blocking call from a hook of the client would wait for itself"
            )
        with self._lock:
            if self._is_closed:
                raise ClientStateError("the client is closed")
            if self._portal is None:
                self._portal = self._start()
            return self._portal

    def _start(self) -> BlockingPortal:
        ready: Future[BlockingPortal] = Future()
        # A daemon: a process that ends without closing the client does not wait for it.
        self._thread = threading.Thread(
            target=_run, args=(ready,), name="fingerprint-async", daemon=True
        )
        self._thread.start()
        return ready.result()


def _run(ready: Future[BlockingPortal]) -> None:
    try:
        asyncio.run(_serve(ready))
    except OSError as error:
        ready.set_exception(
            ClientStateError(f"the event loop could not be started ({type(error).__name__})")
        )


async def _serve(ready: Future[BlockingPortal]) -> None:
    # anyio's own `start_blocking_portal` waits for its thread when it is collected, and so for
    # ever when the interpreter ends.
    from anyio.from_thread import BlockingPortal

    async with BlockingPortal() as portal:
        ready.set_result(portal)
        await portal.sleep_until_stopped()


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
        for page in self.pages():
            yield from page.events or ()

    def pages(self) -> Iterator[EventSearch]:
        """Iterate over pages. One may be empty and still not be the last."""
        step = _Step(self._pager.pages())
        while (page := self._portal.call(step)) is not None:
            yield page

    def __repr__(self) -> str:
        return f"<Blocking {self._pager!r}>"


class _Step:
    """Fetches the next page, or None after the last one."""

    __slots__ = ("_pages",)

    def __init__(self, pages: AsyncIterator[EventSearch]) -> None:
        self._pages = pages

    async def __call__(self) -> EventSearch | None:
        return await anext(self._pages, None)
