"""The base of models: read once, lossless, frozen, an attrs class in every respect."""

from __future__ import annotations

import copy
import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Literal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerprint_async._runtime.errors import DecodeError
from fingerprint_async._runtime.fields import UnknownVariant
from fingerprint_async._runtime.model import Model
from fingerprint_async._runtime.plan import json_field
from fingerprint_async._runtime.preload import preload

if TYPE_CHECKING:
    from collections.abc import Callable


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Node(Model):
    """A model that leads back to itself."""

    name: str
    number: float | None = None
    secret: str | None = attrs.field(default=None, repr=False)
    free: dict[str, Any] | None = None
    child: Node | None = None
    children: list[Node] | None = None
    class_: int | None = attrs.field(default=None, metadata=json_field(name="class"))
    additional_properties_: Any = attrs.field(
        default=None, metadata=json_field(name="additional_properties")
    )


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Variant(Model):
    """A variant that leads to another model."""

    kind: Literal["a"]
    node: Node | None = None


KEYS = ["name", "number", "secret", "free", "class", "additional_properties", "unknown", "_json"]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=4)
)
NODES = st.recursive(
    st.dictionaries(st.sampled_from(KEYS), SCALARS, max_size=5),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "unknown": inner,
            "children": st.lists(inner | SCALARS, max_size=3),
            "name": SCALARS,
            "child": inner | SCALARS,
            "free": st.dictionaries(st.text(max_size=3), inner, max_size=2),
        },
    ),
    max_leaves=6,
)


def texts(raw: Any) -> list[bytes]:
    """JSON of the same value: compact, spaced, with every key escaped."""
    compact = json.dumps(raw, separators=(",", ":"))
    return [compact.encode(), json.dumps(raw, indent=1).encode()]


def walk(value: Any) -> list[Model]:
    """Read every field at every depth, and give all models there are."""
    if isinstance(value, list):
        return [model for item in value for model in walk(item)]
    if not isinstance(value, Model):
        return []
    fields = [getattr(value, field.name) for field in attrs.fields(type(value))]
    return [value, *(model for item in fields for model in walk(item))]


def pickled(protocol: int) -> Callable[[Any], Any]:
    """A trip through pickle."""
    return lambda value: pickle.loads(pickle.dumps(value, protocol))  # noqa: S301 - our own bytes


TWINS: list[Callable[[Any], Any]] = [
    copy.copy,
    copy.deepcopy,
    lambda model: model.__replace__(),
    attrs.evolve,
    *map(pickled, range(pickle.HIGHEST_PROTOCOL + 1)),
]


@given(NODES)
def test_reading_is_lossless_at_every_depth(raw: dict[str, Any]) -> None:
    """Text, dict, presence, unknown fields, nulls and order: of a model and those within."""
    for text in texts(raw):
        model = Node.from_json(text)
        assert model.to_json() == text
        for found in walk(model):
            assert json.loads(found.to_json()) == found.to_dict()
            values = found.to_dict()
            assert found.additional_properties == {
                key: value for key, value in values.items() if key in {"unknown", "_json"}
            }
            for field in attrs.fields(Node):
                if field.name != "additional_properties":
                    key = field.metadata.get("fingerprint_async", {}).get("name") or field.name
                    assert (field.name in found) == (key in values)
                    if values.get(key) is None:
                        assert getattr(found, field.name) is None
        assert json.dumps(model.to_dict()) == json.dumps(raw)
        assert Node.from_dict(raw) == model


@given(NODES, st.sampled_from(TWINS), st.booleans())
def test_copies_are_lossless(
    raw: dict[str, Any],
    twin_of: Callable[[Any], Any],
    read_before: bool,  # noqa: FBT001
) -> None:
    """Copies, pickles of each protocol and `evolve` keep all of it, before and after reading."""
    model = Node.from_json(json.dumps(raw))
    if read_before:
        walk(model)
    twin = twin_of(model)
    assert type(twin) is Node
    assert json.dumps(twin.to_dict()) == json.dumps(raw)
    assert json.loads(twin.to_json()) == raw
    assert twin == model
    assert twin.findings() == model.findings()
    again = twin_of(twin_of(twin))
    assert json.dumps(again.to_dict()) == json.dumps(raw)


@given(st.lists(st.tuples(st.sampled_from(KEYS), SCALARS), max_size=6))
def test_of_a_repeated_key_the_last_counts(pairs: list[tuple[str, Any]]) -> None:
    """Every way to ask sees the same value, and the text stays what it was."""
    items = ",".join(f"{json.dumps(key)}:{json.dumps(value)}" for key, value in pairs)
    text = f"{{{items}}}".encode()
    model = Node.from_json(text)
    assert model.to_json() == text
    assert model.to_dict() == dict(pairs)
    assert model == Node.from_dict(dict(pairs))
    assert model.findings() == Node.from_dict(dict(pairs)).findings()


ODD = [
    b'{"name":"a","number":1e400,"free":{"a":1e400}}',
    b'{"name":"\\ud800","secret":"\\udfff","child":{"name":"\\ud800"}}',
    b'{"name":"a","class":%b,"children":[{"class":%b}]}' % (b"9" * 5000, b"8" * 5000),
    b'{"na\\u006de":"a","\\u0066ree":{"\\ud800":[1e999,%b]}}' % (b"7" * 5000),
    b'{"unknown":1e400,"child":{"unknown":"\\ud800","name":null}}',
    b'{"additional_properties":{"name":1},"name":"a"}',
    b' {\n"name" : "\xc3\xa9" , "child" : { } }\n',
    b"{}",
]


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize("twin_of", TWINS)
def test_odd_json_is_lossless(text: bytes, twin_of: Callable[[Any], Any]) -> None:
    """Numbers of any size, lone surrogates and escaped names survive all of it."""
    model = Node.from_json(text)
    assert model.to_json() == text
    walk(model)
    repr(model)
    model.findings()
    twin = twin_of(model)
    assert twin.to_dict() == model.to_dict()
    assert list(twin.to_dict()) == list(model.to_dict())
    assert Node.from_json(twin.to_json()) == model
    assert Node.from_dict(model.to_dict()) == model


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b'{"name":tru}',
        b'{"a":NaN}',
        b'{"child":{]}',
        b"{}x",
        b"\xff",
        b"\xef\xbb\xbf{}",
        '{"name":"a"}'.encode("utf-16-le"),
        b'{"free":' + b"[" * 10**5 + b"]" * 10**5 + b"}",
    ],
)
def test_what_is_no_json_is_refused_when_it_is_read(text: bytes) -> None:
    """Wherever the fault is: no model comes of it."""
    with pytest.raises(DecodeError):
        Node.from_json(text)


@pytest.mark.parametrize("text", ["[]", "5", '"x"', "null", "true", "1e400", '["\\ud800"]'])
def test_a_model_is_read_from_an_object(text: str) -> None:
    """The error names the model and what came."""
    with pytest.raises(DecodeError, match="Node is read from a JSON object, not from"):
        Node.from_json(text)


@pytest.mark.parametrize("data", [[1], "x", None, 5, b"{}"])
def test_from_dict_takes_a_mapping(data: Any) -> None:
    """The error names the model and what came."""
    with pytest.raises(DecodeError, match="Node is read from a JSON object, not from"):
        Node.from_dict(data)


@pytest.mark.parametrize("data", [None, 5, {}])
def test_from_json_takes_text(data: Any) -> None:
    """The error names what came."""
    with pytest.raises(DecodeError, match="JSON is read from str or bytes"):
        Node.from_json(data)


def test_deep_json_is_read_or_refused() -> None:
    """At every depth each question has an answer or a typed error."""
    for depth in (50, 300, 450, 600, 900, 980, 2000):
        for text in (
            '{"child":' * depth + "{}" + "}" * depth,
            '{"free":{"a":' + "[" * depth + "]" * depth + "}}",
        ):
            try:
                model = Node.from_json(text)
                assert model.to_json() == text.encode()
                model.child, model.free, model.to_dict(), model.findings()
                attrs.evolve(model).to_dict()
            except DecodeError:
                assert depth > 300


def test_from_dict_keeps_no_reference() -> None:
    """Neither the caller's dict nor one that `to_dict` gave changes the model."""
    raw: dict[str, Any] = {"name": "a", "free": {"x": [1]}}
    model = Node.from_dict(raw)
    raw["free"]["x"].append(2)
    model.to_dict()["free"]["x"].append(3)
    assert model.to_dict() == {"name": "a", "free": {"x": [1]}}
    assert model.free == {"x": [1]}
    made = Node(name="a", free={"x": [1]})
    made.to_dict()["free"]["x"].append(3)
    assert made.free == {"x": [1]}


def test_a_model_within_is_taken_by_from_dict() -> None:
    """Models are JSON objects too."""
    assert Node.from_dict({"name": "a", "child": Node(name="b")}).child == Node(name="b")


def test_the_constructor_writes_what_was_given() -> None:
    """None is left out of optional fields, and is null in required ones."""
    made = Node(name="a", number=None, class_=5, additional_properties={"unknown": None})
    assert made.to_dict() == {"unknown": None, "name": "a", "class": 5}
    assert made.to_json() == b'{"unknown":null,"name":"a","class":5}'
    assert Node(name=None).to_dict() == {"name": None}  # type: ignore[arg-type]
    assert ["number" in made, "class_" in made, "class" in made, "unknown" in made] == [
        False,
        True,
        True,
        True,
    ]
    assert 5 not in made
    with pytest.raises(TypeError, match="name"):
        Node()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="nmae"):
        Node(nmae="a")  # type: ignore[call-arg]


def test_a_known_field_is_no_unknown_one() -> None:
    """A field that hides among the unknown ones is refused, and so is what is no dict."""
    with pytest.raises(ValueError, match="holds 'class', a known field: pass it as class_="):
        Node(name="a", additional_properties={"class": 1})
    with pytest.raises(TypeError, match="additional_properties is a dict of JSON values"):
        Node(name="a", additional_properties=[])  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [object(), {1}, float("nan"), {5: 1}])
def test_what_json_has_no_place_for_is_a_typed_error(value: Any) -> None:
    """A constructor takes it; writing does not. Presence can still be asked."""
    made = Node(name="a", free=value)
    assert "free" in made
    for write in (made.to_dict, made.to_json, made.findings):
        with pytest.raises(DecodeError):
            write()
    with pytest.raises(DecodeError):
        Node.from_dict({"free": value})


def test_evolve_changes_what_it_is_told() -> None:
    """Everything else stays as it came: nulls, unknown fields, the order, models within."""
    text = b'{"unknown":1,"number":null,"name":"a","child":{"secret":null,"unknown":{"x":1}}}'
    model = Node.from_json(text)
    for changed in (attrs.evolve(model, name="b"), model.__replace__(name="b")):
        assert changed.to_json() == text.replace(b'"a"', b'"b"')
    assert attrs.evolve(model, number=None, class_=1).to_dict() == {**model.to_dict(), "class": 1}
    assert "child" not in attrs.evolve(model, child=None)
    assert attrs.evolve(model, name=None).to_dict()["name"] is None
    within = attrs.evolve(model, child=attrs.evolve(model.child, secret="s"))  # type: ignore[type-var]
    assert within.to_json() == text.replace(b'"secret":null', b'"secret":"s"')
    assert "name" not in attrs.evolve(Node.from_json(b"{}"))
    assert attrs.evolve(model, additional_properties={"new": 1}).to_dict() == {
        "new": 1,
        "name": "a",
        "child": {"secret": None, "unknown": {"x": 1}},
    }
    assert model.to_json() == text


@pytest.mark.parametrize("name", ["name", "child", "free", "_json", "_row", "novel", "to_dict"])
def test_models_are_frozen(name: str) -> None:
    """No attribute can be set or deleted, read or not."""
    for model in (Node.from_json(b'{"name":"a"}'), Node(name="a")):
        for _ in range(2):
            with pytest.raises(attrs.exceptions.FrozenInstanceError):
                setattr(model, name, 1)
            with pytest.raises(attrs.exceptions.FrozenInstanceError):
                delattr(model, name)
            walk(model)
        assert model.to_dict() == {"name": "a"}


def test_an_unknown_attribute_is_an_error() -> None:
    """A misspelt name raises, and says of which class."""
    for model in (Node.from_json(b'{"name":"a","nmae":1}'), Node(name="a")):
        for name in ("nmae", "__wrapped__", "_repr_html_"):
            with pytest.raises(AttributeError, match=f"'Node' object has no attribute '{name}'"):
                getattr(model, name)


def test_models_compare_by_their_fields() -> None:
    """Read or made; null and absent read alike; unknown fields count; classes differ."""

    @attrs.frozen(kw_only=True, eq=False, repr=False)
    class Other(Model):
        name: str

    assert Node.from_json(b'{"name":"a","number":null}') == Node(name="a")
    assert Node.from_json(b'{"name":"a","unknown":1}') != Node(name="a")
    assert Node.from_json(b'{"name":5}') == Node(name=5)  # type: ignore[arg-type]
    assert Other(name="a") != Node(name="a")
    assert Node(name="a") != {"name": "a"}
    assert Node(name="a", child=Node(name="b")) != Node(name="a", child=Node(name="c"))
    with pytest.raises(TypeError, match="unhashable"):
        hash(Node(name="a"))


def test_a_repr_hides_what_is_personal_or_deep() -> None:
    """Hidden fields, values of wrong types, and everything below the first level."""
    model = Node.from_dict(
        {
            "name": "n" * 100,
            "number": "personal",
            "secret": "personal",
            "free": "personal",
            "child": "personal",
            "children": [{"name": "personal"}],
            "class": 5,
            "unknown": "personal",
        }
    )
    assert repr(model) == (
        f"Node(additional_properties={{… 1}}, name={'n' * 80!r}…, number=…, secret=…, free=…, "
        "child=…, children=[… 1], class_=5)"
    )
    full = Node(name="a", free={"x": 1}, child=Node(name="b"), children=[])
    assert repr(full) == "Node(name='a', free={… 1}, child=Node(…), children=[])"
    assert repr(Node(name="a", free={})) == "Node(name='a', free={})"


def test_a_model_can_be_subclassed() -> None:
    """Plainly, with a property in a field's place, or with fields more."""

    class Plain(Node):
        @property
        def number(self) -> str:  # type: ignore[override]
            return f"{self.to_dict().get('number')} things"

    @attrs.frozen(kw_only=True, eq=False, repr=False)
    class More(Node):
        unknown: int | None = None

    raw = {"name": "a", "number": 5, "unknown": 1}
    plain, more = Plain.from_dict(raw), More.from_dict(raw)
    assert (plain.name, plain.number, plain.additional_properties) == (
        "a",
        "5 things",
        {"unknown": 1},
    )
    assert (more.unknown, more.additional_properties, more.findings()) == (1, {}, ())
    assert plain.to_dict() == more.to_dict() == raw
    with pytest.raises(TypeError, match="Loose is a model, and has slots: leave out slots=False"):

        @attrs.define(slots=False)
        class Loose(Node):
            unknown: int | None = None


def test_the_base_alone_is_an_object_of_unknown_fields() -> None:
    """It has no field of its own."""
    assert Model.from_json(b'{"a":1}').additional_properties == {"a": 1}
    assert Model(additional_properties={"a": 1}).to_json() == b'{"a":1}'
    assert repr(Model()) == "Model()"


def test_threads_read_one_model_at_once() -> None:
    """Each sees all of it."""
    raw = {
        "name": "a",
        "number": 1,
        "unknown": 1,
        "child": {"name": "b", "children": [{"name": "c"}]},
    }
    text = json.dumps(raw)

    def read(model: Node) -> tuple[Any, ...]:
        child = model.child
        assert child is not None
        assert child.children
        return model.number, child.children[0].name, model.additional_properties, model.name

    with ThreadPoolExecutor(8) as pool:
        for _ in range(50):
            model = Node.from_json(text)
            assert model.child is not None
            fresh = [Node.from_json(text)] * 8
            found = list(pool.map(read, fresh))
            assert found == [(1, "c", {"unknown": 1}, "a")] * 8


def test_preload_reaches_every_kind_that_holds_models() -> None:
    """Also those that lead back to themselves."""
    from fingerprint_async._runtime import plan

    @attrs.frozen(kw_only=True, eq=False, repr=False)
    class Holder(Model):
        a: Node | None = None
        b: list[list[Node | None]] | None = None
        c: Node | list[str] | None = None
        d: Variant | UnknownVariant | None = None

    plan._plans.pop(Node, None)
    preload(Holder)
    assert {Node, Variant} <= plan._plans.keys()
    assert UnknownVariant not in plan._plans
