"""Undoing content encodings costs what the body is long, in time and memory."""

from __future__ import annotations

import asyncio
import gzip
import random
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from fingerprint_async._http.inflate import EncodingError, TooLargeError, inflate

MOST = 64 * 1024 * 1024


def stored(body: bytes) -> bytes:
    """Pack a body in a gzip member that makes it no smaller."""
    return gzip.compress(body, 0)


@pytest.mark.parametrize("seed", range(30))
async def test_what_was_packed_comes_out(seed) -> None:
    """Members of any size, empty ones, zeros between them, and both kinds of deflate."""
    chance = random.Random(seed)
    parts = [
        chance.choice([chance.randbytes(40_000), bytes(chance.randrange(400_000)), b"", b"ab"])
        for _ in range(chance.randrange(1, 5))
    ]
    padding = bytes(chance.choice([0, 1, 40_000]))
    packed = b"".join(gzip.compress(part, chance.choice([0, 9])) + padding for part in parts)
    assert await inflate(packed, "gzip", most=MOST) == b"".join(parts)
    for window_bits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        compressor = zlib.compressobj(wbits=window_bits)
        packed = compressor.compress(parts[0]) + compressor.flush()
        assert await inflate(packed + b"left over", "deflate", most=MOST) == parts[0]


@pytest.mark.timeout(15)
async def test_a_long_body_takes_no_longer_for_each_of_its_bytes() -> None:
    """What is left of the body is not copied for each step, nor for each member."""
    noise = random.Random(1).randbytes(MOST - 1)
    assert await inflate(stored(noise), "gzip", most=MOST) == noise
    nothing = gzip.compress(b"") * 300_000
    assert await inflate(nothing, "gzip", most=MOST) == b""


async def test_encodings_are_not_stacked_without_end() -> None:
    """Each layer costs the work of a whole body, and none of it can be cancelled."""
    body = b"{}"
    for _ in range(4):
        body = stored(body)
    assert await inflate(body, "gzip, gzip, gzip, gzip, identity", most=100) == b"{}"
    with pytest.raises(EncodingError, match="more than 4 content encodings"):
        await inflate(stored(body), ",".join(["gzip"] * 5), most=MOST)


@pytest.mark.parametrize("layers", [1, 2, 3, 4])
async def test_a_bomb_within_bombs_ends_at_the_cap(layers) -> None:
    """Whichever layer it is that explodes."""
    body = bytes(3_000_000)
    for _ in range(layers):
        body = gzip.compress(body)
    with pytest.raises(TooLargeError):
        await inflate(body, ",".join(["gzip"] * layers), most=1_000_000)


async def test_a_cancelled_call_leaves_no_thread_at_work() -> None:
    """The thread ends with the call: the end of the loop, which waits for it, is not held up."""
    pool = ThreadPoolExecutor(1)
    asyncio.get_running_loop().set_default_executor(pool)
    task = asyncio.create_task(inflate(gzip.compress(b"") * 3_200_000, "gzip", most=MOST))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    # It takes about seven seconds to its end.
    assert await asyncio.wait_for(asyncio.to_thread(len, b"next"), 2) == 4
