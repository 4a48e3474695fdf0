"""`Retry-After`, in every form that servers send it."""

from __future__ import annotations

import math
import time
from datetime import UTC
from email.utils import parsedate_to_datetime

__all__ = ["retry_after_seconds"]


def retry_after_seconds(value: str | None, *, now: float | None = None) -> float | None:
    """Seconds to wait: from a number of seconds, a fraction of them, or an HTTP date. None when there is none, or it is nonsense.

    Args:
        value: The header.
        now: Unix time in seconds; the machine's clock when left out.
    """
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except (ValueError, TypeError, OverflowError):
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, moment.timestamp() - (time.time() if now is None else now))
    return seconds if 0 <= seconds < math.inf else None
