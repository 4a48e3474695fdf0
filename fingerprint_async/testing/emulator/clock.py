"""The emulator's only time: real, standing still, or faster than real."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Clock"]


def _never_back() -> Callable[[], float]:
    """Return a clock of Unix seconds that never goes back."""
    behind = time.time() - time.monotonic()
    return lambda: behind + time.monotonic()


class Clock:
    """Unix seconds that can be moved ahead.

    Args:
        source: Where time comes from: Unix seconds, ascending. The machine's clock unless given.
        speed: How many of its seconds pass in one of the source's: 0 stands still, 60 makes a
            minute of every second.
        start: Unix seconds at first; the source's unless given.
    """

    def __init__(
        self,
        source: Callable[[], float] | None = None,
        *,
        speed: float = 1.0,
        start: float | None = None,
    ) -> None:
        if not (math.isfinite(speed) and speed >= 0):
            raise ValueError(f"speed must be 0 or more, not {speed!r}")
        self._source = _never_back() if source is None else source
        now = self._source()
        self._speed = speed
        self._shift = (now if start is None else start) - now * speed

    @classmethod
    def frozen(cls, at: float | None = None) -> Clock:
        """Return a clock that only `advance` moves; it stands at `at` (Unix seconds), or now."""
        return cls(speed=0.0, start=at)

    @property
    def speed(self) -> float:
        """How many of its seconds pass in one of the source's."""
        return self._speed

    def __call__(self) -> float:
        """Return the time, Unix seconds."""
        return self._source() * self._speed + self._shift

    def __repr__(self) -> str:
        return f"<Clock at {self():.3f}, speed {self._speed:g}>"

    def advance(self, seconds: float) -> None:
        """Move ahead.

        Raises:
            ValueError: `seconds` is negative or no number.
        """
        if not (math.isfinite(seconds) and seconds >= 0):
            raise ValueError(f"seconds must be 0 or more, not {seconds!r}")
        self._shift += seconds

    def set_speed(self, speed: float) -> None:
        """Run at another speed from now on.

        Raises:
            ValueError: `speed` is negative or no number.
        """
        if not (math.isfinite(speed) and speed >= 0):
            raise ValueError(f"speed must be 0 or more, not {speed!r}")
        now, source = self(), self._source()
        self._speed, self._shift = speed, now - source * speed

    async def sleep(self, seconds: float) -> None:
        """Move ahead instead of waiting: for tests that must not take time."""
        self.advance(max(0.0, seconds))
