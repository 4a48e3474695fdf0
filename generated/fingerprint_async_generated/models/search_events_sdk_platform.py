from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["SearchEventsSdkPlatform"]


class SearchEventsSdkPlatform(OpenStrEnum):
    """Search Events Sdk Platform."""

    ANDROID = "android"
    IOS = "ios"
    JS = "js"
