"""What is left of a crawl, and which page of it to fetch next."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import attrs

from ._advance import advance, is_outside
from ._claims import drop_claims, finish_claims, give
from ._estimate import HOT_MILLISECOND_EVENTS, estimate_pages
from ._place import MAX_HITS, is_reversed, place, proves_end
from ._request import chain_to_move, is_worth_counting, request_of, weight_of
from ._split import cut, halve, part_hot_millisecond, windows_to_split
from ._state import window_state, windows_from_states
from ._window import Claim, Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ._place import Placement
    from ._window import Page, PageRequest

__all__ = ["Plan"]

_SLACK = 0.8
"""A window may take this share of the time left before it is split."""

_RETENTION_STRIP_MS = 600_000
"""Milliseconds at the edge of retention that become a window of their own."""

_MAX_STALLS = 8
"""Pages of one search in a row that may bring nothing before the chain seeks anew."""


class Plan:
    """What is left of ``[start, end]``, and which page of it to fetch next.

    Args:
        start: First millisecond of the crawl, included.
        end: Last millisecond of the crawl, included.
        sources: How many separate searches cover the crawl (device and edge events are searched
            apart).
        parts: Windows of equal time to begin with.

    Attributes:
        disordered: Events that came on a later page than events they should come before. Searches
            end early where chains meet, so nothing proves then that all events came.
    """

    def __init__(self, start: int, end: int, *, sources: int = 1, parts: int = 1) -> None:
        self.start, self.end = start, end
        self.pages = 0
        self.events = 0
        self.splits = 0
        self.covered = 0
        self.disordered = 0
        self.start_inclusive = False
        self.end_inclusive = False
        self.windows: list[Window] = []
        self._changed: set[Window] = set()
        self._numbers = 0
        if start <= end:
            parts = min(parts, end - start + 1)
            cuts = [start + (end - start + 1) * part // parts for part in range(parts + 1)]
            for source in range(sources):
                for first, after in pairwise(cuts):
                    self._add(Window.between(source, self._next_number(), first, after - 1))
            self.splits = parts - 1

    @property
    def done(self) -> bool:
        """Whether everything has been fetched."""
        return not self.windows

    @property
    def background(self) -> float:
        """Events per millisecond over all that has been fetched."""
        return self.events / self.covered if self.covered else 0.0

    def pages_left(self, window: Window) -> float:
        """Estimate the pages of a window, requests in flight included; never less than one."""
        if window.left is not None:
            return window.left
        left = estimate_pages(window, self.background)
        if window.lower.span and window.upper.span:
            # Without densities of its own it is estimated from all pages, of which the next may be
            # any window's.
            window.left = left
        return left

    # -- what to ask next
    # ---------------------------------------------------------------------------------

    def next_request(self) -> PageRequest | None:
        """Return the most useful request to send now, or None while every useful one is in flight.

        The chain of the window with most pages left goes first, so that all windows end together.
        """
        best, most = None, 0.0
        for window in self.windows:
            weight = weight_of(window, self.pages_left(window), is_first=not self.pages)
            if weight > most:
                best, most = window, weight
        if best is None:
            return None
        chain = chain_to_move(best)
        if is_worth_counting(chain, self.pages_left(best)):
            chain.restart()
        margins = (int(not self.start_inclusive), int(not self.end_inclusive))
        return request_of(chain, margins)

    def split(self, seconds_for: Callable[[float], float], latency: float, most: int) -> None:
        """Split every window that would outlast the rest of the crawl.

        Args:
            seconds_for: Returns the seconds until the limit has allowed that many more requests.
            latency: Seconds one request takes.
            most: Windows beyond which there is no capacity to gain from another.
        """
        if not latency or not self.pages or len(self.windows) >= most:
            return
        left = {window: self.pages_left(window) for window in self.windows}
        seconds_left = max(seconds_for(sum(left.values())) * _SLACK, latency)
        for window in windows_to_split(
            left, seconds_left=seconds_left, latency=latency, pages=self.pages, splits=self.splits
        ):
            if len(self.windows) >= most:
                return
            self._add_part(window, halve(window, self._next_number(), self.background))

    # -- what came back
    # -----------------------------------------------------------------------------------

    def receive(self, request: PageRequest, page: Page) -> list[int]:
        """Take a page in. Return the indices of its events that are new and inside the window.

        They are in the chain's direction. ``request.chain.failures`` grows while searches bring
        nothing.
        """
        chain = request.chain
        window = chain.window
        chain.busy = False
        self.pages += 1
        if window.done:
            return []
        window.left = None
        if request.recounts:
            self._recount(request, page)
            return []
        self._learn_bounds(request, page)
        if is_reversed(request, page):
            chain.failures += 1
            chain.restart()
            return []
        placed = place(request, page)
        self._count(request, page, placed)
        self._changed.add(window)
        if proves_end(request, page, placed) and window.taken >= (window.hits or 0):
            if window.is_whole:
                self._finish(window)
            else:
                # All else says that it is finished: have it counted again.
                self.covered += advance(chain, page, placed)
                window.recounting = True
        elif self._go_on(request, page, placed) and len(chain.seen) >= HOT_MILLISECOND_EVENTS:
            inclusive = self.start_inclusive if chain.ascending else self.end_inclusive
            self._add_part(
                window,
                part_hot_millisecond(
                    window,
                    chain,
                    self._next_number(),
                    inclusive=inclusive,
                    background=self.background,
                ),
            )
        return placed.kept

    def refuse(self, request: PageRequest) -> None:
        """Take a request back whose pagination key was refused.

        The chain seeks anew from its frontier.
        """
        request.chain.busy = False
        request.chain.failures += 1
        request.chain.restart()

    def release(self, request: PageRequest) -> None:
        """Take a request back without an answer: the same page is asked for again."""
        request.chain.busy = False

    def lose_before(self, edge: int) -> list[tuple[int, int, int]]:
        """Give up what lies before a moment, as the service no longer keeps it.

        Returns:
            Source, first and last millisecond of what was given up.
        """
        lost: list[tuple[int, int, int]] = []
        for window in list(self.windows):
            first, last = window.lower.frontier, window.upper.frontier
            if first >= edge:
                continue
            lost.append((window.source, first, min(edge - 1, last)))
            self.covered += min(edge - 1, last) - first + 1
            self._changed |= {window, *drop_claims(window)}
            if last < edge:
                self._finish(window)
                continue
            window.lower.frontier, window.lower.seen = edge, {}
            window.lower.restart()
            window.upper.restart()
            window.forget_count()
            if window.length > 2 * _RETENTION_STRIP_MS:
                # The edge goes on: what lies further off is no longer searched together with what
                # is at the edge.
                last = edge + _RETENTION_STRIP_MS
                self._add_part(window, cut(window, last, self._next_number(), self.background))
        return lost

    # -- keeping it
    # ---------------------------------------------------------------------------------------

    def take_changes(self) -> Iterator[tuple[int, dict[str, Any] | None]]:
        """Yield what changed since the last call.

        A window's number and its state, None once it is finished.
        """
        changed, self._changed = self._changed, set()
        for window in changed:
            yield window.number, None if window.done else window_state(window)

    def restore(self, states: Iterable[tuple[int, dict[str, Any]]]) -> None:
        """Replace the windows with those of an earlier run.

        Raises:
            ValueError: A state is damaged.
        """
        self.windows = windows_from_states(states)
        self._changed = set()
        self._numbers = max([self._numbers, *(window.number for window in self.windows)])

    # -- inside
    # -------------------------------------------------------------------------------------------

    def _next_number(self) -> int:
        self._numbers += 1
        return self._numbers

    def _add(self, window: Window) -> None:
        self.windows.append(window)
        self._changed.add(window)

    def _add_part(self, window: Window, above: Window | None) -> None:
        if above is not None:
            self.splits += 1
            self._changed.add(window)
            self._add(above)

    def _finish(self, window: Window) -> None:
        self.covered += max(0, window.length)
        window.done = True
        self.windows.remove(window)
        self._changed |= finish_claims(window)

    def _recount(self, request: PageRequest, page: Page) -> None:
        """Take in a count that was asked for again."""
        window, hits = request.chain.window, page.total_hits
        if not request.counts_window or window.claim is None:
            return
        if hits is not None:
            window.claim = attrs.evolve(window.claim, hits=min(hits, MAX_HITS))
        self._changed.add(window)
        if hits is not None and window.is_whole:
            self._finish(window)
        else:
            # Another search may bring what is missing.
            window.recounting = False
            request.chain.failures += 1

    def _learn_bounds(self, request: PageRequest, page: Page) -> None:
        if self.start_inclusive and self.end_inclusive:
            return
        for at, _ in page.positions:
            self.start_inclusive = self.start_inclusive or at == request.start
            self.end_inclusive = self.end_inclusive or at == request.end

    def _count(self, request: PageRequest, page: Page, placed: Placement) -> None:
        """Count a page into its search, its window and the plan."""
        chain, window = request.chain, request.chain.window
        self.events += len(placed.kept)
        self.disordered += placed.displaced + placed.unknown
        if request.pagination_key is None:
            chain.seek()
            hits = page.total_hits
            if hits is not None and page.pagination_key is not None and hits <= placed.came:
                # The key says that there is more: one of the two is wrong, and the key is followed.
                hits = None
            chain.hits = hits
            if hits is not None and request.counts_window:
                window.hits = hits + request.taken
                window.exact = hits < MAX_HITS
                claim = Claim(*request.frontiers, request.taken, min(hits, MAX_HITS))
                window.have_to_give(claim)
        chain.came += placed.came
        chain.repeats += placed.repeats
        window.taken += len(placed.kept) + placed.repeats
        self._changed |= give(window, len(placed.kept) + placed.repeats)

    def _go_on(self, request: PageRequest, page: Page, placed: Placement) -> bool:
        """Move a chain on after a page that was not its last.

        Return whether it stands where it stood.
        """
        chain = request.chain
        before = chain.frontier
        self.covered += advance(chain, page, placed)
        if placed.kept or chain.frontier != before:
            chain.failures = chain.loops = 0
        if placed.kept:
            chain.window.claims = 0
        chain.window.claims += page.pagination_key is None
        chain.stalls = 0 if placed.came else chain.stalls + 1
        if page.pagination_key is None or placed.unknown or chain.stalls > _MAX_STALLS:
            chain.failures += 1
            chain.loops += chain.stalls > _MAX_STALLS
            chain.restart()
        else:
            chain.key, chain.bounds = page.pagination_key, (request.start, request.end)
            inclusive = self.start_inclusive if chain.ascending else self.end_inclusive
            if inclusive and is_outside(chain, page, placed):
                chain.restart()
        return chain.frontier == before
