from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["TamperingDetails"]


@model(kw_only=True)
class TamperingDetails(Model):
    """What a tampering verdict rests on."""

    anomaly_score: float | Unset = UNSET
    """How unusual the browser is, 0 to 1."""
    anti_detect_browser: bool | Unset = UNSET
    """Whether an anti-detect browser was found."""

    _fields_: ClassVar[Fields] = {
        "anomaly_score": ("anomaly_score", "float", False),
        "anti_detect_browser": ("anti_detect_browser", "bool", False),
    }
