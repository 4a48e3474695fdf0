"""The bounds of values: minimum, maxLength, multipleOf and the like."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from fingerprint_async.drift.contract.model import Bound, Effective, Part

if TYPE_CHECKING:
    from fingerprint_async.drift.contract._reading import Reader

__all__ = [
    "BOUNDING",
    "LIMITS",
    "TYPES",
    "drop_idle",
    "integer_bounds",
    "json_type",
    "read_bounds",
]

TYPES: Final = frozenset({"null", "boolean", "object", "array", "number", "string", "integer"})
LIMITS: Final = {
    "minimum": "number", "maximum": "number", "multipleOf": "number",
    "minLength": "string", "maxLength": "string",
    "minItems": "array", "maxItems": "array", "uniqueItems": "array",
    "minProperties": "object", "maxProperties": "object",
}  # fmt: skip
"""What each limit is about: it says nothing about values of other types."""
BOUNDING: Final = frozenset({*LIMITS, "exclusiveMinimum", "exclusiveMaximum"})
"""The keywords that bound a value."""
_LOWER: Final = ("minLength", "minItems", "minProperties")
_UPPER: Final = ("maxLength", "maxItems", "maxProperties")


def read_bounds(reader: Reader, merged: Effective, part: Part) -> None:
    """Take in the bounds that a part states: the tightest of several holds."""
    for side, keyword, exclusive in (
        (1, "minimum", "exclusiveMinimum"),
        (-1, "maximum", "exclusiveMaximum"),
    ):
        limit = reader.number(part, keyword, merged)
        strict = part.raw.get(exclusive)
        if limit is not None:
            bound = Bound(keyword, (limit * side, strict is True), part, keyword)
            _tighten(merged, bound)
        if strict is not None and not isinstance(strict, bool):
            strict = reader.number(part, exclusive, merged)
            if strict is not None:
                _tighten(merged, Bound(keyword, (strict * side, True), part, exclusive))
    for side, keywords in ((1, _LOWER), (-1, _UPPER)):
        for keyword in keywords:
            value = reader.number(part, keyword, merged)
            if value is not None and (side == -1 or value > 0):
                _tighten(merged, Bound(keyword, (value * side, False), part, keyword))
    if reader.read(part, "uniqueItems", bool, merged):
        bound = Bound("uniqueItems", (1, False), part, "uniqueItems")
        merged.bounds.setdefault("uniqueItems", bound)
    step = reader.number(part, "multipleOf", merged)
    if step is not None and step > 0:
        every = Fraction(str(step))
        before = merged.bounds.get("multipleOf")
        if before is not None and isinstance(before.value, Fraction):
            every = _common_multiple(before.value, every)
        if before is None or every != before.value:
            merged.bounds["multipleOf"] = Bound("multipleOf", every, part, "multipleOf")


def _tighten(merged: Effective, bound: Bound) -> None:
    before = merged.bounds.get(bound.keyword)
    if (
        before is None
        or not isinstance(bound.value, tuple)
        or not isinstance(before.value, tuple)
        or bound.value > before.value
    ):
        merged.bounds[bound.keyword] = bound


def _common_multiple(one: Fraction, other: Fraction) -> Fraction:
    return Fraction(
        math.lcm(one.numerator, other.numerator), math.gcd(one.denominator, other.denominator)
    )


def drop_idle(merged: Effective) -> None:
    """A limit on values that can't come says nothing."""
    if merged.types is None:
        return
    about = {"number" if name == "integer" else name for name in merged.types}
    if not about <= TYPES:
        return  # what an unknown type is, is unknown
    merged.bounds = {key: each for key, each in merged.bounds.items() if LIMITS[key] in about}
    if "string" not in about:
        merged.regexes = {}


def integer_bounds(merged: Effective) -> None:
    """Above 0 and at least 1 are the same for whole numbers."""
    if merged.types != frozenset({"integer"}):
        return
    for keyword in ("minimum", "maximum"):
        bound = merged.bounds.get(keyword)
        if bound is not None and isinstance(bound.value, tuple):
            number, exclusive = bound.value
            whole = int(number // 1) + 1 if exclusive else math.ceil(number)
            merged.bounds[keyword] = Bound(keyword, (whole, False), bound.owner, bound.written)


def json_type(value: Any) -> str:
    """Return the JSON type of a value; a number without fraction is an integer."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, list):
        return "array"
    return "object" if isinstance(value, Mapping) else "string"
