"""Pages that follow pages, over a fetch function and without any network."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerprint_async import EventPager, PaginationError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Pages:
    """Stands for a server: page `n` has the key that leads to it, `None` ends."""

    def __init__(self, *pages: tuple[list[int], object]) -> None:
        self.pages = pages
        self.asked: list[Mapping[str, Any]] = []
        self.fail_next: Exception | None = None

    async def fetch(self, filters: Mapping[str, Any]) -> Any:
        """Answer with the page that the key leads to."""
        self.asked.append(filters)
        await asyncio.sleep(0)
        if self.fail_next:
            error, self.fail_next = self.fail_next, None
            raise error
        events, key = self.pages[int(filters.get("pagination_key", "0"))]
        return SimpleNamespace(events=events, pagination_key=key, total_hits=None)

    def pager(self, **filters: Any) -> EventPager:
        """Search this server."""
        return EventPager(self.fetch, filters)


async def test_awaiting_gives_the_first_page_as_asked() -> None:
    """One request with the caller's filters alone, so that the API's default page size holds."""
    server = Pages(([1, 2], "1"), ([3], None))
    page = await server.pager(vpn=True)
    assert page.events == [1, 2]
    assert page.pagination_key == "1"
    assert server.asked == [{"vpn": True}]


async def test_iterating_gives_every_event_of_every_page() -> None:
    """Pages of 100 are asked for, with the same filters and the key of the page before."""
    server = Pages(([1, 2], "1"), ([3], "2"), ([4], None))
    assert [event async for event in server.pager(vpn=True)] == [1, 2, 3, 4]
    assert server.asked == [
        {"limit": 100, "vpn": True},
        {"limit": 100, "vpn": True, "pagination_key": "1"},
        {"limit": 100, "vpn": True, "pagination_key": "2"},
    ]


async def test_a_limit_is_the_size_of_each_page() -> None:
    """`limit` and a `pagination_key` to start from are the caller's."""
    server = Pages(([1], "1"), ([2], "2"), ([3], None))
    assert [event async for event in server.pager(limit=1, pagination_key="1")] == [2, 3]
    assert [asked["limit"] for asked in server.asked] == [1, 1]


async def test_pages_are_given_whole() -> None:
    """`.pages()` gives what awaiting gives, page after page."""
    server = Pages(([1, 2], "1"), ([3], None))
    assert [page.events async for page in server.pager().pages()] == [[1, 2], [3]]


@pytest.mark.parametrize("end", [None, ""])
async def test_an_empty_page_with_a_key_is_not_the_end(end: object) -> None:
    """Only a page without a key ends an iteration; a page without events does not."""
    server = Pages(([], "1"), ([], "2"), ([7], "3"), ([], end))
    assert [event async for event in server.pager()] == [7]
    assert len(server.asked) == 4


async def test_a_page_without_a_list_of_events_is_an_empty_page() -> None:
    """A page whose `events` are missing or null costs nothing of the others."""
    server = Pages((None, "1"), (None, "2"), ([1], None))  # type: ignore[arg-type]
    assert [event async for event in server.pager()] == [1]


@pytest.mark.parametrize("keys", [["0"], ["1", "1"], ["1", "2", "1"], ["1", "2", "0"]])
async def test_a_key_that_comes_again_is_an_error(keys: list[str]) -> None:
    """A chain that leads back into itself ends with an error instead of going round for ever."""
    server = Pages(*[([n], key) for n, key in enumerate(keys)])
    pages = server.pager(pagination_key="0").pages()
    for _ in keys[1:]:
        await anext(pages)
    with pytest.raises(PaginationError, match="pagination key that was followed before"):
        await anext(pages)


async def test_leaving_early_asks_for_nothing_more_and_leaves_nothing_behind() -> None:
    """A `break` fetches no further page and leaves no task."""
    server = Pages(([1, 2], "1"), ([3], None))
    async for _ in server.pager():
        break
    await asyncio.sleep(0)
    assert len(server.asked) == 1
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_each_iteration_starts_from_the_beginning() -> None:
    """A pager may be used again.

    By several loops at a time, without one being seen by the other.
    """
    server = Pages(([1, 2], "1"), ([3], None))
    pager = server.pager()

    async def collect() -> list[Any]:
        return [event async for event in pager]

    assert await asyncio.gather(collect(), collect()) == [[1, 2, 3], [1, 2, 3]]
    assert await collect() == [1, 2, 3]


async def test_several_tasks_may_share_an_iterator() -> None:
    """Each event goes to one of them, and no page is asked for twice."""
    server = Pages(
        *[([10 * n + i for i in range(10)], str(n + 1) if n < 9 else None) for n in range(10)]
    )
    events = aiter(server.pager())
    given: list[Any] = []

    async def work() -> None:
        async for event in events:
            given.append(event)
            await asyncio.sleep(0)

    await asyncio.gather(*(work() for _ in range(7)))
    assert sorted(given) == list(range(100))
    assert len(server.asked) == 10


async def test_after_an_error_the_same_page_is_asked_for_again() -> None:
    """A failed step loses nothing: whoever keeps the iterator can go on."""
    server = Pages(([1], "1"), ([2], None))
    events = aiter(server.pager())
    assert await anext(events) == 1
    server.fail_next = OSError()
    with pytest.raises(OSError):  # noqa: PT011 - it has no message
        await anext(events)
    assert [event async for event in events] == [2]


@pytest.mark.parametrize("events", ["abc", {"a": 1}, 5])
async def test_a_page_whose_events_are_no_list_is_a_typed_error(events: Any) -> None:
    """Neither letters nor keys are given for events.

    The next step asks for the same page again.
    """
    server = Pages((events, "1"), ([2], None))
    given_out = aiter(server.pager())
    for _ in range(2):
        with pytest.raises(
            PaginationError, match=r"page 1 .* of type (str|dict|int) where its list"
        ):
            await anext(given_out)
    assert [asked.get("pagination_key") for asked in server.asked] == [None, None]


@pytest.mark.parametrize("key", [{"a": 1}, [1], 1.5])
async def test_a_pagination_key_that_is_no_key_is_a_typed_error(key: object) -> None:
    """It is not taken for the end, and nothing is sent for it."""
    server = Pages(([1], key))
    with pytest.raises(
        PaginationError, match=r"page 1 .* pagination key of type (dict|list|float)"
    ):
        [page async for page in server.pager().pages()]
    assert len(server.asked) == 1


async def test_an_iterator_that_ended_stays_ended() -> None:
    """Asking on after the end asks the server nothing."""
    server = Pages(([1], None))
    events = aiter(server.pager())
    assert [event async for event in events] == [1]
    assert [event async for event in events] == []
    assert len(server.asked) == 1


async def test_empty_pages_without_end_end() -> None:
    """Each with another key, and none with an event."""

    class Endless(Pages):
        async def fetch(self, filters: Mapping[str, Any]) -> Any:
            self.asked.append(filters)
            return SimpleNamespace(events=[], pagination_key=str(len(self.asked)), total_hits=None)

    server = Endless()
    with pytest.raises(PaginationError, match="held no event"):
        await anext(aiter(server.pager()))
    assert len(server.asked) == 1001


def test_a_repr_names_filters_and_no_values() -> None:
    """Ids and addresses of people stay out of logs."""
    assert (
        repr(Pages().pager(visitor_id="secret", limit=3))
        == "<EventPager filters=['limit', 'visitor_id']>"
    )


@given(st.lists(st.lists(st.integers(), max_size=5), min_size=1, max_size=12))
def test_nothing_is_lost_or_doubled(pages: list[list[int]]) -> None:
    """However events lie on pages, an iteration gives them all, once, in order."""
    server = Pages(
        *[(page, str(n + 1) if n + 1 < len(pages) else None) for n, page in enumerate(pages)]
    )

    async def collect() -> list[Any]:
        return [event async for event in server.pager()]

    assert asyncio.run(collect()) == [event for page in pages for event in page]
