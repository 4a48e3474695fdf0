"""How the objects of one model are read: made once for each class, from its attrs fields.

A field's kind is made from its annotation, so that what type checkers read is what happens:

| annotation | kind |
|---|---|
| `str`, `int`, `float`, `bool` | `Scalar` |
| `dict[str, Any]`, `Any` | `Anything` |
| `Literal["a"]` | `Constant` |
| `Color | str` with an enum `Color` | `OpenEnum` |
| a model | `Nested` |
| `list[X]` | `ListOf` |
| `X | None` inside a list | `Nullable` |
| models with a `Literal` field in common, and `UnknownVariant` | `Tagged` |
| any other union | `Either` |
"""

from __future__ import annotations

import enum
import types
import typing
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs
import msgspec
from msgspec.structs import astuple

from fingerprint_async._runtime.errors import DecodeError
from fingerprint_async._runtime.fields import (
    Anything,
    Constant,
    Either,
    Kind,
    ListOf,
    Nullable,
    OpenEnum,
    Scalar,
    UnknownVariant,
    value_of,
)
from fingerprint_async._runtime.findings import Finding
from fingerprint_async._runtime.json_text import is_object, json_type, keys_of, parse
from fingerprint_async._runtime.rows import UNREADABLE, Later, Setters, make_row
from fingerprint_async._runtime.source import new, over, put_json, put_later

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fingerprint_async._runtime.findings import Path
    from fingerprint_async._runtime.json_text import JsonText, JsonValue
    from fingerprint_async._runtime.source import Source

__all__ = [
    "ADDITIONAL",
    "Field",
    "Nested",
    "Plan",
    "json_field",
    "plan_of",
]

ADDITIONAL: Final = "additional_properties"
_METADATA: Final = "fingerprint_async"
_OPENING_BRACE: Final = ord("{")


def json_field(*, name: str | None = None, nullable: bool = False) -> dict[str, Any]:
    """Say what an annotation can't, as `metadata` of an attrs field.

    Args:
        name: The field's name in the JSON, where it is another one.
        nullable: Whether the schema allows null. (None also stands for an absent field.)
    """
    return {_METADATA: {"name": name, "nullable": nullable}}


@attrs.frozen
class Nested(Kind):
    """An object of a model."""

    model: type[Source]

    def decode(self, value: msgspec.Raw | JsonValue) -> Any:
        if type(value) is msgspec.Raw:
            text = bytes(value)
            if text[0] != _OPENING_BRACE:
                return parse(text)
            return over(self.model, text)
        return over(self.model, value) if is_object(value) else value

    def decode_within(self, value: msgspec.Raw | JsonValue) -> Any:
        """Make the model of an object within another one, which shares the text of that."""
        if type(value) is msgspec.Raw and bytes(value)[0] == _OPENING_BRACE:
            # What `over` does, without a call.
            model = new(self.model)
            put_json(model, value)
            put_later(model, None)
            return model
        return self.decode(value)

    def check(self, value: JsonValue, path: Path) -> Iterator[Finding]:
        if is_object(value):
            yield from plan_of(self.model).check(value, path)
        else:
            yield self._wrong(value, path)

    def describe(self) -> str:
        return self.model.__name__


@attrs.frozen
class Tagged(Kind):
    """One of several models, told apart by the value of one field."""

    discriminator: str
    variants: Mapping[str, type[Source]]

    def decode(self, value: msgspec.Raw | JsonValue) -> Any:
        found = value_of(value)
        if not is_object(found):
            return found
        model = self._model_of(found)
        if model is None:
            return UnknownVariant(found)
        return over(model, bytes(value) if type(value) is msgspec.Raw else found)

    def check(self, value: JsonValue, path: Path) -> Iterator[Finding]:
        if not is_object(value):
            yield self._wrong(value, path)
        elif (model := self._model_of(value)) is None:
            yield Finding(path, "unknown_variant", self.describe(), json_type(value))
        else:
            yield from plan_of(model).check(value, path)

    def describe(self) -> str:
        return " or ".join(dict.fromkeys(model.__name__ for model in self.variants.values()))

    def _model_of(self, value: dict[str, Any]) -> type[Source] | None:
        variant = value.get(self.discriminator)
        return self.variants.get(variant) if isinstance(variant, str) else None


@attrs.frozen(kw_only=True, eq=False)
class Field:
    """One field of a model.

    Attributes:
        name: Its name in Python.
        wire: Its name in the JSON.
        kind: What stands in it.
        required: Whether the schema asks for it.
        nullable: Whether the schema allows null in it.
        column: Its attribute in what the decoder makes of an object.
        decode: Makes its value of what stands in that attribute.
        put: Sets its slot in a model, frozen as that is.
        is_immediate: Whether the first read of an object sets it.
    """

    name: str
    wire: str
    kind: Kind
    required: bool
    nullable: bool
    column: str
    decode: Callable[[Any], Any]
    put: Callable[[Any, Any], None]
    is_immediate: bool

    def check(self, value: Any, path: Path) -> Iterator[Finding]:
        """List how the field's JSON value differs from the schema."""
        if value is not None:
            yield from self.kind.check(value, path)
        elif not self.nullable:
            yield Finding(path, "wrong_type", self.kind.describe(), "null")


@attrs.frozen(kw_only=True, eq=False)
class Plan:
    """How the objects of one model are read.

    Attributes:
        model: The model's name.
        fields: Its fields: plain ones, then enums, then those that are read later.
        by_name: The fields by their names in Python.
        by_wire: The fields by their names in the JSON.
    """

    model: str
    fields: tuple[Field, ...]
    by_name: Mapping[str, Field]
    by_wire: Mapping[str, Field]
    _setters: Setters = attrs.field(alias="setters")
    _row: Callable[..., msgspec.Struct] = attrs.field(alias="row")
    _later: Callable[..., Any] = attrs.field(alias="later")
    _decode: Callable[[Any], msgspec.Struct] = attrs.field(alias="decode")

    def read(self, model: Source, source: JsonText | dict[str, Any]) -> Later:
        """Read an object, and set the slots of its plain fields and its enums.

        Returns:
            What the other fields are decoded from.

        Raises:
            DecodeError: It is not JSON, or no object.
        """
        try:
            row = self._decode(source)
        except UNREADABLE:
            row = self._read_leniently(source)
        values = astuple(row)
        for index, put in self._setters.plain:
            put(model, values[index])
        self._setters.put_enums(model, values)
        later: Later = self._later(None, *values[self._setters.count :])
        put_later(model, later)
        return later

    def read_rest(self, model: Source, later: Later) -> None:
        """Set the slots of all fields but those of the first read and of the one read first."""
        for field in self.fields[self._setters.count :]:
            if field is not later.first:
                value = getattr(later, field.column)
                field.put(model, None if value is None else field.decode(value))

    def check(self, value: Mapping[str, Any], path: Path) -> Iterator[Finding]:
        """List how a JSON object differs from the schema, at every depth."""
        for field in self.fields:
            if field.required and field.wire not in value:
                where = (*path, field.wire)
                yield Finding(where, "missing_field", field.kind.describe(), "nothing")
        for key, item in value.items():
            known = self.by_wire.get(key)
            if known is None:
                yield Finding((*path, key), "unknown_field", "", json_type(item))
            else:
                yield from known.check(item, (*path, key))

    def _read_leniently(self, source: JsonText | dict[str, Any]) -> msgspec.Struct:
        """Read an object that is not of the schema's types, or that msgspec cannot read."""
        values = source if isinstance(source, dict) else keys_of(source)
        if not is_object(values):
            found = json_type(values)
            raise DecodeError(f"{self.model} is read from a JSON object, not from {found}")
        columns: dict[str, Any] = {}
        for field in self.fields:
            value = values.get(field.wire)
            columns[field.column] = value_of(value) if field.kind.wire is Any else value
        return self._row(**columns)


def plan_of(cls: type[Source]) -> Plan:
    """Give the plan of a model; made when the first object of the class is read."""
    plan = _plans.get(cls)
    if plan is None:
        plan = _plans[cls] = _make_plan(cls)
    return plan


_plans: Final[dict[type[Source], Plan]] = {}


def _make_plan(cls: type[Source]) -> Plan:
    hints = typing.get_type_hints(cls)
    attributes: Any = attrs.fields(cls)  # type: ignore[arg-type] # every model is an attrs class
    given: list[Any] = [field for field in attributes if field.name != ADDITIONAL]
    kinds = {field.name: _kind_of_field(hints[field.name]) for field in given}
    plain = [field for field in given if kinds[field.name].is_plain]
    enums = [field for field in given if isinstance(kinds[field.name], OpenEnum)]
    given = [*plain, *enums, *(field for field in given if field not in [*plain, *enums])]
    fields = tuple(
        _field_of(cls, field, hints[field.name], kinds[field.name], f"column_{index}")
        for index, field in enumerate(given)
    )
    columns = [(field.column, field.kind.wire, None) for field in fields]
    row, decode = make_row(cls.__name__, columns, fields)
    at_once = [field for field in fields if field.is_immediate]
    later = [(field.column, Any) for field in fields if not field.is_immediate]
    return Plan(
        model=cls.__name__,
        fields=fields,
        by_name={field.name: field for field in fields},
        by_wire={field.wire: field for field in fields},
        setters=Setters.of(at_once),
        row=row,
        later=msgspec.defstruct(cls.__name__, later, bases=(Later,), gc=False),
        decode=decode,
    )


def _kind_of_field(hint: Any) -> Kind:
    """Make the kind of a field, whose None stands for an absent one or null."""
    members = typing.get_args(hint)
    if types.NoneType not in members:
        return kind_of(hint)
    rest = [member for member in members if member is not types.NoneType]
    return kind_of(typing.Union[tuple(rest)])  # noqa: UP007 - its members are known at run time only


def _field_of(cls: type[Source], field: Any, hint: Any, kind: Kind, column: str) -> Field:
    said: dict[str, Any] = field.metadata.get(_METADATA, {})
    required = field.default is attrs.NOTHING
    hint_allows_none = required and types.NoneType in typing.get_args(hint)
    return Field(
        name=field.name,
        wire=_wire_name(field),
        kind=kind,
        required=required,
        nullable=bool(said.get("nullable")) or hint_allows_none,
        column=column,
        decode=kind.decode_within if isinstance(kind, Nested) else kind.decode,
        put=_slot_of(cls, field.name).__set__,
        is_immediate=kind.is_plain or isinstance(kind, OpenEnum),
    )


def _slot_of(cls: type[Any], name: str) -> types.MemberDescriptorType:
    # A subclass may have a property of the same name in front of it.
    found = (vars(base).get(name) for base in cls.__mro__)
    return next(slot for slot in found if isinstance(slot, types.MemberDescriptorType))


_SCALARS: Final[dict[Any, Kind]] = {
    str: Scalar((str,), "a string"),
    int: Scalar((int,), "an integer"),
    float: Scalar((float, int), "a number"),
    bool: Scalar((bool,), "a boolean"),
    Any: Anything(),
    types.NoneType: Constant((None,)),
}


def kind_of(hint: Any) -> Kind:
    """Make the kind that an annotation stands for.

    Raises:
        TypeError: No kind is written that way.
    """
    if hint in _SCALARS:
        return _SCALARS[hint]
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        return Constant(arguments)
    if origin is list:
        return ListOf(kind_of(arguments[0]))
    if origin is dict:
        return Anything(only_objects=True)
    if origin in {typing.Union, types.UnionType}:
        return _kind_of_union(arguments)
    if _is_enum(hint):
        return OpenEnum.of(hint)
    if isinstance(hint, type) and attrs.has(hint):
        return Nested(typing.cast("type[Source]", hint))
    raise TypeError(f"no kind of field is written as {hint!r}")


def _kind_of_union(members: tuple[Any, ...]) -> Kind:
    if types.NoneType in members:
        rest = tuple(member for member in members if member is not types.NoneType)
        return Nullable(_kind_of_union(rest))
    if len(members) == 1:
        return kind_of(members[0])
    enums = [member for member in members if _is_enum(member)]
    if len(enums) == 1 and set(members) - set(enums) <= {str, int}:
        return OpenEnum.of(enums[0])
    if UnknownVariant in members:
        return _tagged([member for member in members if member is not UnknownVariant])
    choices = [kind_of(member) for member in members if member not in {str, int} or not enums]
    return Either(tuple(choices))


def _tagged(models: list[Any]) -> Tagged:
    """Find the field that tells the models apart: the one that is a `Literal` in each."""
    constants = [_constants(model) for model in models]
    shared = set(constants[0]).intersection(*constants[1:])
    for name in sorted(shared):
        variants: dict[str, type[Source]] = {
            value: model
            for model, found in zip(models, constants, strict=True)
            for value in found[name]
        }
        if len(variants) == sum(len(found[name]) for found in constants):
            return Tagged(_wire_name(getattr(attrs.fields(models[0]), name)), variants)
    names = ", ".join(model.__name__ for model in models)
    raise TypeError(f"no field tells these models apart: {names}")


def _constants(model: Any) -> dict[str, tuple[str, ...]]:
    hints = typing.get_type_hints(model)
    return {
        name: typing.get_args(hint)
        for name, hint in hints.items()
        if typing.get_origin(hint) is Literal
    }


def _is_enum(member: Any) -> bool:
    return isinstance(member, type) and issubclass(member, enum.Enum)


def _wire_name(field: attrs.Attribute[Any]) -> str:
    name: str | None = field.metadata.get(_METADATA, {}).get("name")
    return field.name if name is None else name
