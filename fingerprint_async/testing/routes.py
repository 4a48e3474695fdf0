"""respx routes of the API, for tests of code that makes its own HTTP client."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import respx

from fingerprint_async.testing.carriers.httpx_transport import to_request, to_response
from fingerprint_async.testing.emulator import Emulator

if TYPE_CHECKING:
    import httpx

__all__ = ["mock_api"]


def mock_api(
    emulator: Emulator | None = None,
    *,
    base_url: str = "https://api.fpjs.io/v4",
    assert_all_called: bool = False,
) -> respx.MockRouter:
    """A respx router with one route an operation, named after it, each answered by an emulator until you say otherwise.

        with mock_api() as api:
            api["getEvent"].respond(json=make_event(vpn=True))

    Args:
        emulator: What answers; a small one of its own unless given. Its latency and connection faults do not
            apply here.
        base_url: The host and path that the code under test calls.
        assert_all_called: Whether leaving the router fails when a route was never called.
    """
    answers = Emulator(events=100) if emulator is None else emulator
    prefix = urlsplit(base_url).path.rstrip("/")

    def answer(request: httpx.Request) -> httpx.Response:
        asked = to_request(request, request.content)
        path = "/v4" + asked.path.removeprefix(prefix)
        reply = answers.handle(
            type(asked)(asked.method, path, asked.query, asked.headers, asked.body)
        )
        answers.request_finished()
        return to_response(reply, request)

    address = re.escape(base_url.rstrip("/"))
    router = respx.mock(assert_all_called=assert_all_called)
    for name, method, pattern in (
        ("submitEventFeedback", "POST", "/events/[^/]+/feedback"),
        ("searchEvents", "GET", "/events"),
        ("getEvent", "GET", "/events/[^/?]+"),
        ("updateEvent", "PATCH", "/events/[^/?]+"),
        ("deleteVisitorData", "DELETE", "/visitors/[^/?]*"),
        ("analyzeRequestForAutomationIntelligence", "POST", "/edge"),
    ):
        router.route(method=method, url__regex=rf"^{address}{pattern}(\?.*)?$", name=name).mock(
            side_effect=answer
        )
    return router
