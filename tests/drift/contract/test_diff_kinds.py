"""Kinds of documents that a differ errs on.

Order, conjunction, unions of constants, discriminators, conditions.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

from fingerprint_async.drift.contract.compare import diff
from fingerprint_async.drift.contract.document import Document

JSON = "application/json"
STRING: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "integer"}


def ref(name: str) -> dict[str, str]:
    """A reference to a named schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def obj(*required: str, **properties: Any) -> dict[str, Any]:
    """An object schema."""
    return {"type": "object", "properties": properties, "required": list(required)}


def document(
    *, sent: Any = None, received: Any = None, operation: Any = None, **schemas: Any
) -> dict[str, Any]:
    """A document with one operation."""
    asked: dict[str, Any] = {"responses": {"200": {"description": "ok"}}}
    if received is not None:
        asked["responses"]["200"]["content"] = {JSON: {"schema": received}}
    if sent is not None:
        asked["requestBody"] = {"content": {JSON: {"schema": sent}}}
    return {
        "openapi": "3.1.0",
        "paths": {"/a": {"post": asked | (operation or {})}},
        "components": {"schemas": schemas},
    }


def found(old: Any, new: Any) -> list[tuple[str, str]]:
    """The rule and the class of each change."""
    return [(each.rule, each.cls) for each in diff(Document(old), Document(new))]


CONJOINED = [
    [{"pattern": "^a"}, {"pattern": "b$"}],
    [{"not": {"const": "a"}}, {"not": {"const": "b"}}],
    [{"format": "email"}, {"format": "idn-email"}],
    [
        {"if": {"minLength": 2}, "then": {"pattern": "^a"}},
        {"if": {"minLength": 4}, "then": {"pattern": "b"}},
    ],
    [{"default": "a"}, {"default": "b"}],
    [{"contains": STRING}, {"contains": NUMBER}],
    [{"contentEncoding": "base64"}, {"contentEncoding": "base16"}],
    [{"propertyNames": {"maxLength": 3}}, {"propertyNames": {"pattern": "a"}}],
    [{"oneOf": [obj(a=STRING), obj(b=STRING)]}, {"oneOf": [obj(c=STRING), obj(d=STRING)]}],
    [{"dependentRequired": {"a": ["b"]}}, {"dependentRequired": {"a": ["c"]}}],
]


@pytest.mark.parametrize("parts", CONJOINED, ids=lambda each: next(iter(each[0])))
def test_what_is_joined_is_in_force_at_once(parts: list[Any]) -> None:
    """Order says nothing; one condition more narrows, one less widens, and neither is missed."""
    both, turned, one = (document(sent={"allOf": some}) for some in (parts, parts[::-1], parts[:1]))
    assert found(both, turned) == []
    narrowed, widened = found(one, both), found(both, one)
    assert narrowed
    assert widened
    if "default" not in parts[0] and "contentEncoding" not in parts[0] and "oneOf" not in parts[0]:
        assert {cls for _, cls in narrowed} == {"breaking"}
        assert {cls for _, cls in widened} == {"non-breaking"}


def test_two_steps_are_their_common_multiple() -> None:
    """Multiples of 4 and of 6 are multiples of 12."""
    both = {"type": "integer", "allOf": [{"multipleOf": 4}, {"multipleOf": 6}]}
    assert found(document(sent=both), document(sent={"type": "integer", "multipleOf": 12})) == []


LISTS = [
    {"enum": ["a", "b", "c"]},
    {"type": "string", "enum": ["c", "b", "a"]},
    {"oneOf": [{"const": "a"}, {"const": "b", "description": "words"}, {"const": "c"}]},
    {"type": "string", "anyOf": [{"enum": ["a"]}, {"enum": ["b", "c"]}]},
    {"anyOf": [{"oneOf": [{"const": "a"}, {"const": "b"}]}, {"const": "c", "title": "C"}]},
    {"oneOf": [ref("AB"), {"const": "c"}]},
]


@pytest.mark.parametrize("one", LISTS, ids=range(len(LISTS)))
@pytest.mark.parametrize("other", LISTS, ids=range(len(LISTS)))
def test_constants_are_one_list_however_they_are_written(one: Any, other: Any) -> None:
    """An enum, a choice between constants, and choices between enums are the same."""
    known = {"AB": {"enum": ["b", "a"]}}
    old, new = (document(sent=each, received=each, **known) for each in (one, other))
    assert found(old, new) == []


@pytest.mark.parametrize("written", [0, 1, 2])
def test_a_constant_that_comes_or_goes_is_a_value(written: int) -> None:
    """Documented enums are enums: what is gone is refused, what is new can come."""

    def listed(values: str) -> Any:
        if written == 0:
            return {"oneOf": [{"const": value} for value in values]}
        if written == 1:
            return {"type": "string", "anyOf": [{"enum": [value]} for value in values]}
        return {"oneOf": [*({"const": value} for value in values), {"type": "null"}]}

    assert found(document(sent=listed("abc")), document(sent=listed("ab"))) == [
        ("REQ-ENUM-REMOVED", "breaking")
    ]
    assert found(document(received=listed("ab")), document(received=listed("abc"))) == [
        ("RESP-ENUM-ADDED", "non-breaking")
    ]


def tagged(mapping: dict[str, str] | None, names: str = "AB") -> dict[str, Any]:
    """An answer that is one of some, told apart by their kind."""
    told: dict[str, Any] = {"propertyName": "kind"}
    if mapping is not None:
        told["mapping"] = mapping
    union = {"oneOf": [ref(name) for name in names], "discriminator": told}
    known = {name: obj("kind", kind=STRING, **{name.lower(): STRING}) for name in "ABC"}
    return document(received=union, **known)


def test_a_mapping_is_what_it_means() -> None:
    """The default written out, another spelling of the target, another order: nothing."""
    for mapping in (
        {"A": "#/components/schemas/A", "B": "B"},
        {"B": "B.yaml", "A": "A"},
        {"A": "A"},
    ):
        assert found(tagged(None), tagged(mapping)) == []


def test_a_key_of_a_mapping_is_compared() -> None:
    """Renamed, led elsewhere, added beside another one, removed: each is said."""
    rule = "DISCRIMINATOR-MAPPING"
    base = tagged({"a": "A", "b": "B"})
    assert found(base, tagged({"x": "A", "b": "B"})) == [(rule, "breaking")]
    assert found(base, tagged({"b": "B"})) == [(rule, "breaking")]
    assert found(base, tagged({"a": "B", "b": "A"})) == [(rule, "breaking")] * 2
    assert found(base, tagged({"a": "A", "z": "A", "b": "B"})) == [(rule, "non-breaking")]
    assert found(tagged({"a": "A", "z": "A", "b": "B"}), base) == [(rule, "non-breaking")]


def test_a_key_comes_and_goes_with_its_alternative() -> None:
    """A new alternative with its key is one change."""
    old, new = tagged({"a": "A", "b": "B"}), tagged({"a": "A", "b": "B", "c": "C"}, "ABC")
    assert [rule for rule, _ in found(old, new)] == ["RESP-UNION-WIDENED"]
    assert [rule for rule, _ in found(new, old)] == ["RESP-UNION-NARROWED"]


def parent(child: Any, mapping: dict[str, str] | None, **more: Any) -> dict[str, Any]:
    """An answer that is a parent with a discriminator, and a child that extends it."""
    told = {"propertyName": "kind", **({"mapping": mapping} if mapping else {})}
    base = {**obj("kind", kind=STRING), "discriminator": told}
    return document(received=ref("P"), P=base, C={"allOf": [ref("P"), child]}, **more)


@pytest.mark.parametrize("mapping", [None, {"c": "#/components/schemas/C"}])
def test_a_child_can_stand_for_its_parent(mapping: dict[str, str] | None) -> None:
    """What changes in a child reaches whoever receives the parent.

    Another child is one more alternative.
    """
    old, new = parent(obj(x=STRING), mapping), parent(obj(x=NUMBER), mapping)
    assert found(old, new) == [("RESP-TYPE-CHANGED", "breaking")]
    more = parent(obj(x=STRING), mapping, D={"allOf": [ref("P"), obj(y=STRING)]})
    assert "RESP-UNION-WIDENED" in {rule for rule, _ in found(old, more)}


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (ref("A"), {"oneOf": [ref("A"), ref("B")]}),
        (ref("A"), {"anyOf": [ref("B"), ref("A")]}),
        (obj(a=STRING), {"oneOf": [obj(b=NUMBER), obj(a=STRING)]}),
        (
            {"type": "array", "items": ref("A")},
            {"oneOf": [{"type": "array", "items": ref("A")}, ref("B")]},
        ),
    ],
)
def test_another_schema_beside_the_one_there_was_breaks_who_reads(was: Any, now: Any) -> None:
    """Nothing in an old client keeps an alternative where it knows of none.

    A request is only widened.
    """
    known = {"A": obj("a", a=STRING), "B": obj("b", b=STRING)}
    read = found(document(received=was, **known), document(received=now, **known))
    assert ("RESP-BECAME-UNION", "breaking") in read
    sent = found(document(sent=was, **known), document(sent=now, **known))
    assert ("REQ-BECAME-UNION", "non-breaking") in sent
    assert all(cls == "non-breaking" for _, cls in sent)


def test_a_choice_between_what_was_allowed_is_no_other_schema() -> None:
    """An object that must now have one of two properties is the same object, promised more."""
    old, new = (
        {"type": "object"},
        {"type": "object", "oneOf": [obj("a", a=STRING), obj("b", b=STRING)]},
    )
    assert all(
        cls == "non-breaking" for _, cls in found(document(received=old), document(received=new))
    )
    assert any(cls == "breaking" for _, cls in found(document(sent=old), document(sent=new)))


@pytest.mark.parametrize(
    "media", ["application/json; charset=utf-8", "Application/JSON;charset=UTF-8"]
)
def test_a_charset_is_no_other_media_type(media: str) -> None:
    """Every answer names its own; other parameters and ranges count."""
    old, new = document(received=STRING), document(received=STRING)
    content = new["paths"]["/a"]["post"]["responses"]["200"]["content"]
    content[media] = content.pop(JSON)
    assert found(old, new) == found(new, old) == []
    content["application/json; version=2"] = content.pop(media)
    assert found(old, new) != []
    content["application/*"] = content.pop("application/json; version=2")
    assert all(cls == "non-breaking" for _, cls in found(old, new))


def test_a_range_of_statuses_holds_them() -> None:
    """`200` and `2XX` compare with each other; what differs in the body is still found."""
    old, new = document(received=obj(a=STRING)), document(received=obj(a=STRING))
    answers = new["paths"]["/a"]["post"]["responses"]
    answers["2XX"] = answers.pop("200")
    for one, two in ((old, new), (new, old)):
        assert {cls for _, cls in found(one, two)} == {"non-breaking"}
        assert "RESP-STATUS-RANGE" in {rule for rule, _ in found(one, two)}
    answers["2XX"]["content"][JSON]["schema"] = obj(a=NUMBER)
    assert ("RESP-TYPE-CHANGED", "breaking") in found(old, new)


@pytest.mark.parametrize("direction", ["sent", "received"])
def test_how_a_form_is_written_is_compared(direction: str) -> None:
    """Another content type of a part breaks; the default written out is nothing."""

    def form(encoding: Any) -> dict[str, Any]:
        made = document(**{direction: obj(a=STRING)})
        holder = made["paths"]["/a"]["post"]
        body = holder["requestBody"] if direction == "sent" else holder["responses"]["200"]
        body["content"] = {"multipart/form-data": {**body["content"][JSON], "encoding": encoding}}
        return made

    plain = form({})
    assert found(plain, form({"a": {"style": "form", "explode": True}})) == []
    word = "REQ" if direction == "sent" else "RESP"
    changed = form({"a": {"contentType": "image/png"}})
    assert found(plain, changed) == [(f"{word}-BODY-SERIALIZATION", "breaking")]


def test_a_callback_with_several_addresses_is_itself() -> None:
    """Each expression of a callback is told apart, also where the operation is renamed or moved."""
    told = {
        "post": {"requestBody": {"content": {JSON: {"schema": obj(a=STRING)}}}, "responses": {}}
    }
    other = {
        "post": {"requestBody": {"content": {JSON: {"schema": obj(b=STRING)}}}, "responses": {}}
    }
    callbacks = {"done": {"{$request.body#/a}": told, "{$request.body#/b}": other}}
    old = document(operation={"operationId": "ask", "callbacks": callbacks})
    assert found(old, old) == []
    renamed = document(operation={"operationId": "tell", "callbacks": callbacks})
    assert [rule for rule, _ in found(old, renamed)] == ["OPERATION-ID"]
    moved = document(operation={"operationId": "ask", "callbacks": callbacks})
    moved["paths"] = {"/moved": moved["paths"]["/a"]}
    assert [rule for rule, _ in found(old, moved)] == ["OP-MOVED"]


def test_an_anchor_and_a_dynamic_reference_lead_somewhere() -> None:
    """`$anchor` and a `$dynamicRef` with one target are followed.

    One with several is compared by name.
    """
    tree = {
        "$dynamicAnchor": "node",
        "type": "object",
        "properties": {"next": {"$dynamicRef": "#node"}},
    }
    old = document(received=ref("T"), T={**tree, "required": []})
    changed = {**tree, "properties": {**tree["properties"], "x": STRING}}
    assert found(old, document(received=ref("T"), T=changed)) == [
        ("RESP-PROP-ADDED", "non-breaking")
    ]
    named = document(received={"$ref": "#here"}, T={"$anchor": "here", "type": "string"})
    assert found(named, document(received=STRING, T={"$anchor": "here", "type": "string"})) == []
    several = document(received={"$dynamicRef": "#node"}, T=tree, U=tree)
    assert found(several, several) == []
    said = Document(several)
    diff(said, Document(several))
    assert any("several places" in each for each in said.problems.values())


PLACES = ["https://API.test/v1", "https://api.test:443/v1/", "HTTPS://api.TEST/v1"]


@pytest.mark.parametrize("url", PLACES)
def test_an_address_in_another_spelling_is_the_same(url: str) -> None:
    """Host names have no case, 443 goes without saying, and so does the last slash.

    Paths have a case.
    """
    old = {**document(), "servers": [{"url": "https://api.test/v1"}]}
    assert found(old, {**document(), "servers": [{"url": url}]}) == []
    assert found(old, {**document(), "servers": [{"url": "https://api.test/V1"}]}) != []
    by_variable = {"url": "https://{host}/v1", "variables": {"host": {"default": "api.test"}}}
    assert found(old, {**document(), "servers": [by_variable]}) == []


def test_servers_and_security_count_where_they_hold() -> None:
    """Written at the document, its paths or its operations, they are the same for an operation."""
    whole = {**document(), "servers": [{"url": "https://a.test"}], "security": [{"k": []}]}
    whole["components"]["securitySchemes"] = {"k": {"type": "http", "scheme": "Bearer"}}
    own = document(operation={"servers": [{"url": "https://a.test/"}], "security": [{"key": []}]})
    own["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    assert found(whole, own) == found(own, whole) == []


@pytest.mark.parametrize("spelled", [".*", "^.*$", ""])
def test_a_pattern_that_takes_everything_is_none(spelled: str) -> None:
    """It refuses nothing, so that writing it down tightens nothing."""
    assert found(document(sent=STRING), document(sent={**STRING, "pattern": spelled})) == []


def test_a_limit_on_what_cannot_come_is_none() -> None:
    """A length of a number says nothing."""
    assert found(document(sent=NUMBER), document(sent={**NUMBER, "maxLength": 3})) == []


@pytest.mark.parametrize("flag", ["readOnly", "writeOnly"])
def test_what_does_not_travel_breaks_nobody(flag: str) -> None:
    """Limits of a read-only property bind no request, those of a write-only one no answer."""
    side = "sent" if flag == "readOnly" else "received"
    old, new = ({**obj("p", p={"type": kind, flag: True})} for kind in ("string", "integer"))
    assert found(document(**{side: old}), document(**{side: new})) == []
    other = "received" if flag == "readOnly" else "sent"
    assert found(document(**{other: old}), document(**{other: new})) != []


def test_a_choice_beyond_use_is_said_to_be() -> None:
    """What is too complex is compared as it is written.

    A difference is breaking, since nobody can tell.
    """

    def deep(last: str) -> dict[str, Any]:
        schema: Any = {"oneOf": [obj(z=STRING), {**obj(**{last: STRING}), "minProperties": 2}]}
        for level in range(9):
            schema = {"oneOf": [obj(**{f"a{level}": STRING}), {"type": "object", **schema}]}
        return document(sent=schema)

    assert found(deep("x"), deep("x")) == []
    assert found(deep("x"), deep("y")) == [("NOT-COMPARED", "breaking")]


@pytest.mark.parametrize("count", [12, 24])
def test_many_choices_at_once_end_in_time(count: int) -> None:
    """Choices that are all in force are compared one by one, not multiplied."""

    def many(kind: str) -> dict[str, Any]:
        parts = [
            {"oneOf": [obj(**{f"a{i}": STRING}), obj(**{f"b{i}": {"type": kind}})]}
            for i in range(count)
        ]
        return document(sent={"allOf": parts})

    start = time.process_time()
    assert found(many("string"), many("string")) == []
    assert len(found(many("string"), many("integer"))) == count
    assert time.process_time() - start < 5


def test_two_hundred_replaced_properties_end_in_time() -> None:
    """Each is said to be gone or new, whatever words they share."""
    old, new = (
        obj(**{f"{name}{i}": {"type": "string", "description": f"{i % 3}"} for i in range(200)})
        for name in "ab"
    )
    start = time.process_time()
    assert len(found(document(received=old), document(received=new))) == 400
    assert time.process_time() - start < 5
