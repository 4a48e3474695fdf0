"""Bases of models whose fields hold Unix milliseconds: each such field as a datetime, in UTC.

They have properties and no fields, so a model reads, compares and is written as without them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from fingerprint_async._runtime.errors import DecodeError
from fingerprint_async._runtime.model import Model

__all__ = ["EventTimes", "LastSeenTime", "MadeTime", "SeenTimes", "from_unix_ms"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def from_unix_ms(milliseconds: object) -> datetime | None:
    """Return the time of a field that holds Unix milliseconds, in UTC.

    None for what is no such number, and for a time outside the years 1 to 9999.
    """
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return None
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except (OverflowError, ValueError):
        return None


class MadeTime(Model):
    """A model with a `timestamp`."""

    __slots__ = ()

    if TYPE_CHECKING:
        timestamp: int

    @property
    def time(self) -> datetime:
        """When it was made: `timestamp` as an aware datetime, in UTC.

        Raises:
            DecodeError: `timestamp` holds no Unix milliseconds of the years 1 to 9999.
        """
        made_at = from_unix_ms(self.timestamp)
        if made_at is None:
            raise DecodeError("timestamp: it holds no time in Unix milliseconds")
        return made_at


class EventTimes(MadeTime):
    """The times of an event."""

    __slots__ = ()

    if TYPE_CHECKING:
        factory_reset_timestamp: int | None

    @property
    def factory_reset_time(self) -> datetime | None:
        """`factory_reset_timestamp` as an aware datetime, in UTC; None if never or unknown."""
        # 0 stands for never.
        return from_unix_ms(self.factory_reset_timestamp or None)


class LastSeenTime(Model):
    """A model with a `last_seen_at`."""

    __slots__ = ()

    if TYPE_CHECKING:
        last_seen_at: int | None

    @property
    def last_seen_time(self) -> datetime | None:
        """`last_seen_at` as an aware datetime, in UTC; None if it holds no time."""
        return from_unix_ms(self.last_seen_at)


class SeenTimes(LastSeenTime):
    """A model with a `first_seen_at` and a `last_seen_at`."""

    __slots__ = ()

    if TYPE_CHECKING:
        first_seen_at: int | None

    @property
    def first_seen_time(self) -> datetime | None:
        """`first_seen_at` as an aware datetime, in UTC; None if it holds no time."""
        return from_unix_ms(self.first_seen_at)
