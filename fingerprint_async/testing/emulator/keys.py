"""Pagination keys: opaque, signed, bound to the other parameters, equal for equal requests."""

from __future__ import annotations

import hashlib
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FIRST", "Cursor", "InvalidKey", "KeyRing", "digest_of"]

_KEY = struct.Struct(">qqI8s")
_VERSION = b"\x05"
_SIGNATURE_BYTES = 8
_NOT_BOUND = ("pagination_key", "ii")


class InvalidKey(ValueError):  # noqa: N818 - it says what is wrong with a key
    """A pagination key that is forged, expired, or of a search with other parameters."""


@frozen(kw_only=True)
class Cursor:
    """A place between two events: the last one that a page held.

    Attributes:
        timestamp: Of that event, Unix ms; -1 before the first page.
        rank: Orders the events of one millisecond; -1 before the first page.
        step: Tells apart keys of one place, where a hostile service gives several.
    """

    timestamp: int = -1
    rank: int = -1
    step: int = 0

    @property
    def at_start(self) -> bool:
        """Whether no event lies before it."""
        return self.timestamp < 0


FIRST = Cursor()


def digest_of(given: Mapping[str, list[str]], scope: str | None) -> bytes:
    """Return what a pagination key is bound to.

    Args:
        given: All parameters of the search; a key is not bound to itself and to `ii`.
        scope: The environment that the secret key is confined to.
    """
    bound = sorted((name, sorted(values)) for name, values in given.items())
    bound = [pair for pair in bound if pair[0] not in _NOT_BOUND]
    return hashlib.blake2b(repr((scope, bound)).encode(), digest_size=8).digest()


class KeyRing:
    """Writes and reads pagination keys.

    Args:
        secret: Keys of one secret are good in every emulator that has the same.
        lifetime: Seconds until a key is refused; `None` for never.
    """

    def __init__(self, secret: str, lifetime: float | None = None) -> None:
        self._secret = hashlib.blake2b(secret.encode(), digest_size=32).digest()
        self.lifetime = lifetime
        self._written: dict[str, int] = {}

    def write(self, cursor: Cursor, digest: bytes, *, now: int) -> str:
        """Return the key of the page after `cursor`; the same one for the same search."""
        body = _VERSION + _KEY.pack(cursor.timestamp, cursor.rank, cursor.step, digest)
        key = urlsafe_b64encode(body + self._sign(body)).rstrip(b"=").decode()
        if self.lifetime is not None:
            self._written[key] = now
        return key

    def read(self, key: str, digest: bytes, *, now: int) -> Cursor:
        """Return the cursor that a key stands for.

        Raises:
            InvalidKey: It is forged, expired, or of a search with other parameters.
        """
        try:
            raw = urlsafe_b64decode(key.encode() + b"=" * (-len(key) % 4))
        except ValueError:
            raise InvalidKey(key) from None
        body, signature = raw[:-_SIGNATURE_BYTES], raw[-_SIGNATURE_BYTES:]
        if len(body) != _KEY.size + 1 or self._sign(body) != signature:
            raise InvalidKey(key)
        if urlsafe_b64encode(raw).rstrip(b"=") != key.encode().rstrip(b"="):
            raise InvalidKey(key)
        timestamp, rank, step, bound = _KEY.unpack(body[1:])
        if bound != digest or self._expired(key, now):
            raise InvalidKey(key)
        return Cursor(timestamp=timestamp, rank=rank, step=step)

    def _expired(self, key: str, now: int) -> bool:
        if self.lifetime is None:
            return False
        written = self._written.setdefault(key, now)  # another emulator's key counts from now on
        return now - written > self.lifetime * 1_000

    def _sign(self, body: bytes) -> bytes:
        return hashlib.blake2b(body, key=self._secret, digest_size=_SIGNATURE_BYTES).digest()
