from __future__ import annotations

import asyncio
import errno
import gzip
import json
import os
from collections import Counter

import pytest

from fingerprint_async import FingerprintClient, RateLimit, RetryPolicy
from fingerprint_async.crawl import (
    OutputBusyError,
    OutputDamagedError,
    OutputMismatchError,
    OutputWriteError,
    StartBeforeRetentionError,
    crawl,
    crawl_status,
    export,
    follow,
    verify_crawl,
)
from fingerprint_async.crawl.formats import _lines as line_sink
from fingerprint_async.errors import ArgumentError
from fingerprint_async.testing import Emulator, Fault

DAY = 86_400_000


@pytest.fixture
def emulator():
    return Emulator(events=4_000, seed=3, detail="slim")


@pytest.fixture
def window(emulator):
    return {"start": emulator.start, "end": emulator.end}


@pytest.fixture
async def fp(emulator):
    """A client of the emulator, in process and without a limit."""
    async with FingerprintClient(
        emulator.api_key,
        base_url="https://emulator.test/v4",
        transport=emulator.transport(),
        rate_limit=RateLimit.off(),
    ) as client:
        yield client


def _read(folder, open_=open):
    events = []
    for path in sorted(folder.glob("events-*")):
        with open_(path, "rb") as lines:
            events += [json.loads(line) for line in lines]
    return events


async def _cut_short(emulator, work, *, pages):
    """Cancel a crawl once the server has sent so many pages."""
    task = asyncio.ensure_future(work)
    while emulator.stats()["pages"] < pages and not task.done():  # noqa: ASYNC110 -- the server has no event to wait for
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("source", ["device", "edge", "both"])
async def test_writes_every_event_once(emulator, fp, window, tmp_path, source):
    """The output holds the events of the window, each once.

    The manifest and the summary count them.
    """
    summary = await export(fp, tmp_path, source=source, **window)
    truth = emulator.truth(source=source)
    assert Counter(truth.ids) == Counter(event["event_id"] for event in _read(tmp_path))
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert (truth.count, truth.count, True) == (
        summary.events,
        manifest["events"],
        manifest["complete"],
    )
    assert verify_crawl(tmp_path).ok


async def test_events_are_as_the_service_sent_them(emulator, fp, window, tmp_path):
    """The raw read_as writes an event's own bytes; the typed read_as writes the same JSON."""
    await export(fp, tmp_path / "raw", **window)
    await export(fp, tmp_path / "typed", read_as="typed", **window)
    raw = {event["event_id"]: event for event in _read(tmp_path / "raw")}
    assert raw == {event["event_id"]: event for event in _read(tmp_path / "typed")}
    some = next(iter(raw.values()))
    assert some == (await fp.events.get(some["event_id"])).to_dict()


async def test_filters_and_visitors_without_events(emulator, fp, window, tmp_path):
    """Filters reach the service; a visitor nobody knows is an empty output, not an error."""
    summary = await export(fp, tmp_path / "vpn", vpn=True, **window)
    assert emulator.truth(vpn="true").count == summary.events
    nobody = await export(fp, tmp_path / "nobody", visitor_id="x" * 20, **window)
    assert (nobody.events, nobody.complete) == (0, True)


async def test_resumes_after_being_cut_short(emulator, fp, window, tmp_path):
    """Run again, it fetches what was not committed, and nothing else."""
    for pages in (5, 12, 20):
        await _cut_short(emulator, export(fp, tmp_path, max_in_flight=4, **window), pages=pages)
    summary = await export(fp, tmp_path, max_in_flight=4, **window)
    assert summary.resumed
    assert Counter(emulator.truth().ids) == Counter(event["event_id"] for event in _read(tmp_path))
    assert emulator.stats()["pages"] - crawl_status(tmp_path).pages <= 3 * 4


async def test_what_was_not_committed_is_cut_off(emulator, fp, window, tmp_path):
    """Bytes beyond the last commit are gone after the next start."""
    await _cut_short(emulator, export(fp, tmp_path, max_in_flight=4, **window), pages=9)
    (path,) = tmp_path.glob("events-*")
    with path.open("ab") as file:
        file.write(b'{"event_id":"torn')
    assert not verify_crawl(tmp_path).ok
    await export(fp, tmp_path, **window)
    assert verify_crawl(tmp_path).ok


async def test_another_query_is_refused(fp, window, tmp_path):
    """A folder belongs to one query; the error names what differs."""
    await export(fp, tmp_path, vpn=True, **window)
    with pytest.raises(OutputMismatchError, match="vpn was true, is not given"):
        await export(fp, tmp_path, **window)
    with pytest.raises(OutputMismatchError, match='source was "device", is "both"'):
        await export(fp, tmp_path, vpn=True, source="both", **window)
    assert (await export(fp, tmp_path, vpn=True)).complete


async def test_a_second_process_is_refused(emulator, fp, window, tmp_path):
    """Two crawls never write to one folder."""
    first = asyncio.ensure_future(export(fp, tmp_path, **window))
    while not emulator.stats()["pages"]:  # noqa: ASYNC110 -- the server has no event to wait for
        await asyncio.sleep(0)
    with pytest.raises(OutputBusyError, match="another process"):
        await export(fp, tmp_path, **window)
    assert (await first).complete


async def test_a_full_disk_loses_nothing(emulator, fp, window, tmp_path, monkeypatch):
    """A write that fails half-way ends the run with a clear error; the next run goes on."""
    write, calls = line_sink.write_all, []

    def failing(file, content):
        calls.append(1)
        if len(calls) == 6:
            file.write(content[: len(content) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(file, content)

    monkeypatch.setattr(line_sink, "write_all", failing)
    with pytest.raises(OutputWriteError, match="No space left on device"):
        await export(fp, tmp_path, **window)
    await export(fp, tmp_path, **window)
    found = verify_crawl(tmp_path)
    assert (True, emulator.truth().count) == (found.ok, found.events)


async def test_a_folder_that_cannot_be_written(fp, window, tmp_path):
    """A path that cannot be a folder is said so before anything is sent."""
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputWriteError, match="Not a directory"):
        await export(fp, tmp_path / "file" / "out", **window)


async def test_a_file_that_was_cut_is_noticed(fp, window, tmp_path):
    """What was committed and is gone is an error, not a gap."""
    await export(fp, tmp_path, **window)
    (path,) = tmp_path.glob("events-*")
    os.truncate(path, 100)
    assert not verify_crawl(tmp_path).ok
    with pytest.raises(OutputDamagedError, match="has 100 of"):
        await export(fp, tmp_path, **window)


async def test_what_was_added_to_a_finished_file_is_noticed(fp, window, tmp_path):
    """An event that someone appended would be counted by whoever reads the file."""
    await export(fp, tmp_path, **window)
    (path,) = tmp_path.glob("events-*")
    lines = path.read_bytes()
    path.write_bytes(lines + lines.splitlines(keepends=True)[0])
    assert [problem.partition(" has ")[0] for problem in verify_crawl(tmp_path).problems] == [
        path.name
    ]


async def test_a_manifest_that_is_gone_is_noticed_and_written_again(fp, window, tmp_path):
    """It is made from the checkpoint."""
    await export(fp, tmp_path, **window)
    manifest = tmp_path / "manifest.json"
    before = manifest.read_bytes()
    manifest.unlink()
    assert verify_crawl(tmp_path).problems == [
        "manifest.json is missing: the next run writes it again"
    ]
    await export(fp, tmp_path, **window)
    assert manifest.read_bytes() == before


@pytest.mark.parametrize("at", [0, 2 * 4096])
async def test_a_damaged_checkpoint_is_an_error_of_ours(fp, window, tmp_path, at):
    """Wherever it is damaged: the files are left as they are."""
    await export(fp, tmp_path, **window)
    state = tmp_path / ".crawl" / "state.sqlite"
    with state.open("r+b") as file:
        file.seek(at)
        file.write(b"\xff" * (state.stat().st_size - at))
    before = _read(tmp_path)
    for use in (crawl_status, verify_crawl):
        with pytest.raises(OutputDamagedError, match=r"checkpoint in .* is damaged"):
            use(tmp_path)
    with pytest.raises(OutputDamagedError, match=r"checkpoint in .* is damaged"):
        await export(fp, tmp_path, **window)
    assert _read(tmp_path) == before


async def test_says_the_earliest_start(tmp_path):
    """A start before retention is an error that says the earliest one the service takes."""
    emulator = Emulator(events=500, retention=30)
    async with FingerprintClient(
        "test-key",
        base_url="https://emulator.test/v4",
        transport=emulator.transport(),
        rate_limit=RateLimit.off(),
    ) as fp:
        with pytest.raises(
            StartBeforeRetentionError, match="the earliest it takes is 20"
        ) as caught:
            await export(fp, tmp_path, start=emulator.end - 90 * DAY, end=emulator.end)
        assert abs(emulator.clock() * 1000 - 30 * DAY - caught.value.earliest) < 120_000
        with pytest.raises(StartBeforeRetentionError):
            async for _ in crawl(fp, start=emulator.end - 90 * DAY, end=emulator.end):
                pass


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"format": "csv"}, "format must be one of"),
        ({"read_as": "fast"}, "read_as must be one of"),
        ({"source": "all"}, "source must be one of"),
        ({"limit": 10}, "limit is set by the crawl"),
        ({"max_in_flight": 0}, "max_in_flight must be a whole number, 1 or above"),
        ({"max_in_flight": 1.5}, "max_in_flight must be a whole number, 1 or above"),
        ({"start": 5_000_000_000_000, "end": 4_000_000_000_000}, "is after end"),
    ],
)
async def test_arguments_are_checked_first(fp, tmp_path, arguments, message):
    """A mistake in the arguments is said before anything is sent or made."""
    with pytest.raises(ArgumentError, match=message):
        await export(fp, tmp_path / "out", **arguments)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("limit", "asked", "most"),
    [
        (RateLimit.off(), None, range(10, 17)),
        (RateLimit(requests_per_second=1e6), None, range(17, 65)),
        (RateLimit.off(), 40, range(17, 41)),
        (RateLimit.off(), 5, range(5, 6)),
    ],
)
async def test_no_more_are_in_flight_than_suits_the_limit(tmp_path, limit, asked, most):
    """Without a limit nothing is gained by many, and each is a page in memory."""
    emulator = Emulator(events=40_000, seed=3, detail="slim", latency=0.3)
    async with FingerprintClient(
        emulator.api_key,
        base_url="https://emulator.test/v4",
        transport=emulator.transport(),
        rate_limit=limit,
    ) as fp:
        await export(fp, tmp_path, start=emulator.start, end=emulator.end, max_in_flight=asked)
    assert emulator.stats()["in_flight_max"] in most


async def test_faults_of_every_kind(window, tmp_path):
    """Refused keys, empty pages, cut bodies, 429s and 5xx cost nothing but time."""
    kinds = (
        "refused_key",
        "empty_page",
        "truncated",
        "garbage",
        "empty",
        "internal_error",
        "search_overload",
    )
    emulator = Emulator(
        events=4_000,
        seed=3,
        detail="slim",
        faults=[Fault(kind=kind, probability=0.04) for kind in kinds],
    )
    retry = RetryPolicy(base_delay=0.001, max_delay=0.002)
    async with FingerprintClient(
        "test-key",
        base_url="https://emulator.test/v4",
        transport=emulator.transport(),
        rate_limit=RateLimit.off(),
        retry=retry,
    ) as fp:
        await export(fp, tmp_path, start=emulator.start, end=emulator.end)
    assert Counter(emulator.truth().ids) == Counter(event["event_id"] for event in _read(tmp_path))


async def test_follows_new_and_late_events(tmp_path):
    """Following keeps the output current.

    Events that come in later, or late, are added, each once.
    """
    emulator = Emulator(events=300, detail="slim")
    async with FingerprintClient(
        "test-key",
        base_url="https://emulator.test/v4",
        transport=emulator.transport(),
        rate_limit=RateLimit.off(),
    ) as fp:

        async def until(count, **options):
            task = asyncio.ensure_future(
                follow(fp, tmp_path, start=emulator.start, every=0.02, late=600, **options)
            )
            while not task.done() and len(_read(tmp_path)) < count:  # noqa: ASYNC110 -- files have no event
                await asyncio.sleep(0.01)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        count = emulator.truth().count
        await until(count)
        now = int(emulator.clock() * 1000)
        late = [
            emulator.add_event(timestamp=now - 60_000 * minute, number=900 + minute)
            for minute in range(5)
        ]
        await until(count + 5)
        # Another run begins with what the first one wrote.
        late.append(emulator.add_event(timestamp=now - 30_000, number=990))
        await until(count + 6)
    ids = Counter(event["event_id"] for event in _read(tmp_path))
    assert Counter(emulator.truth().ids) == ids
    assert {event["event_id"] for event in late} <= set(ids)


@pytest.mark.parametrize("kind", ["jsonl.gz", "jsonl.zst"])
async def test_compressed_lines(emulator, fp, window, tmp_path, kind):
    """Compressed files are whole after a run that was cut short and went on."""
    await _cut_short(
        emulator, export(fp, tmp_path, format=kind, max_in_flight=4, **window), pages=9
    )
    await export(fp, tmp_path, format=kind, **window)
    assert verify_crawl(tmp_path).ok
    if kind == "jsonl.gz":
        assert Counter(emulator.truth().ids) == Counter(
            event["event_id"] for event in _read(tmp_path, gzip.open)
        )


async def test_files_roll_by_size(emulator, fp, window, tmp_path):
    """A file of the size given is closed.

    Names sort by time, and the manifest lists them with their ends.
    """
    await export(fp, tmp_path, roll_bytes=200_000, **window)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    names = [file["name"] for file in manifest["files"]]
    assert len(names) > 3
    assert sorted(names) == names == sorted(path.name for path in tmp_path.glob("events-*"))
    for file in manifest["files"]:
        events = [json.loads(line) for line in (tmp_path / file["name"]).read_text().splitlines()]
        times = sorted(event["timestamp"] for event in events)
        ends = [file[end]["timestamp"] for end in ("first", "last")]
        assert (file["events"], ends) == (len(times), [times[0], times[-1]])


async def test_models_as_they_come(emulator, fp, window):
    """The async iterator gives every event as a model, once."""
    ids = [event.event_id async for event in crawl(fp, source="both", **window)]
    assert Counter(emulator.truth(source="both").ids) == Counter(ids)


async def test_progress_is_told(fp, window, tmp_path):
    """Progress is reported; the last report is of the end."""
    told = []
    await export(fp, tmp_path, on_progress=told.append, **window)
    assert (told[-1].covered, told[-1].done, told[-1].windows, told[-1].eta) == (1.0, 1.0, 0, 0.0)
