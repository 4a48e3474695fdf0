from __future__ import annotations

import math
import random
import statistics

import pytest

from fingerprint_async.crawl._page import CutPage
from fingerprint_async.crawl.plan import Plan
from fingerprint_async.crawl.plan._estimate import estimate_pages

MONTH = 30 * 86_400_000
HOUR = 3_600_000


def _uniform(rng, count):
    return [rng.randrange(MONTH) for _ in range(count)]


def _daily(rng, count):
    times = []
    while len(times) < count:
        at = rng.randrange(MONTH)
        if rng.random() < 0.05 + 0.95 * math.sin(at / (24 * HOUR) * math.pi) ** 4:
            times.append(at)
    return times


def _hour(rng, count):
    """One hour holds half of everything."""
    began = rng.randrange(MONTH - HOUR)
    return [began + rng.randrange(HOUR) for _ in range(count // 2)] + _uniform(
        rng, count - count // 2
    )


def _islands(rng, count):
    """Some hours, and empty stretches of days between."""
    islands = [(rng.randrange(MONTH - 10 * HOUR), rng.randrange(HOUR, 10 * HOUR)) for _ in range(6)]
    return [began + rng.randrange(length) for began, length in rng.choices(islands, k=count)]


def _growing(rng, count):
    return [int(MONTH * rng.random() ** 0.3) for _ in range(count)]


# Requests per second, burst, latency in seconds, events, and the simulated seconds it may take.
FAST = (50, 150, 0.3, 60_000, 10.5)
SLOW = (5, 15, 0.2, 6_000, 9.8)
FAR = (5, 15, 0.8, 6_000, 11.9)


@pytest.mark.parametrize("case", [FAST, SLOW, FAR], ids=["50rps", "5rps", "5rps-far"])
@pytest.mark.parametrize("profile", [_uniform, _daily, _islands, _growing])
async def test_close_to_the_ideal(simulation, fake_service, profile, case):
    """Whatever the density, a crawl takes little longer than its limit allows at best.

    It asks for few pages more than needed.
    """
    rate, burst, latency, count, goal = case
    seconds, extra = [], []
    for seed in range(3):
        service = fake_service(profile(random.Random(seed), count), seed=seed)
        run = type(simulation)()
        ids = await run.run(service, 0, MONTH - 1, rate=rate, burst=burst, latency=latency)
        assert len(ids) == len(set(ids)) == count
        seconds.append(run.now)
        extra.append(len(service.requests) - count / 100)
    assert statistics.median(seconds) <= goal
    assert statistics.median(extra) <= max(5, 0.045 * count / 100)


async def test_an_hour_that_holds_half(simulation, fake_service):
    """A burst that the first pages do not show is found in time."""
    rate, burst, latency, count, _ = FAST
    service = fake_service(_hour(random.Random(1), count), seed=1)
    await simulation.run(service, 0, MONTH - 1, rate=rate, burst=burst, latency=latency)
    assert simulation.now <= 11.5


async def test_an_estimate_that_is_kept_is_the_one_that_would_be_made(
    simulation, fake_service, monkeypatch
):
    """What is left of a window is worked out again whenever something it rests on has changed."""
    kept = Plan.pages_left
    asked = []

    def compared(plan, window):
        asked.append((kept(plan, window), estimate_pages(window, plan.background)))
        return asked[-1][0]

    monkeypatch.setattr(Plan, "pages_left", compared)
    service = fake_service([*_hour(random.Random(4), 6_000), *[MONTH // 3] * 900], seed=4)
    await simulation.run(service, 0, MONTH - 1, rate=50, burst=15)
    assert len(asked) > 500
    assert all(ours == made for ours, made in asked)


def test_a_hot_millisecond_goes_first(fake_service):
    """Thousands of events in one millisecond can't be split.

    They are fetched without a break, not when all else is about done.
    """
    hot = 700_000
    service = fake_service([hot] * 2_400 + [100 * number for number in range(20_000)])
    plan = Plan(0, 1_999_999, parts=4)
    is_hot = []
    while (request := plan.next_request()) is not None:
        page = CutPage(service.search(request))
        times = {at for at, _ in page.positions}
        is_hot.append(len(page) == 100 and times == {hot})
        plan.receive(request, page)
    assert plan.done
    first = is_hot.index(True)
    last = len(is_hot) - is_hot[::-1].index(True)
    assert last - first <= 2 * sum(is_hot)


async def test_an_empty_range_costs_little(simulation, fake_service):
    """Nothing to fetch: one page at each end of the windows it begins with."""
    service = fake_service([])
    assert await simulation.run(service, 0, MONTH - 1, rate=5, burst=15) == []
    assert len(service.requests) <= 4


async def test_a_short_range_is_one_window(simulation, fake_service):
    """Following asks for minutes, again and again. That takes one page or two."""
    service = fake_service([5, 6, 7])
    assert len(await simulation.run(service, 0, 60_000, rate=50, burst=150)) == 3
    assert len(service.requests) <= 2


def test_an_empty_window_is_done():
    """A range that ends before it begins has nothing in it."""
    assert Plan(10, 9).done


async def test_what_is_left_is_counted_on_the_way(simulation, fake_service):
    """Once few enough events are left of a window, the service counts them.

    No two chains then ask for the same last page.
    """
    service = fake_service([number * 1_000 for number in range(2_350)])
    ids = await simulation.run(service, 0, 2_350_000, rate=50, burst=150)
    assert len(ids) == len(set(ids)) == 2_350
    assert any(
        asked.total_hits and asked.pagination_key is None and asked.taken > 0
        for asked in service.requests
    )
    assert len(service.requests) <= 25
