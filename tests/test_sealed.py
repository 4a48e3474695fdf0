"""Sealed results."""

from __future__ import annotations

import base64
import json
import os
import pickle
import sys
import traceback
import tracemalloc
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerprint_async import (
    ArgumentError,
    ConfigurationError,
    DecodeError,
    FingerprintError,
    models,
)
from fingerprint_async._runtime.findings import Finding
from fingerprint_async.sealed import (
    DecryptionKey,
    SealedContentError,
    SealedFormatError,
    SealedKeyError,
    SealedSizeError,
    SealedVersionError,
    UnsealError,
    unseal,
)

aead = pytest.importorskip(
    "cryptography.hazmat.primitives.ciphers.aead", reason="needs the extra [sealed]"
)

HEADER = bytes.fromhex("9E85DCED")
KEY = bytes(range(32))
KEY_TEXT = base64.b64encode(KEY).decode()
EVENT = {
    "event_id": "1708102555327.NLOjmg",
    "timestamp": 1708102555327,
    "new_field": [1, {"kept": None}],
}


def seal(content: bytes, key: bytes = KEY, *, level: int = 9, wbits: int = -15) -> bytes:
    """Seal as the service does: header, nonce, ciphertext and tag of a raw DEFLATE stream."""
    packer = zlib.compressobj(level, zlib.DEFLATED, wbits)
    packed = packer.compress(content) + packer.flush()
    return encrypt(packed, key)


def encrypt(packed: bytes, key: bytes = KEY) -> bytes:
    """Seal what is packed already."""
    nonce = os.urandom(12)
    return HEADER + nonce + aead.AESGCM(key).encrypt(nonce, packed, None)


SEALED = seal(json.dumps(EVENT).encode())


class Holder:
    """An object with a secret inside, as those of settings libraries."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def get_secret_value(self) -> Any:
        """Return the secret."""
        return self.value


@pytest.mark.parametrize(
    "sealed",
    [
        SEALED,
        bytearray(SEALED),
        memoryview(SEALED),
        base64.b64encode(SEALED),
        base64.b64encode(SEALED).decode() + "\n",
    ],
    ids=["bytes", "bytearray", "memoryview", "base64 bytes", "base64"],
)
@pytest.mark.parametrize(
    "key",
    [
        *(KEY, KEY_TEXT, f" {KEY_TEXT}\n", KEY_TEXT.encode(), Holder(KEY), Holder(KEY_TEXT)),
        *(DecryptionKey(KEY_TEXT), DecryptionKey(KEY), DecryptionKey(Holder(KEY_TEXT))),
    ],
)
def test_a_sealed_result_is_its_event(sealed: Any, key: Any) -> None:
    """As bytes or base64, with a key as bytes or base64: the event without loss."""
    event = unseal(sealed, [key])
    assert isinstance(event, models.Event)
    assert event.to_dict() == EVENT


def test_a_known_blob_unseals() -> None:
    """A blob whose every byte is fixed, stored and not compressed: no library's habits matter."""
    content = b'{"event_id":"a","timestamp":1}'
    stored = (
        b"\x01"
        + len(content).to_bytes(2, "little")
        + (len(content) ^ 0xFFFF).to_bytes(2, "little")
        + content
    )
    nonce = bytes(12)
    blob = HEADER + nonce + aead.AESGCM(KEY).encrypt(nonce, stored, None)
    assert blob.hex().startswith("9e85dced" + "00" * 12)
    assert unseal(blob, [KEY]).event_id == "a"


def test_a_key_with_other_trailing_bits_is_the_same_key() -> None:
    """Such keys are in use: the bits beyond the last byte mean nothing."""
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".index(KEY_TEXT[-2])
    other = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[last + 1]
    assert unseal(SEALED, [f"{KEY_TEXT[:-2]}{other}="]).to_dict() == EVENT


def test_the_first_key_that_opens_it_wins() -> None:
    """While you change keys, old and new results open; what fails before costs nothing."""
    assert (
        unseal(
            SEALED, iter(["%%%", bytes(32), DecryptionKey(KEY, algorithm="aes-512"), KEY])
        ).to_dict()
        == EVENT
    )


def test_an_error_has_each_keys_failure_and_no_key() -> None:
    """Algorithm, form, length, decryption, inflation: in the keys' order."""
    keys: list[Any] = [
        DecryptionKey(KEY, algorithm="aes-128-cbc"),
        "not base64!",
        base64.b64encode(b"short").decode(),
        bytes(32),
    ]
    with pytest.raises(UnsealError) as caught:
        unseal(SEALED, keys)
    assert caught.value.failures == (
        "key 1: unknown algorithm 'aes-128-cbc', expected 'aes-256-gcm'",
        "key 2: the key is not standard base64",
        "key 3: the key has 5 bytes, expected 32",
        "key 4: it is not the key, or the data was changed",
    )
    assert str(caught.value).startswith("no key opens the sealed result: key 1: ")
    assert "not base64!" not in str(caught.value)
    assert KEY_TEXT not in repr(DecryptionKey(KEY_TEXT))


@pytest.mark.parametrize(
    ("packed", "says"),
    [
        (b"\xff\xff\xff", "not to raw DEFLATE data"),
        (zlib.compress(json.dumps(EVENT).encode()), "not to raw DEFLATE data"),
        (b"", "DEFLATE data is cut off"),
    ],
)
def test_what_decrypts_but_does_not_inflate_is_the_keys_failure(packed: bytes, says: str) -> None:
    """A zlib header, garbage, or half a stream."""
    with pytest.raises(UnsealError, match=says):
        unseal(encrypt(packed), [KEY])


def test_the_inflated_size_is_capped() -> None:
    """Some kilobytes cannot become gigabytes in memory; the cap is the caller's to change."""
    bomb = seal(json.dumps({**EVENT, "x": "0" * 20_000_000}).encode())
    assert len(bomb) < 100_000
    with pytest.raises(SealedSizeError, match="inflates to more than 4194304 bytes"):
        unseal(bomb, [KEY])
    assert unseal(bomb, [KEY], max_size=30_000_000).event_id == EVENT["event_id"]
    size = len(json.dumps(EVENT))
    assert unseal(SEALED, [KEY], max_size=size).to_dict() == EVENT
    with pytest.raises(UnsealError, match=f"more than {size - 1} bytes"):
        unseal(SEALED, [KEY], max_size=size - 1)


@pytest.mark.parametrize(
    ("sealed", "says"),
    [
        (b"", "does not begin with 9E 85 DC ED"),
        (b"{}", "does not begin with"),
        (SEALED[1:], "does not begin with"),
        (HEADER, "is cut off: it has 4 bytes"),
        (SEALED[:31], "is cut off: it has 31 bytes"),
        ("no base64!", "is not standard base64"),
        ("é", "is not standard base64"),
    ],
    ids=["empty", "json", "shifted", "header alone", "cut", "no base64", "no ascii"],
)
def test_what_is_no_sealed_result_is_told_before_any_key(sealed: Any, says: str) -> None:
    """The header is looked at first."""
    with pytest.raises(SealedFormatError, match=says) as caught:
        unseal(sealed, [KEY])
    assert caught.value.failures == ()


@given(st.integers(4, len(SEALED) - 1), st.integers(1, 255))
def test_a_changed_byte_is_noticed(position: int, change: int) -> None:
    """Anywhere behind the header."""
    changed = bytearray(SEALED)
    changed[position] ^= change
    with pytest.raises(SealedKeyError, match="not the key, or the data was changed"):
        unseal(changed, [KEY])


@given(st.binary())
def test_nothing_leads_to_another_error(content: bytes) -> None:
    """Whatever was sealed, the error is of the tree."""
    for sealed in (content, HEADER + content, seal(content)):
        with pytest.raises(FingerprintError):
            unseal(sealed, [KEY])


def test_a_v3_result_is_told_apart() -> None:
    """Its agent has to be updated: no key helps."""
    with pytest.raises(SealedVersionError, match="v3 agent"):
        unseal(seal(b'{"products": {"identification": {}}}'), [KEY])


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"event_id": 5}'])
def test_what_is_no_event_is_a_decode_error(content: bytes) -> None:
    """The key was right; what it opened was not."""
    with pytest.raises(SealedContentError) as caught:
        unseal(seal(content), [KEY])
    assert isinstance(caught.value, DecodeError)


def test_strict_refuses_what_the_schema_does_not_say() -> None:
    """Leniently it is kept."""
    sealed = seal(json.dumps({**EVENT, "vpn": "yes"}).encode())
    assert unseal(sealed, [KEY]).vpn == "yes"
    with pytest.raises(DecodeError):
        unseal(sealed, [KEY], strict=True)
    assert unseal(seal(b'{"event_id": "a", "timestamp": 1}'), [KEY], strict=True).event_id == "a"


def test_mistakes_of_the_caller_are_told_apart() -> None:
    """No key, one key where several go, a sealed result of another type."""
    with pytest.raises(ConfigurationError, match="at least one is needed"):
        unseal(SEALED, [])
    with pytest.raises(ArgumentError, match="put it into a list"):
        unseal(SEALED, KEY_TEXT)
    with pytest.raises(ArgumentError, match="expected base64 text or bytes, got dict"):
        unseal({}, [KEY])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "keys",
    [
        *(None, 5, [None], [5], [bytearray(KEY)], [KEY, memoryview(KEY)], [[KEY]], {KEY: 1}),
        *([KEY] * 17, [Holder(5)], [DecryptionKey(None)], ["\ud800"]),  # type: ignore[arg-type]
        *(Holder(KEY), DecryptionKey(KEY), KEY),
    ],
    ids=lambda keys: type(keys).__name__,
)
def test_keys_of_another_type_are_a_mistake(keys: Any) -> None:
    """The error is typed, and names the argument."""
    with pytest.raises(ArgumentError, match="keys"):
        unseal(SEALED, keys)


@pytest.mark.parametrize("max_size", [0, -1, True, 1.5, None, "5", 2**63, 10**400])
def test_a_cap_is_a_number_of_bytes(max_size: Any) -> None:
    """Whatever else is refused before anything is decrypted."""
    with pytest.raises(ArgumentError, match="max_size"):
        unseal(SEALED, [KEY], max_size=max_size)


def test_a_bomb_is_cut_at_the_cap() -> None:
    """What is held while inflating is bounded by the cap, not by what the data says."""
    bomb = seal(b"0" * 200_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(SealedSizeError):
            unseal(bomb, [KEY], max_size=1_000_000)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


PRIVATE = "PRIVATE-9"


@pytest.mark.parametrize(
    ("sealed", "arguments"),
    [
        (b"no", {}),
        (SEALED[:-1] + b"!", {}),
        (seal(f'{{"{PRIVATE}'.encode()), {}),
        (seal(f'{{"products": "{PRIVATE}"}}'.encode()), {}),
        (seal(f'{{"ip_address": "{PRIVATE}"}}'.encode()), {}),
        (seal(f'{{"event_id": "a", "vpn": "{PRIVATE}"}}'.encode()), {"strict": True}),
        (seal(f'{{"event_id": "{PRIVATE * 9999}"}}'.encode()), {"max_size": 50}),
        (encrypt(PRIVATE.encode()), {}),
    ],
    ids=["format", "changed", "not JSON", "v3", "no event", "strict", "size", "not deflated"],
)
def test_no_frame_of_an_error_holds_a_key_or_the_event(sealed: bytes, arguments: Any) -> None:
    """Error trackers send the locals of every frame.

    They find neither, in no error of the chain.
    """
    keys = [KEY_TEXT, Holder(KEY), DecryptionKey(KEY_TEXT)]
    with pytest.raises(UnsealError) as caught:
        unseal(sealed, keys, **arguments)
    at: BaseException | None = caught.value
    while at is not None:
        frames = [frame for frame, _ in traceback.walk_tb(at.__traceback__)]
        shown = "".join(repr(frame.f_locals) for frame in frames[1:]) + repr(at) + repr(vars(at))
        assert KEY_TEXT not in shown
        assert repr(KEY)[2:20] not in shown
        assert PRIVATE not in shown
        at = at.__cause__ or at.__context__


def test_keys_in_the_place_of_the_sealed_result_are_not_shown() -> None:
    """Neither by the error nor by a frame of it."""
    with pytest.raises(ArgumentError, match="sealed: expected base64 text or bytes") as caught:
        unseal([KEY_TEXT], [KEY_TEXT])  # type: ignore[arg-type]
    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    assert KEY_TEXT not in "".join(repr(frame.f_locals) for frame in frames[1:])


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, not a traceback of another library."""
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'fingerprint-async\[sealed\]'"):
        unseal(SEALED, [KEY])


def test_an_error_can_be_pickled() -> None:
    """A worker process can hand it over."""
    error = UnsealError("no", ("key 1: no",))
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (str(again), again.failures) == ("no", ("key 1: no",))
    content = SealedContentError(
        "no event", (Finding(("vpn",), "wrong_type", "a boolean", "string"),)
    )
    assert pickle.loads(pickle.dumps(content)).findings == content.findings  # noqa: S301 - our own


def test_an_algorithm_is_a_text() -> None:
    """Anything else is a mistake of the caller."""
    odd: Any = 256
    with pytest.raises(ArgumentError, match="algorithm"):
        unseal(seal(b"{}"), keys=[DecryptionKey(KEY, algorithm=odd)])


def test_a_released_memoryview_is_a_mistake() -> None:
    """It has no bytes any more."""
    view = memoryview(seal(b"{}"))
    view.release()
    with pytest.raises(ArgumentError, match="released"):
        unseal(view, [KEY])
