from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["IncrementalIdentificationStatus"]


class IncrementalIdentificationStatus(OpenStrEnum):
    """Incremental Identification Status."""

    COMPLETED = "completed"
    PARTIALLY_COMPLETED = "partially_completed"
