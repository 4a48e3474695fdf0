"""Models with libraries of others: whatever takes an attrs class takes ours.

Each test runs for an event of a page that nobody has read, one that was read, one from
`from_json`, and one from the constructor.
"""

from __future__ import annotations

import copy
import dataclasses
import gc
import inspect
import io
import json
import pickle
import pprint
import pydoc
import typing
import weakref
from typing import TYPE_CHECKING, Any

import attrs
import msgspec
import pytest

from fingerprint_async import models
from fingerprint_async.models import (
    BotResult,
    Confidence,
    Event,
    EventRuleActionBlock,
    EventSearch,
    Identification,
    IdentificationConfidence,
    LabelsItem,
    Model,
    UnknownVariant,
    VpnMethods,
)

if TYPE_CHECKING:
    from collections.abc import Callable

PERSONAL = "personal-data"
RAW: dict[str, Any] = {
    "event_id": "1708102555327.NLOjmg",
    "timestamp": 1708102555327,
    "bot": "bad",
    "identification": {
        "visitor_found": True,
        "visitor_id": PERSONAL,
        "confidence": {"score": 0.5},
    },
    "ip_address": PERSONAL,
    "labels": [{"label": "bonus", "ml_score": 0.25, "prediction": False}],
    "linked_id": PERSONAL,
    "rule_action": {"ruleset_id": "r", "type": "block"},
    "suspect_score": 0,
    "tags": {"mail": PERSONAL, "list": [1, None]},
    "url": f"https://shop.test/?token={PERSONAL}",
    "vpn": False,
    "vpn_confidence": "unheard of",
    "vpn_methods": {
        "timezone_mismatch": True,
        "public_vpn": False,
        "auxiliary_mobile": False,
        "os_mismatch": False,
        "relay": False,
    },
}


def of_a_page() -> Event:
    """One of a page, not yet read."""
    return EventSearch.from_json(json.dumps({"events": [RAW, RAW]})).events[1]


def of_a_page_and_read() -> Event:
    """One of a page whose fields were all read."""
    event = of_a_page()
    for field in attrs.fields(Event):
        getattr(event, field.name)
    return event


def of_json() -> Event:
    """One of its own JSON."""
    return Event.from_json(json.dumps(RAW))


def of_the_constructor() -> Event:
    """One that was made by keywords."""
    return Event(
        event_id="1708102555327.NLOjmg",
        timestamp=1708102555327,
        bot=BotResult.BAD,
        identification=Identification(
            visitor_found=True,
            visitor_id=PERSONAL,
            confidence=IdentificationConfidence(score=0.5),
        ),
        ip_address=PERSONAL,
        labels=[LabelsItem(label="bonus", ml_score=0.25, prediction=False)],
        linked_id=PERSONAL,
        rule_action=EventRuleActionBlock(ruleset_id="r", type="block"),
        suspect_score=0,
        tags={"mail": PERSONAL, "list": [1, None]},
        url=f"https://shop.test/?token={PERSONAL}",
        vpn=False,
        vpn_confidence="unheard of",
        vpn_methods=VpnMethods(**RAW["vpn_methods"]),
    )


WAYS = [of_a_page, of_a_page_and_read, of_json, of_the_constructor]


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def make(request: pytest.FixtureRequest) -> Callable[[], Event]:
    """Make an event, in each way there is."""
    way: Callable[[], Event] = request.param
    return way


@pytest.fixture
def event(make: Callable[[], Event]) -> Event:
    """An event that was made in each way there is."""
    return make()


def present(value: Any) -> Any:
    """Drop what is None or empty, as every field is there in a dump of fields."""
    if isinstance(value, dict):
        kept = {key: present(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item not in (None, {})}
    return [present(item) for item in value] if isinstance(value, list) else value


WANTED = present(RAW)


# The standard library


def test_attrs_describes_it() -> None:
    """`fields`, `has`, `resolve_types`: names, types, and defaults where not required."""
    assert attrs.has(Event)
    fields = attrs.fields_dict(attrs.resolve_types(Event))
    assert fields["event_id"].type is str
    assert fields["event_id"].default is attrs.NOTHING
    assert fields["bot"].type == BotResult | str | None
    assert fields["bot"].default is None
    assert all(field.kw_only for field in fields.values())
    assert set(fields) == set(typing.get_type_hints(Event))
    for name in models.__all__:
        found = getattr(models, name)
        if isinstance(found, type) and issubclass(found, Model):
            attrs.resolve_types(found)
            assert found.__dictoffset__ == 0, f"{name} has no __dict__"


def test_attrs_walks_it(event: Event) -> None:
    """`asdict`, `astuple`, `validate`, `evolve` and filters read every field."""
    assert present(attrs.asdict(event)) == WANTED
    assert present(RAW) == present(json.loads(json.dumps(attrs.asdict(event))))
    assert list(attrs.asdict(event)) == [field.name for field in attrs.fields(Event)]
    assert attrs.astuple(event)[1:3] == (RAW["event_id"], RAW["timestamp"])
    chosen = attrs.asdict(event, filter=attrs.filters.include("bot", "vpn"))
    assert chosen == {"bot": "bad", "vpn": False}
    attrs.validate(event)
    changed = attrs.evolve(event, suspect=True)
    assert changed.to_dict() == {**RAW, "suspect": True}
    assert "suspect" not in event


def test_typing_reads_its_annotations() -> None:
    """Every model's hints resolve, and say what the fields are."""
    hints = typing.get_type_hints(Event)
    assert hints["identification"] == Identification | None
    assert hints["labels"] == list[LabelsItem] | None
    assert hints["vpn_confidence"] == Confidence | str | None
    assert typing.get_type_hints(EventRuleActionBlock)["type"] == typing.Literal["block"]
    assert not {name for name in hints if name.startswith("_")}


def test_inspect_shows_its_signature() -> None:
    """Every field is a keyword, with its annotation and default."""
    parameters = inspect.signature(Event).parameters
    assert list(parameters) == [field.name for field in attrs.fields(Event)]
    assert all(each.kind is inspect.Parameter.KEYWORD_ONLY for each in parameters.values())
    assert parameters["event_id"].default is inspect.Parameter.empty
    assert parameters["bot"].default is None
    assert parameters["bot"].annotation == "BotResult | str | None"


def test_help_shows_its_fields() -> None:
    """`help` has the words of each field, and none of what it must not."""
    text = pydoc.plain(pydoc.render_doc(Event))
    for field in attrs.fields(Event):
        assert f"{field.name}: " in text
    assert "Whether a bot was found, and of which kind" in text
    assert "One identification or edge event" in text


def test_dataclasses_take_it(event: Event) -> None:
    """`fields`, `asdict`, `replace`: also what takes dataclasses only takes it."""
    assert dataclasses.is_dataclass(event)
    assert [field.name for field in dataclasses.fields(event)] == [
        field.name for field in attrs.fields(Event)
    ]
    assert present(dataclasses.asdict(event)) == WANTED
    assert dataclasses.replace(event, suspect=True).to_dict() == {**RAW, "suspect": True}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickle_takes_it(event: Event, protocol: int) -> None:
    """Every protocol; alone, in a page, and in other containers."""
    for value in (event, [event, event], {"a": event}, EventSearch(events=[event])):
        twin = pickle.loads(pickle.dumps(value, protocol))  # noqa: S301 - our own bytes
        assert twin == value
    assert pickle.loads(pickle.dumps(event, protocol)).to_dict() == RAW  # noqa: S301


def test_copy_takes_it(event: Event) -> None:
    """`copy`, `deepcopy` and, from Python 3.13, `copy.replace`."""
    for twin in (copy.copy(event), copy.deepcopy(event), event.__replace__()):
        assert type(twin) is Event
        assert twin == event
        assert twin is not event
        assert twin.to_dict() == RAW
    assert copy.deepcopy(event).tags is not event.tags
    replace = getattr(copy, "replace", lambda value, **changes: value.__replace__(**changes))
    assert replace(event, suspect=True).to_dict() == {**RAW, "suspect": True}
    with pytest.raises(TypeError, match="suspekt"):
        replace(event, suspekt=True)


def test_weakref_takes_it(event: Event) -> None:
    """A weak reference dies with its event."""
    reference = weakref.ref(event)
    assert reference() is event
    kept = weakref.WeakValueDictionary({"a": of_json()})
    gc.collect()
    assert "a" not in kept


def test_match_takes_it(event: Event) -> None:
    """Classes, fields, enum members and the open rest of an enum can be matched."""
    match event:
        case Event(bot=BotResult.BAD, identification=Identification(visitor_id=visitor_id)):
            assert visitor_id == PERSONAL
        case _:
            pytest.fail("no match")
    match event.vpn_confidence:
        case Confidence():
            pytest.fail("an unknown value is no member")
        case str(value):
            assert value == "unheard of"
    match event.rule_action:
        case EventRuleActionBlock(type="block", ruleset_id=ruleset_id):
            assert ruleset_id == "r"
        case _:
            pytest.fail("no match")


def test_its_type_is_its_class(event: Event) -> None:
    """`type`, `isinstance` and `__class__` agree, before and after anything is read."""
    for _ in range(2):
        assert type(event) is event.__class__ is Event
        assert isinstance(event, Event)
        assert event.event_id


def test_json_takes_what_it_gives(event: Event) -> None:
    """`to_dict()` and `asdict` are JSON, an absent field is null and never a sentinel."""
    assert json.loads(json.dumps(event.to_dict())) == RAW
    assert json.loads(event.to_json()) == RAW
    assert json.loads(json.dumps({"proxy": event.proxy, "score": event.suspect_score})) == {
        "proxy": None,
        "score": 0,
    }


# Serialisers


def test_msgspec_takes_it(event: Event) -> None:
    """Its JSON, MessagePack and builtins have every field."""
    assert present(msgspec.json.decode(msgspec.json.encode({"e": event}))["e"]) == WANTED
    assert present(msgspec.msgpack.decode(msgspec.msgpack.encode(event))) == WANTED
    assert present(msgspec.to_builtins([event])[0]) == WANTED


def test_orjson_takes_it(event: Event) -> None:
    """Its JSON has every field; what is absent is null."""
    orjson = pytest.importorskip("orjson")
    assert present(orjson.loads(orjson.dumps({"e": [event]}))["e"][0]) == WANTED
    assert orjson.dumps({"proxy": event.proxy}) == b'{"proxy":null}'


def test_cattrs_unstructures_it(event: Event) -> None:
    """Without any set-up: its fields."""
    cattrs = pytest.importorskip("cattrs")
    assert present(json.loads(json.dumps(cattrs.unstructure(event)))) == WANTED


def test_cattrs_structures_it(event: Event) -> None:
    """With `configure_converter`, both ways and without loss, also inside classes of others."""
    cattrs = pytest.importorskip("cattrs")
    converter = cattrs.Converter()
    models.configure_converter(converter)

    @attrs.define
    class Alert:
        event: Event
        more: list[Event]
        none: Event | None = None

    alert = Alert(event, [event])
    data = converter.unstructure(alert)
    assert data == {"event": RAW, "more": [RAW], "none": None}
    assert converter.structure(data, Alert) == alert
    assert converter.structure(RAW, Event).bot is BotResult.BAD
    assert converter.structure(event, Event) is event
    odd = {"event_id": 5, "unheard_of": {"a": None}, "vpn": None}
    assert converter.unstructure(converter.structure(odd, Event)) == odd


# What shows values


def test_what_shows_it_shows_nothing_about_people(event: Event) -> None:
    """`repr`, `str`, `format`, `pprint` and `rich` leave people out; `to_dict` has all."""
    rich_console = pytest.importorskip("rich.console")
    out = io.StringIO()
    console = rich_console.Console(file=out, width=40)
    rows = [event, [event], {"event": event}, event.identification, event.tags is None]
    for row in rows:
        console.print(row)
    shown = [repr(event), str(event), f"{event}", pprint.pformat([event], width=20)]
    shown.append(out.getvalue())
    for text in shown:
        assert RAW["event_id"] in text
        assert PERSONAL not in text
        assert "BotResult.BAD" in text
    assert PERSONAL in json.dumps(event.to_dict())


def test_what_is_of_a_wrong_type_is_not_shown() -> None:
    """A value that the schema does not know, or of another type, may be about people."""
    rich_console = pytest.importorskip("rich.console")
    raw = {name: PERSONAL for name in RAW if name not in {"event_id", "bot", "vpn_confidence"}}
    raw |= {"unheard_of": PERSONAL, "event_id": "1", "labels": [PERSONAL]}
    raw["rule_action"] = {"type": "new", "what": PERSONAL}  # type: ignore[assignment]
    for event in (Event.from_dict(raw), EventSearch.from_dict({"events": [raw]}).events[0]):
        out = io.StringIO()
        rich_console.Console(file=out, width=10).print(event, event.rule_action)
        for text in (repr(event), out.getvalue(), str(event.findings()), repr(event.rule_action)):
            assert PERSONAL not in text


# pydantic and FastAPI


def test_pydantic_takes_it(event: Event) -> None:
    """As a field, in a list, a union and a dict; validated, dumped and copied without loss."""
    pydantic = pytest.importorskip("pydantic")

    class Alert(pydantic.BaseModel):  # type: ignore[name-defined, misc]
        event: Event
        events: list[Event] = pydantic.Field(default_factory=list)
        by_name: dict[str, Event] = pydantic.Field(default_factory=dict)
        perhaps: Event | int | None = None
        variant: UnknownVariant | None = None

    alert = Alert(event=event, events=[event], by_name={"a": event}, perhaps=event)
    assert alert.event is event
    dumped = alert.model_dump()
    assert dumped["event"] == dumped["events"][0] == dumped["perhaps"] == RAW
    assert Alert.model_validate(dumped) == alert
    assert Alert.model_validate_json(alert.model_dump_json()) == alert
    assert alert.model_copy(deep=True) == alert
    assert json.loads(alert.model_dump_json())["by_name"] == {"a": RAW}
    variant = Alert(event=event, variant={"type": "x"}).variant
    assert isinstance(variant, UnknownVariant)
    adapter = pydantic.TypeAdapter(list[Event])
    assert adapter.validate_json(adapter.dump_json([event])) == [event]


def test_pydantic_is_as_lenient_as_we_are() -> None:
    """What differs from the schema is kept as it came; what is no object is an error without it."""
    pydantic = pytest.importorskip("pydantic")

    class Alert(pydantic.BaseModel):  # type: ignore[name-defined, misc]
        model_config = pydantic.ConfigDict(hide_input_in_errors=True)
        event: Event

    odd = {"event_id": 5, "bot": "new", "labels": "x", "unheard_of": {"a": None}}
    alert = Alert(event=odd)
    assert alert.event.to_dict() == alert.model_dump()["event"] == odd
    assert len(alert.event.findings()) == 5
    for wrong in (PERSONAL, [PERSONAL], 5, None, {"tags": {PERSONAL}}, {5: PERSONAL}):
        with pytest.raises(pydantic.ValidationError) as caught:
            Alert(event=wrong)
        assert PERSONAL not in str(caught.value)
        with pytest.raises(pydantic.ValidationError) as caught:
            pydantic.TypeAdapter(Event).validate_python(wrong)
        assert PERSONAL not in json.dumps(caught.value.errors(include_input=False), default=str)


def test_pydantic_describes_it() -> None:
    """The JSON schema names each field by its name in the JSON, once a model, in both modes."""
    pydantic = pytest.importorskip("pydantic")
    for mode in ("validation", "serialization"):
        schema = pydantic.TypeAdapter(EventSearch).json_schema(mode=mode)
        event = schema["$defs"]["Event"]
        assert set(event["properties"]) == {
            name for name in attrs.fields_dict(Event) if name != "additional_properties"
        }
        assert event["required"] == ["event_id", "timestamp"]
        assert event["description"].startswith("One identification or edge event")
        assert event["additionalProperties"] is True
        bot = event["properties"]["bot"]["anyOf"]
        assert bot == [{"$ref": "#/$defs/BotResult"}, {"type": "string"}, {"type": "null"}]
        assert "5_minutes" in schema["$defs"]["VelocityData"]["properties"]
        action = event["properties"]["rule_action"]["anyOf"]
        assert {"$ref": "#/$defs/EventRuleActionBlock"} in action
        assert all("__" not in name for name in schema["$defs"])


def test_pydantic_describes_what_leads_back_to_itself() -> None:
    """A model within itself is a reference."""
    pydantic = pytest.importorskip("pydantic")
    adapter = pydantic.TypeAdapter(Tree)
    schema = adapter.json_schema()
    assert schema["$defs"]["Tree"]["properties"]["left"]["anyOf"][0] == {"$ref": "#/$defs/Tree"}
    raw = {"left": {"right": {"leaves": [{}]}}}
    assert adapter.dump_python(adapter.validate_python(raw)) == raw


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Tree(Model):
    """A model that leads back to itself, directly and through another one."""

    left: Tree | None = None
    right: Branch | None = None


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Branch(Model):  # noqa: D101 - a class of a user's may have no docstring
    leaves: list[Tree] | None = None


def test_fastapi_takes_it(make: Callable[[], Event]) -> None:
    """As an answer, a list of answers, a body and part of one; its page names the fields."""
    fastapi = pytest.importorskip("fastapi")
    testclient = pytest.importorskip("fastapi.testclient")
    app = fastapi.FastAPI()

    def read() -> Event:
        return make()

    def read_all() -> list[Event]:
        return [make()]

    def read_part() -> dict[str, object]:
        event = make()
        return {"event": event, "proxy": event.proxy, "score": event.suspect_score}

    def write(event: Event) -> dict[str, object]:
        return {"visitor": event.identification and event.identification.visitor_id}

    def perhaps() -> Event | None:
        return None

    app.get("/event")(read)
    app.get("/events")(read_all)
    app.get("/part")(read_part)
    app.post("/event")(write)
    app.get("/none")(perhaps)
    with testclient.TestClient(app) as client:
        assert client.get("/event").json() == RAW
        assert client.get("/events").json() == [RAW]
        part = client.get("/part").json()
        assert (part["proxy"], part["score"]) == (None, 0)
        assert present(part["event"]) == WANTED
        assert client.post("/event", json=RAW).json() == {"visitor": PERSONAL}
        assert client.get("/none").json() is None
        refused = client.post("/event", json=[1])
        assert refused.status_code == 422
        assert "Event is read from a JSON object, not from array" in refused.text
        document = client.get("/openapi.json").json()
    described = document["components"]["schemas"]["Event"]
    assert {"event_id", "bot", "identification"} <= described["properties"].keys()
    answer = document["paths"]["/event"]["get"]["responses"]["200"]["content"]
    assert answer["application/json"]["schema"] == {"$ref": "#/components/schemas/Event"}
    body = document["paths"]["/event"]["post"]["requestBody"]["content"]
    assert body["application/json"]["schema"] == {"$ref": "#/components/schemas/Event"}


# Storage


def test_sqlalchemy_stores_it(event: Event) -> None:
    """In a JSON column: as the object, and by a serializer of the caller's as it is."""
    sql = pytest.importorskip("sqlalchemy")
    engine = sql.create_engine(
        "sqlite://", json_serializer=lambda value: msgspec.json.encode(value).decode()
    )
    table = sql.Table("events", sql.MetaData(), sql.Column("data", sql.JSON))
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(table.insert(), [{"data": event.to_dict()}, {"data": event}])
        as_object, as_it_is = connection.execute(table.select()).scalars().all()
    engine.dispose()
    assert as_object == RAW
    assert Event.from_dict(as_object) == event
    assert present(as_it_is) == WANTED


def test_pandas_takes_it(event: Event) -> None:
    """Rows of `asdict` have a column a field; rows of `to_dict` one for each that is there."""
    pandas = pytest.importorskip("pandas")
    rows = pandas.DataFrame([attrs.asdict(event), attrs.asdict(event)])
    assert list(rows.columns) == [field.name for field in attrs.fields(Event)]
    assert list(rows["vpn"]) == [False, False]
    assert list(rows["suspect_score"]) == [0, 0]
    assert rows["proxy"].isna().all()
    assert set(pandas.DataFrame([event.to_dict()]).columns) == set(RAW)
    assert list(pandas.DataFrame([event])["event_id"]) == [RAW["event_id"]]
    flat = pandas.json_normalize(event.to_dict())
    assert flat["identification.confidence.score"][0] == 0.5
