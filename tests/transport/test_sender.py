"""Making requests: what is sent is what httpx would send, and its address is only parsed by who needs that."""

from __future__ import annotations

import json
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerprint_async._transport._sender import Sender, address_of


class Recorder(httpx.AsyncBaseTransport):
    """Keeps the request."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Keep it."""
        self.request = request
        return httpx.Response(200)


BASES = [
    "https://eu.api.fpjs.io/v4",
    "http://127.0.0.1:8080/v4",
    "http://[::1]:9/v4",
    "https://bücher.example/a/v4",
]


@given(
    base=st.sampled_from(BASES),
    # Steps in a path are no ids: they are refused before.
    segment=st.text(min_size=1).filter(lambda text: text not in {".", ".."}),
    params=st.lists(
        st.tuples(st.sampled_from(["url", "suspect", "ip_address"]), st.text()), max_size=4
    ),
)
async def test_the_address_is_what_httpx_makes_of_it(
    base: str, segment: str, params: list[tuple[str, str]]
) -> None:
    """Whatever is asked for, a transport that takes the text sends what one that takes the parsed address sends."""
    recorder = Recorder()
    path = f"/events/{quote(segment, safe='', errors='ignore')}"
    params = [(name, value.encode(errors="ignore").decode()) for name, value in params]
    await Sender(base, recorder).request("GET", path, params=params)
    address, url = address_of(recorder.request), recorder.request.url
    assert url == httpx.URL(address)
    assert str(url) == address
    plain = httpx.Request("GET", f"{base}{path}")
    assert (url.scheme, url.host, url.port) == (plain.url.scheme, plain.url.host, plain.url.port)
    assert recorder.request.headers["host"] == plain.headers["host"]


@pytest.mark.parametrize(
    ("method", "body"), [("GET", None), ("DELETE", None), ("PATCH", {"suspect": True})]
)
async def test_headers_are_those_of_httpx(method: str, body: dict[str, bool] | None) -> None:
    """The same headers, the host first."""
    recorder = Recorder()
    await Sender(BASES[1], recorder).request(
        method,
        "/events/1",
        content=None if body is None else json.dumps(body, separators=(",", ":")).encode(),
    )
    async with httpx.AsyncClient(transport=(theirs := Recorder())) as client:
        await client.request(method, f"{BASES[1]}/events/1", json=body)
    ours = recorder.request.headers.multi_items()
    assert ours[0][0] == "host"
    assert sorted(ours) == sorted(theirs.request.headers.multi_items())
    assert recorder.request.content == theirs.request.content


async def test_an_address_that_nobody_looks_at_is_not_parsed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Parsing takes as long as everything else about a request."""
    recorder = Recorder()
    sender = Sender(BASES[0], recorder)
    parsed: list[object] = []
    make = httpx.URL

    def count(*arguments: object) -> httpx.URL:
        parsed.append(arguments)
        return make(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(httpx, "URL", count)
    await sender.request("GET", "/events", params=[("limit", "10")])
    assert address_of(recorder.request).startswith(f"{BASES[0]}/events?limit=10&ii=")
    assert parsed == []
    assert recorder.request.url.path == "/v4/events"
    assert len(parsed) == 1
