# Annotations bind no caller at run time.
# pyright: reportUnnecessaryIsInstance=false
"""Cursors: where a search goes on, as one opaque text that a browser can hold.

A cursor holds the filters and the key of the next page. Whoever can change it can search with other
filters, so sign a cursor that leaves your server: give a secret. Signing does not hide its content.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import TYPE_CHECKING, Any, Final, cast

import attrs
import msgspec

from fingerprint_async._secret import Secret
from fingerprint_async._secret_forms import unpack
from fingerprint_async._settings import kind_of
from fingerprint_async.errors import ArgumentError, ConfigurationError, CursorError, PaginationError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "MAX_CURSOR_CHARACTERS",
    "MIN_SECRET_BYTES",
    "CursorWriter",
    "read_cursor",
    "signing_key",
]

MAX_CURSOR_CHARACTERS: Final = 262_144
"""The longest cursor: whatever fits into the address of a search fits into one."""
MIN_SECRET_BYTES: Final = 16
"""How long a secret is at least: shorter ones can be guessed."""

_VERSION: Final = "1"
_PURPOSE: Final = b"fingerprint-async cursor"


class _Cursor(msgspec.Struct, forbid_unknown_fields=True):
    key: str
    filters: dict[str, Any]


_decode: Final = msgspec.json.Decoder(_Cursor).decode


def signing_key(secret: Secret) -> Secret | None:
    """Return the key that cursors are signed with; None if there is no secret.

    Args:
        secret: The secret, wrapped; None in it leaves cursors unsigned.

    Raises:
        ConfigurationError: The secret is too short, or of another type.
    """
    if secret.hidden is None:
        return None
    given = unpack(secret, name="cursor_secret")
    if len(cast("bytes", given.hidden)) < MIN_SECRET_BYTES:
        raise ConfigurationError(f"cursor_secret: it has fewer than {MIN_SECRET_BYTES} bytes")
    # A secret that signs something else as well signs nothing here that would fit there.
    return Secret(hmac.digest(cast("bytes", given.hidden), _PURPOSE, "sha256"))


@attrs.frozen(kw_only=True, eq=False)
class CursorWriter:
    """Writes the cursors of the pages of a search.

    Attributes:
        filters: The filters that a page was asked for with, as they were sent.
        key: What cursors are signed with; None leaves them unsigned.
    """

    # Filters may be about people.
    filters: Mapping[str, Any] = attrs.field(repr=False)
    key: Secret | None

    def cursor_to(self, key: object) -> str | None:
        """Return the cursor of the page that a pagination key leads to; None without a key.

        Raises:
            ArgumentError: The window of the search does not stand still.
            PaginationError: The pagination key is not one.
        """
        if not key:
            return None
        if not isinstance(key, str):
            raise PaginationError(f"the page's pagination key is of type {kind_of(key)}")
        if "start" not in self.filters or "end" not in self.filters:
            raise ArgumentError(
                "a cursor needs a window that stands still: give start and end to the search"
            )
        kept = {name: value for name, value in self.filters.items() if name != "pagination_key"}
        content = base64.urlsafe_b64encode(msgspec.json.encode(_Cursor(key, kept))).decode()
        unsigned = f"{_VERSION}.{content.rstrip('=')}"
        cursor = unsigned if self.key is None else f"{unsigned}.{_sign(unsigned, self.key)}"
        if len(cursor) > MAX_CURSOR_CHARACTERS:
            raise PaginationError(f"the page's pagination key has {len(key)} characters")
        return cursor


def read_cursor(cursor: str, key: Secret | None) -> dict[str, Any]:
    """Return the filters of a cursor, the pagination key among them.

    Args:
        cursor: The cursor.
        key: What it was signed with; None for one that was not signed.

    Raises:
        CursorError: It was not made here, was changed, or is signed with another secret.
    """
    if not isinstance(cursor, str):
        raise CursorError(f"cursor: expected text, got {kind_of(cursor)}")
    if len(cursor) > MAX_CURSOR_CHARACTERS or not cursor.isascii():
        raise CursorError("cursor: it was not made here")
    parts = cursor.split(".")
    if key is not None:
        unsigned, _, signature = cursor.rpartition(".")
        right = hmac.compare_digest(_sign(unsigned, key), signature)
        if len(parts) != 3 or not right:  # noqa: PLR2004 - version, content and signature
            raise CursorError("cursor: it was changed, or is not signed with this secret")
    elif len(parts) == 3:  # noqa: PLR2004 - version, content and signature
        raise CursorError("cursor: it is signed; give the cursor_secret")
    if len(parts) < 2 or parts[0] != _VERSION:  # noqa: PLR2004 - version and content
        raise CursorError("cursor: it was not made here")
    read = _parse(parts[1])
    if read is None or not {"start", "end"} <= read.filters.keys():
        raise CursorError("cursor: it was not made here")
    return {**read.filters, "pagination_key": read.key}


def _parse(content: str) -> _Cursor | None:
    try:
        padded = content + "=" * (-len(content) % 4)
        return _decode(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None


def _sign(unsigned: str, key: Secret) -> str:
    return hmac.new(cast("bytes", key.hidden), unsigned.encode(), hashlib.sha256).hexdigest()
