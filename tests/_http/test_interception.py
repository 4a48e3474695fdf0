"""Mocking libraries intercept the default backend, and libraries' private parts may go."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpcore
import httpx
import pytest
import respx

from fingerprint_async import FingerprintClient
from fingerprint_async._http.backends._family import OwnBackend
from fingerprint_async._http.backends.httpx import open_httpx
from tests._http.conftest import options_for
from tests._http.test_backends import EVENT, always, open_pipeline, request_for, wire

if TYPE_CHECKING:
    from pytest_httpx import HTTPXMock

URL = "https://api.fpjs.io/v4/events/a"


async def test_respx_intercepts() -> None:
    """Its default mocker, at httpcore."""
    with respx.mock as router:
        route = router.get(url__startswith=URL).respond(json={"event_id": "a"})
        async with FingerprintClient("sk") as client:
            assert (await client.events.get("a")).event_id == "a"
        assert route.called


async def test_pytest_httpx_intercepts(httpx_mock: HTTPXMock) -> None:
    """At httpx's transports."""
    httpx_mock.add_response(json={"event_id": "a"})
    async with FingerprintClient("sk") as client:
        assert (await client.events.get("a")).event_id == "a"
    (request,) = httpx_mock.get_requests()
    assert str(request.url).startswith(URL)


async def test_own_connections_stand_in_for_the_librarys_pool() -> None:
    """The library's transport sends over one connection of ours: its private part is there."""
    async with always(wire(EVENT)) as peer:
        backend = open_httpx(options_for(None, peer.url))
        assert isinstance(backend, OwnBackend)
        connection = backend._connector.connect()
        assert isinstance(connection.transport, httpx.AsyncHTTPTransport)
        assert isinstance(connection.transport._pool, httpcore.AsyncHTTPConnection)
        await connection.aclose()


async def test_without_the_private_parts_everything_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that has moved them: slower, and right."""
    original = httpx.AsyncHTTPTransport

    class Moved(httpx.AsyncBaseTransport):
        def __init__(self, **kwargs: Any) -> None:
            self.elsewhere = original(**kwargs)

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return await self.elsewhere.handle_async_request(request)

        async def aclose(self) -> None:
            await self.elsewhere.aclose()

    monkeypatch.setattr(httpx, "AsyncHTTPTransport", Moved)
    async with always(wire(EVENT)) as peer, open_pipeline("httpx", peer.url) as pipeline:
        for _ in range(3):
            assert await pipeline.call(request_for(), None)


async def test_a_callers_client_without_the_private_part_sends() -> None:
    """Its public `send`, without its authentication and redirects."""

    class Moved(httpx.AsyncClient):
        def __getattribute__(self, name: str) -> Any:
            if name == "_transport_for_url" and sys._getframe(1).f_globals["__name__"].startswith(
                "fingerprint_async"
            ):
                raise AttributeError(name)
            return super().__getattribute__(name)

    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"event_id": "a"}))
    async with (
        Moved(transport=transport, auth=("a", "b")) as own,
        FingerprintClient("sk", http_client=own) as client,
    ):
        assert (await client.events.get("a")).event_id == "a"


PROGRAM = """
import asyncio
from fingerprint_async import *
async def main():
    async with FingerprintClient("sk", base_url="http://127.0.0.1:1/v4", transport={0!r},
                                 retry=RetryPolicy(max_attempts=1)) as client:
        try:
            await client.events.get("a")
        except APIConnectionError:
            pass
asyncio.run(main())
"""


@pytest.mark.slow
@pytest.mark.parametrize(("backend", "pairs"), [("httpx", 1), ("httpx2", 1), ("fast", 6)])
async def test_short_programs_end_well(backend: str, pairs: int) -> None:
    """Each ends with 0 and without a word, with every warning an error.

    More programs with threads of their own, whose end is a race.
    """
    words = [sys.executable, "-W", "error", "-c", PROGRAM.format(backend)]

    async def one() -> tuple[int | None, bytes]:
        run = await asyncio.create_subprocess_exec(*words, stderr=subprocess.PIPE)
        _, said = await run.communicate()
        return run.returncode, said

    ends = [end for _ in range(pairs) for end in await asyncio.gather(one(), one())]
    assert ends == [(0, b"")] * 2 * pairs
