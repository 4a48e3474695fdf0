from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["LabelsItem"]


@model(kw_only=True)
class LabelsItem(Model):
    """Labels Item."""

    label: str
    """Label."""
    ml_score: float | Unset = UNSET
    """Ml score."""
    prediction: bool | Unset = UNSET
    """Prediction."""

    _fields_: ClassVar[Fields] = {
        "label": ("label", "str", True),
        "ml_score": ("ml_score", "float", False),
        "prediction": ("prediction", "bool", False),
    }
