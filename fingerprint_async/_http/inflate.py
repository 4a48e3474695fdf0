"""Content encodings, undone here so that what comes out is counted while it comes out."""

from __future__ import annotations

import asyncio
import zlib
from importlib.util import find_spec
from typing import Final, Protocol

__all__ = ["ACCEPT_ENCODING", "EncodingError", "TooLargeError", "inflate"]

_HAS_ZSTD: Final = find_spec("zstandard") is not None
ACCEPT_ENCODING: Final = "gzip, deflate, zstd" if _HAS_ZSTD else "gzip, deflate"
"""What requests say can be undone."""

_STEP_BYTES: Final = 64 * 1024
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
    for name in reversed([name for name in names if name not in {"", "identity"}]):
        if not body:
            return body
        inflater = _inflater(name, body)
        if len(body) > _IN_THE_LOOP_BYTES:
            body = await asyncio.to_thread(_run, inflater, [], most)
            continue
        begun: list[bytes] = []
        body = _run(inflater, begun, min(most, _IN_THE_LOOP_BYTES), stop=most > _IN_THE_LOOP_BYTES)
        if not inflater.is_done:
            body = await asyncio.to_thread(_run, inflater, [body], most)
    return body


def _run(inflater: _Inflater, parts: list[bytes], most: int, *, stop: bool = False) -> bytes:
    """Inflate up to so many bytes; beyond them stop, or raise."""
    size = sum(map(len, parts))
    while not inflater.is_done:
        part = inflater.step(min(_STEP_BYTES, most + 1 - size))
        if not part and not inflater.is_done:
            raise EncodingError("the compressed body is cut off")
        parts.append(part)
        size += len(part)
        if size > most:
            if stop:
                break
            raise TooLargeError
    return b"".join(parts)


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
        self._rest = body
        self._decompressor = zlib.decompressobj(window_bits)
        self.is_done = False

    def step(self, most: int) -> bytes:
        out = b""
        while not out and not self.is_done:
            try:
                out = self._decompressor.decompress(self._rest, most)
            except zlib.error:
                raise EncodingError("the body is not what its content encoding says") from None
            self._rest = self._decompressor.unconsumed_tail
            if not self._decompressor.eof:
                break
            self._rest = self._decompressor.unused_data.lstrip(b"\0")
            if self._rest and self._window_bits > zlib.MAX_WBITS:
                self._decompressor = zlib.decompressobj(self._window_bits)
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
