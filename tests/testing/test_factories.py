"""Bodies made by hand: any signal in one line, and what hangs on it agrees."""

from __future__ import annotations

from typing import Any

import pytest

from fingerprint_async.models import Event
from fingerprint_async.testing import make_event
from fingerprint_async.testing.emulator.bodies import schemas

BOOLEANS = sorted(
    name
    for name, schema in schemas()["Event"]["properties"].items()
    if schemas().get(schema.get("$ref", "").rpartition("/")[2], schema).get("type") == "boolean"
)


@pytest.mark.parametrize("value", [True, False])
@pytest.mark.parametrize("name", BOOLEANS)
def test_any_signal_in_one_line(name: str, *, value: bool) -> None:
    """The event says what was asked for and fits the schema."""
    event = Event.from_dict(make_event(**{name: value}), strict=True)
    assert event.to_dict()[name] is value


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"bot": "bad"}, {"bot_type": "crawler"}),
        ({"bot": "good", "bot_type": "mine"}, {"bot_type": "mine"}),
        ({"bot": "not_detected"}, {"bot_type": None, "bot_info": None}),
        ({"proxy": False}, {"proxy_details": None}),
        ({"vpn": True}, {"vpn_confidence": "high", "vpn_methods": {"public_vpn": True}}),
        ({"vpn": True, "vpn_confidence": "low"}, {"vpn_confidence": "low"}),
        ({"rare_device": True}, {"rare_device_percentile_bucket": "p99.9+"}),
    ],
)
@pytest.mark.parametrize("number", [0, 3, 9])
def test_details_agree(given: dict[str, Any], expected: dict[str, Any], number: int) -> None:
    """What hangs on a signal follows it, unless it was given."""
    event = make_event(number=number, **given)
    assert {name: event.get(name) for name in expected} == expected
    assert event.get("proxy_details") is None or event["proxy"]
