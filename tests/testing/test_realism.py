"""What the synthetic workspace looks like: rates, categories, day and night, tomorrow."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest

from fingerprint_async.models import Event
from fingerprint_async.testing import Emulator
from fingerprint_async.testing.emulator.bodies import schemas
from fingerprint_async.testing.emulator.dataset import Dataset
from fingerprint_async.testing.synthetic.rates import RATES
from fingerprint_async.testing.synthetic.timeline import DAY_MS, HOUR_MS, day_weight

START = 1_767_225_600_000
FLAT = {
    "tor_node": "ip_blocklist",
    "email_spam": "ip_blocklist",
    "attack_source": "ip_blocklist",
    "anti_detect_browser": "tampering_details",
}


def profiles(seed: int, **options: Any) -> list[dict[str, Any]]:
    """All different devices of a data set."""
    data = Dataset(events=1, start=START, end=START + DAY_MS, seed=seed, **options)
    return [event for source in ("device", "edge") for _, event in data.profiles(source)]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_signals_are_as_frequent_as_stated(seed: int) -> None:
    """Of the devices that have a signal, the stated share has it true, within five points."""
    counts: dict[str, Counter[bool]] = defaultdict(Counter)
    for event in profiles(seed):
        for name in RATES:
            holder = event.get(FLAT[name], {}) if name in FLAT else event
            if name in holder:
                counts[name][holder[name]] += 1
    assert counts.keys() == RATES.keys()
    for name, count in counts.items():
        share = count[True] / count.total()
        assert abs(share - RATES[name]) <= 0.065, (name, share)
        assert count[True] > 0, name


def test_rates_can_be_others() -> None:
    """A rate that is given holds; an unknown signal or a rate that is none is an error."""
    assert all(event["proxy"] for event in profiles(0, rates={"proxy": 1.0}))
    assert not any(event["proxy"] for event in profiles(0, rates={"proxy": 0.0}))
    for rates in ({"nothing": 0.5}, {"vpn": 2}):
        with pytest.raises(ValueError, match=r"nothing|vpn"):
            profiles(0, rates=rates)


@pytest.mark.parametrize("seed", range(4))
def test_everything_that_the_schema_knows_occurs(seed: int) -> None:
    """Every bot category, and fields that are rare, are there in any data set."""
    events = profiles(seed)
    categories = {event["bot_info"]["category"] for event in events if "bot_info" in event}
    assert categories == set(schemas()["BotInfoCategory"]["enum"])
    methods = {name for event in events for name in event.get("vpn_methods", {})}
    assert methods == set(schemas()["VpnMethods"]["properties"])
    confidence = {
        name for event in events for name in event.get("identification", {}).get("confidence", {})
    }
    assert confidence == set(schemas()["IdentificationConfidence"]["properties"])
    assert {name for event in events for name in event} == set(schemas()["Event"]["properties"]) - {
        "event_id",
        "timestamp",
    }


def test_tomorrow_gets_in_by_its_share() -> None:
    """Unknown fields, values, categories and variants: findings, and readable all the same."""
    today = Emulator(events=2_000, seed=4)
    tomorrow = Emulator(events=2_000, seed=4, tomorrow=0.2)
    strange = 0
    for number in range(2_000):
        assert Event.from_dict(today.dataset.event(number)).findings() == ()
        strange += bool(Event.from_dict(tomorrow.dataset.event(number)).findings())
    assert 0.2 < strange / 2_000 < 0.75
    with pytest.raises(ValueError, match="tomorrow"):
        Emulator(events=1, tomorrow=1.5)


def test_days_are_busier_than_nights() -> None:
    """The hours before dawn have a fraction of the afternoon's events; some hours have none."""
    month = Dataset(events=40_000, start=START, end=START + 30 * DAY_MS, seed=2, detail="slim")
    minutes = Counter(at // 60_000 for at in month.timestamps)
    calm = [at for at in month.timestamps if minutes[at // 60_000] < 20]
    hours = Counter(at % DAY_MS // HOUR_MS for at in calm)
    assert sum(hours[hour] for hour in (1, 2, 3)) * 3 < sum(hours[hour] for hour in (13, 14, 15))
    busy = {at // HOUR_MS for at in month.timestamps}
    assert len(busy) < 30 * 24 - 20
    assert max(Counter(month.timestamps).values()) > 400
    assert day_weight(START + 14 * HOUR_MS) > 5 * day_weight(START + 2 * HOUR_MS)


def test_visitors_come_back() -> None:
    """Visitors have several events each."""
    emulator = Emulator(events=3_000, seed=1, detail="slim")
    visits = Counter(emulator.dataset.visitor_of(number) for number in range(3_000))
    del visits[None]
    assert sum(count > 1 for count in visits.values()) > 0.9 * len(visits)
