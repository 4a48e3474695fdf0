from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["TamperingDetails"]


@model(kw_only=True)
class TamperingDetails(Model):
    """Tampering Details."""

    anomaly_score: float | Unset = UNSET
    """Anomaly score."""
    anti_detect_browser: bool | Unset = UNSET
    """Anti detect browser."""

    _fields_: ClassVar[Fields] = {
        "anomaly_score": ("anomaly_score", "float", False),
        "anti_detect_browser": ("anti_detect_browser", "bool", False),
    }
