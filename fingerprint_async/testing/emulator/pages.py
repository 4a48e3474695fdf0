"""Pages of search results: plain, and as a hostile service gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, frozen

if TYPE_CHECKING:
    from fingerprint_async.testing.emulator.hostile import Hostility
    from fingerprint_async.testing.emulator.keys import Cursor, KeyRing
    from fingerprint_async.testing.emulator.search import Query
    from fingerprint_async.testing.emulator.store import Store

__all__ = ["Page", "Pages"]

_REMEMBERED = 64


@frozen
class Page:
    """What a search answers.

    Attributes:
        events: Their JSON.
        key: The JSON of the pagination key; `None` without one.
        total_hits: As asked for; `None` if not.
    """

    events: list[bytes]
    key: bytes | None = None
    total_hits: int | None = None

    def encode(self) -> bytes:
        """Return the page as JSON."""
        # One join for all of it: a page is half a megabyte.
        parts = [b'{"events":[']
        for event in self.events:
            parts += (event, b",")
        if self.events:
            del parts[-1]
        parts.append(b"]")
        if self.key is not None:
            parts += [b',"pagination_key":', self.key]
        if self.total_hits is not None:
            parts.append(b',"total_hits":%d' % self.total_hits)
        parts.append(b"}")
        return b"".join(parts)


class Pages:
    """Makes pages.

    Args:
        store: Where the events are.
        keys: Writes pagination keys.
        hostility: What goes wrong.
    """

    def __init__(self, store: Store, keys: KeyRing, hostility: Hostility) -> None:
        self._store = store
        self._keys = keys
        self._hostility = hostility
        self._last: dict[bytes, Page] = {}

    def answer(self, query: Query, now: int) -> Page:
        """Return the page that a query asks for."""
        if self._hostility:
            return self._hostile(query, now)
        ranks, cursor = self._store.page(query, now)
        return self._page(query, self._store.encode(ranks), cursor, now)

    def empty(self, query: Query, now: int) -> Page:
        """Return a page without events whose key leads to the place that was asked for."""
        return self._page(query, [], evolve(query.cursor, step=query.cursor.step + 1), now)

    def _page(self, query: Query, events: list[bytes], cursor: Cursor | None, now: int) -> Page:
        hits = query.total_hits
        return Page(
            events,
            None if cursor is None else b'"%b"' % self._key(query, cursor, now),
            None if hits is None else self._store.count(query, now, hits),
        )

    def _key(self, query: Query, cursor: Cursor, now: int) -> bytes:
        return self._keys.write(cursor, query.digest, now=now).encode()

    # -- hostile --

    def _hostile(self, query: Query, now: int) -> Page:
        hostility, place = self._hostility, (query.cursor.timestamp, query.cursor.rank)
        before = self._last.get(query.digest)
        keyed = not query.cursor.at_start
        if before is not None and keyed and hostility.strikes_now("repeated_pages"):
            return before
        if hostility.strikes("endless_empty_pages", query.digest, *place):
            return self.empty(query, now)
        page = self._page(query, *self._events(query, now), now)
        if page.key is None and hostility.strikes("blank_last_keys", query.digest, *place):
            page = evolve(page, key=self._blank_key(query, now))
        elif page.key is not None and hostility.strikes("repeating_keys", query.digest, *place):
            page = evolve(page, key=b'"%b"' % self._key(query, query.cursor, now))
        if page.total_hits is not None and hostility.strikes_now("wrong_totals"):
            page = evolve(page, total_hits=hostility.wrong_total(page.total_hits))
        if hostility.strikes_now("shuffled_pages"):
            page = evolve(page, events=hostility.shuffle(page.events))
        self._last[query.digest] = page
        if len(self._last) > _REMEMBERED:
            del self._last[next(iter(self._last))]
        return page

    def _events(self, query: Query, now: int) -> tuple[list[bytes], Cursor | None]:
        """Return the JSON of a page's events, odd ones and those sent twice included."""
        store, hostility = self._store, self._hostility
        ranks, cursor = store.page(query, now)
        ids = store.ids(ranks)
        events = [
            hostility.event(name, text) for name, text in zip(ids, store.encode(ranks), strict=True)
        ]
        if not hostility.has("ids_twice"):
            return events, cursor
        sent: list[bytes] = []
        last = query.cursor
        if not last.at_start and last.rank < len(store):
            name = store.ids([last.rank])[0]
            if hostility.strikes("ids_twice", name) and query.limit > 1:
                sent.append(hostility.event(name, store.encoded(last.rank)))
        for rank, name, text in zip(ranks, ids, events, strict=True):
            if len(sent) == query.limit:
                return sent, last
            sent.append(text)
            last = store.cursor(rank)
            if hostility.strikes("ids_twice", name) and len(sent) < query.limit:
                sent.append(text)
        return sent, cursor

    def _blank_key(self, query: Query, now: int) -> bytes:
        ranks, _ = self._store.page(query, now)
        if not ranks:
            return b"null"
        end = self._store.cursor(ranks[-1])
        leads_nowhere = b'"%b"' % self._key(query, end, now)
        drawn = self._hostility.draw("blank", query.digest, end.rank)
        return (b"null", b'""', leads_nowhere)[int(drawn * 3)]
