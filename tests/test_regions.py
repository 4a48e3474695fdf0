"""Region names and hosts."""

from __future__ import annotations

import pytest

from fingerprint_async import Region


@pytest.mark.parametrize(
    ("name", "region", "base_url"),
    [
        ("us", Region.US, "https://api.fpjs.io/v4"),
        ("global", Region.US, "https://api.fpjs.io/v4"),
        ("eu", Region.EU, "https://eu.api.fpjs.io/v4"),
        ("europe", Region.EU, "https://eu.api.fpjs.io/v4"),
        ("ap", Region.AP, "https://ap.api.fpjs.io/v4"),
        ("asia", Region.AP, "https://ap.api.fpjs.io/v4"),
        ("EU", Region.EU, "https://eu.api.fpjs.io/v4"),
        (" Europe\n", Region.EU, "https://eu.api.fpjs.io/v4"),
        (Region.ASIA, Region.AP, "https://ap.api.fpjs.io/v4"),
    ],
)
def test_names_and_aliases_lead_to_their_host(name: str, region: Region, base_url: str) -> None:
    """Every documented name, in any case, is one of three regions with the documented address."""
    assert Region(name) is region
    assert region.base_url == base_url


@pytest.mark.parametrize("name", ["", "usa", "eu-west-1", "EUROPE2", 1, None])
def test_an_unknown_region_is_an_error_that_lists_the_known_ones(name: object) -> None:
    """Nothing falls back to the US host: a wrong name is refused, with the names that would do."""
    with pytest.raises(ValueError, match=r"unknown region .*'us' \(or 'global'\), 'eu' .*, 'ap'"):
        Region(name)  # type: ignore[arg-type]


def test_what_cannot_be_a_region_is_not_repeated() -> None:
    """A key passed in the place of a region stays out of the error."""
    with pytest.raises(ValueError, match=r"^unknown region: use one of") as caught:
        Region("sk_0123456789abcdef0123")
    assert "sk_" not in str(caught.value)


def test_a_region_is_its_short_name() -> None:
    """A region prints and compares as its short name, so that it can go into a log or a file."""
    assert f"{Region.EU}" == "eu" == Region.EUROPE
    assert list(Region) == [Region.US, Region.EU, Region.AP]
