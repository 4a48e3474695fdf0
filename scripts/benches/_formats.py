"""A crawl in every format: use of the limit, processor time, stalls of the caller's loop, memory. One table, one run."""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import _bench

FORMATS = ("jsonl", "jsonl.gz", "jsonl.zst", "parquet", "duckdb", "crawl()")
START, END = 1_760_000_000_000, 1_762_592_000_000
RATE, BURST, LATENCY, EVENTS = 50.0, 150.0, 0.3, 66_667
FEW, MANY = 10_000, 1_000_000
BEAT_SECONDS = 0.001
WARM_SECONDS = BURST / RATE + 0.2


def rows(many: int = MANY) -> list[dict[str, Any]]:
    """Measure every format and give the table's rows."""
    limits = ["--rate", str(RATE), "--burst", str(BURST), "--latency", str(LATENCY)]
    paced: dict[str, Any] = {}
    for name in FORMATS:
        with _serve(EVENTS, *limits) as base_url:
            paced[name] = _work(name, base_url, RATE)
            paced[name]["share"] = _used(base_url, paced[name]["warm"])
    peaks = {name: [_peak(name, events) for events in (FEW, many)] for name in FORMATS}
    lines = paced["jsonl"]["cpu"]
    table: list[dict[str, Any]] = []
    for name in FORMATS:
        found = paced[name]
        ratio, stall = found["cpu"] / lines, found["stall"] * 1000
        most = 5 if name == "crawl()" else 10
        table += [
            {
                "what": f"{name}: use of the limit ({found['wall']:.2f} s, {found['throttled']} × 429)",
                "figure": f"{found['share']:.3f}",
                "goal": "≥ 0.97",
                "met": found["share"] >= 0.97,
            },
            {
                "what": "  processor time an event",
                "figure": f"{found['cpu'] * 1e6:.0f} µs ({ratio:.2f} × JSON lines)",
                **(
                    {"goal": "≤ 2.5 ×", "met": ratio <= 2.5}
                    if name in {"parquet", "duckdb"}
                    else {}
                ),
            },
            {
                "what": f"  longest stall of the loop (then {found['next_stall'] * 1000:.1f} ms; "
                f"idle {found['idle'] * 1000:.1f} ms)",
                "figure": f"{stall:.1f} ms",
                "goal": f"≤ {most} ms",
                "met": stall <= most,
            },
            {
                "what": f"  peak memory, {FEW:,} and {many:,} slim events",
                "figure": f"{peaks[name][0]:.0f} and {peaks[name][1]:.0f} MB",
                "goal": "≤ 20 MB more",
                "met": peaks[name][1] - peaks[name][0] <= 20,
            },
        ]
    return table


def _serve(events: int, *options: str) -> Any:
    bounds = ["--start", str(START), "--end", str(END)]
    return _bench.emulator("--events", str(events), *bounds, *options)


def _used(base_url: str, warm: float) -> float:
    """The share of the limit that was used, from the crawl's first request to its last."""
    with urllib.request.urlopen(base_url.replace("/v4", "/_emulator/stats")) as response:
        limit = json.load(response)["limit"]
    return float((limit["used"] - 1) / (BURST + RATE * (limit["seconds"] - warm)))


def _peak(name: str, events: int) -> float:
    with _serve(events, "--detail", "slim") as base_url:
        return float(_work(name, base_url, None)["peak"]) / 1e6


def _work(name: str, base_url: str, rate: float | None) -> Any:
    done = subprocess.run(
        [sys.executable, __file__, name, base_url, str(rate or "off")],
        check=True,
        stdout=subprocess.PIPE,
    )
    return json.loads(done.stdout)


# -- in a process of its own ---------------------------------------------------------------------------------


async def _measure(name: str, base_url: str, rate: str) -> dict[str, float]:
    from fingerprint_async import FingerprintClient, RateLimit

    _load(name)
    limit = (
        RateLimit.off()
        if rate == "off"
        else RateLimit(requests_per_second=float(rate), burst=BURST)
    )
    late: list[float] = []

    async def beat() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(BEAT_SECONDS)
            late.append(time.perf_counter() - before - BEAT_SECONDS)

    async with FingerprintClient(_bench.KEY, base_url=base_url, rate_limit=limit) as client:
        # What a first call loads, and how late the loop is of itself, are no matter of the crawl.
        await client.events.search(start=END - 1, end=END, limit=1)
        warmed = time.perf_counter() - LATENCY
        beating = asyncio.ensure_future(beat())
        await asyncio.sleep(WARM_SECONDS)
        idle = max(late)
        # Nor is the collector's first full pass over all that was imported.
        gc.collect()
        await asyncio.sleep(2 * BEAT_SECONDS)
        late.clear()
        wall, cpu = time.perf_counter(), time.process_time()
        warm = wall - warmed
        events = await _crawl(name, client)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        beating.cancel()
        late.sort()
        return {
            "warm": warm,
            "wall": wall,
            "cpu": cpu / events,
            "events": events,
            "idle": idle,
            "stall": late[-1],
            "next_stall": late[-2],
            "throttled": client.stats.rate_limited,
            "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        }


def _load(name: str) -> None:
    """Import what the format needs, as a service does before it serves."""
    import_module("fingerprint_async.crawl.job")
    import_module("fingerprint_async.crawl.stream")
    if name in {"parquet", "duckdb"}:
        import_module("pyarrow.json")
        import_module("pyarrow.parquet")
    if name == "duckdb":
        import_module("duckdb")


async def _crawl(name: str, client: Any) -> int:
    from fingerprint_async.crawl import crawl, export

    if name == "crawl()":
        count = 0
        async for _ in crawl(client, start=START, end=END):
            count += 1
        return count
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "out"
        summary = await export(client, output, start=START, end=END, format=name)  # type: ignore[arg-type]
        assert summary.complete
        return summary.events


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_measure(*sys.argv[1:]))))
