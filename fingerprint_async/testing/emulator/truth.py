"""What an emulator really holds, to hold a client's findings against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import evolve, frozen

if TYPE_CHECKING:
    from fingerprint_async.testing.emulator.search import Query
    from fingerprint_async.testing.emulator.store import Store

__all__ = ["Truth", "TruthSource", "truth_of"]

TruthSource = Literal["device", "edge", "both"]


@frozen
class Truth:
    """What really is in a window.

    Attributes:
        count: How many events.
        ids: Their ids, oldest first; empty when they were not asked for.
    """

    count: int
    ids: tuple[str, ...] = ()


def truth_of(store: Store, query: Query, source: TruthSource, *, now: int, ids: bool) -> Truth:
    """Return what a query finds of a source, or of both.

    Args:
        store: Where the events are.
        query: Window and filters.
        source: Device events, edge events, or both.
        now: Unix ms.
        ids: Whether to list the ids too.
    """
    total, found = 0, list[str]()
    for one in ("device", "edge") if source == "both" else (source,):
        asked = evolve(query, source=one)
        total += store.count(asked, now)
        if ids:
            found += store.ids(store.ranks(asked, now))
    if source == "both":
        found.sort(key=lambda event_id: event_id.partition(".")[0].zfill(20))
    return Truth(total, tuple(found))
