"""What real events hold that the schema does not know."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
import zstandard

from fingerprint_async import FingerprintClient
from fingerprint_async.drift.contract.errors import DocumentError
from fingerprint_async.drift.observe import Observation, observe_events, observe_files
from fingerprint_async.models import Event
from fingerprint_async.testing import Emulator

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "never-shown-7f3a"
ODD = [
    {
        "event_id": "1.a",
        "timestamp": 1,
        "new_field": {"x": SECRET},
        "proxy_details": {"proxy_type": SECRET},
    },
    {
        "event_id": "1.b",
        "timestamp": SECRET,
        "labels": [{"label": "x", "more": 1}, {"label": "y", "more": SECRET}],
    },
    {"event_id": "1.c", "timestamp": 2, "new_field": SECRET},
    {"event_id": "1.d", "timestamp": 3, "tags": {SECRET: SECRET}},
]


def write(path: Path, events: list[Any], *, junk: bool = False) -> Path:
    """Write events as JSON lines."""
    text = "".join(f"{json.dumps(event)}\n" for event in events) + (
        "nonsense\n\n[1]\n" if junk else ""
    )
    data = text.encode()
    if path.suffix == ".gz":
        data = gzip.compress(data)
    elif path.suffix == ".zst":
        data = zstandard.compress(data)
    path.write_bytes(data)
    return path


def test_new_things_are_counted_and_placed(tmp_path: Path) -> None:
    """Fields, enum values and types that the schema does not know, with counts, types and an example; no value anywhere."""
    file = write(tmp_path / "a.jsonl", ODD, junk=True)
    found = observe_files([file])
    assert found.events == 4
    assert [
        ("labels[].more", "unknown_field", 1, 2, ["integer", "string"], f"{file}:2 /labels/0/more"),
        ("new_field", "unknown_field", 2, 2, ["object", "string"], f"{file}:1 /new_field"),
        (
            "proxy_details.proxy_type",
            "unknown_enum_value",
            1,
            1,
            ["string"],
            f"{file}:1 /proxy_details/proxy_type",
        ),
        ("timestamp", "wrong_type", 1, 1, ["string"], f"{file}:2 /timestamp"),
    ] == [
        (each.place, each.kind, each.events, each.times, sorted(each.found), each.example)
        for each in found.sorted()
    ]
    assert found.unreadable == [f"{file}:5", f"{file}:7"]
    assert not found.known
    for said in (found.as_text(), json.dumps(found.as_data())):
        assert SECRET not in said
        assert "labels[].more" in said


def test_a_crawl_s_output_is_read_whatever_its_form(tmp_path: Path) -> None:
    """Folders of JSON lines, packed or not, and pages as the API sends them are read."""
    write(tmp_path / "a.jsonl", ODD[:1])
    write(tmp_path / "b.jsonl.gz", ODD[1:2])
    packed = write(tmp_path / "c.ndjson.zst", ODD[2:3])
    packed.write_bytes(packed.read_bytes() * 2)
    (tmp_path / "page.json").write_text(
        json.dumps({"events": ODD, "pagination_key": "x"}, indent=2)
    )
    (tmp_path / "notes.txt").write_text("not read")
    assert observe_files([tmp_path]).events == 8
    assert observe_files([tmp_path], limit=2).events == 2


def test_what_can_not_be_read_is_said(tmp_path: Path) -> None:
    """A missing file, an empty folder and a damaged archive are errors, not empty results."""
    (tmp_path / "empty").mkdir()
    broken = tmp_path / "broken.jsonl.gz"
    broken.write_bytes(gzip.compress(b'{"event_id": "1"}\n')[:-4])
    for path, says in (
        (tmp_path / "none", "no such file"),
        (tmp_path / "empty", "no JSON lines"),
        (broken, "can't be read"),
    ):
        with pytest.raises(DocumentError, match=says):
            observe_files([path])
    junk = write(tmp_path / "junk.jsonl", [])
    junk.write_text("junk\n")
    assert observe_files([junk]).unreadable == [f"{junk}:1"]
    (tmp_path / "bad.json").write_text('{\n"a": ')
    assert observe_files([tmp_path / "bad.json"]).unreadable == [
        f"{tmp_path / 'bad.json'}:1",
        f"{tmp_path / 'bad.json'}:2",
    ]


async def test_events_of_the_api_are_observed() -> None:
    """A sample of what the API answers is what the schema says, and no more is read than asked for."""
    emulator = Emulator(events=300, seed=3)
    async with FingerprintClient("test-key", transport=emulator.transport()) as client:
        found = await observe_events(client.events.search(limit=10), limit=25)
    assert (found.events, found.sorted()) == (25, [])
    assert found.known
    async with FingerprintClient("test-key", transport=emulator.transport()) as client:
        assert (
            await observe_events(
                client.events.search(total_hits=1, limit=3, bot="bad"), limit=10_000
            )
        ).events < 10_000
    assert "25 events, 0 things" in found.as_text()


async def test_a_sample_of_nothing_asks_nothing() -> None:
    """No event is read when none is wanted."""

    async def never() -> Any:
        pytest.fail("asked for an event")
        yield  # pragma: no cover

    assert (await observe_events(never(), limit=0)).events == 0


def test_the_event_itself_can_be_the_place() -> None:
    """What an event lacks is placed at the event."""
    found = Observation()
    found.add(Event.from_dict({"event_id": "1"}), "event 1")
    [missing] = found.sorted()
    assert (missing.place, missing.kind) == ("timestamp", "missing_field")
    assert "timestamp: missing" in found.as_text()
