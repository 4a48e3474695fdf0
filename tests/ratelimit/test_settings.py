"""The settings of a limit: what is right, what is equal, what is refused."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fingerprint_async import ratelimit
from fingerprint_async.errors import ConfigurationError
from fingerprint_async.ratelimit import Budget, Quota, RateLimit, RateLimitTimeout


def test_the_default_is_the_documented_limit() -> None:
    """5 a second, bursts of three times that."""
    limit = RateLimit()
    assert (limit.requests_per_second, limit.capacity, limit.mode) == (5, 15, "fixed")
    assert RateLimit(requests_per_second=50).capacity == 150
    assert RateLimit(requests_per_second=50, burst=10).capacity == 10
    assert RateLimit(requests_per_second=0.1).capacity == 1
    assert RateLimit.off().mode == "off"
    assert RateLimit.adaptive(start=20) == RateLimit(requests_per_second=20, mode="adaptive")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (RateLimit(), RateLimit(burst=15)),
        (RateLimit(), RateLimit(requests_per_second=5.0, burst=15.0)),
        (RateLimit(requests_per_second=0.1), RateLimit(requests_per_second=0.1, burst=1)),
        (RateLimit(search=RateLimit()), RateLimit(search=RateLimit(burst=15))),
    ],
)
def test_settings_are_equal_however_they_are_spelled(one: RateLimit, other: RateLimit) -> None:
    """And have the same hash, so that they are one limit."""
    assert one == other
    assert hash(one) == hash(other)


def test_other_settings_differ() -> None:
    """In the rate, the burst, the mode, the searches, where they are shared."""
    settings = [
        RateLimit(),
        RateLimit(requests_per_second=6, burst=15),
        RateLimit(burst=16),
        RateLimit.off(),
        RateLimit.adaptive(),
        RateLimit(search=RateLimit()),
        RateLimit(shared="redis://127.0.0.1"),
    ]
    assert len(set(settings)) == len(settings)


def test_evolved_settings_are_worked_out_anew() -> None:
    """`attrs.evolve` and copies keep no burst that was not told."""
    limit = attrs.evolve(RateLimit(), requests_per_second=50)
    assert limit == RateLimit(requests_per_second=50)
    assert limit.capacity == 150
    assert pickle.loads(pickle.dumps(limit)) == copy.deepcopy(limit) == limit  # noqa: S301 - ours


NOT_NUMBERS: list[Any] = [
    0,
    -1,
    float("nan"),
    float("inf"),
    float("-inf"),
    10**400,
    -(10**400),
    1e300,
    1e-300,
    True,
    "5",
    b"5",
    None,
    1j,
    [5],
    pytest.param(object(), id="an object"),
]


@pytest.mark.parametrize("value", NOT_NUMBERS, ids=repr)
def test_a_rate_that_is_none_is_refused(value: Any) -> None:
    """With the argument's name and what would be right, in a line of text."""
    with pytest.raises(ConfigurationError, match="requests_per_second must be a number") as caught:
        RateLimit(requests_per_second=value)
    assert len(str(caught.value)) < 200
    with pytest.raises(ConfigurationError, match="requests_per_second must be a number"):
        RateLimit.adaptive(start=value)
    if value is not None:
        with pytest.raises(ConfigurationError, match="burst must be a number"):
            RateLimit(burst=value)


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.binary(max_size=5),
    st.just(10**400),
    st.lists(st.integers(), max_size=2),
    st.just(RateLimit()),
    st.just(RateLimit.off()),
    st.sampled_from(
        ["fixed", "adaptive", "off", "redis://a", "redis://a:0", "redis://[", "http://a"]
    ),
)


@settings(deadline=None)
@given(
    arguments=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ["requests_per_second", "burst", "search", "mode", "shared"], ANYTHING
        ),
    )
)
def test_whatever_is_given_there_is_a_limit_or_a_clear_error(arguments: dict[str, Any]) -> None:
    """The error names one of the arguments."""
    try:
        limit = RateLimit(**arguments)
    except ConfigurationError as error:
        assert any(name in str(error) for name in arguments)  # noqa: PT017 - either may be right
    else:
        assert 0 < limit.requests_per_second < float("inf")
        assert 1 <= limit.capacity < float("inf")


@pytest.mark.parametrize("value", [5, "off", {"requests_per_second": 5}, RateLimit])
def test_searches_have_a_limit_or_none(value: Any) -> None:
    """Nothing that only could be read as one."""
    with pytest.raises(ConfigurationError, match="search must be a RateLimit or None"):
        RateLimit(search=value)


def test_the_limit_of_searches_has_no_further_ones() -> None:
    """They would have no meaning."""
    with pytest.raises(ConfigurationError, match="search cannot have"):
        RateLimit(search=RateLimit(search=RateLimit()))
    with pytest.raises(ConfigurationError, match="search cannot have"):
        RateLimit(search=RateLimit(shared="redis://127.0.0.1"))
    assert RateLimit(search=RateLimit.off()).for_searches.mode == "off"
    assert RateLimit().for_searches == RateLimit()


@pytest.mark.parametrize("value", ["fast", None, 1, "FIXED"])
def test_another_mode_is_refused(value: Any) -> None:
    """There are three."""
    with pytest.raises(ConfigurationError, match="mode must be fixed, adaptive or off"):
        RateLimit(mode=value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "127.0.0.1:6379",
        "http://sk_secret@a",
        "redis://:sk_secret@a:port",
        "redis://a:0",
        5,
        b"redis://a",
        pytest.param(object(), id="an object"),
    ],
)
def test_a_place_to_share_that_is_none_is_refused(value: Any) -> None:
    """Without a word of an address, which may hold a password."""
    with pytest.raises(ConfigurationError, match="shared must be") as caught:
        RateLimit(shared=value)
    assert "sk_secret" not in str(caught.value)


@pytest.mark.parametrize("limit", [{"mode": "adaptive"}, {"mode": "off"}])
def test_only_a_known_limit_can_be_shared(limit: dict[str, Any]) -> None:
    """What one process finds out says nothing about the share of the others."""
    with pytest.raises(ConfigurationError, match="shared needs a limit that is known"):
        RateLimit(shared="redis://127.0.0.1", **limit)


def test_no_address_is_in_a_repr() -> None:
    """It may hold a password."""
    assert "secret" not in repr(RateLimit(shared="redis://:secret@127.0.0.1/0"))


@pytest.mark.parametrize("value", [0, -1, 1.5, True, None, 10**400])
def test_a_quota_counts_whole_requests(value: Any) -> None:
    """In a stretch of time that is one."""
    with pytest.raises(ConfigurationError, match="requests must be a whole number"):
        Quota(value, 3600)
    with pytest.raises(ConfigurationError, match="seconds must be a number"):
        Quota(30, -1)


def test_a_budget_is_a_value() -> None:
    """Frozen, and equal where it says the same."""
    budget = Budget("delete", quotas=(Quota(30, 3600),))
    assert budget == Budget("delete", quotas=(Quota(30, 3600.0),))
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        budget.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("",), "name"),
        ((None,), "name"),
        (("x", [Quota(1, 1)]), "quotas"),
        (("x", (1,)), "quotas"),
        (("x", (), 1), "searches"),
    ],
)
def test_a_budget_that_is_none_is_refused(arguments: tuple[Any, ...], name: str) -> None:
    """By the argument's name."""
    options = dict(zip(("quotas", "searches"), arguments[1:], strict=False))
    with pytest.raises(ConfigurationError, match=f"^{name} must be"):
        Budget(arguments[0], **options)


def test_the_timeouts_error_survives_pickling() -> None:
    """With its numbers and its text."""
    error = pickle.loads(pickle.dumps(RateLimitTimeout(10.0, 5.0)))  # noqa: S301 - ours
    assert (error.wait, error.timeout) == (10.0, 5.0)
    assert str(error) == str(RateLimitTimeout(10.0, 5.0))


def test_the_packages_names_are_sorted_and_there() -> None:
    """All of `__all__` can be imported."""
    assert sorted(ratelimit.__all__) == sorted(set(ratelimit.__all__))
    assert all(getattr(ratelimit, name) for name in ratelimit.__all__)
