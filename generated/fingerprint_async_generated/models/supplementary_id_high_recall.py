from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

if TYPE_CHECKING:
    from .identification_confidence import IdentificationConfidence

__all__ = ["SupplementaryIDHighRecall"]


@model(kw_only=True)
class SupplementaryIDHighRecall(Model):
    """Who an event belongs to, by the method that would rather recognise too many than too few."""

    visitor_found: bool
    """Whether the visitor was seen before."""
    visitor_id: str
    """The id of the visitor: a browser or a device."""
    confidence: IdentificationConfidence | Unset = UNSET
    """How sure the identification is."""
    first_seen_at: int | Unset = UNSET
    """When the visitor was first seen, Unix ms."""
    last_seen_at: int | Unset = UNSET
    """When the visitor was last seen before, Unix ms."""

    _fields_: ClassVar[Fields] = {
        "visitor_found": ("visitor_found", "bool", True),
        "visitor_id": ("visitor_id", "str", True),
        "confidence": (
            "confidence",
            ("model", "IdentificationConfidence", "identification_confidence"),
            False,
        ),
        "first_seen_at": ("first_seen_at", "int", False),
        "last_seen_at": ("last_seen_at", "int", False),
    }
