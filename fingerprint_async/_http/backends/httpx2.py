"""The backend over httpx2, the continuation of httpx: the same shape, other modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fingerprint_async._http.backends._family import Library, open_family
from fingerprint_async.errors import ConfigurationError

if TYPE_CHECKING:
    from fingerprint_async._http.message import Backend
    from fingerprint_async.config import ClientOptions

__all__ = ["open_httpx2"]


def open_httpx2(options: ClientOptions) -> Backend:
    """Send over httpx2: connections of our own, or the caller's client or transport."""
    try:
        import httpcore2
        import httpx2
    except ImportError:
        raise ConfigurationError(
            'transport="httpx2" needs httpx2: pip install "fingerprint-async[httpx2]"'
        ) from None
    return open_family(Library(http=httpx2, core=httpcore2), options)
