r"""JSON text to values and back, with the rare JSON that msgspec does not read.

Numbers that no float holds (`1e400`) and lone surrogates (`"\ud800"`) are JSON: the standard
library reads them. Everything else goes through msgspec, which is several times as fast.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, Final, NoReturn, TypeAlias, TypeGuard

import msgspec

from fingerprint_async._runtime.errors import DecodeError

__all__ = [
    "JsonText",
    "JsonValue",
    "dump",
    "is_array",
    "is_object",
    "items_of",
    "json_type",
    "keys_of",
    "parse",
    "to_bytes",
]

JsonText: TypeAlias = "bytes | msgspec.Raw"
JsonValue: TypeAlias = Any

_PART_BYTES: Final = 8192
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
_cut_object: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_cut_list: Final = msgspec.json.Decoder(list[msgspec.Raw]).decode
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
            content = bytes(data)  # pyright: ignore[reportUnknownArgumentType] - of any format
            _check_utf8(content)
            return content
    except UnicodeError:
        raise DecodeError("not JSON: the text is not UTF-8") from None
    raise DecodeError(f"JSON is read from str or bytes, not from {type(data).__name__}")


def _check_utf8(content: bytes) -> None:
    """Raise UnicodeDecodeError if the document is not UTF-8.

    Most of it is ASCII, so it is looked at in parts, each of which ends before a quotation mark:
    no character is cut in two. Decoding the whole at once takes three times as long.
    """
    if content.isascii():
        return
    begin = 0
    while begin < len(content):
        end = content.find(b'"', begin + _PART_BYTES)
        part = content[begin:] if end < 0 else content[begin:end]
        if not part.isascii():
            part.decode()
        begin += len(part)


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
        # As str: of bytes, the standard library takes UTF-16 and a byte order mark too.
        return json.loads(
            bytes(text).decode(),
            parse_float=_number,
            parse_int=_integer,
            parse_constant=_refuse_constant,
        )
    except (ValueError, RecursionError) as error:
        reason = _reason(error)
    # Raised outside: the original holds the whole text.
    raise DecodeError(f"not JSON: {reason}")


def keys_of(text: JsonText) -> JsonValue:
    """Give the keys of a JSON object, with the text or the value of each; else the JSON value.

    Raises:
        DecodeError: It is not JSON.
    """
    try:
        return _cut_object(text)
    except _UNREADABLE:
        return parse(text)


def items_of(text: JsonText) -> JsonValue:
    """Give the items of a JSON array, as text or as values; else the JSON value.

    Raises:
        DecodeError: It is not JSON.
    """
    try:
        return _cut_list(text)
    except _UNREADABLE:
        return parse(text)


def dump(value: JsonValue) -> bytes:
    """Write a value that `parse` or `plain` made, compactly.

    Raises:
        DecodeError: It is nested too deep.
    """
    try:
        return _encode(value)
    except (ValueError, RecursionError):
        pass
    try:
        return _write(value).encode()
    except RecursionError:
        pass
    raise DecodeError("the value is nested too deep")


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a JSON value is an object."""
    return type(value) is dict


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Whether a JSON value is an array."""
    return type(value) is list


def json_type(value: object) -> str:
    """Name the JSON type of a value."""
    return _JSON_TYPES.get(type(value), type(value).__name__)


def _write(value: JsonValue) -> str:
    """Write what msgspec does not: lone surrogates, and numbers of any size beside them."""
    if is_object(value):
        items = (f"{json.dumps(key)}:{_write(item)}" for key, item in value.items())
        return f"{{{','.join(items)}}}"
    if is_array(value):
        return f"[{','.join(map(_write, value))}]"
    match value:
        case Decimal():
            return str(value)
        case int() if not isinstance(value, bool):
            # Of an int, Python writes some thousands of digits only.
            return format(Decimal(value), "f")
        case _:
            return json.dumps(value, allow_nan=False)


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
