"""Python values to plain JSON values, and the unknown fields of an object."""

from __future__ import annotations

import copy
import datetime as dt
import enum
import pickle
from collections import OrderedDict
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import msgspec
import pytest

from fingerprint_async._runtime.errors import DecodeError
from fingerprint_async._runtime.plain import UnknownFields, plain
from fingerprint_async.models import BotResult, Identification


class Text(str):
    """A text with more to it."""

    __slots__ = ()

    def __str__(self) -> str:
        return "another"


class Number(int):
    """A number with more to it."""


class Fraction(float):
    """A float with more to it."""


class Flag(enum.Enum):
    """An enum of anything."""

    YES = True
    LIST = (1, 2)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (Text("x"), "x"),
        (Number(5), 5),
        (Fraction(0.5), 0.5),
        (Decimal("1e400"), Decimal("1e400")),
        (BotResult.BAD, "bad"),
        (Flag.YES, True),
        (Flag.LIST, [1, 2]),
        ((1, [2]), [1, [2]]),
        (MappingProxyType({"a": 1}), {"a": 1}),
        (OrderedDict({Text("b"): 1}), {"b": 1}),
        (
            Identification(visitor_found=True, visitor_id="v"),
            {"visitor_found": True, "visitor_id": "v"},
        ),
    ],
)
def test_values_become_plain(value: Any, expected: Any) -> None:
    """Subclasses of JSON's types become those types, at every depth."""
    for depth in (lambda it: it, lambda it: [it], lambda it: {"a": (it,)}):
        found, wanted = plain(depth(value)), plain(depth(expected))
        assert wanted == found
    assert type(plain(value)) is type(expected)


def test_a_copy_shares_nothing() -> None:
    """What is changed in the copy stays out of the original."""
    value = {"a": [{"b": 1}]}
    twin = plain(value)
    twin["a"][0]["b"] = 2
    assert value == {"a": [{"b": 1}]}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (float("nan"), "no NaN"),
        (float("-inf"), "no NaN"),
        (Decimal("NaN"), "no NaN"),
        (Decimal("Infinity"), "no NaN"),
        ({1}, "type set"),
        (b"x", "type bytes"),
        (dt.date(2026, 1, 1), "type date"),
        (object(), "type object"),
        ({1: 2}, "keys of a JSON object are strings"),
        ({None: 2}, "keys of a JSON object are strings"),
    ],
)
def test_what_json_has_no_place_for_is_refused(value: Any, words: str) -> None:
    """The error says what it was, at every depth, without the value."""
    for depth in (lambda it: it, lambda it: [it], lambda it: {"a": (it,)}):
        with pytest.raises(DecodeError, match=words):
            plain(depth(value))


def test_depth_is_an_error() -> None:
    """A value that holds itself is refused, not a crash."""
    value: dict[str, Any] = {}
    value["a"] = [value]
    with pytest.raises(DecodeError, match="nested too deep, or holds itself") as caught:
        plain(value)
    assert caught.value.__context__ is None


def test_unknown_fields_know_every_key() -> None:
    """They remember the order of the JSON and its nulls, also of text that nobody parsed."""
    values = {"b": msgspec.Raw(b"[1]"), "a": msgspec.Raw(b"null"), "c": None, "d": 0}
    fields = UnknownFields.of(values, {"a"})
    assert fields == {"b": [1], "c": None, "d": 0}
    assert fields.keys_read == {"b": False, "a": True, "c": True, "d": False}
    assert list(fields.keys_read) == ["b", "a", "c", "d"]
    for twin in (copy.copy(fields), copy.deepcopy(fields), pickle.loads(pickle.dumps(fields))):  # noqa: S301
        assert twin == fields
        assert twin.keys_read == fields.keys_read
    assert UnknownFields(fields).keys_read is None
