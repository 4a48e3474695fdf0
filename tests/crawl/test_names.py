from __future__ import annotations

import pytest

from fingerprint_async import FingerprintClient, RateLimit
from fingerprint_async.crawl import crawl_status, export, verify_crawl
from fingerprint_async.errors import ArgumentError, FingerprintError
from fingerprint_async.testing import Emulator


@pytest.fixture
def emulator():
    return Emulator(events=40, seed=3, detail="slim")


@pytest.mark.parametrize("kind", ["jsonl", "jsonl.gz", "parquet", "duckdb"])
async def test_runs_in_one_second_never_share_a_file(tmp_path, monkeypatch, kind):
    """However fast runs follow each other, no file or part has the name of an earlier one."""
    monkeypatch.setattr("time.gmtime", lambda *_: (2026, 1, 1, 0, 0, 0, 3, 1, 0))
    emulator = Emulator(events=400, seed=3, detail="slim")
    step = (emulator.end - emulator.start) // 4
    async with FingerprintClient(
        "test-key",
        base_url="https://emulator.test/v4",
        transport=emulator.transport(),
        rate_limit=RateLimit.off(),
    ) as client:
        for part in range(1, 5):
            end = emulator.start + part * step
            summary = await export(client, tmp_path, start=emulator.start, end=end, format=kind)
            found = verify_crawl(tmp_path)
            assert (found.problems, found.events) == ([], summary.events)
    assert summary.events == emulator.truth(end=end).count


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "duckdb"])
@pytest.mark.parametrize("name", ["md:x", "sqlite:x", "~x", "a 'b\" ;ü", "new\nline", "a*[b]%20"])
async def test_a_folder_may_have_any_name(fp, emulator, tmp_path, monkeypatch, kind, name):  # noqa: PLR0917 -- fixtures
    """Whatever a library reads into a relative path, the output is in that folder."""
    monkeypatch.chdir(tmp_path)
    window = {"start": emulator.start, "end": emulator.end}
    assert (await export(fp, name, format=kind, **window)).complete
    assert list((tmp_path / name).glob("events*"))
    assert verify_crawl(name).ok


@pytest.mark.parametrize("name", ["a?b", "a\\b"])
async def test_a_path_that_duckdb_does_not_take_is_refused_at_once(fp, emulator, tmp_path, name):
    """Nothing is asked for and nothing is made; other formats take it."""
    window = {"start": emulator.start, "end": emulator.end}
    with pytest.raises(ArgumentError, match="output"):
        await export(fp, tmp_path / name, format="duckdb", **window)
    assert not list(tmp_path.iterdir())
    assert (await export(fp, tmp_path / name, **window)).complete


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "\ud800", "a/" * 3000])
async def test_a_name_that_no_folder_can_have_is_a_typed_error(fp, emulator, tmp_path, name):
    """Also where it is only read."""
    folder = f"{tmp_path}/{name}"
    with pytest.raises(FingerprintError):
        await export(fp, folder, start=emulator.start, end=emulator.end)
    for read in (crawl_status, verify_crawl):
        with pytest.raises(FingerprintError):
            read(folder)


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "duckdb"])
async def test_a_program_may_change_its_folder_meanwhile(fp, emulator, tmp_path, monkeypatch, kind):
    """A relative output stays where it was when the run began."""
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    monkeypatch.chdir(tmp_path / "one")
    window = {"start": emulator.start, "end": emulator.end}
    summary = await export(
        fp, "out", format=kind, on_progress=lambda _: monkeypatch.chdir(tmp_path / "two"), **window
    )
    assert summary.complete
    assert not list((tmp_path / "two").iterdir())
    assert verify_crawl(tmp_path / "one" / "out").ok
