# Annotations bind no caller at run time.
# pyright: reportUnnecessaryIsInstance=false
"""Sealed results: events that the service encrypts for your server and sends through the browser.

Pure functions; they need the extra `sealed` (the library `cryptography`).

```python
event = unseal(request_json["sealed_result"], [os.environ["FINGERPRINT_SEALED_KEY"]])
```

A sealed result proves who wrote it, not when or for whom: check it with
`fingerprint_async.checks.check_event`, and record its `event_id` in a `replays.SeenStore`.

```
FingerprintError
└── UnsealError (ValueError)
    ├── SealedFormatError                 no sealed result: not base64, another header, cut off
    ├── SealedKeyError                    no key opens it; `failures` says why, key by key
    ├── SealedSizeError                   it inflates to more than `max_size`
    ├── SealedVersionError                it was made by an agent of API v3
    └── SealedContentError (DecodeError)  a key opened it, and it holds no event
```

No error, and no frame of a traceback that leaves here, holds a key or the event.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import attrs

from fingerprint_async._secret import Secret
from fingerprint_async._secret_forms import SecretForm, is_one, unpack, wrap_each
from fingerprint_async._settings import kind_of, shown
from fingerprint_async.errors import (
    ArgumentError,
    ConfigurationError,
    DecodeError,
    FingerprintError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fingerprint_async._runtime.findings import Finding
    from fingerprint_async.models import Event

    Keys: TypeAlias = Iterable["DecryptionKey | SecretForm"]

__all__ = [
    "ALGORITHM",
    "MAX_SIZE",
    "DecryptionKey",
    "SealedContentError",
    "SealedFormatError",
    "SealedKeyError",
    "SealedSizeError",
    "SealedVersionError",
    "UnsealError",
    "unseal",
]

ALGORITHM: Final = "aes-256-gcm"
"""The one algorithm that the service has."""
MAX_SIZE: Final = 4 * 1024 * 1024
"""How large an inflated event may be, in bytes, by default. Real ones have some thousands."""

_HEADER: Final = bytes.fromhex("9E85DCED")
# Base64 of the header's first 3 bytes; the characters after them depend on the nonce.
_HEADER_BASE64: Final = base64.b64encode(_HEADER)[:4]
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_KEY_BYTES: Final = 32
_LARGEST_MAX_SIZE: Final = 2**30


class UnsealError(FingerprintError, ValueError):
    """The data cannot be unsealed.

    Attributes:
        failures: Why each key failed, in the order in which keys were given; empty when no key was
            tried. It holds no key.
    """

    def __init__(self, message: str, failures: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.failures = failures

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.args[0], self.failures)


class SealedFormatError(UnsealError):
    """The data is no sealed result: not base64, another header, or cut off."""


class SealedKeyError(UnsealError):
    """No key opens the sealed result: each is wrong, or the data was changed."""


class SealedSizeError(UnsealError):
    """The event inflates to more than `max_size`."""


class SealedVersionError(UnsealError):
    """An agent of API v3 made the sealed result: update the agent."""


class SealedContentError(UnsealError, DecodeError):
    """A key opened the sealed result, and what it holds is no event.

    Attributes:
        findings: With `strict`, every difference from the schema; else empty.
    """

    def __init__(self, message: str, findings: tuple[Finding, ...] = ()) -> None:
        UnsealError.__init__(self, message)
        self.findings = findings

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.args[0], self.findings)


@attrs.frozen
class DecryptionKey:
    """A key with its algorithm.

    Attributes:
        key: The key in standard base64, as the service's dashboard shows it; its 32 bytes; or an
            object with `get_secret_value()` that returns either.
        algorithm: Its algorithm, `aes-256-gcm`.
    """

    key: SecretForm = attrs.field(repr=False)
    algorithm: str = attrs.field(default=ALGORITHM, kw_only=True)


@attrs.frozen
class _Key:
    content: Secret
    algorithm: str


class _WrongKeyError(Exception):
    """Why one key does not open the data."""


def unseal(
    sealed: str | bytes, keys: Keys, *, strict: bool = False, max_size: int = MAX_SIZE
) -> Event:
    """Decrypt a sealed result. The first key that opens it wins.

    While you change keys, give the new one and the old one.

    Args:
        sealed: The sealed result in standard base64, as the browser's agent gives it, or its bytes.
        keys: Decryption keys: base64, 32 bytes, objects with `get_secret_value()`, or
            `DecryptionKey`.
        strict: Refuse an event that differs from the schema.
        max_size: How large the inflated event may be, in bytes.

    Raises:
        SealedFormatError: It is no sealed result.
        SealedKeyError: No key opens it; see `failures`.
        SealedSizeError: It inflates to more than `max_size`.
        SealedVersionError: It was made by an agent of API v3.
        SealedContentError: What was sealed is no event; or `strict`, and the event differs from the
            schema.
        ArgumentError: An argument is of another type.
        ConfigurationError: There is no key, or `cryptography` is not installed.
    """
    wrapped, data = Secret(keys), Secret(sealed)
    del keys, sealed
    members = _members(wrapped)
    limit = _check_max_size(max_size)
    blob = _as_blob(data)
    failures: list[str] = []
    for number, key in enumerate(members, 1):
        try:
            content = _inflate(_open(blob, key), limit)
        except _WrongKeyError as failure:
            failures.append(f"key {number}: {failure}")
            continue
        return _read(content, strict=strict)
    raise SealedKeyError(f"no key opens the sealed result: {'; '.join(failures)}", tuple(failures))


def _members(keys: Secret) -> list[_Key]:
    if is_one(keys) or isinstance(keys.hidden, DecryptionKey):
        raise ArgumentError("keys: expected several keys, got one; put it into a list")
    return [_read_key(key) for key in wrap_each(keys, name="keys")]


def _read_key(key: Secret) -> _Key:
    if not isinstance(key.hidden, DecryptionKey):
        return _Key(unpack(key, name="keys"), ALGORITHM)
    algorithm: object = key.hidden.algorithm
    if not isinstance(algorithm, str):
        raise ArgumentError(f"algorithm: expected {ALGORITHM!r}, got {kind_of(algorithm)}")
    content = Secret(key.hidden.key)
    return _Key(unpack(content, name="keys"), algorithm)


def _check_max_size(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _LARGEST_MAX_SIZE:
        raise ArgumentError(
            f"max_size: expected a whole number of bytes from 1 to 2**30, got {shown(value)}"
        )
    return value


def _as_blob(sealed: Secret) -> bytes:
    """Return the bytes of a sealed result. Without a key they tell nothing."""
    if not issubclass(type(sealed.hidden), str | bytes | bytearray | memoryview):
        # It may be the keys, in the other argument's place.
        raise ArgumentError(f"sealed: expected base64 text or bytes, got {kind_of(sealed.hidden)}")
    given = sealed.hidden
    if isinstance(given, str):
        blob = _from_base64(given)
    else:
        try:
            blob = bytes(cast("bytes", given))
        except ValueError:
            raise ArgumentError("sealed: the memoryview was released") from None
        if blob.startswith(_HEADER_BASE64):
            blob = _from_base64(blob)
    if blob is None:
        raise SealedFormatError("the sealed result is not standard base64")
    if blob[: len(_HEADER)] != _HEADER:
        raise SealedFormatError("the data is no sealed result: it does not begin with 9E 85 DC ED")
    if len(blob) < len(_HEADER) + _NONCE_BYTES + _TAG_BYTES:
        raise SealedFormatError(f"the sealed result is cut off: it has {len(blob)} bytes")
    return blob


def _open(blob: bytes, key: _Key) -> Secret:
    """Decrypt a sealed result with one key; return what is compressed."""
    if key.algorithm != ALGORITHM:
        raise _WrongKeyError(f"unknown algorithm {key.algorithm[:64]!r}, expected {ALGORITHM!r}")
    content = _key_bytes(key.content)
    try:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ModuleNotFoundError:
        raise ConfigurationError(
            "sealed results need cryptography: pip install 'fingerprint-async[sealed]'"
        ) from None
    start = len(_HEADER) + _NONCE_BYTES
    try:
        cipher = AESGCM(cast("bytes", content.hidden))
        return Secret(cipher.decrypt(blob[len(_HEADER) : start], blob[start:], None))
    except InvalidTag:
        raise _WrongKeyError("it is not the key, or the data was changed") from None


def _key_bytes(key: Secret) -> Secret:
    """Return the 32 bytes of a key, which may be base64."""
    if len(cast("bytes", key.hidden)) != _KEY_BYTES:
        # Trailing bits beyond the last byte may be anything: such keys exist.
        key = Secret(_from_base64(cast("bytes", key.hidden)))
    if key.hidden is None:
        raise _WrongKeyError("the key is not standard base64")
    length = len(cast("bytes", key.hidden))
    if length != _KEY_BYTES:
        raise _WrongKeyError(f"the key has {length} bytes, expected {_KEY_BYTES}")
    return key


def _from_base64(text: str | bytes) -> bytes | None:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None


def _inflate(packed: Secret, max_size: int) -> Secret:
    """Inflate raw DEFLATE data, no further than `max_size`."""
    inflator = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        plain = Secret(inflator.decompress(cast("bytes", packed.hidden), max_size + 1))
    except zlib.error:
        raise _WrongKeyError("it decrypts, but not to raw DEFLATE data") from None
    if len(cast("bytes", plain.hidden)) > max_size:
        # Decrypted and authenticated: no other key would fit.
        raise SealedSizeError(f"the sealed result inflates to more than {max_size} bytes")
    if not inflator.eof:
        raise _WrongKeyError("it decrypts, but the DEFLATE data is cut off")
    return plain


def _read(content: Secret, *, strict: bool) -> Event:
    from fingerprint_async.models import Event

    try:
        event = Event.from_json(cast("bytes", content.hidden))
        _check_version(event)
        if not strict:
            return event
        del event
        return Event.from_json(cast("bytes", content.hidden), strict=True)
    except DecodeError as error:
        failure = _without_frames(error)
    # Raised outside: the frames of the original hold the event.
    raise failure


def _check_version(event: Event) -> None:
    event_id: object = event.event_id
    if isinstance(event_id, str) and event_id:
        return
    if "products" in event.additional_properties:
        raise SealedVersionError(
            "the sealed result was made by a v3 agent (it holds products); "
            "this library reads v4 events: update the agent"
        )
    raise SealedContentError("the sealed result holds no event: it has no event_id")


def _without_frames(error: DecodeError) -> SealedContentError:
    return SealedContentError(str(error), error.findings)
