"""The rate that several budgets take from: a bucket, and what the answers say about its rate."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final

from ._adaptive import AdaptiveRate
from ._token_bucket import TokenBucket

if TYPE_CHECKING:
    from ._settings import RateLimit

__all__ = ["Allowance"]

_UNTOLD_RATE: Final = 5.0
"""What the smallest plan allows."""
_UNTOLD_SHARE: Final = 0.8
"""The share of it where a limit that is off begins at least, once the service refuses."""
_REST_SECONDS: Final = 1.0
"""After so long without a request the service's bucket is taken for full, if no limit was told."""
_ENGAGED_SECONDS: Final = 60.0
"""So long after the last 429 a limit that is off paces requests, if they ask for more."""
_TOO_HIGH_SHARE: Final = 0.9
"""A rate found below this share of the one that was told is worth a warning."""
_REMEMBERED_SECONDS: Final = 3600.0
"""So long a found rate is remembered after its last request."""


class Allowance:
    """A token bucket whose rate was told, is found, or matters only once the service refuses.

    * fixed: the rate that was told, as long as the service lets it through.
    * adaptive: the rate that is found.
    * off: no limit until the first 429. From then on the found rate, until the bucket is full again
      a minute after the last 429.

    Args:
        limit: What was told.
        now: The clock's reading in seconds.
    """

    __slots__ = (
        "_bucket",
        "_finder",
        "_held_until",
        "_limit",
        "_refused_at",
        "_told_too_high",
        "_unlimited",
        "_used_at",
    )

    def __init__(self, limit: RateLimit, *, now: float) -> None:
        self._limit = limit
        self._unlimited = limit.mode == "off"
        self._told_too_high = False
        self._refused_at = -inf
        self._used_at = now
        self._held_until = -inf
        self._finder = self._new_finder(now)
        burst = limit.capacity if limit.mode == "fixed" else self._finder.burst
        self._bucket = TokenBucket(self._finder.rate, burst, now=now)

    @property
    def rate(self) -> float | None:
        """Requests per second, as known now; None without a limit."""
        if self._unlimited:
            return None
        return self._bucket.rate if self._limit.mode == "fixed" else self._finder.measured

    @property
    def measured(self) -> float:
        """Requests per second that the service lets through, as far as it was found."""
        return self._finder.measured

    @property
    def probing(self) -> bool:
        """Whether it sends faster than is known to be allowed, so that a 429 is no surprise."""
        return self._finder.probing and not self._unlimited

    def wait(self, place: int, now: float) -> float:
        """Return the seconds until the request at that place of the queue, from 0 on, may go."""
        if self._unlimited:
            return 0.0
        return max(self._bucket.wait(place, now), self._held_until - now)

    def take(self, now: float) -> None:
        """Count a request that is sent now."""
        if (
            self._limit.mode == "off"
            and not self._unlimited
            and now > self._refused_at + _ENGAGED_SECONDS
            and self._bucket.level(now) >= self._bucket.burst
        ):
            self._unlimited = True
            self._finder = self._new_finder(now)
        if self._unlimited and not self._bucket.unanswered and now > self._used_at + _REST_SECONDS:
            self._finder.rested(now)
        self._used_at = now
        self._bucket.take(now)

    def refund(self, now: float, *, taken: float) -> None:
        """Return what a request took that was never sent."""
        self._bucket.refund(now, taken=taken)

    def ended(self, now: float, *, taken: float) -> None:
        """Take in that a request ended in a way that says nothing about the rate."""
        self._bucket.answered(now, taken=taken)

    def succeeded(self, now: float, *, taken: float, sent: float, saturated: bool) -> None:
        """Take in an answer that was no 429.

        Args:
            now: The time.
            taken: When its request took its token.
            sent: When it was sent.
            saturated: Whether more requests wait.
        """
        # Who measures the rate counts on what answers say, and on nothing ahead of them.
        told = self._limit.mode == "fixed" and self._finder.at_ceiling
        self._bucket.answered(now, taken=taken, sent=sent if told else None)
        if self._unlimited:
            self._finder.accepted(now, sent=sent, saturated=False)
            return
        self._finder.rested(self._bucket.filled_at)
        self._finder.accepted(now, sent=sent, saturated=saturated)
        self._refit(now)

    def refused(self, now: float, *, taken: float, sent: float) -> bool:
        """Take in a 429 for the rate.

        Returns:
            Whether it shows, for the first time, that the rate that was told is too high.
        """
        self._bucket.answered(now, taken=taken)
        self._refused_at = now
        if not self._unlimited:
            self._finder.rested(self._bucket.filled_at)
        self._finder.refused(now, sent=sent)
        if self._unlimited:
            self._unlimited = False
            self._finder.assume(_UNTOLD_SHARE * _UNTOLD_RATE)
            self._bucket.restart(self._finder.rate, self._finder.burst, now)
            return False
        self._bucket.drain(now)
        self._refit(now)
        limit = self._limit
        if (
            self._told_too_high
            or limit.mode != "fixed"
            or self._finder.measured >= _TOO_HIGH_SHARE * limit.requests_per_second
        ):
            return False
        self._told_too_high = True
        return True

    def hold(self, until: float, now: float) -> None:
        """Let nothing more go before that time: other processes have used the limit up."""
        self._bucket.drain(now)
        self._held_until = max(self._held_until, until)

    def at_rest(self, now: float) -> bool:
        """Return whether a new allowance would be the same."""
        if self._bucket.unanswered or now < self._held_until:
            return False
        if self._unlimited:
            return True
        if self._limit.mode != "fixed" or not self._finder.at_ceiling:
            return now > self._used_at + _REMEMBERED_SECONDS
        return self._bucket.level(now) >= self._bucket.burst

    def _refit(self, now: float) -> None:
        finder = self._finder
        if finder.rate == self._bucket.rate:
            return
        burst = finder.burst
        if self._limit.mode == "fixed":
            capacity = self._limit.capacity
            burst = capacity if finder.at_ceiling else min(capacity, burst)
        self._bucket.refit(finder.rate, burst, now)

    def _new_finder(self, now: float) -> AdaptiveRate:
        rate = self._limit.requests_per_second
        if self._limit.mode == "off":
            return AdaptiveRate(_UNTOLD_RATE, now=now)
        return AdaptiveRate(rate, now=now, ceiling=rate if self._limit.mode == "fixed" else inf)
