"""Secret keys and what they give access to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, cast

from attrs import frozen

from fingerprint_async.testing.emulator.errors import forbidden

__all__ = ["DEFAULT_KEYS", "REGIONS", "ApiKey", "Region", "authorise", "keys_of", "region_of"]

Region = Literal["us", "eu", "ap"]
REGIONS: tuple[Region, ...] = ("us", "eu", "ap")
#: The service's hosts.
HOSTS: dict[str, Region] = {"api.fpjs.io": "us", "eu.api.fpjs.io": "eu", "ap.api.fpjs.io": "ap"}


@frozen(kw_only=True)
class ApiKey:
    """What a secret key gives access to.

    Args:
        region: The region it belongs to; another one answers `wrong_region`. `None` fits all.
        environment: The only environment whose events it sees; `None` for all.
        active: Whether the workspace's subscription is.
    """

    region: Region | None = None
    environment: str | None = None
    active: bool = True


#: The keys an emulator accepts unless it is given others.
DEFAULT_KEYS: dict[str, ApiKey] = {
    "test-key": ApiKey(),
    "test-key-us": ApiKey(region="us"),
    "test-key-eu": ApiKey(region="eu"),
    "test-key-ap": ApiKey(region="ap"),
    "test-key-staging": ApiKey(environment="env_staging"),
    "test-key-inactive": ApiKey(active=False),
}


def keys_of(keys: Mapping[str, ApiKey] | Iterable[str] | None) -> dict[str, ApiKey]:
    """Return keys as they are given: names and what they give access to, names, or the default.

    Raises:
        ValueError: There is none.
    """
    if keys is None:
        return dict(DEFAULT_KEYS)
    if isinstance(keys, str):
        return {keys: ApiKey()}
    if isinstance(keys, Mapping):
        accepted = dict(cast("Mapping[str, ApiKey]", keys))
    else:
        accepted = dict.fromkeys(keys, ApiKey())
    if not accepted:
        raise ValueError("keys must name at least one key")
    return accepted


def region_of(host: str) -> Region:
    """Return the region of a `Host` header; `us` where it is none of the service's."""
    return HOSTS.get(host.partition(":")[0].lower(), "us")


def authorise(header: str, keys: Mapping[str, ApiKey], region: Region) -> ApiKey:
    """Return what an `Authorization` header gives access to.

    Raises:
        ApiError: 403; there is no 401.
    """
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise forbidden("secret_api_key_required")
    key = keys.get(secret.strip())
    if key is None:
        raise forbidden("secret_api_key_not_found")
    if key.region not in (None, region):
        raise forbidden("wrong_region")
    if not key.active:
        raise forbidden("subscription_not_active")
    return key
