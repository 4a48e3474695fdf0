"""Every row of the service's table of errors can be met."""

from __future__ import annotations

from typing import Any

import pytest

from fingerprint_async.testing import Fault, make_edge_request

UNKNOWN = "/events/1700000000000.aaaaaa"
PARSE = "request_cannot_be_parsed"


@pytest.mark.parametrize(
    ("method", "path", "options", "expected"),
    [
        ("GET", "/events/a%20b", {}, (400, PARSE, "invalid event_id")),
        ("DELETE", "/visitors/-", {}, (400, PARSE, "invalid visitor id")),
        ("DELETE", "/visitors/", {}, (400, PARSE, "visitor id is required")),
        ("GET", "/events", {"limit": 0}, (400, PARSE, "invalid limit")),
        ("GET", "/events", {"limit": "x"}, (400, PARSE, "invalid limit")),
        ("GET", "/events", {"pagination_key": "x"}, (400, PARSE, "invalid pagination key")),
        ("GET", "/events", {"bot": "x"}, (400, PARSE, "invalid bot type")),
        ("GET", "/events", {"ip_address": "x"}, (400, PARSE, "invalid ip address")),
        ("GET", "/events", {"start": "x"}, (400, PARSE, "invalid start time")),
        ("GET", "/events", {"end": "x"}, (400, PARSE, "invalid end time")),
        ("GET", "/events", {"reverse": "x"}, (400, PARSE, "invalid reverse param")),
        (
            "GET",
            "/events",
            {"linked_id": "x" * 257},
            (400, PARSE, "linked_id can't be greater than 256 characters long"),
        ),
        ("POST", "/edge", {"body": {}}, (400, PARSE, "request body is not valid")),
        (
            "POST",
            "/edge",
            {"body": make_edge_request(x=1)},
            (400, PARSE, 'request body contains an unknown field "x"'),
        ),
        (
            "POST",
            "/edge",
            {"body": {k: v for k, v in make_edge_request().items() if k != "ipv4_address"}},
            (400, PARSE, "at least one of ipv4_address or ipv6_address is required"),
        ),
        (
            "POST",
            "/edge",
            {"body": b"x" * 300_000},
            (413, "payload_too_large", "payload too large"),
        ),
        ("GET", UNKNOWN, {}, (404, "event_not_found", "event id not found")),
        ("DELETE", "/visitors/nobody", {}, (404, "visitor_not_found", "visitor not found")),
        (
            "GET",
            "/events",
            {"key": None},
            (403, "secret_api_key_required", "secret API key in header is missing or empty"),
        ),
        (
            "GET",
            "/events",
            {"key": "x"},
            (
                403,
                "secret_api_key_not_found",
                "no fingerprint workspace found for specified secret API key",
            ),
        ),
        ("GET", UNKNOWN, {"key": "test-key-eu"}, (403, "wrong_region", "wrong region")),
        (
            "GET",
            UNKNOWN,
            {"key": "test-key-inactive"},
            (403, "subscription_not_active", "forbidden"),
        ),
    ],
)
def test_refusals(
    make_caller: Any, method: str, path: str, options: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    """The status, code and message that the service gives."""
    assert make_caller(deletion=True).error(method, path, **options) == expected


@pytest.mark.parametrize(
    ("kind", "method", "path", "expected"),
    [
        ("rate_limited", "GET", UNKNOWN, (429, "too_many_requests", "too many requests")),
        (
            "search_overload",
            "GET",
            "/events",
            (429, "too_many_requests", "too many search requests"),
        ),
        ("internal_error", "GET", UNKNOWN, (500, "failed", "internal server error")),
        (
            "unavailable",
            "GET",
            "/events",
            (503, "service_unavailable", "service temporarily unavailable"),
        ),
        ("gateway_timeout", "GET", "/events", (504, "failed", "gateway timeout")),
        (
            "state_not_ready",
            "PATCH",
            UNKNOWN,
            (409, "state_not_ready", "resource is not mutable yet, try again"),
        ),
        ("read_timeout", "POST", "/edge", (400, "request_read_timeout", "request read timeout")),
    ],
)
def test_faults(
    make_caller: Any, kind: Any, method: str, path: str, expected: tuple[Any, ...]
) -> None:
    """What only happens to a service under load is a fault."""
    assert make_caller(faults=[Fault(kind=kind)]).error(method, path) == expected


@pytest.mark.parametrize(
    ("method", "path"),
    [("DELETE", "/visitors/nobody"), ("POST", "/edge"), ("POST", f"{UNKNOWN}/feedback")],
)
def test_what_is_not_enabled(make_caller: Any, method: str, path: str) -> None:
    """Deletion, edge analysis and feedback are enabled for a workspace, or not."""
    call = make_caller(edge=False)
    assert call.error(method, path) == (403, "feature_not_enabled", "feature not enabled")


def test_an_environment_sees_and_deletes_its_own_only(make_caller: Any) -> None:
    """A key of one environment reads, finds and deletes nothing of another."""
    call = make_caller(deletion=True)
    all_ids = call.emulator.truth(sdk_platform="js").ids[-60:]
    events = [call.json("GET", f"/events/{event_id}") for event_id in reversed(all_ids)]
    production = next(one for one in events if one["environment_id"] == "env_production")
    staging = next(one for one in events if one["environment_id"] == "env_staging")
    key = "test-key-staging"
    assert call("GET", f"/events/{staging['event_id']}", key=key).status == 200
    for method in ("GET", "PATCH"):
        refused = call.error(method, f"/events/{production['event_id']}", key=key)
        assert refused[1] == "event_not_found"
    visitor = production["identification"]["visitor_id"]
    call("DELETE", f"/visitors/{visitor}", key=key)
    assert call("GET", f"/events/{production['event_id']}").status == 200
    assert call("DELETE", f"/visitors/{visitor}").status == 200
    assert call("GET", f"/events/{production['event_id']}").status == 404
