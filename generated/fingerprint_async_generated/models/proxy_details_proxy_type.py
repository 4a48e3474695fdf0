from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["ProxyDetailsProxyType"]


class ProxyDetailsProxyType(OpenStrEnum):
    """Which kind of network a proxy uses."""

    DATA_CENTER = "data_center"
    RESIDENTIAL = "residential"
    UNKNOWN = "unknown"
