"""Commands whose output cannot be written: one line and an exit code, never a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fingerprint_async import FingerprintClient, RateLimit
from fingerprint_async.crawl import export
from fingerprint_async.testing import Emulator

pytestmark = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")


@pytest.fixture
async def output(tmp_path):
    """A finished output."""
    emulator = Emulator(events=20, seed=3, detail="slim")
    async with FingerprintClient(
        "test-key",
        base_url="https://emulator.test/v4",
        transport=emulator.transport(),
        rate_limit=RateLimit.off(),
    ) as client:
        await export(client, tmp_path / "out", start=emulator.start, end=emulator.end)
    return str(tmp_path / "out")


def run(command, redirections):
    """Run a command of the crawl in a shell: its exit code, and what it said on stderr."""
    program = f"{sys.executable} -m fingerprint_async crawl {command} {redirections}"
    done = subprocess.run(
        ["/bin/sh", "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("options", ["", "--json"])
@pytest.mark.parametrize("what", ["status", "verify"])
async def test_a_full_disk_under_stdout_is_told(output, what, options):
    """The answer is nowhere to be read, so the command has failed."""
    code, said = run(f"{what} {output} {options}", ">/dev/full")
    assert code == 1
    assert said == "fingerprint-async: cannot write the output: No space left on device\n"


@pytest.mark.parametrize("folder", ["nothing-here"])
async def test_a_failure_that_nobody_can_read_is_one_all_the_same(tmp_path, folder):
    """Where JSON cannot be written, the line on stderr is."""
    code, said = run(f"verify {tmp_path / folder} --json", ">/dev/full")
    assert code
    assert said.startswith("fingerprint-async: ")
    assert "Traceback" not in said
    assert run(f"verify {tmp_path / folder} --json", ">&- 2>&-")[0] == 2


async def test_a_closed_stream_changes_no_answer(output):
    """A command that was started without stdout or stderr ends with the code it would have had."""
    assert run(f"verify {output} --json", ">&-") == (0, "")
    assert run(f"status {output}", ">&- 2>&-") == (0, "")
