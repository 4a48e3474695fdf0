from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["SearchEventsIncrementalIdentificationStatus"]


class SearchEventsIncrementalIdentificationStatus(OpenStrEnum):
    """Which stage of incremental identification to search for."""

    COMPLETED = "completed"
    PARTIALLY_COMPLETED = "partially_completed"
