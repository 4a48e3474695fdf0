"""What every generated model stands on: lazy structure, open enums, findings.

A decoded model keeps the JSON it came from and structures a field when it is first read. Nothing is dropped and nothing
is refused: unknown fields stay in `to_dict()`, unknown enum values are kept as enum members that are not `is_known`,
and a value of the wrong type is handed out as it came. `findings()` lists all of these; `strict=True` raises.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from types import MethodType
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Final,
    Generic,
    Literal,
    NoReturn,
    Self,
    TypedDict,
    TypeVar,
)

import msgspec

from .errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from attrs import field
    from attrs import frozen as model
else:

    def model(*, kw_only: bool) -> Callable[[type], type]:  # noqa: ARG001 -- what attrs.frozen takes
        """Give a model its slots: one for each field whose Python value is made from the JSON value."""

        def decorate(cls: type) -> type:
            body = {name: value for name, value in vars(cls).items() if name not in _PER_OBJECT}
            slots = ["_lazy"] if cls._page_ or cls._item_ else []
            for name, row in cls._fields_.items():
                if _has_slot(cls, name, row):
                    body.pop(name, None)
                    slots.append(name)
                else:
                    body[name] = UNSET
            body["__slots__"] = tuple(slots)
            return type(cls)(cls.__name__, cls.__bases__, body)

        return decorate


__all__ = [
    "UNSET",
    "Finding",
    "FindingKind",
    "Model",
    "OpenIntEnum",
    "OpenStrEnum",
    "Response",
    "UnknownVariant",
    "Unset",
    "model",
    "preload",
]


class Unset(enum.Enum):
    """The type of `UNSET`."""

    UNSET = 0

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET
"""The value of a field that is absent. It is falsy, and neither `None` (null) nor `False`."""


class OpenStrEnum(enum.StrEnum):
    """A string enum that keeps values it does not know: they equal their string, and are not `is_known`.

    Compare with `==`: unknown values are not singletons.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = value
        member._value_ = value
        return member

    @property
    def is_known(self) -> bool:
        """Whether the schema that this package was generated from lists the value."""
        return self._value_ in type(self)._value2member_map_

    def __repr__(self) -> str:
        if self.is_known:
            return f"<{type(self).__name__}.{self._name_}: {self._value_!r}>"
        return f"<{type(self).__name__}: unknown {self._value_!r}>"


class OpenIntEnum(enum.IntEnum):
    """An integer enum that keeps values it does not know: they equal their integer, and are not `is_known`.

    Compare with `==`: unknown values are not singletons.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, int) or isinstance(value, bool):
            return None
        member = int.__new__(cls, value)
        member._name_ = str(value)
        member._value_ = value
        return member

    @property
    def is_known(self) -> bool:
        """Whether the schema that this package was generated from lists the value."""
        return self._value_ in type(self)._value2member_map_

    def __repr__(self) -> str:
        if self.is_known:
            return f"<{type(self).__name__}.{self._name_}: {self._value_!r}>"
        return f"<{type(self).__name__}: unknown {self._value_!r}>"


class UnknownVariant(dict[str, Any]):
    """A member of a union that the schema does not know: the JSON object as it came.

    Its keys can be read as attributes too; a key that is absent reads as `UNSET`.
    """

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.get(name, UNSET)

    def __repr__(self) -> str:
        return f"UnknownVariant({dict.__repr__(self)})"


FindingKind = Literal[
    "missing_field", "unknown_enum_value", "unknown_field", "unknown_variant", "wrong_type"
]


class Finding(msgspec.Struct, frozen=True):
    """One difference between a decoded object and the schema. It holds no value, so it can be logged.

    Attributes:
        path: Keys and indices that lead to the place, from the object that was asked.
        kind: `unknown_field`, `unknown_enum_value`, `unknown_variant`, `wrong_type` or `missing_field`.
        expected: What the schema says stands there, in a few words; empty for an unknown field.
        found: The JSON type that stands there: `object`, `array`, `string`, `integer`, `number`, `boolean`, `null`; or `nothing`.
    """

    path: tuple[str | int, ...]
    kind: FindingKind
    expected: str
    found: str

    @property
    def pointer(self) -> str:
        """The path as a JSON pointer (RFC 6901)."""
        return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in self.path)

    def __str__(self) -> str:
        where = self.pointer or "(the whole object)"
        if self.kind == "unknown_field":
            return f"{where}: unknown field, {self.found}"
        if self.kind == "missing_field":
            return f"{where}: missing, expected {self.expected}"
        return f"{where}: {self.kind.replace('_', ' ')}, {self.found} where {self.expected} was expected"


# A field's kind, as the generated tables write it. Scalars are a name; the rest a tuple that begins with one:
#   ("enum", class, module) · ("model", class, module) · ("list", kind) · ("nullable", kind)
#   ("union", discriminator, ((value, class, module), …)) · ("either", kind, …) · ("const", value)
Kind = str | tuple[Any, ...]
# Python name → (name in the JSON, kind, required).
Fields = dict[str, tuple[str, Kind, bool]]
# For each field with a slot: its name in the JSON, the model it is (or None), how to structure it, how to keep it.
Row = tuple[str, "type[Model] | None", "Callable[[Any], Any]", "Callable[[Any, Any], None]"]
Plan = dict[str, Row]

_SCALARS: Final[dict[str, tuple[tuple[type, ...], str]]] = {
    "str": ((str,), "a string"),
    "int": ((int,), "an integer"),
    "float": ((float, int), "a number"),
    "bool": ((bool,), "a boolean"),
    "null": ((type(None),), "null"),
    "object": ((dict,), "an object"),
}
_JSON_TYPES: Final[dict[type, str]] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
    dict: "object",
    list: "array",
}

_OPENING_BRACE: Final = ord("{")
# Where a drowsy item has its bytes; no field has this name, and no JSON value is bytes.
_TEXT: Final = ""
# And whether one of its lists or objects was read.
_READ: Final = " "
# More unknown fields than this around a page are no new version of the API.
_EXTRA_NAMES: Final = 16

T = TypeVar("T")


_PER_OBJECT: Final = frozenset({"__weakref__"})


def _has_slot(cls: type[Model], name: str, row: tuple[str, Kind, bool]) -> bool:
    """Whether the Python value is made from the JSON value, rather than being it."""
    wire, kind, _ = row
    if wire != name or (cls._item_ and not _is_flat(kind)):
        return True
    while isinstance(kind, tuple) and kind[0] in ("list", "nullable"):
        kind = kind[1]
    return isinstance(kind, tuple) and kind[0] != "const"


def _is_flat(kind: Kind) -> bool:
    """Whether the JSON value holds no others."""
    if isinstance(kind, str):
        return kind not in ("any", "object")
    return kind[0] in ("const", "enum") or (kind[0] == "nullable" and _is_flat(kind[1]))


class _Method:
    """A method that no field of the JSON can stand in front of."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.__wrapped__ = function
        self.__name__ = function.__name__
        self.__doc__ = function.__doc__

    def __get__(self, model: object, _owner: object = None) -> Any:
        return self.__wrapped__ if model is None else MethodType(self.__wrapped__, model)

    def __set__(self, _model: object, _value: object) -> NoReturn:
        raise AttributeError(self.__name__)


if TYPE_CHECKING:
    _method = TypeVar("_method")

    def _shown(method: _method) -> _method: ...

else:
    _shown = _Method


class _AttrsView:
    """What `attrs.fields`, `attrs.evolve` and the like read of a class.

    Made by attrs when first asked for: most programs never do, and for each class it writes an initialiser.
    """

    def __get__(self, _model: object, cls: type[Model]) -> Any:
        import attrs

        kinds: dict[str, Any] = {**cls.__annotations__, "additional_properties": "dict[str, Any]"}
        fields: dict[str, Any] = {
            name: attrs.field(
                kw_only=True, default=attrs.NOTHING if required else UNSET, type=kinds.get(name)
            )
            for name, (_, _, required) in cls._fields_.items()
        }
        extra = "additional_properties"
        fields[extra] = attrs.field(kw_only=True, factory=dict, type=kinds[extra])
        view = attrs.fields(
            attrs.make_class(cls.__name__, fields, frozen=True, slots=False, eq=False, repr=False)
        )
        type.__setattr__(cls, "__attrs_attrs__", view)
        return view


def _frozen() -> AttributeError:
    import attrs

    return attrs.exceptions.FrozenInstanceError()


class _Json:
    __slots__ = ("__dict__",)


_get_json: Final[Callable[[Any], dict[str, Any]]] = _Json.__dict__["__dict__"].__get__
_set_json: Final = _Json.__dict__["__dict__"].__set__
_set_slot: Final = object.__setattr__
_set_class: Final = object.__dict__["__class__"].__set__
_new: Final = object.__new__


@model(kw_only=True)
class Model(_Json):
    """The base of every model: a frozen attrs class over the JSON object that it was read from.

    The JSON object *is* the model's `__dict__`, so that a scalar is read at the speed of any attribute and nothing is
    held twice. Fields that need structure (models, enums, renamed ones) have a slot each, filled when first read.

    An item of a page (`_item_`) is bytes first, then its scalars, then the whole: see `_Item`.

    Models compare by their JSON, unknown fields included. They are not hashable, as they hold lists and dicts: use an
    id as the key. They can be pickled, copied, and evolved (`attrs.evolve`).
    """

    # Python name → (name in the JSON, kind, required).
    _fields_: ClassVar[Fields] = {}
    # How to fill the slots; made at the first need, as it loads the models that it names.
    _plan_: ClassVar[Plan | None] = None
    # The field of a page that is cut before it is decoded.
    _page_: ClassVar[str | None] = None
    # Whether it is such an item of a page.
    _item_: ClassVar[bool] = False

    if TYPE_CHECKING:
        additional_properties: dict[str, Any] = field(factory=dict)
        """The fields that the schema does not know, by their names in the JSON."""

    else:

        def __init__(
            self, *, additional_properties: Mapping[str, Any] | None = None, **values: Any
        ) -> None:
            cls = type(self)
            json: dict[str, Any] = dict(additional_properties or {})
            for name, (wire, _, required) in cls._fields_.items():
                value = values.pop(name, UNSET)
                if value is not UNSET:
                    json[wire] = _plain(value)
                elif required:
                    msg = f"{cls.__name__}() needs the keyword argument {name!r}"
                    raise TypeError(msg)
            if values:
                msg = f"{cls.__name__}() has no field {next(iter(values))!r}"
                raise TypeError(msg)
            _set_json(self, json)

        def __getattr__(self, name: str) -> Any:
            # Reached for what is not there: a slot that nobody has filled, or no field at all.
            cls = self.__class__
            if name not in cls.__slots__:
                _whole(self, cls)
            elif cls._item_:
                _fill_item(self, cls, name)
            else:
                _fill(self, _get_json(self), (cls._plan_ or _make_plan(cls)).values())
            return object.__getattribute__(self, name)

        __dict__ = property(lambda self: _whole(self, self.__class__))

        def __setattr__(self, name: str, value: Any) -> NoReturn:
            raise _frozen()

        def __delattr__(self, name: str) -> NoReturn:
            raise _frozen()

        __attrs_attrs__ = _AttrsView()

        @property
        def additional_properties(self) -> dict[str, Any]:
            """The fields that the schema does not know, by their names in the JSON."""
            known = {wire for wire, _, _ in self.__class__._fields_.values()}
            return {key: value for key, value in self.__dict__.items() if key not in known}

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any], *, strict: bool = False) -> Self:
        """Read a decoded JSON object.

        The object is kept, not copied: leave it as it is afterwards.

        Args:
            src_dict: The JSON object.
            strict: Raise for every difference from the schema, except for fields it does not know.

        Raises:
            DecodeError: It is no object; or `strict`, and it differs from the schema.
        """
        if type(src_dict) is not dict:
            try:
                src_dict = dict(src_dict)
            except (TypeError, ValueError):
                _refuse(cls, src_dict)
        self = _wrap(cls, src_dict)
        return _check(self) if strict else self

    @classmethod
    def from_json(cls, data: bytes | bytearray | memoryview | str, *, strict: bool = False) -> Self:
        """Read a JSON document.

        A page is checked whole and cut into its items; each is decoded when it is first read.

        Args:
            data: The document, UTF-8.
            strict: Raise for every difference from the schema, except for fields it does not know.

        Raises:
            DecodeError: It is not JSON, not UTF-8, or no object; or `strict`, and it differs from the schema.
        """
        if cls._page_ is not None and not strict:
            return _cut(cls, cls._page_, data)
        self = _wrap(cls, _loads_object(cls, data))
        return _check(self) if strict else self

    @_shown
    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object, without the fields that are `UNSET`.

        This is the very object that the model stands on, unknown fields included: copy it before changing it.
        """
        return _whole(self, self.__class__)

    @_shown
    def findings(self) -> tuple[Finding, ...]:
        """List every difference from the schema, at every depth, in the order of the JSON."""
        return tuple(_walk_model(self.__class__, self.__dict__, ()))

    def __eq__(self, other: object) -> bool:
        # `__class__`, not `type()`: see `_Item`.
        if not isinstance(other, Model) or other.__class__ is not self.__class__:
            return NotImplemented
        return self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return _wrap, (self.__class__, self.__dict__)

    def __repr__(self) -> str:
        cls = self.__class__
        shown = ((name, getattr(self, name)) for name in cls._fields_)
        parts = [f"{name}={_short(value)}" for name, value in shown if value is not UNSET]
        parts.extend(
            f"{name}={_short(value)}" for name, value in self.additional_properties.items()
        )
        return f"{cls.__name__}({', '.join(parts)})"


M = TypeVar("M", bound=Model)


def _wrap(cls: type[M], json: dict[str, Any]) -> M:
    self = _new(cls)
    _set_json(self, json)
    return self


def _make_plan(cls: type[Model]) -> Plan:
    plan: Plan = {}
    for name, row in cls._fields_.items():
        wire, kind, _ = row
        if _has_slot(cls, name, row):
            model_class = _load(kind[1], kind[2], cls.__module__) if kind[0] == "model" else None
            plan[name] = (
                wire,
                model_class,
                _decoder(kind, cls.__module__),
                cls.__dict__[name].__set__,
            )
    cls._plan_ = plan
    return plan


def _fill(self: Model, json: dict[str, Any], rows: Iterable[Row]) -> None:
    """Fill slots of an object: all at once, as that costs less than two passes that fill one each."""
    for wire, model_class, decode, keep in rows:
        value = json.get(wire, UNSET)
        if type(value) is dict and model_class is not None:
            made = _new(model_class)
            _set_json(made, value)
            keep(self, made)
        elif value is UNSET:
            keep(self, UNSET)
        else:
            keep(self, decode(value))


def _fill_item(self: Model, cls: type[Model], name: str) -> None:
    """Fill the slots of an item; of a drowsy one that of a scalar alone, or of its first list or object."""
    json, plan = _get_json(self), cls._plan_ or _make_plan(cls)
    if type(text := json.get(_TEXT)) is not bytes:
        _fill(self, json, plan.values())
    elif name in _items[cls].flat:
        _fill(self, json, (plan[name],))
    elif _READ not in json:
        json.update({**_items[cls].only(plan[name][0], text), _READ: True})
        _fill(self, json, (plan[name],))
    else:
        _fill(self, _whole(self, cls), plan.values())


def _whole(self: Model, cls: type[Model]) -> dict[str, Any]:
    """Give the JSON object of a model, after decoding what of it is still bytes."""
    json = _get_json(self)
    if cls._page_ is not None:
        lazy = cls.__dict__["_lazy"]
        try:
            pending = lazy.__get__(self)
        except AttributeError:
            return json
        if pending is not None:
            wire, items = pending
            json[wire] = [_plain(item) for item in items]
            lazy.__set__(self, None)
    elif cls._item_ and type(self) is not cls:
        return self.__dict__
    elif cls._item_ and type(text := json.get(_TEXT)) is bytes:
        json = _items[cls].decode(text)
        _set_json(self, json)
    return json


class _Item:
    """How the items of a page that are objects of one model are read.

    An item is *asleep* first: its bytes in the slot `_lazy`, its class a stand-in that acts when it is touched. Reading
    a scalar makes it *drowsy*: an object of its own class whose `__dict__` has its scalars, and the bytes of all. That
    costs a third of decoding it, and makes no object that the cyclic collector tracks. The first list or object that is
    read then is decoded alone. Whatever needs more, a second one or the JSON, makes it *awake*: an object like any other.

    How far it is shows in its `__dict__` alone, which is replaced in one step: threads may read at once.
    """

    def __init__(self, cls: type[Model]) -> None:
        self.flat = frozenset(name for name, (_, kind, _) in cls._fields_.items() if _is_flat(kind))
        scalars = {cls._fields_[name][0]: Any for name in self.flat}
        make: Any = TypedDict
        decode_scalars = msgspec.json.Decoder(make("Scalars", scalars, total=False)).decode
        decode, odd = msgspec.json.Decoder().decode, msgspec.MsgspecError
        bytes_of, self.keep_bytes = cls.__dict__["_lazy"].__get__, cls.__dict__["_lazy"].__set__
        keep_bytes, flat = self.keep_bytes, self.flat

        def whole(text: Any) -> Any:
            try:
                return decode(text)
            except odd as error:
                return _loads_odd(text, error)

        def scalars_of(text: bytes) -> dict[str, Any]:
            try:
                json: dict[str, Any] = decode_scalars(text)
            except odd:
                json = whole(text)
            else:
                json[_TEXT] = text
            return json

        def wake(self: Any, name: str) -> Any:
            if name == "__class__":
                return cls
            text = bytes_of(self)
            if text is not None:
                _set_json(self, scalars_of(text) if name in flat else whole(text))
                _set_class(self, cls)
                keep_bytes(self, None)
            return getattr(self, name)

        @cache
        def decoder_of(wire: str) -> Callable[[bytes], dict[str, Any]]:
            return msgspec.json.Decoder(make("Only", {wire: Any}, total=False)).decode

        def only(wire: str, text: bytes) -> dict[str, Any]:
            try:
                return decoder_of(wire)(text)
            except odd:
                json = whole(text)
                return {wire: json[wire]}

        self.decode, self.only = whole, only
        names = ("__module__", "__qualname__", "__doc__", "__annotations__")
        body = {
            "__slots__": (),
            "__getattribute__": wake,
            **{name: getattr(cls, name) for name in names},
        }
        self.asleep = type(cls.__name__, (cls,), body)


# Model class → how its items of pages are read.
_items: Final[dict[type[Model], _Item]] = {}


# Model class of a page → the names to expect in a page, and the decoder that cuts one.
_cutters: Final[dict[type[Model], tuple[tuple[str, ...], Any]]] = {}


def _cutter(cls: type[Model], field: str, extra: Iterable[str] = ()) -> tuple[tuple[str, ...], Any]:
    page = cls._fields_[field][0]
    others = {wire for wire, _, _ in cls._fields_.values()} | set(extra)
    names = (page, *sorted(others - {page}))
    fields: list[Any] = [("f0", list[msgspec.Raw])]
    fields += [(f"f{index}", Any, UNSET) for index in range(1, len(names))]
    rename = {f"f{index}": name for index, name in enumerate(names)}
    struct = msgspec.defstruct("Page", fields, rename=rename, forbid_unknown_fields=True, gc=False)
    made = _cutters[cls] = (names, msgspec.json.Decoder(struct))
    return made


def _cut(cls: type[M], field: str, data: bytes | bytearray | memoryview | str) -> M:
    """Check a page and cut it into items that decode when they are read."""
    names, decoder = _cutters.get(cls) or _cutter(cls, field)
    try:
        cut = decoder.decode(data)
        texts = [*map(bytes, cut.f0)]
        for text in texts:
            if not text.isascii():
                # Cutting skips over strings, which does not check their encoding.
                text.decode()
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        self = _wrap(cls, _loads_object(cls, data))
        extra = self.__dict__.keys() - set(names)
        if 0 < len(extra) < _EXTRA_NAMES:
            _cutter(cls, field, extra)
        return self
    _, kind, _ = cls._fields_[field]
    item_class = _load(kind[1][1], kind[1][2], cls.__module__)
    reader = _items.get(item_class)
    if reader is None:
        reader = _items[item_class] = _Item(item_class)
    asleep, keep_bytes = reader.asleep, reader.keep_bytes
    items: list[Any] = []
    item: Any
    for text in texts:
        if text[0] == _OPENING_BRACE:
            item = _new(asleep)
            keep_bytes(item, text)
        else:
            item = _loads(text)
        items.append(item)
    json = {name: getattr(cut, f"f{index}") for index, name in enumerate(names) if index}
    self = _wrap(cls, {name: value for name, value in json.items() if value is not UNSET})
    _fill(self, self.__dict__, (cls._plan_ or _make_plan(cls)).values())
    _set_slot(self, field, items)
    _set_slot(self, "_lazy", (names[0], items))
    return self


def _loads_object(cls: type[Model], data: bytes | bytearray | memoryview | str) -> dict[str, Any]:
    json = _loads(data)
    if type(json) is not dict:
        _refuse(cls, json)
    return json


def _check(self: M) -> M:
    findings = [finding for finding in self.findings() if finding.kind != "unknown_field"]
    if findings:
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        raise DecodeError(
            f"{type(self).__name__} differs from the schema: {findings[0]}{more}", tuple(findings)
        )
    return self


def _refuse(cls: type[Model], value: object) -> NoReturn:
    raise DecodeError(f"{cls.__name__} is read from a JSON object, not from {_json_type(value)}")


def _loads(data: bytes | bytearray | memoryview | str) -> Any:
    try:
        return msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return _loads_odd(data, error)


def _loads_odd(data: bytes | bytearray | memoryview | str, error: Exception) -> Any:
    # Numbers that no float holds and lone surrogates are JSON: rare, and worth the slow way.
    import json

    try:
        text = data if isinstance(data, str) else str(data, "utf-8")
        return json.loads(text, parse_float=_wide, parse_int=_wide, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise DecodeError(f"not JSON: {error}") from None


def _wide(text: str) -> Any:
    try:
        return int(text)
    except ValueError:
        pass
    number = float(text)
    if number - number == 0:
        return number
    from decimal import Decimal

    return Decimal(text)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _json_type(value: object) -> str:
    return _JSON_TYPES.get(type(value), type(value).__name__)


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return value.to_dict()
    if isinstance(value, (OpenStrEnum, OpenIntEnum)):
        return value.value
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _short(value: Any) -> str:
    if isinstance(value, Model):
        return f"{type(value).__name__}(…)"
    if isinstance(value, list):
        return f"[… {len(value)}]" if value else "[]"
    if isinstance(value, dict):
        return f"{{… {len(value)}}}" if value else "{}"
    return repr(value) if not isinstance(value, str) or len(value) <= 80 else f"{value[:80]!r}…"


@cache
def _load(name: str, module: str, near: str) -> Any:
    return getattr(import_module("." + module, near.rpartition(".")[0]), name)


def _as_it_is(value: Any) -> Any:
    return value


def _decoder(kind: Kind, near: str) -> Callable[[Any], Any]:
    """Make the function that structures one JSON value; what does not fit is given back as it is."""
    if isinstance(kind, str) or kind[0] == "const":
        return _as_it_is
    tag = kind[0]
    if tag == "model":
        cls = _load(kind[1], kind[2], near)

        def decode_model(value: Any) -> Any:
            if type(value) is not dict:
                return value
            self = _new(cls)
            _set_json(self, value)
            return self

        return decode_model
    if tag == "enum":
        enum_class = _load(kind[1], kind[2], near)
        members = enum_class._value2member_map_
        of = str if issubclass(enum_class, str) else int

        def decode_enum(value: Any) -> Any:
            if type(value) is not of:
                return value
            return members.get(value) or enum_class(value)

        return decode_enum
    if tag == "list":
        decode_item = _decoder(kind[1], near)
        if decode_item is _as_it_is:
            return _as_it_is
        return lambda value: [decode_item(item) for item in value] if type(value) is list else value
    if tag == "nullable":
        decode_value = _decoder(kind[1], near)
        return lambda value: None if value is None else decode_value(value)
    if tag == "union":
        _, discriminator, variants = kind
        by_value = {value: _load(name, module, near) for value, name, module in variants}

        def decode_union(value: Any) -> Any:
            if type(value) is not dict:
                return value
            variant = value.get(discriminator)
            cls = by_value.get(variant) if type(variant) is str else None
            return UnknownVariant(value) if cls is None else _wrap(cls, value)

        return decode_union
    choices = [(choice, _decoder(choice, near)) for choice in kind[1:]]

    def decode_either(value: Any) -> Any:
        for choice, decode in choices:
            if next(_walk(choice, value, (), near), None) is None:
                return decode(value)
        return value

    return decode_either


def preload(*classes: type[Model]) -> None:
    """Load all that models lead to: some milliseconds now, rather than when a value is first read.

    For programs whose event loop must not stop for that long once it serves.

    Args:
        classes: The models that will be read; `EventSearch` leads to every model of an event.
    """
    waiting, seen = [*classes], set[type[Model]]()
    while waiting:
        cls = waiting.pop()
        if cls not in seen:
            seen.add(cls)
            cls._plan_ = cls._plan_ or _make_plan(cls)
            waiting.extend(
                model
                for _, kind, _ in cls._fields_.values()
                for model in _models(kind, cls.__module__)
            )


def _models(kind: Kind, near: str) -> Iterator[type[Model]]:
    if isinstance(kind, str):
        return
    if kind[0] == "model":
        yield _load(kind[1], kind[2], near)
    elif kind[0] == "union":
        yield from (_load(name, module, near) for _, name, module in kind[2])
    elif kind[0] in ("list", "nullable", "either"):
        for inner in kind[1:]:
            yield from _models(inner, near)


def _describe(kind: Kind) -> str:
    if isinstance(kind, str):
        return _SCALARS[kind][1] if kind in _SCALARS else "anything"
    tag = kind[0]
    if tag in ("enum", "model"):
        return f"{kind[1]}"
    if tag == "const":
        return repr(kind[1])
    if tag == "list":
        return f"a list of {_describe(kind[1]).removeprefix('a ').removeprefix('an ')}"
    if tag == "nullable":
        return f"{_describe(kind[1])} or null"
    if tag == "union":
        return " or ".join(name for _, name, _ in kind[2])
    return " or ".join(_describe(choice) for choice in kind[1:])


def _walk_model(
    cls: type[Model], value: dict[str, Any], path: tuple[str | int, ...]
) -> Iterator[Finding]:
    kinds, required = _by_wire(cls)  # type: ignore[arg-type]  # a class is hashable, its objects are not
    for wire in required:
        if wire not in value:
            yield Finding((*path, wire), "missing_field", _describe(kinds[wire][0]), "nothing")
    for key, item in value.items():
        kind, types = kinds.get(key, (None, ()))
        if kind is None:
            yield Finding((*path, key), "unknown_field", "", _json_type(item))
        elif type(item) not in types:
            yield from _walk(kind, item, (*path, key), cls.__module__)


@cache
def _by_wire(cls: type[Model]) -> tuple[dict[str, tuple[Kind, tuple[type, ...]]], list[str]]:
    """Give each field's kind by its name in the JSON, with the types that fit at sight; and which are required."""
    rows = cls._fields_.values()
    kinds = {
        wire: (kind, _SCALARS.get(kind, ((),))[0] if isinstance(kind, str) else ())
        for wire, kind, _ in rows
    }
    return kinds, [wire for wire, _, required in rows if required]


def _walk(kind: Kind, value: Any, path: tuple[str | int, ...], near: str) -> Iterator[Finding]:
    if kind == "any":
        return
    tag = kind if isinstance(kind, str) else kind[0]
    fits = True
    if isinstance(kind, str):
        types, _ = _SCALARS[kind]
        fits = type(value) in types
    elif tag == "const":
        fits = type(value) is type(kind[1]) and value == kind[1]
    elif tag == "nullable":
        if value is not None:
            yield from _walk(kind[1], value, path, near)
        return
    elif tag == "enum":
        enum_class = _load(kind[1], kind[2], near)
        known = enum_class._value2member_map_
        fits = type(value) is (str if issubclass(enum_class, str) else int)
        if fits and value not in known:
            yield Finding(path, "unknown_enum_value", _describe(kind), _json_type(value))
    elif tag == "model":
        fits = type(value) is dict
        if fits:
            yield from _walk_model(_load(kind[1], kind[2], near), value, path)
    elif tag == "list":
        fits = type(value) is list
        if fits:
            for index, item in enumerate(value):
                yield from _walk(kind[1], item, (*path, index), near)
    elif tag == "union":
        fits = type(value) is dict
        if fits:
            variant = value.get(kind[1])
            for known, name, module in kind[2]:
                if variant == known:
                    yield from _walk_model(_load(name, module, near), value, path)
                    return
            yield Finding(path, "unknown_variant", _describe(kind), _json_type(value))
    else:
        fits = any(next(_walk(choice, value, path, near), None) is None for choice in kind[1:])
    if not fits:
        yield Finding(path, "wrong_type", _describe(kind), _json_type(value))


class Response(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """The answer to one call: the status, the headers and the bytes, decoded when asked.

    Attributes:
        status_code: The HTTP status.
        headers: The response's headers.
        content: The body as it came.
        decode: Makes the promised object of the body of a success; None where none is promised.
    """

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    decode: Callable[..., T] | None

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        # Headers and bodies are about people.
        return [("status_code", self.status_code)]

    def __repr__(self) -> str:
        return f"Response(status_code={self.status_code})"

    def parse(self, *, strict: bool = False) -> T | None:
        """Decode the body of a success; None where the operation promises no body, or the status is no success.

        Args:
            strict: Raise for every difference from the schema, except for fields it does not know.

        Raises:
            DecodeError: The body is not the promised JSON.
        """
        if self.decode is None or not 200 <= self.status_code < 300:
            return None
        return self.decode(self.content, strict=strict)

    @property
    def parsed(self) -> T | None:
        """The decoded body: `parse()`, leniently."""
        return self.parse()
