"""What to do when the service refuses a search.

Find out whether its start is too early, and from when on it is not.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .errors import StartBeforeRetentionError

if TYPE_CHECKING:
    from fingerprint_async.errors import FingerprintError

    from ._source import PageSource
    from .plan import PageRequest

__all__ = ["Retention"]

_NEAR_MS = 1_000
"""The edge is found to so many milliseconds; it moves on as fast as anybody asks."""

_START_TOLERANCE_MS = 120_000
"""A start that is too early by so much was at the edge when it was chosen."""


class Retention:
    """Finds the edge of what the service keeps, by asking.

    A search that is refused whatever its start is refused for good. Events that were still kept
    when the crawl began, and are no longer, are given up; a start that was too early from the
    beginning is the caller's mistake.

    Args:
        source: Whom to ask.
        start: First millisecond of the crawl.
        end: Last millisecond of the crawl.
        is_resumed: Whether an earlier run has fetched something.
    """

    def __init__(self, source: PageSource, *, start: int, end: int, is_resumed: bool) -> None:
        self._source, self._start, self._end = source, start, end
        self._is_resumed = is_resumed

    async def recover(self, request: PageRequest, cause: FingerprintError) -> int:
        """Return the first moment that the service still keeps.

        0 where it takes by now what it refused: nothing is given up for that.

        Raises:
            FingerprintError: The search was refused for something else.
            StartBeforeRetentionError: The crawl's start was too early from the beginning.
        """
        end = max(self._end, request.end)
        if not await self._source.accepts(end, end, request.source):
            raise cause
        if not await self._is_refused(max(0, request.start), end, request.source):
            return 0
        edge = await self._edge(max(0, request.start), end, request.source)
        if not self._was_kept() and self._start < edge - _START_TOLERANCE_MS:
            raise _too_early(edge, cause) from cause
        return edge

    def _was_kept(self) -> bool:
        """Whether the service took the crawl's start before."""
        earliest = self._source.earliest_start
        return self._is_resumed or (earliest is not None and earliest <= self._start)

    async def _edge(self, refused: int, accepted: int, source: int) -> int:
        """Return a start that is taken, close to the earliest one.

        First by growing steps, then by halving.
        """
        low, high, step = refused, accepted, _NEAR_MS
        while low + step < accepted:
            if not await self._is_refused(low + step, accepted, source):
                high = low + step
                break
            low += step
            step *= 2
        while high - low > _NEAR_MS:
            middle = (low + high) // 2
            if await self._is_refused(middle, accepted, source):
                low = middle
            else:
                high = middle
        return high

    async def _is_refused(self, start: int, end: int, source: int) -> bool:
        """Whether a start is refused, twice: one answer alone gives up no event."""
        return not (
            await self._source.accepts(start, end, source)
            or await self._source.accepts(start, end, source)
        )


def _too_early(edge: int, cause: FingerprintError) -> StartBeforeRetentionError:
    moment = datetime.fromtimestamp(edge / 1000, UTC).isoformat(timespec="seconds")
    said = getattr(cause, "message", None) or str(cause)
    return StartBeforeRetentionError(
        f"the service refuses a start this early ({said}); "
        f"the earliest it takes is {moment.replace('+00:00', 'Z')} ({edge} ms)",
        earliest=edge,
    )
