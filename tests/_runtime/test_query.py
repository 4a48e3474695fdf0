"""How query parameters are written."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import pytest

from fingerprint_async._runtime.request import query_items

NAMES = {"a": "a", "class_": "class", "when": "when"}
UTC_NOON = dt.datetime(2026, 1, 2, 12, tzinfo=dt.UTC)


class Colour(enum.StrEnum):
    """A text enum."""

    RED = "red"


class Size(enum.IntEnum):
    """A number enum."""

    BIG = 9


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ("x", ["x"]),
        ("", [""]),
        (0, ["0"]),
        (1.5, ["1.5"]),
        (True, ["true"]),
        (False, ["false"]),
        (Colour.RED, ["red"]),
        (Size.BIG, ["9"]),
        ([Colour.RED, "blue", True], ["red", "blue", "true"]),
        (("a,b", "c"), ["a,b", "c"]),
        ({"only"}, ["only"]),
        ([], []),
        (UTC_NOON, ["2026-01-02T12:00:00+00:00"]),
        (
            UTC_NOON.astimezone(dt.timezone(dt.timedelta(hours=-5))),
            ["2026-01-02T07:00:00-05:00"],
        ),
    ],
)
def test_each_value_is_written_as_the_api_reads_it(value: Any, texts: list[str]) -> None:
    """Lists are repeated keys, booleans words, times RFC 3339, enums their values."""
    assert query_items({"class_": value}, NAMES) == tuple(("class", text) for text in texts)


def test_parameters_keep_their_order() -> None:
    """They are written as they were given."""
    assert query_items({"when": 1, "a": [2, 3]}, NAMES) == (("when", "1"), ("a", "2"), ("a", "3"))


@pytest.mark.parametrize("value", [None, [None], ["x", None], (None,)])
def test_none_is_refused(value: Any) -> None:
    """A filter that is None would find everything; the error says what to do."""
    with pytest.raises(TypeError, match="class_ is None: leave it out"):
        query_items({"class_": value}, NAMES)


def test_a_time_without_a_zone_is_refused() -> None:
    """It would mean another moment to the server."""
    with pytest.raises(ValueError, match="when has no time zone"):
        query_items({"when": dt.datetime(2026, 1, 2)}, NAMES)  # noqa: DTZ001


def test_an_unknown_parameter_is_refused() -> None:
    """The error names it."""
    with pytest.raises(TypeError, match="no such query parameter: 'lmit'"):
        query_items({"lmit": 5}, NAMES)
