from __future__ import annotations

import json

import duckdb
import pytest

from fingerprint_async import FingerprintClient, RateLimit
from fingerprint_async.crawl import export, verify_crawl
from fingerprint_async.crawl.sinks.columns import UNKNOWN, event_schema, to_batch
from fingerprint_async.testing import Emulator


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


QUESTION = """
    SELECT count(*), count(DISTINCT event_id), count(*) FILTER (vpn), avg(suspect_score),
           count(DISTINCT identification.visitor_id), max(json_extract_string(tags, '$') IS NOT NULL)
    FROM {}
"""


async def test_parquet_answers_sql(fp, tmp_path):
    """A Parquet output is queried as it lies there, nested columns and all."""
    emulator = fp.emulator
    await export(
        fp, tmp_path, start=emulator.start, end=emulator.end, format="parquet", roll_bytes=2_000_000
    )
    assert len(list(tmp_path.glob("events-*.parquet"))) > 2
    ((count, ids, vpn, score, visitors, _),) = duckdb.sql(
        QUESTION.format(f"'{tmp_path}/events-*.parquet'")
    ).fetchall()
    truth = emulator.truth(ids=False).count
    assert (truth, truth, emulator.truth(vpn="true", ids=False).count) == (count, ids, vpn)
    assert score > 0
    assert 0 < visitors < count
    assert verify_crawl(tmp_path).ok


async def test_duckdb_answers_sql(fp, tmp_path):
    """A DuckDB output is one database with one table of events."""
    emulator = fp.emulator
    await export(fp, tmp_path, start=emulator.start, end=emulator.end, format="duckdb")
    with duckdb.connect(str(tmp_path / "events.duckdb"), read_only=True) as db:
        count, ids, vpn, *_ = db.execute(QUESTION.format("events")).fetchone()
    truth = emulator.truth(ids=False).count
    assert (truth, truth, emulator.truth(vpn="true", ids=False).count) == (count, ids, vpn)
    assert verify_crawl(tmp_path).ok


def test_nothing_is_lost_in_columns():
    """What the schema does not know, or has another type for, stands in the column for it, at its own place."""
    event = {
        "event_id": "1.a",
        "timestamp": 1,
        "suspect": "perhaps",
        "vpn": None,
        "tags": {"a": [1, {"b": None}]},
        "identification": {"visitor_id": "v", "first_seen_at": "long ago", "new": {"deep": True}},
        "raw_device_attributes": {"fonts": ["x"], "plugins": [{"name": "p", "odd": 1}]},
        "brand_new": [1, 2],
        "suspect_score": 10**30,
    }
    row = to_batch([json.dumps(event).encode()]).to_pylist()[0]
    unknown = json.loads(row[UNKNOWN])
    assert (row["event_id"], row["timestamp"], row["suspect"]) == ("1.a", 1, None)
    assert event["tags"] == json.loads(row["tags"])
    assert row["identification"]["visitor_id"] == "v"
    assert {
        "brand_new",
        "identification",
        "suspect",
        "raw_device_attributes",
        "suspect_score",
    } >= set(unknown)
    assert event["identification"]["new"] == unknown["identification"]["new"]
    assert (unknown["suspect_score"], unknown["suspect"]) == (10**30, "perhaps")


def test_columns_are_typed():
    """Columns have the types of the schema: text, numbers, truth, structs and lists."""
    schema = event_schema()
    assert tuple(str(schema.field(n).type) for n in ("event_id", "timestamp", "suspect")) == (
        "string",
        "int64",
        "bool",
    )
    assert str(schema.field("identification").type).startswith("struct<")
    assert str(schema.field(UNKNOWN).type) == "string"


def test_rows_that_are_no_events():
    """Even a row that is no object at all is kept."""
    assert json.loads(to_batch([b"[1]"]).to_pylist()[0][UNKNOWN]) == [1]
