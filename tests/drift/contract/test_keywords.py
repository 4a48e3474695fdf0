"""The coverage table: every keyword of the table, in every place, added, removed and changed."""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fingerprint_async.drift.contract.assess import Side, assess
from fingerprint_async.drift.contract.compare import diff
from fingerprint_async.drift.contract.document import Document
from fingerprint_async.drift.contract.keywords import KEYWORDS, Place, children, keyword
from fingerprint_async.drift.contract.load import decode
from fingerprint_async.drift.contract.normalise import normalise, to_json
from fingerprint_async.drift.contract.report import FORMATS, render

JSON = "application/json"
STRING: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "integer"}
OBJECT: dict[str, Any] = {"type": "object"}
ARRAY: dict[str, Any] = {"type": "array"}
B, S, D, NONE = "breaking", "non-breaking", "docs-only", ""
"""Classes; NONE is no change at all."""

# Where a schema can stand: the direction in which it travels, and how to put it there.
PLACES = {
    "body": "request",
    "query": "request",
    "header": "request",
    "answer": "response",
    "answer header": "response",
    "webhook": "response",
    "callback": "response",
}


def document(place: str, schema: Any) -> dict[str, Any]:
    """A document that has a schema at one place."""
    content = {JSON: {"schema": schema}}
    operation: dict[str, Any] = {"operationId": "ask", "responses": {"200": {"description": "ok"}}}
    made: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"post": operation}},
        "components": {"schemas": {"Known": {"type": "object"}, "Other": {"type": "array"}}},
    }
    told = {"post": {"requestBody": {"content": content}, "responses": {"200": {}}}}
    if place == "body":
        operation["requestBody"] = {"content": content}
    elif place in {"query", "header"}:
        operation["parameters"] = [{"name": "x", "in": place, "schema": schema}]
    elif place == "answer":
        operation["responses"]["200"]["content"] = content
    elif place == "answer header":
        operation["responses"]["200"]["headers"] = {"X": {"schema": schema}}
    elif place == "webhook":
        made["webhooks"] = {"told": told}
    else:
        operation["callbacks"] = {"told": {"{$request.body#/url}": told}}
    return made


@attrs.frozen
class Row:
    """What a keyword of a schema costs.

    Attributes:
        base: The schema beside it.
        one: A value.
        two: Another value.
        sent: Classes of added, removed and changed, where we send it.
        received: The same, where we receive it.
    """

    base: dict[str, Any]
    one: Any
    two: Any
    sent: tuple[str, str, str]
    received: tuple[str, str, str]


TIGHTER = ((B, S, B), (S, S, S))
"""A limit: more of it refuses what we send; clients that do not validate receive all the same."""
VARIANTS = [{"type": "object", "properties": {name: STRING}, "required": [name]} for name in "abc"]
TAGGED = {"oneOf": [{"$ref": "#/components/schemas/Known"}, {"$ref": "#/components/schemas/Other"}]}

SCHEMA: dict[str, Row] = {
    "type": Row({}, "string", "integer", (B, S, B), (S, B, B)),
    "nullable": Row(STRING, True, False, (NONE, NONE, NONE), (NONE, NONE, NONE)),
    "format": Row(STRING, "email", "uri", (B, S, B), (S, S, S)),
    "enum": Row(STRING, ["a", "b"], ["a", "c"], (B, S, B), (S, S, S)),
    "const": Row(STRING, "a", "b", (B, S, B), (S, S, S)),
    "default": Row(STRING, "a", "b", (S, S, S), (S, S, S)),
    "minimum": Row(NUMBER, 1, 2, *TIGHTER),
    "maximum": Row(NUMBER, 2, 1, *TIGHTER),
    "exclusiveMinimum": Row(NUMBER, 1, 2, *TIGHTER),
    "exclusiveMaximum": Row(NUMBER, 2, 1, *TIGHTER),
    "multipleOf": Row(NUMBER, 2, 4, *TIGHTER),
    "minLength": Row(STRING, 1, 2, *TIGHTER),
    "maxLength": Row(STRING, 2, 1, *TIGHTER),
    "pattern": Row(STRING, "^a", "^b", *TIGHTER),
    "minItems": Row(ARRAY, 1, 2, *TIGHTER),
    "maxItems": Row(ARRAY, 2, 1, *TIGHTER),
    "uniqueItems": Row(ARRAY, True, False, (B, S, S), (S, S, S)),
    "minProperties": Row(OBJECT, 1, 2, *TIGHTER),
    "maxProperties": Row(OBJECT, 2, 1, *TIGHTER),
    "minContains": Row({**ARRAY, "contains": STRING}, 2, 3, (B, B, B), (S, S, S)),
    "maxContains": Row({**ARRAY, "contains": STRING}, 3, 2, (B, B, B), (S, S, S)),
    "contentEncoding": Row(STRING, "base64", "base16", (B, B, B), (S, S, S)),
    "contentMediaType": Row(STRING, "image/png", "image/gif", (B, B, B), (S, S, S)),
    "contentSchema": Row(STRING, STRING, NUMBER, (B, S, B), (S, S, B)),
    "xml": Row(OBJECT, {"name": "a"}, {"name": "b"}, (B, B, B), (S, S, S)),
    "deprecated": Row(STRING, True, False, (S, S, S), (S, S, S)),
    "readOnly": Row(STRING, True, False, (B, S, S), (NONE, NONE, NONE)),
    "writeOnly": Row(STRING, True, False, (NONE, NONE, NONE), (B, S, S)),
    "required": Row(
        {**OBJECT, "properties": {"a": STRING, "b": STRING}}, ["a"], ["b"], (B, S, B), (S, B, B)
    ),
    "dependentRequired": Row(OBJECT, {"a": ["b"]}, {"a": ["c"]}, *TIGHTER),
    "dependentSchemas": Row(
        OBJECT, {"a": {"minProperties": 2}}, {"a": {"minProperties": 3}}, *TIGHTER
    ),
    "items": Row(ARRAY, STRING, NUMBER, (B, S, B), (S, B, B)),
    "prefixItems": Row(ARRAY, [STRING, NUMBER], [NUMBER, STRING], (B, S, B), (S, B, B)),
    "unevaluatedItems": Row(ARRAY, STRING, NUMBER, (B, S, B), (S, S, B)),
    "contains": Row(ARRAY, STRING, NUMBER, (B, S, B), (S, S, B)),
    "properties": Row(OBJECT, {"a": STRING}, {"b": NUMBER}, (S, B, B), (S, B, B)),
    "patternProperties": Row(OBJECT, {"^a": STRING}, {"^a": NUMBER}, (B, B, B), (S, S, B)),
    "additionalProperties": Row(OBJECT, False, {"type": "string"}, (B, S, S), (S, S, S)),
    "unevaluatedProperties": Row(OBJECT, False, True, (B, S, S), (S, S, S)),
    "propertyNames": Row(OBJECT, {"maxLength": 3}, {"maxLength": 2}, *TIGHTER),
    "allOf": Row(STRING, [{"maxLength": 9}], [{"maxLength": 9}, {"maxLength": 5}], *TIGHTER),
    "anyOf": Row({}, [STRING, NUMBER], [STRING, {"type": "boolean"}], (B, S, B), (S, B, B)),
    "oneOf": Row(OBJECT, VARIANTS[:2], VARIANTS, (B, B, S), (S, B, S)),
    "not": Row(STRING, {"const": "a"}, {"const": "b"}, *TIGHTER),
    "if": Row(
        {**OBJECT, "then": {"required": ["a"]}},
        {"minProperties": 1},
        {"minProperties": 2},
        *TIGHTER,
    ),
    "then": Row(
        {**OBJECT, "if": {"minProperties": 1}},
        {"required": ["a"]},
        {"required": ["a", "b"]},
        *TIGHTER,
    ),
    "else": Row(
        {**OBJECT, "if": {"minProperties": 1}},
        {"required": ["a"]},
        {"required": ["a", "b"]},
        *TIGHTER,
    ),
    "discriminator": Row(
        TAGGED, {"propertyName": "kind"}, {"propertyName": "sort"}, (S, B, B), (S, B, B)
    ),
    "$ref": Row(
        {}, "#/components/schemas/Known", "#/components/schemas/Other", (B, S, B), (S, B, B)
    ),
    "$dynamicRef": Row(
        {}, "#/components/schemas/Known", "#/components/schemas/Other", (B, S, B), (S, B, B)
    ),
}
PROSE = {row.name for row in KEYWORDS if row.place == "schema" and not row.meant}
WAIVED = {row.name for row in KEYWORDS if row.place == "schema" and row.waived}
SAMPLES = {"$defs": {"X": STRING}, "definitions": {"X": STRING}}


def placed(place: str, schema: dict[str, Any], name: str) -> dict[str, Any]:
    """A document with a schema at a place; flags of properties are put on one."""
    if name in {"readOnly", "writeOnly"}:
        schema = {"type": "object", "properties": {"p": schema}}
    return document(place, schema)


def worst(old: Any, new: Any) -> str:
    """The worst class of the changes between two documents."""
    found = {change.cls for change in diff(Document(old), Document(new))}
    return next((each for each in (B, S, D) if each in found), NONE)


def test_every_keyword_of_the_table_has_a_row_or_a_reason() -> None:
    """No keyword is left out of the coverage table."""
    known = {row.name for row in KEYWORDS if row.place == "schema"}
    assert set(SCHEMA) | PROSE | WAIVED == known
    assert not set(SCHEMA) & (PROSE | WAIVED)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", SCHEMA)
def test_a_keyword_is_classed_wherever_it_stands(name: str, place: str) -> None:
    """Added, removed and changed, each costs what the table says, by who sends it."""
    row = SCHEMA[name]
    without, one, two = (
        placed(place, {**copy.deepcopy(row.base), **extra}, name)
        for extra in ({}, {name: row.one}, {name: row.two})
    )
    got = (worst(without, one), worst(one, without), worst(one, two))
    assert got == (row.sent if PLACES[place] == "request" else row.received)


@pytest.mark.parametrize("name", sorted(PROSE | WAIVED))
def test_what_does_not_bind_is_no_change(name: str) -> None:
    """Prose, names and what is waived never fail a check."""
    for place in PLACES:
        plain = document(place, STRING)
        said = document(place, {**STRING, name: SAMPLES.get(name, "words")})
        assert worst(plain, said) == worst(said, plain) == NONE


# Other places: a document with the keyword, and one with another value; (removed→added, changed)
# classes.
def edited(pointer: str, value: Any, base: dict[str, Any]) -> dict[str, Any]:
    """A document with a value put at a place; None removes it."""
    made = copy.deepcopy(base)
    *path, last = [step.replace("~1", "/") for step in pointer.split("/")[1:]]
    node: Any = made
    for step in path:
        node = node[int(step)] if isinstance(node, list) else node.setdefault(step, {})
    if value is None:
        node.pop(last, None)
    elif isinstance(node, list):
        node.insert(int(last), value)
    else:
        node[last] = value
    return made


FULL: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "servers": [{"url": "https://{r}.x.test", "variables": {"r": {"default": "a", "enum": ["a"]}}}],
    "security": [{"key": []}],
    "paths": {
        "/a": {
            "parameters": [
                {"name": "q", "in": "query", "schema": {"type": "array", "items": STRING}}
            ],
            "post": {
                "operationId": "ask",
                "tags": ["x"],
                "requestBody": {
                    "content": {
                        JSON: {"schema": OBJECT},
                        "multipart/form-data": {"schema": OBJECT, "encoding": {}},
                    }
                },
                "responses": {
                    "200": {
                        "headers": {"X": {"schema": STRING}},
                        "content": {JSON: {"schema": OBJECT}},
                    }
                },
                "callbacks": {"told": {"{$request.body#/u}": {"post": {"responses": {"200": {}}}}}},
            },
        }
    },
    "components": {
        "securitySchemes": {
            "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
            "flow": {
                "type": "oauth2",
                "flows": {
                    "implicit": {"authorizationUrl": "https://x.test", "scopes": {"s": "words"}}
                },
            },
        }
    },
}
POST = "/paths/~1a/post"
KEY = "/components/securitySchemes/key"
FLOW = "/components/securitySchemes/flow/flows/implicit"
FORM = f"{POST}/requestBody/content/multipart~1form-data"
Q = "/paths/~1a/parameters/0"
ELSEWHERE: list[tuple[Place, str, str, Any, str, str]] = [
    # place, keyword, pointer, another value (None: removed), class there, class back
    ("document", "servers", "/servers/1", {"url": "https://b.test"}, S, B),
    ("document", "security", "/security", [{"flow": []}], B, B),
    ("document", "webhooks", "/webhooks/w", {"post": {}}, S, B),
    ("document", "paths", "/paths/~1b", {"get": {}}, S, B),
    ("server", "url", "/servers/0/url", "https://{r}.y.test", B, B),
    ("server", "variables", "/servers/0/variables/r/default", "z", NONE, NONE),
    ("variable", "enum", "/servers/0/variables/r/enum", ["a", "b"], S, B),
    ("variable", "default", "/servers/0/variables", {"r": {"default": "b"}}, B, B),
    ("scheme", "type", f"{KEY}/type", "http", B, B),
    ("scheme", "name", f"{KEY}/name", "X-Other", B, B),
    ("scheme", "in", f"{KEY}/in", "query", B, B),
    ("scheme", "scheme", f"{KEY}/scheme", "basic", B, B),
    ("scheme", "openIdConnectUrl", f"{KEY}/openIdConnectUrl", "https://x.test", B, B),
    ("flow", "authorizationUrl", f"{FLOW}/authorizationUrl", "https://y.test", NONE, NONE),
    *[
        ("path", method, f"/paths/~1a/{method}", {"responses": {}}, S, B)
        for method in ("get", "put", "delete", "options", "head", "patch", "trace")
    ],  # type: ignore[list-item]
    ("path", "parameters", "/paths/~1a/parameters/1", {"name": "p", "in": "query"}, S, B),
    ("path", "servers", "/paths/~1a/servers", [{"url": "https://c.test"}], B, B),
    ("operation", "servers", f"{POST}/servers", [{"url": "https://c.test"}], B, B),
    ("operation", "security", f"{POST}/security", [{}], S, B),
    ("operation", "operationId", f"{POST}/operationId", "tell", S, S),
    ("operation", "deprecated", f"{POST}/deprecated", True, S, S),
    ("operation", "requestBody", f"{POST}/requestBody", None, B, S),
    ("operation", "responses", f"{POST}/responses/201", {"description": "made"}, S, B),
    ("operation", "callbacks", f"{POST}/callbacks", None, B, S),
    ("operation", "parameters", f"{POST}/parameters", [{"name": "p", "in": "header"}], S, B),
    ("operation", "tags", f"{POST}/tags", ["y"], NONE, NONE),
    ("parameter", "name", f"{Q}/name", "r", B, B),
    ("parameter", "in", f"{Q}/in", "header", B, B),
    ("parameter", "required", f"{Q}/required", True, B, S),
    ("parameter", "deprecated", f"{Q}/deprecated", True, S, S),
    ("parameter", "allowReserved", f"{Q}/allowReserved", True, B, B),
    ("parameter", "allowEmptyValue", f"{Q}/allowEmptyValue", True, NONE, NONE),
    ("parameter", "style", f"{Q}/style", "pipeDelimited", B, B),
    ("parameter", "explode", f"{Q}/explode", False, B, B),
    ("parameter", "schema", f"{Q}/schema/items/type", "integer", B, B),
    ("parameter", "content", f"{Q}/content", {JSON: {}}, B, B),
    ("body", "required", f"{POST}/requestBody/required", True, B, S),
    ("body", "content", f"{POST}/requestBody/content/text~1csv", {}, S, B),
    ("response", "content", f"{POST}/responses/200/content", None, B, S),
    ("response", "headers", f"{POST}/responses/200/headers/Y", {"schema": STRING}, S, S),
    ("response", "links", f"{POST}/responses/200/links", {"l": {"operationId": "ask"}}, NONE, NONE),
    (
        "response",
        "x-deprecated-response",
        f"{POST}/responses/200/x-deprecated-response",
        True,
        S,
        S,
    ),
    (
        "media",
        "schema",
        f"{POST}/responses/200/content/{JSON.replace('/', '~1')}/schema",
        STRING,
        B,
        B,
    ),
    ("media", "encoding", f"{FORM}/encoding/a", {"style": "spaceDelimited"}, B, B),
    ("encoding", "contentType", f"{FORM}/encoding/a", {"contentType": "image/png"}, B, B),
    ("encoding", "headers", f"{FORM}/encoding/a", {"headers": {"X": {}}}, B, B),
    ("encoding", "explode", f"{FORM}/encoding/a", {"explode": False}, B, B),
    ("encoding", "style", f"{FORM}/encoding/a", {"style": "form", "explode": True}, NONE, NONE),
    ("encoding", "allowReserved", f"{FORM}/encoding/a", {"allowReserved": True}, B, B),
]
STRUCTURE = {
    # Compared through what stands inside, or followed.
    ("document", "components"),
    ("document", "info"),
    ("document", "openapi"),
    ("document", "jsonSchemaDialect"),
    ("document", "tags"),
    ("scheme", "flows"),
    ("path", "post"),
    ("discriminator", "propertyName"),
    ("discriminator", "mapping"),
}


@pytest.mark.parametrize(
    ("place", "name", "pointer", "value", "there", "back"),
    ELSEWHERE,
    ids=lambda each: str(each)[:30],
)
def test_a_keyword_outside_schemas_is_classed(
    place: Place, name: str, pointer: str, value: Any, *, there: str, back: str
) -> None:
    """A difference of each keyword of operations, parameters, bodies and servers is found."""
    assert keyword(place, name)
    other = edited(pointer, value, FULL)
    assert (worst(FULL, other), worst(other, FULL)) == (there, back)


def test_every_keyword_outside_schemas_has_a_row() -> None:
    """What binds is in the table above, is a container, or follows a reference."""
    covered = {(place, name) for place, name, *_ in ELSEWHERE} | STRUCTURE
    left = {
        (row.place, row.name)
        for row in KEYWORDS
        if row.place != "schema"
        and row.meant
        and not row.waived
        and row.name != "$ref"
        and row.place not in {"components", "flows"}
    } - covered
    assert left <= {("flow", "tokenUrl"), ("flow", "refreshUrl")}


# Invariants: a document equals itself, its normal form, and any shuffle of what has no order.
names = st.sampled_from(
    ["a", "b", "c", "type", "description", "required", "1.10", "x-y", "$ref", "é~/"]
)
scalars = st.one_of(
    st.sampled_from([STRING, NUMBER, {"type": "boolean"}, {"type": "null"}, {}]),
    st.builds(
        lambda v: {"enum": v},
        st.lists(
            st.sampled_from(["a", "b", 1, True, None]),
            min_size=1,
            max_size=3,
            unique_by=lambda v: (type(v), v),
        ),
    ),
    st.builds(lambda v: {"const": v}, st.sampled_from(["a", 1, None])),
    st.builds(lambda p: {"type": "string", "pattern": p}, st.sampled_from(["^a", ".*", "b$"])),
    st.builds(
        lambda low, high: {"type": "number", "minimum": low, "exclusiveMaximum": high},
        st.integers(0, 3),
        st.integers(4, 6),
    ),
    st.builds(
        lambda d: {"type": "string", "format": "date", "default": d}, st.sampled_from(["x", "y"])
    ),
    st.sampled_from([{"$ref": f"#/components/schemas/S{index}"} for index in range(3)]),
)


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Schemas that hold schemas."""
    some = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        st.builds(
            lambda props, keys: {"type": "object", "properties": props, "required": keys},
            st.dictionaries(names.filter(lambda n: n != "$ref"), inner, max_size=3),
            st.lists(names, max_size=2, unique=True),
        ),
        st.builds(lambda i: {"type": "array", "items": i}, inner),
        st.builds(lambda i: {"type": "array", "prefixItems": i}, some),
        st.builds(lambda i: {"oneOf": i}, some),
        st.builds(lambda i: {"anyOf": i}, some),
        st.builds(lambda i: {"allOf": i}, some),
        st.builds(lambda i: {"type": "object", "additionalProperties": i}, inner),
        st.builds(lambda i: {"not": i}, inner),
        st.builds(lambda i, t: {"if": i, "then": t}, inner, inner),
        st.builds(lambda i: {"contains": i, "minContains": 2}, inner),
        st.builds(lambda i: {"type": "object", "readOnly": True, "properties": {"p": i}}, inner),
    )


schemas = st.recursive(scalars, nested, max_leaves=10)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Small documents of any shape."""
    known = {f"S{index}": draw(schemas) for index in range(3)}
    sent, received, told = draw(schemas), draw(schemas), draw(schemas)
    made = document("answer", received)
    made["components"]["schemas"] |= known
    operation = made["paths"]["/a"]["post"]
    operation["requestBody"] = {"content": {JSON: {"schema": sent}}}
    operation["parameters"] = [
        {"name": name, "in": "query", "schema": draw(scalars)}
        for name in draw(st.sets(names, max_size=3))
    ]
    made["webhooks"] = {
        "told": {"post": {"requestBody": {"content": {JSON: {"schema": told}}}, "responses": {}}}
    }
    made["servers"] = [{"url": f"https://{name}.test"} for name in "ab"]
    made["security"] = [{"x": []}, {}]
    return made


def shuffled(value: Any, place: Place, dice: random.Random) -> Any:
    """The same document, everything that has no order in another one."""
    if not isinstance(value, dict):
        return value
    out: dict[str, Any] = {}
    rows = list(children(value, place, ""))
    dice.shuffle(rows)
    for row, held, _, inner in rows:
        made = held
        if row.holds == "object":
            made = shuffled(held, row.inner, dice)
        elif row.holds == "objects" and isinstance(held, list):
            made = [shuffled(each, row.inner, dice) for _, each, _ in inner]
            if not row.ordered or row.name == "servers":
                dice.shuffle(made)
        elif row.holds == "named" and isinstance(held, dict):
            items = [(name, shuffled(each, row.inner, dice)) for name, each in held.items()]
            dice.shuffle(items)
            made = dict(items)
        elif row.holds == "set" and isinstance(held, list):
            made = dice.sample(held, len(held))
        out[row.name] = made
    return out


@given(made=documents(), seed=st.integers(0, 2**32))
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_document_is_itself_in_any_order_and_form(made: dict[str, Any], seed: int) -> None:
    """Against itself, its normal form and any shuffle, there is no drift, in every format."""
    other = shuffled(made, "document", random.Random(seed))
    canonical = normalise(made)
    assert to_json(canonical) == to_json(normalise(other)) or "servers" in made
    assert normalise(canonical) == canonical
    for form in (copy.deepcopy(made), other, canonical):
        report = assess(side(made), side(form), docs=False)
        assert not report.entries, [entry.change.summary for entry in report.entries]
    for name in FORMATS:
        assert render(report, name)


def side(made: dict[str, Any]) -> Side:
    """One side of a comparison, from the bytes of a document."""
    content = json.dumps(made).encode()
    return Side(
        source="a.json", document=Document(decode(content, source="a.json")), content=content
    )


@given(old=documents(), new=documents(), seed=st.integers(0, 2**32))
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_verdict_does_not_depend_on_order(
    old: dict[str, Any], new: dict[str, Any], seed: int
) -> None:
    """Two documents differ by the same rules, however either of them is written down."""
    dice = random.Random(seed)

    def said(one: Any, two: Any) -> Counter[tuple[str, str]]:
        changes = diff(Document(one), Document(two))
        return Counter({(each.rule, each.cls): 1 for each in changes})

    mixed = [shuffled(each, "document", dice) for each in (old, new)]
    assert said(old, new) == said(*mixed)
