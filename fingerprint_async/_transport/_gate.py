"""How many requests are in flight at a time."""

from __future__ import annotations

import asyncio
from collections import deque

__all__ = ["Gate"]


class Gate:
    """A counter of free slots with a queue, first come, first served.

    `asyncio.Semaphore` would do but for one thing: it cannot say how many slots are taken.

    Args:
        slots: How many there are; None for any number.
    """

    __slots__ = ("_queue", "_slots", "taken")

    def __init__(self, slots: int | None) -> None:
        self._slots = slots
        self._queue: deque[asyncio.Future[None]] = deque()
        self.taken = 0

    @property
    def waiting(self) -> int:
        """How many wait for a slot."""
        return len(self._queue)

    async def acquire(self) -> None:
        """Take a slot, or wait for one. Cancelled, it leaves nothing behind."""
        if self._slots is None or (self.taken < self._slots and not self._queue):
            self.taken += 1
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(future)
        try:
            await future
        except asyncio.CancelledError:
            if not future.cancelled():
                # The slot was handed over in the same turn of the loop.
                self.release()
            elif future in self._queue:
                self._queue.remove(future)
            raise

    def release(self) -> None:
        """Give the slot to the first who waits, or back."""
        while self._queue:
            future = self._queue.popleft()
            if not future.done():
                future.set_result(None)
                return
        self.taken -= 1
