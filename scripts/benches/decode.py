"""Decoding a page of 100 full events: ours, `orjson.loads`, and the official SDK's models, in turn."""

from __future__ import annotations

import argparse
import asyncio
import functools
import gc
import statistics
import sys
import time
import tracemalloc
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))

import _bench

if TYPE_CHECKING:
    from collections.abc import Callable

EVENTS = 100


def main(argv: list[str]) -> int:
    """Measure and print the table."""
    _bench.enter_peers(__file__, argv)
    parser = argparse.ArgumentParser(prog="scripts/bench decode", description=__doc__)
    parser.add_argument("--rounds", type=int, default=31)
    rounds = parser.parse_args(argv).rounds

    with _bench.emulator("--events", "2000", "--rate", "off") as base_url:
        request = urllib.request.Request(
            f"{base_url}/events?limit={EVENTS}&start=0",
            headers={"Authorization": f"Bearer {_bench.KEY}"},
        )
        with urllib.request.urlopen(request) as response:
            page = response.read()
    return _bench.report(
        "decode", [*decode_rows(page, rounds), *memory_rows(page), *stall_rows(page, rounds)]
    )


NESTED = (
    "identification",
    "ip_info",
    "browser_details",
    "velocity",
    "sdk",
    "raw_device_attributes",
    "tampering_details",
    "vpn_methods",
)
# What an event of the models before these took, in multiples of its decoded dict.
MEMORY_GOALS = {"untouched": 0.27, "ids read": 0.35}


def decode_rows(page: bytes, rounds: int) -> list[dict[str, Any]]:
    """Processor seconds of each way to read the page, and the ratios that have a goal."""
    import orjson
    from fingerprint_server_sdk.models import EventSearch as OfficialEventSearch

    from fingerprint_async.models import EventSearch

    text = page.decode()
    again = EventSearch.from_json(page)
    values = sum(read_all(event) for event in again.events)

    def ids_and_times() -> Any:
        decoded = EventSearch.from_json(page)
        return decoded, [(event.event_id, event.timestamp) for event in decoded.events]

    def ids_and_visitors() -> Any:
        decoded = EventSearch.from_json(page)
        return decoded, [
            (event.event_id, event.identification and event.identification.visitor_id)
            for event in decoded.events
        ]

    def nested() -> Any:
        decoded = EventSearch.from_json(page)
        return decoded, [[getattr(event, name) for name in NESTED] for event in decoded.events]

    def every_value() -> Any:
        decoded = EventSearch.from_json(page)
        if sum(read_all(event) for event in decoded.events) != values:
            raise AssertionError
        return decoded

    figures = _bench.alternate(
        {
            "orjson.loads": timed(lambda: orjson.loads(page)),
            "page": timed(lambda: EventSearch.from_json(page).events),
            "ids and times": timed(ids_and_times),
            "ids and visitor ids": timed(ids_and_visitors),
            "eight nested objects": timed(nested),
            "every value": timed(every_value),
            "every value, second time": timed(
                lambda: sum(read_all(event) for event in again.events)
            ),
            "official SDK": timed(lambda: OfficialEventSearch.from_json(text)),
        },
        rounds=rounds,
    )
    figures["every value, first time alone"] = [
        max(first - second, 0.0)
        for first, second in zip(
            figures["every value"], figures["every value, second time"], strict=True
        )
    ]
    rows: list[dict[str, Any]] = [
        {"what": f"{name}: time", "figure": _bench.spread(found, " us/event", 1e6 / EVENTS)}
        for name, found in figures.items()
    ]
    goals = [
        ("page", "orjson.loads", 0.30),
        ("ids and times", "orjson.loads", 0.80),
        ("ids and visitor ids", "orjson.loads", 0.90),
        ("eight nested objects", "orjson.loads", 1.3),
        ("every value, first time alone", "official SDK", 1 / 2.5),
    ]
    for ours, peer, goal in goals:
        ratio = _bench.ratios(figures, ours, peer)
        rows.append(
            {
                "what": f"{ours} / {peer}",
                "figure": _bench.spread(ratio),
                "goal": f"<= {goal:.3g}",
                "met": statistics.median(ratio) <= goal,
            }
        )
    return rows


def read_all(value: Any) -> int:
    """Read every value below `value` and return how many."""
    if isinstance(value, list):
        return sum(map(read_all, value))
    names = field_names(type(value))
    return 1 + sum(read_all(inner) for name in names if (inner := getattr(value, name)) is not None)


@functools.cache
def field_names(cls: type) -> tuple[str, ...]:
    """The fields of a model; none for other classes."""
    import attrs

    from fingerprint_async.models import Model

    if not issubclass(cls, Model):
        return ()
    return tuple(field.name for field in attrs.fields(cls) if field.name != "additional_properties")


def memory_rows(page: bytes) -> list[dict[str, Any]]:
    """What an event costs in memory beside its decoded dict, and in objects of the collector."""
    import orjson

    from fingerprint_async.models import EventSearch

    def ids_read() -> Any:
        events = EventSearch.from_json(page).events
        return events, [event.event_id for event in events]

    costs = {
        "dict": memory(lambda: orjson.loads(page)),
        "untouched": memory(lambda: EventSearch.from_json(page).events),
        "ids read": memory(ids_read),
    }
    rows: list[dict[str, Any]] = [
        {
            "what": f"memory of an event, {name} / its decoded dict",
            "figure": f"{costs[name] / costs['dict']:.3f}",
            "goal": f"<= {goal}",
            "met": costs[name] / costs["dict"] <= goal,
        }
        for name, goal in MEMORY_GOALS.items()
    ]
    gc.collect()
    before = len(gc.get_objects())
    kept = ids_read()
    gc.collect()
    tracked = (len(gc.get_objects()) - before) / EVENTS
    del kept
    rows.append(
        {
            "what": "objects that the collector tracks, an event, ids read",
            "figure": f"{tracked:.2f}",
            "goal": "<= 2",
            "met": tracked <= 2,
        }
    )
    return rows


def stall_rows(page: bytes, rounds: int) -> list[dict[str, Any]]:
    """The longest stretch that a loop is blocked while pages come in, seen by a watchdog task."""
    import orjson

    from fingerprint_async.models import EventSearch

    def typed(data: bytes) -> Any:
        events = EventSearch.from_json(data).events
        return events, [event.event_id for event in events]

    def visitors(data: bytes) -> Any:
        events = EventSearch.from_json(data).events
        return events, [
            (event.event_id, event.identification and event.identification.visitor_id)
            for event in events
        ]

    ways: dict[str, Callable[[bytes], Any]] = {
        "orjson": orjson.loads,
        "typed": lambda data: EventSearch.from_json(data).events,
        "typed, ids read": typed,
        "typed, ids and visitors read": visitors,
        "typed, ids and visitors read, frozen": visitors,
    }
    stalls: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(max(5, rounds // 5)):
        for name, decode in ways.items():
            if name.endswith("frozen"):
                gc.collect()
                gc.freeze()
            stalls[name].extend(asyncio.run(watch(decode, page, pages=20)))
            gc.unfreeze()
    median = {name: statistics.median(values) for name, values in stalls.items()}
    rows = [
        {
            "what": f"loop stall, {name}: median (min - max)",
            "figure": _bench.spread(values, " ms", 1e3),
        }
        for name, values in stalls.items()
    ]
    rows += [
        {
            "what": f"loop stall, {name}, median / orjson's",
            "figure": f"{median[name] / median['orjson']:.2f}",
            "goal": "<= 1.5",
            "met": median[name] <= 1.5 * median["orjson"],
        }
        for name in ("typed", "typed, ids read")
    ]
    for name in ("typed", "typed, ids read"):
        worst = max(stalls[name])
        rows.append(
            {
                "what": f"loop stall, {name}, worst",
                "figure": f"{worst * 1e3:.2f} ms",
                "goal": "<= 5 ms",
                "met": worst <= 5e-3,
            }
        )
    return rows


async def watch(decode: Callable[[bytes], Any], page: bytes, *, pages: int) -> list[float]:
    """Decode pages as they come, keep the last ten, and return the longest stall around each page, in seconds."""
    worst = 0.0
    done = False

    async def watchdog() -> None:
        nonlocal worst
        before = time.perf_counter()
        while not done:
            await asyncio.sleep(0)
            now = time.perf_counter()
            worst = max(worst, now - before)
            before = now

    task = asyncio.create_task(watchdog())
    kept: list[Any] = []
    stalls = []
    for _ in range(pages):
        await asyncio.sleep(0.001)
        worst = 0.0
        kept.append(decode(page))
        del kept[:-10]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        stalls.append(worst)
    done = True
    await task
    return stalls


def timed(case: Callable[[], Any]) -> Callable[[], float]:
    """A case that returns its own processor seconds: none for what the case before left behind."""

    def run() -> float:
        gc.collect()
        before = time.process_time()
        result = case()
        after = time.process_time()
        del result
        return after - before

    return run


def memory(make: Callable[[], Any]) -> int:
    """Bytes that the result of `make` holds."""
    make()
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    result = make()
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del result
    return after - before


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
