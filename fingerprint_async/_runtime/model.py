"""The base of every model: a frozen attrs class whose slots are filled from JSON when first read.

Python calls `__getattr__` only for a slot that nothing has set. So a model that was read from
JSON begins with the text alone; the first read of a field decodes the object and sets its plain
fields, and a field that holds objects or enums is made when it is read. From then on each read is
a plain read of a slot, and attrs, typing, pickle and weakref see an ordinary attrs class.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

import attrs

from fingerprint_async._runtime.errors import DecodeError
from fingerprint_async._runtime.fields import value_of
from fingerprint_async._runtime.json_text import dump, json_type, parse, to_bytes
from fingerprint_async._runtime.plan import ADDITIONAL, keys_of, plan_of
from fingerprint_async._runtime.source import Source, over, put_json, put_row

if TYPE_CHECKING:
    from fingerprint_async._runtime.findings import Finding
    from fingerprint_async._runtime.plan import Plan

__all__ = ["Model"]

_LONGEST_SHOWN: Final = 80


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Model(Source):
    """The base of every model.

    A field that is absent reads as None, and so does one that is null: `"name" in model` tells
    whether it is there. What the schema does not know is kept: see `additional_properties`,
    `to_dict()` and `findings()`.

    Models compare by their fields, unknown ones included; they are not hashable, so use an id as
    a key. Their reprs leave out what is about people; `to_dict()` shows everything.
    """

    additional_properties: dict[str, Any] = attrs.field(factory=dict)
    """The fields that the schema does not know, by their names in the JSON."""

    if TYPE_CHECKING:
        __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    @classmethod
    def __attrs_init_subclass__(cls) -> None:
        # msgspec reads the slots of an attrs class past `__getattr__`, so that what nobody has
        # read yet would be missing. What answers the dataclass protocol, it and orjson read well.
        columns = [
            (field.name, field.type or Any, dataclasses.field(default=None, repr=field.repr))
            for field in attrs.fields(cls)
        ]
        twin: Any = dataclasses.make_dataclass(
            cls.__name__,
            columns,
            init=False,
            repr=False,
            eq=False,
            kw_only=True,
            # With a docstring it does not write one, which costs more than all else.
            namespace={"__doc__": cls.__doc__ or cls.__name__},
        )
        cls.__dataclass_fields__ = twin.__dataclass_fields__

    def __attrs_pre_init__(self) -> None:
        put_json(self, None)
        put_row(self, None)

    # Hidden from type checkers, so that a misspelt field stays an error.
    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            cls = type(self)
            plan = plan_of(cls)
            field = plan.by_name.get(name)
            if field is None:
                if name == ADDITIONAL and self._json is not None:
                    value = _unknown_fields(self._json, plan)
                    _put_additional(self, value)
                    return value
                message = f"{cls.__name__!r} object has no attribute {name!r}"
                raise AttributeError(message, name=name, obj=self)
            row = self._row
            if row is None:
                row = plan.read(self, self._json)
                if field.is_immediate:
                    return getattr(self, name)
            value = getattr(row, field.column)
            if value is not None:
                value = field.kind.decode(value)
            field.put(self, value)
            return value

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False) -> Self:
        """Read a decoded JSON object. The dict is copied.

        Args:
            data: The JSON object.
            strict: Raise for every difference from the schema, except for unknown fields.

        Raises:
            DecodeError: It is no JSON object; or `strict`, and it differs from the schema.
        """
        if not isinstance(data, Mapping):
            kind = json_type(data)
            raise DecodeError(f"{cls.__name__} is read from a JSON object, not from {kind}")
        try:
            text = dump(_plain(dict(data)))
        except RecursionError:
            raise DecodeError("the value is nested too deep") from None
        return cls.from_json(text, strict=strict)

    @classmethod
    def from_json(cls, data: bytes | bytearray | memoryview | str, *, strict: bool = False) -> Self:
        """Read a JSON document.

        It is checked whole; nested objects are decoded when they are first read.

        Args:
            data: The document, UTF-8.
            strict: Raise for every difference from the schema, except for unknown fields.

        Raises:
            DecodeError: It is not JSON, not UTF-8, or no object; or `strict`, and it differs from
                the schema.
        """
        text = to_bytes(data)
        self = over(cls, text)
        plan_of(cls).read(self, text)
        if strict:
            _refuse_findings(self)
        return self

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object: a new dict, with unknown fields, nulls and the order of keys."""
        source = self._json
        if source is None:
            return _fields_to_dict(self)
        if isinstance(source, dict):
            return _plain(source)  # type: ignore[no-any-return]
        return parse(source)  # type: ignore[no-any-return]

    def to_json(self) -> bytes:
        """Return the JSON text, UTF-8: the bytes that came, for a model that was read."""
        source = self._json
        return source if isinstance(source, bytes) else dump(self.to_dict())

    def findings(self) -> tuple[Finding, ...]:
        """List every difference from the schema, at every depth, in the order of the JSON."""
        return tuple(plan_of(type(self)).check(self.to_dict(), ()))

    def __contains__(self, name: object) -> bool:
        """Whether a field is there, by its Python name; null counts, absent does not."""
        if not isinstance(name, str):
            return False
        field = plan_of(type(self)).by_name.get(name)
        present = _fields_to_dict(self) if self._json is None else keys_of(self._json)
        return (name if field is None else field.wire) in present

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Model) or type(other) is not type(self):
            return NotImplemented
        names = [field.name for field in attrs.fields(type(self))]
        return all(getattr(self, name) == getattr(other, name) for name in names)

    # A model holds lists and dicts.
    __hash__ = None  # type: ignore[assignment]

    def __replace__(self, /, **changes: Any) -> Self:
        """Return a copy with changed fields, for `copy.replace`."""
        return attrs.evolve(self, **changes)

    def __reduce__(self) -> tuple[Any, ...]:
        if self._json is not None:
            return over, (type(self), self._json)
        names = [field.name for field in attrs.fields(type(self))]
        return _construct, (type(self), {name: getattr(self, name) for name in names})

    def __repr__(self) -> str:
        shown: list[str] = []
        for field in attrs.fields(type(self)):
            value = getattr(self, field.name)
            if field.name == ADDITIONAL:
                if value:
                    shown.append(f"{ADDITIONAL}={{… {len(value)}}}")
            elif value is not None:
                shown.append(f"{field.name}={_short(value) if field.repr else '…'}")
        return f"{type(self).__name__}({', '.join(shown)})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Tell pydantic how to validate, dump and describe the model."""
        from fingerprint_async._runtime.pydantic_schema import core_schema_of

        return core_schema_of(cls, handler)


_put_additional: Final = Model.__dict__[ADDITIONAL].__set__


def _unknown_fields(source: bytes | dict[str, Any], plan: Plan) -> dict[str, Any]:
    return {key: value_of(item) for key, item in keys_of(source).items() if key not in plan.by_wire}


def _refuse_findings(model: Model) -> None:
    findings = tuple(found for found in model.findings() if found.kind != "unknown_field")
    if findings:
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        raise DecodeError(
            f"{type(model).__name__} differs from the schema: {findings[0]}{more}", findings
        )


def _construct(cls: type[Model], values: dict[str, Any]) -> Model:
    return cls(**values)


def _fields_to_dict(model: Model) -> dict[str, Any]:
    plan = plan_of(type(model))
    found: dict[str, Any] = {}
    for attribute in attrs.fields(type(model)):
        field = plan.by_name.get(attribute.name)
        if field is not None:
            value = getattr(model, field.name)
            if value is not None or field.required:
                found[field.wire] = _plain(value)
    return {**_plain(model.additional_properties), **found}


def _plain(value: Any) -> Any:
    """Copy a value as plain JSON values.

    Raises:
        DecodeError: It holds what JSON has no place for.
    """
    match value:
        case Model():
            return value.to_dict()
        case enum.Enum():
            return value.value
        case Mapping():
            if not all(isinstance(key, str) for key in value):
                raise DecodeError("the keys of a JSON object are strings")
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case float() if value - value != 0:
            raise DecodeError("JSON has no NaN and no infinity")
        case None | str() | bool() | int() | float() | Decimal():
            return value
        case _:
            raise DecodeError(f"JSON has no place for a value of type {type(value).__name__}")


def _short(value: Any) -> str:
    match value:
        case Model():
            return f"{type(value).__name__}(…)"
        case list():
            return f"[… {len(value)}]" if value else "[]"
        case dict():
            return f"{{… {len(value)}}}" if value else "{}"
        case str() if len(value) > _LONGEST_SHOWN and not isinstance(value, enum.Enum):
            return f"{value[:_LONGEST_SHOWN]!r}…"
        case _:
            return repr(value)
