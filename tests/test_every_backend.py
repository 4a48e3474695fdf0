"""The public client does the same over every backend."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
import httpx2
import pytest

from fingerprint_async import FingerprintClient, NotFoundError, RateLimit
from tests._http.test_backends import BACKENDS, Peer, wire

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator

NOT_FOUND = b'{"error":{"code":"event_not_found","message":"event id not found"}}'


@pytest.fixture(params=BACKENDS)
def open_client(request: pytest.FixtureRequest) -> Any:
    """Opens a client over one of the backends, a caller's own client or transport among them."""
    backend = str(request.param)

    @asynccontextmanager
    async def open_client(url: str) -> AsyncIterator[FingerprintClient]:
        library = httpx2 if backend.endswith("2") else httpx
        options: dict[str, Any] = {"transport": backend}
        own: Any = None
        if backend.startswith("http_client"):
            own = library.AsyncClient()
            options = {"http_client": own}
        elif backend.startswith("transport"):
            own = library.AsyncHTTPTransport()
            options = {"transport": own}
        limit = RateLimit.off()
        async with FingerprintClient("sk", base_url=url, rate_limit=limit, **options) as client:
            yield client
        if own is not None:
            await own.aclose()

    return open_client


async def test_every_operation(open_client: Any) -> None:
    """Reads, pages, changes, errors and bytes, on one loopback server."""

    async def serve(writer: asyncio.StreamWriter, _: int) -> None:
        method, target, *_ = peer.requests[-1].split(b" ")
        path, _, query = target.partition(b"?")
        last = path.rpartition(b"/")[2]
        if method in {b"PATCH", b"DELETE"}:
            answer = wire(b"OK")
        elif last == b"absent":
            answer = wire(NOT_FOUND, "404 Not Found")
        elif last == b"edge":
            answer = wire(b'{"event_id":"e"}')
        elif last == b"events":
            more = b"" if b"pagination_key=k" in query else b',"pagination_key":"k"'
            answer = wire(b'{"events":[{"event_id":"1"},{"event_id":"2"}]%s}' % more)
        else:
            answer = wire(b'{"event_id":"%s","vpn":true}' % last)
        writer.write(answer)
        await writer.drain()

    async with Peer(serve) as peer, open_client(peer.url) as client:
        assert (await client.events.get("a")).vpn is True
        with pytest.raises(NotFoundError):
            await client.events.get("absent")
        assert [event.event_id async for event in client.events.search()] == ["1", "2", "1", "2"]
        assert (await client.events.search(limit=2)).pagination_key == "k"
        raw = await client.events.with_raw_response.get("a")
        assert raw.content == b'{"event_id":"a","vpn":true}'
        assert raw.headers["content-type"] == "application/json"
        assert await client.events.search_as(len) > 0
        assert await client.events.update("a", suspect=True) is None
        assert await client.visitors.delete("v") is None
        verdict = await client.edge.analyze(
            method="GET", url="https://a.example/", headers={"Host": "a"}, ip="192.0.2.1"
        )
        assert verdict.event_id == "e"
        stats = client.stats
        assert (stats.calls, stats.requests, stats.in_flight) == (10, 10, 0)
        assert stats.operations["searchEvents"].calls == 4
