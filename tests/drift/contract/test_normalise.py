"""The canonical form keeps facts, drops prose, and has one order."""

from __future__ import annotations

import json
import random
from importlib.resources import files
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from fingerprint_async.drift.contract.load import parse
from fingerprint_async.drift.contract.normalise import normalise, to_json

PINNED: dict[str, Any] = json.loads(
    files("fingerprint_async_generated").joinpath("openapi.json").read_text("utf-8")
)
WORDS = (
    "description",
    "summary",
    "example",
    "examples",
    "title",
    "externalDocs",
    "x-own",
    "$comment",
)


def document(**properties: Any) -> dict[str, Any]:
    """A small document with a schema of these properties."""
    schema = {"type": "object", "properties": properties}
    return {
        "openapi": "3.1.1",
        "info": {"title": "T", "version": 4},
        "paths": {},
        "components": {"schemas": {"A": schema}},
    }


def properties_of(canonical: dict[str, Any]) -> dict[str, Any]:
    """The properties of that schema."""
    return canonical["components"]["schemas"]["A"]["properties"]


def shaken(value: Any, dice: random.Random, *, named: bool = False, key: str = "") -> Any:
    """The same facts in another order, with prose at random."""
    if isinstance(value, dict):
        maps = {
            "properties",
            "schemas",
            "responses",
            "paths",
            "content",
            "mapping",
            "securitySchemes",
            "webhooks",
        }
        items = [
            (name, shaken(item, dice, named=name in maps and not named, key=name))
            for name, item in value.items()
        ]
        if not named and key != "security":
            items += [
                (word, dice.choice(["words", ["words"]]))
                for word in WORDS
                if word not in value and dice.random() < 0.2
            ]
        dice.shuffle(items)
        return dict(items)
    if isinstance(value, list):
        items = [shaken(item, dice, key=key) for item in value]
        if key in {"enum", "required", "parameters", "allOf", "oneOf", "security"}:
            dice.shuffle(items)
        return items
    return value


@settings(max_examples=25, deadline=None)
@given(seed=st.integers())
def test_prose_and_order_change_nothing(seed: int) -> None:
    """Documents that differ only in words and order have the same canonical bytes."""
    other = shaken(PINNED, random.Random(seed))
    assert to_json(PINNED) == to_json(normalise(other))


def test_the_same_facts_are_the_same_bytes() -> None:
    """Both ways of writing give one text for one document."""
    other = normalise(shaken(PINNED, random.Random(5)))
    assert yaml.safe_dump(PINNED) == yaml.safe_dump(other)
    assert to_json(PINNED) == to_json(other)


def test_the_canonical_form_is_its_own() -> None:
    """Normalising twice is normalising once, and YAML gives back what it was given."""
    assert normalise(PINNED) == PINNED
    assert parse(yaml.safe_dump(PINNED)) == PINNED


def test_a_property_named_like_prose_is_a_fact() -> None:
    """Only keywords are prose; properties may be called anything."""
    own = {
        name: {"type": "string", "description": "words"} for name in (*WORDS, "enum", "required")
    }
    assert properties_of(normalise(document(**own))) == {
        name: {"type": "string"} for name in sorted(own)
    }


def test_facts_are_kept() -> None:
    """Formats, bounds, patterns, constants, defaults, deprecation and additionalProperties stay."""
    facts = {
        "additionalProperties": False,
        "const": {"description": "data"},
        "default": [3, 1, 2],
        "deprecated": True,
        "format": "int64",
        "maximum": 5,
        "pattern": "^a$",
        "type": ["null", "string"],
    }
    assert properties_of(normalise(document(a=facts)))["a"] == facts


def test_an_extension_is_dropped_but_for_the_one_that_is_a_fact() -> None:
    """`x-deprecated-response` says that a response is on its way out.

    Other extensions bind nobody.
    """
    operation = {
        "responses": {
            "200": {"description": "ok", "x-own": 1},
            "504": {"x-deprecated-response": True},
            "x-a": 1,
        }
    }
    canonical = normalise(
        {"openapi": "3.1.1", "paths": {"/a": {"get": operation, "x-own": 1}, "x-b": {}}}
    )
    assert canonical["paths"] == {
        "/a": {"get": {"responses": {"200": {}, "504": {"x-deprecated-response": True}}}}
    }


def test_what_says_nothing_is_dropped() -> None:
    """An empty `required`, a `false` that is the default: said or not, they mean the same."""
    said = {"type": "object", "required": [], "deprecated": False, "nullable": False}
    assert properties_of(normalise(document(a=said)))["a"] == {"type": "object"}


def test_order_that_means_something_is_kept() -> None:
    """The first server and the first tag of an operation are the default."""
    servers = [{"url": "https://b.test"}, {"url": "https://a.test"}]
    path = {
        "get": {
            "tags": ["b", "a"],
            "parameters": [{"in": "query", "name": "b"}, {"in": "path", "name": "c"}],
        }
    }
    canonical = normalise(
        {
            "paths": {"/a": path},
            "servers": servers,
            "tags": [{"name": "b"}, {"name": "a", "x-a": 1}, 5],
        }
    )
    assert canonical["servers"] == servers
    assert canonical["paths"]["/a"]["get"]["tags"] == ["b", "a"]
    assert [each["name"] for each in canonical["paths"]["/a"]["get"]["parameters"]] == ["c", "b"]
    assert canonical["tags"] == [{"name": "a"}, {"name": "b"}]


def test_numbers_of_an_enum_are_ordered_by_size() -> None:
    """10 comes after 9, and text after numbers."""
    assert properties_of(normalise(document(a={"enum": [10, "a", 9, None]})))["a"]["enum"] == [
        9,
        10,
        "a",
        None,
    ]


def test_values_that_json_does_not_know_become_text() -> None:
    """A date in a YAML document is its text."""
    canonical = normalise(
        parse("paths: {}\ncomponents: {schemas: {A: {default: 2026-01-02, enum: [{1: 2}]}}}")
    )
    assert canonical["components"]["schemas"]["A"] == {"default": "2026-01-02", "enum": [{"1": 2}]}
    assert json.loads(to_json(canonical)) == canonical


def test_names_where_none_belong_are_taken_as_they_are() -> None:
    """A document that is not what it should be is still written down."""
    assert normalise({"paths": ["a"], "info": 5})["paths"] == ["a"]


def test_the_document_is_left_alone() -> None:
    """Normalising reads its argument only."""
    before = document(a={"description": "x", "enum": [2, 1]})
    text = json.dumps(before)
    normalise(before)
    assert text == json.dumps(before)
