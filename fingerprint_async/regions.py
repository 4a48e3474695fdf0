"""The hosts of the Server API, and the names people use for them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from fingerprint_async_generated.servers import AP_API_FPJS_IO, API_FPJS_IO, EU_API_FPJS_IO

__all__ = ["Region"]


class Region(StrEnum):
    """Where a workspace's data lives, and so which host answers for its key.

    A key works in its own region only; elsewhere the API answers 403 `wrong_region`. Aliases are
    understood in any case: `Region("Europe") is Region.EU`. A name that is none of them is an
    error, never the default: a key and the ids of people sent to another continent cannot be taken
    back.
    """

    US = "us"
    """Global, hosted in the US: `https://api.fpjs.io/v4`. Also known as `global`."""
    EU = "eu"
    """Frankfurt: `https://eu.api.fpjs.io/v4`. Also known as `europe`."""
    AP = "ap"
    """Mumbai: `https://ap.api.fpjs.io/v4`. Also known as `asia`."""

    GLOBAL = "us"
    EUROPE = "eu"
    ASIA = "ap"

    @property
    def base_url(self) -> str:
        """The address that the paths of operations are appended to."""
        return _BASE_URLS[self]

    @classmethod
    def _missing_(cls, value: object) -> Region:
        if isinstance(value, str):
            region = cls.__members__.get(value.strip().upper())
            if region is not None:
                return region
        # What is longer than any name was meant for another parameter, perhaps for the key.
        shown = (
            f" {value!r}"
            if isinstance(value, str | int | None) and len(str(value)) <= _LONGEST
            else ""
        )
        raise ValueError(f"unknown region{shown}: use one of {REGION_NAMES}")


_BASE_URLS: Final = {
    Region.US: API_FPJS_IO,
    Region.EU: EU_API_FPJS_IO,
    Region.AP: AP_API_FPJS_IO,
}
_LONGEST: Final = 16
REGION_NAMES: Final = "'us' (or 'global'), 'eu' (or 'europe'), 'ap' (or 'asia')"
