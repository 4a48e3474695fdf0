"""What a call costs: processor time beside bare httpx, and 50 tasks at once beside the official SDK in threads."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))

import _bench

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

TASKS = 50


def main(argv: list[str]) -> int:
    """Measure and print the table."""
    _bench.enter_peers(__file__, argv)
    parser = argparse.ArgumentParser(prog="scripts/bench calls", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--calls", type=int, default=5000, help="calls of the 50 tasks together, a round"
    )
    parser.add_argument("--alone", type=int, default=500, help="calls one after another, a round")
    arguments = parser.parse_args(argv)
    with _bench.emulator("--events", "2000", "--rate", "off") as base_url:
        event_id = some_event(base_url)
        rows = alone_rows(base_url, event_id, arguments.rounds, arguments.alone)
        rows += concurrent_rows(base_url, event_id, arguments.rounds, arguments.calls)
    return _bench.report("calls", rows)


def some_event(base_url: str) -> str:
    """The id of one full event of the emulator."""
    import msgspec

    request = urllib.request.Request(
        f"{base_url}/events?limit=1&start=0", headers={"Authorization": f"Bearer {_bench.KEY}"}
    )
    with urllib.request.urlopen(request) as response:
        return str(msgspec.json.decode(response.read())["events"][0]["event_id"])


def alone_rows(base_url: str, event_id: str, rounds: int, calls: int) -> list[dict[str, Any]]:
    """Processor seconds of calls one after another."""

    def processor(run: Callable[[], Awaitable[None]]) -> Callable[[], float]:
        def case() -> float:
            before = time.process_time()
            asyncio.run(run())  # type: ignore[arg-type]
            return time.process_time() - before

        return case

    async def ours() -> None:
        async with client(base_url) as fingerprint:
            for _ in range(calls):
                assert (await fingerprint.events.get(event_id)).event_id == event_id

    async def bare() -> None:
        import httpx
        import orjson

        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {_bench.KEY}"}) as plain:
            for _ in range(calls):
                assert (
                    orjson.loads((await plain.get(f"{base_url}/events/{event_id}")).content)[
                        "event_id"
                    ]
                    == event_id
                )

    figures = _bench.alternate({"ours": processor(ours), "httpx": processor(bare)}, rounds=rounds)
    ratio = _bench.ratios(figures, "ours", "httpx")
    rows: list[dict[str, Any]] = [
        {
            "what": f"one call after another, {name}",
            "figure": _bench.spread(values, " us", 1e6 / calls),
        }
        for name, values in figures.items()
    ]
    rows.append(
        {
            "what": "processor time, ours / httpx + orjson",
            "figure": _bench.spread(ratio),
            "goal": "<= 1",
            "met": statistics.median(ratio) <= 1,
        }
    )
    return rows


def concurrent_rows(base_url: str, event_id: str, rounds: int, calls: int) -> list[dict[str, Any]]:
    """Requests a second and p99 of 50 tasks, each calling again as soon as it has its answer."""
    p99: dict[str, list[float]] = {}

    def concurrent(name: str, run: Callable[[list[float]], Awaitable[None]]) -> Callable[[], float]:
        def case() -> float:
            waits: list[float] = []
            before = time.perf_counter()
            asyncio.run(run(waits))  # type: ignore[arg-type]
            took = time.perf_counter() - before
            p99.setdefault(name, []).append(statistics.quantiles(waits, n=100)[98])
            return len(waits) / took

        return case

    async def tasks(call: Callable[[], Awaitable[Any]], waits: list[float]) -> None:
        async def one() -> None:
            for _ in range(calls // TASKS):
                before = time.perf_counter()
                await call()
                waits.append(time.perf_counter() - before)

        await asyncio.gather(*(one() for _ in range(TASKS)))

    async def ours(waits: list[float], **options: Any) -> None:
        async with client(base_url, **options) as fingerprint:
            await tasks(partial(fingerprint.events.get, event_id), waits)

    async def official(waits: list[float]) -> None:
        from fingerprint_server_sdk import Configuration, FingerprintApi

        configuration = Configuration(api_key=_bench.KEY)
        configuration.host = base_url
        api = FingerprintApi(configuration)
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(TASKS))
        await tasks(lambda: asyncio.to_thread(api.get_event, event_id), waits)

    figures = _bench.alternate(
        {
            "default": concurrent("default", ours),
            "fast": concurrent("fast", partial(ours, transport="fast")),
            "official": concurrent("official", official),
        },
        rounds=rounds,
    )
    rows: list[dict[str, Any]] = []
    for name, values in figures.items():
        rows.append({"what": f"50 tasks, {name}: requests/s", "figure": _bench.spread(values)})
        rows.append(
            {"what": f"50 tasks, {name}: p99", "figure": _bench.spread(p99[name], " ms", 1e3)}
        )
    for name, goal, most in (("default", 1.5, 0.7), ("fast", 3.0, 0.25)):
        ratio = _bench.ratios(figures, name, "official")
        rows.append(
            {
                "what": f"requests/s, {name} / official SDK in threads",
                "figure": _bench.spread(ratio),
                "goal": f">= {goal:.3g}",
                "met": statistics.median(ratio) >= goal,
            }
        )
        waits = _bench.ratios(p99, name, "official")
        rows.append(
            {
                "what": f"p99, {name} / official SDK in threads",
                "figure": _bench.spread(waits),
                "goal": f"<= {most:g}",
                "met": statistics.median(waits) <= most,
            }
        )
    return rows


def client(base_url: str, **options: Any) -> Any:
    """Our client with its limiter off: the emulator has no limit either."""
    from fingerprint_async import FingerprintClient, RateLimit

    return FingerprintClient(_bench.KEY, base_url=base_url, rate_limit=RateLimit.off(), **options)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
