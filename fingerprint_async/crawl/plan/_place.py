"""Where the events of one page belong.

Which are new, how far the chain gets, and whether the page proves an end.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._window import Chain, Page, PageRequest, Position

__all__ = ["MAX_HITS", "Placement", "is_reversed", "met", "place", "proves_end"]

MAX_HITS = 1000
"""The highest count the service gives."""

_MEETING_ROW = 8
"""Events that two chains have to see in opposite order to have met inside a millisecond."""


_REVERSED_ROW = 8
"""Moments on a page that show its order. Where there is none, so many rarely come reversed."""


@attrs.frozen
class Placement:
    """What one page is for its chain.

    Attributes:
        order: Indices of the page's events, in the chain's direction.
        kept: Indices of those that are new and inside the window, in the chain's direction.
        came: Events that had not come in this search before.
        repeats: Events that stand on the page once more, or stood at the end of the one before.
        displaced: How many of the new ones lie before the frontier: they came late.
        unknown: Events from before the frontier that may be new.
        passed: Whether it held an event from beyond the other chain's frontier.
    """

    order: Sequence[int]
    kept: list[int]
    came: int
    repeats: int
    displaced: int
    unknown: int
    passed: bool


def place(request: PageRequest, page: Page) -> Placement:
    """Decide by the invariant which events of a page are new.

    The order inside a page is not believed, and what a page holds twice counts once. Nor is
    the order from page to page: an event from before the frontier is new when the search at hand
    has gone over its time and has not brought it.
    """
    chain, positions = request.chain, page.positions
    sign, near_at, far_at = chain.sign, chain.frontier, chain.other.frontier
    near, far = sign * near_at, sign * far_at
    near_seen, far_seen = chain.seen, chain.other.seen
    order = _in_direction(positions, sign)
    kept: list[int] = []
    came_before: set[Position] = set()
    late: list[int] = []
    unknown: list[int] = []
    came = 0
    passed = False
    for index in order:
        at, event_id = positions[index]
        if positions[index] in came_before:
            continue
        came_before.add(positions[index])
        came += _is_new_to_search(request, at, event_id)
        if sign * at < near:
            if _is_left_behind(request, at, event_id):
                (late if chain.is_remembered(at) else unknown).append(index)
        elif sign * at > far:
            passed = True
        elif not (
            (at == near_at and event_id in near_seen) or (at == far_at and event_id in far_seen)
        ):
            kept.append(index)
    known = chain.search_seen if request.pagination_key is not None else set[str]()
    again = came_before & {(near_at, event_id) for event_id in known}
    repeats = len(order) - len(came_before) + len(again)
    return Placement(order, late + kept, came + len(late), repeats, len(late), len(unknown), passed)


def is_reversed(request: PageRequest, page: Page) -> bool:
    """Return whether a page is in the opposite order, row by row: what was asked for is ignored.

    Its furthest event then says nothing of what lies before it.
    """
    sign = request.chain.sign
    times = [at for at, _ in page.positions]
    is_opposite = all(sign * one >= sign * next_one for one, next_one in pairwise(times))
    return is_opposite and len(set(times)) >= _REVERSED_ROW


def _is_left_behind(request: PageRequest, at: int, event_id: str) -> bool:
    """Whether an event from before the frontier was not brought by one of the last pages.

    What lies before the frontier at which the search began is no part of it.
    """
    chain = request.chain
    if request.pagination_key is None or chain.since is None or chain.sought_at is None:
        return False
    is_covered = chain.sign * at >= chain.sign * chain.sought_at
    return is_covered and not chain.remembers(event_id)


def _in_direction(positions: list[Position], sign: int) -> Sequence[int]:
    """Indices of a page's events in the chain's direction.

    Events of one millisecond stay as they came.
    """
    if all(sign * one[0] <= sign * next_one[0] for one, next_one in pairwise(positions)):
        return range(len(positions))
    return sorted(range(len(positions)), key=lambda index: sign * positions[index][0])


def _is_new_to_search(request: PageRequest, at: int, event_id: str) -> bool:
    """Whether an event has not come in this search before."""
    if request.pagination_key is None:
        return request.start <= at <= request.end
    chain = request.chain
    if at == chain.frontier:
        return event_id not in chain.search_seen
    return chain.sign * at > chain.sign * chain.frontier


def proves_end(request: PageRequest, page: Page, placed: Placement) -> bool:
    """Return whether a page proves that its chain has nothing more to fetch in the window.

    A missing pagination key alone is no proof: everything that the service counted must have come.
    Where it gave no count, a second search has to bring what is known at the frontier, and nothing
    more.
    """
    chain = request.chain
    if placed.passed or (chain.window.length == 1 and met(page, chain.other)):
        return True
    if page.pagination_key is not None:
        return False
    if chain.hits is None:
        return _is_second_claim(chain, page, placed)
    if chain.hits < MAX_HITS:
        # It may count an event twice that it has twice.
        return chain.came >= chain.hits or (
            chain.came + chain.repeats >= chain.hits and _is_second_claim(chain, page, placed)
        )
    # The highest count says only "at least": a search from further on is counted exactly, unless it
    # is one millisecond.
    return chain.window.length == 1 and _is_second_claim(chain, page, placed)


def _is_second_claim(chain: Chain, page: Page, placed: Placement) -> bool:
    """Whether a second search ended with nothing new, after it brought again all that is known."""
    if not chain.window.claims or placed.kept:
        return False
    known = set(chain.seen)
    if chain.window.length == 1:
        known.update(chain.other.seen)
    return known <= chain.search_seen | {event_id for _, event_id in page.positions}


def met(page: Page, other: Chain) -> bool:
    """Return whether two chains have met inside one millisecond.

    How the service orders events of one millisecond is not documented. That two chains sorted in
    opposite directions see the same row of events shows that each order is the other one reversed.
    """
    positions = page.positions
    if len(positions) < _MEETING_ROW:
        return False
    places = [other.seen.get(event_id) for _, event_id in positions[-_MEETING_ROW:]]
    first = places[0]
    return first is not None and places == list(range(first, first - _MEETING_ROW, -1))
