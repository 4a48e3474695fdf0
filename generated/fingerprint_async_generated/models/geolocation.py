from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

if TYPE_CHECKING:
    from .geolocation_subdivisions_item import GeolocationSubdivisionsItem

__all__ = ["Geolocation"]


@model(kw_only=True)
class Geolocation(Model):
    """Geolocation."""

    accuracy_radius: int | Unset = UNSET
    """Accuracy radius."""
    city_name: str | Unset = UNSET
    """City name."""
    continent_code: str | Unset = UNSET
    """Continent code."""
    continent_name: str | Unset = UNSET
    """Continent name."""
    country_code: str | Unset = UNSET
    """Country code."""
    country_name: str | Unset = UNSET
    """Country name."""
    latitude: float | Unset = UNSET
    """Latitude."""
    longitude: float | Unset = UNSET
    """Longitude."""
    postal_code: str | Unset = UNSET
    """Postal code."""
    subdivisions: list[GeolocationSubdivisionsItem] | Unset = UNSET
    """Subdivisions."""
    timezone: str | Unset = UNSET
    """Timezone."""

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
