"""`client.edge` on the wire."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import types
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
    """`POST /edge` with header lines in their order and spelling.

    Credentials are emptied, not dropped.
    """
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


SCOPE: dict[str, Any] = {
    "type": "http",
    "method": "POST",
    "scheme": "http",
    "path": "/login page",
    "raw_path": b"/login%20page",
    "query_string": b"next=%2F",
    "headers": [
        (b"host", b"shop.example"),
        (b"cookie", b"session=s3cret"),
        (b"x-forwarded-for", b"198.51.100.9, 192.0.2.7"),
        (b"X-Forwarded-For", b"[2001:db8::1]:4711"),
        (b"x-forwarded-proto", b"https"),
        (b"user-agent", b"caf\xe9"),
    ],
    "client": ("10.0.0.1", 4711),
    "server": ("10.0.0.2", 8000),
}


@pytest.mark.parametrize(
    ("hops", "field", "ip", "scheme"),
    [
        (0, "ipv4_address", "10.0.0.1", "http"),
        (1, "ipv6_address", "2001:db8::1", "https"),
        (2, "ipv4_address", "192.0.2.7", "https"),
        (3, "ipv4_address", "198.51.100.9", "https"),
    ],
)
async def test_a_scope_is_analysed_in_one_line(  # noqa: PLR0917 - fixtures and one case
    client: FingerprintClient, edge: respx.Route, hops: int, field: str, ip: str, scheme: str
) -> None:
    """The address is what the outermost trusted proxy saw, and without one the peer's."""
    await client.edge.analyze_asgi(SCOPE, trusted_hops=hops, linked_id="order-7")
    body = sent(edge)
    assert {name: value for name, value in body.items() if "address" in name} == {field: ip}
    assert body["url"] == f"{scheme}://shop.example/login%20page?next=%2F"
    assert (body["method"], body["linked_id"]) == ("POST", "order-7")
    assert {"name": "cookie", "value": ""} in body["headers"]
    assert {"name": "user-agent", "value": "café"} in body["headers"]
    assert [line["name"] for line in body["headers"]] == [
        name.decode() for name, _ in SCOPE["headers"]
    ]


@pytest.mark.parametrize(
    ("changes", "arguments", "expected"),
    [
        ({"client": ("::ffff:192.0.2.1", 1)}, {}, {"ipv4_address": "192.0.2.1"}),
        ({"client": ("fe80::1%eth0", 1)}, {}, {"ipv6_address": "fe80::1"}),
        ({"client": None}, {"ip": "192.0.2.1"}, {"ipv4_address": "192.0.2.1"}),
        (
            {"headers": [(b"x-forwarded-for", b"192.0.2.1:80")]},
            {"trusted_hops": 1},
            {"ipv4_address": "192.0.2.1"},
        ),
    ],
)
async def test_addresses_of_a_scope(
    client: FingerprintClient,
    edge: respx.Route,
    changes: dict[str, Any],
    arguments: dict[str, Any],
    expected: dict[str, str],
) -> None:
    """Unmapped, without zone and port; one that is given goes before."""
    await client.edge.analyze_asgi({**SCOPE, **changes}, **arguments)
    body = sent(edge)
    assert {name: value for name, value in body.items() if "address" in name} == expected


async def test_a_scope_without_raw_path_and_host(
    client: FingerprintClient, edge: respx.Route
) -> None:
    """Both are optional in ASGI: the path is quoted anew, the host is the server's."""
    scope = {**SCOPE, "headers": [(b"a", b"b")], "server": ("::1", 8000), "path": "/ä b"}
    del scope["raw_path"]
    await client.edge.analyze_asgi(scope)
    assert sent(edge)["url"] == "http://[::1]:8000/%C3%A4%20b?next=%2F"


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({"headers": [(b"host", b"?")]}, "http://10.0.0.2:8000/login%20page?next=%2F"),
        ({"headers": [(b"host", b"a b")]}, "http://10.0.0.2:8000/login%20page?next=%2F"),
        ({"headers": [(b"host", b"evil/../@x")]}, "http://10.0.0.2:8000/login%20page?next=%2F"),
        ({"headers": [(b"host", b"\xff")]}, "http://10.0.0.2:8000/login%20page?next=%2F"),
        ({"headers": [(b"host", b"[::1]:80")]}, "http://[::1]:80/login%20page?next=%2F"),
        ({"headers": [(b"a", b"b")], "server": None}, "http://host.invalid/login%20page?next=%2F"),
        (
            {"headers": [(b"host", b"?")], "server": ("/run/a.sock", None)},
            "http://host.invalid/login%20page?next=%2F",
        ),
        ({"raw_path": b"/a#b\xff\n", "query_string": b""}, "http://shop.example/a%23b%FF%0A"),
        ({"raw_path": None, "path": "/\ud800", "query_string": b""}, "http://shop.example/%3F"),
        ({"raw_path": None, "path": [], "query_string": b""}, "http://shop.example/"),
        ({"raw_path": b"/", "query_string": b"a=\xff #'{"}, "http://shop.example/?a=%FF%20%23'{"),
    ],
)
async def test_no_client_writes_a_request_that_cannot_be_described(
    client: FingerprintClient, edge: respx.Route, changes: dict[str, Any], url: str
) -> None:
    """Else it would pass wherever a verdict cannot be had."""
    await client.edge.analyze_asgi({**SCOPE, **changes})
    assert sent(edge)["url"] == url


async def test_a_scheme_that_is_none_is_not_believed(
    client: FingerprintClient, edge: respx.Route
) -> None:
    """A proxy may hand on what the client wrote."""
    headers = [(b"host", b"a"), (b"x-forwarded-for", b"192.0.2.7"), (b"x-forwarded-proto", b"ftp")]
    await client.edge.analyze_asgi({**SCOPE, "headers": headers}, trusted_hops=1)
    assert sent(edge)["url"].startswith("http://a/")


@pytest.mark.parametrize(
    ("scope", "arguments", "says"),
    [
        ({"type": "websocket"}, {}, "scope"),
        (None, {}, "scope"),
        ({**SCOPE, "client": None}, {}, "does not tell where"),
        ({**SCOPE, "client": ("testclient", 1)}, {}, "ip"),
        (SCOPE, {"trusted_hops": 4}, "X-Forwarded-For names 3"),
        (SCOPE, {"trusted_hops": -1}, "trusted_hops"),
        (SCOPE, {"trusted_hops": True}, "trusted_hops"),
        (SCOPE, {"trusted_hops": 10**400}, "trusted_hops"),
        ({**SCOPE, "headers": [(b"x-forwarded-for", b"unknown")]}, {"trusted_hops": 1}, "ip"),
        ({**SCOPE, "headers": [(b"x-forwarded-for", b"6.6.6.6, ")]}, {"trusted_hops": 1}, "ip"),
        (
            {
                **SCOPE,
                "headers": [(b"x-forwarded-for", b"6.6.6.6"), (b"x-forwarded-for", b"")],
            },
            {"trusted_hops": 1},
            "ip",
        ),
        ({**SCOPE, "headers": [("host", "a")]}, {}, "headers"),
        ({**SCOPE, "headers": None}, {}, "headers"),
        ({**SCOPE, "scheme": "ws"}, {}, "scheme"),
        ({**SCOPE, "scheme": ([], [])}, {}, "scheme"),
        ({**SCOPE, "method": None}, {}, "method"),
    ],
)
async def test_a_scope_that_cannot_be_analysed(
    client: FingerprintClient, edge: respx.Route, scope: Any, arguments: dict[str, Any], says: str
) -> None:
    """The error names what is wrong, and nothing is sent: never another address in its place."""
    with pytest.raises(ArgumentError, match=says):
        await client.edge.analyze_asgi(scope, **arguments)
    assert not edge.called


async def test_a_request_of_aiohttp_is_analysed(
    client: FingerprintClient, edge: respx.Route
) -> None:
    """The same, by the request that a handler gets."""
    test_utils = pytest.importorskip("aiohttp.test_utils")
    request = test_utils.make_mocked_request(
        "GET",
        "/a%20b?c=d",
        headers={"Host": "shop.example", "Cookie": "s3cret", "X-Forwarded-For": "192.0.2.7"},
    )
    await client.edge.analyze_aiohttp(request, trusted_hops=1)
    body = sent(edge)
    assert (body["method"], body["ipv4_address"]) == ("GET", "192.0.2.7")
    assert body["url"] == "http://shop.example/a%20b?c=d"
    assert {"name": "Cookie", "value": ""} in body["headers"]
    with pytest.raises(ArgumentError, match=r"request: expected an aiohttp\.web\.Request"):
        await client.edge.analyze_aiohttp(object())  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["method", "scheme", "host", "path_qs", "remote", "raw_headers"])
@pytest.mark.parametrize("value", [None, 5, [[]], ([], []), "\ud800", b"x", object()])
async def test_no_attribute_of_a_request_leads_out_of_the_tree(
    client: FingerprintClient,
    edge: respx.Route,
    name: str,
    value: Any,
) -> None:
    """Another framework's request may have attributes of the same names."""
    attributes: dict[str, Any] = {
        "method": "GET",
        "scheme": "http",
        "host": "shop.example",
        "path_qs": "/",
        "remote": "192.0.2.7",
        "raw_headers": ((b"a", b"b"),),
        name: value,
    }
    request: Any = types.SimpleNamespace(**attributes)
    with contextlib.suppress(ArgumentError):
        await client.edge.analyze_aiohttp(request)
