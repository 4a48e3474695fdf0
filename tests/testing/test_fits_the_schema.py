"""The emulator's answers against the models that are generated from the published schema."""

from __future__ import annotations

import pytest

from fingerprint_async import FingerprintClient, RateLimit
from fingerprint_async.models import EdgeResponse, Event
from fingerprint_async.testing import Emulator, make_edge_response, make_event


@pytest.mark.parametrize("detail", ["full", "slim"])
@pytest.mark.parametrize("seed", [0, 1, 7])
async def test_every_event_is_what_the_schema_says(seed: int, detail: str) -> None:
    """Device and edge events of any seed decode strictly and hold nothing unknown to the schema."""
    emulator = Emulator(events=600, seed=seed, detail=detail)
    async with FingerprintClient(
        emulator.api_key, transport=emulator.transport(), rate_limit=RateLimit.off(), strict=True
    ) as client:
        window = {"start": emulator.start, "end": emulator.end}
        device = [event async for event in client.events.search(**window)]
        edge = [event async for event in client.events.search(source="edge", **window)]
    assert len(device) + len(edge) == 600
    assert {str(finding) for event in device + edge for finding in event.findings()} == set()


def test_what_factories_make_fits() -> None:
    """So do the events and answers that tests make by hand."""
    assert Event.from_dict(make_event(), strict=True).findings() == ()
    assert EdgeResponse.from_dict(make_edge_response(), strict=True).findings() == ()


@pytest.mark.parametrize(
    ("ruleset", "kind"), [("rs_allow_all", "allow"), ("rs_block_all", "block")]
)
async def test_both_rule_actions_fit(ruleset: str, kind: str) -> None:
    """A ruleset's verdict decodes into the variant that its type names."""
    emulator = Emulator(events=5, seed=3)
    async with FingerprintClient(
        emulator.api_key, transport=emulator.transport(), rate_limit=RateLimit.off(), strict=True
    ) as client:
        page = await client.events.search(start=emulator.start, end=emulator.end)
        event = await client.events.get(page.events[0].event_id, ruleset_id=ruleset)
    assert event.rule_action.type == kind
    assert event.findings() == ()
