from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["IncrementalIdentificationStatus"]


class IncrementalIdentificationStatus(OpenStrEnum):
    """How far an incremental identification got."""

    COMPLETED = "completed"
    PARTIALLY_COMPLETED = "partially_completed"
