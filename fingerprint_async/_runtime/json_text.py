r"""JSON text to values and back, with the rare JSON that msgspec does not read.

Numbers that no float holds (`1e400`) and lone surrogates (`"\ud800"`) are JSON: the standard
library reads them. Everything else goes through msgspec, which is several times as fast.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, Final, NoReturn, TypeAlias

import msgspec

from fingerprint_async._runtime.errors import DecodeError

__all__ = ["JsonText", "JsonValue", "dump", "json_type", "parse", "to_bytes"]

JsonText: TypeAlias = "bytes | msgspec.Raw"
JsonValue: TypeAlias = Any

_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_JSON_TYPES: Final[dict[type, str]] = {
    str: "string",
    int: "integer",
    float: "number",
    Decimal: "number",
    bool: "boolean",
    type(None): "null",
    dict: "object",
    list: "array",
}
_decode: Final = msgspec.json.Decoder().decode
_encode: Final = msgspec.json.Encoder(decimal_format="number").encode


def to_bytes(data: object) -> bytes:
    """Return a document as UTF-8 bytes.

    Raises:
        DecodeError: It is neither text nor bytes, or not UTF-8.
    """
    try:
        if isinstance(data, str):
            return data.encode()
        if isinstance(data, bytes | bytearray | memoryview):
            content = bytes(data)
            if not content.isascii():
                content.decode()
            return content
    except UnicodeError:
        raise DecodeError("not JSON: the text is not UTF-8") from None
    raise DecodeError(f"JSON is read from str or bytes, not from {type(data).__name__}")


def parse(text: JsonText) -> JsonValue:
    """Read a document.

    Raises:
        DecodeError: It is not JSON.
    """
    try:
        return _decode(text)
    except _UNREADABLE:
        pass
    try:
        return json.loads(
            bytes(text), parse_float=_number, parse_int=_integer, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError) as error:
        reason = _reason(error)
    # Raised outside: the original holds the whole text.
    raise DecodeError(f"not JSON: {reason}")


def dump(value: JsonValue) -> bytes:
    """Write a JSON value, compactly.

    Raises:
        DecodeError: It holds what JSON has no place for.
    """
    try:
        return _encode(value)
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError):
        pass
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        reason = type(error).__name__
    raise DecodeError(f"the value cannot be written as JSON ({reason})")


def json_type(value: object) -> str:
    """Name the JSON type of a value."""
    return _JSON_TYPES.get(type(value), type(value).__name__)


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos}"
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    return "it holds a value that JSON has not"


def _integer(text: str) -> int | Decimal:
    try:
        return int(text)
    except ValueError:
        # Longer than Python converts.
        return Decimal(text)


def _number(text: str) -> float | Decimal:
    number = float(text)
    return number if number - number == 0 else Decimal(text)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
