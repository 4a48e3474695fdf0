"""Models: lossless, lenient, lazy; attrs classes in every respect that a caller sees."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fingerprint_async import models
from fingerprint_async.models import (
    UNSET,
    BotResult,
    EdgeRequest,
    EdgeRequestHeadersItem,
    Event,
    EventRuleActionAllow,
    EventRuleActionBlock,
    EventSearch,
    EventUpdate,
    Identification,
    Model,
    OpenStrEnum,
    ProximityPrecisionRadius,
    UnknownVariant,
    Unset,
)
from fingerprint_async_generated.errors import DecodeError, FingerprintError
from fingerprint_async_generated.types import Finding

if TYPE_CHECKING:
    from collections.abc import Callable

SLOW = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
MINIMAL = {"event_id": "1708102555327.NLOjmg", "timestamp": 1708102555327}


def page_of(*events: dict[str, Any], **rest: Any) -> bytes:
    """The bytes of a page."""
    return json.dumps({"events": events, **rest}).encode()


def touch(value: Any) -> None:
    """Read every field, at every depth."""
    if isinstance(value, Model):
        for field in attrs.fields(type(value)):
            touch(getattr(value, field.name))
    elif isinstance(value, list):
        for item in value:
            touch(item)


# Lossless


@SLOW
@given(data=st.data())
def test_what_comes_in_comes_out(data: st.DataObject, broken: Callable[[str], Any]) -> None:
    """`to_dict()` equals the JSON, whatever is wrong with it, before and after every field was read."""
    raw, _ = data.draw(broken("Event"))
    before = copy.deepcopy(raw)
    event = Event.from_dict(raw)
    assert before == event.to_dict()
    touch(event)
    repr(event)
    assert before == event.to_dict()
    assert before == attrs.evolve(event).to_dict()


@SLOW
@given(data=st.data())
def test_a_page_comes_out_as_it_came_in(data: st.DataObject, broken: Callable[[str], Any]) -> None:
    """A page's `to_dict()` equals its JSON, cut or whole, touched or not."""
    raw, _ = data.draw(broken("EventSearch"))
    text = json.dumps(raw)
    for document in (
        text,
        text.encode(),
        bytearray(text.encode()),
        json.dumps(raw, ensure_ascii=False).encode(),
    ):
        page = EventSearch.from_json(document)
        touch(page)
        assert raw == page.to_dict()
        assert EventSearch.from_dict(raw) == EventSearch.from_json(document)


@SLOW
@given(data=st.data())
def test_findings_are_exactly_what_is_wrong(data: st.DataObject, broken: Callable[[str], Any]) -> None:
    """Every difference from the schema is listed with its path and kind, and nothing else is."""
    raw, expected = data.draw(broken("Event"))
    found = Event.from_dict(raw).findings()
    assert expected == {(finding.path, finding.kind) for finding in found}
    assert len(expected) == len(found)


@SLOW
@given(data=st.data())
def test_strict_raises_for_all_but_unknown_fields(data: st.DataObject, broken: Callable[[str], Any]) -> None:
    """`strict=True` refuses what lenient decoding keeps, but lets fields pass that are newer than the schema."""
    raw, expected = data.draw(broken("Event"))
    grave = {finding for finding in expected if finding[1] != "unknown_field"}
    if not grave:
        assert raw == Event.from_dict(raw, strict=True).to_dict()
        return
    with pytest.raises(DecodeError) as caught:
        Event.from_json(json.dumps(raw), strict=True)
    assert grave == {(finding.path, finding.kind) for finding in caught.value.findings}


@SLOW
@given(data=st.data())
def test_valid_events_have_no_findings(data: st.DataObject, valid: Callable[[str], Any]) -> None:
    """What the schema allows passes strictly."""
    raw = data.draw(valid("Event"))
    assert Event.from_dict(raw, strict=True).findings() == ()


def test_every_field_of_the_schema_is_structured(full_event: dict[str, Any]) -> None:
    """An event with every field reads without loss: both the top and the depth are there as models."""
    event = Event.from_json(json.dumps(full_event), strict=True)
    assert event.velocity
    assert event.velocity.distinct_ip
    assert event.velocity.distinct_ip.five_minutes == 5
    assert event.raw_device_attributes
    assert event.raw_device_attributes.plugins
    assert event.raw_device_attributes.plugins[0].mime_types
    assert event.raw_device_attributes.plugins[0].mime_types[0].type == "text"
    assert event.labels
    assert event.labels[0].label == "text"
    assert event.device_details
    assert event.device_details.device_model == "text"
    touch(event)
    assert full_event == event.to_dict()


# Lenient


def test_a_value_of_the_wrong_type_costs_nothing_else() -> None:
    """A wrong value is handed out as it came; the rest of the event and of its page reads as ever."""
    wrong = {
        **MINIMAL,
        "identification": "none",
        "labels": {"label": 1},
        "bot": 5,
        "suspect": "yes",
        "rule_action": 5,
    }
    page = EventSearch.from_json(page_of(wrong, MINIMAL))
    assert page.events[0].identification == "none"
    assert page.events[0].labels == {"label": 1}
    assert page.events[0].bot == 5
    assert page.events[0].rule_action == 5
    assert page.events[0].suspect == "yes"
    assert page.events[1].event_id == MINIMAL["event_id"]
    assert len(page.findings()) == 5


def test_an_item_that_is_no_object_stays_in_the_page() -> None:
    """A page lists what came, objects or not."""
    page = EventSearch.from_json(page_of(MINIMAL, None, 5, "x", [1]))  # type: ignore[arg-type]
    assert page.events[1:] == [None, 5, "x", [1]]
    assert [("events", index) for index in (1, 2, 3, 4)] == [finding.path for finding in page.findings()]


def test_absent_null_and_false_are_three_things() -> None:
    """Absent is UNSET, null is None, false is False."""
    event = Event.from_dict({**MINIMAL, "suspect": None, "vpn": False})
    assert event.suspect is None
    assert event.vpn is False
    assert event.proxy is UNSET
    assert event.identification is UNSET
    assert not UNSET
    assert isinstance(event.proxy, Unset)


def test_a_required_field_that_is_missing_reads_as_unset() -> None:
    """An event without its id is still an event, and the finding says what is missing."""
    event = Event.from_dict({"timestamp": 1})
    assert event.event_id is UNSET
    assert [Finding(("event_id",), "missing_field", "a string", "nothing")] == list(event.findings())


def test_unknown_fields_are_at_hand() -> None:
    """A field that is newer than the schema is in `additional_properties`, in `to_dict()`, and in the repr."""
    event = Event.from_dict({**MINIMAL, "novel": {"a": 1}})
    assert event.additional_properties == {"novel": {"a": 1}}
    assert event.to_dict()["novel"] == {"a": 1}
    assert "novel={… 1}" in repr(event)


def test_no_name_in_the_json_shadows_a_method() -> None:
    """Fields named like our own attributes are unknown fields like any other."""
    raw = {
        **MINIMAL,
        "to_dict": 1,
        "findings": 2,
        "additional_properties": 3,
        "_fields_": 4,
        "_page_": 5,
        "_lazy": 6,
    }
    event = EventSearch.from_json(page_of(raw)).events[0]
    assert raw == event.to_dict()
    assert len(event.findings()) == 6
    assert event.additional_properties["additional_properties"] == 3
    assert event == pickle.loads(pickle.dumps(event))  # noqa: S301 -- our own bytes


@pytest.mark.parametrize(
    ("action", "variant"),
    [("allow", EventRuleActionAllow), ("block", EventRuleActionBlock)],
    ids=["allow", "block"],
)
def test_each_rule_action_is_its_own_model(action: str, variant: type[Model]) -> None:
    """The discriminator chooses the model."""
    event = Event.from_dict({**MINIMAL, "rule_action": {"type": action, "ruleset_id": "r"}})
    assert type(event.rule_action) is variant
    assert event.rule_action
    assert event.rule_action.type == action


@pytest.mark.parametrize(
    "action", [{"type": "challenge", "ruleset_id": "r"}, {"ruleset_id": "r"}, {"type": 5}]
)
def test_an_unknown_rule_action_is_kept(action: dict[str, Any]) -> None:
    """A kind of action that nobody knows is the object as it came, its keys readable as attributes."""
    event = EventSearch.from_json(page_of({**MINIMAL, "rule_action": action})).events[0]
    assert isinstance(event.rule_action, UnknownVariant)
    assert action == event.rule_action
    assert event.rule_action.ruleset_id == action.get("ruleset_id", UNSET)
    assert "UnknownVariant({" in repr(event.rule_action)
    assert [finding.kind for finding in event.findings()] == ["unknown_variant"]
    assert event.rule_action == copy.deepcopy(event.rule_action)


def test_an_unknown_enum_value_equals_its_string() -> None:
    """A new value is kept, is its string to every comparison and hash, and says that it is unknown."""
    event = Event.from_dict({**MINIMAL, "bot": "ugly"})
    assert event.bot == "ugly"
    assert event.bot
    assert {"ugly": 1}[event.bot] == 1
    assert not event.bot.is_known
    assert str(event.bot) == event.bot.value == "ugly"
    assert repr(event.bot) == "<BotResult: unknown 'ugly'>"
    assert isinstance(event.bot, BotResult)
    for twin in (pickle.loads(pickle.dumps(event.bot)), copy.deepcopy(event.bot)):  # noqa: S301 -- our own bytes
        assert twin == "ugly"
        assert isinstance(twin, BotResult)
    assert "ugly" not in [member.value for member in BotResult]
    assert BotResult("bad") is BotResult.BAD
    assert BotResult.BAD.is_known
    assert repr(BotResult.BAD) == "<BotResult.BAD: 'bad'>"
    with pytest.raises(ValueError, match="5 is not a valid BotResult"):
        BotResult(5)


def test_an_unknown_number_of_an_enum_equals_its_number() -> None:
    """Integer enums are as open as those of strings."""
    event = Event.from_dict({**MINIMAL, "proximity": {"id": "z", "precision_radius": 7, "confidence": 1}})
    assert event.proximity
    radius = event.proximity.precision_radius
    assert radius == 7
    assert not radius.is_known
    assert repr(radius) == "<ProximityPrecisionRadius: unknown 7>"
    assert repr(ProximityPrecisionRadius(25)) == "<ProximityPrecisionRadius.VALUE_25: 25>"
    assert radius == pickle.loads(pickle.dumps(radius))  # noqa: S301 -- our own bytes
    for wrong in ("7", True):
        with pytest.raises(ValueError, match="not a valid"):
            ProximityPrecisionRadius(wrong)


# JSON


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b'{"events":[{]}',
        b'{"events":[{"a":tru}]}',
        b'{"events":[]}x',
        b'{"events":[{"a":"\xff"}]}',
        b"\xef\xbb\xbf{}",
    ],
)
def test_what_is_no_json_is_refused_at_once(text: bytes) -> None:
    """Malformed JSON or UTF-8 anywhere in a page raises when the page is read, not when its event is."""
    with pytest.raises(DecodeError, match="not JSON"):
        EventSearch.from_json(text)
    with pytest.raises(DecodeError):
        Event.from_json(text)


@pytest.mark.parametrize("text", ["[]", "5", '"x"', "null", "true", "1.5"])
def test_what_is_no_object_is_refused(text: str) -> None:
    """A model is read from a JSON object."""
    for read in (Event.from_json, EventSearch.from_json):
        with pytest.raises(DecodeError, match="is read from a JSON object, not from"):
            read(text)
    with pytest.raises(DecodeError, match="from array"):
        Event.from_dict([1])  # type: ignore[arg-type]


def test_json_that_is_nested_beyond_reason_is_refused() -> None:
    """Depth is an error, not a crash."""
    with pytest.raises(DecodeError):
        EventSearch.from_json(b'{"events":' + b"[" * 100_000 + b"]" * 100_000 + b"}")


def test_odd_json_is_kept_without_loss() -> None:
    """Numbers that no float holds, very long integers and lone surrogates are JSON, and cost neither event nor page."""
    event = b'{"event_id":"1","timestamp":1,"tags":{"a":1e999,"b":%b,"c":"\\ud800","d":1.5,"e":12345678901234567890}}'
    text = event % (b"9" * 5000)
    page = EventSearch.from_json(b'{"events":[' + text + b"," + text.replace(b"\\ud800", b"x") + b"]}")
    for item in [
        *page.events,
        EventSearch.from_json(b'{"events":[' + text.replace(b"\\ud800", b"x") + b"]}").events[0],
    ]:
        tags = item.tags
        assert tags
        assert str(tags["a"]) == "1E+999"
        assert f"{tags['b']:f}" == "9" * 5000
        assert tags["c"] in {"\ud800", "x"}
        assert tags["d"] == 1.5
        assert tags["e"] == 12345678901234567890
    with pytest.raises(DecodeError):
        Event.from_json(b'{"tags":{"a":NaN}}')


@SLOW
@given(
    data=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["events", "event_id", "rule_action", "type", "a"]), inner)
        ),
        max_leaves=30,
    )
    | st.binary()
)
def test_any_document_is_read_as_it_is_or_refused(data: Any) -> None:
    """Whatever the bytes: they come out as they are, or it is a DecodeError."""
    text = data if isinstance(data, bytes) else json.dumps(data).encode()
    for model in (Event, EventSearch):
        try:
            read = model.from_json(text)
        except DecodeError:
            continue
        touch(read)
        read.findings()
        assert json.loads(text) == read.to_dict()


def test_a_page_with_fields_that_are_new_is_still_cut() -> None:
    """The first page with unknown fields around the events is read whole; from then on such pages are cut too."""
    text = page_of(MINIMAL, novel={"a": 1}, total_hits=3)
    first, second = EventSearch.from_json(text), EventSearch.from_json(text)
    assert type(first.events[0]) is Event
    assert type(second.events[0]) is not Event
    assert second.events[0].event_id == MINIMAL["event_id"]
    assert type(second.events[0]) is Event
    assert first == second
    assert second.additional_properties == {"novel": {"a": 1}}


def test_an_item_of_a_page_is_decoded_when_it_is_first_read() -> None:
    """Until then it holds its own bytes only, whatever becomes of the page; any touch makes a plain event of it."""
    text = page_of(MINIMAL)
    for use in (repr, copy.copy, pickle.dumps, lambda event: event == Event(**MINIMAL), Event.to_dict):
        event = EventSearch.from_json(text).events[0]
        assert isinstance(event, Event)
        use(event)
        assert type(event) is Event
        assert event == Event.from_dict(MINIMAL)
        assert Event.from_dict(MINIMAL) == event


@SLOW
@given(data=st.data())
def test_an_item_reads_the_same_in_any_order(data: st.DataObject, broken: Callable[[str], Any]) -> None:
    """Scalars first, lists and objects first, or the JSON first: an item of a page is what `from_dict` makes of it."""
    raw, _ = data.draw(broken("Event"))
    raw = raw if isinstance(raw, dict) else {}
    names = data.draw(st.permutations(list(Event._fields_)))
    whole_after = data.draw(st.integers(0, len(names)))
    event, reference = EventSearch.from_json(page_of(raw)).events[0], Event.from_dict(raw)
    for index, name in enumerate(names):
        if index == whole_after:
            assert reference.findings() == event.findings()
        assert getattr(reference, name) == getattr(event, name)
        assert type(getattr(reference, name)) is type(getattr(event, name))
    assert raw == event.to_dict()
    assert list(raw) == list(event.to_dict())


@pytest.mark.parametrize(
    "text",
    [
        b'{"event_id":"1","event_id":"2","tags":{"a":1},"tags":{"b":1},"timestamp":1}',
        b'{"event_id":"1","timestamp":1e999,"identification":{"visitor_id":1e999}}',
        b'{"event_id":"1","timestamp":1,"novel":1e999,"url":[1e999],"bot":{"a":[1]}}',
        b'{"event_id":"1","timestamp":1,"":{"a":1},"to_dict":[1],"__class__":{"a":2},"suspect":[{"a":3}]}',
        b'{"event\\u005fid":"1","timestamp":12345678901234567890123,"url":"\xc3\xa9\\u00e9"}',
        b'{"event_id":"1","timestamp":1,"identification":{"visitor_id":1e999},"tags":{"a":1}}',
        b' { "event_id" : "1" , "timestamp" : 1 } ',
        b"{}",
    ],
)
def test_odd_items_read_the_same_scalar_by_scalar(text: bytes) -> None:
    """Repeated keys, wide numbers, scalars that are none, escaped and empty names: bytes, scalars and whole agree."""
    whole = Event.from_json(text)
    for name in Event._fields_:
        event = EventSearch.from_json(b'{"events":[%b]}' % text).events[0]
        assert getattr(whole, name) == getattr(event, name)
        after_id = EventSearch.from_json(b'{"events":[%b]}' % text).events[0]
        assert whole.event_id == after_id.event_id
        assert getattr(whole, name) == getattr(after_id, name)
        assert whole == after_id
        assert whole == event
        assert whole.findings() == event.findings()
        assert whole.additional_properties == event.additional_properties


def test_whatever_asks_for_more_than_scalars_gets_all() -> None:
    """`vars()`, unknown names, unbound methods and comparisons see the whole JSON of an item whose scalars were read."""
    raw = {**MINIMAL, "identification": {"visitor_id": "v"}, "novel": [1]}
    for more in (
        lambda event: vars(event) == raw,
        lambda event: Event.to_dict(event) == raw,
        lambda event: event == Event.from_dict(raw),
        lambda event: event.additional_properties == {"novel": [1]},
        lambda event: copy.copy(event).to_dict() == raw,
        lambda event: event.novel == [1],
        lambda event: not hasattr(event, "unheard_of"),
    ):
        for first in ("event_id", "__class__"):
            event = EventSearch.from_json(page_of(raw)).events[0]
            assert getattr(event, first) in (MINIMAL["event_id"], Event)
            assert more(event)


def test_an_item_is_an_event_to_every_check() -> None:
    """`isinstance`, `__class__`, the name of its type and the fields say so, before anything of it is read."""
    event = EventSearch.from_json(page_of(MINIMAL)).events[0]
    assert not isinstance(event, list)
    assert isinstance(event, Event)
    assert event.__class__ is Event
    assert type(event).__qualname__ == Event.__qualname__
    assert attrs.fields_dict(type(event)).keys() == attrs.fields_dict(Event).keys()
    assert type(event) is not Event
    assert event.timestamp == MINIMAL["timestamp"]
    assert type(event) is Event


def test_an_item_can_be_woken_twice() -> None:
    """A thread that finds an item just woken by another reads it as it is."""
    event = EventSearch.from_json(page_of(MINIMAL)).events[0]
    sleeper = type(event)
    assert event.timestamp == MINIMAL["timestamp"]
    assert sleeper.__getattribute__(event, "timestamp") == MINIMAL["timestamp"]


# attrs


def test_models_are_attrs_classes() -> None:
    """`attrs.fields` lists the fields with their types and which are required; `attrs.asdict` walks them."""
    fields = attrs.fields_dict(Event)
    assert fields["event_id"].default is attrs.NOTHING
    assert fields["suspect"].default is UNSET
    assert fields["suspect"].type == "bool | Unset"
    assert all(field.kw_only for field in fields.values())
    assert attrs.has(Event)
    assert attrs.asdict(Identification(visitor_id="v", visitor_found=True))["visitor_id"] == "v"


def test_a_model_can_be_built_by_keywords() -> None:
    """What is given is sent; what is not given is not. Null and false are given."""
    assert EventUpdate(suspect=False).to_dict() == {"suspect": False}
    assert EventUpdate(suspect=None).to_dict() == {"suspect": None}  # type: ignore[arg-type]
    assert EventUpdate().to_dict() == {}
    request = EdgeRequest(
        headers=[EdgeRequestHeadersItem(name="A", value="b")],
        method="GET",
        url="https://x.test",
        tags={"a": [1]},
    )
    assert request.headers[0].name == "A"
    assert request.to_dict() == {
        "headers": [{"name": "A", "value": "b"}],
        "method": "GET",
        "url": "https://x.test",
        "tags": {"a": [1]},
    }
    event = Event(event_id="1", timestamp=1, bot=BotResult.BAD, additional_properties={"novel": 1})
    assert event.to_dict() == {"event_id": "1", "timestamp": 1, "bot": "bad", "novel": 1}
    assert type(event.to_dict()["bot"]) is str
    assert event.bot is BotResult.BAD


def test_a_constructor_says_what_it_misses() -> None:
    """A missing or unknown keyword is a TypeError that names it."""
    with pytest.raises(TypeError, match="needs the keyword argument 'timestamp'"):
        Event(event_id="1")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="EventUpdate\\(\\) has no field 'suspekt'"):
        EventUpdate(suspekt=True)  # type: ignore[call-arg]


def test_models_are_frozen() -> None:
    """Neither a scalar nor a model can be set or deleted, nor a method replaced."""
    event = Event.from_dict({**MINIMAL, "identification": {"visitor_id": "v"}})
    for name in ("event_id", "identification", "suspect", "novel", "to_dict"):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(event, name, 1)
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            delattr(event, name)
    with pytest.raises(AttributeError, match="to_dict"):
        object.__setattr__(event, "to_dict", 1)


def test_evolve_changes_one_field_and_keeps_the_rest() -> None:
    """`attrs.evolve` gives a new model; unknown fields stay."""
    event = Event.from_dict(
        {**MINIMAL, "novel": 1, "identification": {"visitor_id": "v", "visitor_found": True}}
    )
    changed = attrs.evolve(event, suspect=True)
    assert changed.to_dict() == {**event.to_dict(), "suspect": True}
    assert "suspect" not in event.to_dict()
    assert changed.identification == event.identification


def test_models_compare_by_content() -> None:
    """Equal JSON of the same model is equal, unknown fields included; models of two kinds never are."""
    assert Event.from_dict(dict(MINIMAL)) == Event(**MINIMAL)  # type: ignore[arg-type]
    assert Event.from_dict(MINIMAL) != Event.from_dict({**MINIMAL, "novel": 1})
    assert EventUpdate() != Identification.from_dict({})
    assert EventUpdate() != {}
    with pytest.raises(TypeError, match="unhashable"):
        hash(Event.from_dict(MINIMAL))


@pytest.mark.parametrize("twin", [copy.copy, copy.deepcopy, lambda event: pickle.loads(pickle.dumps(event))])  # noqa: S301
def test_copies_are_equal(twin: Callable[[Event], Event], full_event: dict[str, Any]) -> None:
    """Copies and pickles of an event equal it, read or not."""
    event = Event.from_dict(full_event)
    assert event == twin(event)
    touch(event)
    assert event == twin(event)
    assert type(twin(event)) is Event


def test_a_repr_is_short() -> None:
    """A repr shows what is set, and of what is deep or long only that it is there."""
    event = Event.from_dict(
        {
            **MINIMAL,
            "url": "x" * 500,
            "tags": {"a": 1},
            "labels": [{"label": "a"}],
            "identification": {},
            "suspect": None,
        }
    )
    assert repr(event) == (
        "Event(event_id='1708102555327.NLOjmg', timestamp=1708102555327, identification=Identification(…),"
        f" labels=[… 1], suspect=None, tags={{… 1}}, url={'x' * 80!r}…)"
    )
    assert repr(Event.from_dict({**MINIMAL, "labels": [], "tags": {}})).endswith("labels=[], tags={})")


def test_an_attribute_that_nobody_knows_is_an_attribute_error() -> None:
    """A misspelt name is an error, not UNSET."""
    for event in (Event.from_dict(MINIMAL), EventSearch.from_json(page_of(MINIMAL)).events[0]):
        with pytest.raises(AttributeError, match="'Event' object has no attribute 'vistor'"):
            event.vistor  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(AttributeError):
        UnknownVariant().__novel__  # noqa: B018


def test_a_mapping_of_another_type_is_taken() -> None:
    """Any mapping is read; ours is a copy then."""
    from types import MappingProxyType

    assert Event.from_dict(MappingProxyType(MINIMAL)) == Event.from_dict(MINIMAL)


# Findings


def test_a_finding_says_where_and_what_without_the_value() -> None:
    """A finding reads as a line, has a JSON pointer, and holds no value."""
    raw = {
        **MINIMAL,
        "bot": "secret",
        "a/b~c": "secret",
        "suspect": "secret",
        "rule_action": {"type": "secret"},
    }
    raw |= {"sdk": {"platform": "js"}, "labels": 5, "ip_info": []}
    lines = [str(finding) for finding in Event.from_dict(raw).findings()]
    assert lines == [
        "/bot: unknown enum value, string where BotResult was expected",
        "/a~1b~0c: unknown field, string",
        "/suspect: wrong type, string where a boolean was expected",
        "/rule_action: unknown variant, object where EventRuleActionAllow or EventRuleActionBlock was expected",
        "/sdk/version: missing, expected a string",
        "/labels: wrong type, integer where a list of LabelsItem was expected",
        "/ip_info: wrong type, array where IPInfo was expected",
    ]
    assert "secret" not in "".join(lines)
    assert str(Finding((), "wrong_type", "an object", "array")).startswith("(the whole object): wrong type")


def test_a_decode_error_can_be_pickled() -> None:
    """A strict error crosses process borders with its findings, and says how many there are."""
    with pytest.raises(
        DecodeError, match=r"differs from the schema: /event_id: missing.* \(and 1 more\)"
    ) as caught:
        Event.from_dict({}, strict=True)
    twin = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 -- our own bytes
    assert caught.value.findings == twin.findings
    assert isinstance(twin, FingerprintError)
    assert isinstance(twin, ValueError)


# Names


def test_every_model_is_public_and_documented() -> None:
    """`fingerprint_async.models` has every class there is, each with words of its own."""
    import fingerprint_async_generated.models as generated

    assert set(generated.__all__) <= set(models.__all__)
    assert set(models.__all__) <= set(dir(models))
    assert sorted(generated.__all__) == dir(generated)
    for name in models.__all__:
        assert getattr(models, name) is not None
    for name in generated.__all__:
        assert getattr(generated, name) is getattr(models, name)
        assert (getattr(generated, name).__doc__ or "").endswith(".")
    for module in (models, generated):
        with pytest.raises(AttributeError, match="Evnt"):
            module.Evnt  # noqa: B018


def test_models_load_without_httpx() -> None:
    """Models need neither httpx nor the API functions; the API functions need httpx only when called."""
    code = (
        "import sys; from fingerprint_async_generated.models.event_search import EventSearch;"
        "EventSearch.from_json(b'{\"events\":[{}]}').events[0].identification;"
        "import fingerprint_async_generated.api.events.search_events, fingerprint_async_generated;"
        "fingerprint_async_generated.AuthenticatedClient;"
        "assert not hasattr(fingerprint_async_generated, 'Nope');"
        "print([m for m in ('httpx', 'asyncio', 'openapi_python_client') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_page_can_be_read_by_many_threads() -> None:
    """Threads that read one page at once all see all of it."""
    from concurrent.futures import ThreadPoolExecutor

    raw = {**MINIMAL, "identification": {"visitor_id": "v"}}
    with ThreadPoolExecutor(8) as pool:
        for _ in range(20):
            page = EventSearch.from_json(page_of(*[raw] * 20))
            reads = [
                pool.submit(
                    lambda page=page: (page.to_dict(), [e.identification.visitor_id for e in page.events])
                )
                for _ in range(8)
            ]
            assert all(read.result() == ({"events": [raw] * 20}, ["v"] * 20) for read in reads)


def test_what_is_preloaded_is_not_loaded_later(full_event: dict[str, Any]) -> None:
    """After `preload(EventSearch)` no read of an event imports anything."""
    code = (
        "import sys, json, attrs; from fingerprint_async.models import EventSearch, Model, preload; preload(EventSearch);"
        "before = set(sys.modules);"
        "page = EventSearch.from_json(sys.stdin.read());"
        "walk = lambda v: [walk(getattr(v, n)) for n in v._fields_] if isinstance(v, Model) else"
        " [walk(i) for i in v] if isinstance(v, list) else v;"
        "walk(page); page.findings(); print(sorted(set(sys.modules) - before))"
    )
    page = json.dumps({"events": [full_event]})
    done = subprocess.run(
        [sys.executable, "-c", code], input=page, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_unset_is_one_object() -> None:
    """UNSET survives pickling and copying as itself."""
    assert pickle.loads(pickle.dumps(UNSET)) is UNSET  # noqa: S301 -- our own bytes
    assert copy.deepcopy(UNSET) is UNSET
    assert repr(UNSET) == "UNSET"


def test_enums_are_open() -> None:
    """Every generated string enum is an `OpenStrEnum`."""
    import fingerprint_async_generated.models as generated

    enums = [getattr(generated, name) for name in generated.__all__]
    assert all(issubclass(each, Model | OpenStrEnum | ProximityPrecisionRadius) for each in enums)
