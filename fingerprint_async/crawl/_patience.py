"""How long a service that does not answer is waited for, and how often it is asked meanwhile."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._source import UnavailableError

__all__ = ["FIRST_PAUSE_SECONDS", "MAX_PAUSE_SECONDS", "Patience", "Trouble"]

FIRST_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 0.5, 15.0
_SHARE_BEFORE_FIRST_ANSWER = 0.1


@attrs.frozen
class Trouble:
    """Why nothing comes at the moment, and until when (on the monotonic clock) nothing is sent."""

    reason: str
    until: float


class Patience:
    """Waits for a service that is down, ever longer, and gives up in the end.

    Args:
        seconds: Seconds without any answer after which a failing service ends the run; a tenth of
            it before the first answer.
        clock: Monotonic seconds.

    Attributes:
        trouble: Why nothing comes at the moment; None while all is well.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._answered_at = clock()
        self._has_answered = False
        self._pause = FIRST_PAUSE_SECONDS
        self.trouble: Trouble | None = None

    @property
    def limit(self) -> float:
        """Seconds that are waited now."""
        # A service that has never answered is more likely misspelt than down.
        return self._seconds * (1.0 if self._has_answered else _SHARE_BEFORE_FIRST_ANSWER)

    @property
    def wait(self) -> float:
        """Seconds for which nothing should be sent."""
        return 0.0 if self.trouble is None else max(0.0, self.trouble.until - self._clock())

    def begin(self) -> None:
        """Begin to count: nothing was asked before, or not for a while."""
        self._answered_at = self._clock()

    def end(self) -> None:
        """Take note that nothing is waited for any more."""
        self.trouble = None

    def answered(self) -> None:
        """Take note of an answer."""
        self._answered_at, self._has_answered = self._clock(), True
        self._pause = FIRST_PAUSE_SECONDS
        if self.trouble is not None and self._answered_at >= self.trouble.until:
            self.trouble = None

    def failed(self, error: UnavailableError) -> None:
        """Take note of a failure, after which nothing should be sent for :attr:`wait` seconds.

        Raises:
            FingerprintError: There was no answer for too long.
        """
        now = self._clock()
        if now - self._answered_at >= self.limit:
            raise error.cause
        wait = self._pause if error.wait is None else min(error.wait, self.limit)
        until = now + wait if self.trouble is None else max(self.trouble.until, now + wait)
        self.trouble = Trouble(str(error.cause), until)
        self._pause = min(self._pause * 2, MAX_PAUSE_SECONDS)
