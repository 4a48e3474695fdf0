"""respx routes: every operation, every region, every error."""

from __future__ import annotations

import httpx
import pytest

from fingerprint_async import APIStatusError, FingerprintClient, RetryPolicy
from fingerprint_async.testing import error_response, make_edge_request, mock_api
from fingerprint_async.testing.factories import ERROR_STATUSES

HOSTS = ["https://api.fpjs.io/v4", "https://eu.api.fpjs.io/v4", "https://ap.api.fpjs.io/v4"]


@pytest.mark.parametrize("base", HOSTS)
def test_every_operation_has_a_route_in_every_region(base: str) -> None:
    """Each request finds the route of its operation; what is no operation finds none."""
    headers = {"authorization": "Bearer test-key"}
    with mock_api() as api, httpx.Client(headers=headers) as client:
        event_id = client.get(f"{base}/events").json()["events"][0]["event_id"]
        client.get(f"{base}/events/{event_id}")
        client.patch(f"{base}/events/{event_id}", json={"suspect": True})
        client.post(f"{base}/events/{event_id}/feedback", json={})
        client.delete(f"{base}/visitors/x")
        client.post(f"{base}/edge", json=make_edge_request())
        assert {route.name: route.call_count for route in api.routes} == dict.fromkeys(
            (
                "searchEvents",
                "getEvent",
                "updateEvent",
                "submitEventFeedback",
                "deleteVisitorData",
                "analyzeRequestForAutomationIntelligence",
            ),
            1,
        )
        with pytest.raises(AssertionError):
            client.get(f"{base}/nothing")


@pytest.mark.parametrize("code", sorted(ERROR_STATUSES))
async def test_every_error_can_be_given(code: str) -> None:
    """A route is given an error by its code; the SDK raises what goes with it."""
    with mock_api() as api:
        api["getEvent"].mock(return_value=error_response(code))
        async with FingerprintClient("test-key", retry=RetryPolicy(max_attempts=1)) as client:
            with pytest.raises(APIStatusError) as caught:
                await client.events.get("1700000000000.aaaaaa")
    assert (caught.value.code, caught.value.status_code) == (code, ERROR_STATUSES[code])


def test_an_error_is_one_of_the_services() -> None:
    """A code that does not exist is a mistake of the test."""
    with pytest.raises(ValueError, match="unknown code 'nothing'"):
        error_response("nothing")
    assert error_response("too_many_requests", retry_after=2).headers["retry-after"] == "2"
