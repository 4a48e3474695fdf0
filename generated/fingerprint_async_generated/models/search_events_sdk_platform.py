from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["SearchEventsSdkPlatform"]


class SearchEventsSdkPlatform(OpenStrEnum):
    """Which platform to search for."""

    ANDROID = "android"
    IOS = "ios"
    JS = "js"
