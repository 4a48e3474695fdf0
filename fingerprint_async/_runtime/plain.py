"""Python values to plain JSON values, and the unknown fields of an object."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Self, cast

import msgspec

from fingerprint_async._runtime.errors import DecodeError
from fingerprint_async._runtime.fields import value_of
from fingerprint_async._runtime.source import Source

if TYPE_CHECKING:
    from collections.abc import Container

    from fingerprint_async._runtime.json_text import JsonValue

__all__ = ["TOO_DEEP", "UnknownFields", "plain"]

_NULL: Final = msgspec.Raw(b"null")
TOO_DEEP: Final = "the value is nested too deep, or holds itself"


class UnknownFields(dict[str, Any]):
    """The fields of an object that was read which its model does not know.

    Attributes:
        keys_read: Every key of the object in the order of the JSON, and whether it is null: with
            them, what `attrs.evolve` makes is written as the object was.
    """

    keys_read: Mapping[str, bool] | None = None

    @classmethod
    def of(cls, values: Mapping[str, Any], known: Container[str]) -> Self:
        """Make them of the values of an object, JSON text or read."""
        read = {key: value_of(item) for key, item in values.items() if key not in known}
        fields = cls(read)
        fields.keys_read = {key: item in (None, _NULL) for key, item in values.items()}
        return fields


def plain(value: Any) -> JsonValue:
    """Copy a value as plain JSON values.

    Raises:
        DecodeError: It holds what JSON has no place for, or is nested too deep.
    """
    try:
        return _plain(value)
    except RecursionError:
        pass
    raise DecodeError(TOO_DEEP)


def _plain(value: Any) -> JsonValue:
    match value:
        case None | bool():
            return value
        case enum.Enum():
            return _plain(value.value)
        case str():
            return str.__str__(value)
        case int():
            return int(value)
        case float() if value - value == 0:
            return float(value)
        case Decimal() if value.is_finite():
            return value
        case float() | Decimal():
            raise DecodeError("JSON has no NaN and no infinity")
        case Source():
            return value.to_dict()
        case Mapping():
            items = cast("Mapping[Any, Any]", value)
            if not all(isinstance(key, str) for key in items):
                raise DecodeError("the keys of a JSON object are strings")
            return {str.__str__(key): _plain(item) for key, item in items.items()}
        case list() | tuple():
            return [_plain(item) for item in cast("list[Any]", value)]
        case _:
            raise DecodeError(f"JSON has no place for a value of type {type(value).__name__}")
