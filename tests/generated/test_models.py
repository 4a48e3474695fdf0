"""The generated models beside the pinned document, and what their package promises."""

from __future__ import annotations

import enum
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fingerprint_async_generated.models as generated
from fingerprint_async import DecodeError, models
from fingerprint_async.models import (
    BotResult,
    Confidence,
    Event,
    EventRuleActionAllow,
    EventRuleActionBlock,
    EventSearch,
    EventUpdate,
    Model,
    ProximityPrecisionRadius,
    UnknownVariant,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SLOW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
MINIMAL = {"event_id": "1708102555327.NLOjmg", "timestamp": 1708102555327}
MODELS: list[type[Model]] = [
    found
    for found in map(vars(generated).get, generated.__all__)
    if isinstance(found, type) and issubclass(found, Model)
]


def touch(value: Any) -> None:
    """Read every field, at every depth."""
    if isinstance(value, Model):
        for field in attrs.fields(type(value)):
            touch(getattr(value, field.name))
    elif isinstance(value, list):
        for item in value:
            touch(item)


@SLOW
@given(data=st.data())
def test_what_comes_in_comes_out(data: st.DataObject, broken: Callable[[str], Any]) -> None:
    """A page and its events equal their JSON, whatever is wrong with it, read or not."""
    raw, _ = data.draw(broken("EventSearch"))
    text = json.dumps(raw).encode()
    page = EventSearch.from_json(text)
    assert page.to_dict() == raw
    touch(page)
    repr(page)
    assert page.to_dict() == raw
    assert page.to_json() == text
    assert EventSearch.from_dict(raw) == page
    assert attrs.evolve(page).to_dict() == raw
    for item, event in zip(raw.get("events") or [], page.events or [], strict=False):
        if isinstance(event, Event):
            assert attrs.evolve(event).to_dict() == event.to_dict() == item


@SLOW
@given(data=st.data())
def test_findings_are_exactly_what_is_wrong(
    data: st.DataObject, broken: Callable[[str], Any]
) -> None:
    """Every difference from the schema is listed once, and strict reading raises for it."""
    raw, expected = data.draw(broken("Event"))
    found = Event.from_dict(raw).findings()
    assert {(finding.path, finding.kind) for finding in found} == expected
    assert len(found) == len(expected)
    grave = {item for item in expected if item[1] != "unknown_field"}
    if not grave:
        assert Event.from_dict(raw, strict=True).to_dict() == raw
        return
    with pytest.raises(DecodeError) as caught:
        Event.from_json(json.dumps(raw), strict=True)
    assert {(finding.path, finding.kind) for finding in caught.value.findings} == grave


@SLOW
@given(data=st.data())
def test_valid_events_have_no_findings(data: st.DataObject, valid: Callable[[str], Any]) -> None:
    """What the schema allows passes strictly."""
    raw = data.draw(valid("Event"))
    assert Event.from_dict(raw, strict=True).findings() == ()


@SLOW
@given(data=st.data())
def test_fields_read_the_same_in_any_order(
    data: st.DataObject, broken: Callable[[str], Any]
) -> None:
    """An item of a page is what `from_dict` makes of it, whatever is read first."""
    raw, _ = data.draw(broken("Event"))
    names = data.draw(st.permutations([field.name for field in attrs.fields(Event)]))
    event = EventSearch.from_json(json.dumps({"events": [raw]})).events[0]
    reference = Event.from_dict(raw)
    for name in names:
        assert getattr(event, name) == getattr(reference, name)
        assert type(getattr(event, name)) is type(getattr(reference, name))


def test_every_field_of_the_schema_is_structured(full_event: dict[str, Any]) -> None:
    """An event with every field is read strictly, and its depth is there as models."""
    event = Event.from_json(json.dumps(full_event), strict=True)
    touch(event)
    assert event.velocity
    assert event.velocity.distinct_ip
    assert event.velocity.distinct_ip.five_minutes == 5
    assert event.raw_device_attributes
    assert event.raw_device_attributes.plugins
    assert event.raw_device_attributes.plugins[0].mime_types
    assert event.raw_device_attributes.plugins[0].mime_types[0].type == "text"
    assert event.to_dict() == full_event
    assert [name for name in attrs.fields_dict(Event) if getattr(event, name) is None] == []


def test_a_bad_item_costs_nothing_else() -> None:
    """A page lists what came, objects or not, and the others read as ever."""
    page = EventSearch.from_json(json.dumps({"events": [None, 5, "x", [1], MINIMAL]}))
    assert page.events[:4] == [None, 5, "x", [1]]
    assert page.events[4].event_id == MINIMAL["event_id"]
    assert [finding.path for finding in page.findings()] == [("events", n) for n in range(4)]


@pytest.mark.parametrize(
    "text",
    [
        b'{"event_id":"1","event_id":"2","tags":{"a":1},"tags":{"b":1},"timestamp":1}',
        b'{"event_id":"1","timestamp":1e999,"identification":{"visitor_id":1e999}}',
        b'{"event_id":"1","novel":1e999,"url":[1e999],"bot":{"a":[1]},"sdk":{"version":"\\ud800"}}',
        b'{"event_id":"1","":{"a":1},"to_dict":[1],"__class__":{"a":2},"suspect":[{"a":3}]}',
        b'{"event\\u005fid":"1","timestamp":12345678901234567890123,"url":"\xc3\xa9\\u00e9"}',
        b'{"rule_action":{"type":"block","body":1e999},"labels":[{"label":"\\ud800"},1e999]}',
        b'{"rule_action":{"type":"new","x":1e999},"tags":{"\\ud800":{"a":[%b]}}}' % (b"9" * 5000),
        b' { "event_id" : "1" , "timestamp" : 1 } ',
        b"{}",
    ],
)
def test_odd_items_read_the_same_field_by_field(text: bytes) -> None:
    """An odd item of a page is what it is alone, with a good neighbour beside it."""
    whole = Event.from_json(text)
    for name in attrs.fields_dict(Event):
        page = EventSearch.from_json(b'{"events":[%b,{"event_id":"z"}]}' % text)
        event, neighbour = page.events
        assert getattr(event, name) == getattr(whole, name)
        assert event.event_id == whole.event_id
        assert event == whole
        assert event.findings() == whole.findings()
        assert event.additional_properties == whole.additional_properties
        assert event.to_dict() == page.to_dict()["events"][0]
        assert neighbour.event_id == "z"


@pytest.mark.parametrize(
    ("action", "variant"),
    [("allow", EventRuleActionAllow), ("block", EventRuleActionBlock)],
)
def test_each_rule_action_is_its_own_model(action: str, variant: type[Model]) -> None:
    """The discriminator chooses the model; an unknown one is the object as it came."""
    event = Event.from_dict({**MINIMAL, "rule_action": {"type": action, "ruleset_id": "r"}})
    assert type(event.rule_action) is variant
    new = Event.from_dict({**MINIMAL, "rule_action": {"type": f"{action}!", "ruleset_id": "r"}})
    assert isinstance(new.rule_action, UnknownVariant)
    assert new.rule_action.ruleset_id == "r"
    assert [finding.kind for finding in new.findings()] == ["unknown_variant"]


def test_enums_are_open() -> None:
    """A known value is a member, also of numbers; an unknown one is the value itself."""
    zone = {"id": "z", "precision_radius": 25, "confidence": 1}
    event = Event.from_dict({**MINIMAL, "bot": "bad", "proximity": zone})
    assert event.bot is BotResult.BAD
    assert event.proximity
    assert event.proximity.precision_radius is ProximityPrecisionRadius.VALUE_25
    event = Event.from_dict({**MINIMAL, "bot": "new", "proximity": {**zone, "precision_radius": 7}})
    assert type(event.bot) is str
    assert event.proximity
    assert event.proximity.precision_radius == 7
    assert Event(event_id="1", timestamp=1, bot="new").findings()[0].kind == "unknown_enum_value"


def test_enums_of_equal_values_are_one_class() -> None:
    """The confidence that is read from an event is what the filter takes."""
    enums: dict[tuple[Any, ...], set[type]] = {}
    for name in generated.__all__:
        found = getattr(generated, name)
        if isinstance(found, type) and issubclass(found, enum.Enum):
            enums.setdefault(tuple(sorted(map(str, found))), set()).add(found)
    assert all(len(classes) == 1 for classes in enums.values())
    assert models.VpnConfidence is models.ProxyConfidence is Confidence


def test_a_body_is_what_was_given() -> None:
    """None is not given, false and zero are."""
    assert EventUpdate().to_json() == b"{}"
    assert EventUpdate(suspect=False, linked_id=None).to_json() == b'{"suspect":false}'
    assert EventUpdate(tags={"a": None}).to_dict() == {"tags": {"a": None}}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_model_is_documented(model: type[Model]) -> None:
    """It is public, its docstring lists each field, and names nothing about it in the repr."""
    assert getattr(models, model.__name__) is model
    words = model.__doc__ or ""
    for field in attrs.fields(model):
        if field.name != "additional_properties":
            assert f"    {field.name}: " in words


def test_every_name_is_public_and_documented() -> None:
    """`fingerprint_async.models` has every class there is, each with words of its own."""
    assert set(generated.__all__) <= set(models.__all__)
    assert len(set(generated.__all__)) == len(generated.__all__)
    for name in models.__all__:
        assert getattr(models, name) is not None
    for name in generated.__all__:
        assert (getattr(generated, name).__doc__ or "").rstrip().endswith(".")


def test_models_load_without_httpx() -> None:
    """Neither models nor API functions need httpx, asyncio or pydantic until they are called."""
    code = (
        "import sys; before = set(sys.modules);"
        "from fingerprint_async_generated.models import EventSearch;"
        "EventSearch.from_json(b'{\"events\":[{}]}').events[0].identification;"
        "import fingerprint_async_generated.api.events.search_events;"
        "new = set(sys.modules) - before;"
        "print(sorted(new & {'httpx', 'asyncio', 'pydantic', 'cattrs', 'rich'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_is_preloaded_is_not_loaded_later(full_event: dict[str, Any]) -> None:
    """After `preload(EventSearch)` no read of an event imports or plans anything."""
    code = (
        "import sys, json, attrs; from fingerprint_async.models import EventSearch, Model, preload;"
        "from fingerprint_async._runtime import plan;"
        "preload(EventSearch); before = set(sys.modules), set(plan._plans);"
        "page = EventSearch.from_json(sys.stdin.read());"
        "walk = lambda v: [walk(getattr(v, f.name)) for f in attrs.fields(type(v))]"
        " if isinstance(v, Model) else [walk(i) for i in v] if isinstance(v, list) else v;"
        "walk(page); page.findings();"
        "print(sorted(set(sys.modules) - before[0]), set(plan._plans) - before[1])"
    )
    page = json.dumps({"events": [full_event]})
    done = subprocess.run(
        [sys.executable, "-c", code], input=page, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[] set()"
