from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter

import pytest

from fingerprint_async.crawl import crawl_status, verify_crawl
from fingerprint_async.testing import Emulator, Fault

FAULTS = (
    Fault(kind="reset", probability=0.02),
    Fault(kind="closed", probability=0.02),
    Fault(kind="truncated", probability=0.02),
    Fault(kind="garbage", probability=0.01),
    Fault(kind="unavailable", probability=0.02),
    Fault(kind="internal_error", probability=0.02),
    Fault(kind="refused_key", probability=0.03),
    Fault(kind="empty_page", probability=0.03),
)
IN_FLIGHT = 8


def _crawl(server, output, *options):
    command = [sys.executable, "-m", "fingerprint_async", "crawl"]
    bounds = ["--start", str(server.emulator.start), "--end", str(server.emulator.end)]
    rest = ["--base-url", server.base_url, "--rate", "off", "--in-flight", str(IN_FLIGHT), *options]
    environment = {**os.environ, "FINGERPRINT_SECRET_API_KEY": server.api_key}
    return subprocess.Popen(
        [*command, str(output), *bounds, *rest],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _kill_until_done(server, output, *options, seed, kills):
    """Run the command again and again, killing it at random points of its work; returns how many kills hit."""
    rng = random.Random(seed)
    hits = 0
    for _ in range(kills * 4):
        process = _crawl(server, output, *options)
        if hits < kills:
            begun = server.emulator.stats()["pages"]
            deadline = time.monotonic() + 30
            # Not by the clock: some pages into its work, wherever that finds it.
            pages = rng.randrange(1, 30)
            while process.poll() is None and time.monotonic() < deadline:
                if server.emulator.stats()["pages"] - begun >= pages:
                    process.kill()
                    break
                time.sleep(0.002)
        _, errors = process.communicate(timeout=60)
        if process.returncode == 0:
            return hits
        assert process.returncode == -9, errors.decode()
        hits += 1  # noqa: SIM113 -- not every turn is a hit
    raise AssertionError("it never ended")


def _ids(output):
    for path in sorted(output.glob("events-*.jsonl")):
        with path.open("rb") as lines:
            for line in lines:
                yield json.loads(line)["event_id"]


@pytest.mark.slow
def test_survives_kill_nine_on_a_faulty_server(tmp_path, capsys):
    """Killed with SIGKILL at random points, on a server full of faults: every event is in the output, once."""
    emulator = Emulator(events=12_000, seed=5, detail="slim", faults=FAULTS, latency=(0.001, 0.03))
    with emulator.serve_in_thread() as server:
        kills = _kill_until_done(server, tmp_path / "out", "--roll-size", "1", seed=1, kills=10)
        stats = emulator.stats()
    truth = Counter(emulator.truth().ids)
    found = Counter(_ids(tmp_path / "out"))
    lost, duplicated = sum((truth - found).values()), sum((found - truth).values())
    with capsys.disabled():
        faults = sum(stats["faults"].values())
        print(  # noqa: T201 -- the log of the test
            f"\n  kills {kills}, faults {faults}, events {truth.total()}, lost {lost}, duplicated {duplicated}"
        )
    assert kills >= 5
    assert (lost, duplicated) == (0, 0)
    assert verify_crawl(tmp_path / "out").ok


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["jsonl.zst", "parquet", "duckdb"])
def test_every_format_survives_kill_nine(tmp_path, kind):
    """A file that cannot simply be cut at a commit is as safe as one that can."""
    emulator = Emulator(events=6_000, seed=6, detail="slim", latency=(0.001, 0.03))
    with emulator.serve_in_thread() as server:
        kills = _kill_until_done(
            server, tmp_path, "--format", kind, "--roll-size", "1", seed=2, kills=3
        )
    found = verify_crawl(tmp_path)
    assert (kills, found.events, found.problems) == (3, emulator.truth(ids=False).count, [])


@pytest.mark.slow
def test_a_kill_costs_only_what_was_in_flight(tmp_path):
    """After a kill no page is fetched again but those that were in flight."""
    emulator = Emulator(events=8_000, seed=7, detail="slim", latency=(0.001, 0.03))
    with emulator.serve_in_thread() as server:
        kills = _kill_until_done(server, tmp_path, seed=3, kills=4)
        sent = emulator.stats()["pages"]
    assert sent - crawl_status(tmp_path).pages <= kills * IN_FLIGHT
