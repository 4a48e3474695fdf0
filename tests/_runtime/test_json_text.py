"""JSON text to values and back."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerprint_async._runtime.errors import DecodeError
from fingerprint_async._runtime.json_text import dump, json_type, parse, to_bytes

ANY_TEXT = st.text(st.characters())
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_what_is_written_is_read_again(value: Any) -> None:
    """Every JSON value survives, with lone surrogates and numbers of any size and precision."""
    read = parse(dump(value))
    assert _shape(value) == _shape(read)


def _shape(value: Any) -> Any:
    match value:
        case dict():
            return {key: _shape(item) for key, item in value.items()}
        case list():
            return [_shape(item) for item in value]
        case Decimal():
            return ("number", float(value))
        case int() | float() if not isinstance(value, bool):
            return ("number", float(value) if abs(value) < 1e300 else str(value))
        case _:
            return (type(value).__name__, value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"1e400", Decimal("1e400")),
        (b"-1E+400", Decimal("-1e400")),
        (b'"\\ud800"', "\ud800"),
        (b'{"\\udfff":1}', {"\udfff": 1}),
        (b"9" * 6000, Decimal("9" * 6000)),
        (b'["\\ud800",1.5,12345678901234567890]', ["\ud800", 1.5, 12345678901234567890]),
        (b'{"a":1,"a":2}', {"a": 2}),
        (b'{"a":1,"a":"\\ud800"}', {"a": "\ud800"}),
        (b"1e-400", 0.0),
    ],
)
def test_rare_json_is_read(text: bytes, value: Any) -> None:
    """What msgspec refuses is JSON too; of a repeated key the last value counts."""
    assert value == parse(text)
    assert value == parse(msgspec.Raw(text))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b" ",
        b"{",
        b"[1,]",
        b"{1:2}",
        b"nul",
        b"01",
        b"'a'",
        b"NaN",
        b"[Infinity]",
        b'{"a":-Infinity}',
        b'{"a":1e400,"b":NaN}',
        b'["\\ud800"',
        b'"\x00"',
        b"[" * 100_000,
        b"1 2",
    ],
)
def test_what_is_no_json_is_refused(text: bytes) -> None:
    """The error is typed, and neither it nor its cause holds the text."""
    with pytest.raises(DecodeError, match="not JSON") as caught:
        parse(text)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_only_utf_8_is_json(encoding: str) -> None:
    """Other encodings are refused, as is a byte order mark."""
    with pytest.raises(DecodeError, match="not JSON"):
        parse(to_bytes('{"a":"é"}'.encode(encoding)))
    with pytest.raises(DecodeError, match="not JSON"):
        parse(to_bytes('{"a":1}'.encode(encoding)))


@pytest.mark.parametrize("data", [b"\xff", "\ud800", bytearray(b"\x80"), memoryview(b"\xc3")])
def test_a_document_is_utf_8(data: object) -> None:
    """Bytes that are not UTF-8, and text that cannot become it, are refused."""
    with pytest.raises(DecodeError, match="not UTF-8"):
        to_bytes(data)


@pytest.mark.parametrize(
    "data", ["é", b"\xc3\xa9", bytearray(b"\xc3\xa9"), memoryview(b"\xc3\xa9")]
)
def test_a_document_is_text_or_bytes(data: object) -> None:
    """All four kinds give the same bytes."""
    assert to_bytes(data) == b"\xc3\xa9"


@pytest.mark.parametrize("data", [None, 5, {"a": 1}, [b"x"], object()])
def test_what_is_no_document_is_refused(data: object) -> None:
    """The error names the type that came."""
    with pytest.raises(DecodeError, match=f"not from {type(data).__name__}"):
        to_bytes(data)


def test_a_value_that_holds_itself_is_not_written() -> None:
    """Depth is an error, not a crash."""
    value: list[Any] = ["\ud800"]
    value.append(value)
    with pytest.raises(DecodeError, match="nested too deep"):
        dump(value)


def test_writing_is_compact() -> None:
    """No white space, and text as UTF-8."""
    assert dump({"a": [1, None, True, 1.5, "é"]}) == '{"a":[1,null,true,1.5,"é"]}'.encode()
    odd = {"\ud800": [1, None, True, 1.5, "é", Decimal("1e400"), 10**5000]}
    assert json.loads(dump(odd), parse_float=str, parse_int=str) == {
        "\ud800": ["1", None, True, "1.5", "é", "1E+400", "1" + "0" * 5000]
    }


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("", "string"),
        (1, "integer"),
        (1.0, "number"),
        (Decimal(1), "number"),
        (True, "boolean"),
        (None, "null"),
        ({}, "object"),
        ([], "array"),
        (b"", "bytes"),
    ],
)
def test_types_have_the_names_of_json(value: object, name: str) -> None:
    """What JSON does not have is named as Python does."""
    assert name == json_type(value)


@given(
    st.lists(st.sampled_from(["é", "日本", "😀", "x" * 5000, "y" * 70_000, '","']), max_size=12),
    st.sampled_from([b"", b"\xff", b"\xc3", b"\xe6\x97", b"\xed\xa0\x80", b"\x80"]),
    st.integers(0, 12),
)
def test_a_long_document_is_utf_8_everywhere(parts: list[str], bad: bytes, place: int) -> None:
    """A fault in any place of a document of any size is found, and no good one is refused."""
    encoded = [part.encode() for part in parts]
    encoded.insert(min(place, len(encoded)), bad)
    data = b'["' + b"".join(encoded) + b'"]'
    if bad:
        with pytest.raises(DecodeError, match="not UTF-8"):
            to_bytes(data)
    else:
        assert to_bytes(data) is data
