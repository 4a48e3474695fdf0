"""Raw responses."""

from __future__ import annotations

import httpx
from rich.pretty import pretty_repr

from fingerprint_async.errors import APIConnectionError
from fingerprint_async.responses import RawResponse


def test_a_raw_response_is_parsed_when_asked() -> None:
    """Not before, and its repr holds neither headers nor body."""
    parsed: list[int] = []

    class Model:
        def from_json(self, data: bytes, /, *, strict: bool = False) -> str:
            parsed.append(len(data))
            return f"model {strict}"

    error = APIConnectionError("lost")
    response = RawResponse(
        status_code=200,
        headers=httpx.Headers({"X-Request-Id": "r", "Set-Cookie": "secret"}),
        content=b"{}",
        attempts=2,
        request_id="r",
        last_error=error,
        result=Model(),
        strict=True,
    )
    assert parsed == []
    assert response.parse() == "model True"
    assert response.headers["x-request-id"] == "r"
    assert response.last_error is error
    assert repr(response) == "RawResponse(status_code=200, attempts=2, request_id='r')"
    assert pretty_repr(response) == repr(response)
