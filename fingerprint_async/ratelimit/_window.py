"""At most so many requests in any stretch of time. Pure arithmetic: the caller brings the time."""

from __future__ import annotations

from collections import deque
from typing import Final

__all__ = ["Window"]

_MARGIN_SHARE: Final = 1 / 60
_MAX_MARGIN_SECONDS: Final = 60.0


class Window:
    """A sliding window of requests.

    The service's window begins when a request arrives, which is later than its sending. So this
    one is longer, by a minute at most.

    Args:
        requests: How many fit in.
        seconds: How long it is.
    """

    __slots__ = ("_requests", "_seconds", "_taken")

    def __init__(self, requests: int, seconds: float) -> None:
        self._requests = requests
        self._seconds = seconds + min(_MAX_MARGIN_SECONDS, seconds * _MARGIN_SHARE)
        self._taken: deque[float] = deque()

    def free(self, now: float) -> int:
        """Return how many requests may go at once."""
        while self._taken and self._taken[0] + self._seconds <= now:
            self._taken.popleft()
        return self._requests - len(self._taken)

    def wait(self, place: int, now: float) -> float:
        """Return the seconds until the request at that place of the queue, from 0 on, may go."""
        missing = place + 1 - self.free(now)
        if missing <= 0:
            return 0.0
        rounds, index = divmod(missing - 1, self._requests)
        return self._taken[index] + self._seconds * (rounds + 1) - now

    def at_rest(self, now: float) -> bool:
        """Return whether a new window would be the same."""
        return self.free(now) == self._requests

    def take(self, now: float) -> None:
        """Count one request."""
        self._taken.append(now)

    def refund(self) -> None:
        """Take back a request that was never sent: the latest, so that no place is free early."""
        if self._taken:
            self._taken.pop()
