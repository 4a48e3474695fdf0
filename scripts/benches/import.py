"""What `import` costs in a new interpreter: ours, the official SDK, httpx alone, in turn."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))

import _bench

if TYPE_CHECKING:
    from collections.abc import Callable

# One whole call, over the emulator's in-process stand-in: a transport that answers with one event, so that only loading counts.
# All clocks start before `asyncio` is loaded, which httpx does too.
CALL = """
import time
before = time.perf_counter()
import asyncio
from fingerprint_async import FingerprintClient
import httpx
class One(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request):
        return httpx.Response(200, json={"event_id": "1.a", "timestamp": 1})
async def main():
    async with FingerprintClient("key", region="us", transport=One()) as client:
        return (await client.events.get("1.a")).event_id
assert asyncio.run(main()) == "1.a"
print(time.perf_counter() - before)
"""
IMPORT = "import time; before = time.perf_counter(); import {}; print(time.perf_counter() - before)"
HTTPX_CALL = """
import time
before = time.perf_counter()
import asyncio
import httpx
class One(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request):
        return httpx.Response(200, json={"event_id": "1.a", "timestamp": 1})
async def main():
    async with httpx.AsyncClient(transport=One()) as client:
        return (await client.get("http://a/")).json()
asyncio.run(main())
print(time.perf_counter() - before)
"""


def main(argv: list[str]) -> int:
    """Measure and print the table."""
    _bench.enter_peers(__file__, argv)
    parser = argparse.ArgumentParser(prog="scripts/bench import", description=__doc__)
    parser.add_argument("--rounds", type=int, default=25)
    rounds = parser.parse_args(argv).rounds
    codes = {
        "import fingerprint_async": IMPORT.format("fingerprint_async"),
        "import FingerprintClient and one call": CALL,
        "import httpx": IMPORT.format("httpx"),
        "import httpx and one call": HTTPX_CALL,
        "import the official SDK": IMPORT.format("fingerprint_server_sdk"),
    }
    figures = _bench.alternate({name: fresh(code) for name, code in codes.items()}, rounds=rounds)
    rows: list[dict[str, Any]] = [
        {"what": name, "figure": _bench.spread(values, " ms", 1e3)}
        for name, values in figures.items()
    ]
    for ours, peer, goal in (
        ("import fingerprint_async", "import the official SDK", 1 / 8),
        ("import FingerprintClient and one call", "import httpx", 1.5),
        ("import FingerprintClient and one call", "import httpx and one call", None),
    ):
        ratio = _bench.ratios(figures, ours, peer)
        row: dict[str, Any] = {"what": f"{ours} / {peer}, median", "figure": _bench.spread(ratio)}
        if goal is not None:
            row |= {"goal": f"<= {goal:.3g}", "met": statistics.median(ratio) <= goal}
        rows.append(row)
        # What disturbs a start only ever adds to it.
        least = min(figures[ours]) / min(figures[peer])
        rows.append({"what": f"{ours} / {peer}, of the fastest", "figure": f"{least:.3g}"})
    return _bench.report("import", rows)


def fresh(code: str) -> Callable[[], float]:
    """A case that runs `code` in a new interpreter, which prints its own seconds."""
    command = [sys.executable, "-c", code]

    def run() -> float:
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return float(done.stdout)

    return run


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
