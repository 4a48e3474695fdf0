"""Splitting windows: which ones would outlast the rest of the crawl, and where to cut them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._claims import share_claims
from ._estimate import density_at, halving_point, profile
from ._window import Chain, Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["cut", "halve", "part_hot_millisecond", "windows_to_split"]

_SPLITS_PER_PAGE = 0.02
"""Splits that may be made for each page of the crawl. One costs half a page on average."""

_TRUSTED_MULTIPLE = 8
"""An estimate of the pages left counts up to so many times the pages seen so far."""

_MIN_SPLIT_PAGES = 4
"""Estimated pages of a window that is worth a split."""

_TAIL_FACTOR, _TAIL_PAGES = 2, 10
"""A window of so many times the time left, and so many pages, is split at any cost."""


def windows_to_split(
    left: Mapping[Window, float], *, seconds_left: float, latency: float, pages: int, splits: int
) -> Iterable[Window]:
    """Yield the windows that would outlast the rest of the crawl, longest first.

    Args:
        left: Estimated pages of each window.
        seconds_left: Seconds until the rest of the crawl should be done.
        latency: Seconds that one request takes.
        pages: Pages received so far.
        splits: Splits made so far.
    """
    total = sum(left.values())
    affordable = 1 + _SPLITS_PER_PAGE * (pages + min(total, _TRUSTED_MULTIPLE * pages))
    for window in sorted(left, key=left.__getitem__, reverse=True):
        is_known = window.lower.started and window.upper.started
        if not is_known or window.length == 1 or window.recounting:
            # Nothing has been learnt since it was made, or it cannot be split.
            continue
        alone = left[window] / 2 * latency
        if alone <= seconds_left or left[window] < _MIN_SPLIT_PAGES:
            return
        is_tail = alone > _TAIL_FACTOR * seconds_left and left[window] >= _TAIL_PAGES
        if splits + 1 > affordable and not is_tail:
            return
        splits += 1
        yield window


def halve(window: Window, number: int, background: float) -> Window | None:
    """Cut a window into two of equal estimated events.

    Return the upper one, None if it cannot be cut.
    """
    densities = profile(window, background)
    last = window.lower.frontier + int(halving_point(densities))
    if last >= window.upper.frontier:
        return None
    return cut(window, last, number, density_at(densities, last - window.lower.frontier))


def part_hot_millisecond(
    window: Window, chain: Chain, number: int, *, inclusive: bool, background: float
) -> Window | None:
    """Cut off the millisecond a chain stands in, so that it is fetched from both ends.

    Where it is not known that bounds are inclusive, what begins beside it may have to ask for one
    millisecond more, which must not be this one.
    """
    margin = 0 if inclusive else 1
    last = chain.frontier + margin if chain.ascending else chain.frontier - 1 - margin
    if not window.lower.frontier <= last < window.upper.frontier:
        return None
    return cut(window, last, number, background)


def cut(window: Window, last: int, number: int, density: float) -> Window:
    """Cut a window after the millisecond ``last``, where this density is expected.

    Return the upper part.
    """
    above = Window(window.source, number)
    above.lower = Chain(above, ascending=True, frontier=last + 1)
    above.upper = window.upper
    above.upper.window = above
    window.upper = Chain(window, ascending=False, frontier=last)
    for chain in (window.upper, above.lower):
        chain.events, chain.span = density, 1.0
    share_claims(window, above)
    window.forget_count()
    return above
