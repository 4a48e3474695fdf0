"""Kinds of fields: what is read, what is handed out as it came, and what is a finding."""

from __future__ import annotations

import enum
import json
from typing import Any, Literal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerprint_async._runtime.errors import DecodeError
from fingerprint_async._runtime.fields import UnknownVariant
from fingerprint_async._runtime.model import Model
from fingerprint_async._runtime.plan import json_field, kind_of


class Colour(enum.StrEnum):
    """An enum of texts."""

    RED = "red"


class Size(enum.IntEnum):
    """An enum of numbers."""

    ONE = 1


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Leaf(Model):
    """A small object."""

    name: str


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Cat(Model):
    """One variant."""

    kind: Literal["cat"]
    lives: int | None = None


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Dog(Model):
    """Another, of two names."""

    kind: Literal["dog", "puppy"]


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Every(Model):
    """A model with a field of each kind."""

    text: str | None = None
    whole: int | None = None
    number: float | None = None
    flag: bool | None = None
    fixed: Literal["a", 1] | None = None
    colour: Colour | str | None = None
    size: Size | int | None = None
    free: dict[str, Any] | None = None
    anything: Any | None = None
    leaf: Leaf | None = None
    pet: Cat | Dog | UnknownVariant | None = None
    texts: list[str] | None = None
    colours: list[Colour | str] | None = None
    leaves: list[Leaf] | None = None
    pets: list[Cat | Dog | UnknownVariant] | None = None
    table: list[list[Leaf]] | None = None
    holes: list[Leaf | None] | None = None
    colour_holes: list[Colour | str | None] | None = None
    text_holes: list[str | None] | None = None
    fixed_holes: list[Literal["a"] | None] | None = None
    row_holes: list[list[Leaf] | None] | None = None
    either: list[str] | Leaf | int | None = None
    colour_or_size: Colour | Size | str | None = None
    nullable: str | None = attrs.field(default=None, metadata=json_field(nullable=True))
    renamed: int | None = attrs.field(default=None, metadata=json_field(name='odd "\\\n name'))
    empty: Leaf | None = attrs.field(default=None, metadata=json_field(name=""))


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Plainer(Every):
    """The same with no name that msgspec cannot find."""

    renamed: int | None = attrs.field(default=None, metadata=json_field(name="re-named"))


LEAF: dict[str, Any] = {"name": "n"}
RED = Colour.RED

# Field, JSON value, what is handed out.
RIGHT: list[tuple[str, Any, Any]] = [
    ("text", "x", "x"),
    ("whole", 5, 5),
    ("number", 5, 5),
    ("number", 0.5, 0.5),
    ("flag", False, False),
    ("fixed", "a", "a"),
    ("fixed", 1, 1),
    ("colour", "red", RED),
    ("size", 1, Size.ONE),
    ("free", {"a": [None]}, {"a": [None]}),
    ("anything", [1, {"a": 2}], [1, {"a": 2}]),
    ("leaf", LEAF, Leaf(name="n")),
    ("pet", {"kind": "cat", "lives": 9}, Cat(kind="cat", lives=9)),
    ("pet", {"kind": "puppy"}, Dog(kind="puppy")),
    ("texts", ["a", ""], ["a", ""]),
    ("colours", ["red"], [RED]),
    ("leaves", [], []),
    ("leaves", [LEAF], [Leaf(name="n")]),
    ("pets", [{"kind": "dog"}], [Dog(kind="dog")]),
    ("table", [[LEAF], []], [[Leaf(name="n")], []]),
    ("holes", [None, LEAF], [None, Leaf(name="n")]),
    ("colour_holes", [None, "red"], [None, RED]),
    ("text_holes", [None, "x"], [None, "x"]),
    ("fixed_holes", [None, "a"], [None, "a"]),
    ("row_holes", [None, [LEAF]], [None, [Leaf(name="n")]]),
    ("either", ["x"], ["x"]),
    ("either", LEAF, Leaf(name="n")),
    ("either", 5, 5),
    ("colour_or_size", "red", RED),
    ("colour_or_size", 1, Size.ONE),
    ("nullable", None, None),
    ('odd "\\\n name', 5, 5),
    ("re-named", 5, 5),
    ("", LEAF, Leaf(name="n")),
]

# Field, JSON value, what is handed out, the findings: path below the field, kind, expectation.
WRONG: list[tuple[str, Any, Any, list[tuple[tuple[Any, ...], str, str]]]] = [
    ("text", 5, 5, [((), "wrong_type", "a string")]),
    ("whole", True, True, [((), "wrong_type", "an integer")]),
    ("whole", 0.5, 0.5, [((), "wrong_type", "an integer")]),
    ("number", "1", "1", [((), "wrong_type", "a number")]),
    ("flag", 1, 1, [((), "wrong_type", "a boolean")]),
    ("fixed", "b", "b", [((), "wrong_type", "'a' or 1")]),
    ("fixed", True, True, [((), "wrong_type", "'a' or 1")]),
    ("colour", "blue", "blue", [((), "unknown_enum_value", "Colour")]),
    ("colour", 1, 1, [((), "wrong_type", "Colour")]),
    ("colour", ["red"], ["red"], [((), "wrong_type", "Colour")]),
    ("size", 2, 2, [((), "unknown_enum_value", "Size")]),
    ("size", True, True, [((), "wrong_type", "Size")]),
    ("size", 1.0, 1.0, [((), "wrong_type", "Size")]),
    ("free", [1], [1], [((), "wrong_type", "an object")]),
    ("leaf", "x", "x", [((), "wrong_type", "Leaf")]),
    ("leaf", [LEAF], [LEAF], [((), "wrong_type", "Leaf")]),
    ("leaf", {"name": 5}, Leaf.from_dict({"name": 5}), [(("name",), "wrong_type", "a string")]),
    ("leaf", {}, Leaf.from_dict({}), [(("name",), "missing_field", "a string")]),
    (
        "leaf",
        {"name": "n", "new": 1},
        Leaf(name="n", additional_properties={"new": 1}),
        [(("new",), "unknown_field", "")],
    ),
    ("pet", {"kind": "cow"}, {"kind": "cow"}, [((), "unknown_variant", "Cat or Dog")]),
    ("pet", {}, {}, [((), "unknown_variant", "Cat or Dog")]),
    ("pet", {"kind": ["cat"]}, {"kind": ["cat"]}, [((), "unknown_variant", "Cat or Dog")]),
    ("pet", "cat", "cat", [((), "wrong_type", "Cat or Dog")]),
    (
        "pet",
        {"kind": "cat", "lives": "9"},
        Cat.from_dict({"kind": "cat", "lives": "9"}),
        [(("lives",), "wrong_type", "an integer")],
    ),
    ("texts", "x", "x", [((), "wrong_type", "a list of string")]),
    (
        "texts",
        ["a", 5, None],
        ["a", 5, None],
        [
            ((1,), "wrong_type", "a string"),
            ((2,), "wrong_type", "a string"),
        ],
    ),
    (
        "colours",
        ["blue", 1],
        ["blue", 1],
        [
            ((0,), "unknown_enum_value", "Colour"),
            ((1,), "wrong_type", "Colour"),
        ],
    ),
    ("colours", {"red": 1}, {"red": 1}, [((), "wrong_type", "a list of Colour")]),
    ("leaves", LEAF, LEAF, [((), "wrong_type", "a list of Leaf")]),
    (
        "leaves",
        [LEAF, 5, None],
        [Leaf(name="n"), 5, None],
        [
            ((1,), "wrong_type", "Leaf"),
            ((2,), "wrong_type", "Leaf"),
        ],
    ),
    (
        "table",
        [5, [5]],
        [5, [5]],
        [
            ((0,), "wrong_type", "a list of Leaf"),
            ((1, 0), "wrong_type", "Leaf"),
        ],
    ),
    ("holes", [5], [5], [((0,), "wrong_type", "Leaf")]),
    ("colour_holes", ["blue"], ["blue"], [((0,), "unknown_enum_value", "Colour")]),
    ("text_holes", [5], [5], [((0,), "wrong_type", "a string")]),
    ("fixed_holes", ["b"], ["b"], [((0,), "wrong_type", "'a'")]),
    ("row_holes", [[5]], [[5]], [((0, 0), "wrong_type", "Leaf")]),
    ("either", "x", "x", [((), "wrong_type", "a list of string or Leaf or an integer")]),
    ("either", [5], [5], [((), "wrong_type", "a list of string or Leaf or an integer")]),
    ("colour_or_size", "x", "x", [((), "wrong_type", "Colour or Size")]),
]


def model_of(wire: str) -> type[Every]:
    """The model that has the field."""
    return Plainer if wire == "re-named" else Every


def python_name(wire: str) -> str:
    """The name of the field in Python."""
    return {'odd "\\\n name': "renamed", "re-named": "renamed", "": "empty"}.get(wire, wire)


def ways(cls: type[Every], raw: dict[str, Any]) -> list[Every]:
    """A model read in every way there is: plain text, text that msgspec cannot read, a dict."""
    odd = json.dumps({**raw, "unheard_of": "\ud800"})
    return [cls.from_json(json.dumps(raw)), cls.from_json(odd), cls.from_dict(raw)]


@pytest.mark.parametrize("cls", [Every, Plainer])
@pytest.mark.parametrize(("wire", "value", "expected"), RIGHT)
def test_what_the_schema_allows_is_structured(
    wire: str, value: Any, expected: Any, cls: type[Every]
) -> None:
    """It has no findings, and is lossless; strict reading takes it."""
    cls = cls if wire not in {"re-named", 'odd "\\\n name'} else model_of(wire)
    raw = {wire: value}
    for model in ways(cls, raw):
        assert expected == getattr(model, python_name(wire))
        assert type(getattr(model, python_name(wire))) is type(expected)
        assert model.to_dict()[wire] == value
        assert [finding.path for finding in model.findings()] in ([], [("unheard_of",)])
        assert python_name(wire) in model
        assert getattr(model, python_name(wire)) is getattr(model, python_name(wire))
    assert cls.from_dict(raw, strict=True).to_dict() == raw


@pytest.mark.parametrize("cls", [Every, Plainer])
@pytest.mark.parametrize(("wire", "value", "expected", "findings"), WRONG)
def test_what_it_does_not_allow_is_handed_out_as_it_came(
    wire: str, value: Any, expected: Any, findings: list[Any], cls: type[Every]
) -> None:
    """It is a finding with its place and what was expected; strict reading refuses it."""
    raw = {wire: value, "text": "t"} if wire != "text" else {wire: value}
    for model in ways(cls, raw):
        found = getattr(model, python_name(wire))
        assert expected == found
        assert type(found) is type(expected) or isinstance(found, UnknownVariant)
        assert model.to_dict()[wire] == value
        known = [item for item in model.findings() if item.path != ("unheard_of",)]
        assert findings == [(item.path[1:], item.kind, item.expected) for item in known]
        assert {item.path[0] for item in known} == {wire}
        if wire != "text":
            assert model.text == "t"
    if all(kind == "unknown_field" for _, kind, _ in findings):
        assert cls.from_dict(raw, strict=True).to_dict() == raw
        return
    with pytest.raises(DecodeError, match="differs from the schema") as caught:
        cls.from_json(json.dumps(raw), strict=True)
    assert len(caught.value.findings) == len(findings)


@pytest.mark.parametrize("field", [field for field in attrs.fields(Every) if field.default is None])
def test_null_is_a_finding_where_the_schema_has_none(field: attrs.Attribute[Any]) -> None:
    """A null reads as None and is there; only a field that may be null has no finding."""
    wire = field.metadata.get("fingerprint_async", {}).get("name")
    wire = field.name if wire is None else wire
    for model in ways(Every, {wire: None}):
        assert getattr(model, field.name) is None
        assert field.name in model
        known = [item for item in model.findings() if item.path != ("unheard_of",)]
        assert len(known) == (field.name != "nullable")
        assert all((item.kind, item.found) == ("wrong_type", "null") for item in known)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from(["red", "a", "cat"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "kind", "lives", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
WIRES = [wire for wire, *_ in RIGHT]


@given(st.dictionaries(st.sampled_from([*WIRES, "other"]), JSON, max_size=6))
def test_any_object_is_read_without_loss(raw: dict[str, Any]) -> None:
    """Whatever stands where: every field can be read, and the JSON comes out as it came in."""
    for cls in (Every, Plainer):
        text = json.dumps(raw).encode()
        model = cls.from_json(text)
        found = model.findings()
        for field in attrs.fields(cls):
            getattr(model, field.name)
        repr(model)
        assert text == model.to_json()
        assert raw == model.to_dict()
        assert list(raw) == list(model.to_dict())
        assert found == model.findings()
        assert attrs.evolve(model).to_dict() == raw
        assert list(attrs.evolve(model).to_dict()) == list(raw)


@pytest.mark.parametrize(
    "hint", [bytes, set[str], tuple[int, int], "str", Leaf | Dog | UnknownVariant]
)
def test_an_annotation_that_is_no_kind_is_refused(hint: Any) -> None:
    """A schema that asks for something new fails when it is generated, not when it is read."""
    with pytest.raises(TypeError, match=r"no kind of field is written|tells these models apart"):
        kind_of(hint)


def test_variants_are_told_apart_by_a_field_that_differs() -> None:
    """A constant that two variants share is no discriminator."""

    @attrs.frozen(kw_only=True, eq=False, repr=False)
    class First(Model):
        a_same: Literal["x"]
        kind: Literal["first"]

    @attrs.frozen(kw_only=True, eq=False, repr=False)
    class Second(Model):
        a_same: Literal["x"]
        kind: Literal["second"]

    kind = kind_of(First | Second | UnknownVariant)
    assert type(kind.decode({"a_same": "x", "kind": "second"})) is Second


def test_an_unknown_variant_reads_like_an_object() -> None:
    """Its keys are attributes and items; absent is None; its repr has no values."""
    pet = Every.from_dict({"pet": {"kind": "cow", "owner": "secret"}}).pet
    assert isinstance(pet, UnknownVariant)
    assert (pet.kind, pet["owner"], pet.horns) == ("cow", "secret", None)
    assert repr(pet) == "UnknownVariant('kind', 'owner')"
    with pytest.raises(AttributeError):
        pet.__wrapped__  # noqa: B018
