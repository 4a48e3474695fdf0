"""A synthetic workspace of any size, made from a seed.

Events are numbered 0 … n-1 by time. Of each only its timestamp and the number of its device are kept (12
bytes); its JSON is spliced together when it is asked for, from a few hundred encoded profiles. The time line
is uneven on purpose: stretches without any event, bursts, one hour that holds a third of everything,
milliseconds that hold more than a page.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Literal, cast

import msgspec

from fingerprint_async.testing.synthetic._random import seeded, whole
from fingerprint_async.testing.synthetic.profiles import (
    BASE62,
    Detail,
    Platform,
    make_profile,
    slim,
)

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Sequence

Source = Literal["device", "edge"]

DEVICE_PROFILES = 240
EDGE_PROFILES = 40
EDGE_SHARE = 0.1
EVENTS_PER_VISITOR = 12

_BLOCKS = 120
_DEVICES = cast("list[Platform]", ["android"] * 3 + ["ios"] * 3 + ["web"] * 14)
_PAIRS = tuple((a + b).encode() for a in BASE62 for b in BASE62)
_PAIR_VALUE = {pair: value for value, pair in enumerate(_PAIRS)}
_BASE = len(_PAIRS)
_SPACE = _BASE**3
_SUFFIX_LENGTH = 6
_VISITOR_LENGTH = 20
_VISITOR_BASE = 20_000_000_000
_RECALL_BASE = 40_000_000_000


class _Scramble:
    """A one-to-one map between numbers and six-character suffixes: unique by construction, and it can be undone."""

    __slots__ = ("_factor", "_inverse", "_offset")

    def __init__(self, rng: random.Random) -> None:
        factor = whole(rng, _SPACE // 3, _SPACE - 1) | 1
        while factor % 31 == 0:  # must share no factor with 62**6
            factor += 2
        self._factor = factor
        self._inverse = pow(factor, -1, _SPACE)
        self._offset = whole(rng, 0, _SPACE - 1)

    def suffix(self, number: int) -> bytes:
        value = (number * self._factor + self._offset) % _SPACE
        value, low = divmod(value, _BASE)
        high, middle = divmod(value, _BASE)
        return _PAIRS[high] + _PAIRS[middle] + _PAIRS[low]

    def number(self, suffix: bytes) -> int | None:
        value = 0
        for at in (0, 2, 4):
            digit = _PAIR_VALUE.get(suffix[at : at + 2])
            if digit is None:
                return None
            value = value * _BASE + digit
        return (value - self._offset) * self._inverse % _SPACE


class _Profile:
    """An encoded event with holes for the event's id, its time and its device."""

    __slots__ = ("event", "format", "linked", "source", "tail")

    def __init__(self, event: dict[str, Any], tail: str) -> None:
        self.event = event
        self.source: Source = event["source"]
        self.linked = "linked_id" in event
        self.tail = tail
        holes: dict[str, Any] = {"event_id": "@id@", "timestamp": "@ts@"}
        holes |= event
        if self.linked:
            holes["linked_id"] = "@linked@"
        if self.source == "device":
            for name, mark in (
                ("identification", "@visitor@"),
                ("supplementary_id_high_recall", "@recall@"),
            ):
                if name in event:
                    holes[name] = event[name] | {"visitor_id": mark}
        text = msgspec.json.encode(holes).replace(b"%", b"%%")
        text = (
            text.replace(b'"@id@"', b'"%d.%b"')
            .replace(b'"@ts@"', b"%d")
            .replace(b'"@linked@"', b'"customer-%d"')
        )
        end = tail.encode() + b'"'
        text = text.replace(b'"@visitor@"', b'"%b' + end).replace(b'"@recall@"', b'"%b' + end)
        self.format = text


class Dataset:
    """Events of one workspace, by number. Numbers ascend with time.

    Args:
        events: How many.
        start: Unix ms of the first event.
        end: Unix ms of the last event.
        seed: The same arguments give the same bytes.
        detail: `full` events of about 6 kB, or `slim` ones of half a kB.
    """

    def __init__(
        self, *, events: int, start: int, end: int, seed: int = 0, detail: Detail = "full"
    ) -> None:
        if events < 0:
            raise ValueError(f"events must not be negative, not {events}")
        if end < start:
            raise ValueError(f"end ({end}) lies before start ({start}); both are Unix ms")
        self.start = start
        self.end = end
        self.seed = seed
        self.detail: Detail = detail
        self.visitors = max(1, min(events, DEVICE_PROFILES), events // EVENTS_PER_VISITOR)
        self.timestamps = _time_line(events, start, end, seeded(seed, "time"))
        self._who = self._draw_devices(events, seeded(seed, "who"))
        self._scramble = _Scramble(seeded(seed, "ids"))
        self._profiles = self._make_profiles()
        by_source: dict[Source, array[int]] = {"device": array("I"), "edge": array("I")}
        for number, who in enumerate(self._who):
            by_source["device" if who < self.visitors else "edge"].append(number)
        self._by_source = by_source

    def __len__(self) -> int:
        return len(self.timestamps)

    def _draw_devices(self, events: int, rng: random.Random) -> array[int]:
        visitors, draw = self.visitors, rng.random
        who = array("I", bytes(4 * events))
        for number in range(events):
            if draw() < EDGE_SHARE:
                who[number] = visitors + int(draw() * EDGE_PROFILES)
            else:
                who[number] = int(draw() ** 1.5 * visitors)
        return who

    def _make_profiles(self) -> list[_Profile]:
        profiles: list[_Profile] = []
        for index in range(DEVICE_PROFILES + EDGE_PROFILES):
            platform: Platform = "edge"
            number = index - DEVICE_PROFILES
            if index < DEVICE_PROFILES:
                platform, number = _DEVICES[index % len(_DEVICES)], index
            event = make_profile(
                platform=platform, number=number, seed=self.seed, before=self.start
            )
            tail = "".join(
                BASE62[int(x * 62)]
                for x in _floats(seeded(self.seed, "tail", platform, number), 14)
            )
            profiles.append(_Profile(slim(event) if self.detail == "slim" else event, tail))
        return profiles

    def _profile(self, who: int) -> _Profile:
        visitors = self.visitors
        return self._profiles[
            who % DEVICE_PROFILES if who < visitors else DEVICE_PROFILES + who - visitors
        ]

    def event_id(self, number: int) -> str:
        """The id of event `number`."""
        return f"{self.timestamps[number]}.{self._scramble.suffix(number).decode()}"

    def event_ids(self, numbers: Iterable[int]) -> list[str]:
        """The ids of many events."""
        timestamps, suffix = self.timestamps, self._scramble.suffix
        return [f"{timestamps[number]}.{suffix(number).decode()}" for number in numbers]

    def find(self, event_id: str) -> int | None:
        """The number of the event with this id, if there is one."""
        milliseconds, _, suffix = event_id.partition(".")
        if len(suffix) != _SUFFIX_LENGTH or not suffix.isascii() or not milliseconds.isdecimal():
            return None
        number = self._scramble.number(suffix.encode())
        if number is None or number >= len(self.timestamps) or self.event_id(number) != event_id:
            return None
        return number

    def visitor_id(self, visitor: int) -> str:
        """The id of the visitor with this number."""
        return self._scramble.suffix(_VISITOR_BASE + visitor).decode() + self._profile(visitor).tail

    def high_recall_id(self, visitor: int) -> str:
        """The high-recall id of the visitor with this number."""
        return self._scramble.suffix(_RECALL_BASE + visitor).decode() + self._profile(visitor).tail

    def find_visitor(self, visitor_id: str, *, high_recall: bool = False) -> int | None:
        """The number of the visitor with this id, if there is one."""
        if len(visitor_id) != _VISITOR_LENGTH or not visitor_id.isascii():
            return None
        number = self._scramble.number(visitor_id[:_SUFFIX_LENGTH].encode())
        if number is None:
            return None
        visitor = number - (_RECALL_BASE if high_recall else _VISITOR_BASE)
        name = self.high_recall_id if high_recall else self.visitor_id
        return visitor if 0 <= visitor < self.visitors and name(visitor) == visitor_id else None

    def encode(self, numbers: Iterable[int]) -> list[bytes]:
        """The JSON of many events."""
        timestamps, who, visitors = self.timestamps, self._who, self.visitors
        profiles, suffix = self._profiles, self._scramble.suffix
        out: list[bytes] = []
        for number in numbers:
            device, at = who[number], timestamps[number]
            if device >= visitors:
                profile = profiles[DEVICE_PROFILES + device - visitors]
                out.append(profile.format % (at, suffix(number), at))
                continue
            profile = profiles[device % DEVICE_PROFILES]
            names = [suffix(_VISITOR_BASE + device)]
            if self.detail == "full":
                names.append(suffix(_RECALL_BASE + device))
            linked = (device,) if profile.linked else ()
            out.append(profile.format % (at, suffix(number), at, *linked, *names))
        return out

    def event(self, number: int) -> dict[str, Any]:
        """One event, decoded."""
        decoded: dict[str, Any] = msgspec.json.decode(self.encode((number,))[0])
        return decoded

    def visitor_of(self, number: int) -> int | None:
        """The number of the visitor that caused event `number`; edge events have none."""
        who = self._who[number]
        return who if who < self.visitors else None

    def numbers(self, source: Source) -> Sequence[int]:
        """The numbers of all events of a source, ascending."""
        return self._by_source[source]

    def numbers_where(
        self, source: Source, accepted: Iterable[int], visitors: set[int] | None
    ) -> Sequence[int]:
        """The numbers of the events of a source whose profile, and whose visitor, is among the accepted ones."""
        wanted = bytearray(self.visitors + EDGE_PROFILES)
        profiles = set(accepted)
        if source == "edge":
            for profile in profiles:
                wanted[self.visitors + profile - DEVICE_PROFILES] = visitors is None
        else:
            for visitor in range(self.visitors) if visitors is None else visitors:
                wanted[visitor] = visitor % DEVICE_PROFILES in profiles
        who = self._who
        return array("I", [number for number in self._by_source[source] if wanted[who[number]]])

    def profiles(self, source: Source) -> Iterable[tuple[int, dict[str, Any]]]:
        """The numbered profiles of a source; what is true of a profile is true of all its events."""
        for number, profile in enumerate(self._profiles):
            if profile.source == source:
                yield number, profile.event

    def window(self, numbers: Sequence[int], start: int, end: int) -> tuple[int, int]:
        """The slice of `numbers` whose events lie in `[start, end]` (Unix ms, both inclusive)."""
        low = bisect_left(numbers, bisect_left(self.timestamps, start))
        return low, bisect_left(numbers, bisect_right(self.timestamps, end))


def _floats(rng: random.Random, count: int) -> list[float]:
    return [rng.random() for _ in range(count)]


def _time_line(events: int, start: int, end: int, rng: random.Random) -> array[int]:
    """Sorted timestamps: silences, bursts, one dense hour, milliseconds with many events, both ends taken."""
    span = end - start
    weights = [0.05 + rng.random() ** 2 for _ in range(_BLOCKS)]
    for _ in range(4):
        first = whole(rng, 1, _BLOCKS - 14)
        weights[first : first + 12] = [0.0] * 12
    steps = list(accumulate(weights))
    total, draw, block = steps[-1], rng.random, span / _BLOCKS
    times: list[int] = []

    def crowd(count: int, width: float) -> None:
        """`count` events within `width` ms, somewhere on the line."""
        width = min(width, span)
        first = start + int(draw() * (span - width))
        times.extend(first + int(draw() * width) for _ in range(count))

    crowd(int(events * 0.33), min(3_600_000, span / 24))
    crowd(min(3_000, int(events * 0.04)), 0)
    crowd(min(400, int(events * 0.01)), 0)
    for _ in range(12):
        crowd(int(events * 0.01), min(1_000 * whole(rng, 1, 90), span / 200))
    for _ in range(events - len(times)):
        at = bisect_right(steps, draw() * total)
        times.append(start + min(span, int((at + draw()) * block)))
    times.sort()
    if times:
        times[0], times[-1] = start, end if len(times) > 1 else start
    return array("q", times)
