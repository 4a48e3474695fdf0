"""What type checkers say of the public API. Checked by mypy and pyright, and never run."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime
from typing import Any, assert_type

import httpx
import httpx2

from fingerprint_async import (
    ClientStats,
    EventPager,
    FingerprintClient,
    Hooks,
    RateLimit,
    RawResponse,
    Region,
    RequestOptions,
    RetryPolicy,
    Timeouts,
    __version__,
    drop_none,
    models,
    sealed,
    webhooks,
)

assert_type(__version__, str)


async def settings() -> None:
    """Every setting takes what its documentation says, and nothing else."""
    FingerprintClient()
    FingerprintClient("sk", region="eu", timeout=None, deadline=None, max_in_flight=None)
    FingerprintClient(region=Region.EU, timeout=Timeouts(read=5), retry=RetryPolicy(max_attempts=1))
    FingerprintClient(base_url="https://a.example/v4", rate_limit=RateLimit.off(), transport="fast")
    FingerprintClient("sk", "eu")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    FingerprintClient(timeout=5, max_retries=0, default_headers={"a": "b"}, proxy="http://p")
    FingerprintClient(timeout="5")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    FingerprintClient(base_url=httpx.URL("https://a.example"), http_client=httpx2.AsyncClient())
    FingerprintClient(hooks=Hooks(on_attempt=lambda _: None))
    async with FingerprintClient() as client:
        assert_type(client, FingerprintClient)
        assert_type(client.with_options(strict=True), FingerprintClient)
        assert_type(client.region, Region | None)
        assert_type(client.stats, ClientStats)


async def events(client: FingerprintClient) -> None:
    """What calls give."""
    event = await client.events.get("a", ruleset_id="b", options=RequestOptions(deadline=None))
    assert_type(event, models.Event)
    await client.events.update("a", linked_id=None, tags={"a": [1]}, suspect=None)
    await client.events.update("a", suspect="yes")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    raw = await client.events.with_raw_response.get("a")
    assert_type(raw, RawResponse[models.Event])
    assert_type(raw.parse(), models.Event)
    assert_type(await client.events.with_raw_response.update("a", suspect=True), RawResponse[None])


async def search(client: FingerprintClient) -> None:
    """Filters are typed keywords; a pager can be awaited and iterated over."""
    pager = client.events.search(
        visitor_id="v",
        start=datetime.now(UTC),
        end="2026-01-01T00:00:00Z",
        vpn=True,
        environment=["a", "b"],
        bot="bad",
        bot_info_category=["ai_agent", models.BotInfoCategory.OTHER],
        limit=100,
    )
    assert_type(pager, EventPager)
    assert_type(await pager, models.EventSearch)
    async for event in pager:
        assert_type(event, models.Event)
    async for page in pager.pages():
        assert_type(page, models.EventSearch)
        assert_type(page.events, list[models.Event])
    page = await client.events.search(start=1_767_225_600_000, cursor_secret=b"16 bytes or more")
    assert_type(page.cursor, str | None)
    page = await client.events.search_from("1.a", cursor_secret="16 bytes or more")
    assert_type(page.cursor, str | None)
    page.cursor = "1.a"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    client.events.search(visitorid="v")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.events.search(vpn="true")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.events.search(bot="evil")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.events.search(**drop_none(vpn=None, bot="bad"))
    drop_none(vpnn=None)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    assert_type(await client.events.search_as(len, limit=3), int)
    raw = await client.events.with_raw_response.search(limit=100, source=["edge"])
    client.events.search(source="edge", environment="a", bot_info_category="ai_agent")
    assert_type(raw, RawResponse[models.EventSearch])
    assert_type(raw.content, bytes)


async def others(client: FingerprintClient) -> None:
    """Visitors and edge."""
    await client.visitors.delete("v")
    assert_type(await client.visitors.with_raw_response.delete("v"), RawResponse[None])
    verdict = await client.edge.analyze(
        method="GET",
        url="https://a.example",
        headers=[("Host", "a.example"), (b"x", b"y")],
        ip=ipaddress.ip_address("192.0.2.1"),
    )
    assert_type(verdict, models.EdgeResponse)
    await client.edge.analyze(method="GET", url="u", headers={"Host": "a"}, ip=["192.0.2.1", "::1"])


def pure(body: bytes, header: str | None, keys: list[str]) -> None:
    """Webhooks and sealed results."""
    assert_type(
        webhooks.parse_event(body, signature=header, secret=["a", b"b"], max_age=60), models.Event
    )
    assert_type(sealed.unseal(body, keys), models.Event)
    sealed.unseal(body, [sealed.DecryptionKey("k", algorithm="aes-256-gcm"), b"k"])


def content(event: models.Event) -> None:
    """A field's type says that it can be absent."""
    assert_type(event.event_id, str)
    assert_type(event.to_dict(), dict[str, Any])
    if event.identification:
        assert_type(event.identification.visitor_id, str)
