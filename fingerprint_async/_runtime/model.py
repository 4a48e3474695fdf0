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
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, cast

import attrs
import msgspec

from fingerprint_async._runtime.errors import DecodeError
from fingerprint_async._runtime.json_text import dump, is_array, json_type, keys_of, parse, to_bytes
from fingerprint_async._runtime.plain import TOO_DEEP, UnknownFields, plain
from fingerprint_async._runtime.plan import ADDITIONAL, plan_of
from fingerprint_async._runtime.source import Source, over, put_json, put_later, text_of
from fingerprint_async._runtime.tree import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fingerprint_async._runtime.findings import Finding
    from fingerprint_async._runtime.plan import Field
    from fingerprint_async._runtime.source import JsonSource

__all__ = ["Model"]

_LONGEST_SHOWN: Final = 80


def _refuse_known_fields(model: Model, _attribute: object, value: object) -> None:
    if not isinstance(value, dict):
        kind = type(value).__name__
        raise TypeError(f"{ADDITIONAL} is a dict of JSON values by name, not {kind}")
    for name in plan_of(type(model)).by_wire.keys() & value.keys():
        field = plan_of(type(model)).by_wire[name]
        raise ValueError(f"{ADDITIONAL} holds {name!r}, a known field: pass it as {field.name}=…")


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Model(Source):
    """The base of every model.

    A field that is absent reads as None, and so does one that is null: `"name" in model` tells
    whether it is there. What the schema does not know is kept: see `additional_properties`,
    `to_dict()` and `findings()`.

    Models compare by their fields, unknown ones included; they are not hashable, so use an id as
    a key. Their reprs leave out what is about people; `to_dict()` shows everything.
    """

    additional_properties: dict[str, Any] = attrs.field(
        factory=dict[str, Any], repr=False, validator=_refuse_known_fields
    )
    """The fields that the schema does not know, by their names in the JSON."""

    if TYPE_CHECKING:
        __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]
        __dataclass_params__: ClassVar[Any]

    @classmethod
    def __attrs_init_subclass__(cls) -> None:
        for field in attrs.fields(cls):
            if not hasattr(cls, field.name):
                raise TypeError(f"{cls.__name__} is a model, and has slots: leave out slots=False")
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
        cls.__dataclass_params__ = twin.__dataclass_params__

    def __attrs_pre_init__(self) -> None:
        put_json(self, None)
        put_later(self, None)

    # Hidden from type checkers, so that a misspelt field stays an error.
    if not TYPE_CHECKING:  # pragma: no branch

        def __getattr__(self, name: str) -> Any:
            cls = type(self)
            plan = plan_of(cls)
            field = plan.by_name.get(name)
            if field is None:
                if name == ADDITIONAL and self._json is not None:
                    value = UnknownFields.of(_keys_read(self._json), plan.by_wire)
                    _put_additional(self, value)
                    return value
                message = f"{cls.__name__!r} object has no attribute {name!r}"
                raise AttributeError(message, name=name, obj=self)
            later = self._later
            if later is None:
                source = self._json
                if type(source) is msgspec.Raw and tree_of(cls).read(self, source):
                    return getattr(self, name)
                later = plan.read(self, source)
                if field.is_immediate:
                    return getattr(self, name)
            if later.first is not None:
                plan.read_rest(self, later)
                return getattr(self, name)
            value = getattr(later, field.column)
            if value is not None:
                later.first = field
                value = field.decode(value)
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
        if not isinstance(data, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
            kind = json_type(data)
            raise DecodeError(f"{cls.__name__} is read from a JSON object, not from {kind}")
        return cls.from_json(dump(plain(data)), strict=strict)

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
        source = _present(self) if self._json is None else text_of(self._json)
        return plain(source) if isinstance(source, dict) else parse(source)  # type: ignore[no-any-return]

    def to_json(self) -> bytes:
        """Return the JSON text, UTF-8: the bytes that came, for a model that was read."""
        source = _present(self) if self._json is None else text_of(self._json)
        return dump(plain(source)) if isinstance(source, dict) else bytes(source)

    def findings(self) -> tuple[Finding, ...]:
        """List every difference from the schema, at every depth, in the order of the JSON.

        Raises:
            DecodeError: The constructor was given what JSON has no place for.
        """
        try:
            return tuple(plan_of(type(self)).check(self.to_dict(), ()))
        except RecursionError:
            pass
        raise DecodeError(TOO_DEEP)

    def __contains__(self, name: object) -> bool:
        """Whether a field is there, by its Python name; null counts, absent does not."""
        if not isinstance(name, str):
            return False
        field = plan_of(type(self)).by_name.get(name)
        present = _present(self) if self._json is None else _keys_read(self._json)
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
            source = text_of(self._json)
            return over, (type(self), source if isinstance(source, dict) else bytes(source))
        names = [field.name for field in attrs.fields(type(self))]
        return _construct, (type(self), {name: getattr(self, name) for name in names})

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={text}" for name, text, _ in self._shown())
        return f"{type(self).__name__}({shown})"

    def __rich_repr__(self) -> Iterator[tuple[str, object]]:
        """Show to `rich` what the repr shows, and models within."""
        for name, text, value in self._shown():
            whole = isinstance(value, Model) or (
                is_array(value) and all(isinstance(item, Model) for item in value)
            )
            yield name, value if whole else _Verbatim(text)

    def _shown(self) -> Iterator[tuple[str, str, object]]:
        """Give the fields for a repr: name, text, and the value unless it is hidden."""
        by_name = plan_of(type(self)).by_name
        for field in attrs.fields(type(self)):
            value = getattr(self, field.name)
            if field.name == ADDITIONAL:
                if value:
                    yield ADDITIONAL, f"{{… {len(value)}}}", None
            elif value is not None and field.repr:
                yield field.name, _short(value, by_name[field.name]), value
            elif value is not None:
                yield field.name, "…", None

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Tell pydantic how to validate, dump and describe the model."""
        from fingerprint_async._runtime.pydantic_schema import core_schema_of

        return core_schema_of(cls, handler)


_put_additional: Final = Model.__dict__[ADDITIONAL].__set__


def _refuse_findings(model: Model) -> None:
    findings = [found for found in model.findings() if found.kind != "unknown_field"]
    if findings:
        more = f" (and {len(findings) - 1} more)" if findings[1:] else ""
        message = f"{type(model).__name__} differs from the schema: {findings[0]}{more}"
        raise DecodeError(message, tuple(findings))


def _keys_read(source: JsonSource) -> dict[str, Any]:
    """Give the keys of an object that was read, with the text or the value of each."""
    text = text_of(source)
    return text if isinstance(text, dict) else keys_of(text)


def _construct(cls: type[Model], values: dict[str, Any]) -> Model:
    return cls(**values)


def _present(model: Model) -> dict[str, Any]:
    """Give the fields that a model made by its constructor has, by their names in the JSON.

    One that is None is absent, unless it is required. What `attrs.evolve` made of a model that
    was read has the nulls and the order of keys of that one.
    """
    additional = model.additional_properties
    read = additional.keys_read if isinstance(additional, UnknownFields) else None
    found = dict(additional)
    by_name = plan_of(type(model)).by_name
    for attribute in attrs.fields(type(model)):
        if attribute.name == ADDITIONAL:
            continue
        field, value = by_name[attribute.name], getattr(model, attribute.name)
        if read is None or read.get(field.wire) is False:
            stays = field.required
        else:
            stays = field.wire in read
        if value is not None or stays:
            found[field.wire] = value
    order = dict.fromkeys([*(read or ()), *found])
    return {key: found[key] for key in order if key in found}


def _short(value: Any, field: Field) -> str:
    if is_array(value):
        return f"[… {len(value)}]" if value else "[]"
    if isinstance(value, dict):
        size = len(cast("dict[str, Any]", value))
        return f"{{… {size}}}" if size else "{}"
    match value:
        case Model():
            return f"{type(value).__name__}(…)"
        case _ if not field.is_immediate or (field.kind.is_plain and not field.kind.fits(value)):
            # Of the wrong type: nobody knows whether it is about people.
            return "…"
        case str() if len(value) > _LONGEST_SHOWN and not isinstance(value, enum.Enum):
            return f"{value[:_LONGEST_SHOWN]!r}…"
        case _:
            return repr(value)


class _Verbatim(str):
    """A text that is its own repr."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)
