"""Behaviours that the service never promised not to have, by option and by seed.

Of a search (each strikes a share of the requests):
    shuffled_pages       the events of a page come in any order
    repeated_pages       a request with a key gets the page before once more, and its key
    other_shapes         200 with JSON of another shape (any operation that answers with JSON)
    wrong_totals         `total_hits` is not the number of events
Of a place in a search (the same request is struck again and again):
    repeating_keys       a page's key is the one that it was asked with
    endless_empty_pages  a page is empty, and so is every page that its keys lead to
    blank_last_keys      the last page has a key: null, empty, or one that leads to an empty page
Of an event (the same events are struck in every answer):
    odd_events           a lone surrogate, the number 1e400, a byte that is no UTF-8
    ids_twice            the event is sent twice, within a page or across two
Of the service:
    retention_on_keys    a start is held against the retention in requests with a key, too
    key_messages         a refused key is told in other words, or with another code
    skewed_clock         the service's clock, and its Date header, are off by `amount` seconds
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, cast, get_args

from attrs import Factory, field, frozen

from fingerprint_async.testing.synthetic._random import chance, pick, seeded, whole

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Behaviour", "Hostile", "Hostility"]

Behaviour = Literal[
    "shuffled_pages",
    "repeated_pages",
    "other_shapes",
    "wrong_totals",
    "repeating_keys",
    "endless_empty_pages",
    "blank_last_keys",
    "odd_events",
    "ids_twice",
    "retention_on_keys",
    "key_messages",
    "skewed_clock",
]
BEHAVIOURS: tuple[Behaviour, ...] = get_args(Behaviour)
_DEFAULT_SKEW_SECONDS = 3_600.0
MAX_SKEW_SECONDS = 1e9
#: (status, code, message) of refused keys; none of them needs to speak of pagination.
REFUSALS = (
    (400, "request_cannot_be_parsed", "invalid cursor"),
    (400, "request_cannot_be_parsed", "request cannot be parsed"),
    (400, "request_cannot_be_parsed", "the token has expired"),
    (400, "request_cannot_be_parsed", ""),
    (400, "request_cannot_be_parsed", "invalid start time"),
    (400, "invalid_argument", "bad request"),
)
OTHER_SHAPES = (
    b"{}",
    b"[]",
    b"null",
    b'"ok"',
    b"0",
    b'{"events":null}',
    b'{"events":{}}',
    b'{"events":"none"}',
    b'{"events":[null]}',
    b'{"events":["1700000000000.abcdef"]}',
    b'{"events":[{}]}',
    b'{"data":{"events":[]}}',
    b'{"error":{"code":"failed","message":"internal server error"}}',
)
ODDITIES = (
    b',"odd":"a lone \\ud83d surrogate"}',
    b',"odd":1e400}',
    b',"odd":"no UTF-8: \xff"}',
    b',"tags":{"odd":["\\udc00"]}}',
    b',"odd":{"deep":[-1e999]}}',
)
_SPEC = re.compile(r"(?P<name>\w+)(?:=(?P<amount>-?[\d.]+))?")


def _known(_: object, __: object, name: str) -> None:
    if name not in BEHAVIOURS:
        raise ValueError(f"unknown behaviour {name!r}; there are {', '.join(BEHAVIOURS)}")


def _default_amount(one: Hostile) -> float:
    return _DEFAULT_SKEW_SECONDS if one.behaviour == "skewed_clock" else 1.0


def _check_amount(one: Hostile, _: object, amount: float) -> None:
    if one.behaviour == "skewed_clock":
        if not abs(amount) <= MAX_SKEW_SECONDS:
            raise ValueError(f"skewed_clock is in seconds, at most 1e9, not {amount}")
    elif not 0 <= amount <= 1:
        raise ValueError(f"a share lies between 0 and 1, not {amount}")


@frozen
class Hostile:
    """One hostile behaviour.

    Args:
        behaviour: What it is; the module's docstring lists them.
        amount: The share of requests, places or events that it strikes, from 0 to 1 (all unless
            given); of `skewed_clock`, by how many seconds (an hour ahead unless given).
    """

    behaviour: Behaviour = field(validator=_known)
    amount: float = field(
        default=Factory(_default_amount, takes_self=True), validator=_check_amount, kw_only=True
    )

    @classmethod
    def parse(cls, text: str) -> Hostile:
        """Return a behaviour as it is written on the command line: `behaviour[=amount]`.

        Raises:
            ValueError: It is not of this form, or names an unknown behaviour.
        """
        found = _SPEC.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is not of the form behaviour[=amount]")
        name = cast("Behaviour", found["name"])
        if found["amount"] is None:
            return cls(name)
        try:
            amount = float(found["amount"])
        except ValueError:
            raise ValueError(f"{text!r} is not of the form behaviour[=amount]") from None
        return cls(name, amount=amount)

    @classmethod
    def draw(cls, seed: object, among: Iterable[Behaviour] = BEHAVIOURS) -> tuple[Hostile, ...]:
        """Return some behaviours, chosen by a seed; the same seed gives the same ones.

        Args:
            seed: Any value.
            among: The behaviours to choose from.
        """
        rng = seeded(seed, "hostile")
        chosen: list[Hostile] = []
        for name in among:
            if not chance(rng, 0.4):
                continue
            if name == "skewed_clock":
                chosen.append(cls(name, amount=float(whole(rng, -7_200, 7_200))))
            else:
                chosen.append(cls(name, amount=round(0.02 + 0.3 * rng.random(), 3)))
        return tuple(chosen)


class Hostility:
    """Decides, by seed, what is struck by which behaviour.

    Args:
        behaviours: As `Hostile` values.
        seed: Another seed, other victims.
    """

    def __init__(self, behaviours: Iterable[Hostile] = (), *, seed: object = 0) -> None:
        self.behaviours = tuple(behaviours)
        self._amounts = {one.behaviour: one.amount for one in self.behaviours}
        self._seed = seed
        self._draw = seeded(seed, "hostility")

    def __bool__(self) -> bool:
        return bool(self._amounts)

    def has(self, behaviour: Behaviour) -> bool:
        """Return whether the behaviour is on at all."""
        return behaviour in self._amounts

    @property
    def skew_seconds(self) -> float:
        """By how many seconds the service's clock is ahead."""
        return self._amounts.get("skewed_clock", 0.0)

    def strikes_now(self, behaviour: Behaviour) -> bool:
        """Return whether it strikes this request; the next one is drawn anew."""
        amount = self._amounts.get(behaviour)
        return amount is not None and self._draw.random() < amount

    def strikes(self, behaviour: Behaviour, *victim: object) -> bool:
        """Return whether it strikes a victim; always the same for the same one."""
        amount = self._amounts.get(behaviour)
        return amount is not None and self.draw(behaviour, *victim) < amount

    def draw(self, *parts: object) -> float:
        """Return a number from 0 to 1, always the same for the same parts."""
        return seeded(self._seed, *parts).random()

    def refusal(self) -> tuple[int, str, str]:
        """Return status, code and message of a refused key."""
        return pick(self._draw, REFUSALS)

    def other_shape(self) -> bytes:
        """Return JSON of another shape."""
        return pick(self._draw, OTHER_SHAPES)

    def shuffle(self, events: list[bytes]) -> list[bytes]:
        """Return the events in another order, where there is one."""
        shuffled = list(events)
        for at in range(len(shuffled) - 1, 0, -1):
            other = int(self._draw.random() * (at + 1))
            shuffled[at], shuffled[other] = shuffled[other], shuffled[at]
        return shuffled if shuffled != events else events[::-1]

    def wrong_total(self, total: int) -> int:
        """Return another number of hits."""
        return max(0, total + pick(self._draw, (-7, -1, 1, 12)))

    def event(self, event_id: str, encoded: bytes) -> bytes:
        """Return an event's JSON, odd if it is one of the odd ones."""
        if not self.strikes("odd_events", event_id):
            return encoded
        oddity = ODDITIES[int(self.draw("oddity", event_id) * len(ODDITIES))]
        return encoded[:-1] + oddity
