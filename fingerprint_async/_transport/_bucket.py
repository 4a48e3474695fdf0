"""A token bucket seen from the client's side. Pure arithmetic: the caller brings the time, the lock and the waiting."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from itertools import count
from math import inf
from typing import TYPE_CHECKING, Final, Protocol

__all__ = ["Bucket", "TokenBucket", "WindowBucket"]

_SKEW: Final = 0.999
"""Clocks differ and floats round; the server's bucket must never be the emptier one."""


_ROUNDING: Final = 1e-9

_ENOUGH: Final = 8
"""Round trips after which the shortest of them says something about the next ones."""

_TRIPS: Final = 20
"""Round trips that a mean goes back."""

_DOUBT: Final = 3.0
"""How many times what the mean round trip is longer than the shortest is held possible below the shortest."""

_LONGEST_LEAD: Final = 1.0
"""Seconds; a network that were to become faster all at once would cost no more than so many seconds' worth of 429s."""


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
        def answered(self, now: float, *, sent: float | None = None) -> None: ...
        def refund(self, now: float) -> None: ...
        def drain(self, now: float) -> None: ...


class _Lead:
    """The seconds by which the server is ahead of its answers: what no round trip will be shorter than, as it seems.

    An estimate that errs to the safe side: the shortest round trip, less a multiple of what the mean one is longer.
    Where they are all alike that is nearly all of it; where they vary by much it is nothing. What was sent
    before the first answer does not count: its connection may have had to be opened.
    """

    __slots__ = ("_count", "_first", "_mean", "_shortest", "seconds")

    def __init__(self) -> None:
        self.seconds = 0.0
        self._first: float | None = None
        self._count = 0
        self._mean = 0.0
        self._shortest = inf

    def add(self, sent: float, now: float) -> None:
        """Learn from one round trip."""
        if self._first is None:
            self._first = now
        if sent < self._first:
            return
        trip = now - sent
        self._shortest = min(self._shortest, trip)
        self._count += 1
        self._mean += (trip - self._mean) / min(self._count, _TRIPS)
        if self._count >= _ENOUGH:
            certain = self._shortest - _DOUBT * (self._mean - self._shortest)
            self.seconds = min(max(0.0, certain), _LONGEST_LEAD)


class TokenBucket(_Queue):
    """What the server's bucket holds at least, and who waits for it.

    The server takes a token when a request *arrives*, some time between its sending and its answer, and a
    full bucket does not fill further. A burst over cold connections therefore starts the server's refill
    late. So an unanswered request counts as one that may still have to arrive: the level never rises above
    `burst - unanswered`. Then, whatever the delays are, the server's level (less what is under way to it)
    is never below this one, and no request is refused as long as rate and burst are right and nobody else
    takes from it.

    That counts a token as taken when its answer comes, and a new request as arriving when it is sent. No answer
    is back sooner than the way there and back takes; what the server's bucket fills in that time is there as well.
    A caller who tells when requests were sent gets it, as far as it is certain from the round trips so far.

    Args:
        rate: Tokens per second.
        burst: Tokens at most, and at the beginning.
        now: The clock's reading in seconds.
    """

    __slots__ = ("_lead", "_level", "_updated", "burst", "filled_at", "rate", "unanswered")

    def __init__(self, rate: float, burst: float, *, now: float) -> None:
        super().__init__()
        self.rate = rate
        self.burst = burst
        self.unanswered = 0
        self.filled_at = now
        self._lead = _Lead()
        self._level = burst
        self._updated = now

    def level(self, now: float) -> float:
        """Tokens at that time. Below zero once a 429, or a shorter round trip, has shown that there were fewer than counted on."""
        if now > self._updated:
            filled = self._level + (now - self._updated) * self.rate * _SKEW
            self._level = self._risen(filled)
            self._updated = now
            if filled >= self.burst:
                self.filled_at = now
        return self._risen(self._level + self._ahead)

    def _risen(self, level: float) -> float:
        """The level, risen to that one as far as what is under way leaves room for it."""
        return max(self._level, min(level, self.burst - self.unanswered))

    @property
    def _ahead(self) -> float:
        """Tokens by which the server is ahead of its answers."""
        return self._lead.seconds * self.rate * _SKEW

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

    def answered(self, now: float, *, sent: float | None = None) -> None:
        """A request has ended: it is no longer under way. Where it was sent is told, it has had its answer."""
        self.level(now)
        self.unanswered -= 1
        if sent is not None:
            self._lead.add(sent, now)

    def refund(self, now: float) -> None:
        """Give back the token of a request that was never sent."""
        self.level(now)
        self.unanswered -= 1
        self._level = min(self._level + 1, self.burst)

    def drain(self, now: float) -> None:
        """The server said that its bucket is empty."""
        if self.level(now) > 0:
            self._level = -self._ahead

    def refit(self, rate: float, burst: float, now: float) -> None:
        """Go on with another rate and burst."""
        self.level(now)
        self._level = min(self._level, burst)
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

    def answered(self, now: float, *, sent: float | None = None) -> None:
        """A request has ended; its place stays taken."""

    def refund(self, now: float) -> None:
        """Give back the place of a request that was never sent: the latest one, so that none ends too early."""
        del now
        self._taken.pop()

    def drain(self, now: float) -> None:
        """The server said that there is no place: the pause tells how long."""
