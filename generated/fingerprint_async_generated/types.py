"""What every generated model stands on: lazy structure, open enums, findings.

A decoded model keeps the JSON it came from and structures a field when it is first read. Nothing is dropped and nothing
is refused: unknown fields stay in `to_dict()`, unknown enum values are kept as enum members that are not `is_known`,
and a value of the wrong type is handed out as it came. `findings()` lists all of these; `strict=True` raises.
"""

from __future__ import annotations

import enum
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Literal, NoReturn, Self, TypeVar, cast

import attrs

from .errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from attrs import frozen as model
else:

    def model(*, kw_only: bool) -> Callable[[type], type]:
        """Make an attrs class of it. `Model` brings what attrs would write: one initialiser, eq and repr for all."""
        return attrs.define(
            frozen=True, slots=True, kw_only=kw_only, init=False, eq=False, repr=False, weakref_slot=False
        )


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


FindingKind = Literal["missing_field", "unknown_enum_value", "unknown_field", "unknown_variant", "wrong_type"]


@attrs.frozen
class Finding:
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
# Python name → (wire name, kind, required).
Fields = dict[str, tuple[str, Kind, bool]]

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

T = TypeVar("T")


class _Decoded:
    __slots__ = ("_raw",)
    # The JSON object that the model came from: decoded, or its bytes; None for one that was built by keywords.
    _raw: dict[str, Any] | bytes | None


_set_raw = _Decoded._raw.__set__  # type: ignore[union-attr,attr-defined]  # a slot descriptor
_set = object.__setattr__


@model(kw_only=True)
class Model(_Decoded):
    """The base of every model: a frozen attrs class that is decoded lazily and without loss.

    Models compare by their JSON content, unknown fields included. They are not hashable, as they hold lists and
    dicts: use an id as the key. They can be pickled, copied, and evolved (`attrs.evolve`).
    """

    additional_properties: dict[str, Any] = attrs.field(factory=dict)
    """The fields that the schema does not know, by their names in the JSON."""

    _fields_: ClassVar[Fields] = {}
    _plan_: ClassVar[dict[str, tuple[str, Callable[[Any], Any] | None]]] = {}

    if not TYPE_CHECKING:

        def __init__(self, *, additional_properties: Mapping[str, Any] | None = None, **values: Any) -> None:
            fields = self._fields_
            if not values.keys() <= fields.keys():
                unknown = ", ".join(repr(name) for name in values if name not in fields)
                msg = f"{type(self).__name__}() got unexpected keyword arguments: {unknown}"
                raise TypeError(msg)
            missing = [name for name, (_, _, required) in fields.items() if required and name not in values]
            if missing:
                msg = f"{type(self).__name__}() needs the keyword arguments: {', '.join(map(repr, missing))}"
                raise TypeError(msg)
            _set_raw(self, None)
            _set(self, "additional_properties", dict(additional_properties or {}))
            for name in fields:
                _set(self, name, values.get(name, UNSET))

        def __getattr__(self, name: str) -> Any:
            # Reached when the slot is empty: a field that nobody has read yet.
            try:
                wire, decode = self._plan_[name]
            except KeyError:
                return self._first_read(name)
            raw = self._raw
            if type(raw) is not dict:
                raw = _expand(self)
            value = raw.get(wire, UNSET)
            if decode is not None and value is not UNSET:
                value = decode(value)
            _set(self, name, value)
            return value

        def _first_read(self, name: str) -> Any:
            cls = type(self)
            if name == "additional_properties":
                known = {wire for wire, _, _ in cls._fields_.values()}
                value: Any = {key: value for key, value in _expand(self).items() if key not in known}
                _set(self, name, value)
                return value
            if name not in cls._fields_:
                msg = f"{cls.__name__!r} object has no attribute {name!r}"
                raise AttributeError(msg, name=name, obj=self)
            if "_plan_" not in cls.__dict__:
                cls._plan_ = {}
            wire, kind, _ = cls._fields_[name]
            cls._plan_[name] = (wire, _decoder(kind, cls.__module__))
            return getattr(self, name)

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
        if not isinstance(src_dict, dict):
            try:
                src_dict = dict(src_dict)
            except (TypeError, ValueError):
                _refuse(cls, src_dict)
        return _check(_wrap(cls, src_dict)) if strict else _wrap(cls, src_dict)

    @classmethod
    def from_json(cls, data: bytes | bytearray | memoryview | str, *, strict: bool = False) -> Self:
        """Read a JSON document.

        Args:
            data: The document, UTF-8.
            strict: Raise for every difference from the schema, except for fields it does not know.

        Raises:
            DecodeError: It is not JSON, not UTF-8, or no object; or `strict`, and it differs from the schema.
        """
        decoded = _loads(data)
        if type(decoded) is not dict:
            _refuse(cls, decoded)
        return _check(_wrap(cls, decoded)) if strict else _wrap(cls, decoded)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object, without the fields that are `UNSET`.

        Of a decoded model this is the very object that it was decoded from, unknown fields included: copy it before
        changing it.
        """
        raw = self._raw
        if type(raw) is dict:
            return raw
        if raw is not None:
            return _expand(self)
        out = dict(self.additional_properties)
        for name, (wire, _, _) in self._fields_.items():
            value = getattr(self, name)
            if value is not UNSET:
                out[wire] = _plain(value)
        return out

    def findings(self) -> tuple[Finding, ...]:
        """List every difference from the schema, at every depth, in the order of the JSON."""
        return tuple(_walk_model(type(self), self.to_dict(), ()))

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.to_dict() == cast("Model", other).to_dict()

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return _wrap, (type(self), self._raw or self.to_dict())

    def __repr__(self) -> str:
        shown = ((name, getattr(self, name)) for name in self._fields_)
        parts = [f"{name}={_short(value)}" for name, value in shown if value is not UNSET]
        if self.additional_properties:
            parts.append(f"additional_properties={_short(self.additional_properties)}")
        return f"{type(self).__name__}({', '.join(parts)})"


M = TypeVar("M", bound=Model)


def _wrap(cls: type[M], raw: dict[str, Any] | bytes) -> M:
    self = object.__new__(cls)
    _set_raw(self, raw)
    return self


def _expand(self: Model) -> dict[str, Any]:
    raw = self._raw
    if type(raw) is bytes:
        raw = _loads(raw)
        _set_raw(self, raw)
    return cast("dict[str, Any]", raw)


def _check(self: M) -> M:
    findings = tuple(finding for finding in self.findings() if finding.kind != "unknown_field")
    if findings:
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        raise DecodeError(f"{type(self).__name__} differs from the schema: {findings[0]}{more}", findings)
    return self


def _refuse(cls: type[Model], value: object) -> NoReturn:
    raise DecodeError(f"{cls.__name__} is read from a JSON object, not from {_json_type(value)}")


def _loads(data: bytes | bytearray | memoryview | str) -> Any:
    import msgspec

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


def _load(name: str, module: str, near: str) -> Any:
    return getattr(import_module("." + module, near.rpartition(".")[0]), name)


def _decoder(kind: Kind, near: str) -> Callable[[Any], Any] | None:
    """Make the function that structures one JSON value; None where the JSON value is the Python value."""
    if type(kind) is str or kind[0] == "const":
        return None
    tag = kind[0]
    if tag == "model":
        cls = _load(kind[1], kind[2], near)

        def decode_model(value: Any) -> Any:
            if type(value) is not dict:
                return value
            self = object.__new__(cls)
            _set_raw(self, value)
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
        if decode_item is None:
            return None
        return lambda value: [decode_item(item) for item in value] if type(value) is list else value
    if tag == "nullable":
        decode_value = _decoder(kind[1], near)
        if decode_value is None:
            return None
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
                return value if decode is None else decode(value)
        return value

    return decode_either


def _describe(kind: Kind) -> str:
    if type(kind) is str:
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


def _walk_model(cls: type[Model], value: dict[str, Any], path: tuple[str | int, ...]) -> Iterator[Finding]:
    by_wire = {wire: kind for wire, kind, _ in cls._fields_.values()}
    for wire, kind, required in cls._fields_.values():
        if required and wire not in value:
            yield Finding((*path, wire), "missing_field", _describe(kind), "nothing")
    for key, item in value.items():
        kind_of_key = by_wire.get(key)
        if kind_of_key is None:
            yield Finding((*path, key), "unknown_field", "", _json_type(item))
        else:
            yield from _walk(kind_of_key, item, (*path, key), cls.__module__)


def _walk(kind: Kind, value: Any, path: tuple[str | int, ...], near: str) -> Iterator[Finding]:
    if kind == "any":
        return
    tag = kind if type(kind) is str else kind[0]
    fits = True
    if type(kind) is str:
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
        fits = type(value) is (str if issubclass(enum_class, str) else int)
        if fits and value not in enum_class._value2member_map_:
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


@attrs.frozen(kw_only=True)
class Response(Generic[T]):
    """The answer to one call: the status, the headers and the bytes, decoded when asked.

    Attributes:
        status_code: The HTTP status.
        headers: The response's headers.
        content: The body as it came.
    """

    status_code: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    content: bytes = attrs.field(repr=False)
    _decode: Callable[..., T] | None = attrs.field(alias="decode", repr=False, eq=False)

    def parse(self, *, strict: bool = False) -> T | None:
        """Decode the body of a success; None where the operation promises no body, or the status is no success.

        Args:
            strict: Raise for every difference from the schema, except for fields it does not know.

        Raises:
            DecodeError: The body is not the promised JSON.
        """
        if self._decode is None or not 200 <= self.status_code < 300:
            return None
        return self._decode(self.content, strict=strict)

    @property
    def parsed(self) -> T | None:
        """The decoded body: `parse()`, leniently."""
        return self.parse()
