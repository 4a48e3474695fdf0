"""A run that is cancelled at any step, and again while it ends, leaves the folder to the next."""

from __future__ import annotations

import asyncio
import random

import pytest

from fingerprint_async.crawl import export, verify_crawl
from fingerprint_async.crawl._finished import finished, in_thread
from fingerprint_async.testing import Emulator

FORMATS = ["jsonl", "jsonl.gz", "parquet", "duckdb"]


@pytest.fixture
def emulator():
    return Emulator(events=700, seed=3, detail="slim", searchable_after=0.0)


async def cancelled_after(work, turns):
    """Run a coroutine, and cancel it after so many turns of the loop each time."""
    task = asyncio.ensure_future(work)
    for count in turns:
        for _ in range(count):
            await asyncio.sleep(0)
        task.cancel()
    await asyncio.wait([task])
    assert task.cancelled() or task.exception() is None


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("seed", range(6))
async def test_whenever_a_run_is_cancelled_the_next_one_goes_on(fp, emulator, tmp_path, kind, seed):
    """No thread of the cancelled run works in the folder any more, and all is there, once."""
    chance = random.Random(seed)
    window = {"start": emulator.start, "end": emulator.end, "format": kind}
    for number in range(4):
        folder = tmp_path / str(number)
        for _ in range(chance.choice([1, 3])):
            first = int(chance.expovariate(1 / 100))
            turns = [first, *(chance.randrange(30) for _ in range(chance.randrange(4)))]
            work = export(
                fp,
                folder,
                roll_bytes=chance.choice([1, 20_000, 1 << 40]),
                max_in_flight=3,
                **window,
            )
            await cancelled_after(work, turns)
        summary = await export(fp, folder, **window)
        assert (summary.complete, summary.events) == (True, emulator.truth(ids=False).count)
        assert verify_crawl(folder).problems == []


async def test_work_in_a_thread_is_waited_for_however_often_it_is_cancelled():
    """What it made is undone, as nobody gets it; the cancellation comes afterwards."""
    may_end, undone = asyncio.Event(), []
    loop = asyncio.get_running_loop()

    def work():
        asyncio.run_coroutine_threadsafe(may_end.wait(), loop).result(10)
        return "made"

    task = asyncio.ensure_future(in_thread(work, undo=undone.append))
    for _ in range(5):
        await asyncio.sleep(0)
        task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert undone == ["made"]


async def test_what_work_raises_is_raised():
    """It is not taken for a cancellation."""

    async def fails():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await finished(asyncio.ensure_future(fails()))
