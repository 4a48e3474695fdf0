"""Sealed results: events that the service encrypts for your server and sends by way of the browser.

Pure functions; needs the extra `sealed` (the library `cryptography`).

```python
event = unseal(request_json["sealed_result"], [os.environ["FINGERPRINT_SEALED_KEY"]])
```

A sealed result proves who wrote it, not when nor for whom: check the event's `timestamp`, and that its
`event_id` was not used before.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import TYPE_CHECKING, Final

import attrs

from fingerprint_async.errors import (
    ArgumentError,
    ConfigurationError,
    DecodeError,
    FingerprintError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fingerprint_async.models import Event

__all__ = ["ALGORITHM", "MAX_SIZE", "DecryptionKey", "UnsealError", "unseal"]

ALGORITHM: Final = "aes-256-gcm"
"""The one algorithm that the service has."""
MAX_SIZE: Final = 4 * 1024 * 1024
"""How large an event may be when inflated, in bytes, unless told otherwise. Real ones have some thousands."""

_HEADER: Final = bytes.fromhex("9E85DCED")
_NONCE: Final = 12
_TAG: Final = 16
_KEY: Final = 32


class UnsealError(FingerprintError, ValueError):
    """The data cannot be unsealed.

    Attributes:
        failures: Why each key failed, in the order in which keys were given; empty when it never came to
            keys. It holds no key.
    """

    def __init__(self, message: str, failures: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.failures = failures

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.args[0], self.failures)


@attrs.frozen
class DecryptionKey:
    """A key with its algorithm.

    Attributes:
        key: The key in standard base64, as the service's dashboard shows it; or its 32 bytes.
        algorithm: Its algorithm, `aes-256-gcm`.
    """

    key: str | bytes = attrs.field(repr=False)
    algorithm: str = attrs.field(default=ALGORITHM, kw_only=True)


class _WrongKeyError(Exception):
    """Why one key does not open the data."""


def unseal(
    sealed: str | bytes,
    keys: Iterable[DecryptionKey | str | bytes],
    *,
    strict: bool = False,
    max_size: int = MAX_SIZE,
) -> Event:
    """Decrypt a sealed result. The first key that opens it wins, so give the new and the old one while you change keys.

    Args:
        sealed: The sealed result in standard base64, as the browser's agent gives it; or its bytes.
        keys: Decryption keys, in base64 or as 32 bytes.
        strict: Refuse an event that differs from the schema, instead of keeping what it holds.
        max_size: The largest event, inflated, in bytes.

    Raises:
        UnsealError: It is no sealed result; or no key opens it (see `failures`); or what it holds is not an
            event of this API version.
        DecodeError: What was sealed is not JSON; or `strict`, and the event differs from the schema.
        ConfigurationError: There is no key, or `cryptography` is not installed.
    """
    from fingerprint_async.models import Event

    if isinstance(keys, str | bytes | DecryptionKey):
        raise ArgumentError("keys: expected several keys, got one; put it into a list")
    blob = _blob(sealed)
    failures = []
    for number, key in enumerate(keys, 1):
        try:
            plain = _open(
                blob, key if isinstance(key, DecryptionKey) else DecryptionKey(key), max_size
            )
        except _WrongKeyError as failure:
            failures.append(f"key {number}: {failure}")
            continue
        event = Event.from_json(plain)
        _check_version(event.to_dict())
        return Event.from_json(plain, strict=True) if strict else event
    if not failures:
        raise ConfigurationError("keys: at least one is needed")
    raise UnsealError(f"no key opens the sealed result: {'; '.join(failures)}", tuple(failures))


def _blob(sealed: object) -> bytes:
    if isinstance(sealed, str):
        try:
            blob = base64.b64decode(sealed.strip(), validate=True)
        except (binascii.Error, ValueError):
            raise UnsealError("the sealed result is not standard base64") from None
    elif isinstance(sealed, bytes | bytearray | memoryview):
        blob = bytes(sealed)
    else:
        raise ArgumentError(f"sealed: expected base64 text or bytes, got {type(sealed).__name__}")
    if blob[: len(_HEADER)] != _HEADER:
        raise UnsealError("the data is no sealed result: it does not begin with 9E 85 DC ED")
    if len(blob) < len(_HEADER) + _NONCE + _TAG:
        raise UnsealError(f"the sealed result is cut off: it has {len(blob)} bytes")
    return blob


def _open(blob: bytes, key: DecryptionKey, max_size: int) -> bytes:
    if key.algorithm != ALGORITHM:
        raise _WrongKeyError(f"unknown algorithm {key.algorithm!r}, expected {ALGORITHM!r}")
    secret = _key_bytes(key.key)
    try:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ModuleNotFoundError:
        raise ConfigurationError(
            "sealed results need cryptography: pip install 'fingerprint-async[sealed]'"
        ) from None
    start = len(_HEADER) + _NONCE
    try:
        packed = AESGCM(secret).decrypt(blob[len(_HEADER) : start], blob[start:], None)
    except InvalidTag:
        raise _WrongKeyError("it is not the key, or the data was changed") from None
    return _inflate(packed, max_size)


def _key_bytes(key: str | bytes) -> bytes:
    if isinstance(key, str):
        try:
            # Trailing bits beyond the last byte may be anything: such keys exist.
            key = base64.b64decode(key.strip(), validate=True)
        except (binascii.Error, ValueError):
            raise _WrongKeyError("the key is not standard base64") from None
    if len(key) != _KEY:
        raise _WrongKeyError(f"the key has {len(key)} bytes, expected {_KEY}")
    return key


def _inflate(packed: bytes, max_size: int) -> bytes:
    inflator = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        plain = inflator.decompress(packed, max_size + 1)
    except zlib.error:
        raise _WrongKeyError("it decrypts, but not to raw DEFLATE data") from None
    if len(plain) > max_size:
        raise _WrongKeyError(f"it decrypts, but inflates to more than {max_size} bytes")
    if not inflator.eof:
        raise _WrongKeyError("it decrypts, but the DEFLATE data is cut off")
    return plain


def _check_version(content: dict[str, object]) -> None:
    if isinstance(content.get("event_id"), str):
        return
    if "products" in content:
        raise UnsealError(
            "the sealed result was made by a v3 agent (it holds products); this library reads v4 events: update the agent"
        )
    raise DecodeError("the sealed result holds no event: it has no event_id")
