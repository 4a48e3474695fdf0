"""Requests and responses as values, and the plain way to send one."""

from __future__ import annotations

import httpx
import pytest

from fingerprint_async._runtime.errors import DecodeError
from fingerprint_async._runtime.request import Request, Response, send
from fingerprint_async.models import Event

SEARCH = Request[None](operation_id="search", method="GET", path="/a%2Fb", query=(("q", "1 &"),))
UPDATE = Request(operation_id="update", method="PATCH", path="/x", content=b'{"a":1}', result=Event)


def client(seen: list[httpx.Request], answer: httpx.Response) -> httpx.AsyncClient:
    """A client whose requests are kept."""

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer

    return httpx.AsyncClient(base_url="https://api.test/v4", transport=httpx.MockTransport(handle))


async def test_a_request_is_sent_as_it_is() -> None:
    """Method, path and query arrive encoded once; without a body there is no content type."""
    seen: list[httpx.Request] = []
    async with client(seen, httpx.Response(200)) as http:
        response = await send(http, SEARCH)
    assert (seen[0].method, seen[0].url.raw_path) == ("GET", b"/v4/a%2Fb?q=1+%26")
    assert "content-type" not in seen[0].headers
    assert response.parsed is None


async def test_a_body_is_json() -> None:
    """The bytes go as they are, and are declared as JSON."""
    seen: list[httpx.Request] = []
    answer = httpx.Response(200, content=b'{"event_id":5}', headers={"x-y": "z"})
    async with client(seen, answer) as http:
        response = await send(http, UPDATE)
    assert seen[0].content == b'{"a":1}'
    assert seen[0].headers["content-type"] == "application/json"
    assert response.headers["X-Y"] == "z"
    assert response.content == b'{"event_id":5}'
    assert response.parsed is not None
    assert response.parsed.to_dict() == {"event_id": 5}
    with pytest.raises(DecodeError, match="/timestamp: missing"):
        response.parse(strict=True)


@pytest.mark.parametrize("status", [199, 300, 404, 503])
def test_only_a_success_is_decoded(status: int) -> None:
    """What is no success has no model, whatever its body."""
    response = Response(status_code=status, headers={}, content=b"<html>", result=Event)
    assert response.parsed is None


def test_a_success_that_is_no_json_raises() -> None:
    """It raises when it is decoded."""
    response = Response(status_code=200, headers={}, content=b"<html>", result=Event)
    with pytest.raises(DecodeError, match="not JSON"):
        response.parse()


def test_reprs_show_nothing_about_people() -> None:
    """Paths, queries, headers and bodies stay out of logs."""
    assert repr(UPDATE) == "Request(update)"
    assert repr(SEARCH) == "Request(search)"
    response = Response(status_code=200, headers={"a": "secret"}, content=b"secret", result=None)
    assert repr(response) == "Response(status_code=200)"
