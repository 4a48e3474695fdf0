"""Finding a rate limit from the 429s alone. Pure arithmetic: numbers in, a rate out."""

from __future__ import annotations

from collections import deque
from enum import Enum, auto
from math import inf
from typing import Final

__all__ = ["AdaptiveRate"]

BURST_SECONDS: Final = 3.0
"""What a full bucket holds, in seconds of its rate, as the service documents it."""
_HEADROOM_SHARES: Final = (0.4, 2.5)
_HEADROOM_SECONDS: Final = 0.43
"""How far above the proven rate to go, as a share of it, while nothing is known: the seconds
divided by the latency, within both shares. A refusal is heard of one latency later, so that is
how many are refused at once: below a hundredth of a minute's requests."""
_FIRST_EXTRA_TOKENS: Final = 2.0
"""Requests that the first burst goes beyond what a bucket of the first rate holds. If that rate is
the limit, these are refused, and it is known exactly, at once; if they are not, it is higher."""
_HOLD_SHARE: Final = 0.995
"""The share of the known rate to stay at: the service's bucket must not fill up, nor run dry."""
_PROBE_EVERY_SECONDS: Final = 6.0
"""Seconds between two probes for a limit that was raised. One costs a 429 when it was not."""
_PROBE_AFTER_CLIMB_SECONDS: Final = 1.5
"""The same after a climb, which measures too little when the bucket was full on the way."""
_PROBE_SHARE: Final = 0.07
_PROBE_LEAST: Final = 1.0
"""How much faster a probe goes: a share of the known rate, or requests per second, if more."""
_PROBE_MARGIN: Final = 1.005
_PROBE_TOKENS: Final = 2.5
"""If so much more was let through since the bucket was empty than the known rate explains, it is
not the rate."""
_CLIMB_PER_SECOND: Final = 0.6
"""Growth once a probe has passed."""
_CLIMB_HEADROOM: Final = 1.2
_FEW: Final = 6.0
"""Fewer requests than this measure nothing."""
_FEW_SHARE: Final = 0.8
_LEAST_RATE: Final = 0.1
"""Requests per second that are tried whatever happens: else nothing would say that it is over."""
_FIRST_MINUTE_SECONDS: Final = 60.0
_REFUSED_SHARE: Final = 0.009
"""The share of 429s that probes keep to within the first minute."""
_NOISE: Final = 3.5
"""How far, in requests, a measurement strays by itself: the bucket's fraction at both ends, and
what was under way."""
_NOISE_MORE: Final = 0.5
"""The same for each further measurement that is added to it."""
_MAX_WEIGHT: Final = 200.0
"""Requests that a measurement counts for, at most, when the next one agrees."""
_RECENT: Final = 8
"""Measurements taken together: each may be too short to say that the limit has changed."""
_STEP_SECONDS: Final = 0.25
_STEPS: Final = 120
_LEAST_SECONDS: Final = 1e-3


class _Phase(Enum):
    DISCOVER = auto()
    HOLD = auto()
    PROBE = auto()
    CLIMB = auto()


class AdaptiveRate:
    """A limit seen through its refusals.

    Halving and climbing again, as TCP does, finds a token bucket's rate badly: any speed works
    until the burst is used up. But a 429 says that the bucket is empty *now*. Between two such
    moments the service let through exactly `rate * time`: the number of accepted requests, divided
    by the time, is the rate. From a full bucket to an empty one it is `burst + rate * time`, where
    the burst is documented to be three seconds' worth; when it was full last is not known, but no
    other moment gives more. Before any 429 the same formula gives a rate that is proven.

    * DISCOVER: send at a small multiple of the proven rate, until the first 429.
    * HOLD: send just below the measured rate.
    * PROBE: after some seconds a little above it. A 429 is the usual answer, and measures again.
    * CLIMB: the probe was not refused, so the limit was raised: faster, until there is a 429.

    With a ceiling, the rate that the caller was told, it begins with HOLD at the ceiling. It falls
    below once two 429s, with no full bucket between them, prove less; then it probes and climbs up
    to the ceiling, not beyond.

    Args:
        start: Requests per second to begin with.
        now: The clock's reading in seconds.
        ceiling: The rate that is never exceeded, if there is one: `start`.

    Attributes:
        rate: Requests per second to send at.
        measured: The limit in requests per second, as far as it is known.
    """

    __slots__ = (
        "_accepted",
        "_anchor",
        "_anchored_at",
        "_began",
        "_ceiling",
        "_changed",
        "_event",
        "_excess",
        "_first_burst",
        "_full",
        "_history",
        "_latency",
        "_measurement",
        "_phase",
        "_phase_at",
        "_probe_at",
        "_recent",
        "_refused",
        "_weight",
        "measured",
        "rate",
    )

    def __init__(self, start: float, *, now: float, ceiling: float = inf) -> None:
        self.rate = start
        self.measured = start
        self._ceiling = ceiling
        # A rate that was told counts as measured well.
        self._weight = 0.0 if ceiling == inf else _MAX_WEIGHT
        self._changed = True
        self._began = now
        self._accepted = 0
        self._refused = 0
        self._excess = 0
        self._full = True
        self._anchor = 0
        self._anchored_at = now
        self._event = -inf
        self._latency = 0.3
        self._history: deque[tuple[float, int]] = deque(maxlen=_STEPS)
        self._measurement = (-inf, 0.0, 0.0, start, self._weight)
        self._phase = _Phase.DISCOVER
        self._recent: deque[tuple[float, float]] = deque(maxlen=_RECENT)
        self._enter(_Phase.DISCOVER if ceiling == inf else _Phase.HOLD, now)
        self._first_burst = self.burst

    @property
    def burst(self) -> float:
        """What the bucket holds, as far as is known; at the beginning a little more than that."""
        extra = _FIRST_EXTRA_TOKENS if self._phase is _Phase.DISCOVER else 0.0
        return max(1.0, BURST_SECONDS * self.rate + extra)

    @property
    def at_ceiling(self) -> bool:
        """Whether the rate that was told has not been found too high."""
        return self.measured >= self._ceiling

    @property
    def probing(self) -> bool:
        """Whether it sends faster than is known to be allowed, so that a 429 is no surprise."""
        return self._phase is not _Phase.HOLD

    def rested(self, at: float) -> None:
        """Take in that the bucket was full: what overflowed then nobody can count."""
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
        self._excess = max(0, self._excess - 1)
        self._latency += 0.05 * (now - sent - self._latency)
        if sent <= self._anchored_at and not self._full:
            self._accepted_before_anchor(sent)
            return
        if not self._history or sent >= self._history[-1][0] + _STEP_SECONDS:
            self._history.append((sent, self._accepted))
        if saturated:
            self._advance(now, sent)

    def refused(self, now: float, *, sent: float) -> None:
        """Take in a 429: the service's bucket is empty."""
        self._refused += 1
        if sent > self._event:
            # Against a rate that was told, one 429 from a full bucket proves nothing: the burst,
            # or another user of the limit, may be to blame. Many of them, more than successes, do.
            if not (self.at_ceiling and self._full) or self._excess > _FEW:
                self._measure(sent)
            self._event = now
            self._enter(_Phase.HOLD, now)
        self._excess += 1
        if sent >= self._anchored_at:
            self._full = False
            self._anchor = self._accepted
            self._anchored_at = sent
            self._history.clear()

    def assume(self, rate: float) -> None:
        """Take the limit for that at least, where less was proven only as less was asked for."""
        if self.measured < rate:
            self.measured = rate
            self._hold()

    def _accepted_before_anchor(self, sent: float) -> None:
        """Count an answer that came later than a refusal that was sent after it."""
        self._anchor += 1
        end, count, seconds, before, weight = self._measurement
        if sent <= end:
            self._measurement = (end, count + 1, seconds, before, weight)
            self._conclude()
            self._hold()

    def _advance(self, now: float, sent: float) -> None:
        match self._phase:
            case _Phase.DISCOVER:
                if self._accepted > self._first_burst:
                    self.measured = max(self.measured, self._proven(sent)[0])
                    self.rate = max(self.rate, (1.0 + self._headroom) * self.measured)
            case _Phase.HOLD:
                if now >= self._probe_at and not self.at_ceiling and self._may_probe(now):
                    self._enter(_Phase.PROBE, now)
            case _Phase.PROBE:
                explained = self.measured * self._since_anchor(sent)
                got = self._accepted - self._anchor
                if got > explained * _PROBE_MARGIN + _PROBE_TOKENS:
                    self._enter(_Phase.CLIMB, now)
                elif not self._full:
                    # What was left in the bucket since the last probe goes first.
                    self._send_at(self._probe_rate + max(0.0, explained - got))
            case _:  # _Phase.CLIMB
                grown = self._probe_rate * (1.0 + _CLIMB_PER_SECOND) ** (now - self._phase_at)
                proven = max(self.measured, self._proven(sent)[0])
                self._send_at(max(self.rate, min(grown, (1.0 + _CLIMB_HEADROOM) * proven)))
                if self.rate >= self._ceiling and now >= self._probe_at:
                    self.measured = self._ceiling
                    self._weight = _MAX_WEIGHT
                    self._enter(_Phase.HOLD, now)

    def _since_anchor(self, sent: float) -> float:
        """Seconds for which the known rate explains what got through, a full bucket included."""
        return max(0.0, sent - self._anchored_at) + (BURST_SECONDS if self._full else 0.0)

    @property
    def _probe_rate(self) -> float:
        return self.measured + max(_PROBE_SHARE * self.measured, _PROBE_LEAST)

    @property
    def _headroom(self) -> float:
        least, most = _HEADROOM_SHARES
        return max(least, min(most, _HEADROOM_SECONDS / max(self._latency, _LEAST_SECONDS)))

    def _proven(self, sent: float) -> tuple[float, float, float]:
        """Return the highest rate that a stretch up to now proves, its requests and its seconds.

        The stretch begins at the anchor, or at a moment when the bucket was full at most.
        """
        count = float(self._accepted - self._anchor)
        seconds = self._since_anchor(sent)
        best = (count / max(seconds, _LEAST_SECONDS), count, seconds)
        for begin, accepted in self._history:
            count = float(self._accepted - accepted)
            seconds = max(0.0, sent - begin) + BURST_SECONDS
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
        self.measured = min(self._ceiling, (weight + count) / (weight / before + seconds))
        self._weight = min(_MAX_WEIGHT, weight + count)

    def _adopt(self, before: float, count: float, seconds: float) -> None:
        if count >= _FEW:
            found = count / max(seconds, _LEAST_SECONDS)
        elif self._ceiling == inf:
            found = _FEW_SHARE * before
        else:
            # What was told counts no longer: few requests say at least what is too much.
            most = (count + _NOISE) / max(seconds, _LEAST_SECONDS)
            found = min(_FEW_SHARE * before, most)
        self.measured = min(self._ceiling, max(_LEAST_RATE, found))
        self._weight = min(_MAX_WEIGHT, count)

    def _may_probe(self, now: float) -> bool:
        """Return whether a probe is worth its 429.

        A short job lives within the first minute and is kept to few 429s. One that goes on would
        rather learn soon of a raised limit.
        """
        if now - self._began >= _FIRST_MINUTE_SECONDS:
            return True
        requests = max(
            float(self._accepted), self.measured * (_FIRST_MINUTE_SECONDS + BURST_SECONDS)
        )
        cost = 1 + 2 * (self._probe_rate - self.measured) * self._latency
        return self._refused + cost <= _REFUSED_SHARE * requests

    def _enter(self, phase: _Phase, now: float) -> None:
        after_climb = self._phase is _Phase.CLIMB
        self._probe_at = now + (_PROBE_AFTER_CLIMB_SECONDS if after_climb else _PROBE_EVERY_SECONDS)
        self._phase = phase
        self._phase_at = now
        if phase is _Phase.HOLD:
            self._hold()
        elif phase is not _Phase.DISCOVER:
            self._send_at(self._probe_rate)

    def _hold(self) -> None:
        self._send_at(self.measured if self.at_ceiling else _HOLD_SHARE * self.measured)

    def _send_at(self, rate: float) -> None:
        self.rate = min(self._ceiling, rate)
