"""The token bucket that the service documents: a rate, and a burst it can hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Budgets", "TokenBucket", "Window"]

_SLOW_OPERATIONS = ("delete", "feedback")


class TokenBucket:
    """Let `burst` requests through at once and `rate` a second from then on; never more.

    Args:
        rate: Requests per second; `None` lets everything through.
        burst: What the bucket holds, and holds at first; three times the rate unless given.
        clock: Seconds, ascending.
    """

    def __init__(
        self, rate: float | None, burst: float | None = None, *, clock: Callable[[], float]
    ) -> None:
        self._clock = clock
        self._level = 0.0
        self._at = clock()
        self.rate: float | None = None
        self.burst = 0.0
        self.used = 0
        self._first: float | None = None
        self._last = 0.0
        self._offered = 0.0
        self.change(rate, burst)

    def change(self, rate: float | None, burst: float | None = None) -> None:
        """Change rate or burst from now on; what is in the bucket stays, up to the new burst.

        Where there was no limit before, the bucket is full and its account begins anew.

        Raises:
            ValueError: A rate or burst that lets nothing through.
        """
        if rate is not None and not rate > 0:
            raise ValueError(f"rate must be more than 0 requests per second, not {rate}")
        if burst is not None and not burst >= 1:
            raise ValueError(f"burst must be at least 1 request, not {burst}")
        self._refill()
        unlimited_before, self.rate = self.rate is None, rate
        self.burst = max(1.0, 3 * rate) if rate is not None and burst is None else float(burst or 1)
        self._level = min(self._level, self.burst)
        if unlimited_before:
            self._level, self._first, self.used = self.burst, None, 0

    def _refill(self) -> None:
        now = self._clock()
        if self.rate is not None and now > self._at:
            grown = (now - self._at) * self.rate
            self._level = min(self.burst, self._level + grown)
            if self._first is not None:
                self._offered += grown
        self._at = max(now, self._at)

    def take(self) -> float:
        """Take one token; return 0.0, or the seconds until there is one (then none is taken)."""
        self._refill()
        if self._first is None:
            self._first = self._at
            self._offered = self.burst
        self._last = self._at
        if self.rate is None:
            self.used += 1
            return 0.0
        if self._level >= 1.0:
            self._level -= 1.0
            self.used += 1
            return 0.0
        return (1.0 - self._level) / self.rate

    @property
    def tokens(self) -> float | None:
        """What the bucket holds now; `None` without a limit."""
        if self.rate is None:
            return None
        return min(self.burst, self._level + max(0.0, self._clock() - self._at) * self.rate)

    def stats(self) -> dict[str, float | None]:
        """Return what the bucket offered from its first request to its last, and its use."""
        limited = self.rate is not None
        elapsed = 0.0 if self._first is None else self._last - self._first
        return {
            "rate": self.rate,
            "burst": self.burst if limited else None,
            "used": self.used,
            "allowed": self._offered if limited else None,
            "tokens": self.tokens,
            "share": self.used / self._offered if limited and self._offered else None,
            "seconds": elapsed,
        }


class Window:
    """Let at most `count` requests through in any `seconds`, as the service limits deletions.

    Args:
        count: Requests.
        seconds: How long each of them counts.
        clock: Seconds, ascending.
    """

    def __init__(self, count: int, seconds: float, *, clock: Callable[[], float]) -> None:
        self._count = count
        self._seconds = seconds
        self._clock = clock
        self._taken: list[float] = []

    def wait(self) -> float:
        """Return the seconds until one more request fits; 0.0 when it does now."""
        now = self._clock()
        self._taken = [at for at in self._taken if at > now - self._seconds]
        return 0.0 if len(self._taken) < self._count else self._taken[0] + self._seconds - now

    def add(self) -> None:
        """Count one request."""
        self._taken.append(self._clock())


class Budgets:
    """The budgets of all operations: one bucket, and slow ones for deletions and feedback.

    Args:
        bucket: What all other operations share.
        clock: Seconds, ascending.
    """

    def __init__(self, bucket: TokenBucket, *, clock: Callable[[], float]) -> None:
        self.bucket = bucket
        self._slow = {
            name: (Window(30, 3_600, clock=clock), Window(500, 86_400, clock=clock))
            for name in _SLOW_OPERATIONS
        }

    def wait(self, operation: str) -> float:
        """Take one request; return 0.0, or the seconds until it fits (then nothing is taken)."""
        windows = self._slow.get(operation)
        if windows is None:
            return self.bucket.take()
        seconds = max(window.wait() for window in windows)
        if not seconds:
            for window in windows:
                window.add()
        return seconds
