"""Which window to move next, by which of its chains, and the request for the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._place import MAX_HITS
from ._window import PAGE_SIZE, PageRequest

if TYPE_CHECKING:
    from ._window import Chain, Claim, Window

__all__ = ["chain_to_move", "is_worth_counting", "request_of", "weight_of"]

_HOT_PRIORITY = 5
"""How many times the pages of a single millisecond count: it cannot be split."""

_COUNTABLE_SHARE = 0.9
"""A window that is estimated below this share of the highest count is counted."""

_MAX_REFETCHED_TIES = 2
"""Events at a frontier that may be fetched again for a count."""

_MIN_SECOND_CHAIN_PAGES = 0.05
"""Estimated pages beside the one in flight for which a window's other chain is moved, too."""


def weight_of(window: Window, left: float, *, is_first: bool) -> float:
    """Return how much a request for a window is worth now; 0 when none is of use.

    Args:
        window: The window.
        left: Its estimated pages.
        is_first: Whether no page of the crawl has come yet.
    """
    busy = window.busy
    if busy > 1 or (busy and (window.recounting or not (is_first or window.started))):
        # Of a new window one page first: it may be all there is.
        return 0.0
    if busy and not is_first:
        left -= 1.0
        if left < _MIN_SECOND_CHAIN_PAGES and not window.exact:
            return 0.0
    return left * _HOT_PRIORITY if window.length == 1 else left


def chain_to_move(window: Window) -> Chain:
    """Choose the chain of a window to move next.

    One that has not started says most about what is left.
    """
    if window.lower.busy:
        return window.upper
    if window.upper.busy or (window.upper.started and not window.lower.started):
        return window.lower
    return window.upper


def is_worth_counting(chain: Chain, left: float) -> bool:
    """Return whether to seek anew to have the rest of the window counted.

    It is few enough, and costs no page.
    """
    window = chain.window
    return (
        not window.exact
        and chain.key is not None
        and chain.frontier != chain.sought_at
        and window.length > 1
        and len(chain.seen) <= _MAX_REFETCHED_TIES
        and left * PAGE_SIZE < _COUNTABLE_SHARE * MAX_HITS
    )


def request_of(chain: Chain, margins: tuple[int, int]) -> PageRequest:
    """Return the request for the next page of a chain, which is busy then.

    Args:
        chain: The chain.
        margins: Milliseconds that are asked for beyond each bound: one until an event on it has
            been seen.
    """
    window = chain.window
    chain.busy = True
    if window.recounting and window.claim is not None:
        return _recount_of(chain, window.claim)
    if chain.key is not None and chain.bounds is not None:
        start, end = chain.bounds
        key, taken = chain.key, window.taken
    else:
        start = window.lower.frontier - margins[0]
        end = window.upper.frontier + margins[1]
        key = None
        # What lies on the frontiers is done, and counted once more.
        taken = window.taken - len(window.lower.seen) - len(window.upper.seen)
    return PageRequest(
        chain=chain,
        source=window.source,
        start=start,
        end=end,
        reverse=chain.ascending,
        pagination_key=key,
        total_hits=MAX_HITS,
        window=window,
        frontiers=(window.lower.frontier, window.upper.frontier),
        cuts=window.cuts,
        taken=taken,
    )


def _recount_of(chain: Chain, claim: Claim) -> PageRequest:
    """Return the request that asks once more how many events there are in a stretch of time."""
    window = chain.window
    return PageRequest(
        chain=chain,
        source=window.source,
        start=claim.start,
        end=claim.end,
        reverse=chain.ascending,
        pagination_key=None,
        total_hits=MAX_HITS,
        window=window,
        frontiers=(claim.start, claim.end),
        cuts=window.cuts,
        taken=claim.taken,
        recounts=True,
    )
