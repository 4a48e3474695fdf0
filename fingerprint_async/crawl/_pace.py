"""When the next request may go: the crawl's own count of the limit, so that it can choose *which* request goes.

The client's limiter stands below and has the last word; queueing there would be first come, first served.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fingerprint_async._stats import ClientStats

if TYPE_CHECKING:
    from collections.abc import Callable

    from fingerprint_async.ratelimit import TokenBucket

__all__ = ["Pace"]

_ALMOST = 1e-9
_TYPICAL_LATENCY = 0.3
_MOST_WINDOWS = 8
_SHORT_MS = 3_600_000
_QUEUE, _QUEUE_SECONDS = 2, 0.1
_HOPE = 1.7


class Pace:
    """The client's token bucket for searches, as the crawl counts it: the same arithmetic, so that nothing waits below.

    Args:
        rate: Requests per second, or None where no limit is known.
        burst: Requests that may go at once after a rest.
        now: The clock's reading, in seconds.
        client: Where no limit was told, says what the client has found so far.
    """

    def __init__(
        self,
        rate: float | None,
        burst: float,
        *,
        now: float,
        client: Callable[[], ClientStats] = ClientStats,
    ) -> None:
        self.rate, self.burst = rate, burst
        self._client = client
        self._bucket: TokenBucket | None = None
        if rate is not None:
            # Not before: looking at an output needs no transport.
            from fingerprint_async.ratelimit import TokenBucket

            self._bucket = TokenBucket(rate, burst, now=now)

    def tokens(self, now: float) -> float:
        """Requests that may go at once."""
        return float("inf") if self._bucket is None else self._bucket.level(now)

    def take(self, now: float) -> None:
        """Count one request."""
        if self._bucket is not None:
            self._bucket.poll(self._bucket.enter(), now)

    def answered(self, now: float, *, sent: float | None = None) -> None:
        """Count one request as no longer under way; `sent` says when it went, if its page came."""
        if self._bucket is not None:
            self._bucket.answered(now, sent=sent)

    def wait(self, now: float, under_way: int) -> float:
        """Seconds until one request may go, as things stand; `under_way` are those that went already and have no answer."""
        if self.rate is None:
            found = self._client()
            if found.rate_limit is None:
                return 0.0
            # Some have to wait in the client, or it learns nothing. More would wait in the order in which they came.
            waiting = under_way - found.in_flight
            return (
                0.0
                if waiting < max(_QUEUE, _QUEUE_SECONDS * found.rate_limit)
                else 1 / found.rate_limit
            )
        missing = 1.0 - self.tokens(now)
        # A wait that the clock is too coarse to show would be waited for again and again.
        return missing / self.rate if missing > _ALMOST else 0.0

    def seconds_for(self, requests: float, now: float) -> float:
        """Seconds until that many more requests may have gone."""
        if self.rate is None:
            found = self._client().rate_limit
            # How full the bucket is that the client keeps meanwhile does not matter for long.
            return requests / (_HOPE * found) if found else 0.0
        return max(0.0, (requests - self.tokens(now)) / self.rate)

    def allowed(self, seconds: float) -> float | None:
        """Requests the limit allows in that many seconds after a rest; None without a limit."""
        return None if self.rate is None else self.burst + self.rate * seconds

    def first_windows(self, span: int) -> int:
        """Into how many windows a crawl of so many milliseconds is cut before anything is known about it.

        As many as the limit can keep busy until the first answers come, so that none of what it allows is lost.
        """
        if span <= _SHORT_MS:
            return 1
        if self.rate is None:
            return _MOST_WINDOWS
        return max(2, min(_MOST_WINDOWS, round(self.rate * _TYPICAL_LATENCY / 2)))
