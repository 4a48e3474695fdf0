"""A token bucket seen from the client's side. Pure arithmetic: the caller brings the time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from math import inf
from typing import Final

__all__ = ["TokenBucket"]

_REFILL_SHARE: Final = 0.999
"""Refill slightly slower than the service does, so that its bucket is never emptier than ours."""
_ROUNDING_TOKENS: Final = 1e-9

_MIN_ROUND_TRIPS: Final = 8
"""Round trips after which the shortest of them says something about the next ones."""
_MEAN_ROUND_TRIPS: Final = 20
"""Round trips that the mean goes back."""
_DOUBT: Final = 3.0
"""How far below the shortest round trip the next may be, in distances from shortest to mean."""
_MAX_LEAD_SECONDS: Final = 1.0
"""A network that became faster all at once would cost so many seconds' worth of 429s at most."""
_MAX_ARRIVAL_SECONDS: Final = 5.0
"""After so long a request has arrived, or never will: it takes up no space any more."""


class _RoundTrips:
    """An estimate of what no round trip will be shorter than, on the safe side.

    It is the shortest round trip, less a multiple of what the mean one is longer: nearly all of it
    where they are alike, nothing where they vary much. What was sent before the first answer does
    not count: its connection may have had to be opened.
    """

    __slots__ = ("_count", "_first", "_mean", "_shortest", "least")

    def __init__(self) -> None:
        self.least = 0.0
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
        self._mean += (trip - self._mean) / min(self._count, _MEAN_ROUND_TRIPS)
        if self._count >= _MIN_ROUND_TRIPS:
            certain = self._shortest - _DOUBT * (self._mean - self._shortest)
            self.least = min(max(0.0, certain), _MAX_LEAD_SECONDS)


class TokenBucket:
    """What the service's bucket holds at least.

    The service takes a token when a request *arrives*, some time between its sending and its
    answer, and a full bucket does not fill further. A burst over cold connections therefore starts
    the service's refill late. So an unanswered request counts as one that may still have to
    arrive: the level never rises above `burst - unanswered`. Then the service's level, less what
    is under way to it, is never below this one, whatever the delays are: no request is refused as
    long as rate and burst are right and nobody else takes from the bucket.

    That counts a token as taken when its answer comes, and a new request as arriving when it is
    sent. No answer is back sooner than the way there and back takes, and the service's bucket
    fills in that time too. A caller who tells when requests were sent gets those tokens, as far as
    they are certain from the round trips so far.

    Args:
        rate: Tokens per second.
        burst: Tokens at most, and at the beginning.
        now: The clock's reading in seconds.

    Attributes:
        rate: Tokens per second.
        burst: Tokens at most.
        filled_at: When the bucket was last full.
    """

    __slots__ = ("_level", "_round_trips", "_under_way", "_updated", "burst", "filled_at", "rate")

    def __init__(self, rate: float, burst: float, *, now: float) -> None:
        self.rate = rate
        self.burst = burst
        self.filled_at = now
        self._under_way: list[float] = []
        self._round_trips = _RoundTrips()
        self._level = burst
        self._updated = now

    @property
    def unanswered(self) -> int:
        """Requests that may still have to arrive."""
        return len(self._under_way)

    def level(self, now: float) -> float:
        """Return the tokens at that time.

        Below zero once a 429, or a shorter round trip, has shown that there were fewer than
        counted on.
        """
        if now > self._updated:
            filled = self._level + (now - self._updated) * self.rate * _REFILL_SHARE
            self._level = self._risen(filled)
            self._updated = now
            if filled >= self.burst:
                self.filled_at = now
            self._forget(now - _MAX_ARRIVAL_SECONDS)
        return self._risen(self._level + self._ahead)

    def wait(self, place: int, now: float) -> float:
        """Return the seconds until the request at that place of the queue, from 0 on, may go."""
        missing = place + 1 - self.level(now)
        return missing / (self.rate * _REFILL_SHARE) if missing > _ROUNDING_TOKENS else 0.0

    def take(self, now: float) -> None:
        """Take a token for a request that is sent now."""
        self.level(now)
        self._level -= 1
        self._under_way.insert(bisect_right(self._under_way, now), now)

    def answered(
        self, now: float, *, taken: float | None = None, sent: float | None = None
    ) -> None:
        """Take in that a request has ended.

        Args:
            now: The time.
            taken: When its token was taken; None for the one that has been under way longest.
            sent: When it was sent, if it was answered and its round trip tells something.
        """
        self.level(now)
        self._end(taken)
        if sent is not None:
            self._round_trips.add(sent, now)

    def refund(self, now: float, *, taken: float | None = None) -> None:
        """Return the token of a request that was never sent."""
        self.level(now)
        self._end(taken)
        self._level = min(self._level + 1, self.burst)

    def drain(self, now: float) -> None:
        """Take in that the service's bucket is empty."""
        if self.level(now) > 0:
            self._level = -self._ahead

    def refit(self, rate: float, burst: float, now: float) -> None:
        """Go on with another rate and burst."""
        self.level(now)
        self._level = min(self._level, burst)
        self.rate, self.burst = rate, burst

    def restart(self, rate: float, burst: float, now: float) -> None:
        """Go on with another rate and burst from an empty bucket, whatever was counted before."""
        self.rate, self.burst = rate, burst
        self._level = -self._ahead
        self._updated = now

    def _end(self, taken: float | None) -> None:
        index = 0 if taken is None else bisect_left(self._under_way, taken)
        if index < len(self._under_way) and taken in {None, self._under_way[index]}:
            del self._under_way[index]

    def _forget(self, before: float) -> None:
        if self._under_way and self._under_way[0] <= before:
            del self._under_way[: bisect_right(self._under_way, before)]

    def _risen(self, level: float) -> float:
        """Return the level, risen to that one as far as what is under way leaves space for it."""
        return max(self._level, min(level, self.burst - len(self._under_way)))

    @property
    def _ahead(self) -> float:
        """Tokens by which the service is ahead of its answers."""
        return self._round_trips.least * self.rate * _REFILL_SHARE
