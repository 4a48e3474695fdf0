"""Decoding a page of 100 full events: ours, `orjson.loads`, and the official SDK's models, in turn."""

from __future__ import annotations

import argparse
import asyncio
import functools
import gc
import re
import statistics
import sys
import time
import tracemalloc
import typing
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


def decode_rows(page: bytes, rounds: int) -> list[dict[str, Any]]:
    """Seconds of each way to decode the page, and the ratios that have a goal."""
    import orjson
    from fingerprint_server_sdk.models import EventSearch as OfficialEventSearch

    from fingerprint_async.crawl._pages import CutPage
    from fingerprint_async.models import EventSearch

    text = page.decode()
    untouched = EventSearch.from_json(page)

    def touched() -> Any:
        decoded = EventSearch.from_json(page)
        return decoded, sum(touch(event) for event in decoded.events)

    def ids_then_touched() -> Any:
        decoded = EventSearch.from_json(page)
        return decoded, sum(touch(event) for event in decoded.events if event.event_id)

    def official_touched() -> Any:
        decoded = OfficialEventSearch.from_json(text)
        return decoded, sum(touch(event) for event in decoded.events)

    def first_level() -> Any:
        decoded = EventSearch.from_json(page)
        return decoded, [(event.event_id, event.timestamp) for event in decoded.events]

    figures = _bench.alternate(
        {
            "orjson": timed(lambda: orjson.loads(page)),
            "page": timed(lambda: EventSearch.from_json(page).events),
            "first level": timed(first_level),
            "touched": timed(touched),
            "touched after ids": timed(ids_then_touched),
            "to_dict": timed(lambda: [event.to_dict() for event in untouched.events]),
            "official": timed(lambda: OfficialEventSearch.from_json(text)),
            "official touched": timed(official_touched),
            "slices": timed(lambda: CutPage(page).events),
        },
        rounds=rounds,
    )
    each = {"unit": " us/event", "scale": 1e6 / EVENTS}
    rows: list[dict[str, Any]] = [
        {"what": f"{name}: time", "figure": _bench.spread(values, **each)}
        for name, values in figures.items()  # type: ignore[arg-type]
    ]
    goals: list[tuple[str, str, str, float | None]] = [
        ("a page decoded / orjson.loads", "page", "orjson", 1.4),
        ("a page decoded, ids and times read / orjson.loads", "first level", "orjson", 1.4),
        ("a page decoded / official SDK", "page", "official", 1 / 6),
        ("a page decoded, ids and times read / official SDK", "first level", "official", 1 / 6),
        ("every nested object touched / official SDK", "touched", "official touched", 1 / 3),
        (
            "ids read, then every nested object touched / official SDK",
            "touched after ids",
            "official touched",
            None,
        ),
        ("raw slices / orjson.loads", "slices", "orjson", 1 / 4),
    ]
    for what, ours, peer, goal in goals:
        ratio = _bench.ratios(figures, ours, peer)
        row: dict[str, Any] = {"what": what, "figure": _bench.spread(ratio)}
        if goal is not None:
            row |= {"goal": f"<= {goal:.3g}", "met": statistics.median(ratio) <= goal}
        rows.append(row)
    return rows


def memory_rows(page: bytes) -> list[dict[str, Any]]:
    """What an event costs in memory beside its decoded dict."""
    import orjson

    from fingerprint_async.models import EventSearch

    def read(event: Any) -> Any:
        _ = event.event_id
        return event

    costs = {
        "dict": memory(lambda: orjson.loads(page)),
        "untouched": memory(lambda: EventSearch.from_json(page).events),
        "ids read": memory(lambda: [read(event) for event in EventSearch.from_json(page).events]),
    }
    return [
        {
            "what": f"memory of an event, {name} / its decoded dict",
            "figure": f"{costs[name] / costs['dict']:.3f}",
            "goal": "<= 1.2",
            "met": costs[name] / costs["dict"] <= 1.2,
        }
        for name in ("untouched", "ids read")
    ]


def stall_rows(page: bytes, rounds: int) -> list[dict[str, Any]]:
    """The longest stretch that a loop is blocked while pages come in, seen by a watchdog task."""
    import orjson

    from fingerprint_async.crawl._pages import CutPage
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

    lanes: dict[str, Callable[[bytes], Any]] = {
        "orjson": orjson.loads,
        "typed": lambda data: EventSearch.from_json(data).events,
        "typed, ids read": typed,
        "raw": lambda data: CutPage(data).events,
        "typed, ids and visitors read": visitors,
        "typed, ids and visitors read, frozen": visitors,
    }
    stalls: dict[str, list[float]] = {name: [] for name in lanes}
    for _ in range(max(5, rounds // 5)):
        for name, decode in lanes.items():
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
    rows.append(
        {
            "what": "loop stall, raw, median",
            "figure": f"{median['raw'] * 1e3:.2f} ms",
            "goal": "<= 1 ms",
            "met": median["raw"] <= 1e-3,
        }
    )
    for name in ("typed", "typed, ids read", "raw"):
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
    """A case that returns its own processor seconds."""

    def run() -> float:
        before = time.process_time()
        result = case()
        after = time.process_time()
        del result
        return after - before

    return run


def touch(value: Any) -> int:
    """Read every nested object and list below `value`, the same way for our models and the official SDK's; how many."""
    if isinstance(value, list):
        return sum(map(touch, value))
    found = 1
    for name in nested_names(type(value)):
        inner = getattr(value, name)
        if inner:
            found += touch(inner)
    return found


@functools.cache
def nested_names(cls: type) -> tuple[str, ...]:
    """The attributes of a model of either SDK that hold models, or lists of them."""
    import attrs

    from fingerprint_async import models

    if attrs.has(cls):
        classes = {name for name in models.__all__ if attrs.has(getattr(models, name))}
        hints: dict[str, Any] = {
            field.name: set(re.findall(r"\w+", str(field.type))) & classes
            for field in attrs.fields(cls)
        }
        return tuple(name for name, found in hints.items() if found)
    return tuple(
        name
        for name, field in getattr(cls, "model_fields", {}).items()
        if holds_model(field.annotation)
    )


def holds_model(hint: Any) -> bool:
    """Whether a type is a model of the official SDK, or has one among its arguments."""
    return hasattr(hint, "model_fields") or any(map(holds_model, typing.get_args(hint)))


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
