"""What the service signs or seals, for tests of the code that checks it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import zlib
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from fingerprint_async.testing.factories import encode, make_event

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SIGNATURE_HEADER", "SignedWebhook", "make_webhook", "seal", "sign"]

SIGNATURE_HEADER = "fpjs-event-signature"
_SEALED_HEADER = bytes.fromhex("9E85DCED")
_NONCE_BYTES = 12
_KEY_BYTES = 32


@frozen
class SignedWebhook:
    """A webhook as the service sends it.

    Attributes:
        body: The event as JSON.
        headers: With the signature of the body.
    """

    body: bytes = field(repr=False)
    headers: dict[str, str] = field(repr=False)


def sign(body: bytes, secret: str) -> str:
    """Return the signature header of a webhook's body."""
    return "v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def make_webhook(event: Mapping[str, Any] | None = None, *, secret: str) -> SignedWebhook:
    """Return a signed webhook.

    Args:
        event: What it tells of; one of `make_event` unless given.
        secret: What it is signed with.

    Raises:
        ValueError: The secret is empty.
    """
    if not secret:
        raise ValueError("secret must not be empty: the service signs with one")
    body = encode(make_event() if event is None else dict(event))
    headers = {"content-type": "application/json", SIGNATURE_HEADER: sign(body, secret)}
    return SignedWebhook(body, headers)


def seal(event: Mapping[str, Any] | None = None, key: str = "", *, nonce: bytes = b"") -> str:
    """Return a sealed result as base64, as the JavaScript agent hands it out. Needs `cryptography`.

    Args:
        event: What is sealed; one of `make_event` unless given.
        key: 32 bytes as base64.
        nonce: 12 bytes; random ones unless given.

    Raises:
        ValueError: The key or nonce is not of that form.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        secret = base64.b64decode(key, validate=True)
    except binascii.Error:
        secret = b""
    if len(secret) != _KEY_BYTES:
        raise ValueError("key must be the base64 of 32 bytes")
    if len(nonce) not in (0, _NONCE_BYTES):
        raise ValueError(f"nonce must have {_NONCE_BYTES} bytes, not {len(nonce)}")
    nonce = nonce or os.urandom(_NONCE_BYTES)
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    plain = encode(make_event() if event is None else dict(event))
    packed = deflate.compress(plain) + deflate.flush()
    sealed = _SEALED_HEADER + nonce + AESGCM(secret).encrypt(nonce, packed, None)
    return base64.b64encode(sealed).decode("ascii")
