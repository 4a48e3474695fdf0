from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["IdentificationConfidence"]


@model(kw_only=True)
class IdentificationConfidence(Model):
    """How sure an identification is."""

    score: float
    """0 to 1. Always 0 for high recall, which has none."""
    comment: str | Unset = UNSET
    """Words that come with the score."""
    version: str | Unset = UNSET
    """The method that gave the score."""

    _fields_: ClassVar[Fields] = {
        "score": ("score", "float", True),
        "comment": ("comment", "str", False),
        "version": ("version", "str", False),
    }
