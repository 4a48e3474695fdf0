"""Options are frozen, checked when made, and keep secrets out of their reprs."""

from __future__ import annotations

import inspect

import httpx
import pytest
from rich.pretty import pretty_repr

from fingerprint_async.errors import ConfigurationError
from fingerprint_async.options import (
    DEFAULT,
    ClientOptions,
    RateLimit,
    RequestOptions,
    RetryPolicy,
    Timeouts,
)


@pytest.mark.parametrize("kind", [Timeouts, RetryPolicy, RateLimit, RequestOptions, ClientOptions])
def test_options_are_frozen_and_keyword_only(kind: type) -> None:
    """Nobody changes them behind a client's back, and no call has a row of bare numbers."""
    assert {each.kind for each in inspect.signature(kind).parameters.values()} == {
        inspect.Parameter.KEYWORD_ONLY
    }
    one = kind(api_key="k", base_url="b") if kind is ClientOptions else kind()
    for name in inspect.signature(kind).parameters:
        with pytest.raises(AttributeError):
            setattr(one, name, 1)


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        (Timeouts, {"connect": 0}),
        (Timeouts, {"read": -1}),
        (Timeouts, {"read": float("inf")}),
        (Timeouts, {"read": float("nan")}),
        (Timeouts, {"pool": True}),
        (RetryPolicy, {"max_attempts": 0}),
        (RetryPolicy, {"max_attempts": None}),
        (RetryPolicy, {"max_attempts": 1.5}),
        (RetryPolicy, {"base_delay": -0.1}),
        (RetryPolicy, {"quota": 0}),
        (RateLimit, {"requests_per_second": 0}),
        (RateLimit, {"requests_per_second": None}),
        (RateLimit, {"burst": -1}),
        (RateLimit, {"burst": "x"}),
        (RateLimit, {"burst": 10**400}),
        (RateLimit, {"requests_per_second": 10**400}),
        (RateLimit, {"requests_per_second": float("nan")}),
        (RateLimit, {"requests_per_second": True}),
        (RateLimit, {"mode": "fast"}),
        (RateLimit, {"search": 5}),
        (RequestOptions, {"deadline": 0}),
        (RequestOptions, {"max_attempts": "3"}),
    ],
)
def test_a_value_that_cannot_be_right_is_refused(kind: type, arguments: dict[str, object]) -> None:
    """When it is given, with its name."""
    with pytest.raises(ConfigurationError, match=next(iter(arguments))):
        kind(**arguments)


def test_the_default_limit_is_the_documented_one() -> None:
    """5 a second, bursts of three times that."""
    limit = RateLimit()
    assert (limit.requests_per_second, limit.capacity, limit.mode) == (5, 15, "fixed")
    assert RateLimit(requests_per_second=50).capacity == 150
    assert RateLimit(requests_per_second=50, burst=10).capacity == 10
    assert RateLimit(requests_per_second=0.1).capacity == 1
    assert RateLimit.off().mode == "off"
    assert RateLimit.adaptive(start=20) == RateLimit(requests_per_second=20, mode="adaptive")


def test_none_and_the_default_are_told_apart() -> None:
    """None turns off what DEFAULT leaves to the client."""
    options = RequestOptions(deadline=None)
    assert options.deadline is None
    assert options.timeouts is DEFAULT
    assert repr(DEFAULT) == "DEFAULT"


def test_no_secret_is_in_a_repr() -> None:
    """Neither the key nor a header's value."""
    for secret, options in (
        ("sk_secret", ClientOptions(api_key="sk_secret", base_url="https://a")),
        ("hidden", RequestOptions(headers={"x-trace": "hidden"})),
        ("password", RateLimit(shared="redis://:password@127.0.0.1/0")),
    ):
        assert secret not in repr(options)
        assert secret not in pretty_repr(options)


def test_a_call_cannot_bring_another_key() -> None:
    """The limiter counts by key."""
    with pytest.raises(ConfigurationError, match="Authorization"):
        RequestOptions(headers={"AUTHORIZATION": "Bearer other"})


async def test_there_is_one_way_out() -> None:
    """A client of one's own and a transport of one's own exclude each other."""
    async with httpx.AsyncClient() as http_client:
        with pytest.raises(ConfigurationError, match="not both"):
            ClientOptions(api_key="k", base_url="b", http_client=http_client, transport="fast")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timeouts", 5),
        ("retry", 5),
        ("retry", None),
        ("strict", "yes"),
        ("headers", [("a", "b")]),
        ("headers", {"Host": "example.org"}),
        ("headers", {"content-length": "3"}),
    ],
)
def test_an_option_of_a_call_that_is_none_is_named(name: str, value: object) -> None:
    """A value that the option can't take is refused when the options are made, by its name."""
    with pytest.raises(ConfigurationError, match=name):
        RequestOptions(**{name: value})
