"""What can go wrong before two documents can be compared."""

from __future__ import annotations

from fingerprint_async.errors import ArgumentError, FingerprintError

__all__ = ["ConfigError", "DocumentError", "UnreachableError"]


class DocumentError(ArgumentError):
    """A document that can't be read as OpenAPI: broken, too large, or not a document at all.

    Attributes:
        source: The path or address that was read.
        pointer: Where in the document, as a JSON pointer; empty for the document as a whole.
    """

    def __init__(self, message: str, *, source: str = "", pointer: str = "") -> None:
        self.source = source
        self.pointer = pointer
        place = f" at {_short(pointer)}" if pointer else ""
        super().__init__(f"{source or 'document'}{place}: {message}")


class ConfigError(ArgumentError):
    """A drift configuration that can't be used: not TOML, an unknown rule, an ignore without a reason."""


class UnreachableError(FingerprintError):
    """A document could not be fetched: says nothing about drift."""


def _short(pointer: str, limit: int = 200) -> str:
    return pointer if len(pointer) <= limit else f"{pointer[: limit - 1]}…"
