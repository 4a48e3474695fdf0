from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["SearchEventsIncrementalIdentificationStatus"]


class SearchEventsIncrementalIdentificationStatus(OpenStrEnum):
    """Search Events Incremental Identification Status."""

    COMPLETED = "completed"
    PARTIALLY_COMPLETED = "partially_completed"
