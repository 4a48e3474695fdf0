"""`client.edge`: what the service makes of a request that your server received."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from fingerprint_async.resources._incoming import from_aiohttp, from_asgi
from fingerprint_async.resources._values import (
    IPAddress,
    check_headers,
    check_ips,
    check_json_object,
    check_linked_id,
    check_text,
    check_url,
)
from fingerprint_async_generated.api.edge import analyze_request_for_automation_intelligence
from fingerprint_async_generated.models.edge_request import EdgeRequest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from fingerprint_async._http.pipeline import Pipeline
    from fingerprint_async._runtime.request import Request
    from fingerprint_async.config import RequestOptions
    from fingerprint_async.models import EdgeResponse
    from fingerprint_async.resources._incoming import AiohttpRequest
    from fingerprint_async.responses import RawResponse

    Headers: TypeAlias = Mapping[str, str] | Iterable[tuple[str | bytes, str | bytes]]

__all__ = ["SENSITIVE_HEADERS", "Edge", "EdgeWithRawResponse"]

SENSITIVE_HEADERS: Final = frozenset(
    {
        "api-key",
        "apikey",
        "authentication",
        "authorization",
        "cf-access-jwt-assertion",
        "cookie",
        "cookie2",
        "proxy-authenticate",
        "proxy-authorization",
        "set-cookie",
        "set-cookie2",
        "x-access-token",
        "x-amz-security-token",
        "x-amzn-oidc-accesstoken",
        "x-amzn-oidc-data",
        "x-api-key",
        "x-api-token",
        "x-auth-token",
        "x-authorization",
        "x-csrf-token",
        "x-csrftoken",
        "x-forwarded-access-token",
        "x-goog-iap-jwt-assertion",
        "x-ms-token-aad-access-token",
        "x-ms-token-aad-id-token",
        "x-session-token",
        "x-xsrf-token",
    }
)
"""Headers whose values `client.edge.analyze` sends empty unless told otherwise, in lower case."""


def _analyze(
    *,
    method: str,
    url: str,
    headers: Headers,
    ip: IPAddress | Iterable[IPAddress],
    linked_id: str | None,
    tags: Mapping[str, Any] | None,
    sensitive_headers: Collection[str],
) -> Request[EdgeResponse]:
    """Check the arguments and build the request."""
    request: dict[str, Any] = {
        "headers": check_headers(headers, sensitive_headers),
        "method": check_text("method", method),
        "url": check_url(url),
        **check_ips(ip),
    }
    if linked_id is not None:
        request["linked_id"] = check_linked_id(linked_id)
    if tags is not None:
        request["tags"] = check_json_object("tags", tags)
    return analyze_request_for_automation_intelligence.build_request(
        body=EdgeRequest.from_dict(request)
    )


class EdgeWithRawResponse:
    """The operations of `client.edge`, answering with the `RawResponse`."""

    __slots__ = ("_pipeline",)

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    async def analyze(
        self,
        *,
        method: str,
        url: str,
        headers: Headers,
        ip: IPAddress | Iterable[IPAddress],
        linked_id: str | None = None,
        tags: Mapping[str, Any] | None = None,
        sensitive_headers: Collection[str] = SENSITIVE_HEADERS,
        options: RequestOptions | None = None,
    ) -> RawResponse[EdgeResponse]:
        """Analyse one request, as `Edge.analyze` does."""
        request = _analyze(
            method=method,
            url=url,
            headers=headers,
            ip=ip,
            linked_id=linked_id,
            tags=tags,
            sensitive_headers=sensitive_headers,
        )
        return await self._pipeline.call_raw(request, options)


class Edge:
    """Automation intelligence: bots and IP facts from a request alone. Reached as `client.edge`.

    Attributes:
        with_raw_response: The same operation, answering with status, headers and bytes.
    """

    __slots__ = ("_pipeline", "with_raw_response")

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self.with_raw_response = EdgeWithRawResponse(pipeline)

    async def analyze(
        self,
        *,
        method: str,
        url: str,
        headers: Headers,
        ip: IPAddress | Iterable[IPAddress],
        linked_id: str | None = None,
        tags: Mapping[str, Any] | None = None,
        sensitive_headers: Collection[str] = SENSITIVE_HEADERS,
        options: RequestOptions | None = None,
    ) -> EdgeResponse:
        """Analyse one HTTP request that your server received.

        The verdict is stored as an event with `source` "edge", to be had later from
        `client.events.get` and `client.events.search(source="edge")`.

        Headers that carry credentials are sent with an empty value: leaving them out would change
        the request's shape, which is part of what is judged. Those are `SENSITIVE_HEADERS`, in any
        case; secrets in `url` are yours to remove.

        Args:
            method: The request's method, in its own case.
            url: The absolute address that was asked for. A `#fragment` is cut off.
            headers: The request's headers, in the order and spelling in which they came: a mapping,
                or (name, value) pairs, of which several may have one name. ASGI's pairs of bytes
                are understood.
            ip: The address that the request came from, as text or an `ipaddress` object; or two,
                one of each IP version.
            linked_id: Your own id for this, up to 256 characters.
            tags: Your own JSON object for this.
            sensitive_headers: The names of headers whose values stay here. Extend the default with
                `SENSITIVE_HEADERS | {"x-my-token"}`; an empty collection sends every value as it
                came.
            options: Options of this call only.

        Raises:
            ArgumentError: An argument is not what the API takes; nothing was sent.
            FeatureNotEnabledError: The product is not switched on for the workspace.
            PayloadTooLargeError: The request's description is too large.
            FingerprintError: Every other failure.
        """
        request = _analyze(
            method=method,
            url=url,
            headers=headers,
            ip=ip,
            linked_id=linked_id,
            tags=tags,
            sensitive_headers=sensitive_headers,
        )
        return await self._pipeline.call(request, options)

    async def analyze_asgi(
        self,
        scope: Mapping[str, Any],
        *,
        ip: IPAddress | None = None,
        trusted_hops: int = 0,
        linked_id: str | None = None,
        tags: Mapping[str, Any] | None = None,
        sensitive_headers: Collection[str] = SENSITIVE_HEADERS,
        options: RequestOptions | None = None,
    ) -> EdgeResponse:
        """Analyse a request by its ASGI scope: of Starlette, FastAPI, Litestar, Django.

        ```python
        verdict = await client.edge.analyze_asgi(request.scope, trusted_hops=1)
        ```

        Args:
            scope: The scope of an HTTP request.
            ip: Where the request came from, if you know better.
            trusted_hops: How many proxies of yours stand before the server, each of which adds the
                address that it saw to `X-Forwarded-For`. With 0 nothing is believed: the address is
                the peer's. With 1 or more, `X-Forwarded-Proto` is believed too.
            linked_id: As for `analyze`.
            tags: As for `analyze`.
            sensitive_headers: As for `analyze`.
            options: Options of this call only.

        Raises:
            ArgumentError: It is no HTTP request, does not tell where it came from, or came past the
                proxies; nothing was sent.
            FingerprintError: As from `analyze`.
        """
        incoming = from_asgi(scope, ip=ip, trusted_hops=trusted_hops)
        return await self.analyze(
            method=incoming.method,
            url=incoming.url,
            headers=incoming.headers,
            ip=incoming.ip,
            linked_id=linked_id,
            tags=tags,
            sensitive_headers=sensitive_headers,
            options=options,
        )

    async def analyze_aiohttp(
        self,
        request: AiohttpRequest,
        *,
        ip: IPAddress | None = None,
        trusted_hops: int = 0,
        linked_id: str | None = None,
        tags: Mapping[str, Any] | None = None,
        sensitive_headers: Collection[str] = SENSITIVE_HEADERS,
        options: RequestOptions | None = None,
    ) -> EdgeResponse:
        """Analyse a request of aiohttp's server. Everything else is as for `analyze_asgi`."""
        incoming = from_aiohttp(request, ip=ip, trusted_hops=trusted_hops)
        return await self.analyze(
            method=incoming.method,
            url=incoming.url,
            headers=incoming.headers,
            ip=incoming.ip,
            linked_id=linked_id,
            tags=tags,
            sensitive_headers=sensitive_headers,
            options=options,
        )
