"""Windows of time, the chain of pages at each of their ends, and the request for one page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "PAGE_SIZE",
    "Chain",
    "Claim",
    "Page",
    "PageRequest",
    "Position",
    "SharedClaim",
    "Window",
]

PAGE_SIZE = 100
"""Events on a full page: the service's maximum."""

Position = tuple[int, str]
"""Timestamp (Unix ms) and id of an event."""

_DENSITY_MEMORY = 0.6
"""How much of a chain's earlier density survives one more page."""

_REMEMBERED_PAGES = 4
"""Pages of a search whose events are told apart when they come again, or late."""

_DENSITY_JUMP = 2.0
"""A density that changes by this factor replaces the earlier one."""


class Page(Protocol):
    """What the plan needs to know of one page of events, in the order the service sent them."""

    @property
    def positions(self) -> list[Position]:
        """Timestamp and id of each event."""
        ...

    @property
    def pagination_key(self) -> str | None:
        """The key of the next page; None when the service says that there is none."""
        ...

    @property
    def total_hits(self) -> int | None:
        """The service's count of the search, if it gave one."""
        ...


@attrs.define(eq=False)
class Chain:
    """One end of a window: a chain of pages that moves inwards.

    Attributes:
        window: The window it belongs to.
        ascending: Whether it starts at the lower end.
        frontier: The timestamp it has reached.
        seen: Ids at the frontier that are done, and in which place they came.
        busy: Whether a request of it is in flight.
        bounds: Start and end of the search at hand. A pagination key is valid only with the same
            ones.
        key: The pagination key of the next page of that search.
        sought_at: The frontier from which that search started.
        hits: The service's count of that search.
        since: The timestamp from which on ``remembered`` holds all ids behind the frontier; None
            where it says nothing.
        remembered: Frontier after each of the last pages of that search, and the ids it brought.
        came: Distinct events of that search so far.
        repeats: Events of that search that came once more, on a page or on the next one.
        search_seen: Ids at the frontier that came in that search.
        stalls: Pages of that search in a row that brought nothing.
        failures: Searches in a row that ended without progress.
        loops: Those of them that went on without end, and brought nothing.
        events: Decayed count of events behind the frontier.
        span: Decayed count of milliseconds behind the frontier; their quotient is the density.
        reach: Milliseconds behind the frontier of about the same density.
        started: Whether a page has come. Before that the density is what was expected here.
    """

    window: Window = attrs.field(repr=False)
    ascending: bool
    frontier: int
    seen: dict[str, int] = attrs.field(factory=dict[str, int])
    busy: bool = False
    bounds: tuple[int, int] | None = None
    key: str | None = None
    sought_at: int | None = None
    hits: int | None = None
    since: int | None = None
    remembered: list[tuple[int, set[str]]] = attrs.field(factory=list[tuple[int, set[str]]])
    came: int = 0
    repeats: int = 0
    search_seen: set[str] = attrs.field(factory=set[str])
    stalls: int = 0
    failures: int = 0
    loops: int = 0
    events: float = 0.0
    span: float = 0.0
    reach: float = 0.0
    started: bool = False

    @property
    def sign(self) -> int:
        """1 for oldest first, -1 for newest first."""
        return 1 if self.ascending else -1

    @property
    def other(self) -> Chain:
        """The chain at the other end of the window."""
        return self.window.upper if self.ascending else self.window.lower

    @property
    def density(self) -> float:
        """Events per millisecond near the frontier."""
        return self.events / self.span if self.span else 0.0

    def observe(self, events: int, span: int) -> None:
        """Learn from so many events over the last ``span`` milliseconds."""
        span = max(span, 1)
        change = (events / span) / self.density if self.density else 0.0
        if not 1 / _DENSITY_JUMP < change < _DENSITY_JUMP:
            self.events = self.span = self.reach = 0.0
        self.events = self.events * _DENSITY_MEMORY + events
        self.span = self.span * _DENSITY_MEMORY + span
        self.reach += span

    def restart(self) -> None:
        """Forget the search at hand: the next request seeks from the frontier."""
        self.key = self.bounds = self.hits = None
        self.came = self.repeats = self.stalls = 0
        self.search_seen = set()
        self.since, self.remembered = None, []

    def seek(self) -> None:
        """Begin a search from the frontier."""
        self.restart()
        self.sought_at = self.since = self.frontier
        self.remember(self.seen)

    def remember(self, event_ids: Iterable[str]) -> None:
        """Remember what a page of the search at hand brought, and forget the oldest page."""
        brought = set(event_ids)
        if self.since is None or not brought:
            return
        self.remembered.append((self.frontier, brought))
        if len(self.remembered) > _REMEMBERED_PAGES:
            reached, _ = self.remembered.pop(0)
            self.since = reached + self.sign

    def is_remembered(self, at: int) -> bool:
        """Return whether all that the search at hand brought of a moment is remembered."""
        return self.since is not None and self.sign * at >= self.sign * self.since

    def remembers(self, event_id: str) -> bool:
        """Return whether one of the last pages of the search at hand brought an event."""
        return any(event_id in event_ids for _, event_ids in self.remembered)


@attrs.frozen
class Claim:
    """How many events the service said it has in a stretch of time.

    Attributes:
        start: First millisecond.
        end: Last millisecond.
        taken: Events that the window had given by then outside that stretch.
        hits: The count, at most the highest that the service gives.
    """

    start: int
    end: int
    taken: int
    hits: int

    @property
    def total(self) -> int:
        """Events that the window has to give."""
        return self.taken + self.hits


@attrs.define(eq=False)
class SharedClaim:
    """How many events the service said it has in a stretch that is several windows by now.

    Attributes:
        number: Its number in the checkpoint: that of the window by which it came to be shared.
        start: First millisecond.
        end: Last millisecond.
        hits: The count, at most the highest that the service gives.
        came: Events that came from there so far.
        windows: The windows that are left of it.
    """

    number: int
    start: int
    end: int
    hits: int
    came: int
    windows: list[Window] = attrs.field(repr=False)


@attrs.define(eq=False)
class Window:
    """A stretch of time that is not fetched yet, with a chain at either end.

    Attributes:
        source: Which of the crawl's searches it belongs to.
        number: Its number in the checkpoint.
        lower: The chain at its lower end.
        upper: The chain at its upper end.
        done: Whether it is finished.
        taken: Events taken out of it so far, and those that came once more: the service may count
            them.
        hits: Events it held before any was taken, as the service counted them.
        exact: Whether ``hits`` is exact, not a lower bound.
        claim: The count by which it has to give most events; it is not finished with less.
        shared: Counts of stretches that it is one part of, as long as not all of that came.
        recounting: Whether that count has to be asked for again: all else says that it is finished.
        left: Estimated pages left, as long as nothing it is estimated from has changed.
        claims: Searches that ended without a key and without proof, since the last new event.
        cuts: How many times it was made another window. A count asked for before says nothing of
            it.
    """

    source: int
    number: int
    lower: Chain = attrs.field(init=False)
    upper: Chain = attrs.field(init=False)
    done: bool = False
    taken: int = 0
    hits: int | None = None
    exact: bool = False
    claim: Claim | None = None
    shared: list[SharedClaim] = attrs.field(factory=list[SharedClaim], repr=False)
    recounting: bool = False
    left: float | None = None
    claims: int = 0
    cuts: int = 0

    @classmethod
    def between(cls, source: int, number: int, first: int, last: int) -> Window:
        """Make the window of ``[first, last]``."""
        window = cls(source, number)
        window.lower = Chain(window, ascending=True, frontier=first)
        window.upper = Chain(window, ascending=False, frontier=last)
        return window

    @property
    def length(self) -> int:
        """Milliseconds between the frontiers, both included."""
        return self.upper.frontier - self.lower.frontier + 1

    @property
    def started(self) -> bool:
        """Whether a page of it has come."""
        return self.lower.started or self.upper.started

    @property
    def is_whole(self) -> bool:
        """Whether it gave as many events as the service ever counted in it."""
        return self.taken >= (self.hits or 0) and (
            self.claim is None or self.taken >= self.claim.total
        )

    @property
    def busy(self) -> int:
        """Requests in flight."""
        return self.lower.busy + self.upper.busy

    def have_to_give(self, claim: Claim) -> None:
        """Take a count in, unless an earlier one asks for as much."""
        if self.claim is None or claim.total > self.claim.total:
            self.claim = claim

    def forget_count(self) -> None:
        """Forget what the service counted: the window is another one now."""
        self.hits, self.exact, self.taken, self.left = None, False, 0, None
        self.claim, self.recounting = None, False
        self.claims = 0
        self.cuts += 1


@attrs.frozen(eq=False)
class PageRequest:
    """One page to ask for.

    Attributes:
        chain: The chain that asks.
        source: Which of the crawl's searches.
        start: Start of the search.
        end: End of the search.
        reverse: Oldest first, in the API's word.
        pagination_key: The key of the page; None for the first one of a search.
        total_hits: The highest count to ask for beside the page.
        window: The chain's window at that time.
        frontiers: Its frontiers at that time: between them lies what it had to fetch.
        cuts: Its ``cuts`` at that time.
        taken: Events that it had given by then, less those that a new search counts once more.
        recounts: Whether only the count is asked for.
    """

    chain: Chain
    source: int
    start: int
    end: int
    reverse: bool
    pagination_key: str | None
    total_hits: int
    window: Window
    frontiers: tuple[int, int]
    cuts: int
    taken: int
    recounts: bool = False

    @property
    def counts_window(self) -> bool:
        """Whether the count that comes with its page is that of its chain's window."""
        return self.chain.window is self.window and self.window.cuts == self.cuts
