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
        "proxy_details": {"proxy_type": "tor_exit"},
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
    """What the schema does not know is told with counts, types and an example, and no value."""
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
        assert "tor_exit" in said


def test_an_unknown_value_that_is_no_word_stays_unnamed(tmp_path: Path) -> None:
    """Free text where an enum should be is counted only, and so are very many values."""
    events = [
        {"event_id": "1", "timestamp": 1, "proxy_details": {"proxy_type": f"{SECRET} and more"}},
        *(
            {"event_id": "1", "timestamp": 1, "proxy_details": {"proxy_type": f"kind_{index}"}}
            for index in range(40)
        ),
    ]
    [seen] = observe_files([write(tmp_path / "a.jsonl", events)]).sorted()
    assert seen.times == 41
    assert len(seen.values) == 20
    assert SECRET not in json.dumps(observe_files([tmp_path / "a.jsonl"]).as_data())


def test_an_event_without_id_is_an_event_that_lacks_it(tmp_path: Path) -> None:
    """It is no reason to be content."""
    found = observe_files([write(tmp_path / "a.jsonl", [{"timestamp": 1, "tags": {}}])])
    assert [(each.place, each.kind) for each in found.sorted()] == [("event_id", "missing_field")]
    assert not found.known


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_a_file_that_breaks_off_does_not_end_the_folder(tmp_path: Path, ending: str) -> None:
    """What was read before counts, what comes after is read, and the file is named."""
    whole = write(tmp_path / f"a.jsonl{ending}", ODD * 500)
    whole.write_bytes(whole.read_bytes()[:-20])
    write(tmp_path / "b.jsonl", ODD[:1])
    found = observe_files([tmp_path])
    assert any("a.jsonl" in each for each in found.unreadable) or found.events == 2001
    assert any(each.example.startswith(str(tmp_path)) for each in found.sorted())
    assert found.events >= 1
    assert not found.known


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


def test_what_a_crawl_wrote_about_its_output_is_no_event(tmp_path: Path) -> None:
    """Its manifest is passed over; a file of that name elsewhere is read."""
    (tmp_path / ".crawl").mkdir()
    (tmp_path / "manifest.json").write_text('{"events": 1}')
    write(tmp_path / "a.jsonl", ODD[:1])
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "manifest.json").write_text(json.dumps({"events": ODD}))
    found = observe_files([tmp_path])
    assert found.events == 5
    assert not found.unreadable


def test_what_can_not_be_read_is_said(tmp_path: Path) -> None:
    """A missing file, an empty folder, a damaged archive and garbage are errors."""
    (tmp_path / "empty").mkdir()
    broken = tmp_path / "broken.jsonl.gz"
    broken.write_bytes(gzip.compress(b'{"event_id": "1"}\n')[:10])
    junk = tmp_path / "junk.jsonl"
    junk.write_text('junk\n{"error": {"code": "x"}}\n')
    cut = tmp_path / "cut.json"
    cut.write_text('{\n"a": ')
    for path, says in (
        (tmp_path / "none", "no such file"),
        (tmp_path / "empty", "no JSON lines"),
        (broken, "no event"),
        (junk, "no event"),
        (cut, "no event"),
    ):
        with pytest.raises(DocumentError, match=says):
            observe_files([path])


async def test_events_of_the_api_are_observed() -> None:
    """A sample of answers is what the schema says, and no more is read than asked for."""
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
