"""The whole client against the emulator, over sockets."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

import pytest

from fingerprint_async import (
    AuthenticationError,
    BadRequestError,
    ClientStateError,
    FeatureNotEnabledError,
    FingerprintClient,
    NotFoundError,
    RateLimit,
    RetryPolicy,
    StateNotReadyError,
    WrongRegionError,
)
from fingerprint_async.testing import DEFAULT_KEYS, Emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

END = 1_767_225_600_000
START = END - 86_400_000


@pytest.fixture
def emulator() -> Emulator:
    """A workspace of one day that does not move."""
    return Emulator(
        events=730, start=START, end=END, seed=3, deletion=True, clock=lambda: END / 1000
    )


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[FingerprintClient]:
    """A client of that workspace."""
    async with (
        emulator.serve() as server,
        FingerprintClient(
            emulator.api_key,
            base_url=server.base_url,
            rate_limit=RateLimit.off(),
            retry=RetryPolicy(base_delay=0),
        ) as client,
    ):
        yield client


async def test_an_event_is_found_read_changed_and_read_again(client: FingerprintClient) -> None:
    """The road of a service: search, get, update, get."""
    page = await client.events.search(limit=3)
    assert len(page.events) == 3
    found = page.events[0]
    assert await client.events.get(found.event_id) == found
    await client.events.update(found.event_id, suspect=True, linked_id="case-7", tags={"case": 7})
    changed = await client.events.get(found.event_id)
    assert (changed.suspect, changed.linked_id, changed.tags) == (True, "case-7", {"case": 7})
    await client.events.update(found.event_id, suspect=False)
    changed = await client.events.get(found.event_id)
    assert (changed.suspect, changed.linked_id, changed.tags) == (False, "case-7", {"case": 7})


@pytest.mark.parametrize("reverse", [False, True])
async def test_iterating_gives_what_is_there(
    client: FingerprintClient, emulator: Emulator, *, reverse: bool
) -> None:
    """Every event of the window, once, in order, whichever way round."""
    truth = emulator.truth(start=START, end=END)
    found = [event async for event in client.events.search(start=START, end=END, reverse=reverse)]
    assert sorted(event.event_id for event in found) == sorted(truth.ids)
    times = [event.timestamp for event in found]
    assert times == sorted(times, reverse=not reverse)
    assert emulator.stats()["pages"] == -(-truth.count // 100)


async def test_pages_and_their_bytes_lead_through_the_same_events(
    client: FingerprintClient, emulator: Emulator
) -> None:
    """By `.pages()` and by raw pages with the key in hand."""
    ids = [
        event.event_id
        async for page in client.events.search(start=START, limit=50).pages()
        for event in page.events
    ]
    assert sorted(ids) == sorted(emulator.truth(start=START).ids)
    raw_ids, key = [], None
    while key != "":
        more = {"pagination_key": key} if key else {}
        response = await client.events.with_raw_response.search(start=START, limit=50, **more)  # type: ignore[arg-type]
        page = response.parse()
        raw_ids += [event.event_id for event in page.events]
        key = page.pagination_key or ""
    assert raw_ids == ids


async def test_filters_reach_the_server(client: FingerprintClient, emulator: Emulator) -> None:
    """Times in any form, booleans, lists; and the total when it is asked for."""
    noon = datetime.fromtimestamp(END / 1000, UTC) - timedelta(hours=12)
    truth = emulator.truth(start=END - 43_200_000, end=END, vpn="true")
    assert 0 < truth.count < 1000
    page = await client.events.search(start=noon, end=END, vpn=True, total_hits=1000, limit=1)
    assert page.total_hits == truth.count
    ids = [
        event.event_id
        async for event in client.events.search(start=noon.isoformat(), end=END, vpn=True)
    ]
    assert sorted(ids) == sorted(truth.ids)
    visitor = page.events[0].identification
    assert visitor
    async for event in client.events.search(start=START, visitor_id=visitor.visitor_id):
        assert event.identification
        assert event.identification.visitor_id == visitor.visitor_id


@pytest.mark.parametrize("unknown_visitor", ["empty", "not_found"])
async def test_an_unknown_visitor_has_no_events(
    unknown_visitor: Literal["empty", "not_found"],
) -> None:
    """Whether the service answers with an empty page or with 404 `visitor_not_found`."""
    emulator = Emulator(events=5, unknown_visitor=unknown_visitor)
    async with FingerprintClient(
        emulator.api_key, transport=emulator.transport(), rate_limit=RateLimit.off()
    ) as client:
        page = await client.events.search(visitor_id="nobody0000000000000")
        assert page.events == []
        assert not page.pagination_key
        assert [
            event async for event in client.events.search(visitor_id="nobody0000000000000")
        ] == []


async def test_an_edge_verdict_becomes_an_event_of_its_own_source(
    client: FingerprintClient, emulator: Emulator
) -> None:
    """Analyse a request, then find it among edge events only, once the service has it indexed."""
    verdict = await client.edge.analyze(
        method="GET", url="https://shop.example/", headers={"User-Agent": "curl/8"}, ip="192.0.2.1"
    )
    emulator.clock.advance(5)
    edge = [event.event_id async for event in client.events.search(source="edge", start=START)]
    device = [event.event_id async for event in client.events.search(start=START)]
    assert verdict.event_id in edge
    assert verdict.event_id not in device


async def test_a_visitor_is_deleted(client: FingerprintClient) -> None:
    """The service accepts; an unknown one it does not know."""
    (event,) = (await client.events.search(limit=1)).events
    assert event.identification
    assert await client.visitors.delete(event.identification.visitor_id) is None
    with pytest.raises(NotFoundError, match="visitor_not_found"):
        await client.visitors.delete("nobody0000000000000")


async def test_what_the_server_refuses_is_a_typed_error(client: FingerprintClient) -> None:
    """Absent, out of form, without a feature, with a wrong key: one class each."""
    with pytest.raises(NotFoundError, match="event_not_found"):
        await client.events.get(f"{END}.AAAAAA")
    with pytest.raises(BadRequestError, match="invalid pagination key"):
        await client.events.search(pagination_key="nonsense")
    (event,) = (await client.events.search(limit=1)).events
    with pytest.raises(BadRequestError, match="ruleset_not_found"):
        await client.events.get(event.event_id, ruleset_id="nobody's")
    with pytest.raises(AuthenticationError, match="secret_api_key_not_found"):
        await client.with_options(api_key="sk_unknown").events.get("1.a")


def test_there_are_keys_to_try_refusals_with() -> None:
    """The emulator names them."""
    assert DEFAULT_KEYS


async def test_a_new_event_is_waited_for_until_the_deadline() -> None:
    """409 `state_not_ready` is tried again, then raised as what it is."""
    emulator = Emulator(events=0, fresh=3600)
    event = emulator.add_event()
    async with FingerprintClient(
        emulator.api_key,
        transport=emulator.transport(),
        rate_limit=RateLimit.off(),
        deadline=3,
    ) as client:
        with pytest.raises(StateNotReadyError) as caught:
            await client.events.update(event["event_id"], suspect=True)
    assert caught.value.attempts >= 2


async def test_a_feature_that_is_off_and_a_region_that_is_wrong_are_told_apart() -> None:
    """403 has several meanings, and a class for each."""
    emulator = Emulator(events=1, edge=False, region="eu", keys=["k"])
    async with FingerprintClient(
        "k", transport=emulator.transport(), rate_limit=RateLimit.off()
    ) as client:
        with pytest.raises(FeatureNotEnabledError):
            await client.edge.analyze(
                method="GET", url="https://a.example", headers={"Host": "a.example"}, ip="192.0.2.1"
            )
    assert issubclass(WrongRegionError, Exception)


async def test_many_calls_at_a_time_all_end(client: FingerprintClient, emulator: Emulator) -> None:
    """The gate holds them back; each gets its own event."""
    ids = emulator.truth(start=START, end=END).ids[:200]
    events = await asyncio.gather(*(client.events.get(event_id) for event_id in ids))
    assert [event.event_id for event in events] == list(ids)
    assert client.stats.requests == 200
    assert client.stats.in_flight == 0


async def test_closing_during_calls_leaves_no_connection_and_no_task() -> None:
    """Over real sockets.

    Every call ends with the client's error, and the server sees its connections end.
    """
    emulator = Emulator(events=10, start=START, end=END, latency=30.0)
    async with emulator.serve() as server:
        client = FingerprintClient(
            emulator.api_key, base_url=server.base_url, rate_limit=RateLimit.off()
        )
        calls = [asyncio.create_task(client.events.search().first_page()) for _ in range(20)]
        while emulator.stats()["in_flight"] < 5:  # noqa: ASYNC110 - the other side of a socket tells nothing
            await asyncio.sleep(0.005)
        await client.aclose()
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(result) for result in results} == {ClientStateError}
        async with asyncio.timeout(10):
            while emulator.stats()["connections_open"]:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.005)
