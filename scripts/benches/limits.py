"""How much of an allowed rate is used: a fixed limit, one that is to be found, and one that changes; against the emulator in another process."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
import urllib.request
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


GOALS = {
    "fixed": (0.98, 0.0, "share ≥ 0.98, no 429"),
    "adaptive": (0.92, 0.01, "share ≥ 0.92, 429s ≤ 1 %"),
    "too high": (0.92, 1.0, "share ≥ 0.92, told five times the limit"),
    "off": (0.92, 1.0, "share ≥ 0.92, nothing told"),
    "halved": (0.9, 1.0, "share of the new limit ≥ 0.9"),
    "doubled": (0.9, 1.0, "share of the new limit ≥ 0.9"),
}
"""The least share, the most 429s, and both in words."""


def main(argv: list[str]) -> int:
    """Measure, print the table, write it to bench-results/."""
    parser = argparse.ArgumentParser(prog="scripts/bench limits", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long each case runs")
    parser.add_argument(
        "--rates", type=float, nargs="+", default=[50.0, 5.0], help="requests per second allowed"
    )
    parser.add_argument("--cases", nargs="+", default=list(GOALS))
    arguments = parser.parse_args(argv)
    rows = [
        asyncio.run(measure(case, rate, arguments.seconds))
        for rate in arguments.rates
        for case in arguments.cases
    ]
    return _bench.report("limits", rows)


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
        limit = {
            "fixed": RateLimit(requests_per_second=rate),
            "too high": RateLimit(requests_per_second=5 * rate),
            "off": RateLimit.off(),
        }.get(case, RateLimit.adaptive())
        async with FingerprintClient(_bench.KEY, base_url=base_url, rate_limit=limit) as client:
            workers = [
                asyncio.create_task(work(client)) for _ in range(int(4 * rate * LATENCY) + 20)
            ]
            await asyncio.sleep(seconds)
            before = stats(base_url)
            what = f"{case}, {rate:g}/s, burst {3 * rate:g}, latency {LATENCY:g} s, {seconds:g} s"
            factor = {"halved": 0.5, "doubled": 2.0}.get(case)
            if factor is None:
                share = before["limit"]["used"] / before["limit"]["allowed"]
                requests, refused = before["requests"], before["too_many_requests"]
            else:
                change(base_url, factor * rate)
                await asyncio.sleep(SETTLE)
                before, begin = stats(base_url), time.monotonic()
                await asyncio.sleep(AFTER)
                after = stats(base_url)
                let_through = after["statuses"].get("200", 0) - before["statuses"].get("200", 0)
                share = let_through / (factor * rate * (time.monotonic() - begin))
                requests = after["requests"] - before["requests"]
                refused = after["too_many_requests"] - before["too_many_requests"]
                what = f"adaptive, {rate:g}/s became {factor * rate:g}/s {SETTLE:g} s before, {AFTER:g} s"
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
    least, most, goal = GOALS[case]
    return {
        "what": what,
        "figure": f"share used {share:.3f}, 429s {refused} of {requests} ({refused / requests:.2%})",
        "goal": goal,
        "met": share >= least and refused <= most * requests,
        "share": share,
        "requests": requests,
        "refused": refused,
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
