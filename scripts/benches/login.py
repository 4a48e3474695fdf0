"""A login endpoint that 50 people use at once: on this client, and on the official SDK in threads."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))

import _bench

if TYPE_CHECKING:
    from collections.abc import Iterator

IN_FLIGHT = 50
EVENTS = 1_000


def main(argv: list[str]) -> int:
    """Measure and print the table."""
    _bench.enter_peers(__file__, argv)
    parser = argparse.ArgumentParser(prog="scripts/bench login", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--logins", type=int, default=2_000, help="logins a round")
    parser.add_argument("--latency", default="0.1", help="seconds the service takes")
    arguments = parser.parse_args(argv)
    with (
        _bench.emulator(
            "--events", str(EVENTS), "--rate", "off", "--latency", arguments.latency
        ) as base_url,
        _app("ours", base_url) as ours,
        _app("official", base_url) as official,
    ):
        event_ids = _event_ids(base_url)
        seen: dict[str, list[dict[str, float]]] = {"ours": [], "official": []}

        def case(name: str, app: tuple[str, int]) -> Any:
            def run() -> float:
                seen[name].append(asyncio.run(_logins(*app, event_ids, arguments.logins)))
                return seen[name][-1]["p50"]

            return run

        figures = _bench.alternate(
            {"ours": case("ours", ours), "official": case("official", official)},
            rounds=arguments.rounds,
        )
    rows: list[dict[str, Any]] = []
    for name, found in seen.items():
        rounds = found[1:]
        rows += [
            {
                "what": f"{name}: {what}",
                "figure": _bench.spread([one[key] for one in rounds], unit, scale),
            }
            for what, key, unit, scale in (
                ("p50", "p50", " ms", 1e3),
                ("p99", "p99", " ms", 1e3),
                ("logins a second", "rate", "", 1.0),
                ("processor time a login", "cpu", " us", 1e6),
            )
        ]
    ratio = _bench.ratios(figures, "ours", "official")
    rows.append(
        {
            "what": "p50, ours / official SDK in threads",
            "figure": _bench.spread(ratio),
            "goal": "<= 1",
            "met": statistics.median(ratio) <= 1,
        }
    )
    return _bench.report("login", rows)


@contextlib.contextmanager
def _app(name: str, base_url: str) -> Iterator[tuple[str, int]]:
    """Run an endpoint under uvicorn. Give its address, and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {"LOGIN_SDK": name, "LOGIN_KEY": _bench.KEY, "LOGIN_BASE_URL": base_url}
    words = ["uvicorn", "_login_app:app", "--port", str(port), "--log-level", "warning"]
    app = subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=Path(__file__).parent,
        env={**os.environ, **environment},
    )
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            if app.poll() is not None:
                raise SystemExit(f"the endpoint ended with {app.returncode}")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}", app.pid
    finally:
        app.terminate()
        app.wait(10)


def _event_ids(base_url: str) -> list[str]:
    request = urllib.request.Request(
        f"{base_url}/events?limit=100&start=0", headers={"Authorization": f"Bearer {_bench.KEY}"}
    )
    with urllib.request.urlopen(request) as response:
        return [event["event_id"] for event in json.load(response)["events"]]


async def _logins(url: str, pid: int, event_ids: list[str], count: int) -> dict[str, float]:
    """Log in so often, 50 at a time; each begins as soon as the one before it has its answer."""
    import aiohttp

    waits: list[float] = []
    left = iter(range(count))

    async def one(session: aiohttp.ClientSession) -> None:
        for number in left:
            before = time.perf_counter()
            path = f"{url}/login/{event_ids[number % len(event_ids)]}"
            async with session.post(path) as response:
                assert response.status in {200, 403}
                await response.read()
            waits.append(time.perf_counter() - before)

    connector = aiohttp.TCPConnector(limit=IN_FLIGHT)
    async with aiohttp.ClientSession(connector=connector) as session:
        before, cpu = time.perf_counter(), _processor_seconds(pid)
        await asyncio.gather(*(one(session) for _ in range(IN_FLIGHT)))
        took, cpu = time.perf_counter() - before, _processor_seconds(pid) - cpu
    return {
        "p50": statistics.median(waits),
        "p99": statistics.quantiles(waits, n=100)[98],
        "rate": count / took,
        "cpu": cpu / count,
    }


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
