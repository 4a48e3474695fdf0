"""A service that is down for a while, and what is told and done while nothing comes."""

from __future__ import annotations

import asyncio
import itertools
from functools import partial

import httpx
import pytest

from fingerprint_async import FingerprintClient, RateLimit, RetryPolicy
from fingerprint_async.crawl import _patience as patiences
from fingerprint_async.crawl import _session as sessions
from fingerprint_async.crawl import crawl_status, export, follow, verify_crawl
from fingerprint_async.crawl import engine as engines
from fingerprint_async.crawl.formats import Place
from fingerprint_async.errors import APIStatusError, ArgumentError
from fingerprint_async.testing import Emulator


class Switched(httpx.AsyncBaseTransport):
    """Answers with 503 for as long as `down` says, else as the emulator does."""

    def __init__(self, emulator):
        self._through = emulator.transport()
        self.down = 0
        self.asked = 0

    async def handle_async_request(self, request):
        """Answer one request."""
        self.asked += 1
        if self.down:
            self.down -= 1
            return httpx.Response(503, content=b"<html>away</html>")
        return await self._through.handle_async_request(request)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch):
    """A service that is down is asked again soon."""
    for module in (engines, patiences):
        monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0.01)
        monkeypatch.setattr(module, "MAX_PAUSE_SECONDS", 0.02)


@pytest.fixture
def emulator():
    return Emulator(events=300, seed=3, detail="slim", searchable_after=0.0)


@pytest.fixture
def switched(emulator):
    return Switched(emulator)


@pytest.fixture
async def fp(switched):
    """A client whose service can be switched off."""
    async with FingerprintClient(
        "test-key",
        base_url="https://emulator.test/v4",
        transport=switched,
        rate_limit=RateLimit.off(),
        retry=RetryPolicy(max_attempts=1),
    ) as client:
        yield client


@pytest.mark.parametrize("down", [1, 4, 9])
@pytest.mark.parametrize("has_end", [True, False])
async def test_a_service_that_is_down_at_first_is_waited_for(  # noqa: PLR0917 -- fixtures
    emulator, switched, fp, tmp_path, down, has_end
):
    """Also where the first question is what time it is there."""
    switched.down = down
    window = {"start": emulator.start, **({"end": emulator.end} if has_end else {})}
    assert (await export(fp, tmp_path, patience=60.0, **window)).complete


@pytest.mark.parametrize("has_end", [True, False])
async def test_a_service_that_stays_down_ends_the_run(emulator, switched, fp, tmp_path, has_end):
    """After a tenth of the patience, as it may be misspelt; the error is the service's."""
    switched.down = 10**9
    window = {"start": emulator.start, **({"end": emulator.end} if has_end else {})}
    with pytest.raises(APIStatusError, match="503"):
        await asyncio.wait_for(export(fp, tmp_path, patience=1.0, **window), 20)
    assert switched.asked < 500


@pytest.mark.parametrize("has_end", [True, False])
async def test_why_nothing_comes_is_told_and_until_when(  # noqa: PLR0917 -- fixtures
    emulator, switched, fp, tmp_path, monkeypatch, has_end
):
    """Progress goes on while the service is down, before the first page as well."""
    monkeypatch.setattr(patiences, "FIRST_PAUSE_SECONDS", 0.3)
    switched.down = 16 if has_end else 1
    told = []
    window = {"start": emulator.start, **({"end": emulator.end} if has_end else {})}
    await export(fp, tmp_path, patience=60.0, on_progress=told.append, **window)
    waiting = [progress for progress in told if progress.waiting_for is not None]
    assert waiting
    assert all("503" in progress.waiting_for for progress in waiting)
    assert any(0 < progress.waiting_seconds <= 0.3 for progress in waiting)
    assert told[-1].waiting_for is None


async def _follow_while(fp, folder, work, **options):
    """Follow until a piece of work is done; give how that ended."""
    following = asyncio.ensure_future(follow(fp, folder, **options))
    working = asyncio.ensure_future(work())
    try:
        await asyncio.wait({following, working}, return_when=asyncio.FIRST_COMPLETED, timeout=30)
        if following.done():
            following.result()
        assert working.done(), "it takes too long"
        working.result()
    finally:
        for task in (following, working):
            task.cancel()
        await asyncio.gather(following, working, return_exceptions=True)


async def _until(condition):
    while not condition():  # noqa: ASYNC110 -- files have no event to wait for
        await asyncio.sleep(0.01)


async def test_following_outlasts_a_service_that_is_down(emulator, switched, fp, tmp_path):
    """Between two rounds or within one: with patience left, the next round comes."""

    async def work():
        await _until((tmp_path / "manifest.json").exists)
        for number in range(4):
            switched.down = 2 + number
            emulator.add_event(number=7_000 + number)
            count = emulator.truth(end=None).count
            await _until(lambda count=count: crawl_status(tmp_path).events == count)

    await _follow_while(fp, tmp_path, work, start=emulator.start, every=0.02, patience=60.0)
    assert verify_crawl(tmp_path).duplicates == 0


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "duckdb"])
async def test_files_roll_while_nothing_comes(emulator, fp, tmp_path, kind):
    """A file that is old enough is closed, and a table has its rows, with no event to cause it."""

    def rolled():
        if not (tmp_path / "manifest.json").exists():
            return False
        status = crawl_status(tmp_path)
        return status.events > 0 and status.waiting == 0 and status.files == 1

    async def work():
        await _until(rolled)

    await _follow_while(
        fp, tmp_path, work, start=emulator.start, every=60.0, roll_seconds=0.2, format=kind
    )


async def test_a_clock_that_is_set_back_keeps_no_file_open(emulator, fp, tmp_path, monkeypatch):
    """The age of a file is not read off this machine's clock."""
    hours = itertools.count(2_000_000_000, -3_600)
    monkeypatch.setattr(sessions, "Place", partial(Place, clock=lambda: next(hours)))

    async def work():
        await _until((tmp_path / "manifest.json").exists)
        for number in range(3):
            await _until(lambda number=number: len(list(tmp_path.glob("events-*"))) == number + 1)
            await asyncio.sleep(0.3)
            emulator.add_event(number=7_000 + number)

    await _follow_while(fp, tmp_path, work, start=emulator.start, every=0.05, roll_seconds=0.2)


@pytest.mark.parametrize("when", ["fetching", "waiting"])
async def test_what_telling_raises_ends_the_run(emulator, fp, tmp_path, when):
    """A function of the caller's that fails is not swallowed, also between two rounds."""

    def tell(progress):
        if when == "fetching" or progress.covered == 1.0:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(
            follow(fp, tmp_path, start=emulator.start, every=60.0, on_progress=tell), 30
        )


NO_TIMES = ["", None, "5", True, -1, float("nan"), float("inf"), 1e308, [], 10**400]


@pytest.mark.parametrize("value", NO_TIMES)
@pytest.mark.parametrize("name", ["late", "every", "patience", "roll_seconds"])
async def test_what_is_no_time_is_refused(switched, fp, tmp_path, name, value):
    """Before anything is sent or made, with the name of the argument."""
    if name == "roll_seconds" and value is None:
        pytest.skip("None is never")
    with pytest.raises(ArgumentError, match=f"{name} must be a finite number of seconds"):
        await follow(fp, tmp_path, start=0, **{name: value})
    assert (switched.asked, list(tmp_path.iterdir())) == (0, [])


@pytest.mark.parametrize("name", ["on_progress", "fetch_page"])
async def test_what_cannot_be_called_is_refused(switched, fp, tmp_path, name):
    """Before anything is sent or made, with the name of the argument."""
    with pytest.raises(ArgumentError, match=f"{name} must be a function"):
        await export(fp, tmp_path, start=0, **{name: 5})
    assert (switched.asked, list(tmp_path.iterdir())) == (0, [])
