"""Kinds of fields: how a JSON value becomes a Python value, and whether it is what the schema says.

Decoding never refuses: a value of the wrong type is handed out as it came, and `check` names it.
The kinds that hold models stand in `plan`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import attrs
import msgspec

from fingerprint_async._runtime.findings import Finding
from fingerprint_async._runtime.json_text import is_array, is_object, items_of, json_type, parse

if TYPE_CHECKING:
    import enum
    from collections.abc import Iterator, Mapping

    from fingerprint_async._runtime.findings import Path
    from fingerprint_async._runtime.json_text import JsonValue

__all__ = [
    "Anything",
    "Constant",
    "Either",
    "Kind",
    "ListOf",
    "Nullable",
    "OpenEnum",
    "Scalar",
    "UnknownVariant",
    "value_of",
]


class UnknownVariant(dict[str, Any]):
    """A member of a union that the schema does not know: the JSON object as it came.

    Its keys can be read as attributes too; a key that is absent reads as None. To compare its
    `type` with a value that this version does not know, read `variant["type"]`: to type checkers
    the attribute is none of the known values, so that `action.type == "block"` narrows.
    """

    __slots__ = ()

    if TYPE_CHECKING:
        type: Literal["(unknown)"]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.get(name)

    def __repr__(self) -> str:
        # Values may be about people.
        return f"UnknownVariant({', '.join(map(repr, self))})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Tell pydantic that it is an object with any fields."""
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(cls, core_schema.dict_schema())


class Kind(ABC):
    """What stands in a field.

    Attributes:
        wire: What the decoder of an object leaves: `Any` for the value itself, `Raw` for JSON text
            that is read later, or `list[Raw]`.
        is_plain: Whether the Python value is the JSON value, so that nothing is left to decode.
    """

    wire: Any = msgspec.Raw
    is_plain: ClassVar[bool] = False

    @abstractmethod
    def decode(self, value: msgspec.Raw | JsonValue) -> Any:
        """Make the Python value, from JSON text or from a JSON value that is read already."""

    @abstractmethod
    def check(self, value: JsonValue, path: Path) -> Iterator[Finding]:
        """List how a JSON value differs from the schema."""

    @abstractmethod
    def describe(self) -> str:
        """Say in a few words what is expected."""

    def fits(self, value: JsonValue) -> bool:
        """Whether a JSON value is what the schema says."""
        return next(self.check(value, ()), None) is None

    def _wrong(self, value: JsonValue, path: Path) -> Finding:
        return Finding(path, "wrong_type", self.describe(), json_type(value))


@attrs.frozen
class Scalar(Kind):
    """A string, a number or a boolean."""

    wire = Any
    is_plain = True

    types: tuple[type, ...]
    words: str

    def decode(self, value: Any) -> Any:
        return value

    def check(self, value: JsonValue, path: Path) -> Iterator[Finding]:
        # Not isinstance: True is an int to Python, and none to JSON.
        if type(value) not in self.types:
            yield self._wrong(value, path)

    def describe(self) -> str:
        return self.words


@attrs.frozen
class Constant(Kind):
    """One of a few fixed values."""

    wire = Any
    is_plain = True

    values: tuple[Any, ...]

    def decode(self, value: Any) -> Any:
        return value

    def check(self, value: JsonValue, path: Path) -> Iterator[Finding]:
        if not any(type(value) is type(known) and value == known for known in self.values):
            yield self._wrong(value, path)

    def describe(self) -> str:
        return " or ".join(map(repr, self.values))


@attrs.frozen
class OpenEnum(Kind):
    """A member of an enum; a value that the enum does not know stays what it is."""

    wire = Any

    cls: type[enum.Enum]
    members: Mapping[Any, enum.Enum]
    value_type: type

    @classmethod
    def of(cls, enum_class: type[enum.Enum]) -> OpenEnum:
        """Make the kind for an enum class."""
        members = {member.value: member for member in enum_class}
        return cls(enum_class, members, str if issubclass(enum_class, str) else int)

    def decode(self, value: Any) -> Any:
        return self.members.get(value, value) if type(value) is self.value_type else value

    def check(self, value: JsonValue, path: Path) -> Iterator[Finding]:
        if type(value) is not self.value_type:
            yield self._wrong(value, path)
        elif value not in self.members:
            yield Finding(path, "unknown_enum_value", self.describe(), json_type(value))

    def describe(self) -> str:
        return self.cls.__name__


@attrs.frozen
class Anything(Kind):
    """Any JSON value, or any object."""

    only_objects: bool = False

    def decode(self, value: msgspec.Raw | JsonValue) -> Any:
        return value_of(value)

    def check(self, value: JsonValue, path: Path) -> Iterator[Finding]:
        if self.only_objects and not is_object(value):
            yield self._wrong(value, path)

    def describe(self) -> str:
        return "an object" if self.only_objects else "anything"


class ListOf(Kind):
    """An array. One of objects is cut into their texts, which are read later."""

    def __init__(self, item: Kind) -> None:
        self.item = item
        self._cut = not item.is_plain and item.wire is msgspec.Raw
        self.wire = list[msgspec.Raw] if self._cut else msgspec.Raw

    def decode(self, value: msgspec.Raw | JsonValue) -> Any:
        if isinstance(value, msgspec.Raw):
            value = items_of(value) if self._cut else parse(value)
        if is_array(value) and not self.item.is_plain:
            decode = self.item.decode
            return [decode(item) for item in value]
        return value

    def check(self, value: JsonValue, path: Path) -> Iterator[Finding]:
        if is_array(value):
            for index, item in enumerate(value):
                yield from self.item.check(item, (*path, index))
        else:
            yield self._wrong(value, path)

    def describe(self) -> str:
        return f"a list of {self.item.describe().removeprefix('a ').removeprefix('an ')}"


@attrs.frozen
class Nullable(Kind):
    """A value or null, inside a list."""

    inner: Kind

    def decode(self, value: msgspec.Raw | JsonValue) -> Any:
        found = value_of(value)
        if found is None:
            return None
        return self.inner.decode(found if self.inner.wire is Any else value)

    def check(self, value: JsonValue, path: Path) -> Iterator[Finding]:
        if value is not None:
            yield from self.inner.check(value, path)

    def describe(self) -> str:
        return f"{self.inner.describe()} or null"


@attrs.frozen
class Either(Kind):
    """One of several kinds without a discriminator: the first that fits."""

    choices: tuple[Kind, ...]

    def decode(self, value: msgspec.Raw | JsonValue) -> Any:
        found = value_of(value)
        for choice in self.choices:
            if choice.fits(found):
                return choice.decode(found if choice.wire is Any else value)
        return found

    def check(self, value: JsonValue, path: Path) -> Iterator[Finding]:
        if not any(choice.fits(value) for choice in self.choices):
            yield self._wrong(value, path)

    def describe(self) -> str:
        return " or ".join(choice.describe() for choice in self.choices)


def value_of(value: msgspec.Raw | JsonValue) -> JsonValue:
    """Read a value that is still JSON text."""
    return parse(value) if type(value) is msgspec.Raw else value
