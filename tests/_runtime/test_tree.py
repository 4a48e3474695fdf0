"""Objects within objects: read at once, each with a text that is cut out of the one around."""

from __future__ import annotations

import enum
import pickle
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerprint_async._runtime.model import Model
from fingerprint_async._runtime.plan import json_field


class Color(enum.StrEnum):
    """An enum."""

    RED = "red"


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Leaf(Model):
    """A model without objects in it."""

    name: str | None = None
    color: Color | str | None = None


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Quoted(Model):
    """A model whose field msgspec does not find."""

    name: str | None = attrs.field(default=None, metadata=json_field(name='the "name"'))


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Branch(Model):
    """A model with every kind of field that holds objects."""

    color: Color | str | None = None
    leaf: Leaf | None = None
    leaves: list[Leaf] | None = None
    words: list[list[str]] | None = None
    colors: list[Color | str] | None = None
    free: dict[str, Any] | None = None
    quoted: Quoted | None = None
    branch: Branch | None = None


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Trunk(Model):
    """A model that owns its text."""

    name: str | None = None
    left: Branch | None = None
    right: Branch | None = None
    top: Branch | None = None


BRANCH = (
    '{ "color":"red","leaf":{ "name":"ø","new":{"a":null} },"leaves":[{"color":"red"},{ }],'
    '"words":[["a"],[]],"colors":["red","blue"],"free":{"a":[1]},'
    '"quoted":{ "the \\"name\\"":"q"},"branch":{ "leaf":{ "name":"n"}},"new":1 }'
)


def left(text: str) -> Branch:
    """Read a branch within a trunk."""
    found = Trunk.from_json('{"left":' + text + "}").left
    assert isinstance(found, Branch)
    return found


def values(model: Model) -> dict[str, Any]:
    """Give every field of a model."""
    return {field.name: getattr(model, field.name) for field in attrs.fields(type(model))}


def test_every_value_within_is_read() -> None:
    """Scalars, enums, lists, objects, those that lead back to their own model."""
    branch = left(BRANCH)
    assert branch.leaf is not None
    assert branch.leaves is not None
    assert branch.quoted is not None
    assert branch.branch is not None
    assert branch.branch.leaf is not None
    assert branch.color is Color.RED
    assert (branch.leaf.name, branch.leaf.color) == ("ø", None)
    assert [leaf.color for leaf in branch.leaves] == [Color.RED, None]
    assert (branch.words, branch.free) == ([["a"], []], {"a": [1]})
    assert branch.colors == [Color.RED, "blue"]
    assert type(branch.colors[0]) is Color
    assert branch.quoted.name == "q"
    assert branch.branch.leaf.name == "n"
    assert branch.branch.branch is None
    assert left('{"leaf":null,"leaves":null,"color":null}').leaves is None


def test_each_has_the_text_that_came() -> None:
    """At every depth, spaces included, read or not."""
    for read in (False, True):
        branch = left(BRANCH)
        if read:
            values(branch)
        assert branch.to_json() == BRANCH.encode()
        assert branch.leaf is not None
        assert branch.leaf.to_json() == '{ "name":"ø","new":{"a":null} }'.encode()
        assert branch.leaf.to_dict() == {"name": "ø", "new": {"a": None}}
        assert branch.leaf.additional_properties == {"new": {"a": None}}
        assert "new" in branch.leaf
        assert "color" not in branch.leaf
        assert branch.leaves is not None
        assert [leaf.to_json() for leaf in branch.leaves] == [b'{"color":"red"}', b"{ }"]
        assert branch.quoted is not None
        assert branch.quoted.to_json() == b'{ "the \\"name\\"":"q"}'
        assert pickle.loads(pickle.dumps(branch.leaf)).to_json() == branch.leaf.to_json()  # noqa: S301
        assert attrs.evolve(branch.leaf, name="x").to_json() == b'{"name":"x","new":{"a":null}}'
        assert [str(found) for found in branch.leaf.findings()]


@pytest.mark.parametrize("odd", ["1e400", '"\\ud800"', '{"\\ud800":1}', "1" * 5000])
@pytest.mark.parametrize("place", ["new", "name", "\\ud800"])
def test_odd_json_within_is_read(odd: str, place: str) -> None:
    """What msgspec does not read leaves everything beside it as it is."""
    leaf = '{"color":"red","' + place + '":' + odd + "}"
    branch = left('{"leaves":[' + leaf + '],"leaf":' + leaf + ',"color":"red"}')
    assert branch.leaf is not None
    assert branch.leaves is not None
    assert branch.color is branch.leaf.color is branch.leaves[0].color is Color.RED
    alone = Leaf.from_json(leaf)
    assert branch.leaf.to_dict() == branch.leaves[0].to_dict() == alone.to_dict()
    assert branch.leaf.additional_properties == alone.additional_properties
    assert branch.leaf == branch.leaves[0] == alone


WRONG = ["5", '"a"', "true", "[]", "[1]", "{}", '[{"name":1},null]', '{"name":[]}', "null"]


@given(
    st.dictionaries(
        st.sampled_from(["color", "leaf", "leaves", "words", "colors", "free", "quoted", "branch"]),
        st.sampled_from(WRONG),
    )
)
def test_a_wrong_type_within_is_handed_out_as_it_came(fields: dict[str, str]) -> None:
    """An object within another reads like the same object alone, and so do its findings."""
    text = "{" + ",".join(f'"{name}":{value}' for name, value in fields.items()) + "}"
    within, alone = left(text), Branch.from_json(text)
    assert repr(values(within)) == repr(values(alone))
    assert within == alone
    assert within.to_json() == alone.to_json() == text.encode()
    assert within.findings() == alone.findings()


def test_a_model_is_the_same_at_each_read() -> None:
    """Whatever was read before it, and in whatever order."""
    text = '{"name":"a","left":{},"right":{},"top":5}'
    for order in (["left", "right", "top"], ["top", "left", "right"], ["right", "left", "right"]):
        trunk = Trunk.from_json(text)
        first = [getattr(trunk, name) for name in order]
        assert all(getattr(trunk, name) is value for name, value in zip(order, first, strict=True))
        assert (trunk.name, trunk.top) == ("a", 5)


def test_objects_are_nested_as_deep_as_json_is() -> None:
    """A model that leads back to itself is read one level at a time."""
    depth = 500
    branch = left('{"branch":' * depth + "{}" + "}" * depth)
    for _ in range(depth):
        assert isinstance(branch.branch, Branch)
        branch = branch.branch
    assert branch.to_json() == b"{}"
