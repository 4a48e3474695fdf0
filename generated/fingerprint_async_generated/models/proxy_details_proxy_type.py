from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["ProxyDetailsProxyType"]


class ProxyDetailsProxyType(OpenStrEnum):
    """Proxy Details Proxy Type."""

    DATA_CENTER = "data_center"
    RESIDENTIAL = "residential"
    UNKNOWN = "unknown"
