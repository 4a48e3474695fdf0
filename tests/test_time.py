"""Times on the wire."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerprint_async import ArgumentError
from fingerprint_async._time import to_unix_ms


class NoMoment(datetime):
    """As pandas' NaT: a datetime that is none."""

    def utcoffset(self) -> None:
        """Raise, as other classes' zones may."""
        raise TypeError


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), 1767225600000),
        (datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))), 1767225600000),
        (datetime(2026, 1, 1, 0, 0, 0, 1999, tzinfo=UTC), 1767225600001),
        (1767225600000, 1767225600000),
        ("1767225600000", 1767225600000),
        (0, 0),
        ("2026-01-01T00:00:00Z", 1767225600000),
        ("2026-01-01t00:00:00z", 1767225600000),
        ("2026-01-01 02:00:00+02:00", 1767225600000),
        ("2025-12-31T19:00:00-05:00", 1767225600000),
        ("2026-01-01T00:00:00.5Z", 1767225600500),
        ("2026-01-01T00:00:00.123999999Z", 1767225600123),
        (" 2026-01-01T00:00:00Z\n", 1767225600000),
    ],
)
def test_a_moment_is_unix_milliseconds(value: datetime | int | str, expected: int) -> None:
    """Datetimes, numbers and RFC 3339 text become the same integers, floored to a millisecond."""
    assert to_unix_ms(value, name="start") == expected


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (NoMoment(2026, 1, 1), "this NoMoment is not a moment"),
        ("0" * 20 + "9" * 30, "is not a time after 1970"),
        (10**40, "a number of too many digits is not a time"),
        (datetime(2026, 1, 1), "no time zone"),  # noqa: DTZ001 - naive is the point
        ("2026-01-01T00:00:00", "no offset"),
        ("2026-01-01", "not RFC 3339"),
        ("yesterday", "not RFC 3339"),
        ("", "not RFC 3339"),
        ("2026-02-30T00:00:00Z", "not a time"),
        ("2026-01-01T25:00:00Z", "not a time"),
        ("0001-01-01T00:00:00+14:00", "not a time after 1970"),
        ("२०२६-01-01T00:00:00Z", "not RFC 3339"),
        (1767225600, r"looks like Unix seconds; milliseconds are wanted \(1767225600000\)"),
        ("1767225600", "looks like Unix seconds"),
        (-1, "not a time after 1970"),
        (2**63, "not a time after 1970"),
        (1767225600000.0, "got float"),
        (True, "got bool"),
        (None, "got None"),
    ],
)
def test_what_is_no_moment_is_refused_with_the_parameters_name(value: object, says: str) -> None:
    """Naive times, seconds, dates and nonsense are errors with the parameter and what would do."""
    with pytest.raises(ArgumentError, match=f"^end: .*{says}"):
        to_unix_ms(value, name="end")  # type: ignore[arg-type]


@given(st.datetimes(min_value=datetime(1970, 5, 1), timezones=st.timezones()))  # noqa: DTZ001 - the strategy adds zones
def test_every_aware_datetime_is_floored_exactly(moment: datetime) -> None:
    """No float stands in between.

    The result is the millisecond that the moment falls into, in every zone.
    """
    milliseconds = to_unix_ms(moment, name="start")
    floor = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    assert timedelta(0) <= moment - floor < timedelta(milliseconds=1)
    assert to_unix_ms(floor.isoformat(), name="start") == milliseconds


@given(st.text(max_size=40))
def test_no_text_leads_to_another_error(text: str) -> None:
    """Any text is a time or an `ArgumentError`."""
    with contextlib.suppress(ArgumentError):
        assert to_unix_ms(text, name="start") >= 0
