"""Whose files are in an output folder, and what it is bound to.

And what may happen to it from outside.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3

import pytest

from fingerprint_async import FingerprintClient, RateLimit
from fingerprint_async.crawl import (
    CrawlError,
    OutputDamagedError,
    OutputMismatchError,
    crawl_status,
    export,
    follow,
    verify_crawl,
)
from fingerprint_async.errors import ArgumentError, FingerprintError
from fingerprint_async.testing import Emulator

FORMATS = ["jsonl", "jsonl.gz", "jsonl.zst", "parquet", "duckdb"]


@pytest.fixture
def emulator():
    return Emulator(events=600, seed=3, detail="slim", searchable_after=0.0)


@pytest.fixture
def window(emulator):
    return {"start": emulator.start, "end": emulator.end}


def client_of(emulator, host="emulator"):
    return FingerprintClient(
        "test-key",
        base_url=f"https://{host}.test/v4",
        transport=emulator.transport(),
        rate_limit=RateLimit.off(),
    )


@pytest.fixture
async def fp(emulator):
    """A client of the emulator, in process and without a limit."""
    async with client_of(emulator) as client:
        yield client


def contents(folder):
    """Every file in a folder that is not the checkpoint's, and what it holds."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".crawl" not in path.parts
    }


@pytest.mark.parametrize(
    "name",
    [
        "events-2025-backup.jsonl",
        "events.duckdb",
        "notes.txt",
        "manifest.json",
        "events-1.parquet",
        "x/y",
    ],
)
@pytest.mark.parametrize("kind", ["jsonl", "duckdb"])
async def test_a_folder_that_holds_other_files_is_refused(fp, window, tmp_path, name, kind):
    """Nothing in it is touched or made; the error names what is there."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"mine")
    with pytest.raises(
        OutputMismatchError, match=r"nothing was touched\. Use an empty or new folder"
    ):
        await export(fp, tmp_path, format=kind, **window)
    assert contents(tmp_path) == {name: b"mine"}
    assert not (tmp_path / ".crawl").exists()


@pytest.mark.parametrize("kind", FORMATS)
async def test_an_output_whose_checkpoint_is_gone_is_refused(fp, window, tmp_path, kind):
    """An earlier export that was copied without its `.crawl` is not deleted, nor written twice."""
    await export(fp, tmp_path, format=kind, **window)
    shutil.rmtree(tmp_path / ".crawl")
    before = contents(tmp_path)
    with pytest.raises(OutputMismatchError, match="nothing was touched"):
        await export(fp, tmp_path, format=kind, **window)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("kind", FORMATS)
async def test_a_file_that_joins_an_output_later_is_refused_and_kept(fp, window, tmp_path, kind):
    """A resumed crawl deletes nothing that it did not record.

    What readers would take for its own stops it.
    """
    await export(fp, tmp_path, format=kind, **window)
    (tmp_path / "events-2025-backup.jsonl").write_bytes(b"mine")
    with pytest.raises(OutputMismatchError, match="events-2025-backup"):
        await export(fp, tmp_path, format=kind, **window)
    assert (tmp_path / "events-2025-backup.jsonl").read_bytes() == b"mine"
    assert any("events-2025-backup" in problem for problem in verify_crawl(tmp_path).problems)


async def test_other_files_beside_an_output_are_left_alone(fp, window, tmp_path):
    """A log file in the folder of a crawl that has begun disturbs nobody."""
    await export(fp, tmp_path, **window)
    (tmp_path / "nohup.out").write_bytes(b"log")
    assert (await export(fp, tmp_path, **window)).complete
    assert (tmp_path / "nohup.out").read_bytes() == b"log"


async def test_an_output_belongs_to_one_service(emulator, fp, window, tmp_path):
    """Another server, region or way of writing on the same folder is refused.

    Another key is fine.
    """
    await export(fp, tmp_path, **window)
    async with client_of(emulator, host="other") as other:
        with pytest.raises(OutputMismatchError, match="base_url was"):
            await export(other, tmp_path, **window)
    with pytest.raises(OutputMismatchError, match='read_as was "raw", is "typed"'):
        await export(fp, tmp_path, read_as="typed", **window)
    async with FingerprintClient(
        "test-key-us",
        base_url="https://emulator.test/v4",
        transport=emulator.transport(),
        rate_limit=RateLimit.off(),
    ) as rotated:
        assert (await export(rotated, tmp_path, **window)).complete


async def test_a_wrong_filter_binds_nothing(fp, window, tmp_path):
    """A query that the service refuses before anything was fetched leaves the folder free."""
    with pytest.raises(FingerprintError):
        await export(fp, tmp_path, ip_address="10.0.0.0/99", **window)
    assert (await export(fp, tmp_path, ip_address="0.0.0.0/0", **window)).complete


async def test_a_later_end_extends_an_output(emulator, fp, tmp_path):
    """The same query to a later end adds what is missing, each event once.

    An earlier end is refused.
    """
    middle = (emulator.start + emulator.end) // 2
    first = await export(fp, tmp_path, start=emulator.start, end=middle)
    second = await export(fp, tmp_path, start=emulator.start, end=emulator.end)
    assert first.events < second.events == emulator.truth().count
    assert verify_crawl(tmp_path).ok
    with pytest.raises(OutputMismatchError, match="end was"):
        await export(fp, tmp_path, start=emulator.start, end=middle)


async def test_follow_and_export_take_turns(emulator, fp, tmp_path):
    """Following and exporting in turn write every event once.

    The follow may stop anywhere.
    """
    import asyncio

    async def follow_until(count):
        task = asyncio.ensure_future(follow(fp, tmp_path, start=emulator.start, every=0.01))
        while not task.done() and (  # noqa: ASYNC110 -- files have no event to wait for
            not (tmp_path / "manifest.json").exists() or crawl_status(tmp_path).events < count
        ):
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    await follow_until(50)
    await export(fp, tmp_path, start=emulator.start)
    for number in range(20):
        emulator.add_event(
            timestamp=int(emulator.clock() * 1000) - 500 * number, number=5_000 + number
        )
        await follow_until(emulator.truth(end=None).count)
    summary = await export(fp, tmp_path, start=emulator.start)
    found = verify_crawl(tmp_path)
    assert found.problems == []
    assert summary.events == found.events == len(set(emulator.truth(end=None).ids))


@pytest.mark.parametrize(
    "address", ["s3://bucket/x", "gs://b/c", "https://example.com/out", "file:///tmp/x"]
)
@pytest.mark.parametrize("use", [crawl_status, verify_crawl])
async def test_an_address_is_refused(fp, window, tmp_path, monkeypatch, address, use):  # noqa: PLR0917 -- fixtures
    """An address never becomes a folder of this machine."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ArgumentError, match="addresses are not supported"):
        await export(fp, address, **window)
    with pytest.raises(ArgumentError, match="addresses are not supported"):
        use(address)
    assert list(tmp_path.iterdir()) == []


async def test_a_file_is_no_folder(fp, window, tmp_path):
    """An output that is a file is said to be one."""
    (tmp_path / "out").write_bytes(b"mine")
    with pytest.raises(OutputMismatchError, match="is a file"):
        await export(fp, tmp_path / "out", **window)


async def test_another_version_of_the_checkpoint_is_told(fp, window, tmp_path):
    """An output that another version wrote is refused, and left as it is.

    The error names both versions.
    """
    await export(fp, tmp_path, **window)
    with sqlite3.connect(tmp_path / ".crawl" / "state.sqlite") as db:
        db.execute("UPDATE meta SET value = '1' WHERE key = 'version'")
    db.close()
    before = contents(tmp_path)
    for use in (crawl_status, verify_crawl):
        with pytest.raises(OutputMismatchError, match="checkpoint version 1; this one writes 2"):
            use(tmp_path)
    with pytest.raises(OutputMismatchError, match="another version of this library"):
        await export(fp, tmp_path, **window)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("table", ["files", "windows"])
@pytest.mark.parametrize("damage", ["nonsense", '{"x":1}', "[1]"])
async def test_damaged_rows_of_the_checkpoint_are_told(fp, window, tmp_path, table, damage):
    """A row that holds something else is an error of ours, wherever it stands."""
    await export(fp, tmp_path, **window)
    with sqlite3.connect(tmp_path / ".crawl" / "state.sqlite") as db:
        db.execute("INSERT OR IGNORE INTO windows VALUES (999, '{}')")
        db.execute(f"UPDATE {table} SET state = ?", (damage,))  # noqa: S608 -- our own names
    db.close()
    for use in (crawl_status, verify_crawl):
        with pytest.raises(OutputDamagedError, match="damaged"):
            use(tmp_path)
    with pytest.raises(OutputDamagedError, match="damaged"):
        await export(fp, tmp_path, **window)


DAMAGES = {
    "a table is gone": "DROP TABLE counters",
    "a table has a column less": "ALTER TABLE known DROP COLUMN durable",
    "a table has a column more": "ALTER TABLE files ADD COLUMN age INTEGER",
    "there is another table": "CREATE TABLE mine (x INTEGER)",
    "the counters are gone": "DELETE FROM counters",
    "a counter is gone": "DELETE FROM counters WHERE key = 'horizon'",
    "a counter is no number": "UPDATE counters SET value = 'x' WHERE key = 'events'",
    "a moment is no number": "UPDATE counters SET value = 'x' WHERE key = 'round_start'",
    "the query is none": "UPDATE meta SET value = '[1]' WHERE key = 'query'",
    "a lost span is none": "INSERT OR REPLACE INTO meta VALUES ('note:lost', '[[1]]')",
}


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_checkpoint_with_something_missing_is_told(fp, window, tmp_path, kind, damage):
    """Whatever is missing in it or wrong, a crawl does not begin anew over what is there."""
    await export(fp, tmp_path, format=kind, **window)
    with sqlite3.connect(tmp_path / ".crawl" / "state.sqlite") as db:
        db.execute(DAMAGES[damage])
    db.close()
    before = contents(tmp_path)
    with pytest.raises(OutputDamagedError, match=r"damaged .*use another folder"):
        await export(fp, tmp_path, format=kind, **window)
    assert contents(tmp_path) == before
    for use in (crawl_status, verify_crawl):
        # What only a run reads may go unnoticed here.
        with contextlib.suppress(OutputDamagedError):
            use(tmp_path)


async def test_a_database_of_somebody_else_is_not_taken(fp, window, tmp_path):
    """A database in the checkpoint's place that is none of ours is refused, and stays as it is."""
    (tmp_path / ".crawl").mkdir()
    path = tmp_path / ".crawl" / "state.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE mine (x INTEGER)")
    db.close()
    before = path.read_bytes()
    for use in (crawl_status, verify_crawl):
        with pytest.raises(OutputMismatchError, match="checkpoint version unknown"):
            use(tmp_path)
    with pytest.raises(OutputMismatchError, match="crawl into another folder"):
        await export(fp, tmp_path, **window)
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT name FROM sqlite_master").fetchall() == [("mine",)]
    db.close()
    assert before[:16] == path.read_bytes()[:16]


@pytest.mark.parametrize("output", [None, 5, b"out", "", "  ", ["out"]])
async def test_what_is_no_path_is_an_error_of_ours(fp, window, output):
    """An output that cannot be a folder's path is named, whatever its type."""
    with pytest.raises(ArgumentError, match="output must be the path of a folder"):
        await export(fp, output, **window)
    for use in (crawl_status, verify_crawl):
        with pytest.raises(ArgumentError, match="output must be the path of a folder"):
            use(output)


@pytest.mark.parametrize("name", ["manifest.json", "events"])
async def test_a_folder_in_the_place_of_a_file_is_told(fp, window, tmp_path, name):
    """Neither a run nor `verify` takes a folder for the file that should be there."""
    await export(fp, tmp_path, **window)
    (path,) = tmp_path.glob(f"{name}*")
    path.unlink()
    path.mkdir()
    assert not verify_crawl(tmp_path).ok
    with pytest.raises(CrawlError):
        await export(fp, tmp_path, **window)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
async def test_flipped_bytes_are_found(fp, window, tmp_path, kind, place):
    """Whatever bytes of a file are changed, in any format, verifying says so and raises nothing."""
    await export(fp, tmp_path, format=kind, **window)
    (path,) = [path for path in tmp_path.glob("events*") if path.suffix != ".wal"]
    content = bytearray(path.read_bytes())
    at = int(len(content) * place)
    content[at : at + 3] = bytes(byte ^ 0x55 for byte in content[at : at + 3])
    path.write_bytes(content)
    found = verify_crawl(tmp_path)
    assert not found.ok
    assert path.name in " ".join(found.problems)


@pytest.mark.parametrize("kind", FORMATS)
async def test_any_damage_is_a_finding(fp, window, tmp_path, kind):
    """A file that was emptied, cut, replaced or removed is a line of the verification."""
    await export(fp, tmp_path, format=kind, **window)
    (path,) = [path for path in tmp_path.glob("events*") if path.suffix != ".wal"]
    whole = path.read_bytes()
    for content in (b"", whole[: len(whole) // 2], b"x" * len(whole), whole + b"\n", None):
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)
        assert not verify_crawl(tmp_path).ok


async def test_a_folder_that_cannot_be_written_can_be_inspected(fp, window, tmp_path, monkeypatch):
    """`status` and `verify` read a checkpoint whose folder they may not write to."""
    await export(fp, tmp_path, **window)
    connect = sqlite3.connect

    def refusing(database, *arguments, **options):
        if "mode=ro" in str(database):
            raise sqlite3.OperationalError("unable to open database file")
        return connect(database, *arguments, **options)

    monkeypatch.setattr(sqlite3, "connect", refusing)
    before = sorted((tmp_path / ".crawl").iterdir())
    assert crawl_status(tmp_path).complete
    assert verify_crawl(tmp_path).ok
    assert sorted((tmp_path / ".crawl").iterdir()) == before


async def test_a_file_that_goes_while_the_crawl_runs_is_told(emulator, fp, window, tmp_path):
    """An output whose files are removed meanwhile is never called complete."""

    def remove(progress):
        for path in tmp_path.glob("events-*"):
            path.unlink()

    slow = Emulator(events=600, seed=3, detail="slim", latency=0.15)
    async with client_of(slow) as client:
        with pytest.raises(OutputDamagedError):
            await export(
                client,
                tmp_path,
                max_in_flight=1,
                roll_bytes=20_000,
                on_progress=remove,
                start=slow.start,
                end=slow.end,
            )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"roll_bytes": 0}, "roll_bytes must be a whole number"),
        ({"roll_bytes": 1.5}, "roll_bytes must be a whole number"),
        ({"roll_bytes": float("nan")}, "roll_bytes must be a whole number"),
        ({"roll_seconds": 0}, "roll_seconds must be a finite number"),
        ({"roll_seconds": float("nan")}, "roll_seconds must be a finite number"),
        ({"roll_seconds": float("inf")}, "roll_seconds must be a finite number"),
        ({"patience": float("inf")}, "patience must be a finite number"),
        ({"patience": -1}, "patience must be a finite number"),
    ],
)
async def test_sizes_and_times_are_checked(emulator, fp, window, tmp_path, arguments, message):  # noqa: PLR0917 -- fixtures
    """A size or a time that cannot be right is an error that names it.

    It comes before anything is sent or made.
    """
    with pytest.raises(ArgumentError, match=message):
        await export(fp, tmp_path / "out", **arguments, **window)
    assert not (tmp_path / "out").exists()
    assert emulator.stats()["requests"] == 0


async def test_progress_may_be_awaited(fp, window, tmp_path):
    """A coroutine function is awaited, and what it raises ends the run."""
    told = []

    async def tell(progress):
        told.append(progress)

    await export(fp, tmp_path, on_progress=tell, **window)
    assert told[-1].covered == 1.0


async def test_the_manifest_tells_what_there_is(fp, window, tmp_path):
    """It names the files with their checksums, and as of when they are complete."""
    summary = await export(fp, tmp_path, **window)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert (manifest["complete"], manifest["as_of"]) == (True, summary.as_of)
    assert (manifest["quarantined"], manifest["lost"]) == (0, [])
    assert all(len(file["crc32"]) == 8 for file in manifest["files"])
