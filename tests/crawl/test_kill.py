"""A crawl that is killed at any point, in any format, on a server full of faults.

Nothing is lost, nothing is doubled.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from fingerprint_async import FingerprintClient, RateLimit
from fingerprint_async.crawl import checkpoint as checkpoints
from fingerprint_async.crawl import crawl_status, export, verify_crawl
from fingerprint_async.crawl.formats._read import read_positions
from fingerprint_async.testing import Emulator, Fault

pytestmark = pytest.mark.slow

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
FORMATS = ["jsonl", "jsonl.gz", "jsonl.zst", "parquet", "duckdb"]
CODES = {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGINT: 130}


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


def _kill_until_done(server, output, *options, seed, kills, signals=(signal.SIGKILL,)):
    """Run the command again and again, ending it at random points of its work.

    Returns how many signals hit.
    """
    rng = random.Random(seed)
    hits = 0
    for _ in range(kills * 4):
        process = _crawl(server, output, *options)
        sent = None
        if hits < kills:
            sent = _end(process, server, rng.randrange(1, 30), rng.choice(signals))
        _, errors = process.communicate(timeout=60)
        assert b"Traceback" not in errors, errors.decode()
        if process.returncode == 0:
            return hits
        assert sent is not None, errors.decode()
        # A signal that comes before the loop runs ends the process as signals do.
        assert process.returncode in {CODES[sent], -sent}, errors.decode()
        hits += 1  # noqa: SIM113 -- not every turn is a hit
    raise AssertionError("it never ended")


def _end(process, server, pages, sent):
    """Send a signal some pages into the work of a process, wherever that finds it."""
    begun = server.emulator.stats()["pages"]
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        if server.emulator.stats()["pages"] - begun >= pages:
            process.send_signal(sent)
            return sent
        time.sleep(0.002)
    return None


def _ids(output):
    """The ids in an output, whatever its format."""
    for path in output.glob("events*"):
        if path.suffix != ".wal":
            for _, event_id in read_positions(path, path.stat().st_size):
                yield event_id


def _assert_once(emulator, output):
    truth, found = Counter(emulator.truth().ids), Counter(_ids(output))
    assert (sum((truth - found).values()), sum((found - truth).values())) == (0, 0)
    assert verify_crawl(output).problems == []


def test_survives_kill_nine_on_a_faulty_server(tmp_path, capsys):
    """Killed with SIGKILL at random points, on a server full of faults.

    Every event is in the output, once.
    """
    emulator = Emulator(events=12_000, seed=5, detail="slim", faults=FAULTS, latency=(0.001, 0.03))
    with emulator.serve_in_thread() as server:
        kills = _kill_until_done(server, tmp_path / "out", "--roll-size", "1", seed=1, kills=10)
        stats = emulator.stats()
    with capsys.disabled():
        print(f"\n  kills {kills}, faults {sum(stats['faults'].values())}")  # noqa: T201 -- the log of the test
    assert kills >= 5
    _assert_once(emulator, tmp_path / "out")


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_every_format_survives_every_signal(tmp_path, kind, sent):
    """Lost 0, duplicated 0, `verify` whole.

    And what a run that was told to stop has fetched can be read.
    """
    emulator = Emulator(events=5_000, seed=6, detail="slim", faults=FAULTS, latency=(0.001, 0.03))
    options = ("--format", kind, "--roll-size", "1")
    with emulator.serve_in_thread() as server:
        kills = _kill_until_done(server, tmp_path, *options, seed=2, kills=2, signals=(sent,))
    assert kills >= 1
    _assert_once(emulator, tmp_path)


@pytest.mark.parametrize("kind", ["parquet", "duckdb"])
def test_a_run_that_is_terminated_leaves_its_rows_in_the_table(tmp_path, kind):
    """After SIGTERM no event waits in a stage: what was fetched can be read."""
    emulator = Emulator(events=9_000, seed=6, detail="slim", latency=(0.01, 0.03))
    with emulator.serve_in_thread() as server:
        process = _crawl(server, tmp_path, "--format", kind)
        assert _end(process, server, 40, signal.SIGTERM) is not None
        process.communicate(timeout=60)
    status = crawl_status(tmp_path)
    assert (process.returncode, status.complete, status.waiting) == (143, False, 0)
    assert status.events == len(list(_ids(tmp_path))) > 0


def test_a_kill_costs_only_what_was_in_flight(tmp_path):
    """After a kill no page is fetched again but those that were in flight, or not written yet."""
    emulator = Emulator(events=8_000, seed=7, detail="slim", latency=(0.001, 0.03))
    with emulator.serve_in_thread() as server:
        kills = _kill_until_done(server, tmp_path, seed=3, kills=4)
        sent = emulator.stats()["pages"]
    assert sent - crawl_status(tmp_path).pages <= kills * IN_FLIGHT


async def test_after_the_machine_died_the_durable_state_counts(tmp_path, monkeypatch):
    """Quick commits are not synced.

    After a reboot only the last durable one is believed, and nothing is foreign.
    """
    emulator = Emulator(events=8_000, seed=7, detail="slim", latency=(0.001, 0.03))
    with emulator.serve_in_thread() as server:
        process = _crawl(server, tmp_path)
        assert _end(process, server, 30, signal.SIGKILL) is not None
        process.communicate(timeout=60)
        assert crawl_status(tmp_path).events > 0
        for path in tmp_path.glob("events-*"):
            # Its content was never synced.
            path.write_bytes(b"")
        monkeypatch.setattr(checkpoints, "_boot_id", lambda: "another")
        async with FingerprintClient(
            server.api_key, base_url=server.base_url, rate_limit=RateLimit.off()
        ) as client:
            await export(client, tmp_path, start=emulator.start, end=emulator.end)
    _assert_once(emulator, tmp_path)


def test_a_reader_that_goes_away_sees_no_traceback(tmp_path):
    """`crawl … | head -1` prints one line, and nothing else."""
    emulator = Emulator(events=300, seed=7, detail="slim")
    with emulator.serve_in_thread() as server:
        process = _crawl(server, tmp_path)
        with contextlib.suppress(OSError):
            process.stdout.close()
        errors = process.stderr.read()
        process.wait(60)
        process.stderr.close()
    assert errors == b""
    assert crawl_status(tmp_path).complete


def test_a_failure_is_json_too(tmp_path):
    """`--json` prints what went wrong where nothing answers, with the exit code for it."""
    environment = {**os.environ, "FINGERPRINT_SECRET_API_KEY": "test-key"}
    words = ["crawl", str(tmp_path / "out"), "--base-url", "http://127.0.0.1:9/v4", "--json"]
    rest = ["--start", "1000", "--end", "2000", "--patience", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "fingerprint_async", *words, *rest],
        env=environment,
        capture_output=True,
        check=False,
    )
    failure = json.loads(done.stdout)
    assert (done.returncode, failure["complete"]) == (3, False)
    assert failure["error"]["type"] == "APIConnectionError"
    assert b"Traceback" not in done.stderr
