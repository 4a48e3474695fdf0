"""A synthetic workspace of any size, made from a seed.

Events are numbered 0 … n-1 by time. Of each only its timestamp and the number of its device are
kept (12 bytes); its JSON is put together when it is asked for, from a few hundred encoded profiles.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any, Literal, cast

import msgspec

from fingerprint_async.testing.synthetic._random import seeded, whole
from fingerprint_async.testing.synthetic.catalog import BASE62
from fingerprint_async.testing.synthetic.profiles import Detail, make_profile, slim
from fingerprint_async.testing.synthetic.rates import Platform, Traits, rates_of
from fingerprint_async.testing.synthetic.timeline import time_line

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Mapping, Sequence

Source = Literal["device", "edge"]

DEVICE_PROFILES = 240
EDGE_PROFILES = 40
EDGE_SHARE = 0.1
EVENTS_PER_VISITOR = 12

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
    """A one-to-one map between numbers and suffixes of six characters, which can be undone."""

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
        rates: How often signals are true, where other than `RATES` say.
        tomorrow: The share of devices with fields and values that no schema of today knows.
    """

    def __init__(
        self,
        *,
        events: int,
        start: int,
        end: int,
        seed: int = 0,
        detail: Detail = "full",
        rates: Mapping[str, float] | None = None,
        tomorrow: float = 0.0,
    ) -> None:
        if events < 0:
            raise ValueError(f"events must not be negative, not {events}")
        if not 0 <= tomorrow <= 1:
            raise ValueError(f"tomorrow is a share between 0 and 1, not {tomorrow!r}")
        if end < start:
            raise ValueError(f"end ({end}) lies before start ({start}); both are Unix ms")
        self.start = start
        self.end = end
        self.seed = seed
        self.detail: Detail = detail
        self.visitors = max(1, min(events, DEVICE_PROFILES), events // EVENTS_PER_VISITOR)
        self.timestamps = time_line(events, start, end, seeded(seed, "time"))
        self._who = self._draw_devices(events, seeded(seed, "who"))
        self._scramble = _Scramble(seeded(seed, "ids"))
        self._profiles = self._make_profiles(rates_of(rates or {}), tomorrow)
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

    def _make_profiles(self, rates: Mapping[str, float], tomorrow: float) -> list[_Profile]:
        profiles: list[_Profile] = []
        for index in range(DEVICE_PROFILES + EDGE_PROFILES):
            platform: Platform = "edge"
            number = ordinal = index - DEVICE_PROFILES
            if index < DEVICE_PROFILES:
                platform, number = _DEVICES[index % len(_DEVICES)], index
                ordinal = sum(1 for before in range(index) if _DEVICES[before % 20] == platform)
            event = make_profile(
                traits=Traits(self.seed, platform, ordinal, rates),
                number=number,
                before=self.start,
                tomorrow=tomorrow,
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
        """Return the id of event `number`."""
        return f"{self.timestamps[number]}.{self._scramble.suffix(number).decode()}"

    def event_ids(self, numbers: Iterable[int]) -> list[str]:
        """Return the ids of many events."""
        timestamps, suffix = self.timestamps, self._scramble.suffix
        return [f"{timestamps[number]}.{suffix(number).decode()}" for number in numbers]

    def find(self, event_id: str) -> int | None:
        """Return the number of the event with this id, if there is one."""
        milliseconds, _, suffix = event_id.partition(".")
        if len(suffix) != _SUFFIX_LENGTH or not suffix.isascii() or not milliseconds.isdecimal():
            return None
        number = self._scramble.number(suffix.encode())
        if number is None or number >= len(self.timestamps) or self.event_id(number) != event_id:
            return None
        return number

    def visitor_id(self, visitor: int) -> str:
        """Return the id of the visitor with this number."""
        return self._scramble.suffix(_VISITOR_BASE + visitor).decode() + self._profile(visitor).tail

    def high_recall_id(self, visitor: int) -> str:
        """Return the high-recall id of the visitor with this number."""
        return self._scramble.suffix(_RECALL_BASE + visitor).decode() + self._profile(visitor).tail

    def find_visitor(self, visitor_id: str, *, high_recall: bool = False) -> int | None:
        """Return the number of the visitor with this id, if there is one."""
        if len(visitor_id) != _VISITOR_LENGTH or not visitor_id.isascii():
            return None
        number = self._scramble.number(visitor_id[:_SUFFIX_LENGTH].encode())
        if number is None:
            return None
        visitor = number - (_RECALL_BASE if high_recall else _VISITOR_BASE)
        name = self.high_recall_id if high_recall else self.visitor_id
        return visitor if 0 <= visitor < self.visitors and name(visitor) == visitor_id else None

    def encode(self, numbers: Iterable[int]) -> list[bytes]:
        """Return the JSON of many events."""
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
        """Return one event, decoded."""
        decoded: dict[str, Any] = msgspec.json.decode(self.encode((number,))[0])
        return decoded

    def visitor_of(self, number: int) -> int | None:
        """Return the number of the visitor that caused event `number`; edge events have none."""
        who = self._who[number]
        return who if who < self.visitors else None

    def numbers(self, source: Source) -> Sequence[int]:
        """Return the numbers of all events of a source, ascending."""
        return self._by_source[source]

    def numbers_where(
        self, source: Source, accepted: Iterable[int], visitors: set[int] | None
    ) -> Sequence[int]:
        """Return the numbers of the events whose profile, and whose visitor, is accepted."""
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
        """Yield the numbered profiles of a source; each is true of all its events."""
        for number, profile in enumerate(self._profiles):
            if profile.source == source:
                yield number, profile.event

    def window(self, numbers: Sequence[int], start: int, end: int) -> tuple[int, int]:
        """Return the slice of `numbers` whose events lie in `[start, end]` (Unix ms)."""
        low = bisect_left(numbers, bisect_left(self.timestamps, start))
        return low, bisect_left(numbers, bisect_right(self.timestamps, end))


def _floats(rng: random.Random, count: int) -> list[float]:
    return [rng.random() for _ in range(count)]
