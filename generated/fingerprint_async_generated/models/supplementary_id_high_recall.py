from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

if TYPE_CHECKING:
    from .identification_confidence import IdentificationConfidence

__all__ = ["SupplementaryIDHighRecall"]


@model(kw_only=True)
class SupplementaryIDHighRecall(Model):
    """Supplementary ID High Recall."""

    visitor_found: bool
    """Visitor found."""
    visitor_id: str
    """Visitor id."""
    confidence: IdentificationConfidence | Unset = UNSET
    """Confidence."""
    first_seen_at: int | Unset = UNSET
    """First seen at."""
    last_seen_at: int | Unset = UNSET
    """Last seen at."""

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
