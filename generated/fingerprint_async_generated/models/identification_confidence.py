from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["IdentificationConfidence"]


@model(kw_only=True)
class IdentificationConfidence(Model):
    """Identification Confidence."""

    score: float
    """Score."""
    comment: str | Unset = UNSET
    """Comment."""
    version: str | Unset = UNSET
    """Version."""

    _fields_: ClassVar[Fields] = {
        "score": ("score", "float", True),
        "comment": ("comment", "str", False),
        "version": ("version", "str", False),
    }
