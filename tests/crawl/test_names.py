from __future__ import annotations

import pytest

from fingerprint_async import FingerprintClient, RateLimit
from fingerprint_async.crawl import export, verify_crawl
from fingerprint_async.testing import Emulator


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
