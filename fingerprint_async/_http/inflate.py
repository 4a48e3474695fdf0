"""Content encodings, undone here so that what comes out is counted while it comes out."""

from __future__ import annotations

import asyncio
import threading
import zlib
from importlib.util import find_spec
from typing import Final, Protocol

__all__ = ["ACCEPT_ENCODING", "EncodingError", "TooLargeError", "inflate"]

_HAS_ZSTD: Final = find_spec("zstandard") is not None
ACCEPT_ENCODING: Final = "gzip, deflate, zstd" if _HAS_ZSTD else "gzip, deflate"
"""What requests say can be undone."""

_STEP_BYTES: Final = 64 * 1024
_FED_BYTES: Final = 16 * 1024
"""Compressed bytes that zlib gets at a time: it copies what it leaves, once a step and member."""
_MOST_ENCODINGS: Final = 4
"""Encodings on top of each other; each costs the whole body's work again."""
_IN_THE_LOOP_BYTES: Final = 256 * 1024
"""Compressed bytes above which, and inflated bytes after which, a thread goes on."""


class EncodingError(ValueError):
    """The body is not what its `Content-Encoding` says."""


class TooLargeError(ValueError):
    """The body holds more than it may."""


class _Inflater(Protocol):
    """Undoes one encoding, never more than so many bytes at a time."""

    @property
    def is_done(self) -> bool:
        """Whether the end of the data was seen."""
        ...

    def step(self, most: int) -> bytes:
        """Return the next bytes, at most so many; empty when there are no more."""
        ...


async def inflate(body: bytes, encodings: str, *, most: int) -> bytes:
    """Undo the encodings of a body.

    Args:
        body: The body as it came.
        encodings: `Content-Encoding`, in any case.
        most: Bytes that may come out.

    Raises:
        EncodingError: An unknown encoding, or data that is not of the encoding.
        TooLargeError: More would come out.
    """
    names = [name.strip().lower() for name in encodings.split(",")]
    names = [name for name in names if name not in {"", "identity"}]
    if len(names) > _MOST_ENCODINGS:
        raise EncodingError(f"the body has more than {_MOST_ENCODINGS} content encodings")
    for name in reversed(names):
        if not body:
            return body
        inflater = _inflater(name, body)
        if len(body) > _IN_THE_LOOP_BYTES:
            body = await _in_thread(inflater, b"", most)
            continue
        body = _run(inflater, b"", min(most, _IN_THE_LOOP_BYTES), stop=most > _IN_THE_LOOP_BYTES)
        if not inflater.is_done:
            body = await _in_thread(inflater, body, most)
    return body


async def _in_thread(inflater: _Inflater, begun: bytes, most: int) -> bytes:
    """Go on in a thread, which ends with the call."""
    given_up = threading.Event()
    try:
        return await asyncio.to_thread(_run, inflater, begun, most, given_up=given_up)
    finally:
        given_up.set()


def _run(
    inflater: _Inflater,
    begun: bytes,
    most: int,
    *,
    stop: bool = False,
    given_up: threading.Event | None = None,
) -> bytes:
    """Inflate up to so many bytes; beyond them stop, or raise."""
    out = bytearray(begun)
    while not inflater.is_done and not (given_up is not None and given_up.is_set()):
        out += inflater.step(min(_STEP_BYTES, most + 1 - len(out)))
        if len(out) > most:
            if stop:
                break
            raise TooLargeError
    return bytes(out)


def _inflater(name: str, body: bytes) -> _Inflater:
    if name in {"gzip", "x-gzip"}:
        return _Zlib(body, 16 + zlib.MAX_WBITS)
    if name == "deflate":
        return _Zlib(body, zlib.MAX_WBITS if _has_zlib_header(body) else -zlib.MAX_WBITS)
    if name == "zstd" and _HAS_ZSTD:
        return _Zstd(body)
    raise EncodingError(f"the content encoding {name[:32]!r} was not asked for")


def _has_zlib_header(body: bytes) -> bool:
    head = body[:2]
    return len(head) == 2 and head[0] & 0x0F == 8 and int.from_bytes(head) % 31 == 0  # noqa: PLR2004


class _Zlib:
    """gzip, zlib and raw deflate; of several gzip members all."""

    def __init__(self, body: bytes, window_bits: int) -> None:
        self._window_bits = window_bits
        self._body = memoryview(body)
        self._fed = 0
        self._rest = b""
        self._decompressor = zlib.decompressobj(window_bits)
        self._is_between = False
        self.is_done = False

    def step(self, most: int) -> bytes:
        if not self._rest:
            self._rest = bytes(self._body[self._fed : self._fed + _FED_BYTES])
            self._fed += len(self._rest)
        if self._is_between:
            # Zeros may fill up the end of a member.
            self._rest = self._rest.lstrip(b"\0")
            self._is_between = not self._rest
        is_last = self._fed == len(self._body)
        if self._is_between:
            self.is_done = is_last
            return b""
        try:
            out = self._decompressor.decompress(self._rest, most)
        except zlib.error:
            raise EncodingError("the body is not what its content encoding says") from None
        if not self._decompressor.eof:
            self._rest = self._decompressor.unconsumed_tail
            if is_last and not self._rest and not out:
                raise EncodingError("the compressed body is cut off")
            return out
        self._rest = self._decompressor.unused_data
        if self._window_bits > zlib.MAX_WBITS:
            self._decompressor = zlib.decompressobj(self._window_bits)
            self._is_between = True
            self.is_done = is_last and not self._rest
        else:
            self.is_done = True
        return out


class _Zstd:
    """Zstandard, frame after frame."""

    def __init__(self, body: bytes) -> None:
        import zstandard

        self._error = zstandard.ZstdError
        # The window that RFC 8878 asks every decoder to take; a larger one is memory at will.
        decompressor = zstandard.ZstdDecompressor(max_window_size=2**27)
        self._reader = decompressor.stream_reader(body, read_across_frames=True)
        self.is_done = False

    def step(self, most: int) -> bytes:
        try:
            out = self._reader.read(most)
        except self._error:
            raise EncodingError("the body is not what its content encoding says") from None
        if not out:
            self.is_done = True
        return out
