"""A disk that is full, at every step of a run.

Nothing is lost, nothing is doubled, and the next run goes on.
"""

from __future__ import annotations

import errno
import os

import pytest

from fingerprint_async.crawl import OutputWriteError, crawl_status, export, verify_crawl
from fingerprint_async.crawl._writer import Writer
from fingerprint_async.crawl.checkpoint import Checkpoint
from fingerprint_async.crawl.formats import _lines as line_sink
from fingerprint_async.testing import Emulator

FORMATS = ["jsonl", "jsonl.gz", "jsonl.zst", "parquet", "duckdb"]


@pytest.fixture
def emulator():
    return Emulator(events=700, seed=3, detail="slim")


class Disk:
    """Has room for so many steps, and none for any after them."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.steps_left: int | None = None
        self.steps = 0
        for owner, name in ((Checkpoint, "_transaction"), (line_sink, "write_all")):
            patch.setattr(owner, name, self._limited(getattr(owner, name)))

    def _limited(self, work):
        def limited(*arguments, **options):
            self.steps += 1
            if self.steps_left is not None and self.steps > self.steps_left:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return work(*arguments, **options)

        return limited


@pytest.mark.parametrize("kind", FORMATS)
async def test_a_disk_that_is_full_at_any_step_loses_nothing(
    emulator, fp, tmp_path, monkeypatch, kind
):
    """Wherever it happens, the error says so, and the same command goes on once there is room."""
    disk = Disk(monkeypatch)
    options = {"start": emulator.start, "end": emulator.end, "format": kind, "roll_bytes": 60_000}
    is_over = False
    while not is_over:
        folder = tmp_path / str(disk.steps_left)
        disk.steps_left, disk.steps = (1 if disk.steps_left is None else disk.steps_left + 1), 0
        try:
            await export(fp, folder, **options)
            is_over = True
        except OutputWriteError as error:
            assert "No space left on device" in str(error)  # noqa: PT017 -- both ends are right
        step, disk.steps_left = disk.steps_left, None
        summary = await export(fp, folder, **options)
        found = verify_crawl(folder)
        assert (found.problems, found.events) == ([], emulator.truth().count), f"step {step}"
        assert summary.complete
        disk.steps_left = step
    assert disk.steps_left > 5


async def test_a_run_that_dies_after_its_last_page_was_over(emulator, fp, tmp_path, monkeypatch):
    """Killed between the commit of the last page and its end, a crawl is not begun again."""

    async def dies(self):
        while self._running is not None:
            await self._running
        raise SystemExit

    monkeypatch.setattr(Writer, "drain", dies)
    window = {"start": emulator.start, "end": emulator.end}
    with pytest.raises(SystemExit):
        await export(fp, tmp_path, **window)
    monkeypatch.undo()
    pages = emulator.stats()["pages"]
    summary = await export(fp, tmp_path, **window)
    assert emulator.stats()["pages"] == pages
    assert (summary.complete, summary.events) == (True, emulator.truth().count)
    assert verify_crawl(tmp_path).problems == []


async def test_a_file_that_was_recorded_and_not_made_is_not_missing(fp, emulator, tmp_path):
    """A run that dies between recording a file and making it leaves a folder that can go on."""
    window = {"start": emulator.start, "end": emulator.end}
    folder = tmp_path / "out"
    with pytest.MonkeyPatch.context() as patch:

        def full(*_):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        patch.setattr(line_sink, "write_all", full)
        with pytest.raises(OutputWriteError):
            await export(fp, folder, **window)
    for path in folder.glob("events-*"):
        path.unlink()
    assert (await export(fp, folder, **window)).complete
    assert crawl_status(folder).events == emulator.truth().count


async def test_a_database_that_was_not_made_to_the_end_is_made_anew(
    emulator, fp, tmp_path, monkeypatch
):
    """A disk that is full while DuckDB makes its file leaves half of one.

    Its rows are in parts still.
    """
    duckdb = pytest.importorskip("duckdb")
    window = {"start": emulator.start, "end": emulator.end, "format": "duckdb"}

    def half(*_, **__):
        (tmp_path / "events.duckdb").write_bytes(b"half")
        raise duckdb.IOException("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(duckdb, "connect", half)
        with pytest.raises(OutputWriteError, match="No space left"):
            await export(fp, tmp_path, **window)
    assert (await export(fp, tmp_path, **window)).complete
    found = verify_crawl(tmp_path)
    assert (found.problems, found.events) == ([], emulator.truth().count)
