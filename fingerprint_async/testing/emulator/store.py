"""The state of an emulated workspace: what was changed, added or deleted, or is to come."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from fingerprint_async.testing.emulator.filters import matches
from fingerprint_async.testing.emulator.keys import Cursor
from fingerprint_async.testing.factories import encode
from fingerprint_async.testing.synthetic._random import seeded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fingerprint_async.testing.emulator.dataset import Dataset, Source
    from fingerprint_async.testing.emulator.search import Query

__all__ = ["Arrival", "Store"]

_REMEMBERED = 16
_PER_EVENT = ("visitor_id", "high_recall_id", "linked_id")


@frozen(kw_only=True)
class Arrival:
    """When events come in, and how long they stay.

    Attributes:
        live: Events of the future are not there until their time comes.
        late: The share of events that come in late, and by at most how many seconds.
        started: Unix ms; late events come in after this and after their own time.
        searchable_ms: How long an event that came in is not found by a search.
        mutable_ms: How long it cannot be updated.
        retention_ms: How long it is kept; `None` for ever.
        seed: Which events are late.
    """

    live: bool = False
    late: tuple[float, float] | None = None
    started: int = 0
    searchable_ms: int = 0
    mutable_ms: int = 0
    retention_ms: int | None = None
    seed: int = 0


@define
class _Own:
    """An event whose JSON is not (or no longer) the synthetic one."""

    event: dict[str, Any]
    rank: int
    arrived: int
    encoded: bytes = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.encoded = encode(self.event)

    def change(self, fields: dict[str, Any]) -> None:
        """Replace fields."""
        self.event = self.event | fields
        self.encoded = encode(self.event)


class Store:
    """Events by id and by search.

    Args:
        dataset: The synthetic events.
        arrival: When they come in.
    """

    def __init__(self, dataset: Dataset, arrival: Arrival) -> None:
        self.dataset = dataset
        self._arrival = arrival
        self._arrivals = _late_arrivals(dataset, arrival)
        self._changed: dict[int, _Own] = {}
        self._added: list[tuple[int, int]] = []
        self._added_by_id: dict[str, _Own] = {}
        self._added_by_rank: dict[int, _Own] = {}
        self._removed: dict[int, int] = {}
        self._version = 0
        self._found: OrderedDict[object, Sequence[int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self.dataset) + len(self._added)

    # -- one event --

    def find(self, event_id: str, now: int) -> int | None:
        """Return the rank of an event that is there now."""
        added = self._added_by_id.get(event_id)
        rank = self.dataset.find(event_id) if added is None else added.rank
        return None if rank is None or self._hidden(rank, now) else rank

    def event(self, rank: int) -> dict[str, Any]:
        """Return one event, decoded."""
        own = self._own(rank)
        return self.dataset.event(rank) if own is None else dict(own.event)

    def encoded(self, rank: int) -> bytes:
        """Return one event's JSON."""
        own = self._own(rank)
        return self.dataset.encode((rank,))[0] if own is None else own.encoded

    def _own(self, rank: int) -> _Own | None:
        return self._added_by_rank.get(rank) or self._changed.get(rank)

    def timestamp(self, rank: int) -> int:
        """Return an event's time, Unix ms."""
        added = self._added_by_rank.get(rank)
        return self.dataset.timestamps[rank] if added is None else added.event["timestamp"]

    def mutable_at(self, rank: int) -> int:
        """Return the Unix ms from which an event can be changed."""
        return self._arrived(rank) + self._arrival.mutable_ms

    def _arrived(self, rank: int) -> int:
        """Return when an event came in, Unix ms; long ago for what was there from the start."""
        added = self._added_by_rank.get(rank)
        if added is not None:
            return added.arrived
        settled = self.dataset.timestamps[rank] if self._arrival.live else 0
        return self._arrivals.get(rank, settled)

    def add(self, event: dict[str, Any], *, now: int) -> None:
        """Take one more event into the workspace.

        Raises:
            ValueError: There is an event of this id already.
        """
        event_id = event["event_id"]
        if event_id in self._added_by_id or self.dataset.find(event_id) is not None:
            raise ValueError(f"there is an event {event_id} already")
        added = _Own(dict(event), len(self), now)
        insort(self._added, (event["timestamp"], added.rank))
        self._added_by_id[event_id] = self._added_by_rank[added.rank] = added

    def update(self, rank: int, fields: dict[str, Any]) -> None:
        """Change fields of one event."""
        own = self._own(rank)
        if own is None:
            own = self._changed[rank] = _Own(self.dataset.event(rank), rank, 0)
        own.change(fields)
        self._version += 1

    def delete_visitor(
        self, visitor_id: str, *, environment: str | None, since: int, at: int
    ) -> bool:
        """Remove a visitor's events of `since` and later, at `at` (both Unix ms).

        Args:
            visitor_id: Whose events.
            environment: Those of one environment only, if given.
            since: The first to go.
            at: When they go.

        Returns:
            Whether there is such a visitor.
        """
        wanted: tuple[tuple[str, Any], ...] = (("visitor_id", visitor_id),)
        if environment is not None:
            wanted = (("environment", (environment,)), *wanted)
        ranks = list(self._numbers("device", wanted))
        ranks += [rank for rank, own in self._added_by_rank.items() if matches(own.event, wanted)]
        for rank in ranks:
            if self.timestamp(rank) >= since:
                self._removed.setdefault(rank, at)
        return bool(ranks)

    def arrived_between(self, after: int, until: int) -> range:
        """Return the numbers of the live events that came in between two moments (Unix ms)."""
        if not self._arrival.live:
            return range(0)
        times = self.dataset.timestamps
        return range(bisect_right(times, after), bisect_right(times, until))

    # -- search --

    def page(self, query: Query, now: int) -> tuple[list[int], Cursor | None]:
        """Return the ranks of one page, and the cursor of the next when there are more."""
        ranks = self.ranks(query, now, query.limit + 1)
        more = len(ranks) > query.limit
        del ranks[query.limit :]
        return ranks, self.cursor(ranks[-1]) if more else None

    def encode(self, ranks: list[int]) -> list[bytes]:
        """Return the JSON of many events."""
        own = self._changed.keys() | self._added_by_rank.keys()
        if own.isdisjoint(ranks):
            return self.dataset.encode(ranks)
        return [self.encoded(rank) for rank in ranks]

    def ranks(self, query: Query, now: int, limit: int | None = None) -> list[int]:
        """Return the ranks of what a query finds beyond its cursor, in its order."""
        numbers = self._numbers(query.source, query.filters)
        low, high = self._window(numbers, query, now)
        if not query.cursor.at_start:
            if query.reverse:
                low = max(low, bisect_right(numbers, self._last_until(query.cursor)))
            else:
                high = min(high, bisect_left(numbers, self._first_from(query.cursor)))
        steps = range(low, high) if query.reverse else range(high - 1, low - 1, -1)
        found: list[int] = []
        if not self._removed and not self._arrivals:
            found = [numbers[at] for at in (steps if limit is None else steps[:limit])]
        else:
            for at in steps:
                if self._searchable(numbers[at], now):
                    found.append(numbers[at])
                    if len(found) == limit:
                        break
        added = self._added_ranks(query, now) if self._added else []
        if added:
            found = sorted(found + added, key=self._order, reverse=not query.reverse)
        return found if limit is None else found[:limit]

    def count(self, query: Query, now: int, limit: int | None = None) -> int:
        """Return how many events a query finds, its cursor aside, at most `limit`."""
        numbers = self._numbers(query.source, query.filters)
        low, high = self._window(numbers, query, now)
        count = max(0, high - low)
        if self._removed or self._arrivals:
            count = sum(self._searchable(number, now) for number in numbers[low:high])
        if self._added:
            count += sum(self._fits(rank, query, now) for _, rank in self._added)
        return count if limit is None else min(count, limit)

    def ids(self, ranks: Iterable[int]) -> list[str]:
        """Return the ids of events."""
        if not self._added:
            return self.dataset.event_ids(ranks)
        return [
            added.event["event_id"]
            if (added := self._added_by_rank.get(rank))
            else self.dataset.event_id(rank)
            for rank in ranks
        ]

    def cursor(self, rank: int) -> Cursor:
        """Return the place behind an event."""
        return Cursor(timestamp=self.timestamp(rank), rank=rank)

    def earliest(self, now: int) -> int | None:
        """Return the Unix ms from which on events are kept; `None` for all."""
        kept = self._arrival.retention_ms
        return None if kept is None else now - kept

    def _window(self, numbers: Sequence[int], query: Query, now: int) -> tuple[int, int]:
        start = max(query.start, self.earliest(now) or 0)
        end = min(query.end, now - self._arrival.searchable_ms) if self._arrival.live else query.end
        return self.dataset.window(numbers, start, end)

    def _order(self, rank: int) -> tuple[int, int]:
        return self.timestamp(rank), rank

    def _last_until(self, cursor: Cursor) -> int:
        """Return the highest number of a synthetic event up to and including the cursor."""
        if cursor.rank < len(self.dataset):
            return cursor.rank
        return bisect_right(self.dataset.timestamps, cursor.timestamp) - 1

    def _first_from(self, cursor: Cursor) -> int:
        """Return the lowest number of a synthetic event that does not lie before the cursor."""
        if cursor.rank < len(self.dataset):
            return cursor.rank
        return bisect_right(self.dataset.timestamps, cursor.timestamp)

    def _fits(self, rank: int, query: Query, now: int) -> bool:
        event = self._added_by_rank[rank].event
        return (
            query.start <= event["timestamp"] <= query.end
            and event.get("source", "device") == query.source
            and self._searchable(rank, now)
            and matches(event, query.filters)
        )

    def _added_ranks(self, query: Query, now: int) -> list[int]:
        """Return the added events that a query finds beyond its cursor."""
        found: list[int] = []
        seen = (query.cursor.timestamp, query.cursor.rank)
        for at in self._added:
            if not query.cursor.at_start and ((at <= seen) if query.reverse else (at >= seen)):
                continue
            if self._fits(at[1], query, now):
                found.append(at[1])
        return found

    def _hidden(self, rank: int, now: int) -> bool:
        """Return whether an event is not there: not yet, or no more."""
        removed = self._removed.get(rank)
        earliest = self.earliest(now)
        return (
            (removed is not None and removed <= now)
            or self._arrived(rank) > now
            or (earliest is not None and self.timestamp(rank) < earliest)
        )

    def _searchable(self, rank: int, now: int) -> bool:
        arrived = self._arrived(rank)
        return not self._hidden(rank, now) and (
            arrived == 0 or arrived + self._arrival.searchable_ms <= now
        )

    def _numbers(self, source: Source, filters: tuple[tuple[str, Any], ...]) -> Sequence[int]:
        """Return the numbers of all synthetic events that pass the filters.

        The last few answers are remembered, as the pages of one search come in a row.
        """
        if not filters:
            return self.dataset.numbers(source)
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
            number for number, event in self.dataset.profiles(source) if matches(event, of_profile)
        ]
        visitors: set[int] | None = None
        for name, value in filters:
            if name in _PER_EVENT:
                visitor = self._visitor(name, value)
                named = set[int]() if visitor is None else {visitor}
                visitors = named if visitors is None else visitors & named
        if any(name == "linked_id" for name, _ in filters):
            linked = {
                number for number, event in self.dataset.profiles(source) if "linked_id" in event
            }
            profiles = [number for number in profiles if number in linked]
        numbers = self.dataset.numbers_where(source, profiles, visitors)
        if not self._changed:
            return numbers
        kept = [number for number in numbers if number not in self._changed]
        for number, changed in self._changed.items():
            if changed.event.get("source", "device") == source and matches(changed.event, filters):
                insort(kept, number)
        return kept

    def _visitor(self, name: str, value: str) -> int | None:
        if name != "linked_id":
            return self.dataset.find_visitor(value, high_recall=name == "high_recall_id")
        head, _, number = value.partition("-")
        known = (
            head == "customer"
            and number.isascii()
            and number.isdigit()
            and len(number) < 20  # noqa: PLR2004 - longer ones are no visitor's, and slow to read
            and number == str(int(number))
        )
        return int(number) if known and int(number) < self.dataset.visitors else None


def _late_arrivals(dataset: Dataset, arrival: Arrival) -> dict[int, int]:
    arrivals: dict[int, int] = {}
    if arrival.late is not None:
        share, seconds = arrival.late
        draw = seeded(arrival.seed, "late").random
        for number, timestamp in enumerate(dataset.timestamps):
            if draw() < share:
                after = max(arrival.started, timestamp) if arrival.live else arrival.started
                arrivals[number] = after + int(draw() * seconds * 1_000)
    return arrivals
