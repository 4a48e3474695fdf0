"""Fields that hold Unix milliseconds, as datetimes."""

from __future__ import annotations

import ast
import pickle
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fingerprint_async_generated.models as generated
from fingerprint_async import DecodeError
from fingerprint_async._runtime.model import Model
from fingerprint_async._runtime.naming import FIELD_NAMES_TAKEN
from fingerprint_async.models import (
    EdgeResponse,
    Event,
    Identification,
    ProxyDetails,
    SupplementaryIDHighRecall,
)

MS = 1_708_102_555_327
MADE_AT = datetime(2024, 2, 16, 16, 55, 55, 327000, tzinfo=UTC)
OPTIONAL = [
    (Event, "factory_reset_timestamp", "factory_reset_time"),
    (Identification, "first_seen_at", "first_seen_time"),
    (Identification, "last_seen_at", "last_seen_time"),
    (SupplementaryIDHighRecall, "first_seen_at", "first_seen_time"),
    (SupplementaryIDHighRecall, "last_seen_at", "last_seen_time"),
    (ProxyDetails, "last_seen_at", "last_seen_time"),
]
# In the JSON text, where more can stand than in Python: 1e400 is read as infinity.
ODD = ["null", '"now"', '"1708102555327"', "true", "1e400", "-1e400", "1" + "0" * 400, "{}", "[1]"]
ODD += [str(10**18), str(-(10**18))]


@pytest.mark.parametrize("model", [Event, EdgeResponse])
def test_a_model_tells_when_it_was_made(model: type[Event | EdgeResponse]) -> None:
    """To the millisecond, aware, in UTC; whether it was read or constructed."""
    read = model.from_dict({"event_id": "a", "timestamp": MS})
    assert read.time == MADE_AT
    assert read.time.tzinfo is UTC
    assert attrs.evolve(read, timestamp=MS + 1).time == MADE_AT + timedelta(milliseconds=1)
    assert Event(event_id="a", timestamp=MS).time == MADE_AT


@pytest.mark.parametrize("text", [*ODD, None])
def test_an_event_without_a_time_raises_a_decode_error(text: str | None) -> None:
    """Its field is handed out as it came; nobody takes the event for fresh."""
    body = "{}" if text is None else f'{{"timestamp": {text}}}'
    for model in (Event, EdgeResponse):
        with pytest.raises(DecodeError, match="timestamp: it holds no time"):
            _ = model.from_json(body).time


@pytest.mark.parametrize(("model", "field", "name"), OPTIONAL)
def test_other_times_are_none_where_there_is_none(model: Any, field: str, name: str) -> None:
    """The field holds a time, or the property is None."""
    assert getattr(model.from_dict({field: MS}), name) == MADE_AT
    assert getattr(model.from_dict({}), name) is None
    for text in ODD:
        assert getattr(model.from_json(f'{{"{field}": {text}}}'), name) is None


def test_a_device_that_was_never_reset_has_no_time() -> None:
    """0 stands for never, in this field alone."""
    assert Event.from_dict({"factory_reset_timestamp": 0}).factory_reset_time is None
    assert Identification.from_dict({"first_seen_at": 0}).first_seen_time == datetime(
        1970, 1, 1, tzinfo=UTC
    )


def test_times_before_1970_and_parts_of_a_millisecond_are_times() -> None:
    """A number is taken for what it says."""
    assert Event.from_dict({"timestamp": -1}).time.year == 1969
    assert Event.from_dict({"timestamp": 0.5}).time.microsecond == 500


@given(st.integers() | st.floats() | st.text() | st.booleans() | st.none() | st.binary())
def test_any_value_gives_a_time_or_the_documented_answer(value: Any) -> None:
    """Also one that no JSON has, given to the constructor."""
    event = Event(event_id="a", timestamp=value, factory_reset_timestamp=value)
    reset = event.factory_reset_time
    assert reset is None or reset.tzinfo is UTC
    try:
        assert event.time.tzinfo is UTC
    except DecodeError:
        assert reset is None


def test_properties_are_no_fields() -> None:
    """What is compared, written, shown and pickled is what the service sent."""
    event = Event.from_dict({"event_id": "a", "timestamp": MS})
    assert event.time == MADE_AT
    assert event.to_dict() == {"event_id": "a", "timestamp": MS}
    assert "time" not in event
    assert "time" not in {field.name for field in attrs.fields(Event)}
    assert event == pickle.loads(pickle.dumps(event))  # noqa: S301 - written by this test
    assert "datetime" not in repr(event)
    assert not hasattr(event, "__dict__")


def bases() -> list[type[Model]]:
    """Every hand-written class that a generated model is derived from."""
    found: set[type[Model]] = set()
    for name in generated.__all__:
        cls = getattr(generated, name)
        if issubclass(cls, Model):
            found |= {base for base in cls.__mro__ if "_runtime" in base.__module__}
    return sorted((found - {Model}), key=lambda base: base.__name__)


def test_no_field_of_a_schema_hides_what_a_base_has() -> None:
    """The names of the bases are taken: a field of such a name gets another one."""
    names = {name for base in bases() for name in vars(base) if not name.startswith("_")}
    assert {"cursor", "time", "last_seen_time"} <= names
    assert names <= FIELD_NAMES_TAKEN


def test_models_have_the_fields_that_their_bases_read() -> None:
    """A schema without one of them is noticed here."""
    runtime = Path(__file__).resolve().parents[2] / "fingerprint_async" / "_runtime"
    reads: dict[str, set[str]] = {}
    for path in (runtime / "times.py", runtime / "page.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                reads[node.name] = {
                    one.attr
                    for one in ast.walk(node)
                    if isinstance(one, ast.Attribute) and ast.unparse(one.value) == "self"
                }
    seen = 0
    for name in generated.__all__:
        cls = getattr(generated, name)
        for base in cls.__mro__[1:]:
            if base in bases() and base.__name__ in reads:
                fields = {field.name for field in attrs.fields(cls)}
                assert reads[base.__name__] <= fields, cls
                seen += 1
    assert seen >= 8
