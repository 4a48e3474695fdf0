"""respx routes of the API, for tests of code that makes its own HTTP client."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import httpx
import respx
from attrs import evolve

from fingerprint_async.testing.carriers.httpx_transport import to_request, to_response
from fingerprint_async.testing.emulator import HOSTS, Emulator, region_of
from fingerprint_async.testing.factories import ERROR_STATUSES, make_error

__all__ = ["error_response", "mock_api"]

_ROUTES = (
    ("submitEventFeedback", "POST", "/events/[^/]+/feedback"),
    ("searchEvents", "GET", "/events"),
    ("getEvent", "GET", "/events/[^/?]+"),
    ("updateEvent", "PATCH", "/events/[^/?]+"),
    ("deleteVisitorData", "DELETE", "/visitors/[^/?]*"),
    ("analyzeRequestForAutomationIntelligence", "POST", "/edge"),
)


def error_response(
    code: str, message: str | None = None, *, retry_after: float | None = None
) -> httpx.Response:
    """Return an error of the service, for a route or a `httpx.MockTransport`.

    Args:
        code: One of `ERROR_STATUSES`, which says the status.
        message: What the service says with this code unless given.
        retry_after: Seconds for a `Retry-After` header.

    Raises:
        ValueError: There is no such code.
    """
    if code not in ERROR_STATUSES:
        raise ValueError(f"unknown code {code!r}; there are {', '.join(ERROR_STATUSES)}")
    headers = {} if retry_after is None else {"retry-after": f"{retry_after:g}"}
    return httpx.Response(ERROR_STATUSES[code], json=make_error(code, message), headers=headers)


def mock_api(
    emulator: Emulator | None = None,
    *,
    base_url: str | None = None,
    assert_all_called: bool = False,
) -> respx.MockRouter:
    """Return a respx router with a route for each operation, answered by an emulator.

        with mock_api() as api:
            api["getEvent"].respond(json=make_event(vpn=True))

    Routes are named after the operations; respx gives one another answer:
    `api["getEvent"].mock(return_value=error_response("event_not_found"))`.

    Args:
        emulator: What answers; a small one of its own unless given. Its latency and connection
            faults do not apply here.
        base_url: The host and path that the code under test calls; the service's hosts of all
            regions unless given.
        assert_all_called: Whether leaving the router fails when a route was never called.
    """
    answers = Emulator(events=100, region="all") if emulator is None else emulator
    bases = [f"https://{host}/v4" for host in HOSTS] if base_url is None else [base_url]
    address = "|".join(re.escape(base.rstrip("/")) for base in bases)
    prefix = urlsplit(bases[0]).path.rstrip("/")

    def answer(request: httpx.Request) -> httpx.Response:
        asked = to_request(request, request.content)
        asked = evolve(asked, path="/v4" + asked.path.removeprefix(prefix))
        if base_url is None:
            reply = answers.answer(asked, region_of(request.url.host))
        else:
            reply = answers.handle(asked)
        answers.request_finished()
        return to_response(reply, request)

    router = respx.mock(assert_all_called=assert_all_called)
    for name, method, pattern in _ROUTES:
        route = router.route(
            method=method, url__regex=rf"^(?:{address}){pattern}(\?.*)?$", name=name
        )
        route.mock(side_effect=answer)
    return router
