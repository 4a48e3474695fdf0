"""Options are frozen, checked when made, and keep secrets out of their reprs."""

from __future__ import annotations

import inspect

import attrs
import pytest
from rich.pretty import pretty_repr

from fingerprint_async import RateLimit
from fingerprint_async._address import parse_base_url
from fingerprint_async._secret import Secret
from fingerprint_async.config import DEFAULT, ClientOptions, RequestOptions, RetryPolicy, Timeouts
from fingerprint_async.errors import ConfigurationError
from fingerprint_async.hooks import Hooks

ADDRESS = parse_base_url("https://a.example/v4", allow_insecure_http=False)


@pytest.mark.parametrize("kind", [Timeouts, RetryPolicy, RateLimit, RequestOptions, ClientOptions])
def test_options_are_frozen_and_keyword_only(kind: type) -> None:
    """Nobody changes them behind a client's back, and no call has a row of bare numbers."""
    assert {each.kind for each in inspect.signature(kind).parameters.values()} == {
        inspect.Parameter.KEYWORD_ONLY
    }
    one = kind(api_key=Secret("k"), base_url=ADDRESS) if kind is ClientOptions else kind()
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
        (RequestOptions, {"deadline": "sk_secret"}),
        (RequestOptions, {"deadline": 10**400}),
        (RequestOptions, {"max_retries": "3"}),
        (RequestOptions, {"max_retries": -1}),
        (RequestOptions, {"max_retries": 10**5000}),
        (RequestOptions, {"timeout": "5"}),
        (RequestOptions, {"timeout": float("nan")}),
        (RequestOptions, {"timeout": -1}),
        (RequestOptions, {"priority": 1.5}),
        (RequestOptions, {"headers": ("a", "b")}),
        (RequestOptions, {"headers": (("a", "b", "c"),)}),
        (Hooks, {"on_call": 5}),
    ],
)
def test_a_value_that_cannot_be_right_is_refused(kind: type, arguments: dict[str, object]) -> None:
    """When it is given, with its name."""
    with pytest.raises(ConfigurationError, match=next(iter(arguments))) as caught:
        kind(**arguments)
    assert "secret" not in str(caught.value)


def test_a_number_is_the_timeout_of_each_step() -> None:
    """As in httpx; None is without end."""
    assert RequestOptions(timeout=3).timeout == Timeouts(connect=3, read=3, write=3, pool=3)
    none = Timeouts(connect=None, read=None, write=None, pool=None)
    assert RequestOptions(timeout=None).timeout == none


def test_headers_are_copied() -> None:
    """A mapping that is changed later sends nothing else, least of all another key."""
    given = {"x-a": "1"}
    options = RequestOptions(headers=given)
    given["Authorization"] = "Bearer other"
    assert options.headers == (("x-a", "1"),)
    assert attrs.evolve(options, deadline=3).headers == (("x-a", "1"),)


def test_none_and_the_default_are_told_apart() -> None:
    """None turns off what DEFAULT leaves to the client."""
    options = RequestOptions(deadline=None)
    assert options.deadline is None
    assert options.timeout is DEFAULT
    assert repr(DEFAULT) == "DEFAULT"


def test_no_secret_is_in_a_repr() -> None:
    """Neither the key nor a header's value."""
    for secret, options in (
        ("sk_secret", ClientOptions(api_key=Secret("sk_secret"), base_url=ADDRESS)),
        ("hidden", RequestOptions(headers={"x-trace": "hidden"})),
        ("password", RateLimit(shared="redis://:password@127.0.0.1/0")),
    ):
        assert secret not in repr(options)
        assert secret not in pretty_repr(options)


def test_a_call_cannot_bring_another_key() -> None:
    """The limiter counts by key."""
    with pytest.raises(ConfigurationError, match="Authorization"):
        RequestOptions(headers={"AUTHORIZATION": "Bearer other"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timeout", "5"),
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
