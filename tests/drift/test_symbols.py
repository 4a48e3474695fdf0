"""From places of the document to Python names, and back to where code uses them."""

from __future__ import annotations

import ast
import copy
import inspect
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from fingerprint_async import models
from fingerprint_async._runtime import page, times
from fingerprint_async._runtime.naming import python_names
from fingerprint_async._runtime.plan import plan_of
from fingerprint_async.drift.check import check
from fingerprint_async.drift.contract.assess import Side, Use
from fingerprint_async.drift.contract.compare import diff
from fingerprint_async.drift.contract.document import Document
from fingerprint_async.drift.contract.errors import DocumentError
from fingerprint_async.drift.symbols import FACADE, Symbols, class_name
from fingerprint_async.drift.usage import _READ_BY, Code

PINNED: dict[str, Any] = json.loads(
    files("fingerprint_async_generated").joinpath("openapi.json").read_bytes()
)


def symbols_of(edit: Any) -> list[tuple[str, ...]]:
    """The Python names that each change touches."""
    new = copy.deepcopy(PINNED)
    edit(new)
    old_document, new_document = Document(PINNED), Document(new)
    symbols = Symbols(old_document, new_document)
    return [symbols.of(change) for change in diff(old_document, new_document)]


def test_every_model_and_field_has_the_name_that_symbols_give_it() -> None:
    """A changed type of any property names the attribute that the model really has."""
    for name, raw in PINNED["components"]["schemas"].items():
        model = getattr(models, class_name(name), None)
        if "properties" not in raw:
            continue
        fields = {field.wire: field.name for field in plan_of(model).fields}

        def edit(document: dict[str, Any], name: str = name) -> None:
            for prop in schema(document, name)["properties"]:
                schema(document, name)["properties"][prop] = {"type": ["boolean", "array"]}

        named = {each[0] for each in symbols_of(edit) if each}
        assert {f"models.{class_name(name)}.{field}" for field in fields.values()} <= named


@pytest.mark.parametrize(
    ("wire", "python"), [("class", "class_"), ("str", "str_"), ("RTTMedian", "rtt_median")]
)
def test_what_is_new_has_the_name_that_generation_gives_it(wire: str, python: str) -> None:
    """Reserved words and builtins get the spelling of the models."""
    assert python_names([wire], "field")[wire] == python

    def edit(document: dict[str, Any]) -> None:
        schema(document, "Event")["properties"][wire] = {"type": "string"}

    assert symbols_of(edit) == [(f"models.Event.{python}",)]


def test_a_renamed_operation_is_named_by_the_method_that_calls_it_today() -> None:
    """The operationId of the new document is not what code calls."""

    def edit(document: dict[str, Any]) -> None:
        document["paths"]["/events"]["get"]["operationId"] = "listEvents"

    [names] = symbols_of(edit)
    assert names[0] == "events.search"


def test_a_webhook_is_named_by_what_it_brings() -> None:
    """A new webhook touches the model of its own body."""

    def edit(document: dict[str, Any]) -> None:
        body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
        document["webhooks"]["alarm"] = {"post": {"requestBody": body, "responses": {}}}

    assert symbols_of(edit) == [("models.Error",)]


def test_a_class_that_goes_is_said_also_where_its_meaning_stays() -> None:
    """An exported class whose schema is written out elsewhere is gone, unless it is made there."""
    new = copy.deepcopy(PINNED)
    velocity = new["components"]["schemas"].pop("VelocityData")
    for prop in new["components"]["schemas"]["Velocity"]["properties"].values():
        prop.clear()
        prop.update(velocity)
    report, _ = check(
        Side(source="a", document=Document(PINNED)), Side(source="b", document=Document(new))
    )
    [entry] = report.entries
    assert (entry.change.rule, entry.cls) == ("SCHEMA-REMOVED", "non-breaking")
    assert entry.symbol == "models.VelocityData"


def test_every_operation_has_a_method() -> None:
    """Each operation of the pinned document is called by a method of the client."""
    named = {
        operation["operationId"] for item in PINNED["paths"].values() for operation in item.values()
    }
    assert named | {"submitEventFeedback"} == set(FACADE)


def schema(document: dict[str, Any], name: str) -> Any:
    """A named schema of a document."""
    return document["components"]["schemas"][name]


def parameter(document: dict[str, Any], name: str) -> Any:
    """A search filter of a document."""
    return next(
        each for each in document["paths"]["/events"]["get"]["parameters"] if each["name"] == name
    )


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (
            lambda d: schema(d, "Event")["properties"].update(newThing={"type": "string"}),
            "models.Event.new_thing",
        ),
        (
            lambda d: schema(d, "VelocityData")["properties"].pop("24_hours"),
            "models.VelocityData.twenty_four_hours",
        ),
        (
            lambda d: schema(d, "ErrorCode")["enum"].append("9_lives"),
            "models.ErrorCode.VALUE_9_LIVES",
        ),
        (lambda d: schema(d, "Suspect").update(type="integer"), "models.Event.suspect"),
        (
            lambda d: schema(d, "Plugins")["items"]["properties"].pop("name"),
            "models.PluginsItem.name",
        ),
        (
            lambda d: schema(d, "EventUpdate")["properties"].pop("suspect"),
            "models.EventUpdate.suspect",
        ),
        (lambda d: d["paths"]["/events/{event_id}"].pop("get"), "events.get"),
        (
            lambda d: d["paths"]["/visitors/{visitor_id}"]["delete"]["responses"].pop("429"),
            "visitors.delete",
        ),
        (lambda d: d["servers"].pop(), "regions"),
        (
            lambda d: schema(d, "Event")["properties"].update(
                deep={"type": "object", "properties": {"a": {}}}
            ),
            "models.Event.deep",
        ),
        (
            lambda d: schema(d, "Integration")["properties"]["subintegration"]["properties"].pop(
                "name"
            ),
            "models.IntegrationSubintegration.name",
        ),
        (
            lambda d: schema(d, "Tags").update(additionalProperties={"properties": {"a": {}}}),
            "models.EdgeRequest.tags",
        ),
        (lambda d: parameter(d, "bot")["schema"]["enum"].pop(), "events.search(bot=…)"),
        (lambda d: d["webhooks"]["event"]["post"]["responses"].pop("200"), "models.Event"),
        (
            lambda d: d["components"]["securitySchemes"]["bearerAuth"].update(scheme="basic"),
            "FingerprintClient(api_key=…)",
        ),
        (lambda d: d["webhooks"].clear(), "models.Event"),
        (
            lambda d: d["paths"].update(
                {
                    "/new": {
                        "post": {
                            "operationId": "submitFeedback",
                            "tags": ["Events"],
                            "responses": {},
                        }
                    }
                }
            ),
            "api.events.submit_feedback",
        ),
    ],
)
def test_a_change_names_what_a_caller_writes(edit: Any, expected: str) -> None:
    """The first name of a change is the one that stands in a caller's code, or will."""
    assert expected in {names[0] for names in symbols_of(edit) if names}


def test_a_shared_parameter_is_that_of_every_operation_that_takes_it() -> None:
    """A parameter that is defined once and used twice is a keyword of two methods."""

    def share(document: dict[str, Any]) -> None:
        document["components"]["parameters"] = {
            "Shared": {"name": "shared", "in": "query", "schema": {"type": "string"}}
        }
        for path in ("/events", "/events/{event_id}"):
            document["paths"][path]["get"]["parameters"].append(
                {"$ref": "#/components/parameters/Shared"}
            )
        document["paths"]["/new"] = {"get": {"tags": 1, "responses": {}}}

    old = copy.deepcopy(PINNED)
    share(old)
    new = copy.deepcopy(old)
    new["components"]["parameters"]["Shared"]["required"] = True
    new["paths"]["/new"]["get"]["deprecated"] = True
    before, after = Document(old), Document(new)
    symbols = Symbols(before, after)
    assert {change.rule: set(symbols.of(change)) for change in diff(before, after)} == {
        "REQ-PARAM-BECAME-REQUIRED": {"events.search(shared=…)", "events.get(shared=…)"},
        "OP-DEPRECATED": {"api.default.get_new"},
    }


def test_a_rename_names_what_code_says_today() -> None:
    """What was renamed is known by its new name and by the one that callers still use."""

    def edit(document: dict[str, Any]) -> None:
        properties = schema(document, "Event")["properties"]
        properties["risk_points"] = properties.pop("suspect_score")
        document["components"]["schemas"]["BotOutcome"] = document["components"]["schemas"].pop(
            "BotResult"
        )
        properties["bot"]["$ref"] = "#/components/schemas/BotOutcome"

    assert sorted(symbols_of(edit)) == [
        ("models.BotOutcome", "models.BotResult"),
        ("models.Event.risk_points", "models.Event.suspect_score"),
    ]


def test_a_status_names_its_exception_too() -> None:
    """An error status that goes touches the exception that stands for it."""
    [names] = symbols_of(lambda d: d["paths"]["/events"]["get"]["responses"].pop("429"))
    assert names == ("events.search", "errors.RateLimitError")


def test_a_property_brings_the_classes_that_only_it_needs() -> None:
    """What a new property brings along is listed with it, not beside it."""

    def edit(document: dict[str, Any]) -> None:
        schema(document, "Event")["properties"]["more"] = {"$ref": "#/components/schemas/More"}
        document["components"]["schemas"]["More"] = {
            "type": "object",
            "properties": {"a": {"$ref": "#/components/schemas/Even"}},
        }
        document["components"]["schemas"]["Even"] = {"type": "string", "enum": ["x"]}

    assert symbols_of(edit) == [("models.Event.more", "models.Even", "models.More")]


CODE = """
from operator import attrgetter
from fingerprint_async import FingerprintClient
from fingerprint_async.models import BotInfo

async def main(client: FingerprintClient) -> None:
    event = await client.events.get("id")
    event.suspect_score                                  # line 8
    event["suspect_score"]
    getattr(event, "suspect_score")
    await client.events.search(asn="1", limit=3)
    await client.events.search(**{"asn": "2"})
    if event.bot == "bad" or event.bot in ("bad", "x"):
        pass
    match event:
        case BotInfo(category="aggregator"):
            pass
    other_asn = 3
    handlers[0](suspect_score_of=1)
    call()(asn=2)
    f(**{**base, key: 1}, **rest)
    x()[0].y
    match 3:
        case 4:
            pass
    getattr(event, name)
"""


def lines(*symbols: str, path: Path) -> list[int]:
    """The lines of the code that use one of the names."""
    [uses] = Code.read([path]).find([symbols])
    return [use.line for use in uses]


def test_uses_are_found_as_what_they_are(tmp_path: Path) -> None:
    """Attributes, keys, keywords, classes, members and compared values are uses.

    A like-named variable is not.
    """
    (tmp_path / "app.py").write_text(CODE)
    assert lines("models.Event.suspect_score", path=tmp_path) == [8, 9, 10]
    assert lines("events.search(asn=…)", path=tmp_path) == [11, 12]
    assert lines("models.BotInfo", path=tmp_path) == [4, 16]
    assert lines("models.BotInfo.category", path=tmp_path) == [16]
    assert lines("models.BotInfoCategory.AGGREGATOR", path=tmp_path) == [16]
    assert lines("models.BotResult.BAD", path=tmp_path) == [13]
    assert lines("events.get", path=tmp_path) == [7]
    assert lines("visitors.delete", "models.Event.tor", "regions", path=tmp_path) == []


def test_who_uses_a_property_uses_the_field_that_it_reads(tmp_path: Path) -> None:
    """`event.time` is of no use when `timestamp` is gone. Every property is known."""
    (tmp_path / "app.py").write_text("event.time\nidentification.first_seen_time\npage.cursor\n")
    assert lines("models.Event.timestamp", path=tmp_path) == [1]
    assert lines("models.Identification.first_seen_at", path=tmp_path) == [2]
    assert lines("models.EventSearch.pagination_key", path=tmp_path) == [3]
    read: dict[str, str] = {}
    for base in (times.EventTimes, times.SeenTimes, page.Page):
        tree = ast.parse(Path(inspect.getsourcefile(base) or "").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and "property" in map(
                ast.unparse, node.decorator_list
            ):
                read |= {
                    one.attr: node.name
                    for one in ast.walk(node)
                    if isinstance(one, ast.Attribute) and ast.unparse(one.value) == "self"
                }
    assert read == dict(_READ_BY)


def test_code_is_read_where_it_is_code(tmp_path: Path) -> None:
    """Hidden folders, caches and installed packages are no code of the user.

    A file that is no Python is named.
    """
    for folder in ("", ".venv", "node_modules", "__pycache__"):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "a.py").write_text("x.suspect_score\n")
    (tmp_path / "broken.py").write_text("def (\n")
    (tmp_path / "latin.py").write_bytes(b"# -*- coding: latin-1 -*-\ny = x.suspect_score  # \xe9\n")
    code = Code.read([tmp_path])
    expected = tuple(
        Use(path=(tmp_path / name).as_posix(), line=line)
        for name, line in (("a.py", 1), ("latin.py", 2))
    )
    assert code.find([("models.Event.suspect_score",)]) == [expected]
    assert code.unread == [f"{tmp_path / 'broken.py'}: SyntaxError"]


def test_a_single_file_and_a_missing_one(tmp_path: Path) -> None:
    """A file is read whatever its ending; one that is not there is an error."""
    file = tmp_path / "script"
    file.write_text("x.suspect_score\n")
    assert lines("models.Event.suspect_score", path=file) == [1]
    with pytest.raises(DocumentError, match="no such file or folder"):
        Code.read([tmp_path / "missing"])


SEARCH = "events.search(vpn_confidence=…)"


@pytest.mark.parametrize(
    "code",
    [
        "f = {'vpn_confidence': 'high'}\nsearch(**f)",
        "f: SearchEventsParams = {'vpn_confidence': 'high'}\nclient.events.search(**f)",
        "f = dict(vpn_confidence='high')\nsearch(**f)",
        "f['vpn_confidence'] = 'high'\nsearch(**f)",
        "f |= {'vpn_confidence': 'high'}\nsearch(**f)",
        "f.update(vpn_confidence='high')\nsearch(**f)",
        "f.update({'vpn_confidence': 'high'})\nsearch(**f)",
        "f.setdefault('vpn_confidence', 'high')\nsearch(**f)",
        "f = SearchEventsParams(vpn_confidence='high')\nsearch(**f)",
        "f = drop_none(vpn_confidence=x)\nsearch(**f)",
        "f = {'vpn_confidence': 1}\ng = {**f}\nsearch(**(g | h))",
        "f = {'vpn_confidence': 1}\nsearch(**(f if x else {}))",
        "f = {'vpn_confidence': 1}\ng = f.copy()\nsearch(**g)",
        "self.f = {'vpn_confidence': 1}\nsearch(**self.f)",
        "search(**{**{'vpn_confidence': 1}})",
        "find(vpn_confidence=1)\nfind = client.events.search",
        "find(vpn_confidence=1)\nfind = functools.partial(client.events.search)",
        "partial(client.events.search, vpn_confidence=1)",
        "find(vpn_confidence=1)\ndef find(**kw): return client.events.search(**kw)",
        "f = f\nf['vpn_confidence'] = 1\nsearch(**f)",
    ],
)
def test_filters_are_found_on_every_way(tmp_path: Path, code: str) -> None:
    """Under another name of the method, and in a mapping that is passed on.

    At the line of the key.
    """
    line = next(
        number for number, text in enumerate(code.splitlines(), 1) if "vpn_confidence" in text
    )
    path = tmp_path / "app.py"
    path.write_text(code)
    [uses] = Code.read([path]).find([(SEARCH,)])
    assert [use.line for use in uses] == [line]


@pytest.mark.parametrize(
    "code",
    [
        "f = {'vpn_confidence': 1}\nother(**f)",
        "f = {'vpn_confidence': 1}",
        "def find(**kw): return other(**kw)\nfind(vpn_confidence=1)",
        "g = {'vpn_confidence': 1}\nsearch(**f)",
        "f = {1: 2, None: 3}\nsearch(**f)",
    ],
)
def test_what_goes_elsewhere_is_no_filter(tmp_path: Path, code: str) -> None:
    """A key counts where it is passed to the method only."""
    path = tmp_path / "app.py"
    path.write_text(code)
    assert Code.read([path]).find([(SEARCH,)]) == [()]


@pytest.mark.parametrize(
    ("code", "symbol"),
    [
        ("from fingerprint_async.models import Event as E\nE(asn=1)", "models.Event.asn"),
        (
            "from fingerprint_async import models as m\nB = m.BotResult\nB.BAD",
            "models.BotResult.BAD",
        ),
        ("e = client.events\ne.search()", "events.search"),
    ],
)
def test_other_names_are_followed(tmp_path: Path, code: str, symbol: str) -> None:
    """A class or a resource under another name is what it was."""
    path = tmp_path / "app.py"
    path.write_text(code)
    [uses] = Code.read([path]).find([(symbol,)])
    assert uses[-1].line == len(code.splitlines())
