from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

if TYPE_CHECKING:
    from .geolocation_subdivisions_item import GeolocationSubdivisionsItem

__all__ = ["Geolocation"]


@model(kw_only=True)
class Geolocation(Model):
    """Where an address is."""

    accuracy_radius: int | Unset = UNSET
    """Kilometres around the point that it is likely within."""
    city_name: str | Unset = UNSET
    """The city."""
    continent_code: str | Unset = UNSET
    """The continent, two letters."""
    continent_name: str | Unset = UNSET
    """The name of the continent."""
    country_code: str | Unset = UNSET
    """The country, two letters."""
    country_name: str | Unset = UNSET
    """The name of the country."""
    latitude: float | Unset = UNSET
    """Degrees north."""
    longitude: float | Unset = UNSET
    """Degrees east."""
    postal_code: str | Unset = UNSET
    """The postal code."""
    subdivisions: list[GeolocationSubdivisionsItem] | Unset = UNSET
    """States, provinces or the like, largest first."""
    timezone: str | Unset = UNSET
    """The IANA time zone."""

    _fields_: ClassVar[Fields] = {
        "accuracy_radius": ("accuracy_radius", "int", False),
        "city_name": ("city_name", "str", False),
        "continent_code": ("continent_code", "str", False),
        "continent_name": ("continent_name", "str", False),
        "country_code": ("country_code", "str", False),
        "country_name": ("country_name", "str", False),
        "latitude": ("latitude", "float", False),
        "longitude": ("longitude", "float", False),
        "postal_code": ("postal_code", "str", False),
        "subdivisions": (
            "subdivisions",
            ("list", ("model", "GeolocationSubdivisionsItem", "geolocation_subdivisions_item")),
            False,
        ),
        "timezone": ("timezone", "str", False),
    }
