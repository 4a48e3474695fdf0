"""The service's clock, which decides what a round covers, says anything from round to round."""

from __future__ import annotations

from email.utils import formatdate

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fingerprint_async import FingerprintClient, RateLimit
from fingerprint_async.crawl import export, verify_crawl

T0 = 1_793_288_583_000
ROUND_MS = 1_000_000


def client_of(clock):
    """A client of a service with an event every ten seconds, whose Date header is a list's last."""

    def handle(request):
        query = dict(request.url.params)
        low, high = max(T0, int(query["start"])), int(query["end"])
        times = [at for at in range(T0, high + 1, 10_000) if at >= low]
        if query.get("reverse") != "true":
            times.reverse()
        offset = int(query.get("pagination_key", 0))
        page = times[offset : offset + 100]
        events = ",".join(f'{{"event_id":"{at}.id","timestamp":{at}}}' for at in page)
        more = offset + 100 < len(times)
        key = f',"pagination_key":"{offset + 100}"' if more else ""
        return httpx.Response(
            200,
            content=f'{{"events":[{events}],"total_hits":{min(1000, len(times))}{key}}}'.encode(),
            headers={
                "content-type": "application/json",
                "date": formatdate(clock[-1] / 1000, usegmt=True),
            },
        )

    return FingerprintClient(
        "test-key",
        base_url="https://emulator.test/v4",
        transport=httpx.MockTransport(handle),
        rate_limit=RateLimit.off(),
    )


@settings(max_examples=15, deadline=None)
@given(clocks=st.lists(st.integers(-ROUND_MS, 5 * ROUND_MS), min_size=2, max_size=5))
async def test_a_clock_that_is_set_back_doubles_nothing(tmp_path_factory, clocks):
    """Each round ends later than the one before; the clock may be set back in between."""
    folder = tmp_path_factory.mktemp("crawl")
    clock = [T0]
    end = T0
    async with client_of(clock) as client:
        for offset in [*clocks, 10 * ROUND_MS]:
            end += ROUND_MS
            clock.append(T0 + offset)
            summary = await export(client, folder, start=T0, end=end)
    assert summary.complete
    verified = verify_crawl(folder)
    assert (verified.events, verified.problems) == ((end - T0) // 10_000 + 1, [])


@pytest.mark.parametrize("back", [60_000, 700_000, 3 * ROUND_MS])
async def test_a_clock_that_is_set_back_once(tmp_path, back):
    """The round after it asks for nothing whose ids are forgotten."""
    clock = [T0 + 5 * ROUND_MS]
    async with client_of(clock) as client:
        for number in range(1, 4):
            clock.append(clock[-1] + (-back if number == 2 else 2 * back))
            await export(client, tmp_path, start=T0, end=T0 + 5 * ROUND_MS + number)
    assert verify_crawl(tmp_path).duplicates == 0
