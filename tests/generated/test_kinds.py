"""Kinds of fields that the pinned schema does not use today, and a newer one may."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from fingerprint_async.models import UNSET, Event, Model
from fingerprint_async_generated.types import Fields, Unset, model


@model(kw_only=True)
class Novel(Model):
    """A model with fields of every other kind."""

    always: str
    maybe: str | Unset | None = UNSET
    either: list[str] | int | Unset = UNSET
    renamed: int | Unset = UNSET
    anything: Any | Unset = UNSET
    deep: list[list[Event]] | Unset = UNSET
    perhaps: Event | Unset | None = UNSET

    _fields_: ClassVar[Fields] = {
        "always": ("always", ("const", "yes"), True),
        "maybe": ("maybe", ("nullable", "str"), False),
        "either": ("either", ("either", ("list", "str"), "int"), False),
        "renamed": ("re-named", "int", False),
        "anything": ("anything", "any", False),
        "deep": ("deep", ("list", ("list", ("model", "Event", "event"))), False),
        "perhaps": ("perhaps", ("nullable", ("model", "Event", "event")), False),
    }


# Classes are looked up beside the module of the model that names them.
Novel.__module__ = Event.__module__


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("maybe", None),
        ("maybe", "x"),
        ("either", 5),
        ("either", ["x"]),
        ("re-named", 5),
        ("anything", {"x": [None]}),
        ("deep", [[], [{"event_id": "1", "timestamp": 1}]]),
        ("perhaps", None),
        ("perhaps", {"event_id": "1", "timestamp": 1}),
    ],
)
def test_every_kind_accepts_what_it_is(name: str, value: Any) -> None:
    """What the schema allows has no findings, and comes out as it came in."""
    novel = Novel.from_dict({"always": "yes", name: value}, strict=True)
    repr(novel)
    assert {"always": "yes", name: value} == novel.to_dict()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("always", "no", "'yes'"),
        ("always", True, "'yes'"),
        ("maybe", 5, "a string"),
        ("either", "x", "a list of string or an integer"),
        ("either", [5], "a list of string or an integer"),
        ("re-named", "5", "an integer"),
        ("deep", [5], "a list of Event"),
        ("perhaps", 5, "Event"),
    ],
)
def test_every_kind_keeps_what_it_is_not(name: str, value: Any, expected: str) -> None:
    """What does not fit is kept, and is one finding that says what was expected."""
    novel = Novel.from_dict({"always": "yes", name: value})
    repr(novel)
    assert novel.to_dict()[name] == value
    (finding,) = novel.findings()
    assert finding.kind == "wrong_type"
    assert finding.expected == expected


def test_what_may_be_null_says_so() -> None:
    """A missing field names all that it may be."""
    fields = {**Novel._fields_, "maybe": ("maybe", ("nullable", "str"), True), "any": ("any", "any", True)}
    strict = type("Strict", (Novel,), {"_fields_": fields})
    assert [
        (finding.path[-1], finding.expected) for finding in strict.from_dict({"always": "yes"}).findings()
    ] == [
        ("maybe", "a string or null"),
        ("any", "anything"),
    ]


def test_models_are_structured_at_every_depth() -> None:
    """Lists of lists and what may be null hold models."""
    event = {"event_id": "1", "timestamp": 1}
    novel = Novel.from_dict({"always": "yes", "deep": [[event], 5], "perhaps": event, "re-named": 3})
    assert novel.deep
    assert novel.deep[0][0].event_id == "1"
    assert novel.deep[1] == 5
    assert novel.perhaps
    assert novel.perhaps.timestamp == 1
    assert novel.renamed == 3
    assert Novel(always="yes", renamed=4).to_dict() == {"always": "yes", "re-named": 4}
