from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...models.edge_response import EdgeResponse
from ...types import Response

if TYPE_CHECKING:
    from ...client import AuthenticatedClient
    from ...models.edge_request import EdgeRequest

__all__ = ["asyncio_detailed"]


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: EdgeRequest,
    extensions: dict[str, Any] | None = None,
) -> Response[EdgeResponse]:
    """Have a request that reached your edge judged: bot or browser, proxy, VPN.

    It becomes an event whose source is `edge`.

    Args:
        client: Gives the `httpx.AsyncClient` to send with.
        body: The request to judge.
        extensions: Request extensions for the transport.

    Returns:
        The response; nothing is decoded before it is asked for.
    """
    response = await client.get_async_httpx_client().request(
        "POST",
        "/edge",
        json=body.to_dict(),
        extensions={
            "fingerprint_async_operation": "analyzeRequestForAutomationIntelligence",
            **(extensions or {}),
        },
    )
    return Response(
        status_code=response.status_code,
        headers=response.headers,
        content=response.content,
        decode=EdgeResponse.from_json,
    )
