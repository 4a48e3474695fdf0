"""The tree of errors."""

from __future__ import annotations

import copy
import pickle
import re

import pytest

from fingerprint_async import errors
from fingerprint_async.errors import (
    APIError,
    APITimeoutError,
    ClientStateError,
    ConfigurationError,
    DeadlineExceededError,
    FingerprintError,
    RateLimitError,
    ResponseBodyError,
    WrongRegionError,
)


def test_every_error_stands_under_one_root() -> None:
    """`except FingerprintError` catches all of them."""
    assert all(issubclass(getattr(errors, name), FingerprintError) for name in errors.__all__)


def test_the_drawn_tree_is_the_real_one() -> None:
    """Each class of the module is in its docstring, below the class it inherits from."""
    elsewhere = {"WebhookError", "UnsealError", "CrawlError", "UnreachableError"}
    drawn: dict[str, str] = {}
    path: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"^([│ ├└─]*)(\w+Error)\b", line)
        if found is None or found[2] in elsewhere:
            continue
        depth, name = len(found[1]), found[2]
        path = [(at, above) for at, above in path if at < depth]
        if path:
            drawn[name] = path[-1][1]
        path.append((depth, name))
    real = {
        name: next(
            base.__name__
            for base in getattr(errors, name).__mro__[1:]
            if base.__name__ in errors.__all__
        )
        for name in errors.__all__
        if name != "FingerprintError"
    }
    assert drawn == real


def test_errors_of_arguments_state_and_time_are_the_builtin_ones_too() -> None:
    """Code that knows nothing of this library catches them as what they are."""
    assert issubclass(ConfigurationError, ValueError)
    assert issubclass(ClientStateError, RuntimeError)
    assert issubclass(APITimeoutError, TimeoutError)
    assert issubclass(DeadlineExceededError, TimeoutError)


def test_an_error_says_what_a_reader_of_logs_needs() -> None:
    """Status, code, message, operation, attempts, request id, and how long to wait."""
    error = RateLimitError(
        "too many requests",
        status_code=429,
        code="too_many_requests",
        request_id="r-1",
        retry_after=1.5,
        operation="searchEvents",
        attempts=4,
    )
    assert str(error) == (
        "429 too_many_requests: too many requests "
        "(operation: searchEvents; attempts: 4; request id: r-1; retry after: 1.5 s)"
    )
    error.quota_exhausted = True
    assert "retry quota: used up" in str(error)


def test_an_error_that_is_not_the_apis_shows_the_body() -> None:
    """A proxy's page is quoted, a little of it."""
    error = errors.ServerError("Bad Gateway", status_code=502, body="<html>" + "x" * 500)
    assert str(error).startswith("502: Bad Gateway (body: '<html>x")
    assert len(str(error)) < 200
    body = ResponseBodyError("the body is empty", status_code=200, request_id="r", body="")
    assert str(body) == "the body is empty (status: 200; request id: r)"


def test_a_hint_follows_where_there_is_one() -> None:
    """A wrong region says what to do."""
    error = WrongRegionError("wrong region", status_code=403, code="wrong_region")
    assert (
        str(error) == "403 wrong_region: wrong region. "
        "Give the client the region that the workspace was made in"
    )


@pytest.mark.parametrize(
    "error",
    [
        RateLimitError(
            "m", status_code=429, code="c", retry_after=2, attempts=3, operation="getEvent"
        ),
        ResponseBodyError("m", status_code=200, body="b"),
        errors.APIConnectionError("m", processed=False, attempts=1),
        DeadlineExceededError("m", deadline=1.5, waited=0.5),
        ConfigurationError("m"),
        APIError("m"),
    ],
)
def test_errors_travel_between_processes(error: FingerprintError) -> None:
    """Pickled and copied, they are the same."""
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301 - our own bytes
        assert type(other) is type(error)
        assert (str(other), vars(other)) == (str(error), vars(error))
