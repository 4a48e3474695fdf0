"""Seeded randomness that gives the same numbers on every Python and platform."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


def seeded(*parts: object) -> random.Random:
    """A generator of its own for every purpose named by `parts`."""
    return random.Random("/".join(map(str, parts)))  # noqa: S311 - test data, repeatable on purpose


def pick(rng: random.Random, values: Sequence[T]) -> T:
    """One of `values`; drawn with `random()` alone, whose sequence Python guarantees."""
    return values[int(rng.random() * len(values))]


def chance(rng: random.Random, probability: float) -> bool:
    """True with `probability`."""
    return rng.random() < probability


def whole(rng: random.Random, low: int, high: int) -> int:
    """A whole number from `low` to `high`, both included."""
    return low + int(rng.random() * (high - low + 1))


def token(rng: random.Random, length: int, alphabet: str = "0123456789abcdef") -> str:
    """A string of `length` characters of `alphabet`."""
    return "".join(pick(rng, alphabet) for _ in range(length))
