from __future__ import annotations

from typing import ClassVar

from ..types import Fields, Model, model

__all__ = ["GeolocationSubdivisionsItem"]


@model(kw_only=True)
class GeolocationSubdivisionsItem(Model):
    """A state, a province or the like."""

    iso_code: str
    """Its ISO 3166-2 code, without the country."""
    name: str
    """Its name."""

    _fields_: ClassVar[Fields] = {
        "iso_code": ("iso_code", "str", True),
        "name": ("name", "str", True),
    }
