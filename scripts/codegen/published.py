"""Reading the document to take in, from a path or an address."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import attrs

from codegen.errors import PublishedError
from fingerprint_async.drift.contract.document import check_version
from fingerprint_async.drift.contract.errors import DocumentError
from fingerprint_async.drift.contract.load import decode

__all__ = ["Published", "load"]


@attrs.frozen(kw_only=True)
class Published:
    """A document as it was published.

    Attributes:
        source: The path or address it was read from.
        content: Its bytes.
        document: What it says.
    """

    source: str
    content: bytes = attrs.field(repr=False)
    document: dict[str, Any] = attrs.field(repr=False)

    @property
    def sha256(self) -> str:
        """The SHA-256 of its bytes."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def address(self) -> str | None:
        """The address it was read from; None for a file."""
        return self.source if _is_address(self.source) else None


def load(source: str) -> Published:
    """Read a document, YAML or JSON, from a path or an address.

    Raises:
        PublishedError: It cannot be read, or is no OpenAPI 3.0 or 3.1 document with paths.
    """
    content = _fetch(source) if _is_address(source) else _read(source)
    try:
        document = decode(content, source=source)
        check_version(document, source=source)
    except DocumentError as error:
        raise PublishedError(str(error)) from error
    if not isinstance(document.get("paths"), dict):
        raise PublishedError(f"{source}: no OpenAPI document, it has no paths")
    return Published(source=source, content=content, document=document)


def _is_address(source: str) -> bool:
    return source.startswith(("http://", "https://"))


def _read(source: str) -> bytes:
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise PublishedError(f"{source}: {error.strerror or error}") from None


def _fetch(source: str) -> bytes:
    # Imported late: it stands on a generated package that may be being made anew.
    from fingerprint_async.drift.fetch import Fetcher
    from fingerprint_async.errors import FingerprintError

    try:
        return Fetcher().fetch(source)
    except (FingerprintError, DocumentError) as error:
        raise PublishedError(str(error)) from error
