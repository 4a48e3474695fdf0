# Annotations bind no caller at run time.
# pyright: reportUnnecessaryIsInstance=false
"""When an event was made, and how long ago that is."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Final

from fingerprint_async._settings import is_number, kind_of, shown
from fingerprint_async.errors import ArgumentError

__all__ = ["check_max_age", "to_unix_seconds"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# The year 5138. A larger number of seconds is a number of milliseconds.
_MOST_UNIX_SECONDS: Final = 10**11


def to_unix_seconds(now: object) -> float:
    """Read the argument `now`: None is this machine's clock.

    Raises:
        ArgumentError: It is neither an aware datetime nor Unix time in seconds.
    """
    if now is None:
        return time.time()
    if isinstance(now, datetime):
        return _datetime_seconds(now)
    if not is_number(now) or not isinstance(now, int | float):
        raise ArgumentError(
            f"now: expected Unix time in seconds or an aware datetime, got {shown(now)}"
        )
    if abs(now) >= _MOST_UNIX_SECONDS:
        raise ArgumentError("now: this looks like milliseconds; Unix time in seconds is wanted")
    return float(now)


def check_max_age(value: object) -> float | None:
    """Read the argument `max_age`: a finite number of seconds, or None for no limit.

    Raises:
        ArgumentError: It is something else.
    """
    if value is None:
        return None
    if not is_number(value) or not isinstance(value, int | float) or value < 0:
        raise ArgumentError(
            f"max_age: expected a finite number of seconds, 0 or above, got {shown(value)}"
        )
    return float(value)


def _datetime_seconds(now: datetime) -> float:
    try:
        offset = now.utcoffset()
        seconds = (now - _EPOCH).total_seconds() if offset is not None else None
    except Exception:  # noqa: BLE001 - pandas' NaT is a datetime, and zones of other classes raise
        raise ArgumentError(f"now: this {kind_of(now)} is not a moment") from None
    if seconds is not None and not is_number(seconds):
        raise ArgumentError(f"now: this {kind_of(now)} is not a moment")
    if seconds is None:
        raise ArgumentError("now: the datetime has no time zone; use datetime.now(UTC)")
    return float(seconds)
