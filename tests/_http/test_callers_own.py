"""A caller's own client or transport, proxies, and what stays on their connections."""

from __future__ import annotations

import asyncio
import base64
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import httpx2
import pytest

from fingerprint_async import ConfigurationError, FingerprintClient, RateLimit
from fingerprint_async.errors import APIError, ResponseTooLargeError
from tests._http.test_backends import BACKENDS, Peer, always, wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

LIBRARIES = pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
EVENT = b'{"event_id":"a"}'


@asynccontextmanager
async def open_client(backend: str, url: str, **settings: Any) -> AsyncIterator[FingerprintClient]:
    """A client over a backend, without limit and retries; nothing stays open."""
    library = httpx2 if backend.endswith("2") else httpx
    own: Any = None
    if backend.startswith("http_client"):
        own = settings["http_client"] = library.AsyncClient()
    elif backend.startswith("transport"):
        own = settings["transport"] = library.AsyncHTTPTransport()
    else:
        settings["transport"] = backend
    settings = {"api_key": "sk_secret", "max_retries": 0, "rate_limit": RateLimit.off(), **settings}
    try:
        async with FingerprintClient(base_url=url, **settings) as client:
            yield client
    finally:
        if own is not None:
            await own.aclose()


async def talk_twice(peer: Peer, writer: asyncio.StreamWriter, count: int) -> None:
    """Answer each request, and the first one once more, with a stranger's page."""
    page = wire(b'{"events":[{"event_id":"%d"}]}' % count)
    extra = wire(b'{"events":[{"event_id":"stranger"}]}') if count == 1 else b""
    writer.write(page + extra)
    await writer.drain()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("proxied", [False, True])
async def test_a_second_answer_is_nobodys_page(backend: str, proxied: bool) -> None:  # noqa: FBT001
    """A page names nothing that could be compared: the connection must not be used again."""
    if proxied and backend not in {"httpx", "httpx2", "fast"}:
        pytest.skip("their proxies are set on them")
    settings: dict[str, Any] = {}
    async with Peer(lambda writer, count: talk_twice(peer, writer, count)) as peer:
        url = peer.url
        if proxied:
            url = "http://service.invalid/v4"
            settings = {"allow_insecure_http": True, "proxy": peer.url.removesuffix("/v4")}
        async with open_client(backend, url, **settings) as client:
            pages = [(await client.events.search()).events for _ in range(4)]
        assert [page[0].event_id for page in pages if page] == ["1", "2", "3", "4"]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
async def test_no_proxy_of_the_environment_gets_the_key(
    backend: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over plain HTTP to this machine, whoever made the client."""
    async with always(wire(EVENT)) as proxy, always(wire(EVENT)) as peer:
        monkeypatch.setenv(variable, proxy.url.removesuffix("/v4"))
        async with open_client(backend, peer.url) as client:
            await client.events.get("a")
        assert (len(proxy.requests), len(peer.requests)) == (0, 1)


@LIBRARIES
@pytest.mark.parametrize("as_client", [False, True])
async def test_a_callers_proxy_gets_the_key_in_the_clear_on_request_only(
    library: Any,
    as_client: bool,  # noqa: FBT001
) -> None:
    """A transport that is a proxy is refused for plain http, unless that was allowed."""
    async with always(wire(EVENT)) as proxy:
        own = library.AsyncHTTPTransport(proxy=proxy.url.removesuffix("/v4"))
        setting: dict[str, Any] = {"transport": own}
        if as_client:
            setting = {"http_client": library.AsyncClient(transport=own)}
        client = FingerprintClient("sk_secret", base_url="http://127.0.0.1:1/v4", **setting)
        with pytest.raises(ConfigurationError, match="in the clear"):
            await client.events.get("a")
        assert proxy.requests == []
        allowed = client.with_options(allow_insecure_http=True)
        assert (await allowed.events.get("a")).event_id == "a"
        await allowed.aclose()
        await client.aclose()
        await own.aclose()


@pytest.mark.parametrize("backend", BACKENDS)
async def test_a_derived_clients_cap_is_its_own(backend: str) -> None:
    """`with_options(max_response_bytes=…)` counts over shared connections as well."""
    async with always(wire(EVENT)) as peer, open_client(backend, peer.url) as client:
        await client.events.get("a")
        async with client.with_options(max_response_bytes=3) as small:
            with pytest.raises(ResponseTooLargeError):
                await small.events.get("a")


@pytest.mark.parametrize("backend", ["httpx", "httpx2", "fast"])
async def test_a_proxys_credentials_are_decoded(backend: str) -> None:
    """As every other program reads `http://user:password@proxy`."""
    async with always(wire(EVENT)) as proxy:
        settings: dict[str, Any] = {
            "allow_insecure_http": True,
            "proxy": proxy.url.removesuffix("/v4").replace("://", "://us%40er:p%3Aw%2F@"),
        }
        async with open_client(backend, "http://service.invalid/v4", **settings) as client:
            await client.events.get("a")
    lines = proxy.requests[0].split(b"\r\n")
    sent = [line.split()[-1] for line in lines if line.lower().startswith(b"proxy-authorization")]
    assert [base64.b64decode(value) for value in sent] == [b"us@er:p:w/"]


@pytest.mark.parametrize("backend", BACKENDS)
async def test_a_callers_content_type_takes_the_place_of_ours(backend: str) -> None:
    """One header, not two."""
    headers = {"content-type": "application/merge-patch+json"}
    async with (
        always(wire()) as peer,
        open_client(backend, peer.url, default_headers=headers) as client,
    ):
        await client.events.update("a", suspect=True)
    lines = [line.lower() for line in peer.requests[0].split(b"\r\n")]
    types = [line for line in lines if line.startswith(b"content-type:")]
    assert types == [b"content-type: application/merge-patch+json"]


@pytest.mark.parametrize("backend", BACKENDS)
async def test_answers_about_others_leave_no_connections_behind(backend: str) -> None:
    """However many of them come: what rested is closed each time, and not kept until the end."""
    async with (
        always(wire(b'{"event_id":"stranger"}')) as peer,
        open_client(backend, peer.url) as client,
    ):
        for _ in range(20):
            with pytest.raises(ValueError, match="about another event"):
                await client.events.get("a")
        await until(lambda: peer.open_connections <= 1)


@pytest.mark.parametrize("backend", ["httpx", "httpx2", "fast"])
async def test_closing_closes_the_connections(backend: str) -> None:
    """At once, not when they would have rested too long."""
    async with always(wire(EVENT)) as peer:
        async with open_client(backend, peer.url) as client:
            await asyncio.gather(*(client.events.get("a") for _ in range(5)))
            assert peer.open_connections >= 1
        await until(lambda: peer.open_connections == 0)


async def until(is_so: Callable[[], bool], seconds: float = 1.0) -> None:
    """Wait for what the other side of a socket notices, for so many seconds at most."""
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110 - nothing here tells
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("backend", ["httpx", "httpx2", "fast"])
async def test_a_name_below_localhost_is_not_asked_of_a_name_server(
    backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server could say that it is another machine, and plain HTTP is allowed to this one."""
    asked: list[object] = []
    real = socket.getaddrinfo

    def getaddrinfo(host: object, *args: Any, **options: Any) -> Any:
        asked.append(host)
        return real("localhost", *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    async with always(wire(EVENT)) as peer:
        url = peer.url.replace("127.0.0.1", "service.localhost")
        async with open_client(backend, url) as client:
            assert (await client.events.get("a")).event_id == "a"
        assert b"host: service.localhost:" in peer.requests[0].lower()
    assert set(asked) <= {"localhost"}


@pytest.mark.parametrize("echo", ["{}", '"{}"', "key={};"])
@pytest.mark.parametrize(
    "escape",
    [
        str,
        lambda key: key.replace("/", "\\/"),
        lambda key: quote(key, safe=""),
        lambda key: key.replace("/", "&#x2F;"),
        lambda key: key.replace("/", "\\u002f"),
    ],
)
@pytest.mark.parametrize("status", ["200 OK", "400 Bad", "502 Bad"])
async def test_an_escaped_key_is_an_echoed_key(
    echo: str, escape: Callable[[str], str], status: str
) -> None:
    """As JSON, addresses and HTML write it."""
    key = "sk_0123/456+789~abc=="
    said = echo.format(escape(key))
    answer = wire(f"<html>{said}".encode(), status, {"X-Echo": said, "X-Request-Id": said})
    async with always(answer) as peer, open_client("httpx", peer.url, api_key=key) as client:
        with pytest.raises(APIError) as caught:
            await client.events.get("a")
    shown = f"{caught.value} {caught.value.__dict__}"
    assert "sk_0123" not in shown
    assert "***" in shown
