from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["SDKPlatform"]


class SDKPlatform(OpenStrEnum):
    """SDK Platform."""

    ANDROID = "android"
    IOS = "ios"
    JS = "js"
    UNKNOWN = "unknown"
