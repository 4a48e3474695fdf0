"""Every Python block of README and docs runs as it is printed, against the emulated service."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.docs.run_blocks import blocks_of
from tests.examples.conftest import ROOT, environment, service

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["environment", "service"]

pytestmark = pytest.mark.slow

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

STAND_INS = """
class Anything:
    def __getattr__(self, name): return lambda *_, **__: None
"""
SETUP = {
    "crawl.md": (
        "from datetime import UTC, datetime, timedelta\n"
        "until = datetime.now(UTC) - timedelta(hours=1)\n"
        "since = until - timedelta(hours=6)\n"
    ),
    "limits.md": (
        "import fingerprint_async\n"
        "from fingerprint_async import Permit, RateLimit, RateLimiter\n"
        "from unittest.mock import create_autospec\n"
        "def FingerprintClient(key, **settings):\n"
        "    return fingerprint_async.FingerprintClient('sk_test', **settings)\n"
        "limiter = create_autospec(RateLimiter, instance=True)\n"
        "limiter.acquire.return_value = create_autospec(Permit, instance=True)\n"
    ),
    "testing.md": (
        "import sys, types\n"
        "from fingerprint_async.testing.emulator import Rule, Ruleset\n"
        "sys.modules['my_service'] = types.SimpleNamespace(is_risky=None)\n"
    ),
    "observability.md": f"{STAND_INS}\nhistogram = counter = statsd = Anything()\n",
    "sealed.md": "sealed_result, sealed_key = 'AAAA', 'A' * 43 + '='\n",
}
"""What the text around the blocks of a page speaks of: names that are the reader's own."""

PRINTED = {
    "README.md": "[",
    "errors.md": "no such event",
    "login.md": "{'invalid_id'}",
    "paging.md": "20 0",
    "sealed.md": "refused: SealedFormatError",
    "blocking.md": "200 403",
    "webhooks.md": "1767225600123.abcdef True",
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_runs(page: Path, environment: dict[str, str], tmp_path: Path) -> None:
    """Without an error or a warning, and it prints what the page lets one expect."""
    blocks = blocks_of(page)
    done = subprocess.run(
        [sys.executable, "-W", "error", str(ROOT / "tests/docs/run_blocks.py"), str(page)],
        cwd=tmp_path,
        env={**os.environ, **environment},
        input=SETUP.get(page.name, ""),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("BLOCK") == len(blocks)
    assert PRINTED.get(page.name, "") in done.stdout


def test_every_page_is_looked_at() -> None:
    """The pages that have blocks are found, and no stand-in is for a page that is gone."""
    blocks = {page.name: len(blocks_of(page)) for page in PAGES}
    assert sum(blocks.values()) >= 19
    assert not [name for name in (*SETUP, *PRINTED) if not blocks.get(name)]
