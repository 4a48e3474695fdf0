"""The plan of a crawl: which page to ask for next. Pure: no clock, no network, no files.

Pagination is a chain, so the only parallelism the service offers is time. The plan keeps the part of ``[start, end]``
that is not fetched yet as a list of *windows*. Each window is eaten from both ends at once: one chain of pages sorted
oldest first from its lower end, one sorted newest first from its upper end, until they meet. That balances a window
without knowing where its events are, and two chains share one ragged last page.

When the windows at hand cannot be finished as fast as the service hands out requests, the longest one is split at an
integer millisecond. A window's length is counted in *estimated events*, from the densities seen so far, never in
time: that is what puts the splits where the events are.

Exactly once rests on one invariant, kept by :meth:`Plan.receive` alone and independent of every estimate:

    the events still to come of a window are those with ``lower.frontier <= timestamp <= upper.frontier``, less the ids
    in ``lower.seen`` (at the lower frontier) and in ``upper.seen`` (at the upper one).

Whether the service reads its bounds as inclusive is not confirmed: until an event on a bound has been seen, one
millisecond more is asked for, and what lies outside is dropped by its timestamp.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["PAGE_SIZE", "Chain", "Page", "PageRequest", "Plan", "Window"]

PAGE_SIZE = 100
"""Events on a full page: the service's maximum."""

_MEMORY = 0.6
"""How much of a chain's earlier density survives one more page."""

_JUMP = 2.0
"""A density that changes by this factor is another one."""

_WASTE = 0.02
"""Splits that may be made for each page of the crawl. One costs half a page on average: the ragged end of its window."""

_TRUST = 8
"""How many times the pages seen so far an estimate of the pages left is believed, when splits are counted against it."""

_SLACK = 0.8
"""A window may take this share of the time left before it is split."""

_LEAST_PAGES = 4
"""Estimated pages of a window that is worth a split."""

_TAIL, _TAIL_PAGES = 2, 10
"""A window that would take so many times the time left, and has so many pages, is split beyond what is affordable."""

_CROWD = 600
"""Events seen in one millisecond beyond which it becomes a window of its own."""

_URGENT = 5
"""How many times the pages of a single millisecond count: it can't be split, so nothing makes up for a round trip without it."""

_ROW = 8
"""Events that two chains have to see in opposite order to have met inside a millisecond."""

_MOST_HITS = 1000
"""The highest count the service gives."""

_COUNTABLE = 0.9
"""A window that is believed to hold less than this share of the highest count is counted."""

_TIES = 2
"""Events at a frontier that may be fetched again for a count."""

_WORTHWHILE = 0.05
"""Estimated pages beside the one in flight for which a window's other chain is moved, too."""


class Page(Protocol):
    """What the plan needs to know of one page of events, in the order the service sent them."""

    pagination_key: str | None
    total_hits: int | None

    def __len__(self) -> int: ...

    def timestamp(self, index: int) -> int:
        """Unix milliseconds of an event."""
        ...

    def event_id(self, index: int) -> str:
        """The id of an event."""
        ...


@attrs.define(eq=False)
class Chain:
    """One end of a window: a chain of pages that eats inwards.

    ``bounds`` are the ``(start, end, total_hits)`` its pagination key belongs to: a key is only valid with the same
    parameters. ``refusals`` counts how often the key was refused since the last page.
    """

    window: Window = attrs.field(repr=False)
    ascending: bool
    frontier: int
    #: Ids at the frontier that are done, and in which place they came.
    seen: dict[str, int] = attrs.field(factory=dict)
    bounds: tuple[int, int, int | None] | None = None
    key: str | None = None
    refusals: int = 0
    busy: bool = False
    #: Decayed counts of events and milliseconds behind the frontier: their quotient is the density.
    events: float = 0.0
    span: float = 0.0
    #: Milliseconds behind the frontier that look alike: how far ahead the density can be trusted.
    reach: float = 0.0
    #: Whether a page has come; before that, the density is what was expected here.
    looked: bool = False

    @property
    def density(self) -> float:
        """Events per millisecond near the frontier."""
        return self.events / self.span if self.span else 0.0

    def observe(self, events: int, span: int) -> None:
        """Learn from so many events over the last ``span`` milliseconds; where the density jumps, the past is forgotten."""
        span = max(span, 1)
        change = (events / span) / self.density if self.density else 0.0
        if not 1 / _JUMP < change < _JUMP:
            self.events = self.span = self.reach = 0.0
        self.events = self.events * _MEMORY + events
        self.span = self.span * _MEMORY + span
        self.reach += span

    def restart(self) -> None:
        """Forget the pagination key: the next request seeks from the frontier."""
        self.key = self.bounds = None


@attrs.define(eq=False)
class Window:
    """A stretch of time that is not fetched yet, with a chain at either end."""

    source: int
    number: int
    lower: Chain = attrs.field(init=False)
    upper: Chain = attrs.field(init=False)
    done: bool = False
    #: Events taken out of it so far.
    taken: int = 0
    #: Events it held before any was taken, as the service counted them: exactly, or at least so many.
    hits: int | None = None
    exact: bool = False
    #: Estimated pages left, for as long as nothing it is estimated from has changed.
    left: float | None = None

    @property
    def length(self) -> int:
        """Milliseconds between the frontiers, both included."""
        return self.upper.frontier - self.lower.frontier + 1

    @property
    def looked(self) -> bool:
        """Whether a page of it has come, and with it the count of its events."""
        return self.lower.looked or self.upper.looked

    @property
    def busy(self) -> int:
        """Requests in flight."""
        return self.lower.busy + self.upper.busy

    def profile(self, background: float) -> list[tuple[float, float]]:
        """The densities expected from the lower to the upper end, as ``(milliseconds, events per ms)``."""
        length = float(self.length)
        low, high = self.lower, self.upper
        low_density = low.density if low.span else background
        high_density = high.density if high.span else background
        low_reach = low.reach if low.looked else length / 2
        high_reach = high.reach if high.looked else length / 2
        reach = low_reach + high_reach
        # Each end speaks for as far as it has seen; between, their densities are blended by how far that is.
        if reach >= length:
            near = length * low_reach / reach
            return [(near, low_density), (length - near, high_density)]
        weight = low_reach / reach
        middle = low_density**weight * high_density ** (1 - weight)
        return [(low_reach, low_density), (length - reach, middle), (high_reach, high_density)]


@attrs.frozen(eq=False)
class PageRequest:
    """One page to ask for: ``reverse`` is the API's word for oldest first.

    ``total_hits`` is the count to ask for beside the page, None for none; ``taken`` what the window had given by then, less
    what a new search counts once more.
    """

    chain: Chain
    source: int
    start: int
    end: int
    reverse: bool
    pagination_key: str | None
    total_hits: int | None
    taken: int


class Plan:
    """What is left of ``[start, end]``, and which page of it to fetch next.

    Args:
        start: First millisecond of the crawl, included.
        end: Last millisecond of the crawl, included.
        sources: How many separate searches cover the crawl (device and edge events are searched apart).
        parts: Windows of equal time to begin with.
    """

    def __init__(self, start: int, end: int, *, sources: int = 1, parts: int = 1) -> None:
        self.start, self.end = start, end
        self.pages = 0
        self.events = 0
        self.splits = 0
        self.covered = 0
        self.start_inclusive = False
        self.end_inclusive = False
        self.windows: list[Window] = []
        self.changed: set[Window] = set()
        self._numbers = 0
        if start <= end:
            parts = min(parts, end - start + 1)
            cuts = [start + (end - start + 1) * part // parts for part in range(parts + 1)]
            for source in range(sources):
                for first, after in pairwise(cuts):
                    self._window(source, first, after - 1)
            self.splits = parts - 1

    # -- what is left -----------------------------------------------------------------------------------------

    @property
    def done(self) -> bool:
        """Whether everything has been fetched."""
        return not self.windows

    @property
    def background(self) -> float:
        """Events per millisecond over all that has been fetched."""
        return self.events / self.covered if self.covered else 0.0

    def pages_left(self, window: Window) -> float:
        """Estimated pages of a window, requests in flight included; never less than one."""
        if window.left is not None:
            return window.left
        left = self._estimate(window)
        if window.lower.span and window.upper.span:
            # Without densities of its own it is estimated from all pages, of which the next may be any window's.
            window.left = left
        return left

    def _estimate(self, window: Window) -> float:
        if window.exact and window.hits is not None:
            return max(1.0, (window.hits - window.taken) / PAGE_SIZE)
        # No density tells what is left of a millisecond; as much as has been seen is a fair guess.
        seen = len(window.lower.seen) + len(window.upper.seen)
        if window.length == 1:
            return max(1.0, seen / PAGE_SIZE)
        counted = 0.0 if window.hits is None else float(window.hits - window.taken)
        expected = sum(ms * density for ms, density in window.profile(self.background))
        return max(
            1.0,
            counted / PAGE_SIZE,
            expected / PAGE_SIZE,
            seen / PAGE_SIZE if seen >= _CROWD else 0.0,
        )

    # -- what to ask next -------------------------------------------------------------------------------------

    def next_request(self) -> PageRequest | None:
        """The most useful request to send now, or None while every useful one is in flight.

        The chain of the window with most pages left goes first, so that all windows end together.
        """
        best: Chain | None = None
        best_left = 0.0
        for window in self.windows:
            busy = window.busy
            if busy == 2 or (busy and self.pages and not window.looked):  # noqa: PLR2004 -- both chains
                # Of a new window, one page first: it may be all there is.
                continue
            left = self.pages_left(window)
            if busy and self.pages:
                left -= 1.0
                if left < _WORTHWHILE and not window.exact:
                    continue
            if window.length == 1:
                left *= _URGENT
            if left > best_left:
                best_left = left
                best = self._pick(window)
        return None if best is None else self._request(best)

    def split(self, seconds_for: Callable[[float], float], latency: float, most: int) -> None:
        """Split every window that would outlast the rest of the crawl.

        Args:
            seconds_for: The seconds until the limit has allowed that many more requests.
            latency: Seconds one request takes.
            most: Windows beyond which there is no capacity to gain from another.
        """
        if not latency or not self.pages or len(self.windows) >= most:
            return
        left = {window: self.pages_left(window) for window in self.windows}
        total = sum(left.values())
        affordable = 1 + _WASTE * (self.pages + min(total, _TRUST * self.pages))
        goal = max(seconds_for(total) * _SLACK, latency)
        for window in sorted(left, key=left.__getitem__, reverse=True):
            if not (window.lower.looked and window.upper.looked) or window.length == 1:
                # Nothing has been learnt since it was made, or it cannot be split.
                continue
            pages = left[window]
            alone = pages / 2 * latency
            if alone <= goal or pages < _LEAST_PAGES or len(self.windows) >= most:
                break
            # A tail that holds everything up is worth more pages than splits may cost otherwise.
            held_up = alone > _TAIL * goal and pages >= _TAIL_PAGES
            if self.splits + 1 > affordable and not held_up:
                break
            self._halve(window)

    # -- what came back ---------------------------------------------------------------------------------------

    def receive(self, request: PageRequest, page: Page) -> Sequence[int]:
        """Take a page in; returns the indices of its events that are new and inside, in page order."""
        chain = request.chain
        chain.busy = False
        chain.refusals = 0
        window = chain.window
        self.pages += 1
        if window.done:
            return ()
        window.left = None
        sign = 1 if chain.ascending else -1
        other = window.upper if chain.ascending else window.lower
        near, far = sign * chain.frontier, sign * other.frontier
        count = len(page)
        if count:
            self._learn_bounds(request, page, count)
        # Pages are sorted: a few looks find where the new events begin and end.
        at = _At(page, sign)
        first = bisect_left(at, near) if count and at[0] < near else 0
        last = bisect_right(at, far, lo=first) if count and at[-1] > far else count
        passed = last < count
        kept_first: list[int] = []
        while first < last and page.timestamp(first) == chain.frontier:
            if page.event_id(first) not in chain.seen:
                kept_first.append(first)
            first += 1
        kept_last: list[int] = []
        while last > first and page.timestamp(last - 1) == other.frontier:
            last -= 1
            if page.event_id(last) not in other.seen:
                kept_last.append(last)
        if kept_first and near == far:
            kept_first = [index for index in kept_first if page.event_id(index) not in other.seen]
        kept_last.reverse()
        middle = range(first, last)
        kept: Sequence[int] = (
            [*kept_first, *middle, *kept_last] if kept_first or kept_last else middle
        )
        self.events += len(kept)
        if (
            request.pagination_key is None
            and request.total_hits is not None
            and page.total_hits is not None
        ):
            window.hits = page.total_hits + request.taken
            window.exact = page.total_hits < request.total_hits
        window.taken += len(kept)
        if passed or page.pagination_key is None or (near == far and _met(page, other)):
            self.covered += window.length
            self._finish(window)
            return kept
        moved = self._advance(chain, page, kept, sign)
        chain.key = page.pagination_key
        chain.bounds = request.start, request.end, request.total_hits
        if count and self._outside(chain, page, count, sign):
            chain.restart()
        self.changed.add(window)
        if not moved and len(chain.seen) >= _CROWD:
            self._part_crowd(window, chain)
        return kept

    def refuse(self, request: PageRequest) -> None:
        """Give a request back: the pagination key was refused, so the chain seeks anew from its last event."""
        request.chain.busy = False
        request.chain.refusals += 1
        request.chain.restart()

    def release(self, request: PageRequest) -> None:
        """Give a request back unanswered: the same page is asked for again."""
        request.chain.busy = False

    # -- keeping it -------------------------------------------------------------------------------------------

    def take_changes(self) -> Iterator[tuple[int, dict[str, Any] | None]]:
        """What changed since the last call: a window's number and its state, None once it is finished."""
        changed, self.changed = self.changed, set()
        for window in changed:
            yield window.number, None if window.done else _window_state(window)

    def restore(self, states: Iterable[tuple[int, dict[str, Any]]]) -> None:
        """Replace the windows with those of an earlier run."""
        self.windows = []
        self.changed = set()
        for number, state in states:
            window = Window(state["source"], number)
            window.lower = _chain(window, state["lower"], ascending=True)
            window.upper = _chain(window, state["upper"], ascending=False)
            self.windows.append(window)
            self._numbers = max(self._numbers, number)

    # -- inside -----------------------------------------------------------------------------------------------

    def _window(self, source: int, start: int, end: int) -> Window:
        self._numbers += 1
        window = Window(source, self._numbers)
        window.lower = Chain(window, ascending=True, frontier=start)
        window.upper = Chain(window, ascending=False, frontier=end)
        self.windows.append(window)
        self.changed.add(window)
        return window

    def _finish(self, window: Window) -> None:
        window.done = True
        self.windows.remove(window)
        self.changed.add(window)

    def _pick(self, window: Window) -> Chain:
        """The chain of a window to move next."""
        if window.lower.busy:
            return window.upper
        if window.upper.busy:
            return window.lower
        # A chain that has not looked yet says most about what is left.
        return min(window.upper, window.lower, key=lambda chain: chain.looked)

    def _request(self, chain: Chain) -> PageRequest:
        chain.busy = True
        window = chain.window
        if self._worth_counting(chain):
            chain.restart()
        if chain.key is None or chain.bounds is None:
            start = window.lower.frontier - (not self.start_inclusive)
            end = window.upper.frontier + (not self.end_inclusive)
            count = None if window.exact else _MOST_HITS
            # What lies on the frontiers is done, and counted once more.
            taken = window.taken - len(window.lower.seen) - len(window.upper.seen)
            return PageRequest(
                chain, window.source, start, end, chain.ascending, None, count, taken
            )
        start, end, count = chain.bounds
        return PageRequest(
            chain, window.source, start, end, chain.ascending, chain.key, count, window.taken
        )

    def _worth_counting(self, chain: Chain) -> bool:
        """Whether to seek anew, to have what is left of the window counted: it is few enough, and costs no page."""
        window = chain.window
        return (
            not window.exact
            and chain.key is not None
            and window.length > 1
            and len(chain.seen) <= _TIES
            and self.pages_left(window) * PAGE_SIZE < _COUNTABLE * _MOST_HITS
        )

    def _learn_bounds(self, request: PageRequest, page: Page, count: int) -> None:
        if self.start_inclusive and self.end_inclusive:
            return
        ends = page.timestamp(0), page.timestamp(count - 1)
        self.start_inclusive = self.start_inclusive or request.start in ends
        self.end_inclusive = self.end_inclusive or request.end in ends

    def _outside(self, chain: Chain, page: Page, count: int, sign: int) -> bool:
        """Whether a whole page lay before the frontier, in the millisecond that no longer needs asking for."""
        inclusive = self.start_inclusive if chain.ascending else self.end_inclusive
        return inclusive and sign * page.timestamp(count - 1) < sign * chain.frontier

    def _advance(self, chain: Chain, page: Page, kept: Sequence[int], sign: int) -> int:
        """Move the frontier to a page's last event; returns by how many milliseconds."""
        count = len(page)
        reached = page.timestamp(count - 1) if count else chain.frontier
        moved = advanced = sign * (reached - chain.frontier)
        if moved < 0 or not count:
            return 0
        if moved:
            chain.seen = {}
            chain.frontier = reached
        index = count
        while index > 0 and page.timestamp(index - 1) == reached:
            index -= 1
        for tied in range(index, count):
            chain.seen.setdefault(page.event_id(tied), len(chain.seen))
        self.covered += moved
        if not chain.looked:
            chain.looked = True
            chain.events = chain.span = chain.reach = 0.0
        if kept:
            # Half a page tells an edge between dense and sparse from a slope.
            half = len(kept) // 2
            turn = sign * (page.timestamp(kept[half]) - (reached - sign * moved))
            if half and turn > 0:
                chain.observe(half, turn)
                moved -= turn
            chain.observe(len(kept) - half, moved)
        return advanced

    def _halve(self, window: Window) -> None:
        """Cut a window in two of equal estimated events: estimates get better with every page, so never bet more on one."""
        profile = window.profile(self.background)
        half = sum(ms * density for ms, density in profile) / 2
        cut = window.lower.frontier + int(_quantile(profile, half))
        if cut < window.upper.frontier:
            self._cut(window, cut, _density_at(profile, cut - window.lower.frontier))

    def _part_crowd(self, window: Window, chain: Chain) -> None:
        """Cut off the millisecond that a chain stands in: so many events can't be split, but they can be eaten from both ends."""
        # What begins beside it may have to ask for one millisecond more, which must not be this one.
        margin = not (self.start_inclusive if chain.ascending else self.end_inclusive)
        cut = chain.frontier + margin if chain.ascending else chain.frontier - 1 - margin
        if window.lower.frontier <= cut < window.upper.frontier:
            self._cut(window, cut, self.background)

    def _cut(self, window: Window, cut: int, density: float) -> None:
        """Cut a window after this millisecond, where this density is expected."""
        self.splits += 1
        self._numbers += 1
        above = Window(window.source, self._numbers)
        above.lower = Chain(above, ascending=True, frontier=cut + 1)
        above.upper = window.upper
        above.upper.window = above
        window.upper = Chain(window, ascending=False, frontier=cut)
        for chain in (window.upper, above.lower):
            chain.events, chain.span = density, 1.0
        window.hits, window.exact, window.taken, window.left = None, False, 0, None
        self.windows.append(above)
        self.changed.update((window, above))


def _met(page: Page, other: Chain) -> bool:
    """Whether two chains have met inside one millisecond: the page ends with what the other saw last, the other way round.

    How the service orders events of one millisecond is not documented. That two chains sorted in opposite directions see
    the same row of events is proof enough that each order is the other one reversed, so that nothing lies between.
    """
    count = len(page)
    if count < _ROW:
        return False
    places = [other.seen.get(page.event_id(index)) for index in range(count - _ROW, count)]
    first = places[0]
    return first is not None and places == list(range(first, first - _ROW, -1))


class _At(Sequence[int]):
    """The timestamps of a page, ascending."""

    def __init__(self, page: Page, sign: int) -> None:
        self._page, self._sign = page, sign

    def __len__(self) -> int:
        return len(self._page)

    def __getitem__(self, index: Any) -> Any:
        return self._sign * self._page.timestamp(index if index >= 0 else index + len(self._page))


def _quantile(profile: list[tuple[float, float]], events: float) -> float:
    """How far into a profile that many events lie, in milliseconds."""
    at = 0.0
    for ms, density in profile:
        if density and events <= ms * density:
            return at + events / density
        events -= ms * density
        at += ms
    return at


def _density_at(profile: list[tuple[float, float]], at: float) -> float:
    for ms, density in profile:
        if at <= ms:
            return density
        at -= ms
    return profile[-1][1]


def _chain_state(chain: Chain) -> dict[str, Any]:
    return {
        "frontier": chain.frontier,
        "seen": list(chain.seen),
        "bounds": chain.bounds,
        "key": chain.key,
        "events": chain.events,
        "span": chain.span,
        "reach": chain.reach,
        "looked": chain.looked,
    }


def _window_state(window: Window) -> dict[str, Any]:
    return {
        "source": window.source,
        "lower": _chain_state(window.lower),
        "upper": _chain_state(window.upper),
    }


def _chain(window: Window, state: dict[str, Any], *, ascending: bool) -> Chain:
    bounds = state["bounds"]
    return Chain(
        window,
        ascending,
        state["frontier"],
        {event_id: place for place, event_id in enumerate(state["seen"])},
        None if bounds is None else (bounds[0], bounds[1], bounds[2]),
        state["key"],
        events=state["events"],
        span=state["span"],
        reach=state["reach"],
        looked=state["looked"],
    )
