"""Objects of the schema, drawn from the pinned document itself."""

from __future__ import annotations

import copy
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DOCUMENT: dict[str, Any] = json.loads(
    files("fingerprint_async_generated").joinpath("openapi.json").read_text("utf-8")
)
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
INTEGERS = st.integers(-(2**63), 2**64)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | INTEGERS | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)

Path = tuple[Any, ...]


def resolve(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema behind a reference, with the members of its `allOf` as one."""
    while "$ref" in schema:
        schema = SCHEMAS[schema["$ref"].rpartition("/")[2]]
    for part in schema.get("allOf", []):
        schema = {**schema, **resolve(part)}
    return schema


def values(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that the schema allows."""
    schema = resolve(schema)
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "oneOf" in schema:
        return st.one_of([values(part) for part in schema["oneOf"]])
    if schema["type"] == "array":
        return st.lists(st.deferred(lambda: values(schema["items"])), max_size=3)
    if schema["type"] != "object":
        scalars = {
            "string": TEXT,
            "integer": INTEGERS,
            "number": NUMBERS | st.integers(-9, 9),
            "boolean": st.booleans(),
        }
        return scalars[schema["type"]]
    if "properties" not in schema:
        return st.dictionaries(TEXT, JSON, max_size=3)
    required = schema.get("required", [])
    members = {
        name: st.deferred(lambda part=part: values(part))
        for name, part in schema["properties"].items()
    }
    return st.fixed_dictionaries(
        {name: members[name] for name in required},
        optional={name: member for name, member in members.items() if name not in required},
    )


def places(
    schema: dict[str, Any], value: Any, path: Path = (), said: str | None = None
) -> Iterator[tuple[Path, str]]:
    """Give the places of a valid value, and what each is: a scalar's type, enum or union."""
    schema = resolve(schema)
    if "enum" in schema:
        yield path, "enum"
    elif "oneOf" in schema:
        yield path, "union"
        variant = next(
            part for part in map(resolve, schema["oneOf"]) if _kind(part) == value["type"]
        )
        yield from places(variant, value, path, schema["discriminator"]["propertyName"])
    elif schema["type"] == "array":
        yield path, "array"
        for index, item in enumerate(value):
            yield from places(schema["items"], item, (*path, index))
    elif schema["type"] != "object":
        yield path, schema["type"]
    elif "properties" not in schema:
        yield path, "free"
    else:
        if said is None:
            yield path, "object"
        for name, item in value.items():
            if name != said:
                yield from places(schema["properties"][name], item, (*path, name))


def _kind(variant: dict[str, Any]) -> str:
    return str(resolve(variant["properties"]["type"])["const"])


# What does not belong where, and is no finding of another kind.
WRONG = {
    "string": st.integers() | st.booleans() | st.none(),
    "integer": st.floats(0.5, 0.7) | st.booleans() | TEXT | st.none(),
    "number": st.booleans() | TEXT | st.none(),
    "boolean": st.integers() | TEXT | st.none(),
    "enum": st.booleans() | st.none() | st.just([]),
    "union": TEXT | st.none(),
    "array": st.just({}) | st.none() | TEXT,
    "object": st.just([]) | st.none() | TEXT,
    "free": st.just([]) | st.none(),
}


def put(value: Any, path: Path, new: Any) -> Any:
    """The value with another one in a place."""
    if not path:
        return new
    value[path[0]] = put(value[path[0]], path[1:], new)
    return value


def at(value: Any, path: Path) -> Any:
    """What stands in a place."""
    for step in path:
        value = value[step]
    return value


@st.composite
def damaged(draw: st.DrawFn, name: str) -> tuple[Any, set[tuple[Path, str]]]:
    """Damage a value of a named schema at any depth; give it and the findings it must have."""
    value = draw(values(SCHEMAS[name]))
    before = [place for place in places(SCHEMAS[name], value) if place[0]]
    chosen = draw(st.lists(st.sampled_from(before), max_size=4, unique_by=lambda place: place[0]))
    value = copy.deepcopy(value)
    findings: set[tuple[Path, str]] = set()
    done: list[Path] = []
    for path, kind in chosen:
        if any(path[: len(other)] == other or other[: len(path)] == path for other in done):
            continue
        done.append(path)
        old = at(value, path)
        if kind in {"object", "union"} and draw(st.booleans()):
            if kind == "union":
                old["type"] = "unheard of"
                findings.add((path, "unknown_variant"))
            else:
                old["unheard_of"] = draw(JSON)
                findings.add(((*path, "unheard_of"), "unknown_field"))
        elif kind == "enum" and draw(st.booleans()):
            put(value, path, "unheard of" if isinstance(old, str) else 7)
            findings.add((path, "unknown_enum_value"))
        else:
            put(value, path, draw(WRONG[kind]))
            findings.add((path, "wrong_type"))
    return value, findings


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    """The pinned document, as the generated package carries it."""
    return DOCUMENT


@pytest.fixture(scope="session")
def valid() -> Callable[[str], st.SearchStrategy[Any]]:
    """Strategies of valid values, by the name of the schema."""
    return lambda name: values(SCHEMAS[name])


@pytest.fixture(scope="session")
def broken() -> Callable[[str], st.SearchStrategy[tuple[Any, set[tuple[Path, str]]]]]:
    """Strategies of damaged values with the findings they must give, by the name of the schema."""
    return damaged


@pytest.fixture(scope="session")
def full_event() -> dict[str, Any]:
    """An event with every field that the schema knows, both at the top and below."""
    return fill(SCHEMAS["Event"])


def fill(schema: dict[str, Any]) -> Any:
    """A value with every property there is."""
    schema = resolve(schema)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "oneOf" in schema:
        return fill(schema["oneOf"][0])
    if schema["type"] == "array":
        return [fill(schema["items"])]
    if schema["type"] == "object":
        return {name: fill(part) for name, part in schema.get("properties", {}).items()}
    return {"string": "text", "integer": 5, "number": 0.5, "boolean": True}[schema["type"]]
