"""What sends: one module for each HTTP library, and only there it is imported."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from fingerprint_async._http.message import Backend
    from fingerprint_async.config import ClientOptions

__all__ = ["open_backend", "open_real_backend", "replaced_backends"]

_replacements: list[Callable[[ClientOptions], Backend]] = []


@contextmanager
def replaced_backends(make: Callable[[ClientOptions], Backend]) -> Generator[None]:
    """Send over what a function makes, in every client that opens within the block.

    For tests: clients that the code under test makes are reached without changing them.
    """
    _replacements.append(make)
    try:
        yield
    finally:
        _replacements.remove(make)


def open_backend(options: ClientOptions) -> Backend:
    """Make what sends, as the options ask, or what takes its place.

    Raises:
        ConfigurationError: A setting of it, or of the environment, cannot be right.
    """
    return _replacements[-1](options) if _replacements else open_real_backend(options)


def open_real_backend(options: ClientOptions) -> Backend:
    """Make what sends over a network, as the options ask.

    Raises:
        ConfigurationError: A setting of it, or of the environment, cannot be right.
    """
    own = options.http_client or options.transport
    if own == "fast":
        from fingerprint_async._http.backends.pyreqwest import open_pyreqwest

        return open_pyreqwest(options)
    if own == "httpx2" or _is_of_httpx2(own):
        from fingerprint_async._http.backends.httpx2 import open_httpx2

        return open_httpx2(options)
    from fingerprint_async._http.backends.httpx import open_httpx

    return open_httpx(options)


def _is_of_httpx2(own: object) -> bool:
    library = sys.modules.get("httpx2")
    if library is None:
        return False
    return isinstance(own, library.AsyncClient | library.AsyncBaseTransport)
