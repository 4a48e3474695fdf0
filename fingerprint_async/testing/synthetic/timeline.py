"""When synthetic events happen: day and night, weekends, silence, bursts, hot milliseconds."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from fingerprint_async.testing.synthetic._random import whole

if TYPE_CHECKING:
    import random

__all__ = ["day_weight", "time_line"]

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
WEEKEND_WEIGHT = 0.6
NIGHT_WEIGHT = 0.15
PEAK_HOUR = 14
#: 1970-01-01 was a Thursday.
_EPOCH_WEEKDAY = 3
_FIRST_WEEKEND_DAY = 5
_LEAST_BLOCKS, _MOST_BLOCKS = 120, 4_000
_SILENT_STRETCHES = 4
_BURSTS = 12


def day_weight(at: float) -> float:
    """Return how busy a moment (Unix ms, UTC) is: 1 in the early afternoon of a weekday."""
    hour = at % DAY_MS / HOUR_MS
    wave = (1 + math.cos((hour - PEAK_HOUR) * math.pi / 12)) / 2
    weekday = (int(at // DAY_MS) + _EPOCH_WEEKDAY) % 7
    weight = NIGHT_WEIGHT + (1 - NIGHT_WEIGHT) * wave
    return weight * (WEEKEND_WEIGHT if weekday >= _FIRST_WEEKEND_DAY else 1.0)


def _weights(start: int, span: int, rng: random.Random) -> list[float]:
    """Return how many events each of many blocks of equal length has, relatively."""
    blocks = min(_MOST_BLOCKS, max(_LEAST_BLOCKS, span // HOUR_MS))
    width = span / blocks
    weights = [
        day_weight(start + (block + 0.5) * width) * (0.5 + rng.random()) for block in range(blocks)
    ]
    silent = blocks // 30
    for _ in range(_SILENT_STRETCHES):
        first = whole(rng, 1, blocks - silent - 2)
        weights[first : first + silent] = [0.0] * silent
    return weights


def time_line(events: int, start: int, end: int, rng: random.Random) -> array[int]:
    """Return sorted timestamps (Unix ms), the first at `start` and the last at `end`.

    Half of the events follow the hours of the day; a third lies in one hour, a twentieth in two
    milliseconds, the rest in bursts of some seconds.
    """
    span = end - start
    weights = _weights(start, span, rng)
    steps = list(accumulate(weights))
    total, draw, block = steps[-1], rng.random, span / len(weights)
    times = array("q")

    def burst(count: int, width: float) -> None:
        """Add `count` events within `width` ms, somewhere on the line."""
        width = min(width, span)
        first = start + int(draw() * (span - width))
        times.extend(first + int(draw() * width) for _ in range(count))

    burst(int(events * 0.33), min(HOUR_MS, span / 24))
    burst(min(3_000, int(events * 0.04)), 0)
    burst(min(400, int(events * 0.01)), 0)
    for _ in range(_BURSTS):
        burst(int(events * 0.01), min(1_000 * whole(rng, 1, 90), span / 200))
    for _ in range(events - len(times)):
        at = bisect_right(steps, draw() * total)
        times.append(start + min(span, int((at + draw()) * block)))
    ordered = array("q", sorted(times))
    if ordered:
        ordered[0], ordered[-1] = start, end if len(ordered) > 1 else start
    return ordered
