from __future__ import annotations

from typing import ClassVar

from ..types import Fields, Model, model

__all__ = ["GeolocationSubdivisionsItem"]


@model(kw_only=True)
class GeolocationSubdivisionsItem(Model):
    """Geolocation Subdivisions Item."""

    iso_code: str
    """Iso code."""
    name: str
    """Name."""

    _fields_: ClassVar[Fields] = {
        "iso_code": ("iso_code", "str", True),
        "name": ("name", "str", True),
    }
