# Annotations bind no caller at run time.
# pyright: reportUnnecessaryIsInstance=false
"""What a crawl was asked for: arguments checked before anything is sent or made."""

from __future__ import annotations

import json
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

import attrs

from fingerprint_async._time import to_unix_ms
from fingerprint_async.errors import ArgumentError

from ._source import SOURCES, check_filters
from .errors import OutputMismatchError
from .formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from ._source import Source
    from .formats import Format

__all__ = ["DEFAULT_ROLL_BYTES", "WEEK_MS", "CrawlQuery", "ReadAs", "check_patience", "check_rolls"]

ReadAs = Literal["raw", "typed"]
"""``raw``: events as the service sent them. ``typed``: each through its model."""

_MAX_SECONDS = 1e9

WEEK_MS = 7 * 24 * 3600 * 1000

DEFAULT_ROLL_BYTES = 256 * 1024 * 1024
"""Bytes after which a file is closed and the next one begun."""


@attrs.frozen
class CrawlQuery:
    """What is crawled, from where, and how it is written.

    Attributes:
        start: First millisecond; None for a week before the end, or as it was.
        end: Last millisecond; None for now, or as it was.
        format: How events are written.
        source: Device events, edge events, or both.
        read_as: Whether events go through their models.
        base_url: The address of the service.
        filters: The search filters.
    """

    start: int | None
    end: int | None
    format: Format
    source: Source
    read_as: ReadAs
    base_url: str
    filters: Mapping[str, Any]

    @classmethod
    def checked(
        cls,
        *,
        start: datetime | int | str | None,
        end: datetime | int | str | None,
        source: Source,
        base_url: str,
        filters: Mapping[str, Any],
        format: Format = "jsonl",  # noqa: A002 -- the option's name
        read_as: ReadAs = "raw",
    ) -> CrawlQuery:
        """Make a query of the caller's arguments.

        Raises:
            ArgumentError: One of them cannot be right.
        """
        check_filters(filters)
        _check_choice("format", format, FORMATS)
        _check_choice("source", source, SOURCES)
        _check_choice("read_as", read_as, get_args(ReadAs))
        first = None if start is None else to_unix_ms(start, name="start")
        last = None if end is None else to_unix_ms(end, name="end")
        if first is not None and last is not None and first > last:
            raise ArgumentError(f"start ({first} ms) is after end ({last} ms)")
        return cls(first, last, format, source, read_as, base_url, dict(filters))

    def state(self, *, start: int, end: int) -> dict[str, Any]:
        """Return the query as JSON values, with its bounds settled."""
        return {
            "start": start,
            "end": end,
            "format": self.format,
            "source": self.source,
            "read_as": self.read_as,
            "base_url": self.base_url,
            **{name: _jsonable(value) for name, value in self.filters.items()},
        }

    def compare(self, stored: Mapping[str, Any], folder: object) -> None:
        """Check that a folder bound to a query can go on with this one. A later end is fine.

        Raises:
            OutputMismatchError: It cannot; the message names what differs.
        """
        mine = self.state(
            start=stored["start"] if self.start is None else self.start,
            end=stored["end"] if self.end is None else max(self.end, stored["end"]),
        )
        differences = [
            f"{name} was {_shown(stored.get(name))}, is {_shown(mine.get(name))}"
            for name in sorted({*mine, *stored} - {"end"})
            if mine.get(name) != stored.get(name)
        ]
        if self.end is not None and self.end < stored["end"]:
            differences.append(f"end was {stored['end']}, is {self.end}")
        if differences:
            raise OutputMismatchError(
                f"{folder} holds another crawl: {'; '.join(differences)}. "
                "Use another folder, or the same parameters to go on with this one"
            )


def check_rolls(roll_bytes: int, roll_seconds: float | None) -> None:
    """Check when files roll.

    Raises:
        ArgumentError: No size, or no time.
    """
    if isinstance(roll_bytes, bool) or not isinstance(roll_bytes, int) or roll_bytes < 1:
        raise ArgumentError(
            f"roll_bytes must be a whole number of bytes, 1 or above, not {roll_bytes!r}"
        )
    if roll_seconds is not None:
        check_seconds("roll_seconds", roll_seconds)


def check_patience(patience: float) -> None:
    """Check how long a failing service is waited for.

    Raises:
        ArgumentError: No time.
    """
    check_seconds("patience", patience)


def check_seconds(name: str, value: float, *, may_be_zero: bool = False) -> None:
    """Check a time in seconds.

    Raises:
        ArgumentError: It is no finite number above 0 that a clock can count.
    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= _MAX_SECONDS or not (value or may_be_zero):
        least = "0 or above" if may_be_zero else "above 0"
        raise ArgumentError(
            f"{name} must be a finite number of seconds, {least}, at most 1e9, not {value!r}"
        )


def check_function(name: str, value: object) -> None:
    """Check what is to be called.

    Raises:
        ArgumentError: It cannot be called.
    """
    if value is not None and not callable(value):
        raise ArgumentError(f"{name} must be a function, not {value!r}")


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ArgumentError(f"{name} must be one of {', '.join(choices)}, not {value!r}")


def _shown(value: object) -> str:
    return "not given" if value is None else json.dumps(value)


def _jsonable(value: Any) -> Any:
    """Return a filter's value as the checkpoint keeps it."""
    if isinstance(value, (list, tuple, set, frozenset)):
        members = cast("Iterable[object]", value)
        items = [_jsonable(item) for item in members]
        return sorted(items, key=str) if isinstance(value, (set, frozenset)) else items
    if isinstance(value, Enum):
        return _jsonable(value.value)
    return value if isinstance(value, (bool, int, float)) else str(value)
