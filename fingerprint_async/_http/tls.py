# Annotations bind no caller at run time.
# pyright: reportUnnecessaryIsInstance=false
"""TLS settings: one context a process, as making one takes as long as dozens of requests."""

from __future__ import annotations

import os
import ssl
from functools import cache
from typing import TYPE_CHECKING, Final

from fingerprint_async._settings import kind_of
from fingerprint_async.errors import ConfigurationError

if TYPE_CHECKING:
    from fingerprint_async._address import Proxy
    from fingerprint_async.config import ClientOptions

__all__ = ["certificates_of", "check_tls", "context_of"]

_VARIABLES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def check_tls(options: ClientOptions) -> None:
    """Raise unless `verify` and `ssl_context` can be what they say.

    Raises:
        ConfigurationError: One is of a wrong type, turns checks off, or has nothing to act on.
    """
    verify, context = options.verify, options.ssl_context
    if verify is not True and not isinstance(verify, str | os.PathLike):
        raise ConfigurationError(
            f"verify must be True or the path of a file of certificates, not {kind_of(verify)}; "
            "checks of certificates cannot be turned off"
        )
    if context is not None and not isinstance(context, ssl.SSLContext):
        raise ConfigurationError(f"ssl_context must be an ssl.SSLContext, not {kind_of(context)}")
    if context is not None and not (
        context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname
    ):
        raise ConfigurationError(
            "ssl_context does not check the service's certificate: verify_mode must be "
            "ssl.CERT_REQUIRED, and check_hostname True"
        )
    if context is not None and verify is not True:
        raise ConfigurationError("give verify or ssl_context, not both")
    if context is not None and options.transport == "fast":
        raise ConfigurationError('transport="fast" takes no ssl_context: give verify a file')


def context_of(options: ClientOptions, proxy: Proxy | None) -> ssl.SSLContext:
    """Return what a client's connections are checked with."""
    if options.base_url.scheme == "http" and proxy is None:
        return _trusting_nobody()
    if options.ssl_context is not None:
        return options.ssl_context
    if options.verify is not True:
        return _context(os.fspath(options.verify), None)
    return _context(*(os.environ.get(name) or None for name in _VARIABLES))


def certificates_of(options: ClientOptions) -> bytes | None:
    """Return the certificates that `verify` names, for a library that has its own TLS."""
    if options.verify is True:
        return None
    try:
        with open(options.verify, "rb") as file:  # noqa: PTH123 - a path of any kind
            return file.read()
    except OSError as error:
        raise ConfigurationError(f"verify: the file cannot be read: {error.strerror}") from None


@cache
def _trusting_nobody() -> ssl.SSLContext:
    """Return settings for plain http: no TLS is spoken, so that no certificates need to be read."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@cache
def _context(file: str | None, folder: str | None) -> ssl.SSLContext:
    try:
        if file is None and folder is None:
            import certifi

            return ssl.create_default_context(cafile=certifi.where())
        context = ssl.create_default_context(cafile=file, capath=folder)
    except (OSError, ValueError, TypeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise ConfigurationError(
            f"the file of trusted certificates (verify, or {' or '.join(_VARIABLES)}) "
            f"cannot be read: {reason}"
        ) from None
    return context
