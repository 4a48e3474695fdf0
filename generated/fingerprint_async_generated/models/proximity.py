from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import Fields, Model, model

if TYPE_CHECKING:
    from .proximity_precision_radius import ProximityPrecisionRadius

__all__ = ["Proximity"]


@model(kw_only=True)
class Proximity(Model):
    """A zone on the map that a device was in."""

    confidence: float
    """How likely the device was in it, 0 to 1."""
    id: str
    """The id of the zone; it stays the same."""
    precision_radius: ProximityPrecisionRadius
    """The radius of the zone, metres."""

    _fields_: ClassVar[Fields] = {
        "confidence": ("confidence", "float", True),
        "id": ("id", "str", True),
        "precision_radius": (
            "precision_radius",
            ("enum", "ProximityPrecisionRadius", "proximity_precision_radius"),
            True,
        ),
    }
