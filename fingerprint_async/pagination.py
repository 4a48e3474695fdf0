# Annotations bind no caller at run time.
# pyright: reportUnnecessaryIsInstance=false
"""Pages follow pages here, and nowhere else."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, cast

from fingerprint_async.errors import PaginationError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping

    from fingerprint_async.models import Event, EventSearch

__all__ = ["EventPager"]

MAX_PAGE_SIZE: Final = 100
"""The largest `limit` that the API takes."""
_MOST_EMPTY_PAGES: Final = 1000
_END: Final = object()


class EventPager:
    """The result of a search, fetched as it is asked for. `client.events.search(...)` makes it.

    * `page = await pager` is one request: the first page (`.events`, `.pagination_key`,
      `.total_hits`), with the API's default page size of 10 unless `limit` was given.
    * `async for event in pager` is every event of every page, 100 events a request unless `limit`
      was given: `limit` is the size of a page, never the number of events in all.
    * `async for page in pager.pages()` is the same, a page at a time.

    `page.cursor` is one text from which `client.events.search_from` goes on after that page, in
    another process too.

    A page is asked for when the previous one is used up, none ahead, so leaving a loop early costs
    nothing and leaves nothing behind. Each iteration starts from the beginning. An iterator kept by
    hand (`events = aiter(pager)`) may be shared by several tasks, each event going to one of them,
    and after an error its next step asks for the same page again.

    Events come newest first (oldest first with `reverse=True`), each page going on where the last
    one ended, so events that arrive during an iteration don't shift it. Without `start` and `end`
    the window is the server's: from 7 days before to the moment of each request. Give both for a
    window that stands still; with `reverse=True` and no `end`, an iteration goes on for as long as
    new events keep coming.
    """

    __slots__ = ("_fetch", "_filters", "_keeps_page_size")

    def __init__(
        self,
        fetch: Callable[[Mapping[str, Any]], Awaitable[EventSearch]],
        filters: Mapping[str, Any],
        *,
        keeps_page_size: bool = False,
    ) -> None:
        """Take the function that fetches one page for filters, and the filters of the first one.

        `keeps_page_size` is for a search that goes on from a cursor: its pagination key is valid
        only with the page size that it came with.
        """
        self._fetch = fetch
        self._filters = filters
        self._keeps_page_size = keeps_page_size

    def __await__(self) -> Generator[Any, None, EventSearch]:
        """Fetch the first page."""
        return self.first_page().__await__()

    async def first_page(self) -> EventSearch:
        """Fetch the first page, as awaiting the pager does.

        A coroutine, for `asyncio.create_task`.
        """
        return await self._fetch(self._filters)

    def __aiter__(self) -> AsyncIterator[Event]:
        """Iterate over every event of every page."""
        return _Events(self._iterate())

    def pages(self) -> AsyncIterator[EventSearch]:
        """Iterate over pages. One may be empty and still not be the last."""
        return self._iterate()

    def __repr__(self) -> str:
        # Filters may be about people: only their names.
        return f"<{type(self).__name__} filters={sorted(self._filters)}>"

    def _iterate(self) -> _Pages:
        if self._keeps_page_size:
            return _Pages(self._fetch, self._filters)
        return _Pages(self._fetch, {"limit": MAX_PAGE_SIZE, **self._filters})


class _Pages:
    # No async generators here: one that is left early is closed by the loop, later, in its own
    # task.

    __slots__ = ("_empty", "_fetch", "_filters", "_lock", "_seen")

    def __init__(
        self,
        fetch: Callable[[Mapping[str, Any]], Awaitable[EventSearch]],
        filters: Mapping[str, Any],
    ) -> None:
        self._fetch = fetch
        self._filters: Mapping[str, Any] | None = filters
        self._seen = {filters.get("pagination_key")}
        self._empty = 0
        self._lock = asyncio.Lock()

    def __aiter__(self) -> _Pages:
        return self

    async def __anext__(self) -> EventSearch:
        async with self._lock:
            if self._filters is None:
                raise StopAsyncIteration
            page = await self._fetch(self._filters)
            self._filters = self._next(self._filters, page)
            return page

    def _next(self, filters: Mapping[str, Any], page: EventSearch) -> Mapping[str, Any] | None:
        """Return the filters of the next page; None after the last one."""
        number = len(self._seen)
        events: object = page.events or []
        if not isinstance(events, list | tuple):
            # Text and objects can be iterated over as well, and would give nonsense for events.
            raise PaginationError(
                f"page {number} of this search holds a value of type {type(events).__name__} "
                "where its list of events belongs"
            )
        key: object = page.pagination_key
        if not key:
            return None
        if not isinstance(key, str | int):
            raise PaginationError(
                f"page {number} of this search came with a pagination key of type "
                f"{type(key).__name__}: the next page cannot be asked for"
            )
        if key in self._seen:
            # Its events may have been given already: whoever counts would count them twice.
            raise PaginationError(
                f"page {number} of this search came with a pagination key that was followed "
                "before: going on would never end; search a smaller window, or another limit"
            )
        self._empty = 0 if events else self._empty + 1
        if self._empty > _MOST_EMPTY_PAGES:
            raise PaginationError(
                f"the last {self._empty} pages of this search held no event, and name a next page "
                "all the same: going on might never end; search a smaller window"
            )
        self._seen.add(key)
        return {**filters, "pagination_key": key}


class _Events:
    __slots__ = ("_lock", "_pages", "_rest")

    def __init__(self, pages: _Pages) -> None:
        self._pages = pages
        self._rest: Iterator[Event] = iter(())
        self._lock = asyncio.Lock()

    def __aiter__(self) -> _Events:
        return self

    async def __anext__(self) -> Event:
        event: object = next(self._rest, _END)
        if event is _END:
            async with self._lock:
                # Another task may have fetched a page while this one waited.
                while (event := next(self._rest, _END)) is _END:
                    page = await self._pages.__anext__()
                    self._rest = iter(page.events or ())
        return cast("Event", event)
