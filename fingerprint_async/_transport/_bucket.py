"""A token bucket seen from the client's side. Pure arithmetic: the caller brings the time, the lock and the waiting."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from itertools import count
from typing import TYPE_CHECKING, Final, Protocol

__all__ = ["Bucket", "TokenBucket", "WindowBucket"]

_SKEW: Final = 0.999
"""Clocks differ and floats round; the server's bucket must never be the emptier one."""


_ROUNDING: Final = 1e-9


class _Queue:
    """Who waits for a token. A ticket's turn is its rank, so that one who leaves moves up all behind it."""

    __slots__ = ("_tickets", "_waiting")

    def __init__(self) -> None:
        self._waiting: list[int] = []
        self._tickets = count()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    @property
    def head(self) -> int | None:
        """The ticket whose turn is next."""
        return self._waiting[0] if self._waiting else None

    def enter(self, ticket: int | None = None) -> int:
        """Begin to wait; with a ticket from before, at the place it had."""
        if ticket is None:
            ticket = next(self._tickets)
            self._waiting.append(ticket)
        else:
            insort(self._waiting, ticket)
        return ticket

    def leave(self, ticket: int) -> None:
        """Wait no longer."""
        index = bisect_left(self._waiting, ticket)
        if index < len(self._waiting) and self._waiting[index] == ticket:
            del self._waiting[index]


if TYPE_CHECKING:

    class Bucket(Protocol):
        """What the limiter needs of a bucket."""

        @property
        def waiting(self) -> int: ...
        @property
        def head(self) -> int | None: ...
        def enter(self, ticket: int | None = None) -> int: ...
        def leave(self, ticket: int) -> None: ...
        def poll(self, ticket: int, now: float) -> float: ...
        def answered(self, now: float) -> None: ...
        def refund(self, now: float) -> None: ...
        def drain(self, now: float) -> None: ...


class TokenBucket(_Queue):
    """What the server's bucket holds at least, and who waits for it.

    The server takes a token when a request *arrives*, some time between its sending and its answer, and a
    full bucket does not fill further. A burst over cold connections therefore starts the server's refill
    late. So an unanswered request counts as one that may still have to arrive: the level never rises above
    `burst - unanswered`. Then, whatever the delays are, the server's level (less what is under way to it)
    is never below this one, and no request is refused as long as rate and burst are right and nobody else
    takes from it.

    Args:
        rate: Tokens per second.
        burst: Tokens at most, and at the beginning.
        now: The clock's reading in seconds.
    """

    __slots__ = ("_level", "_updated", "burst", "filled_at", "rate", "unanswered")

    def __init__(self, rate: float, burst: float, *, now: float) -> None:
        super().__init__()
        self.rate = rate
        self.burst = burst
        self.unanswered = 0
        self.filled_at = now
        self._level = burst
        self._updated = now

    def level(self, now: float) -> float:
        """Tokens at that time. Below zero after `drain` has found more taken than was there."""
        if now > self._updated:
            filled = self._level + (now - self._updated) * self.rate * _SKEW
            self._level = max(self._level, min(filled, self.burst - self.unanswered))
            self._updated = now
            if filled >= self.burst:
                self.filled_at = now
        return self._level

    def poll(self, ticket: int, now: float) -> float:
        """Take a token when it is the ticket's turn and return 0; else return the seconds until its turn, as things stand."""
        rank = bisect_left(self._waiting, ticket)
        missing = rank + 1 - self.level(now)
        if missing > _ROUNDING:
            return missing / (self.rate * _SKEW)
        del self._waiting[rank]
        self._level -= 1
        self.unanswered += 1
        return 0.0

    def answered(self, now: float) -> None:
        """A request has ended: it is no longer under way."""
        self.level(now)
        self.unanswered -= 1

    def refund(self, now: float) -> None:
        """Give back the token of a request that was never sent."""
        self.level(now)
        self.unanswered -= 1
        self._level = min(self._level + 1, self.burst)

    def drain(self, now: float) -> None:
        """The server said that its bucket is empty."""
        self._level = min(self.level(now), 0.0)

    def refit(self, rate: float, burst: float, now: float) -> None:
        """Go on with another rate and burst."""
        self._level = min(self.level(now), burst)
        self.rate, self.burst = rate, burst


class WindowBucket(_Queue):
    """At most so many requests in any stretch of so many seconds.

    Args:
        most: Requests.
        seconds: The stretch. The server's begins when a request arrives, which is later than its sending: a minute is added.
    """

    __slots__ = ("_most", "_seconds", "_taken")

    def __init__(self, most: int, seconds: float) -> None:
        super().__init__()
        self._most = most
        self._seconds = seconds + 60.0
        self._taken: deque[float] = deque()

    def poll(self, ticket: int, now: float) -> float:
        """Take a place when it is the ticket's turn and return 0; else return the seconds until its turn, as things stand."""
        while self._taken and self._taken[0] + self._seconds <= now:
            self._taken.popleft()
        rank = bisect_left(self._waiting, ticket)
        missing = len(self._taken) + rank + 1 - self._most
        if missing > 0:
            rounds, place = divmod(missing - 1, self._most)
            return self._taken[place] + self._seconds * (rounds + 1) - now
        del self._waiting[rank]
        self._taken.append(now)
        return 0.0

    def answered(self, now: float) -> None:
        """A request has ended; its place stays taken."""

    def refund(self, now: float) -> None:
        """Give back the place of a request that was never sent: the latest one, so that none ends too early."""
        del now
        self._taken.pop()

    def drain(self, now: float) -> None:
        """The server said that there is no place: the pause tells how long."""
