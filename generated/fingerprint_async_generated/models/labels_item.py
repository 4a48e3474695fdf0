from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["LabelsItem"]


@model(kw_only=True)
class LabelsItem(Model):
    """One prediction of a trained model."""

    label: str
    """The use case."""
    ml_score: float | Unset = UNSET
    """How likely it is, 0 to 1."""
    prediction: bool | Unset = UNSET
    """The prediction."""

    _fields_: ClassVar[Fields] = {
        "label": ("label", "str", True),
        "ml_score": ("ml_score", "float", False),
        "prediction": ("prediction", "bool", False),
    }
