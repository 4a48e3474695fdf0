"""The pause after a 429. Pure arithmetic: the caller brings the time."""

from __future__ import annotations

from math import inf
from typing import Final

__all__ = ["Cooldown"]

MAX_PAUSE_SECONDS: Final = 60.0
"""A longer `Retry-After` is not believed: after so long, one request probes."""
_SHORTEST_SECONDS: Final = 0.25
_OVERLOAD_SECONDS: Final = 1.0
_MAX_BACKOFF_SECONDS: Final = 16.0
_MAX_DOUBLINGS: Final = 10
_SLOTS: Final = 64
"""So many requests in flight at a time are as good as any number."""
_LOST_SECONDS: Final = 60.0
"""When nothing was heard of requests for so long after a pause, another one goes."""
_RECHECK_SECONDS: Final = 0.25


class Cooldown:
    """A pause that begins with a 429 and ends at its time, and a careful start after it if need be.

    Requests that were under way when it began may come back with a 429 too: they can put its end
    off, but they are no reason to wait longer the next time. A success of one of them does not
    end it.

    Where the service is loaded, asked for more than is believed, or refused what followed the last
    pause as well, one request probes first. With each success one more may be in flight.
    """

    __slots__ = ("_began", "_in_a_row", "_in_flight", "_slots", "_taken_at", "_until")

    def __init__(self) -> None:
        self._until = -inf
        self._began = -inf
        self._in_a_row = 0
        self._slots = inf
        self._in_flight = 0
        self._taken_at = -inf

    def open_slots(self, now: float) -> float:
        """Return how many requests may go, as far as this pause is concerned."""
        if now < self._until:
            return 0
        free = self._slots - self._in_flight
        return free if free > 0 else int(now >= self._taken_at + _LOST_SECONDS)

    def wait(self, place: int, now: float) -> float:
        """Return the seconds after which the request at that place, from 0 on, may ask again."""
        if now < self._until:
            return self._until - now
        return 0.0 if place < self.open_slots(now) else _RECHECK_SECONDS

    def at_rest(self, now: float) -> bool:
        """Return whether a new cooldown would do as well: no pause, none in a row lately."""
        return now >= self._until + (MAX_PAUSE_SECONDS if self._in_a_row else 0.0)

    def take(self, now: float) -> bool:
        """Let one request go. Return whether its end is waited for: then call `ended` with it."""
        if self._slots == inf:
            return False
        self._in_flight += 1
        self._taken_at = now
        return True

    def ended(self) -> None:
        """Take in that a request whose end is waited for has ended, in whatever way."""
        self._in_flight -= 1

    def succeeded(self, *, sent: float) -> None:
        """Take in an answer that was no 429."""
        if sent > self._began:
            self._in_a_row = 0
            self._slots = self._slots + 1 if self._slots < _SLOTS else inf

    def refused(
        self, *, sent: float, now: float, retry_after: float | None, overload: bool = False
    ) -> float | None:
        """Take in a 429.

        Args:
            sent: When its request was sent.
            now: The time.
            retry_after: The seconds that the service names; what is no time counts as none.
            overload: Whether the service said that it is loaded.

        Returns:
            The seconds of the pause if this began one, None if one was under way.
        """
        begins = sent > self._began
        if begins:
            self._in_a_row += 1
            self._began = now
        shortest = _OVERLOAD_SECONDS if overload else _SHORTEST_SECONDS
        if retry_after is None or not retry_after >= 0:
            seconds = _backoff(shortest, self._in_a_row)
        else:
            seconds = max(
                min(retry_after, MAX_PAUSE_SECONDS), _backoff(shortest, self._in_a_row - 1)
            )
        is_cut = retry_after is not None and retry_after > MAX_PAUSE_SECONDS
        if overload or is_cut or self._in_a_row > 1:
            self._slots = 1
        self._until = max(self._until, now + seconds)
        return self._until - now if begins else None


def _backoff(shortest: float, in_a_row: int) -> float:
    if in_a_row < 1:
        return 0.0
    return min(shortest * 2.0 ** min(in_a_row - 1, _MAX_DOUBLINGS), _MAX_BACKOFF_SECONDS)
