"""The plan of a crawl: which page to ask for next. Pure: no clock, no network, no files.

Pagination is a chain, so the only parallelism the service offers is time. The plan keeps the part
of ``[start, end]`` that is not fetched yet as a list of *windows*. Each window is fetched from both
ends: one chain of pages sorted oldest first from its lower end, one sorted newest first from its
upper end, until they meet.

Exactly once rests on one invariant, independent of every estimate:

    the events still to come of a window are those with ``lower.frontier <= timestamp <=
    upper.frontier``, less the ids in ``lower.seen`` (at the lower frontier) and in ``upper.seen``
    (at the upper one).

:func:`._place.place` decides by it which events of a page are new, :meth:`Plan.receive` keeps it.
"""

from __future__ import annotations

from ._plan import Plan
from ._window import PAGE_SIZE, Chain, Page, PageRequest, Position, Window

__all__ = ["PAGE_SIZE", "Chain", "Page", "PageRequest", "Plan", "Position", "Window"]
