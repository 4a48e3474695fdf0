"""Documents that nobody should write: broken, endless, huge."""

from __future__ import annotations

import copy
import json
import random
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fingerprint_async.drift.contract.assess import Side, assess
from fingerprint_async.drift.contract.compare import diff
from fingerprint_async.drift.contract.document import Document
from fingerprint_async.drift.contract.errors import DocumentError
from fingerprint_async.drift.contract.load import decode, positions
from fingerprint_async.drift.contract.report import FORMATS, render


def pinned() -> dict[str, Any]:
    """The document that this package was made from."""
    document: dict[str, Any] = json.loads(
        files("fingerprint_async_generated").joinpath("openapi.json").read_bytes()
    )
    return document


PINNED = pinned()
JUNK = [
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "x",
    [],
    [1],
    {},
    {"$ref": 1},
    {"$ref": "#/nowhere"},
    {"type": "nothing"},
    [{}],
    [[]],
    {"": ""},
]


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    found = [path]
    items = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    for key, value in items:
        found += places(value, (*path, key))
    return found


PLACES = places(PINNED)[1:]


def document(schemas: dict[str, Any], root: str = "Root", **more: Any) -> dict[str, Any]:
    """A document whose only operation answers with a named schema."""
    return {
        "openapi": "3.1.0",
        "paths": {
            "/a": {
                "get": {
                    "responses": {
                        "200": {
                            "content": {
                                "application/json": {
                                    "schema": {"$ref": f"#/components/schemas/{root}"}
                                }
                            }
                        }
                    }
                }
            }
        },
        "components": {"schemas": schemas},
        **more,
    }


@given(st.data())
@settings(max_examples=75, deadline=None)
def test_a_wrong_thing_anywhere_is_a_change_or_a_clear_error(data: st.DataObject) -> None:
    """Whatever stands wherever, comparing ends with a report, or one line that names the place."""
    broken = copy.deepcopy(PINNED)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(PLACES))
        node = broken
        try:
            for step in path[:-1]:
                node = node[step]
            node[path[-1]]
        except (KeyError, IndexError, TypeError):
            continue
        node[path[-1]] = copy.deepcopy(data.draw(st.sampled_from(JUNK)))
    for old, new in ((PINNED, broken), (broken, PINNED)):
        report = outcome = None
        try:
            report = assess(
                Side(source="old", document=Document(old)),
                Side(source="new", document=Document(new)),
                docs=True,
            )
        except DocumentError as error:
            outcome = str(error)
        if report is None:
            assert outcome
            assert "\n" not in outcome
            assert len(outcome) < 600
            continue
        for form in FORMATS:
            render(report, form)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
@settings(max_examples=75, deadline=None)
def test_bytes_that_are_no_document_are_a_clear_error(content: bytes) -> None:
    """Any bytes at all either are a document or are refused in one line."""
    with pytest.raises(DocumentError) as caught:
        Document(decode(content, source="x"), source="x")
    assert "\n" not in str(caught.value)


@given(st.integers(0, 2**32), st.integers(1, 6))
@settings(max_examples=100, deadline=None)
def test_a_damaged_document_is_a_change_or_a_clear_error(seed: int, wounds: int) -> None:
    """Bytes lost, changed or doubled on the way never bring a traceback."""
    chance = random.Random(seed)
    content = bytearray(json.dumps(PINNED).encode())
    for _ in range(wounds):
        index = chance.randrange(len(content))
        content[index : index + chance.randrange(3)] = bytes(
            chance.randrange(256) for _ in range(chance.randrange(3))
        )
    outcome = ""
    try:
        diff(Document(PINNED), Document(decode(bytes(content), source="x")))
    except DocumentError as error:
        outcome = str(error)
    assert "\n" not in outcome


# Ten aliases of ten aliases of …: little to read, much to expand.
BOMB = b"openapi: 3.1.0\nx: [&a [1,1,1,1,1,1,1,1,1,1]" + b"".join(
    b",&a%d [%s]" % (level, b",".join([b"*a%d" % (level - 1) if level else b"*a"] * 10))
    for level in range(9)
)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "nothing"),
        (b"[]", "a list"),
        (b"hello", "a string"),
        (b"openapi: 2.0.0\n", "this is OpenAPI 2.0.0; OpenAPI 3.0 or 3.1 is needed"),
        (b"openapi: 3.2.0\n", "this is OpenAPI 3.2.0; OpenAPI 3.0 or 3.1 is needed"),
        (b"a: 1\n", "it has no `openapi` field"),
        (b"swagger: '2.0'\n", "Swagger 2.0"),
        (b"openapi: 3.1.0\npaths: []\n", "/paths: expected an object, found a list"),
        (b"openapi: 3.1.0\na: 1\na: 2\n", "stands twice (line 3)"),
        (b"a: &a\n  b: *a\n", "alias"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"a: " + b"1" * 5000, "not a document"),
        (b"? [a]: 1", "a key must be text"),
        (b"{ a: [", "not YAML"),
        (b"a: !!python/object:os.system x", "could not determine a constructor"),
        (b"[" * 100_000, "nested too deeply"),
        (b"- " * 100_000, "nesting depth"),
        (
            ("openapi: 3.1.0\nx:" + "".join(f"\n{' ' * i}a:" for i in range(1, 900))).encode(),
            "nested 90",
        ),
        (BOMB + b"]", "too large"),
    ],
)
def test_what_is_wrong_is_said(content: bytes, says: str) -> None:
    """The message says what was found, and where."""
    with pytest.raises(DocumentError) as caught:
        diff(Document(decode(content, source="x.yaml")), Document(decode(content, source="x.yaml")))
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("schemas", "says"),
    [
        ({"Root": {"$ref": "other.yaml#/A"}}, "another document"),
        ({"Root": {"$ref": "#anchor"}}, "leads to no anchor"),
        ({"Root": {"$ref": "#/components/schemas/Missing"}}, "leads nowhere"),
    ],
)
def test_a_broken_schema_is_named_by_its_place(schemas: dict[str, Any], says: str) -> None:
    """The pointer of the place stands in the message."""
    with pytest.raises(DocumentError) as caught:
        diff(Document(document(schemas)), Document(document(schemas)))
    assert says in str(caught.value)
    assert "/components/schemas/Root" in str(caught.value)


@pytest.mark.parametrize(
    ("keyword", "value", "says"),
    [
        ("oneOf", [], "a choice between no schemas"),
        ("type", [], "names no type"),
        ("type", "int", "'int' is no JSON type"),
        ("type", False, "expected a list, found false"),
        ("minimum", "1", "expected a number, found a string"),
        ("required", True, "expected a list, found true"),
        ("properties", {"a": 1}, "expected a schema, found a number"),
        ("enum", "a", "expected a list, found a string"),
        ("readOnly", "yes", "expected true or false, found a string"),
    ],
)
def test_what_is_wrong_in_a_schema_costs_only_that(keyword: str, value: Any, says: str) -> None:
    """It is noted with its place; the rest is compared, and a change of it is a finding."""
    wrong = {"type": "object", keyword: value}
    old, again = Document(document({"Root": wrong})), Document(document({"Root": wrong}))
    assert diff(old, again) == []
    [(place, said)] = old.problems.items()
    assert place.startswith("/components/schemas/Root")
    assert says in said
    more = {"paths": {"/b": {"get": {}}, **document({})["paths"]}}
    right = {"Root": {"type": "object"}}
    rules = [each.rule for each in diff(old, Document(document(right, **more)))]
    assert "OP-ADDED" in rules
    assert len(rules) >= 1 + (keyword != "oneOf")


def test_yaml_is_read_as_yaml_1_2() -> None:
    """`no`, `on` and `12:30` are text, as OpenAPI asks.

    Numbers are what they look like, and keys are text.
    """
    read = decode(
        b"no: on\nat: 12:30\nday: 2026-01-01\nhex: 0x1f\n1: 1e3\noct: 0o17\nyes: ~\n.5: .inf\n",
        source="x",
    )
    assert {
        "no": "on",
        "at": "12:30",
        "day": "2026-01-01",
        "hex": 31,
        "1": 1000.0,
        "oct": 15,
        "yes": None,
        ".5": float("inf"),
    } == read


def test_yaml_may_take_in_what_stands_elsewhere() -> None:
    """A merge key brings what its own keys may say otherwise.

    The same key twice by itself is an error.
    """
    assert decode(b"a: &a {x: 1, y: 2}\nb: {<<: *a, x: 3}\n", source="x")["b"] == {"x": 3, "y": 2}


def test_json_is_said_to_be_broken_json() -> None:
    """A file that says it is JSON is no YAML; one that does not may be either."""
    with pytest.raises(DocumentError, match=r"not JSON: .* \(line 2\)"):
        decode(b'{"a": 1,\n b: 2}', source="x.json")
    assert decode(b"{a: 1,\n b: 2}", source="x") == {"a": 1, "b": 2}


def test_size_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """More bytes than any schema has are refused before they are decoded."""
    monkeypatch.setattr("fingerprint_async.drift.contract.load.MAX_BYTES", 1024 * 1024)
    with pytest.raises(DocumentError, match="larger than 1 MiB"):
        decode(b" " * (1024 * 1024 + 1), source="x")


def test_lines_are_found_for_places_that_are_there() -> None:
    """A place has the line of its key, or of its item; one that is not there has none."""
    content = b"a:\n  - x\n  - {b: 1}\nc: 2\n"
    wanted = {"/a", "/a/1", "/a/1/b", "/c", "/d", "/a/7", "/c/x"}
    assert positions(content, wanted) == {"/a": 1, "/a/1": 3, "/a/1/b": 3, "/c": 4}


LOOPS: list[dict[str, Any]] = [
    {"Root": {"$ref": "#/components/schemas/Root"}},
    {"Root": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/Root"}},
    {"Root": {"allOf": [{"$ref": "#/components/schemas/Root"}, {"type": "object"}]}},
    {"Root": {"oneOf": [{"$ref": "#/components/schemas/Root"}]}},
    {
        "Root": {
            "anyOf": [{"$ref": "#/components/schemas/Root"}, {"$ref": "#/components/schemas/B"}]
        },
        "B": {"type": "string"},
    },
    {"Root": {"properties": {"next": {"$ref": "#/components/schemas/Root"}}}},
    {"Root": {"items": {"$ref": "#/components/schemas/Root"}}},
    {
        "Root": {"additionalProperties": {"$ref": "#/components/schemas/B"}},
        "B": {"oneOf": [{"$ref": "#/components/schemas/Root"}, {"type": "string"}]},
    },
]


@pytest.mark.parametrize("schemas", LOOPS, ids=str)
def test_a_reference_loop_ends(schemas: dict[str, Any]) -> None:
    """A schema that holds itself compares with itself, with another, and the other way round."""
    plain = {"Root": {"type": "object", "properties": {"a": {"type": "string"}}}}
    assert diff(Document(document(schemas)), Document(document(schemas))) == []
    diff(Document(document(schemas)), Document(document(plain)))
    diff(Document(document(plain)), Document(document(schemas)))


def chain(count: int, link: Any, end: dict[str, Any]) -> dict[str, Any]:
    """Named schemas, each leading to the next."""
    schemas = {
        f"S{index}": link(f"#/components/schemas/S{index + 1}") for index in range(count - 1)
    }
    return document({**schemas, f"S{count - 1}": end}, "S0")


@pytest.mark.slow
@pytest.mark.parametrize(
    "link",
    [
        lambda to: {"properties": {"next": {"$ref": to}, "name": {"type": "string"}}},
        lambda to: {"$ref": to},
        lambda to: {"allOf": [{"$ref": to}], "properties": {"a": {"type": "string"}}},
        lambda to: {"type": "array", "items": {"$ref": to}},
        lambda to: {"oneOf": [{"$ref": to}, {"type": "string"}]},
        lambda to: {"oneOf": [{"$ref": to}]},
    ],
    ids=["properties", "references", "allOf", "items", "choices", "choices of one"],
)
def test_ten_thousand_schemas_end_in_time(link: Any) -> None:
    """The one change at the end of a chain of ten thousand schemas is found."""
    old = chain(10_000, link, {"type": "object", "properties": {"x": {"type": "string"}}})
    new = chain(10_000, link, {"type": "object", "properties": {"x": {"type": "integer"}}})
    [change] = diff(Document(old), Document(new))
    assert change.rule == "RESP-TYPE-CHANGED"
    assert change.location == "/components/schemas/S9999/properties/x"


def test_choices_of_one_that_never_end_are_refused() -> None:
    """A chain of choices of one that each say more, beyond any use, is an error and not a crash."""
    deep = chain(5_000, lambda to: {"oneOf": [{"$ref": to}], "type": "object"}, {"type": "object"})
    with pytest.raises(DocumentError, match="nested too deeply"):
        diff(Document(deep), Document(deep))


@pytest.mark.slow
def test_every_schema_changing_is_reported_once_each() -> None:
    """Ten thousand changes in schemas that all hold each other are ten thousand entries."""
    count = 10_000

    def made(kind: str) -> dict[str, Any]:
        return document(
            {
                f"S{index}": {
                    "properties": {
                        "a": {"$ref": f"#/components/schemas/S{(index * 7 + 1) % count}"},
                        "b": {"$ref": f"#/components/schemas/S{(index * 3 + 2) % count}"},
                        "v": {"type": kind},
                    }
                }
                for index in range(count)
            },
            "S0",
        )

    changes = diff(Document(made("string")), Document(made("integer")))
    assert len(changes) == count
    assert {"RESP-TYPE-CHANGED"} == {change.rule for change in changes}
