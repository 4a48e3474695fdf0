from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import Fields, Model, model

if TYPE_CHECKING:
    from .proximity_precision_radius import ProximityPrecisionRadius

__all__ = ["Proximity"]


@model(kw_only=True)
class Proximity(Model):
    """Proximity."""

    confidence: float
    """Confidence."""
    id: str
    """Id."""
    precision_radius: ProximityPrecisionRadius
    """Precision radius."""

    _fields_: ClassVar[Fields] = {
        "confidence": ("confidence", "float", True),
        "id": ("id", "str", True),
        "precision_radius": (
            "precision_radius",
            ("enum", "ProximityPrecisionRadius", "proximity_precision_radius"),
            True,
        ),
    }
