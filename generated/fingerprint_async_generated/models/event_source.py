from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["EventSource"]


class EventSource(OpenStrEnum):
    """What made an event: a device, or your edge."""

    DEVICE = "device"
    EDGE = "edge"
