"""The state of an emulated workspace: its synthetic events, what was changed, added, deleted, and what is not there yet."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from fingerprint_async.testing._random import seeded
from fingerprint_async.testing.factories import encode
from fingerprint_async.testing.search import Cursor, matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fingerprint_async.testing.search import Query
    from fingerprint_async.testing.workspace import Source, Workspace

_REMEMBERED = 16
_PER_EVENT = ("visitor_id", "high_recall_id", "linked_id")


class _Changed:
    """An event whose JSON is no longer the synthetic one, or never was."""

    __slots__ = ("encoded", "event", "mutable_at", "rank")

    def __init__(self, event: dict[str, Any], rank: int, mutable_at: float = 0) -> None:
        self.event = event
        self.rank = rank
        self.mutable_at = mutable_at
        self.encoded = encode(event)


class Store:
    """Events by id and by search.

    Args:
        workspace: The synthetic events.
        live: Events of the future are not there until their time comes.
        late: The share of events that come in late, and by how many seconds at most.
        started: Unix ms; late events come in after this or after their own time, whichever is later.
        seed: Which events are late.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        live: bool = False,
        late: tuple[float, float] | None = None,
        started: int = 0,
        seed: int = 0,
    ) -> None:
        self.workspace = workspace
        self._live = live
        self._arrivals: dict[int, int] = {}
        if late is not None:
            share, seconds = late
            draw = seeded(seed, "late").random
            for number, timestamp in enumerate(workspace.timestamps):
                if draw() < share:
                    after = max(started, timestamp) if live else started
                    self._arrivals[number] = after + int(draw() * seconds * 1_000)
        self._changed: dict[int, _Changed] = {}
        self._added: list[tuple[int, int]] = []
        self._added_by_id: dict[str, _Changed] = {}
        self._added_by_rank: dict[int, _Changed] = {}
        self._removed: set[int] = set()
        self._version = 0
        self._found: OrderedDict[object, Sequence[int]] = OrderedDict()

    # -- one event --

    def find(self, event_id: str, now: int) -> int | None:
        """The rank of an event that is there now."""
        added = self._added_by_id.get(event_id)
        if added is not None:
            return None if added.rank in self._removed else added.rank
        number = self.workspace.find(event_id)
        return None if number is None or self._hidden(number, now) else number

    def event(self, rank: int) -> dict[str, Any]:
        """One event, decoded."""
        changed = self._changed.get(rank) or self._added_by_rank.get(rank)
        return self.workspace.event(rank) if changed is None else dict(changed.event)

    def encoded(self, rank: int) -> bytes:
        """One event's JSON."""
        changed = self._changed.get(rank) or self._added_by_rank.get(rank)
        return self.workspace.encode((rank,))[0] if changed is None else changed.encoded

    def mutable_at(self, rank: int) -> float:
        """Unix ms from which an event can be changed."""
        added = self._added_by_rank.get(rank)
        return 0 if added is None else added.mutable_at

    def add(self, event: dict[str, Any], *, mutable_at: float = 0) -> None:
        """Puts one more event into the workspace."""
        if (
            event["event_id"] in self._added_by_id
            or self.workspace.find(event["event_id"]) is not None
        ):
            raise ValueError(f"there is an event {event['event_id']} already")
        added = _Changed(dict(event), len(self.workspace) + len(self._added), mutable_at)
        insort(self._added, (event["timestamp"], added.rank))
        self._added_by_id[event["event_id"]] = self._added_by_rank[added.rank] = added

    def update(self, rank: int, fields: dict[str, Any]) -> None:
        """Changes fields of one event."""
        event = self.event(rank) | fields
        added = self._added_by_rank.get(rank)
        if added is not None:
            added.event, added.encoded = event, encode(event)
        else:
            self._changed[rank] = _Changed(event, rank)
        self._version += 1

    def delete_visitor(self, visitor_id: str, *, since: int) -> bool:
        """Removes a visitor's events from `since` (Unix ms) on; False when there is no such visitor."""
        visitor = self.workspace.find_visitor(visitor_id)
        known = visitor is not None
        if visitor is not None:
            for number in self._numbers("device", (("visitor_id", visitor_id),)):
                if self.workspace.timestamps[number] >= since:
                    self._removed.add(number)
        for rank, added in self._added_by_rank.items():
            if matches(added.event, (("visitor_id", visitor_id),)):
                known = True
                if added.event["timestamp"] >= since:
                    self._removed.add(rank)
        return known

    # -- search --

    def page(self, query: Query, now: int) -> tuple[list[bytes], Cursor | None]:
        """The events of one page, and the cursor of the next when there are more."""
        ranks = self.ranks(query, now, query.limit + 1)
        more = len(ranks) > query.limit
        del ranks[query.limit :]
        own = self._changed.keys() | self._added_by_rank.keys()
        encoded = self.workspace.encode
        events = encoded(ranks) if own.isdisjoint(ranks) else [self.encoded(rank) for rank in ranks]
        return events, self._cursor(ranks[-1]) if more else None

    def ranks(self, query: Query, now: int, limit: int | None = None) -> list[int]:
        """The ranks of the events a query finds beyond its cursor, in its order, at most `limit`."""
        numbers = self._numbers(query.source, query.filters)
        end = min(query.end, now) if self._live else query.end
        low, high = self.workspace.window(numbers, query.start, end)
        if query.cursor is not None:
            if query.reverse:
                low = max(low, bisect_right(numbers, self._before(query.cursor)))
            else:
                high = min(high, bisect_left(numbers, self._from(query.cursor)))
        steps = range(low, high) if query.reverse else range(high - 1, low - 1, -1)
        found: list[int] = []
        if not self._removed and not self._arrivals:
            found = [numbers[at] for at in (steps if limit is None else steps[:limit])]
        else:
            for at in steps:
                if not self._hidden(numbers[at], now):
                    found.append(numbers[at])
                    if len(found) == limit:
                        break
        added = self._added_ranks(query, end) if self._added else []
        if added:
            found = sorted(found + added, key=self._order, reverse=not query.reverse)
        return found if limit is None else found[:limit]

    def count(self, query: Query, now: int, limit: int | None = None) -> int:
        """How many events a query finds, its cursor aside, at most `limit`."""
        numbers = self._numbers(query.source, query.filters)
        end = min(query.end, now) if self._live else query.end
        low, high = self.workspace.window(numbers, query.start, end)
        count = max(0, high - low)
        if self._removed or self._arrivals:
            count -= sum(self._hidden(number, now) for number in numbers[low:high])
        if self._added:
            count += sum(self._fits(rank, query, end) for _, rank in self._added)
        return count if limit is None else min(count, limit)

    def ids(self, ranks: Iterable[int]) -> list[str]:
        """The ids of events by rank."""
        if not self._added:
            return self.workspace.event_ids(ranks)
        return [
            added.event["event_id"]
            if (added := self._added_by_rank.get(rank))
            else self.workspace.event_id(rank)
            for rank in ranks
        ]

    def _order(self, rank: int) -> tuple[int, int]:
        added = self._added_by_rank.get(rank)
        return (
            self.workspace.timestamps[rank] if added is None else added.event["timestamp"]
        ), rank

    def _cursor(self, rank: int) -> Cursor:
        timestamp, rank = self._order(rank)
        return Cursor(timestamp=timestamp, rank=rank)

    def _before(self, cursor: Cursor) -> int:
        """The highest number of a synthetic event up to and including the cursor."""
        if cursor.rank < len(self.workspace):
            return cursor.rank
        return bisect_right(self.workspace.timestamps, cursor.timestamp) - 1

    def _from(self, cursor: Cursor) -> int:
        """The lowest number of a synthetic event that does not lie before the cursor."""
        if cursor.rank < len(self.workspace):
            return cursor.rank
        return bisect_right(self.workspace.timestamps, cursor.timestamp)

    def _fits(self, rank: int, query: Query, end: int) -> bool:
        event = self._added_by_rank[rank].event
        return (
            query.start <= event["timestamp"] <= end
            and event.get("source", "device") == query.source
            and rank not in self._removed
            and matches(event, query.filters)
        )

    def _added_ranks(self, query: Query, end: int) -> list[int]:
        """The added events that a query finds beyond its cursor."""
        found = []
        for at in self._added:
            if query.cursor is not None:
                seen = (query.cursor.timestamp, query.cursor.rank)
                if (at <= seen) if query.reverse else (at >= seen):
                    continue
            if self._fits(at[1], query, end):
                found.append(at[1])
        return found

    def _hidden(self, number: int, now: int) -> bool:
        return (
            number in self._removed
            or self._arrivals.get(number, 0) > now
            or (self._live and self.workspace.timestamps[number] > now)
        )

    def _numbers(self, source: Source, filters: tuple[tuple[str, Any], ...]) -> Sequence[int]:
        """The numbers of all synthetic events that pass the filters; remembered, as pages of one search come in a row."""
        if not filters:
            return self.workspace.numbers(source)
        key = (source, filters, self._version)
        numbers = self._found.get(key)
        if numbers is None:
            numbers = self._find_numbers(source, filters)
            self._found[key] = numbers
            if len(self._found) > _REMEMBERED:
                self._found.popitem(last=False)
        else:
            self._found.move_to_end(key)
        return numbers

    def _find_numbers(self, source: Source, filters: tuple[tuple[str, Any], ...]) -> Sequence[int]:
        of_profile = [(name, value) for name, value in filters if name not in _PER_EVENT]
        profiles = [
            number
            for number, event in self.workspace.profiles(source)
            if matches(event, of_profile)
        ]
        visitors: set[int] | None = None
        for name, value in filters:
            if name in _PER_EVENT:
                visitor = self._visitor(name, value)
                named = set() if visitor is None else {visitor}
                visitors = named if visitors is None else visitors & named
        if any(name == "linked_id" for name, _ in filters):
            linked = {
                number for number, event in self.workspace.profiles(source) if "linked_id" in event
            }
            profiles = [number for number in profiles if number in linked]
        numbers = self.workspace.numbers_where(source, profiles, visitors)
        if self._changed:
            kept = [number for number in numbers if number not in self._changed]
            for number, changed in self._changed.items():
                if changed.event.get("source", "device") == source and matches(
                    changed.event, filters
                ):
                    insort(kept, number)
            return kept
        return numbers

    def _visitor(self, name: str, value: str) -> int | None:
        if name != "linked_id":
            return self.workspace.find_visitor(value, high_recall=name == "high_recall_id")
        head, _, number = value.partition("-")
        known = (
            head == "customer"
            and number.isascii()
            and number.isdigit()
            and number == str(int(number))
        )
        return int(number) if known and int(number) < self.workspace.visitors else None
