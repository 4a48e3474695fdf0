"""The stage in front of a table: a part's rows reach the table once, however the part ends."""

from __future__ import annotations

import errno
import itertools

import pytest

from fingerprint_async.crawl import OutputWriteError, export, verify_crawl
from fingerprint_async.crawl.formats import _lines as line_sink
from fingerprint_async.crawl.formats import _stage as stages
from fingerprint_async.crawl.formats._lines import LinesSink
from fingerprint_async.testing import Emulator

TABLES = ["parquet", "duckdb"]
TOTAL, COUNT = 700, 625
"""Events, and those of them that are device events."""


@pytest.fixture
def emulator():
    return Emulator(events=TOTAL, seed=3, detail="slim", searchable_after=0.0)


def fail_after(patch, owner, name, calls):
    """Let so many calls of a function pass, and fail the one after them; return how to mend it."""
    work, left = getattr(owner, name), itertools.count(calls, -1)

    def limited(*arguments, **options):
        if next(left) == 0:
            raise OSError(errno.ENOSPC, "no space")
        return work(*arguments, **options)

    patch.setattr(owner, name, limited)
    return lambda: patch.setattr(owner, name, work)


@pytest.mark.parametrize("kind", TABLES)
async def test_a_part_may_be_too_large_for_the_next_run(fp, window, tmp_path, monkeypatch, kind):
    """A smaller roll size on the next run closes the part that an earlier one left open."""
    mend = fail_after(monkeypatch, line_sink, "write_all", 4)
    with pytest.raises(OutputWriteError):
        await export(fp, tmp_path, **window, format=kind, max_in_flight=1)
    mend()
    summary = await export(fp, tmp_path, **window, format=kind, roll_bytes=1, max_in_flight=1)
    assert (summary.complete, summary.events) == (True, COUNT)
    assert verify_crawl(tmp_path).problems == []


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("turn", [2, 3, 5, 8])
async def test_a_part_may_grow_old_at_any_moment(fp, window, tmp_path, monkeypatch, kind, turn):  # noqa: PLR0917 -- fixtures
    """Between two questions whether a part is old enough, the answer may change."""
    asked = itertools.count(1)
    old = property(lambda sink: sink.state is not None and next(asked) % turn == 0)
    monkeypatch.setattr(LinesSink, "is_old", old)
    summary = await export(fp, tmp_path, **window, format=kind, max_in_flight=1)
    assert (summary.complete, summary.events) == (True, COUNT)
    assert verify_crawl(tmp_path).problems == []


@pytest.mark.parametrize("kind", TABLES)
async def test_rows_that_cannot_be_made_are_an_error_and_stay_in_their_part(
    fp, window, tmp_path, monkeypatch, kind
):
    """Whatever a library raises has a type of this package, and nothing of the part is dropped."""

    def fails(self, events):
        raise OverflowError("too large")

    with monkeypatch.context() as patch:
        patch.setattr(stages.EventTable, "batch", fails)
        with pytest.raises(OutputWriteError, match="too large"):
            await export(fp, tmp_path, **window, format=kind)
    summary = await export(fp, tmp_path, **window, format=kind)
    assert (summary.complete, summary.events) == (True, COUNT)
    assert verify_crawl(tmp_path).problems == []
