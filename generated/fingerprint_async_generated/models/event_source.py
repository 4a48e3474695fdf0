from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["EventSource"]


class EventSource(OpenStrEnum):
    """Event Source."""

    DEVICE = "device"
    EDGE = "edge"
