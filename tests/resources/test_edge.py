"""`client.edge` on the wire."""

from __future__ import annotations

import ipaddress
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from fingerprint_async import SENSITIVE_HEADERS, ArgumentError, FingerprintClient, models

if TYPE_CHECKING:
    import respx

EDGE = "https://api.fpjs.io/v4/edge"
ANSWER = {"event_id": "1.a", "timestamp": 1, "source": "edge", "url": "https://shop.example/"}
REQUEST: dict[str, Any] = {
    "method": "GET",
    "url": "https://shop.example/",
    "headers": [("Host", "shop.example")],
    "ip": "192.0.2.1",
}


@pytest.fixture
def edge(router: respx.MockRouter) -> respx.Route:
    """The operation's address, which answers."""
    return router.post(url__startswith=EDGE).respond(json=ANSWER)


def sent(route: respx.Route) -> Any:
    """Give the last request's JSON."""
    return json.loads(route.calls.last.request.content)


async def test_analyze_sends_the_request_as_it_was(
    client: FingerprintClient, edge: respx.Route
) -> None:
    """`POST /edge` with header lines in their order and spelling; credentials are emptied, not dropped."""
    verdict = await client.edge.analyze(
        method="post",
        url="https://shop.example/login?x=1#top",
        headers=[
            ("Host", "shop.example"),
            ("Accept-Encoding", "gzip"),
            ("accept-encoding", "br"),
            ("AUTHORIZATION", "Bearer s3cret"),
            ("Cookie", "session=s3cret"),
            ("X-Api-Key", "s3cret"),
        ],
        ip="192.0.2.1",
        linked_id="order-7",
        tags={"plan": "pro"},
    )
    assert isinstance(verdict, models.EdgeResponse)
    assert verdict.event_id == "1.a"
    assert str(edge.calls.last.request.url).startswith(f"{EDGE}?ii=")
    assert sent(edge) == {
        "headers": [
            {"name": "Host", "value": "shop.example"},
            {"name": "Accept-Encoding", "value": "gzip"},
            {"name": "accept-encoding", "value": "br"},
            {"name": "AUTHORIZATION", "value": ""},
            {"name": "Cookie", "value": ""},
            {"name": "X-Api-Key", "value": ""},
        ],
        "method": "post",
        "url": "https://shop.example/login?x=1",
        "ipv4_address": "192.0.2.1",
        "linked_id": "order-7",
        "tags": {"plan": "pro"},
    }


async def test_what_is_left_out_is_not_sent(client: FingerprintClient, edge: respx.Route) -> None:
    """The API refuses fields that it does not expect, null included."""
    await client.edge.analyze(**REQUEST, linked_id=None, tags=None)
    assert sent(edge).keys() == {"headers", "method", "url", "ipv4_address"}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Host": "a", "Accept": "*/*"}, [("Host", "a"), ("Accept", "*/*")]),
        ([(b"host", b"a"), (b"x-name", "é".encode("latin-1"))], [("host", "a"), ("x-name", "é")]),
        (httpx.Headers([("A", "1"), ("A", "2")]).multi_items(), [("a", "1"), ("a", "2")]),
        (iter([["Host", "a"]]), [("Host", "a")]),
    ],
)
async def test_headers_come_in_the_forms_that_servers_have(
    headers: Any, expected: list[tuple[str, str]], client: FingerprintClient, edge: respx.Route
) -> None:
    """A mapping, pairs, ASGI's pairs of bytes, any iterable."""
    await client.edge.analyze(**{**REQUEST, "headers": headers})
    assert [(line["name"], line["value"]) for line in sent(edge)["headers"]] == expected


async def test_the_list_of_sensitive_headers_is_the_callers(
    client: FingerprintClient, edge: respx.Route
) -> None:
    """It can be extended, in any case; an empty one sends every value."""
    request = {**REQUEST, "headers": {"X-My-Token": "t", "Cookie": "c"}}
    await client.edge.analyze(**request, sensitive_headers=SENSITIVE_HEADERS | {"x-MY-token"})
    assert [line["value"] for line in sent(edge)["headers"]] == ["", ""]
    await client.edge.analyze(**request, sensitive_headers=())
    assert [line["value"] for line in sent(edge)["headers"]] == ["t", "c"]


def test_the_default_list_is_in_lower_case_and_holds_what_the_api_names() -> None:
    """So that extending it by `|` does not double names."""
    assert {"authorization", "cookie", "proxy-authorization", "x-api-key"} <= SENSITIVE_HEADERS
    assert {name.lower() for name in SENSITIVE_HEADERS} == SENSITIVE_HEADERS


@pytest.mark.parametrize(
    ("ip", "expected"),
    [
        ("192.0.2.1", {"ipv4_address": "192.0.2.1"}),
        (" 192.0.2.1 ", {"ipv4_address": "192.0.2.1"}),
        ("2001:DB8::1", {"ipv6_address": "2001:db8::1"}),
        ("fe80::1%eth0", {"ipv6_address": "fe80::1"}),
        ("::ffff:192.0.2.1", {"ipv4_address": "192.0.2.1"}),
        (ipaddress.ip_address("192.0.2.1"), {"ipv4_address": "192.0.2.1"}),
        (ipaddress.ip_address("2001:db8::1"), {"ipv6_address": "2001:db8::1"}),
        (
            ("2001:db8::1", "192.0.2.1"),
            {"ipv4_address": "192.0.2.1", "ipv6_address": "2001:db8::1"},
        ),
    ],
)
async def test_addresses_go_by_their_version(
    ip: Any, expected: dict[str, str], client: FingerprintClient, edge: respx.Route
) -> None:
    """Text or objects, one or one of each version, each under the name that the API has for it."""
    await client.edge.analyze(**{**REQUEST, "ip": ip})
    body = sent(edge)
    found = {name: value for name, value in body.items() if name.endswith("_address")}
    assert {name: ipaddress.ip_address(value) for name, value in found.items()} == {
        name: ipaddress.ip_address(value) for name, value in expected.items()
    }


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"ip": ()}, "ip: at least one address is needed"),
        ({"ip": "192.0.2.256"}, "ip: expected an IPv4 or IPv6 address"),
        ({"ip": 5}, "ip: expected an IPv4 or IPv6 address"),
        ({"ip": None}, "ip: expected an IPv4 or IPv6 address"),
        (
            {"ip": ["192.0.2.1", "192.0.2.2"]},
            "ip: two IPv4 addresses; the API takes one of each version",
        ),
        ({"headers": {}}, "headers: at least one is needed"),
        ({"headers": "Host: a"}, "headers: expected a mapping or .* pairs, got str"),
        ({"headers": 5}, "headers: expected a mapping or .* pairs, got int"),
        ({"headers": ["Host"]}, "headers: expected .* pairs"),
        ({"headers": [("a", "b", "c")]}, "headers: expected .* pairs"),
        ({"headers": {"a": 5}}, "headers: expected names and values as strings, got int"),
        ({"headers": {"a b": "c"}}, "headers: 'a b' is not a header name"),
        ({"headers": {"": "c"}}, "headers: '' is not a header name"),
        ({"method": ""}, "method is empty"),
        ({"method": None}, "method: expected a string, got None"),
        ({"url": "/login"}, "url: expected an absolute http or https address"),
        ({"url": "ftp://a.example/"}, "url: expected an absolute http or https address"),
        ({"url": "https://"}, "url: expected an absolute http or https address"),
        ({"linked_id": "x" * 257}, "linked_id: 257 characters"),
        ({"tags": "x"}, "tags: expected a mapping"),
        (
            {"sensitive_headers": "cookie"},
            "sensitive_headers: expected a collection of header names, got str",
        ),
        ({"sensitive_headers": None}, "sensitive_headers: expected .*, got None"),
        ({"sensitive_headers": [5]}, "sensitive_headers: names are strings, got int"),
    ],
)
async def test_a_request_that_cannot_be_right_is_refused(
    change: dict[str, Any], says: str, client: FingerprintClient, router: respx.MockRouter
) -> None:
    """Each argument has its own error, and nothing is sent."""
    with pytest.raises(ArgumentError, match=says):
        await client.edge.analyze(**{**REQUEST, **change})
    assert not router.calls


async def test_one_answer_by_bytes(client: FingerprintClient, edge: respx.Route) -> None:
    """The raw twin gives the body as it came."""
    response = await client.edge.with_raw_response.analyze(**REQUEST)
    assert json.loads(response.content) == ANSWER
    assert response.parse().event_id == "1.a"
    assert edge.call_count == 1
