"""Finding a rate limit that nobody told, from the 429s alone. Pure: numbers in, a rate out."""

from __future__ import annotations

from collections import deque
from enum import Enum, auto
from typing import Final

__all__ = ["AdaptiveRate"]

_RATIO: Final = 3.0
"""What a full bucket holds, in seconds of its rate, as the service documents it."""
_DARING: Final = (0.4, 0.43, 2.5)
"""How far above the proven rate to go, as a share of it, while nothing is known: the least, for each second of latency less, the most. A
refusal is heard of a latency later, so that is how many are refused at once: below a hundredth of a minute's requests."""
_FIRST_EXTRA: Final = 2.0
"""Requests that the first burst goes beyond what a bucket of the rate to start with holds. If that rate is the limit, these are refused,
and it is known exactly, at once; if they are not, it is higher."""
_HOLD: Final = 0.995
"""The share of the known rate to stay at: the server's bucket must not fill up, nor run dry."""
_LOOK_EVERY: Final = 6.0
"""Seconds between two looks for a limit that was raised. A look costs a 429 when it was not."""
_LOOK_AFTER_CLIMB: Final = 1.5
"""The same after a climb, whose measurement is too low when the bucket had been full on the way."""
_LOOK_SPEED: Final = (0.07, 1.0)
"""How much faster a look goes: a share of the known rate, or requests per second, whichever is more."""
_LOOK_MARGIN: Final = 1.005
_LOOK_TOKENS: Final = 2.5
"""When more requests were let through since the bucket was empty than the known rate explains, this much more, then it is not the rate."""
_CLIMB: Final = 0.6
"""Growth per second once a look has passed."""
_CLIMB_DARING: Final = 1.2
_FEW: Final = 6.0
"""Fewer requests than this measure nothing."""
_LEAST: Final = 0.1
"""Requests per second that are tried whatever happens: else nothing would ever say that it is over."""
_FIRST_MINUTE: Final = 60.0
_SHARE: Final = 0.009
"""The share of 429s that looks keep to within the first minute."""
_NOISE: Final = 3.5
"""How far, in requests, a measurement strays by itself: the bucket's fraction at both ends, and what was under way."""
_NOISE_MORE: Final = 0.5
"""The same for each further measurement that is added to it."""
_MEMORY: Final = 200.0
"""Requests that a measurement counts for, at most, when the next one agrees."""
_RECENT: Final = 8
"""Measurements that are looked at together: each may be too short to say that the limit has changed."""
_STEP: Final = 0.25
_STEPS: Final = 120


class _Phase(Enum):
    DISCOVER = auto()
    HOLD = auto()
    LOOK = auto()
    CLIMB = auto()


class AdaptiveRate:
    """A limit seen through its refusals.

    Halving and climbing again, as TCP does, finds a token bucket's rate badly: any speed works until the burst is used up. But a 429 says that
    the bucket is empty *now*. Between two such moments the server let through exactly `rate * time`: the number of accepted requests,
    divided by the time, is the rate. From a full bucket to an empty one it is `burst + rate * time`, where the burst is documented to be
    three seconds' worth; when it was full last is not known, but no other moment gives more. Before any 429 the same formula gives a
    rate that is proven.

    * DISCOVER: send at a small multiple of the proven rate. It proves more and more, until the first 429.
    * HOLD: send just below the measured rate.
    * LOOK: after some seconds a little above it. A 429 is the usual answer, and measures again.
    * CLIMB: the look was not answered by a 429, so the limit was raised: faster, until there is one.

    Args:
        start: Requests per second to begin with.
        now: The clock's reading in seconds.
    """

    __slots__ = (
        "_accepted",
        "_anchor",
        "_anchored_at",
        "_began",
        "_changed",
        "_event",
        "_first_burst",
        "_full",
        "_history",
        "_latency",
        "_look_at",
        "_measurement",
        "_phase",
        "_phase_at",
        "_recent",
        "_refused",
        "_weight",
        "measured",
        "rate",
    )

    def __init__(self, start: float, *, now: float) -> None:
        self.rate = start
        self.measured = start
        self._weight = 0.0
        self._changed = True
        self._began = now
        self._accepted = 0
        self._refused = 0
        self._full = True
        self._anchor = 0
        self._anchored_at = now
        self._event = float("-inf")
        self._latency = 0.3
        self._history: deque[tuple[float, int]] = deque(maxlen=_STEPS)
        self._measurement = (float("-inf"), 0.0, 0.0, start, 0.0)
        self._phase = _Phase.DISCOVER
        self._recent: deque[tuple[float, float]] = deque(maxlen=_RECENT)
        self._enter(_Phase.DISCOVER, now)
        self._first_burst = self.burst

    @property
    def burst(self) -> float:
        """What the bucket holds, as far as is known; at the beginning a little more than that."""
        extra = _FIRST_EXTRA if self._phase is _Phase.DISCOVER else 0.0
        return max(1.0, _RATIO * self.rate + extra)

    def rested(self, at: float) -> None:
        """Take in that the bucket was full: fewer requests were asked for than allowed, and what overflowed nobody can count."""
        if at > self._anchored_at:
            self._full = True
            self._anchor = self._accepted
            self._anchored_at = at
            self._history.clear()

    def accepted(self, now: float, *, sent: float, saturated: bool) -> None:
        """Take in an answer that was no 429.

        Args:
            now: The time.
            sent: When its request was sent.
            saturated: Whether more requests wait. Only then does a higher rate mean anything.
        """
        self._accepted += 1
        self._latency += 0.05 * (now - sent - self._latency)
        if sent <= self._anchored_at and not self._full:
            # Answered later than a refusal that was sent after it.
            self._anchor += 1
            end, count, seconds, before, weight = self._measurement
            if sent <= end:
                self._measurement = (end, count + 1, seconds, before, weight)
                self._conclude()
                self.rate = _HOLD * self.measured
            return
        if not self._history or sent >= self._history[-1][0] + _STEP:
            self._history.append((sent, self._accepted))
        if not saturated:
            return
        match self._phase:
            case _Phase.DISCOVER if self._accepted > self._first_burst:
                self.measured = max(self.measured, self._proven(sent)[0])
                self.rate = max(self.rate, (1.0 + self._daring) * self.measured)
            case _Phase.HOLD:
                if now >= self._look_at and self._may_look(now):
                    self._enter(_Phase.LOOK, now)
            case _Phase.LOOK:
                explained = self.measured * self._since_anchor(sent)
                got = self._accepted - self._anchor
                if got > explained * _LOOK_MARGIN + _LOOK_TOKENS:
                    self._enter(_Phase.CLIMB, now)
                elif not self._full:
                    # What was left in the bucket since the last look goes first.
                    self.rate = self._look_rate + max(0.0, explained - got)
            case _Phase.CLIMB:
                grown = self._look_rate * (1.0 + _CLIMB) ** (now - self._phase_at)
                proven = max(self.measured, self._proven(sent)[0])
                self.rate = max(self.rate, min(grown, (1.0 + _CLIMB_DARING) * proven))

    def refused(self, now: float, *, sent: float) -> None:
        """Take in a 429: the server's bucket is empty."""
        self._refused += 1
        if sent > self._event:
            self._measure(sent)
            self._event = now
            self._enter(_Phase.HOLD, now)
        if sent >= self._anchored_at:
            self._full = False
            self._anchor = self._accepted
            self._anchored_at = sent
            self._history.clear()

    def _since_anchor(self, sent: float) -> float:
        """Seconds for which the known rate explains what got through; a full bucket counts as some before."""
        return max(0.0, sent - self._anchored_at) + (_RATIO if self._full else 0.0)

    @property
    def _look_rate(self) -> float:
        share, least = _LOOK_SPEED
        return self.measured + max(share * self.measured, least)

    @property
    def _daring(self) -> float:
        least, each, most = _DARING
        return max(least, min(most, each / max(self._latency, 1e-3)))

    def _proven(self, sent: float) -> tuple[float, float, float]:
        """The highest rate that a stretch up to now proves: since the anchor, or since a moment at which the bucket was full at most."""
        count = float(self._accepted - self._anchor)
        seconds = self._since_anchor(sent)
        best = (count / max(seconds, 1e-3), count, seconds)
        for begin, accepted in self._history:
            count = float(self._accepted - accepted)
            seconds = max(0.0, sent - begin) + _RATIO
            if count > best[0] * seconds:
                best = (count / seconds, count, seconds)
        return best

    def _measure(self, sent: float) -> None:
        _, old, length, _, _ = self._measurement
        if self._changed:
            # What was measured before the limit changed says nothing about it now.
            self._recent.clear()
        if length:
            self._recent.append((old, length))
        _, count, seconds = self._proven(sent)
        self._measurement = (sent, count, seconds, self.measured, self._weight)
        self._conclude()

    def _conclude(self) -> None:
        _, count, seconds, before, weight = self._measurement
        self._changed = True
        if not weight:
            self._adopt(before, count, seconds)
            return
        total, span, tolerance = count, seconds, _NOISE
        for older, length in ((0.0, 0.0), *reversed(self._recent)):
            total, span = total + older, span + length
            if abs(total - before * span) > tolerance:
                self._adopt(before, total, span)
                return
            tolerance += _NOISE_MORE
        # It says the same again: together they say it better.
        self._changed = False
        self.measured = (weight + count) / (weight / before + seconds)
        self._weight = min(_MEMORY, weight + count)

    def _adopt(self, before: float, count: float, seconds: float) -> None:
        found = count / max(seconds, 1e-3) if count >= _FEW else 0.8 * before
        self.measured = max(_LEAST, found)
        self._weight = min(_MEMORY, count)

    def _may_look(self, now: float) -> bool:
        """A short job lives within the first minute and is kept to few 429s. One that goes on would rather learn soon of a raised limit."""
        if now - self._began >= _FIRST_MINUTE:
            return True
        requests = max(float(self._accepted), self.measured * (_FIRST_MINUTE + _RATIO))
        return (
            self._refused + 1 + 2 * (self._look_rate - self.measured) * self._latency
            <= _SHARE * requests
        )

    def _enter(self, phase: _Phase, now: float) -> None:
        self._look_at = now + (_LOOK_AFTER_CLIMB if self._phase is _Phase.CLIMB else _LOOK_EVERY)
        self._phase = phase
        self._phase_at = now
        if phase is _Phase.HOLD:
            self.rate = _HOLD * self.measured
        elif phase is not _Phase.DISCOVER:
            self.rate = self._look_rate
