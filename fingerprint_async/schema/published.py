"""Reading the document to take in, from a path or an address."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

import attrs

from fingerprint_async.schema._yaml import parse

__all__ = ["ADDRESS", "Published", "PublishedError", "load"]

ADDRESS: Final = (
    "https://fingerprintjs.github.io/openapi/schemas/fingerprint-server-api-v4-with-examples.yaml"
)
"""Where the vendor serves the document that this client is generated from."""


class PublishedError(Exception):
    """There is no such document, or it is no OpenAPI document."""


@attrs.frozen(kw_only=True)
class Published:
    """A document as it was published.

    Attributes:
        source: The path or address it was read from.
        sha256: The SHA-256 of its bytes.
        document: What it says.
    """

    source: str
    sha256: str
    document: dict[str, Any] = attrs.field(repr=False)

    @property
    def address(self) -> str | None:
        """The address it was read from; None for a file."""
        return self.source if _is_address(self.source) else None


def load(source: str) -> Published:
    """Read a document, YAML or JSON, from a path or an address.

    Raises:
        PublishedError: It cannot be read, or holds no paths and schemas.
    """
    content = _fetch(source) if _is_address(source) else _read(source)
    try:
        document = parse(content)
    except Exception as error:
        first = " ".join(str(error).split())[:200]
        raise PublishedError(f"{source}: neither YAML nor JSON: {first}") from error
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        raise PublishedError(f"{source}: no OpenAPI document, it has no paths")
    return Published(source=source, sha256=hashlib.sha256(content).hexdigest(), document=document)


def _is_address(source: str) -> bool:
    return source.startswith(("http://", "https://"))


def _read(source: str) -> bytes:
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise PublishedError(f"{source}: {error.strerror or error}") from None


def _fetch(source: str) -> bytes:
    # The rooms below may stand on a generated package that is being made anew, so they are asked for last.
    from fingerprint_async.errors import FingerprintError
    from fingerprint_async.schema._fetch import Fetcher

    try:
        return Fetcher().fetch(source)
    except FingerprintError as error:
        raise PublishedError(str(error)) from error
