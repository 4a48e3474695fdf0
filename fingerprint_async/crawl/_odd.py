"""Events that readers of an output cannot take: they go to a quarantine file instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ._breathe import breathe
from ._page import event_position

if TYPE_CHECKING:
    from ._page import CutPage, RawEvent

__all__ = ["odd_events", "why_odd"]

_SHAPE = bytes.maketrans(b"123456789E", b"000000000e")
"""Makes all digits one, so that a long number is found by searching for a text."""

_BEFORE_NUMBER = b":,[ \t\r\n"
_NUMBER_HEAD = 24
"""Digits in front of an exponent beyond which nobody looks for what stands before them."""

_LONG_NUMBERS = (b"0e000", b"0" * 200)
"""What a number beyond the range of a double holds, with all digits 0 and plus signs left out."""


def odd_events(page: CutPage, kept: list[int]) -> dict[int, str]:
    """Return which of a page's events cannot be written, and why."""
    if not (page.is_odd or _may_hold_odd_event(page.content)):
        return {}
    reasons: dict[int, str] = {}
    for index in kept:
        breathe()
        reason = why_odd(page.events[index])
        if reason is not None:
            reasons[index] = reason
    return reasons


def why_odd(event: RawEvent) -> str | None:
    """Return why an event cannot be written, None when it can."""
    content = bytes(event)
    try:
        content.decode()
        decoded = msgspec.json.decode(content)
    except UnicodeDecodeError:
        return "not UTF-8"
    except msgspec.ValidationError:
        return "a number out of range"
    except (msgspec.DecodeError, RecursionError):
        return "not JSON that strict readers take"
    if not isinstance(decoded, dict):
        return "not an object"
    return None if event_position(content) is not None else "no event_id or no timestamp"


def _may_hold_odd_event(content: bytes) -> bool:
    if not content.isascii():
        try:
            content.decode()
        except UnicodeDecodeError:
            return True
    shape = content.translate(_SHAPE, b"+")
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
