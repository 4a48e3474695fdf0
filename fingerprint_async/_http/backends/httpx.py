"""The default backend: httpx."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpcore
import httpx

from fingerprint_async._http.backends._family import Library, open_family

if TYPE_CHECKING:
    from fingerprint_async._http.message import Backend
    from fingerprint_async.config import ClientOptions

__all__ = ["open_httpx"]


def open_httpx(options: ClientOptions) -> Backend:
    """Send over httpx: connections of our own, or the caller's client or transport."""
    return open_family(Library(http=httpx, core=httpcore), options)
