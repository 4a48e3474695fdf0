# Annotations bind no caller at run time.
# pyright: reportUnnecessaryIsInstance=false
"""Requests that a server of ASGI or aiohttp received, as the edge analysis takes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol, cast
from urllib.parse import quote

import attrs

from fingerprint_async._settings import kind_of, shown
from fingerprint_async.errors import ArgumentError
from fingerprint_async.resources._values import listed

if TYPE_CHECKING:
    from fingerprint_async.resources._values import IPAddress

__all__ = ["AiohttpRequest", "IncomingRequest", "from_aiohttp", "from_asgi"]

_MOST_HOPS: Final = 20
_SCHEMES: Final = frozenset({"http", "https"})
_HOST: Final = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+;=%-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?")
_NO_HOST: Final = "host.invalid"
"""Stands for a host that a request does not tell: no name ends with `.invalid`, by RFC 2606."""
_PATH_CHARACTERS: Final = "/:@!$&'()*+,;=~-._%"
_TARGET_CHARACTERS: Final = "!$%&'()*+,-./:;=?@[\\]^_`{|}~"


class AiohttpRequest(Protocol):
    """What is read of an `aiohttp.web.Request`."""

    @property
    def method(self) -> str:
        """The method."""
        ...

    @property
    def scheme(self) -> str:
        """The scheme: `http` or `https`."""
        ...

    @property
    def host(self) -> str:
        """The host, with its port."""
        ...

    @property
    def path_qs(self) -> str:
        """The path and the query."""
        ...

    @property
    def remote(self) -> str | None:
        """The address of the peer."""
        ...

    @property
    def raw_headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """The headers as they came."""
        ...


@attrs.frozen(kw_only=True, repr=False)
class IncomingRequest:
    """A request as a server received it.

    Attributes:
        method: The method.
        url: The absolute address.
        headers: The headers, in the order in which they came.
        ip: Where it came from.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    ip: IPAddress


def from_asgi(
    scope: Mapping[str, Any], *, ip: IPAddress | None, trusted_hops: int
) -> IncomingRequest:
    """Read the scope of an ASGI request.

    Raises:
        ArgumentError: It is no HTTP request, or does not tell where it came from.
    """
    if not isinstance(scope, Mapping) or scope.get("type") != "http":
        raise ArgumentError("scope: expected the scope of an HTTP request, as ASGI describes it")
    headers = _headers(scope.get("headers"))
    client: object = scope.get("client")
    peer = _first(client)
    host = _values(headers, "host")
    server: object = scope.get("server")
    raw_path: object = scope.get("raw_path")
    if isinstance(raw_path, bytes):
        path = quote(raw_path, safe=_TARGET_CHARACTERS)
    else:
        given: object = scope.get("path")
        path = quote(given, _PATH_CHARACTERS, errors="replace") if isinstance(given, str) else "/"
    query: object = scope.get("query_string") or b""
    if isinstance(query, bytes) and query:
        path = f"{path}?{quote(query, safe=_TARGET_CHARACTERS)}"
    return _incoming(
        method=scope.get("method"),
        scheme=scope.get("scheme", "http"),
        hosts=(*host[:1], _address_of(server)),
        path=path,
        headers=headers,
        peer=peer,
        ip=ip,
        trusted_hops=trusted_hops,
    )


def from_aiohttp(
    request: AiohttpRequest, *, ip: IPAddress | None, trusted_hops: int
) -> IncomingRequest:
    """Read a request of aiohttp's server.

    Raises:
        ArgumentError: It is no such request, or does not tell where it came from.
    """
    try:
        method, scheme, host = request.method, request.scheme, request.host
        path, peer, headers = request.path_qs, request.remote, request.raw_headers
    except Exception:  # noqa: BLE001 - a foreign object's: it is no request
        raise ArgumentError(
            f"request: expected an aiohttp.web.Request, got {kind_of(request)}"
        ) from None
    if not isinstance(path, str):
        raise ArgumentError("request: expected an aiohttp.web.Request, whose path is text")
    return _incoming(
        method=method,
        scheme=scheme,
        hosts=(host,),
        path=quote(path, _TARGET_CHARACTERS, errors="replace"),
        headers=_headers(headers),
        peer=peer,
        ip=ip,
        trusted_hops=trusted_hops,
    )


def _incoming(
    *,
    method: object,
    scheme: object,
    hosts: tuple[object, ...],
    path: str,
    headers: tuple[tuple[str, str], ...],
    peer: object,
    ip: IPAddress | None,
    trusted_hops: object,
) -> IncomingRequest:
    """Describe a request. Nothing that a client writes into it makes that impossible.

    Only where it came from cannot be left open: then it came past the proxies.
    """
    hops = _check_hops(trusted_hops)
    if hops:
        forwarded = [value.lower() for value in _values(headers, "x-forwarded-proto")[-1:]]
        scheme = forwarded[0] if _SCHEMES.intersection(forwarded) else scheme
    host = next((host for host in hosts if isinstance(host, str) and _HOST.fullmatch(host)), None)
    if not isinstance(method, str) or not isinstance(scheme, str) or scheme not in _SCHEMES:
        raise ArgumentError("the request has no method, or a scheme other than http and https")
    return IncomingRequest(
        method=method,
        url=f"{scheme}://{host or _NO_HOST}{path if path.startswith('/') else '/'}",
        headers=headers,
        ip=_client_ip(headers, peer, hops) if ip is None else ip,
    )


def _check_hops(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_HOPS:
        raise ArgumentError(
            f"trusted_hops: expected a whole number from 0 to {_MOST_HOPS}, got {shown(value)}"
        )
    return value


def _client_ip(headers: tuple[tuple[str, str], ...], peer: object, hops: int) -> str:
    """Return where a request came from: what the outermost trusted proxy saw."""
    if not hops:
        if not isinstance(peer, str) or not peer:
            raise ArgumentError("ip: the server does not tell where the request came from")
        return peer
    seen = _parts(headers, "x-forwarded-for")
    if len(seen) < hops:
        raise ArgumentError(
            f"trusted_hops: {hops} proxies are trusted, and X-Forwarded-For names {len(seen)} "
            "addresses: the request did not come through them"
        )
    return _without_port(seen[-hops])


def _without_port(address: str) -> str:
    address = address.strip('"')
    if address.startswith("["):
        return address[1:].partition("]")[0]
    if address.count(":") == 1:
        return address.partition(":")[0]
    return address


def _values(headers: tuple[tuple[str, str], ...], name: str) -> list[str]:
    """Return the values of a header that is a list, over all its lines."""
    return [part for part in _parts(headers, name) if part]


def _parts(headers: tuple[tuple[str, str], ...], name: str) -> list[str]:
    """Return every place of a list, empty ones too: each proxy has filled one."""
    lines = [value for given, value in headers if given.lower() == name]
    return [part.strip() for line in lines for part in line.split(",")]


def _headers(pairs: object) -> tuple[tuple[str, str], ...]:
    headers: list[tuple[str, str]] = []
    if not isinstance(pairs, Iterable):
        raise ArgumentError(f"headers: expected pairs of bytes, got {kind_of(pairs)}")
    for pair in listed("headers", cast("Iterable[object]", pairs)):
        parts = list(cast("Iterable[object]", pair)) if isinstance(pair, tuple | list) else []
        texts = [part.decode("latin-1") for part in parts if isinstance(part, bytes)]
        if len(texts) != 2:  # noqa: PLR2004 - a name and a value
            raise ArgumentError("headers: expected pairs of bytes")
        headers.append((texts[0], texts[1]))
    return tuple(headers)


def _first(client: object) -> object:
    if isinstance(client, tuple | list) and client:
        return cast("tuple[object, ...]", client)[0]
    return None


def _address_of(server: object) -> str | None:
    if not isinstance(server, tuple | list):
        return None
    host, port = (*cast("tuple[object, ...]", server), None, None)[:2]
    if not isinstance(host, str):
        return None
    name = f"[{host}]" if ":" in host else host
    return f"{name}:{port:d}" if isinstance(port, int) else name
