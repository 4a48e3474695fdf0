"""Who waits for a limit: by priority, and within one priority first come, first served."""

from __future__ import annotations

import asyncio
import threading
from bisect import bisect_left, insort
from contextlib import suppress
from math import inf
from typing import Final, TypeAlias

__all__ = ["Place", "WaitQueue", "Waiter"]

Place: TypeAlias = tuple[int, int]
"""The order of waiters: the negative priority, then a number that goes up."""

_GRACE_SECONDS: Final = 0.25
"""So long after its time a waiter's place is kept for it."""


class Waiter:
    """One call that waits, in the event loop that is running now.

    Attributes:
        due: When it will ask again.
    """

    __slots__ = ("_future", "_loop", "_thread", "due")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._future: asyncio.Future[None] = self._loop.create_future()
        self.due = inf

    def stalls(self, now: float) -> bool:
        """Return whether it should have asked long ago: its event loop is blocked, or closed."""
        if self._loop.is_closed():
            return True
        # A waiter of the thread that asks is about to come.
        return now > self.due + _GRACE_SECONDS and threading.get_ident() != self._thread

    def arm(self, due: float) -> None:
        """Forget earlier wake-ups, under the lock, so that no later one is missed.

        Args:
            due: When it will ask again at the latest.
        """
        self.due = due
        if self._future.done():
            self._future = self._loop.create_future()

    def wake(self) -> None:
        """End the wait early; from any thread."""
        # The loop may be another thread's, and be closed at this moment.
        with suppress(RuntimeError):
            if threading.get_ident() == self._thread:
                _finish(self._future)
            else:
                self._loop.call_soon_threadsafe(_finish, self._future)

    async def wait(self, seconds: float) -> None:
        """Wait until woken, or so many seconds."""
        timer = self._loop.call_later(seconds, _finish, self._future)
        try:
            await self._future
        finally:
            timer.cancel()


class WaitQueue:
    """The waiters of one budget in their order. Not thread-safe: the caller holds the lock.

    Attributes:
        places: Theirs, the first to go first. To be read only.
    """

    __slots__ = ("_waiters", "places")

    def __init__(self) -> None:
        self.places: list[Place] = []
        self._waiters: dict[Place, Waiter] = {}

    def add(self, place: Place, waiter: Waiter) -> None:
        """Let a waiter in, if it is not there."""
        if place not in self._waiters:
            insort(self.places, place)
            self._waiters[place] = waiter

    def discard(self, place: Place) -> None:
        """Take a waiter out, if it is there."""
        if self._waiters.pop(place, None) is not None:
            del self.places[bisect_left(self.places, place)]

    def ahead(self, place: Place) -> int:
        """Return how many come before that place."""
        return bisect_left(self.places, place) if self.places else 0

    def wake_first(self) -> None:
        """Let the first waiter ask again, as its turn may have come closer. There must be one."""
        self._waiters[self.places[0]].wake()

    def drop_stalled(self, now: float) -> None:
        """Drop first waiters that do not come. If one comes after all, it takes its old place."""
        while self.places and self._waiters[self.places[0]].stalls(now):
            self.discard(self.places[0])


def _finish(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
