"""An output that was copied, restored or tampered with between two runs.

A run goes on from any moment's copy, and never calls an output complete in which committed events
are gone, or there twice.
"""

from __future__ import annotations

import os
import shutil

import pytest

from fingerprint_async.crawl import OutputDamagedError, export, verify_crawl
from fingerprint_async.crawl.checkpoint import Checkpoint
from fingerprint_async.crawl.formats import _duckdb
from fingerprint_async.testing import Emulator

FORMATS = ["jsonl", "jsonl.gz", "jsonl.zst", "parquet", "duckdb"]
ROWS = 2_048
"""Events of a part: the fewest that DuckDB takes as a row group."""


@pytest.fixture
def emulator():
    return Emulator(events=6_000, seed=3, detail="slim", searchable_after=0.0)


async def copies_of_a_run(fp, window, folder, kind, monkeypatch, *, every=8, roll_bytes=100_000):
    """Run an export, and copy its folder after every so many commits, as a backup would."""
    monkeypatch.setattr(_duckdb, "_PART_EVENTS", ROWS)
    commit, copies, commits = Checkpoint.commit, [], 0

    def copying(self, **options):
        nonlocal commits
        commit(self, **options)
        commits += 1
        if commits % every == 0:
            copies.append(folder.with_name(f"copy-{commits}"))
            shutil.copytree(folder, copies[-1])

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "commit", copying)
        await export(fp, folder, **window, format=kind, roll_bytes=roll_bytes, max_in_flight=2)
    return copies


async def goes_on(fp, window, folder, kind):
    """Go on with an output; whether it says that all is there."""
    return (await export(fp, folder, **window, format=kind)).complete


@pytest.mark.parametrize("kind", FORMATS)
async def test_a_copy_of_any_moment_goes_on(fp, window, tmp_path, emulator, monkeypatch, kind):  # noqa: PLR0917 -- fixtures
    """A folder that was copied while the crawl ran ends like the one it was copied from."""
    copies = await copies_of_a_run(fp, window, tmp_path / "out", kind, monkeypatch)
    assert len(copies) > 3
    for copy in copies[:: max(1, len(copies) // 6)]:
        assert await goes_on(fp, window, copy, kind)
        assert verify_crawl(copy).problems == []
        assert verify_crawl(copy).events == emulator.truth(ids=False).count


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.unlink(),
        lambda path: os.truncate(path, path.stat().st_size // 2),
        lambda path: os.truncate(path, 0),
    ],
    ids=["gone", "half", "empty"],
)
@pytest.mark.parametrize("name", ["events.duckdb", "events.duckdb.wal"])
async def test_rows_that_went_from_a_database_are_missed(  # noqa: PLR0917 -- fixtures
    fp, window, tmp_path, monkeypatch, name, damage
):
    """After a kill nobody knows the size of the database: its rows are counted."""
    copies = await copies_of_a_run(fp, window, tmp_path / "out", "duckdb", monkeypatch, every=4)
    hit = [copy for copy in copies if (copy / name).exists() and (copy / name).stat().st_size > 99]
    assert hit
    for copy in hit[:: max(1, len(hit) // 3)]:
        damage(copy / name)
        with pytest.raises(OutputDamagedError):
            await goes_on(fp, window, copy, "duckdb")


@pytest.mark.parametrize("kind", FORMATS)
async def test_an_older_checkpoint_over_newer_files(fp, window, tmp_path, monkeypatch, kind):
    """It says less than there is: nothing is written twice, or the folder is refused."""
    out = tmp_path / "out"
    copies = await copies_of_a_run(fp, window, out, kind, monkeypatch, roll_bytes=1 << 40)
    for copy in copies[:: max(1, len(copies) // 6)]:
        mixed = tmp_path / f"mixed-{copy.name}"
        shutil.copytree(out, mixed)
        shutil.rmtree(mixed / ".crawl")
        shutil.copytree(copy / ".crawl", mixed / ".crawl")
        try:
            assert await goes_on(fp, window, mixed, kind)
        except (OutputDamagedError, ValueError):
            continue
        assert verify_crawl(mixed).problems == []


@pytest.mark.parametrize("kind", FORMATS)
async def test_a_finished_file_that_grew_is_not_complete(fp, window, tmp_path, kind):
    """Somebody appended to a file that the crawl had closed."""
    await export(fp, tmp_path, **window, format=kind)
    for path in tmp_path.glob("events*"):
        with path.open("ab") as file:
            file.write(b"more\n")
    with pytest.raises(OutputDamagedError, match="bytes"):
        await goes_on(fp, window, tmp_path, kind)


async def test_a_database_is_not_written_over_damage(fp, emulator, window, tmp_path):
    """Its checksum is compared before it is given up for a new one."""
    middle = (emulator.start + emulator.end) // 2
    await export(fp, tmp_path, start=emulator.start, end=middle, format="duckdb")
    path = tmp_path / "events.duckdb"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x41
    path.write_bytes(bytes(content))
    with pytest.raises(OutputDamagedError, match="checksum"):
        await goes_on(fp, window, tmp_path, "duckdb")


async def test_a_part_is_not_read_back_damaged(fp, window, tmp_path, monkeypatch):
    """A flipped digit in a part is no event that the service sent."""
    copies = await copies_of_a_run(fp, window, tmp_path / "out", "parquet", monkeypatch)
    for copy in copies:
        for part in (copy / ".crawl").glob("part-*.jsonl"):
            content = part.read_bytes()
            if content:
                part.write_bytes(content.replace(b"1", b"2", 1))
                with pytest.raises(OutputDamagedError, match="checksum"):
                    await goes_on(fp, window, copy, "parquet")
                return
    pytest.fail("no copy has a part")


@pytest.mark.parametrize("kind", FORMATS)
async def test_a_later_end_is_reached_in_one_run_after_a_kill(
    fp, emulator, tmp_path, monkeypatch, kind
):
    """What the killed run had planned is finished, and what lies beyond it is fetched, too."""
    early = {"start": emulator.start, "end": (emulator.start + emulator.end) // 2}
    copies = await copies_of_a_run(fp, early, tmp_path / "out", kind, monkeypatch, every=4)
    summary = await export(fp, copies[0], start=emulator.start, end=emulator.end, format=kind)
    assert (summary.complete, summary.end) == (True, emulator.end)
    assert summary.events == emulator.truth(ids=False).count
    assert verify_crawl(copies[0]).ok
