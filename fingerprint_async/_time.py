"""One kind of time on the wire: Unix milliseconds, as integers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from fingerprint_async._settings import kind_of, shown
from fingerprint_async.errors import ArgumentError

__all__ = ["Timestamp", "to_unix_ms"]

Timestamp: TypeAlias = datetime | int | str
"""An aware datetime, Unix milliseconds, or RFC 3339 text."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)

# Unix seconds of the years 2001 to 2286. As milliseconds they all fall into the spring of 1970.
_LOOKS_LIKE_SECONDS: Final = range(10**9, 10**10)
# What a signed 64-bit integer of the API can hold, and far more than datetime can.
_LARGEST: Final = 2**63 - 1
_SHOWN_CHARACTERS: Final = 64

_RFC_3339: Final = (
    r"(?P<date>\d{4}-\d\d-\d\d)[Tt ](?P<time>\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d+))?"
    r"(?P<zone>[Zz]|[+-]\d\d:\d\d)?"
)


def to_unix_ms(value: Timestamp, *, name: str) -> int:
    """Turn a moment into Unix milliseconds.

    What is finer than a millisecond is cut off towards the past, as the API's own timestamps are.

    Args:
        value: An aware `datetime`, an `int` of Unix milliseconds (also as digits), or RFC 3339 text
            with an offset.
        name: The parameter's name, for the error.

    Raises:
        ArgumentError: A naive datetime or text without an offset (both mean another moment on
            another machine), a number that can only be seconds, a negative number, or something
            else altogether.
    """
    if isinstance(value, datetime):
        milliseconds = _from_datetime(value, name)
    elif isinstance(value, int) and not isinstance(value, bool):
        milliseconds = value
    elif isinstance(value, str):
        milliseconds = _parse(value.strip(), name)
    else:
        raise ArgumentError(
            f"{name}: expected an aware datetime, Unix milliseconds or RFC 3339 text, "
            f"got {kind_of(value)}"
        )
    if milliseconds in _LOOKS_LIKE_SECONDS:
        raise ArgumentError(
            f"{name}: {milliseconds} looks like Unix seconds; "
            f"milliseconds are wanted ({milliseconds * 1000})"
        )
    if not 0 <= milliseconds <= _LARGEST:
        raise ArgumentError(
            f"{name}: {shown(milliseconds)} is not a time after 1970 in Unix milliseconds"
        )
    return milliseconds


def _from_datetime(value: datetime, name: str) -> int:
    try:
        offset = value.utcoffset()
        milliseconds = None if offset is None else int((value - _EPOCH) // _MILLISECOND)
    except Exception:  # noqa: BLE001 - pandas' NaT is a datetime, and zones of other classes raise
        raise ArgumentError(f"{name}: this {kind_of(value)} is not a moment") from None
    if milliseconds is None:
        raise ArgumentError(
            f"{name}: {str(value)[:_SHOWN_CHARACTERS]} has no time zone; "
            "use an aware one, as datetime.now(UTC) is"
        )
    return milliseconds


def _parse(text: str, name: str) -> int:
    if text.isascii() and text.isdecimal():
        digits = text.lstrip("0") or "0"
        # One digit more than the largest is refused like any other number that is too large.
        return int(digits[: len(str(_LARGEST)) + 1])
    match = re.fullmatch(_RFC_3339, text, re.ASCII)
    if match is None:
        raise ArgumentError(
            f"{name}: {text[:_SHOWN_CHARACTERS]!r} is not RFC 3339; "
            "write it as 2026-01-31T23:59:59Z"
        )
    if match["zone"] is None:
        raise ArgumentError(f"{name}: {text!r} has no offset; add Z for UTC, or one such as +02:00")
    try:
        moment = datetime.fromisoformat(f"{match['date']}T{match['time']}{match['zone'].upper()}")
        since = moment - _EPOCH
    except (ValueError, OverflowError) as error:
        raise ArgumentError(f"{name}: {text!r} is not a time: {error}") from None
    # The fraction is text until here: microseconds would round what a ninth digit says.
    return since // _MILLISECOND + int(((match["fraction"] or "") + "000")[:3])
