"""Findings, and the error that carries them."""

from __future__ import annotations

import copy
import pickle

import pytest

from fingerprint_async._runtime.errors import DecodeError, FingerprintError
from fingerprint_async._runtime.findings import Finding


@pytest.mark.parametrize(
    ("finding", "text"),
    [
        (Finding(("a", 0, "b"), "unknown_field", "", "null"), "/a/0/b: unknown field, null"),
        (
            Finding(("a/b~c",), "missing_field", "a string", "nothing"),
            "/a~1b~0c: missing, expected a string",
        ),
        (
            Finding((), "wrong_type", "Event", "array"),
            "(the whole object): wrong type, array where Event was expected",
        ),
        (
            Finding(("",), "unknown_enum_value", "Colour", "string"),
            "/: unknown enum value, string where Colour was expected",
        ),
    ],
)
def test_a_finding_reads_as_a_line(finding: Finding, text: str) -> None:
    """It has a JSON pointer, what was expected and what was found."""
    assert text == str(finding)


def test_a_decode_error_crosses_processes() -> None:
    """Its findings survive pickling and copying, and it is a ValueError."""
    error = DecodeError("broken", (Finding(("a",), "wrong_type", "a string", "null"),))
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301 - our own bytes
        assert type(twin) is DecodeError
        assert str(twin) == "broken"
        assert twin.findings == error.findings
    assert isinstance(error, FingerprintError)
    assert isinstance(error, ValueError)
    assert DecodeError("broken").findings == ()
