"""Crawls: wall clock against the ideal of the limit, processor time beside the peers, memory."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))

import _bench
import _formats

if TYPE_CHECKING:
    from collections.abc import Callable

START, END = 1_760_000_000_000, 1_762_592_000_000
#: One event in ten of the emulator is an edge event; a crawl of device events sees the others.
DEVICE = 0.9

# rate, burst, latency, device events, goal in seconds, --rate of the crawl
PACED = {
    "50 rps burst 150, 300 ms, 60,000 events": (50, 150, 0.3, 60_000, 10.5, None),
    "5 rps burst 15, 200 ms, 6,000 events": (5, 15, 0.2, 6_000, 9.8, None),
    "5 rps burst 15, 800 ms, 6,000 events": (5, 15, 0.8, 6_000, 11.0, None),
    "50 rps burst 150, 300 ms, limit not told": (50, 150, 0.3, 60_000, 12.0, "adaptive"),
}
LONG = (50, 150, 0.3, 300_000)


def main(argv: list[str]) -> int:
    """Measure and print the table."""
    if argv[:1] == ["--worker"]:
        return worker(*argv[1:])
    parser = argparse.ArgumentParser(prog="scripts/bench crawl", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--only", choices=["paced", "long", "cpu", "memory", "formats"], action="append"
    )
    parser.add_argument(
        "--peers", action="store_true", help="also the peers' wall clock: ten minutes"
    )
    parser.add_argument(
        "--many", type=int, default=1_000_000, help="events of the larger crawl, for memory"
    )
    arguments = parser.parse_args(argv)
    if arguments.only != ["formats"]:
        _bench.enter_peers(__file__, argv)
    parts = arguments.only or ["paced", "cpu", "memory"]
    rows: list[dict[str, Any]] = []
    if "paced" in parts:
        rows += paced_rows(arguments.rounds)
    if "long" in parts:
        rows += long_rows()
    if arguments.peers:
        rows += peer_rows()
    if "cpu" in parts:
        rows += cpu_rows(max(arguments.rounds, 5))
    if "memory" in parts:
        rows += memory_rows()
    if "formats" in parts:
        rows += _formats.rows(arguments.many)
    return _bench.report("crawl", rows)


# -- against the clock -----------------------------------------------------------------------------------------


def _serve(events: int, *options: str) -> Any:
    return _bench.emulator(
        "--events", str(round(events / DEVICE)), "--start", str(START), "--end", str(END), *options
    )


def _limits(rate: float, burst: float, latency: float) -> list[str]:
    return ["--rate", str(rate), "--burst", str(burst), "--latency", str(latency)]


def _truth(base_url: str) -> int:
    address = base_url.replace("/v4", f"/_emulator/truth?start={START}&end={END}")
    with urllib.request.urlopen(address) as response:
        return int(json.load(response)["count"])


def _stats(base_url: str) -> Any:
    with urllib.request.urlopen(base_url.replace("/v4", "/_emulator/stats")) as response:
        return json.load(response)


def paced_rows(rounds: int) -> list[dict[str, Any]]:
    """The crawl command against the time the limit allows at best."""
    rows: list[dict[str, Any]] = []
    with _serve(100) as base_url:
        _command(base_url, "off", None)  # warm
    for name, (rate, burst, latency, events, goal, told) in PACED.items():
        walls, extras, throttled, ideal = [], [], 0, 0.0
        for seed in range(rounds):
            with _serve(events, "--seed", str(seed), *_limits(rate, burst, latency)) as base_url:
                summary = _command(base_url, told or str(rate), None if told else burst)
                truth = _truth(base_url)
            if summary["events"] != truth:
                raise SystemExit(f"{name}: {summary['events']} events, {truth} are there")
            needed = -(-truth // 100)
            ideal = (needed - burst) / rate + latency
            walls.append(summary["seconds"])
            extras.append(summary["pages"] / needed - 1)
            throttled += summary["throttled"]
        rows.append(
            {
                "what": f"{name} (ideal {ideal:.1f} s)",
                "figure": _bench.spread(walls, " s"),
                "goal": f"≤ {goal} s",
                "met": statistics.median(walls) <= goal,
            }
        )
        extra = statistics.median(extras)
        rows.append(
            {
                "what": "  pages more than needed",
                "figure": f"{extra:.1%}",
                "goal": "≤ 3 %",
                "met": extra <= 0.03 + 1e-9,
            }
        )
        if not told:
            rows.append(
                {"what": "  429s", "figure": str(throttled), "goal": "0", "met": throttled == 0}
            )
    return rows


def long_rows() -> list[dict[str, Any]]:
    """A crawl of a minute: the share of the allowed requests that it used."""
    rate, burst, latency, events = LONG
    with _serve(events, *_limits(rate, burst, latency)) as base_url:
        summary = _command(base_url, str(rate), burst)
        share = _stats(base_url)["limit"]["share"]
    what = f"{rate} rps burst {burst}, {latency * 1000:.0f} ms, {summary['events']:,} events: share of the limit"
    return [{"what": what, "figure": f"{share:.3f}", "goal": "≥ 0.97", "met": share >= 0.97}]


def _command(base_url: str, rate: str, burst: float | None) -> Any:
    """Run `fingerprint-async crawl` in a process of its own."""
    with tempfile.TemporaryDirectory() as output:
        words = [
            "crawl",
            output,
            "--base-url",
            base_url,
            "--start",
            str(START),
            "--end",
            str(END),
            "--json",
        ]
        limit = ["--rate", rate, *(["--burst", str(burst)] if burst else [])]
        environment = {**os.environ, "FINGERPRINT_SECRET_API_KEY": _bench.KEY}
        done = subprocess.run(
            [sys.executable, "-m", "fingerprint_async", *words, *limit],
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
        )
    return json.loads(done.stdout)


def peer_rows() -> list[dict[str, Any]]:
    """The peers in the first case, once: they take minutes."""
    rate, burst, latency, events, *_ = next(iter(PACED.values()))
    rows = []
    for name in ("httpx", "official", "official-threads", "dlt"):
        with _serve(events, *_limits(rate, burst, latency)) as base_url:
            figures = _work(name, base_url)
        rows.append(
            {"what": f"peer, first case: {WORKERS[name][0]}", "figure": f"{figures['wall']:.0f} s"}
        )
    return rows


# -- processor and memory --------------------------------------------------------------------------------------


def cpu_rows(rounds: int) -> list[dict[str, Any]]:
    """Processor time per event into JSON lines, on a server without limits."""
    with _serve(18_000) as base_url:
        names = ["raw", "typed", "aiohttp", "httpx", "official"]
        if _has_fast():
            names.insert(1, "raw-fast")

        def case(name: str) -> Callable[[], float]:
            def run() -> float:
                figures = _work(name, base_url, warm=True)
                return float(figures["cpu"] / figures["events"] * 1e6)

            return run

        figures = _bench.alternate({name: case(name) for name in names}, rounds=rounds)
    rows: list[dict[str, Any]] = [
        {"what": f"processor per event: {WORKERS[name][0]}", "figure": _bench.spread(values, " µs")}
        for name, values in figures.items()
    ]
    goals = [("raw", "official", 1 / 12), ("typed", "official", 1 / 4)]
    goals.append(("raw-fast" if "raw-fast" in figures else "raw", "aiohttp", 1.5))
    for ours, peer, goal in goals:
        ratio = _bench.ratios(figures, ours, peer)
        rows.append(
            {
                "what": f"  {ours} / {peer}",
                "figure": _bench.spread(ratio, " ×"),
                "goal": f"≤ {goal:.3g} ×",
                "met": statistics.median(ratio) <= goal,
            }
        )
    return rows


def memory_rows() -> list[dict[str, Any]]:
    """Peak memory of raw events at ten thousand events and at a million."""
    peaks = {}
    for events in (10_000, 1_000_000):
        with _serve(events, "--detail", "slim") as base_url:
            peaks[events] = _work("raw", base_url)["peak"] / 1e6
    few, many = peaks.values()
    return [
        {"what": "peak memory, 10,000 events", "figure": f"{few:.1f} MB"},
        {
            "what": "peak memory, 1,000,000 events",
            "figure": f"{many:.1f} MB",
            "goal": "≤ 60 MB",
            "met": many <= 60,
        },
        {
            "what": "  more",
            "figure": f"{many - few:.1f} MB",
            "goal": "≤ 20 MB",
            "met": many - few <= 20,
        },
    ]


def _has_fast() -> bool:
    from importlib.util import find_spec

    return find_spec("pyreqwest") is not None


def _work(name: str, base_url: str, *, warm: bool = False) -> Any:
    """Run one worker in a process of its own; warm: a first crawl that is not measured takes what importing costs."""
    with tempfile.TemporaryDirectory() as output:
        done = subprocess.run(
            [sys.executable, __file__, "--worker", name, base_url, output, str(int(warm))],
            check=True,
            stdout=subprocess.PIPE,
        )
    return json.loads(done.stdout)


def worker(name: str, base_url: str, output: str, warm: str) -> int:
    """Crawl once and print wall and processor seconds, events and peak memory."""
    for number in range(1 + int(warm)):
        folder = Path(output) / str(number)
        folder.mkdir()
        run = WORKERS[name][1](base_url, folder)
        if number < int(warm):
            run()
    wall, cpu = time.perf_counter(), time.process_time()
    events = run()
    figures = {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "events": events,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    print(json.dumps(figures))
    return 0


# -- ours and the peers: each a function that imports what it needs and gives the one that crawls ------------------


def _ours(read_as: str, transport: str | None) -> Callable[[str, Path], Callable[[], int]]:
    def make(base_url: str, output: Path) -> Callable[[], int]:
        from fingerprint_async import FingerprintClient, RateLimit
        from fingerprint_async.crawl import export

        async def crawl() -> int:
            async with FingerprintClient(
                _bench.KEY,
                base_url=base_url,
                rate_limit=RateLimit.off(),
                transport=transport,  # type: ignore[arg-type]
            ) as client:
                summary = await export(
                    client, output, start=START, end=END, read_as=read_as, max_in_flight=16
                )  # type: ignore[arg-type]
                return summary.events

        return lambda: asyncio.run(crawl())

    return make


def _aiohttp(base_url: str, output: Path) -> Callable[[], int]:
    """What an expert writes: equal slices of time, a chain in each, raw events cut with msgspec."""
    import aiohttp
    import msgspec

    page_type = msgspec.defstruct(
        "Page", [("events", list[msgspec.Raw]), ("pagination_key", str | None, None)]
    )
    decode = msgspec.json.Decoder(page_type).decode

    async def crawl() -> int:
        count = 0
        slices = 16
        step = (END - START + 1) // slices
        with (output / "events.jsonl").open("wb") as file:
            async with aiohttp.ClientSession(
                headers={"Authorization": f"Bearer {_bench.KEY}"}
            ) as session:

                async def chain(first: int, last: int) -> None:
                    nonlocal count
                    parameters = {"start": first, "end": last, "limit": 100}
                    while True:
                        async with session.get(f"{base_url}/events", params=parameters) as response:
                            page = decode(await response.read())
                        count += len(page.events)
                        file.write(b"\n".join((*page.events, b"")))
                        if page.pagination_key is None:
                            return
                        parameters["pagination_key"] = page.pagination_key  # type: ignore[assignment]

                bounds = [START + step * index for index in range(slices)]
                await asyncio.gather(
                    *(chain(at, at + step - 1 if at is not bounds[-1] else END) for at in bounds)
                )
        return count

    return lambda: asyncio.run(crawl())


def _httpx(base_url: str, output: Path) -> Callable[[], int]:
    """A plain loop: one page after another, decoded and encoded with orjson."""
    import httpx
    import orjson

    async def crawl() -> int:
        count = 0
        parameters: dict[str, Any] = {"start": START, "end": END, "limit": 100}
        with (output / "events.jsonl").open("wb") as file:
            async with httpx.AsyncClient(
                headers={"Authorization": f"Bearer {_bench.KEY}"}
            ) as client:
                while True:
                    response = await client.get(f"{base_url}/events", params=parameters)
                    if response.status_code == 429:
                        await asyncio.sleep(0.2)
                        continue
                    page = orjson.loads(response.content)
                    count += len(page["events"])
                    for event in page["events"]:
                        file.write(orjson.dumps(event) + b"\n")
                    if not (key := page.get("pagination_key")):
                        return count
                    parameters["pagination_key"] = key

    return lambda: asyncio.run(crawl())


def _official(base_url: str, output: Path, *, threads: int = 1) -> Callable[[], int]:
    """The official SDK, its models written as JSON; with threads: a chain in each of as many equal slices of time."""
    import threading
    from concurrent.futures import ThreadPoolExecutor

    import fingerprint_server_sdk as sdk

    configuration = sdk.Configuration(api_key=_bench.KEY, host=base_url)
    configuration.host = base_url
    api = sdk.FingerprintApi(configuration)
    lock = threading.Lock()
    step = (END - START + 1) // threads
    bounds = [START + step * index for index in range(threads)]

    def crawl() -> int:
        with (output / "events.jsonl").open("w", encoding="utf-8") as file:

            def chain(first: int) -> int:
                count, key = 0, None
                last = END if first == bounds[-1] else first + step - 1
                while True:
                    try:
                        page = api.search_events(
                            limit=100, start=first, end=last, pagination_key=key
                        )
                    except sdk.TooManyRequestsException:
                        time.sleep(0.2)
                        continue
                    count += len(page.events)
                    lines = "".join(event.to_json() + "\n" for event in page.events)
                    with lock:
                        file.write(lines)
                    if not (key := page.pagination_key):
                        return count

            with ThreadPoolExecutor(threads) as pool:
                return sum(pool.map(chain, bounds))

    return crawl


def _dlt(base_url: str, output: Path) -> Callable[[], int]:
    """The REST source of dlt, into files."""
    os.environ["DLT_DATA_DIR"] = str(output / "dlt")
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    import dlt
    from dlt.sources.rest_api import rest_api_source

    source = rest_api_source(
        {
            "client": {
                "base_url": base_url,
                "auth": {"type": "bearer", "token": _bench.KEY},
                "paginator": {
                    "type": "cursor",
                    "cursor_path": "pagination_key",
                    "cursor_param": "pagination_key",
                },
            },
            "resources": [
                {
                    "name": "events",
                    "max_table_nesting": 0,
                    "endpoint": {
                        "path": "events",
                        "params": {"limit": 100, "start": START, "end": END},
                        "data_selector": "events",
                    },
                }
            ],
        }
    )
    pipeline = dlt.pipeline(
        "bench",
        pipelines_dir=str(output / "pipelines"),
        destination=dlt.destinations.filesystem(bucket_url=str(output / "out")),
        dataset_name="bench",
    )

    def crawl() -> int:
        pipeline.run(source, loader_file_format="jsonl")
        return int(pipeline.last_trace.last_normalize_info.row_counts["events"])

    return crawl


WORKERS: dict[str, tuple[str, Callable[[str, Path], Callable[[], int]]]] = {
    "raw": ("ours, raw", _ours("raw", None)),
    "raw-fast": ("ours, raw, fast transport", _ours("raw", "fast")),
    "typed": ("ours, typed", _ours("typed", None)),
    "aiohttp": ("aiohttp slices, raw events", _aiohttp),
    "httpx": ("httpx loop with orjson", _httpx),
    "official": ("official SDK, its models", _official),
    "official-threads": ("official SDK, 16 threads", partial(_official, threads=16)),
    "dlt": ("dlt's REST source", _dlt),
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
