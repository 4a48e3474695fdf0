from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["SDKPlatform"]


class SDKPlatform(OpenStrEnum):
    """Where an agent runs."""

    ANDROID = "android"
    IOS = "ios"
    JS = "js"
    UNKNOWN = "unknown"
