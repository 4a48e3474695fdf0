"""Moving a chain over the events of a page, and what it learns of their density."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._place import Placement
    from ._window import Chain, Page

__all__ = ["advance", "is_outside"]


def advance(chain: Chain, page: Page, placed: Placement) -> int:
    """Move the frontier to the furthest event of a page, but not beyond the other chain's.

    Return over how many milliseconds it moved.
    """
    if not placed.order:
        return 0
    sign, far = chain.sign, chain.other.frontier
    reached = sign * min(sign * page.positions[placed.order[-1]][0], sign * far)
    moved = sign * (reached - chain.frontier)
    if moved >= 0:
        _move(chain, page, placed, reached)
    chain.remember(page.positions[index][1] for index in placed.kept)
    return max(0, moved)


def _move(chain: Chain, page: Page, placed: Placement, reached: int) -> None:
    moved = chain.sign * (reached - chain.frontier)
    if moved:
        chain.seen, chain.search_seen = {}, set()
        chain.frontier = reached
    for index in placed.order:
        at, event_id = page.positions[index]
        if at == reached:
            chain.seen.setdefault(event_id, len(chain.seen))
            chain.search_seen.add(event_id)
    if not chain.started:
        chain.started = True
        chain.events = chain.span = chain.reach = 0.0
    _observe(chain, page, placed.kept, moved)


def is_outside(chain: Chain, page: Page, placed: Placement) -> bool:
    """Return whether a page lay before the frontier, where nothing needs to be asked for."""
    if not placed.order:
        return False
    return chain.sign * page.positions[placed.order[-1]][0] < chain.sign * chain.frontier


def _observe(chain: Chain, page: Page, kept: list[int], moved: int) -> None:
    """Learn the density from a page over whose events the frontier moved so many milliseconds."""
    if not kept:
        return
    # Half a page tells an edge between dense and sparse from a slope.
    half = len(kept) // 2
    turn = moved - chain.sign * (chain.frontier - page.positions[kept[half]][0])
    if half and turn > 0:
        chain.observe(half, turn)
        moved -= turn
    chain.observe(len(kept) - half, moved)
