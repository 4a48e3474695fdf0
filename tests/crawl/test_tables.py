from __future__ import annotations

import datetime as dt
import importlib.util
import json
import subprocess
import sys

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fingerprint_async import FingerprintClient, RateLimit
from fingerprint_async.crawl import export, verify_crawl
from fingerprint_async.crawl.checkpoint import Checkpoint
from fingerprint_async.crawl.formats import _arrow, _duckdb
from fingerprint_async.crawl.formats._arrow import EventTable
from fingerprint_async.crawl.formats._columns import (
    UNKNOWN,
    columns_from_state,
    columns_state,
    event_columns,
)
from fingerprint_async.testing import Emulator, make_event


@pytest.fixture
async def fp():
    """A client of an emulator with some thousand events, in process."""
    emulator = Emulator(events=3_000, seed=9)
    async with FingerprintClient(
        "test-key",
        base_url="https://emulator.test/v4",
        transport=emulator.transport(),
        rate_limit=RateLimit.off(),
    ) as client:
        client.emulator = emulator
        yield client


def rows(*events):
    """Events as rows of a table."""
    return EventTable(event_columns()).batch([json.dumps(event).encode() for event in events])


def row(event):
    """One event as a row, and what is in its column of unknown values."""
    found = rows(event).to_pylist()[0]
    unknown = found.pop(UNKNOWN)
    return found, None if unknown is None else json.loads(unknown)


QUESTION = """
    SELECT count(*), count(DISTINCT event_id), count(*) FILTER (vpn), avg(suspect_score),
           count(DISTINCT identification.visitor_id),
           max(json_extract_string(tags, '$') IS NOT NULL),
           min(timestamp), max(velocity.events._1_hour)
    FROM {}
"""


async def test_parquet_answers_sql(fp, tmp_path):
    """A Parquet output is queried as it lies there, nested columns and all."""
    emulator = fp.emulator
    await export(
        fp, tmp_path, start=emulator.start, end=emulator.end, format="parquet", roll_bytes=2_000_000
    )
    assert len(list(tmp_path.glob("events-*.parquet"))) > 2
    ((count, ids, vpn, score, visitors, _, first, _),) = duckdb.sql(
        QUESTION.format(f"'{tmp_path}/events-*.parquet'")
    ).fetchall()
    truth = emulator.truth(ids=False).count
    assert (truth, truth, emulator.truth(vpn="true", ids=False).count) == (count, ids, vpn)
    assert score > 0
    assert 0 < visitors < count
    assert isinstance(first, dt.datetime)
    assert verify_crawl(tmp_path).ok


async def test_duckdb_answers_sql(fp, tmp_path):
    """A DuckDB output is one database with one table of events."""
    emulator = fp.emulator
    await export(fp, tmp_path, start=emulator.start, end=emulator.end, format="duckdb")
    with duckdb.connect(str(tmp_path / "events.duckdb"), read_only=True) as db:
        count, ids, vpn, *_, first, _ = db.execute(QUESTION.format("events")).fetchone()
    truth = emulator.truth(ids=False).count
    assert (truth, truth, emulator.truth(vpn="true", ids=False).count) == (count, ids, vpn)
    assert isinstance(first, dt.datetime)
    assert verify_crawl(tmp_path).ok


@pytest.mark.parametrize("odd", [True, False])
def test_both_ways_into_a_table_give_the_same_rows(odd):
    """Arrow's reader gives the same of events as they came and of fitted ones.

    So it is whether the batch holds what the columns do not know or not.
    """
    events = [
        json.dumps(make_event(number=number), separators=(",", ":")).encode()
        for number in range(60)
    ]
    if odd:
        events[7] = events[7][:-1] + b',"brand_new":{"a":[1,null]}}'
    fast, slow = EventTable(event_columns()), EventTable(event_columns())
    assert _comparable(fast.batch(events)) == _comparable(slow._fitted(events))
    assert fast.evolved == slow.evolved == int(odd)


def _comparable(table):
    """Rows with their free-form objects parsed: their text may differ in what it escapes."""
    return [{**one, "tags": json.loads(one["tags"] or "null")} for one in table.to_pylist()]


def test_whatever_events_hold_both_ways_agree_or_the_fast_one_refuses():
    """A value of another type never becomes NULL on the fast way without standing in `unknown`."""
    values = [
        3.0, 3.5, "3", True, None, [], {}, [1], {"a": 1}, 10**30, -1, 1e300, "", "x", [None], [{}],
        {"name": "p", "odd": 1}, [{"name": "p", "odd": 1}], [["x"]], "2024-01-01T00:00:00Z", 0,
    ]  # fmt: skip
    names = ["suspect", "suspect_score", "timestamp", "linked_id", "vpn_ml_score", "tags", "labels"]
    for name in [*names, "identification", "raw_device_attributes", "brand_new"]:
        for value in values:
            event = json.dumps({"event_id": "1.a", name: value}).encode()
            fast, slow = EventTable(event_columns()), EventTable(event_columns())
            assert fast.batch([event]).to_pylist() == slow._fitted([event]).to_pylist(), (
                name,
                value,
            )


def test_nothing_is_lost_in_columns():
    """What the schema does not know, or has another type for, stands in `unknown`.

    It stands there at its own place.
    """
    event = {
        "event_id": "1.a",
        "timestamp": 1,
        "suspect": "perhaps",
        "vpn": None,
        "tags": {"a": [1, {"b": None}]},
        "identification": {"visitor_id": "v", "first_seen_at": "long ago", "new": {"deep": True}},
        "brand_new": [1, 2],
        "suspect_score": 10**30,
    }
    found, unknown = row(event)
    assert (found["event_id"], found["suspect"]) == ("1.a", None)
    assert event["tags"] == json.loads(found["tags"])
    assert found["identification"]["visitor_id"] == "v"
    assert unknown == {
        "suspect": "perhaps",
        "identification": {"first_seen_at": "long ago", "new": {"deep": True}},
        "brand_new": [1, 2],
        "suspect_score": 10**30,
    }


def test_a_new_field_in_a_list_leaves_the_list_in_its_column():
    """The known part of each item stays; the rest stands beside it, at the item's index."""
    plugins = [{"name": "a"}, {"name": "b", "odd": 1}]
    found, unknown = row({"event_id": "1.a", "raw_device_attributes": {"plugins": plugins}})
    assert [one["name"] for one in found["raw_device_attributes"]["plugins"]] == ["a", "b"]
    assert unknown == {"raw_device_attributes": {"plugins": {"1": {"odd": 1}}}}


def test_a_whole_number_is_one_however_it_is_written():
    """`3.0` in a column of integers is 3, and `3.5` stands beside it."""
    assert row({"event_id": "1.a", "suspect_score": 3.0}) == (
        {**row({"event_id": "1.a"})[0], "suspect_score": 3},
        None,
    )
    found, unknown = row({"event_id": "1.a", "suspect_score": 3.5})
    assert (found["suspect_score"], unknown) == (None, {"suspect_score": 3.5})


def test_a_number_beyond_doubles_is_kept_beside_its_column():
    """No double holds it, and it is no reason to stop."""
    number = int("9" * 400)
    found, unknown = row({**make_event(), "proxy_ml_score": number})
    assert (found["proxy_ml_score"], unknown) == (None, {"proxy_ml_score": number})


def test_moments_are_timestamps():
    """Unix milliseconds are timestamps, also in structs.

    One that no table takes stands beside it.
    """
    found, _ = row(
        {"event_id": "1.a", "timestamp": 1_700_000_000_000, "identification": {"last_seen_at": 0}}
    )
    assert found["timestamp"].year == 2023
    assert found["identification"]["last_seen_at"].year == 1970
    found, unknown = row({"event_id": "1.a", "factory_reset_timestamp": 10**17})
    assert (found["factory_reset_timestamp"], unknown) == (
        None,
        {"factory_reset_timestamp": 10**17},
    )


def test_names_begin_with_no_digit():
    """Warehouses take no column whose name begins with a digit."""
    names = []

    def collect(type_):
        for index in range(type_.num_fields):
            field = type_.field(index)
            names.append(field.name)
            collect(field.type)

    collect(pa.struct(list(EventTable(event_columns()).schema)))
    assert "_24_hours" in names
    assert not [name for name in names if name[:1].isdigit()]


def test_every_long_integer_of_the_schema_is_a_moment_or_is_known_not_to_be():
    """A new 64-bit integer in the schema has to be decided: moment or number."""
    longs = {
        path[-1]
        for column in event_columns()
        for path, leaf in column.leaves()
        if leaf.kind == "timestamp" or path[-1].endswith(("_at", "timestamp"))
    }
    assert longs == {"timestamp", "factory_reset_timestamp", "first_seen_at", "last_seen_at"}


def test_rows_that_are_no_events():
    """Even a row that is no object at all is kept."""
    assert json.loads(EventTable(event_columns()).batch([b"[1]"]).to_pylist()[0][UNKNOWN]) == [1]


@pytest.mark.parametrize("kind", ["parquet", "duckdb"])
async def test_a_table_keeps_the_columns_it_was_begun_with(fp, tmp_path, kind):
    """A later schema changes no column of an output.

    What is new to it stands in `unknown`, and is counted.
    """
    emulator = fp.emulator
    middle = (emulator.start + emulator.end) // 2
    options = {"start": emulator.start, "format": kind}
    older = tuple(column for column in event_columns() if column.name not in {"vpn", "url"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fingerprint_async.crawl.formats._stage.event_columns", lambda: older)
        first = await export(fp, tmp_path, end=middle, **options)
    second = await export(fp, tmp_path, end=emulator.end, **options)
    assert second.complete
    assert second.events == emulator.truth(ids=False).count
    assert second.evolved > first.evolved > 0
    assert verify_crawl(tmp_path).ok
    source = f"'{tmp_path}/events-*.parquet'" if kind == "parquet" else "events"
    database = ":memory:" if kind == "parquet" else str(tmp_path / "events.duckdb")
    with duckdb.connect(database) as db:
        names = {name for name, *_ in db.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}  # noqa: S608 -- our own names
        (vpn,) = db.execute(
            f"SELECT count(*) FROM {source} WHERE json_extract_string(unknown, '$.vpn') = 'true'"  # noqa: S608 -- our own names
        ).fetchone()
    assert "vpn" not in names
    assert vpn == emulator.truth(vpn="true", ids=False).count


def test_columns_survive_the_checkpoint():
    """Columns are the same after they were kept."""
    state = json.loads(json.dumps(columns_state(event_columns())))
    assert columns_from_state(state) == event_columns()


@pytest.mark.parametrize("kind", ["parquet", "duckdb"])
async def test_a_run_that_is_cancelled_leaves_no_rows_in_a_stage(fp, tmp_path, kind):
    """Whatever ends a run early, the rows it has fetched can be read in their table."""
    emulator = fp.emulator
    bounds = {"start": emulator.start, "end": emulator.end}
    with pytest.raises(RuntimeError, match="enough"):
        await export(fp, tmp_path, format=kind, on_progress=_stop, **bounds)
    with Checkpoint.read(tmp_path) as checkpoint:
        assert [file for file in checkpoint.files() if file.kind == "stage"] == []
    found = verify_crawl(tmp_path)
    assert found.events == found.status.events
    assert (await export(fp, tmp_path, format=kind, **bounds)).complete
    assert verify_crawl(tmp_path).ok


def _stop(progress):
    raise RuntimeError("enough")


async def test_row_groups_are_written_as_they_come(fp, tmp_path, monkeypatch):
    """A Parquet file is written group by group: memory does not grow with it."""
    from fingerprint_async.crawl.formats import _parquet

    monkeypatch.setattr(_parquet, "_ROW_GROUP_BYTES", 500_000)
    emulator = fp.emulator
    await export(fp, tmp_path, start=emulator.start, end=emulator.end, format="parquet")
    (path,) = tmp_path.glob("events-*.parquet")
    assert pq.ParquetFile(path).num_row_groups >= 3


def test_a_batch_that_arrow_cannot_read_is_read_all_the_same(monkeypatch):
    """Whatever Arrow's reader refuses goes the other way, whole."""
    events = [b'{"event_id":"1.a","a":1,"a":2}', b'{"event_id":"1.b","suspect":1}']
    table = _arrow.EventTable(event_columns()).batch(events)
    assert table["event_id"].to_pylist() == ["1.a", "1.b"]


@pytest.mark.parametrize("kind", ["parquet", "duckdb"])
def test_a_table_needs_no_pandas(tmp_path, kind):
    """No table is made by way of pandas, though it is installed: it takes a second and 50 MB."""
    assert importlib.util.find_spec("pandas") is not None
    done = subprocess.run(
        [sys.executable, "-c", _EXPORT, kind, str(tmp_path)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "True False"), done.stderr


_EXPORT = """
import asyncio, sys
from fingerprint_async import FingerprintClient, RateLimit
from fingerprint_async.crawl import export
from fingerprint_async.crawl.formats import _stage
from fingerprint_async.testing import Emulator

# Without one of the columns, events do not fit the others.
columns = tuple(column for column in _stage.event_columns() if column.name != "vpn")
_stage.event_columns = lambda: columns

async def main(kind, folder):
    emulator = Emulator(events=500, seed=9)
    async with FingerprintClient(
        "test-key", base_url="https://emulator.test/v4", transport=emulator.transport(),
        rate_limit=RateLimit.off(),
    ) as client:
        summary = await export(client, folder, start=emulator.start, end=emulator.end, format=kind)
    assert summary.evolved
    print(summary.events == emulator.truth(ids=False).count, "pandas" in sys.modules)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_row_groups_of_a_database_are_full(fp, tmp_path, monkeypatch):
    """Whatever the size of pages, all row groups but the last have the same number of rows.

    DuckDB writes such at once.
    """
    monkeypatch.setattr(_duckdb, "_PART_EVENTS", 2_048)
    emulator = fp.emulator
    await export(fp, tmp_path, start=emulator.start, end=emulator.end, format="duckdb")
    with duckdb.connect(str(tmp_path / "events.duckdb"), read_only=True) as db:
        groups = db.execute(
            "SELECT sum(count) FROM pragma_storage_info('events') WHERE column_name = 'event_id' "
            "AND segment_type = 'VARCHAR' GROUP BY row_group_id ORDER BY row_group_id"
        ).fetchall()
    assert [(2_048,), (emulator.truth(ids=False).count - 2_048,)] == groups


async def test_a_database_is_opened_anew_on_the_way(fp, tmp_path, monkeypatch):
    """What DuckDB keeps for each row group it wrote is let go, and nothing is lost by it."""
    monkeypatch.setattr(_duckdb, "_PART_EVENTS", 2_048)
    monkeypatch.setattr(_duckdb, "_PARTS_OF_A_CONNECTION", 1)
    opened: list[object] = []
    connect = duckdb.connect
    monkeypatch.setattr(duckdb, "connect", lambda **args: opened.append(args) or connect(**args))
    emulator = fp.emulator
    summary = await export(fp, tmp_path, start=emulator.start, end=emulator.end, format="duckdb")
    monkeypatch.undo()
    assert len(opened) == 2
    assert summary.events == emulator.truth(ids=False).count
    assert verify_crawl(tmp_path).ok
