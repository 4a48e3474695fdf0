"""How much of an allowed rate is used: a fixed limit, one that is to be found, and one that changes; against the emulator in another process."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import _bench

from fingerprint_async import FingerprintClient, RateLimit
from fingerprint_async.errors import FingerprintError

LATENCY = 0.3
SETTLE = 10.0
"""Seconds that the adaptive mode is given to follow a change."""
AFTER = 20.0
"""Seconds that are measured then."""


def main(argv: list[str]) -> int:
    """Measure, print the table, write it to bench-results/."""
    parser = argparse.ArgumentParser(prog="scripts/bench limits", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long each case runs")
    parser.add_argument(
        "--rates", type=float, nargs="+", default=[50.0, 5.0], help="requests per second allowed"
    )
    parser.add_argument("--cases", nargs="+", default=["fixed", "adaptive", "halved", "doubled"])
    arguments = parser.parse_args(argv)
    rows = [
        asyncio.run(measure(case, rate, arguments.seconds))
        for rate in arguments.rates
        for case in arguments.cases
    ]
    head = f"{'case':<10}{'rate':>6}{'burst':>7}{'seconds':>9}{'requests':>10}{'share used':>12}{'429s':>6}{'of all':>8}  goal"
    print(f"Latency {LATENCY} s, emulator in another process", head, sep="\n")
    for row in rows:
        print(
            f"{row['case']:<10}{row['rate']:>6g}{row['burst']:>7g}{row['seconds']:>9.1f}{row['requests']:>10}"
            f"{row['share']:>12.3f}{row['refused']:>6}{row['refused_share']:>8.2%}  {row['goal']}"
        )
    results = Path(__file__).resolve().parents[2] / "bench-results"
    results.mkdir(exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    (results / f"limits-{stamp}.json").write_text(json.dumps(rows, indent=1))
    return 0


async def measure(case: str, rate: float, seconds: float) -> dict[str, Any]:
    """Run one case: as many calls at a time as it takes, for as long as asked."""
    options = (
        "--rate",
        f"{rate:g}",
        "--latency",
        f"{LATENCY:g}",
        "--detail",
        "slim",
        "--events",
        "2000",
        "--quiet",
    )
    with _bench.emulator(*options) as base_url:
        limit = RateLimit(requests_per_second=rate) if case == "fixed" else RateLimit.adaptive()
        async with FingerprintClient(_bench.KEY, base_url=base_url, rate_limit=limit) as client:
            workers = [asyncio.create_task(work(client)) for _ in range(int(4 * rate * LATENCY) + 20)]
            await asyncio.sleep(seconds)
            before = stats(base_url)
            factor = {"halved": 0.5, "doubled": 2.0}.get(case, 1.0)
            if factor == 1.0:
                row = figures(before["limit"]["used"], before["limit"]["allowed"], before)
                goal = "share ≥ 0.98, no 429" if case == "fixed" else "share ≥ 0.92, 429s ≤ 1 %"
                seconds = before["limit"]["seconds"]
            else:
                change(base_url, factor * rate)
                await asyncio.sleep(SETTLE)
                before, begin = stats(base_url), time.monotonic()
                await asyncio.sleep(AFTER)
                after, seconds = stats(base_url), time.monotonic() - begin
                rate *= factor
                allowed = rate * seconds
                used = sum(after["statuses"].get("200", 0) - s["statuses"].get("200", 0) for s in (before,))
                row = figures(used, allowed, after, before)
                goal = f"share ≥ 0.9 of the new rate, after {SETTLE:g} s"
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
    return {"case": case, "rate": rate, "burst": 3 * rate, "seconds": seconds, **row, "goal": goal}


def figures(
    used: float, allowed: float, after: dict[str, Any], before: dict[str, Any] | None = None
) -> dict[str, Any]:
    """What the emulator counted."""
    requests = after["requests"] - (before["requests"] if before else 0)
    refused = after["too_many_requests"] - (before["too_many_requests"] if before else 0)
    return {
        "requests": requests,
        "used": used,
        "allowed": allowed,
        "share": used / allowed,
        "refused": refused,
        "refused_share": refused / requests,
    }


async def work(client: FingerprintClient) -> None:
    """Search, again and again."""
    while True:
        try:
            await client.events.search(limit=1, start=0)
        except FingerprintError as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)


def stats(base_url: str) -> dict[str, Any]:
    """What the emulator counted so far."""
    with urllib.request.urlopen(f"{base_url.removesuffix('/v4')}/_emulator/stats") as response:
        return dict(json.load(response))


def change(base_url: str, rate: float) -> None:
    """Give the emulator another rate, and a burst to match."""
    body = json.dumps({"rate": rate, "burst": 3 * rate}).encode()
    request = urllib.request.Request(
        f"{base_url.removesuffix('/v4')}/_emulator/limits", data=body, method="POST"
    )
    urllib.request.urlopen(request).close()
