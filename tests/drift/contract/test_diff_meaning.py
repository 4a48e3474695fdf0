"""What means the same, and where a difference is said to be."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from fingerprint_async.drift.contract.compare import diff
from fingerprint_async.drift.contract.document import Document
from fingerprint_async.drift.contract.errors import DocumentError
from fingerprint_async.drift.contract.load import decode
from fingerprint_async.drift.contract.words import describe

JSON = "application/json"
STRING = {"type": "string"}


def document(
    schema: Any = None,
    *,
    version: str = "3.1.0",
    sent: Any = None,
    schemas: Any = None,
    **more: Any,
) -> dict[str, Any]:
    """A document with one operation that takes and answers a schema each."""
    operation: dict[str, Any] = {"operationId": "ask", "responses": {"200": {"description": "ok"}}}
    if schema is not None:
        operation["responses"]["200"]["content"] = {JSON: {"schema": schema}}
    if sent is not None:
        operation["requestBody"] = {"content": {JSON: {"schema": sent}}}
    operation |= more.pop("operation", {})
    components = {"schemas": schemas or {}, **more.pop("components", {})}
    return {
        "openapi": version,
        "paths": {"/a/{id}": {"post": operation, **more.pop("item", {})}},
        "components": components,
        **more,
    }


def found(old: Any, new: Any) -> list[tuple[str, str]]:
    """The rule and the place of each change."""
    return [(change.rule, change.location) for change in diff(Document(old), Document(new))]


def obj(*required: str, **properties: Any) -> dict[str, Any]:
    """An object schema."""
    return {
        "type": "object",
        "properties": properties,
        **({"required": list(required)} if required else {}),
    }


SAME: list[tuple[str, Any, Any]] = [
    (
        "an object in parts and in one",
        {"allOf": [obj("a", a=STRING), obj(b=STRING)]},
        obj("a", a=STRING, b=STRING),
    ),
    (
        "bounds in parts and in one",
        {"allOf": [{"type": "integer", "minimum": 1}, {"minimum": 3}]},
        {"type": "integer", "minimum": 3},
    ),
    ("a constant and an enum of one", {"const": "a"}, {"type": "string", "enum": ["a"]}),
    (
        "a list that is narrowed",
        {"type": "string", "enum": ["a", "b"]},
        {"allOf": [{"enum": ["b", "a", "c"]}, {"type": "string", "enum": ["b", "a"]}]},
    ),
    ("a type that goes without saying", {"properties": {"a": STRING}}, obj(a=STRING)),
    ("items that go without a type", {"items": STRING}, {"type": "array", "items": STRING}),
    (
        "null as a type and as a member",
        {"type": ["string", "null"]},
        {"anyOf": [{"type": "null"}, STRING]},
    ),
    (
        "types as a list and as a choice",
        {"type": ["string", "integer"]},
        {"oneOf": [{"type": "integer"}, STRING]},
    ),
    (
        "a choice inside a choice",
        {"oneOf": [STRING, {"anyOf": [{"type": "integer"}, {"type": "boolean"}]}]},
        {"oneOf": [{"type": "boolean"}, {"type": "integer"}, STRING]},
    ),
    (
        "what holds for all beside a choice",
        {**obj("a", a=STRING), "oneOf": [obj(b=STRING), obj("c", c=STRING)]},
        {"oneOf": [obj("a", a=STRING, b=STRING), obj("a", "c", a=STRING, c=STRING)]},
    ),
    (
        "above and at least, for whole numbers",
        {"type": "integer", "exclusiveMinimum": 0},
        {"type": "integer", "minimum": 1},
    ),
    (
        "numbers that are equal",
        {"type": "number", "minimum": 1},
        {"type": "number", "minimum": 1.0},
    ),
    ("true and an empty schema", {"type": "array", "items": True}, {"type": "array", "items": {}}),
    (
        "any additional properties",
        {"type": "object", "additionalProperties": {}},
        {"type": "object"},
    ),
    (
        "a required name without a definition",
        {"type": "object", "required": ["a"]},
        {"type": "object", "required": ["a", "a"]},
    ),
    ("numbers, whole ones included", {"type": ["integer", "number"]}, {"type": "number"}),
    (
        "whole numbers of numbers",
        {"allOf": [{"type": "number"}, {"type": "integer"}]},
        {"allOf": [{"type": "integer"}, {"type": "number"}]},
    ),
    (
        "values of every type",
        {"enum": [1, 1.5, True, [1], {"a": 1}, "x", None, 2.0]},
        {"enum": [None, 2, "x", {"a": 1}, [1], True, 1.5, 1.0]},
    ),
    (
        "the tighter of two limits",
        {
            "allOf": [
                {"type": "integer", "maximum": 3, "maxLength": 2},
                {"maximum": 5, "maxLength": 4},
            ]
        },
        {"type": "integer", "maximum": 3, "maxLength": 2},
    ),
    (
        "the tighter of two ways to limit",
        {"type": "number", "minimum": 3, "exclusiveMinimum": 2},
        {"type": "number", "minimum": 3},
    ),
    ("nothing but null", {"type": "null"}, {"oneOf": [{"type": "null"}]}),
    ("nothing at all", {"type": "array", "items": False}, {"type": "array", "items": {"not": {}}}),
    (
        "a property named as prose is",
        obj(description=STRING, title={"type": "string", "title": "x"}),
        obj(description=STRING, title=STRING),
    ),
]


@pytest.mark.parametrize(
    ("old", "new"), [case[1:] for case in SAME], ids=[case[0] for case in SAME]
)
def test_the_same_contract_is_no_change(old: Any, new: Any) -> None:
    """Two ways to write one contract give nothing, sent or received, in either order."""
    for before, after in ((old, new), (new, old)):
        assert found(document(before, sent=before), document(after, sent=after)) == []


def test_openapi_3_0_means_what_it_means_in_3_1() -> None:
    """`nullable`, exclusive limits as flags, siblings of a reference are read as 3.0 says."""
    old = obj(
        a={"type": "string", "nullable": True},
        b={"type": "number", "minimum": 1, "exclusiveMinimum": True, "example": 2},
        c={"$ref": "#/components/schemas/C", "type": "integer"},
        d={"type": "string", "nullable": True, "enum": ["x"]},
    )
    new = obj(
        a={"type": ["string", "null"]},
        b={"type": "number", "exclusiveMinimum": 1, "examples": [2]},
        c={"$ref": "#/components/schemas/C"},
        d={"type": ["string", "null"], "enum": ["x", None]},
    )
    schemas = {"C": STRING}
    before, after = (
        document(old, sent=old, version="3.0.3", schemas=schemas),
        document(new, sent=new, schemas=schemas),
    )
    assert found(before, after) == []
    assert found(after, before) == []


def test_what_stands_beside_a_reference_counts_in_3_1() -> None:
    """A constant beside a reference narrows it, as one joined by `allOf` does."""
    schemas = {"Kind": {"type": "string", "enum": ["a", "b"]}}
    beside = obj(kind={"$ref": "#/components/schemas/Kind", "const": "a"})
    joined = obj(kind={"allOf": [{"$ref": "#/components/schemas/Kind"}, {"const": "a"}]})
    plain = obj(kind={"$ref": "#/components/schemas/Kind"})
    assert found(document(beside, schemas=schemas), document(joined, schemas=schemas)) == []
    [(rule, place)] = found(document(plain, schemas=schemas), document(beside, schemas=schemas))
    assert (rule, place) == (
        "RESP-ENUM-REMOVED",
        "/paths/~1a~1{id}/post/responses/200/content/application~1json/schema/properties/kind",
    )


def test_a_definition_that_says_the_same_did_not_change() -> None:
    """What a place adds to a definition, or no longer does, changed at the place."""
    schemas = {"N": {"type": "integer", "minimum": 1}, "T": obj(a=STRING)}
    looser = obj(n={"$ref": "#/components/schemas/N"}, t={"$ref": "#/components/schemas/T"})
    tighter = obj(
        n={"allOf": [{"$ref": "#/components/schemas/N"}, {"minimum": 3}]},
        t={"allOf": [{"$ref": "#/components/schemas/T"}, {"required": ["a"]}]},
    )
    at = "/paths/~1a~1{id}/post/responses/200/content/application~1json/schema/properties"
    up = found(document(looser, schemas=schemas), document(tighter, schemas=schemas))
    assert sorted(up) == [
        ("RESP-CONSTRAINT-TIGHTENED", f"{at}/n/allOf/1/minimum"),
        ("RESP-PROP-BECAME-REQUIRED", f"{at}/t"),
    ]
    down = found(document(tighter, schemas=schemas), document(looser, schemas=schemas))
    assert sorted(down) == [
        ("RESP-CONSTRAINT-LOOSENED", f"{at}/n"),
        ("RESP-PROP-BECAME-OPTIONAL", f"{at}/t"),
    ]


def test_parts_by_reference_mean_what_they_mean_in_place() -> None:
    """Parameters, bodies, responses, headers and path items by reference are what they lead to."""
    parameter = {"name": "X-Trace", "in": "header", "schema": STRING}
    identity = {"name": "id", "in": "path", "required": True, "schema": STRING}
    header = {"schema": {"type": "integer"}}
    body = {"content": {"Application/JSON": {"schema": STRING}}}
    response = {
        "description": "ok",
        "headers": {"Retry-After": header},
        "content": {JSON: {"schema": STRING}},
    }
    plain = {
        "openapi": "3.1.0",
        "paths": {
            "/a/{id}": {
                "post": {
                    "parameters": [identity, parameter],
                    "requestBody": body,
                    "responses": {"200": response},
                }
            }
        },
    }
    parts = {
        "openapi": "3.1.0",
        "paths": {"/a/{id}": {"$ref": "#/components/pathItems/A"}},
        "components": {
            "pathItems": {
                "A": {
                    "parameters": [{"$ref": "#/components/parameters/P"}, identity],
                    "post": {
                        "requestBody": {"$ref": "#/components/requestBodies/B"},
                        "responses": {"200": {"$ref": "#/components/responses/R"}},
                    },
                }
            },
            "parameters": {"P": {**parameter, "name": "x-trace"}},
            "requestBodies": {
                "B": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/A%20b~1c"}}
                    }
                }
            },
            "responses": {
                "R": {**response, "headers": {"retry-after": {"$ref": "#/components/headers/H"}}}
            },
            "headers": {"H": header},
            "schemas": {"A b/c": STRING},
        },
    }
    assert found(plain, parts) == []
    assert found(parts, plain) == []


def test_a_change_is_reported_once_where_it_is_defined() -> None:
    """A schema that is used in many places and loses a property is one change, at the schema."""
    schema = obj(
        one={"$ref": "#/components/schemas/S"},
        two={"type": "array", "items": {"$ref": "#/components/schemas/S"}},
    )
    old = document(schema, sent=schema, schemas={"S": obj(a=STRING, b=STRING)})
    new = document(schema, sent=schema, schemas={"S": obj(a=STRING)})
    [change] = diff(Document(old), Document(new))
    assert change.location == "/components/schemas/S/properties/b"
    assert change.direction == "both"
    assert [(hit.rule, hit.cls) for hit in change.rules] == [
        ("RESP-PROP-REMOVED", "breaking"),
        ("REQ-PROP-REMOVED", "breaking"),
    ]
    assert change.operations == ("ask (POST /a/{id})",)
    assert change.summary == "S.b was removed (it was optional)"


def test_the_worse_direction_decides() -> None:
    """A property that may be left out from now on is fine to send and breaks who reads it."""
    schema = {"$ref": "#/components/schemas/S"}
    old = document(schema, sent=schema, schemas={"S": obj("a", a=STRING)})
    new = document(schema, sent=schema, schemas={"S": obj(a=STRING)})
    [change] = diff(Document(old), Document(new))
    assert (change.cls, change.rule) == ("breaking", "RESP-PROP-BECAME-OPTIONAL")
    assert {hit.direction: hit.cls for hit in change.rules} == {
        "request": "non-breaking",
        "response": "breaking",
    }


def test_a_reference_that_leads_elsewhere_is_what_changed() -> None:
    """Two schemas that stay do not change because a property goes from one to the other."""
    schemas = {
        "A": obj(x=STRING),
        "B": obj(x={"type": "integer"}),
        "T": obj(p={"$ref": "#/components/schemas/A"}, q={"$ref": "#/components/schemas/B"}),
    }
    new = copy.deepcopy(schemas)
    new["T"]["properties"]["p"]["$ref"] = "#/components/schemas/B"
    root = {"$ref": "#/components/schemas/T"}
    [change] = diff(
        Document(document(root, schemas=schemas)), Document(document(root, schemas=new))
    )
    assert (change.rule, change.location) == (
        "RESP-TYPE-CHANGED",
        "/components/schemas/T/properties/p",
    )


def test_a_property_that_becomes_a_named_enum_changed_itself() -> None:
    """Free text that becomes a named list of values is a change of the property, not the name."""
    root = {"$ref": "#/components/schemas/T"}
    old = document(root, schemas={"T": obj(kind=STRING)})
    new = document(
        root,
        schemas={
            "T": obj(kind={"$ref": "#/components/schemas/Kind"}),
            "Kind": {"type": "string", "enum": ["a"]},
        },
    )
    assert found(old, new) == [("RESP-BECAME-ENUM", "/components/schemas/T/properties/kind")]


@pytest.mark.parametrize("name", ["#/components/schemas/A", "A", "A.yaml", "schemas/A.json"])
def test_a_discriminator_names_a_schema_in_any_way(name: str) -> None:
    """By reference, by name or by the file it once was: the same schema is the same schema."""

    def made(target: str) -> dict[str, Any]:
        choice = {
            "oneOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}],
            "discriminator": {"propertyName": "k", "mapping": {"a": target}},
        }
        return document(
            choice, schemas={"A": obj("k", k=STRING, a=STRING), "B": obj("k", k=STRING, b=STRING)}
        )

    assert found(made("#/components/schemas/A"), made(name)) == []


def test_what_no_operation_reaches_breaks_nobody() -> None:
    """A named schema that nothing uses may lose what it wants; it is still said."""
    old = document(schemas={"Unused": obj(a=STRING)})
    new = document(schemas={"Unused": obj()})
    [change] = diff(Document(old), Document(new))
    assert (change.cls, change.direction, change.rule) == (
        "non-breaking",
        "none",
        "RESP-PROP-REMOVED",
    )


def test_a_read_only_property_is_never_sent() -> None:
    """What only comes in responses does not break requests by going, and the other way round."""
    schema = {"$ref": "#/components/schemas/S"}
    for flag, direction in (("readOnly", "response"), ("writeOnly", "request")):
        old = document(
            schema, sent=schema, schemas={"S": obj(a={"type": "string", flag: True}, b=STRING)}
        )
        new = document(schema, sent=schema, schemas={"S": obj(b=STRING)})
        [change] = diff(Document(old), Document(new))
        assert change.direction == direction


def test_an_operation_is_known_by_its_id_where_its_path_is_gone() -> None:
    """An operation that moved is one change, and what else changed in it is found too."""
    old = document(STRING)
    new = document({"type": "integer"})
    new["paths"] = {"/b/{id}": new["paths"].pop("/a/{id}")}
    assert found(old, new) == [
        ("OP-MOVED", "/paths/~1b~1{id}/post"),
        (
            "RESP-TYPE-CHANGED",
            "/paths/~1b~1{id}/post/responses/200/content/application~1json/schema",
        ),
    ]


def test_two_renames_at_once_are_not_evident() -> None:
    """Of two properties with the same words that go, and two that come, what is certain is said."""
    said = {"type": "string", "description": "Words."}
    old, new = obj(a=said, b=said), obj(c=said, d=said)
    assert [rule for rule, _ in found(document(old), document(new))] == [
        "RESP-PROP-REMOVED"
    ] * 2 + ["RESP-PROP-ADDED"] * 2


def test_the_only_use_of_a_schema_under_another_name_is_a_rename() -> None:
    """Also without words: a named schema that is used once, and is used once still."""
    schemas = {"S": obj(x=STRING)}
    root = obj(old_name={"$ref": "#/components/schemas/S"})
    other = obj(new_name={"$ref": "#/components/schemas/S"})
    [(rule, place)] = found(document(root, schemas=schemas), document(other, schemas=schemas))
    assert rule == "RESP-PROP-RENAMED"
    assert place.endswith("/properties/new_name")


def test_servers_and_security_of_one_operation_count_for_it() -> None:
    """What an operation or a path says of its own is compared where it says so."""
    schemes = {
        "securitySchemes": {
            "k": {"type": "apiKey", "in": "header", "name": "K"},
            "t": {"type": "http", "scheme": "Bearer"},
        }
    }
    old = document(
        STRING,
        components=schemes,
        security=[{"k": []}],
        servers=[{"url": "https://{r}.x/", "variables": {"r": {"default": "eu"}}}],
    )
    same = copy.deepcopy(old)
    same["servers"] = [{"url": "https://eu.x"}]
    same["paths"]["/a/{id}"]["post"]["security"] = [{"k": []}]
    assert found(old, same) == []
    new = copy.deepcopy(old)
    new["paths"]["/a/{id}"]["servers"] = [{"url": "https://other.x"}]
    new["paths"]["/a/{id}"]["post"]["security"] = [{"t": ["scope"]}]
    assert sorted(found(old, new)) == [
        ("SECURITY-ADDED", "/paths/~1a~1{id}/post/security"),
        ("SERVER-CHANGED", "/paths/~1a~1{id}/servers/0"),
    ]


def test_a_list_of_what_was_one_is_wider() -> None:
    """A filter that takes several values where it took one takes the one still."""

    def made(schema: Any, **more: Any) -> dict[str, Any]:
        return document(
            operation={"parameters": [{"name": "f", "in": "query", "schema": schema, **more}]}
        )

    one = {"type": "string", "enum": ["a", "b"]}
    assert [rule for rule, _ in found(made(one), made({"type": "array", "items": one}))] == [
        "REQ-TYPE-WIDENED"
    ]
    assert [
        rule for rule, _ in found(made(one), made({"type": "array", "items": one}, explode=False))
    ] == ["REQ-TYPE-CHANGED"]
    fewer = {"type": "array", "items": {"type": "string", "enum": ["a"]}}
    assert {rule for rule, _ in found(made(one), made(fewer))} == {
        "REQ-TYPE-WIDENED",
        "REQ-ENUM-REMOVED",
    }


def test_a_webhook_s_headers_are_received() -> None:
    """What a webhook sends along is something that we read."""

    def made(*names: str) -> dict[str, Any]:
        parameters = [{"name": name, "in": "header", "schema": STRING} for name in names]
        return document(webhooks={"told": {"post": {"parameters": parameters}}})

    assert sorted(rule for rule, _ in found(made("a", "b"), made("b", "c"))) == [
        "RESP-HEADER-ADDED",
        "RESP-HEADER-REMOVED",
    ]


def test_keys_are_names_whatever_yaml_takes_them_for() -> None:
    """A status, a version or a word without quotes is a name; two keys of one name are refused."""
    text = "200: a\n1.10: b\n1.1: c\nno: d\n~: e\n0x10: f\n"
    wanted = {"200": "a", "1.10": "b", "1.1": "c", "no": "d", "~": "e", "0x10": "f"}
    assert decode(text.encode(), source="x.yaml") == wanted
    for twice in (b"200: a\n'200': b\n", b'{"200": 1, "200": 2}'):
        with pytest.raises(DocumentError, match="the key '200' stands twice"):
            decode(twice, source="x")


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (
            {"paths": {"/a": {"get": {"deprecated": "yes"}}}},
            "expected true or false, found a string",
        ),
        ({"paths": {"/a": {"$ref": "#/paths/~1a"}}}, "the reference leads back to itself"),
        (
            {"paths": {"/a": {"get": {"parameters": [{"in": "query"}]}}}},
            "/paths/~1a/get/parameters/0/name: expected a string, found nothing",
        ),
        ({"servers": [{"url": 1}]}, "/servers/0/url: expected a string, found a number"),
    ],
)
def test_what_is_broken_is_named(edit: Any, says: str) -> None:
    """The message says what stands where, and what belongs there."""
    broken = {"openapi": "3.1.0", **edit}
    with pytest.raises(DocumentError) as caught:
        diff(Document(broken), Document(broken))
    assert says in str(caught.value)


def test_choices_among_choices_beyond_use_are_compared_as_written() -> None:
    """A chain of choices between two is told apart for a while.

    What is beyond is said, and still compared.
    """

    def deep(last: Any) -> dict[str, Any]:
        schemas = {
            f"S{index}": {
                "type": "object",
                "oneOf": [
                    {"$ref": f"#/components/schemas/S{index + 1}"},
                    obj(**{f"p{index}": STRING}),
                ],
            }
            for index in range(40)
        }
        return document({"$ref": "#/components/schemas/S0"}, schemas={**schemas, "S40": last})

    old, new = Document(deep(obj(a=STRING))), Document(deep(obj(a={"type": "integer"})))
    assert diff(old, Document(deep(obj(a=STRING)))) == []
    assert any("too complex" in said for said in old.problems.values())
    [change] = diff(old, new)
    assert (change.rule, change.cls) == ("RESP-TYPE-CHANGED", "breaking")
    assert change.location == "/components/schemas/S40/properties/a"


def test_a_choice_of_objects_can_become_nullable() -> None:
    """Null as one more alternative is null, also beside objects."""
    pair = [obj("a", a=STRING), obj("b", b=STRING)]
    old, new = document({"oneOf": pair}), document({"oneOf": [*pair, {"type": "null"}]})
    assert [rule for rule, _ in found(old, new)] == ["RESP-BECAME-NULLABLE"]
    assert [rule for rule, _ in found(new, old)] == ["RESP-BECAME-NON-NULLABLE"]


def test_the_alternative_that_is_left_stands_for_the_one_that_is_left() -> None:
    """Of two alternatives one stays; the other changed."""
    old = document({"oneOf": [obj("a", a=STRING), obj("b", b=STRING, c=STRING)]})
    new = document({"oneOf": [obj("a", a=STRING), obj("b", b=STRING, d=STRING)]})
    assert sorted(rule for rule, _ in found(old, new)) == ["RESP-PROP-ADDED", "RESP-PROP-REMOVED"]


def test_a_limit_can_come_and_go() -> None:
    """A limit where none was is tighter, none where one was is looser."""
    old, new = document(sent=STRING), document(sent={"type": "string", "maxLength": 5})
    assert [rule for rule, _ in found(old, new)] == ["REQ-CONSTRAINT-TIGHTENED"]
    assert [rule for rule, _ in found(new, old)] == ["REQ-CONSTRAINT-LOOSENED"]


def test_a_step_that_fits_is_looser_and_one_that_does_not_is_both() -> None:
    """Every multiple of 4 is one of 2; multiples of 4 and of 6 are neither."""

    def made(step: int) -> dict[str, Any]:
        return document(sent={"type": "integer", "multipleOf": step})

    assert [rule for rule, _ in found(made(4), made(2))] == ["REQ-CONSTRAINT-LOOSENED"]
    assert [rule for rule, _ in found(made(4), made(6))] == ["REQ-CONSTRAINT-TIGHTENED"]


def test_what_only_matters_to_the_other_side_is_no_change() -> None:
    """A property that we only receive may become read-only.

    One that we only send may become write-only.
    """
    plain, read, write = (
        obj(a=STRING),
        obj(a={**STRING, "readOnly": True}),
        obj(a={**STRING, "writeOnly": True}),
    )
    assert found(document(plain), document(read)) == []
    assert found(document(sent=plain), document(sent=write)) == []


def test_a_named_schema_that_is_no_class_comes_and_goes_unsaid() -> None:
    """A named text that nothing uses is neither on the wire nor in code."""
    assert found(document(STRING), document(STRING, schemas={"Text": STRING})) == []


def test_rewriting_is_listed_on_request() -> None:
    """A schema that gets a name where it stood inline is listed as wording, when asked for."""
    old, new = (
        document(obj(a=STRING)),
        document({"$ref": "#/components/schemas/S"}, schemas={"S": obj(a=STRING)}),
    )
    [change] = diff(Document(old), Document(new), refactors=True)
    assert (change.rule, change.cls, change.location, change.kind) == (
        "REF-REFACTOR",
        "docs-only",
        "/components/schemas/S",
        "added",
    )
    [change] = diff(Document(new), Document(old), refactors=True)
    assert (change.document, change.kind) == ("old", "removed")


def test_schemas_that_have_little_in_common_are_no_rename() -> None:
    """One name goes and another comes in the same place: a rename when the contracts are alike."""

    def made(name: str, schema: Any) -> dict[str, Any]:
        return document({"$ref": f"#/components/schemas/{name}"}, schemas={name: schema})

    like, unlike = obj(a=STRING, b=STRING, c=STRING), obj(x=STRING, y=STRING)
    old = made("Old", obj(a=STRING, b=STRING))
    assert ("SCHEMA-RENAMED", "/components/schemas/New") in found(old, made("New", like))
    assert not [rule for rule, _ in found(old, made("New", unlike)) if rule.startswith("SCHEMA")]
    assert [rule for rule, _ in found(old, made("New", STRING))] == ["RESP-TYPE-CHANGED"]


def test_one_schema_in_two_media_types_is_one_change() -> None:
    """What is reached twice by one operation is said once."""

    def made(schema: Any) -> dict[str, Any]:
        content = {
            name: {"schema": {"$ref": "#/components/schemas/S"}} for name in (JSON, "text/json")
        }
        return document(
            schemas={"S": schema}, operation={"responses": {"200": {"content": content}}}
        )

    assert found(made(obj(a=STRING)), made(obj())) == [
        ("RESP-PROP-REMOVED", "/components/schemas/S/properties/a")
    ]


def test_headers_that_the_specification_ignores_are_ignored() -> None:
    """A parameter named Authorization says nothing: security does."""
    extra = {
        "parameters": [
            {"name": "Authorization", "in": "header", "required": True, "schema": STRING}
        ]
    }
    assert found(document(STRING), document(STRING, operation=extra)) == []


def test_things_are_said_in_words() -> None:
    """Summaries name types as a reader would."""
    added = obj(
        a={"oneOf": [STRING, {"type": "integer"}]},
        b={"type": "array"},
        c={},
        d={"enum": ["x" * 200]},
    )
    said = {
        change.name: change.summary.partition(" was ")[2]
        for change in diff(Document(document(obj())), Document(document(added)))
    }
    assert said["a"] == "added (optional string or integer)"
    assert said["b"] == "added (optional array of anything)"
    assert said["c"] == "added (optional anything)"
    assert said["d"].endswith("…)")


def test_a_property_without_a_definition_is_no_rename() -> None:
    """A name that is only required has no shape that could be recognised."""
    old, new = (
        document({"type": "object", "required": ["a"]}),
        document({"type": "object", "required": ["b"]}),
    )
    assert [rule for rule, _ in found(old, new)] == ["RESP-PROP-REMOVED", "RESP-PROP-ADDED"]


def test_parameters_with_a_media_type_are_compared_inside() -> None:
    """What a parameter holds as JSON is compared as a schema."""

    def made(schema: Any) -> dict[str, Any]:
        return document(
            operation={
                "parameters": [{"name": "f", "in": "query", "content": {JSON: {"schema": schema}}}]
            }
        )

    [(rule, place)] = found(made(obj(a=STRING)), made(obj("a", a=STRING)))
    assert (rule, place) == (
        "REQ-PROP-BECAME-REQUIRED",
        "/paths/~1a~1{id}/post/parameters/0/content/application~1json/schema/properties/a",
    )


def test_two_names_in_a_path_may_keep_one() -> None:
    """Of two names in a template only the one that changed is said."""

    def made(last: str) -> dict[str, Any]:
        return {
            "openapi": "3.1.0",
            "paths": {
                f"/a/{{x}}/b/{{{last}}}": {
                    "get": {"x-internal": True, "callbacks": {"c": {"x-note": 1}}}
                }
            },
        }

    assert found(made("y"), made("z")) == [("PATH-PARAM-RENAMED", "/paths/~1a~1{x}~1b~1{z}/get")]


def test_what_is_no_longer_described_is_placed_around() -> None:
    """A schema that is gone leaves the place that held it, in the document that has that."""
    old, new = document(STRING), document(STRING)
    media = new["paths"]["/a/{id}"]["post"]["responses"]["200"]["content"][JSON]
    del media["schema"]
    place = "/paths/~1a~1{id}/post/responses/200/content/application~1json"
    assert found(old, new) == [("RESP-TYPE-WIDENED", place)]
    assert found(new, old) == [("RESP-TYPE-NARROWED", f"{place}/schema")]


def test_names_that_begin_as_extensions_do_are_names() -> None:
    """A header, a schema and a property called x-… are what they are.

    An extension beside a path is none.
    """

    def made(*names: str) -> dict[str, Any]:
        headers = {name: {"schema": STRING} for name in names}
        more = {
            "responses": {
                "200": {
                    "headers": headers,
                    "content": {JSON: {"schema": {"$ref": "#/components/schemas/x-s"}}},
                }
            }
        }
        return document(schemas={"x-s": obj(**dict.fromkeys(names, STRING))}, operation=more)

    old, new = made("x-a"), made("x-a", "x-b")
    new["paths"]["x-note"] = {"get": {}}
    assert sorted(rule for rule, _ in found(old, new)) == ["RESP-HEADER-ADDED", "RESP-PROP-ADDED"]


def test_a_status_is_deprecated_where_it_is_referenced() -> None:
    """A shared response that one operation marks is deprecated there."""

    def made(**mark: Any) -> dict[str, Any]:
        shared = {"responses": {"R": {"description": "gone"}}}
        return document(
            components=shared,
            operation={"responses": {"504": {"$ref": "#/components/responses/R", **mark}}},
        )

    assert found(made(), made(**{"x-deprecated-response": True})) == [
        ("RESP-STATUS-DEPRECATED", "/paths/~1a~1{id}/post/responses/504")
    ]


@pytest.mark.parametrize(
    ("pointer", "words"),
    [
        ("", "the document"),
        ("/info", "info"),
        ("/components/schemas/Event/properties/tags/additionalProperties", "Event.tags.*"),
        (
            "/paths/~1a/get/responses/200/content/application~1json/schema/items/properties/b",
            "status 200 of GET /a[].b",
        ),
        ("/paths/~1a/get/requestBody/content/application~1json", "request body of GET /a"),
        ("/paths/~1a/get/responses/200/headers/X-A/schema", "header X-A of status 200 of GET /a"),
        ("/paths/~1a/get/parameters/0", "parameter 0 of GET /a"),
        ("/components/requestBodies/B/content/x/schema/properties/a", "request body B.a"),
        ("/webhooks/told/post", "webhook told"),
    ],
)
def test_a_place_is_said_in_words(pointer: str, words: str) -> None:
    """A pointer into a document reads as what stands there."""
    assert describe(Document({"openapi": "3.1.0"}), pointer) == words
