from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["SearchEventsRareDevicePercentileBucket"]


class SearchEventsRareDevicePercentileBucket(OpenStrEnum):
    """How rare a device to search for."""

    BELOW_P95 = "<p95"
    NOT_SEEN = "not_seen"
    P95_P99 = "p95-p99"
    P99_P99_5 = "p99-p99.5"
    P99_5_P99_9 = "p99.5-p99.9"
    ABOVE_P99_9 = "p99.9+"
