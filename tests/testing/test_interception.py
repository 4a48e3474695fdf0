"""Every client of the SDK is answered by the emulator, and nothing leaves for a real host."""

from __future__ import annotations

import importlib.util
import time
from typing import Any

import httpx
import pytest

from fingerprint_async import APIConnectionError, APITimeoutError, FingerprintClient, NotFoundError
from fingerprint_async import Region as ClientRegion
from fingerprint_async.errors import WrongRegionError
from fingerprint_async.testing import (
    Clock,
    Emulator,
    Fault,
    RealHostError,
    client_of,
    intercept,
    refuse_real_hosts,
)

HAS_FAST = importlib.util.find_spec("pyreqwest") is not None
ROADS: list[dict[str, Any]] = [
    {},
    {"region": "eu"},
    {"region": "ap"},
    {"base_url": "https://proxy.example/fingerprint/v4"},
    {"base_url": "http://127.0.0.1:9/v4"},
    {"transport": "httpx2"},
]


@pytest.mark.parametrize("options", ROADS, ids=str)
async def test_every_client_is_answered(options: dict[str, Any]) -> None:
    """Whatever its region, base URL and transport are."""
    with intercept() as emulator:
        event_id = emulator.events(limit=1)[0]["event_id"]
        async with FingerprintClient("test-key", **options) as client:
            assert (await client.events.get(event_id)).event_id == event_id
    assert emulator.requests[-1].operation == "getEvent"
    assert emulator.in_flight == 0


@pytest.mark.skipif(not HAS_FAST, reason="pyreqwest is not installed")
async def test_the_fast_transport_is_answered() -> None:
    """No respx can intercept it; this does."""
    with intercept() as emulator:
        async with FingerprintClient("test-key", transport="fast") as client:
            page = await client.events.search(limit=3)
    assert len(page.events) == 3
    assert len(emulator.requests) == 1


async def test_a_clients_own_transport_is_not_asked() -> None:
    """Nor is an http_client."""

    async def fail(request: httpx.Request) -> httpx.Response:
        raise AssertionError(request.url)

    transport = httpx.MockTransport(fail)
    with intercept():
        async with FingerprintClient("test-key", transport=transport) as client:
            await client.events.search(limit=1)
        async with (
            httpx.AsyncClient(transport=transport) as own,
            FingerprintClient("test-key", http_client=own) as client,
        ):
            await client.events.search(limit=1)


async def test_a_key_of_another_region_is_refused() -> None:
    """The host that a client would ask decides on the region."""
    with intercept():
        async with FingerprintClient("test-key-eu", region=ClientRegion.AP, max_retries=0) as one:
            with pytest.raises(WrongRegionError):
                await one.events.search()
        async with FingerprintClient("test-key-eu", region="eu") as two:
            await two.events.search()


@pytest.mark.parametrize("kind", ["closed", "reset", "cut"])
async def test_lost_connections_are_the_sdks_errors(kind: Any) -> None:
    """As over a socket."""
    with intercept(Emulator(events=3, faults=[Fault(kind=kind)])):
        async with FingerprintClient("test-key", max_retries=0) as client:
            with pytest.raises(APIConnectionError):
                await client.events.search()


async def test_a_stall_is_a_timeout() -> None:
    """Waiting keeps to the client's timeout."""
    with intercept(Emulator(events=3, faults=[Fault(kind="stall", seconds=60)])):
        async with FingerprintClient("test-key", max_retries=0, timeout=0.05) as client:
            with pytest.raises(APITimeoutError):
                await client.events.search()


async def test_after_the_block_nothing_is_sent() -> None:
    """A client that outlives the block fails, in words that say why."""
    with intercept():
        client = FingerprintClient("test-key")
        await client.events.search(limit=1)
    with pytest.raises(RealHostError, match="ended"):
        await client.events.search(limit=1)
    await client.aclose()


async def test_real_hosts_are_refused() -> None:
    """Inside, a request to another machine fails the test; this machine is reached."""
    emulator = Emulator(events=5)
    with refuse_real_hosts():
        async with FingerprintClient("a-real-key") as client:
            with pytest.raises(RealHostError, match=r"api\.fpjs\.io.*intercept") as caught:
                await client.events.search(limit=1)
            assert "a-real-key" not in str(caught.value)
        async with (
            emulator.serve() as server,
            FingerprintClient("test-key", base_url=server.base_url) as client,
        ):
            await client.events.search(limit=1)
        with intercept(emulator):
            async with FingerprintClient("test-key") as client:
                await client.events.search(limit=1)


async def test_a_client_of_an_emulator_never_waits() -> None:
    """Retries, limits and the wait for a fresh event move the emulator's clock instead."""
    emulator = Emulator(events=3, rate=1, burst=1, clock=Clock.frozen(1_790_000_000))
    began, at = time.perf_counter(), emulator.clock()
    async with client_of(emulator) as client:
        event = emulator.add_event()
        for _ in range(5):
            await client.events.get(event["event_id"])
        with pytest.raises(NotFoundError):
            await client.events.get("1700000000000.aaaaaa")
    assert emulator.clock() - at >= 3
    assert time.perf_counter() - began < 3


@pytest.mark.fingerprint_emulator(events=25, seed=2)
async def test_fixtures(
    fingerprint_client: FingerprintClient,
    fingerprint_events: list[dict[str, Any]],
    fingerprint_emulator: Emulator,
) -> None:
    """A client, its emulator and its events, in one line."""
    async with fingerprint_client as client:
        found = [event.event_id async for event in client.events.search(start=0)]
    assert found == [event["event_id"] for event in fingerprint_events]
    assert fingerprint_emulator.requests[0].operation == "searchEvents"


pytest_plugins = ["pytester"]


@pytest.mark.slow
@pytest.mark.parametrize("refuse", ["true", "false"])
def test_a_users_suite_has_the_net(pytester: pytest.Pytester, refuse: str) -> None:
    """With the setting, a test that would send a key to a real host fails."""
    pytester.makeini(f"[pytest]\nfingerprint_refuse_real_hosts = {refuse}\n")
    pytester.makepyfile(
        """
        import asyncio
        from fingerprint_async import FingerprintClient
        from fingerprint_async.testing import intercept

        def test_safe():
            async def main():
                async with FingerprintClient("test-key") as client:
                    await client.events.search(limit=1)
            with intercept():
                asyncio.run(main())

        def test_net():
            from fingerprint_async._http.backends import _replacements
            assert bool(_replacements) is """
        + refuse.capitalize()
    )
    pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider").assert_outcomes(passed=2)
