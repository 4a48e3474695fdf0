"""The pause of a budget after a 429."""

from __future__ import annotations

from typing import Final

__all__ = ["Pause"]

_LONGEST: Final = 16.0


class Pause:
    """Begins with a 429, ends at its time, not before.

    Requests that were under way when it began may come back with a 429 too: they can put its end off, but they are no reason to wait longer
    the next time. A success of one of them does not end it.
    """

    __slots__ = ("_began", "_in_a_row", "until")

    def __init__(self) -> None:
        self.until = float("-inf")
        self._began = float("-inf")
        self._in_a_row = 0

    def remaining(self, now: float) -> float:
        """Seconds until it ends; 0 or below when there is none."""
        return self.until - now

    def refused(
        self, *, sent: float, now: float, shortest: float, retry_after: float | None
    ) -> None:
        """Take in a 429.

        Args:
            sent: When its request was sent.
            now: The time.
            shortest: How long the first of several pauses in a row is, when the server names no time.
            retry_after: The time that the server names, in seconds.
        """
        if sent >= self._began:
            self._in_a_row += 1
            self._began = now
        doubled = shortest * 2.0 ** min(self._in_a_row - 1, 10)
        self.until = max(
            self.until, now + (min(doubled, _LONGEST) if retry_after is None else retry_after)
        )

    def accepted(self, *, sent: float) -> None:
        """Take in an answer that was no 429."""
        if sent >= self._began:
            self._in_a_row = 0
