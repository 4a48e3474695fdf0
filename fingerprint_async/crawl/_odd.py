"""Events that readers of an output cannot take: they go to a quarantine file instead."""

from __future__ import annotations

import msgspec

from ._page import event_position

__all__ = ["is_odd", "is_writable"]

_SHAPE = bytes.maketrans(b"123456789E", b"000000000e")
"""Makes all digits one, so that a long number is found by searching for a text."""

_BEFORE_NUMBER = b":,[ \t\r\n"
_NUMBER_HEAD = 24
"""Digits in front of an exponent beyond which nobody looks for what stands before them."""

_LONG_NUMBERS = (b"0e000", b"0" * 200)
"""What a number beyond the range of a double holds, with all digits 0 and plus signs left out."""


def is_odd(event: bytes, *, is_suspicious: bool) -> bool:
    """Return whether an event cannot be written.

    Args:
        event: The event.
        is_suspicious: Whether its page was such that this cannot be ruled out quickly.
    """
    return (is_suspicious or _may_be_odd(event)) and not is_writable(event)


def is_writable(event: bytes) -> bool:
    """Return whether strict readers take an event: an object of JSON that tells its position."""
    try:
        event.decode()
        decoded = msgspec.json.decode(event)
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError):
        return False
    return isinstance(decoded, dict) and event_position(event) is not None


def _may_be_odd(event: bytes) -> bool:
    if not event.isascii():
        try:
            event.decode()
        except UnicodeDecodeError:
            return True
    shape = event.translate(_SHAPE, b"+")
    return any(_holds_number(shape, number) for number in _LONG_NUMBERS)


def _holds_number(shape: bytes, number: bytes) -> bool:
    """Whether a number stands there, not a piece of a text that only resembles one."""
    *heads, _ = shape.split(number)
    for head in heads:
        before = head[-_NUMBER_HEAD:].rstrip(b"0.-")
        # Nothing before it: more digits than anybody counts, or another exponent, which is no
        # number.
        if before[-1] in _BEFORE_NUMBER if before else len(head) >= _NUMBER_HEAD:
            return True
    return False
