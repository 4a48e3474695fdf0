"""The checksum of a file."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from fingerprint_async.crawl.errors import OutputDamagedError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["check_crc32", "file_crc32"]

_CHUNK_BYTES = 1 << 20


def file_crc32(path: Path, size: int | None = None) -> int:
    """Return the CRC-32 of a file, or of its first ``size`` bytes."""
    checksum = 0
    left = path.stat().st_size if size is None else size
    with path.open("rb") as file:
        while left > 0 and (chunk := file.read(min(_CHUNK_BYTES, left))):
            checksum = zlib.crc32(chunk, checksum)
            left -= len(chunk)
    return checksum


def check_crc32(path: Path, expected: int | None, size: int | None = None) -> None:
    """Raise an `OutputDamagedError` if a file, or so many bytes of it, is not what was written."""
    if file_crc32(path, size) != expected:
        raise OutputDamagedError(f"{path} is not what was written: its checksum differs")
