from __future__ import annotations

from ..types import OpenIntEnum

__all__ = ["ProximityPrecisionRadius"]


class ProximityPrecisionRadius(OpenIntEnum):
    """The radii that zones have, metres."""

    VALUE_10 = 10
    VALUE_25 = 25
    VALUE_65 = 65
    VALUE_175 = 175
    VALUE_450 = 450
    VALUE_1200 = 1200
    VALUE_3300 = 3300
    VALUE_8500 = 8500
    VALUE_22500 = 22500
