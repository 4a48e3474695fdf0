from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ...types import Response

if TYPE_CHECKING:
    from ...client import AuthenticatedClient

__all__ = ["asyncio_detailed"]


async def asyncio_detailed(
    visitor_id: str,
    *,
    client: AuthenticatedClient,
    extensions: dict[str, Any] | None = None,
) -> Response[None]:
    """Ask for the data of a visitor to be erased.

    It happens later: events of the last ten days go within a day, older ones when their
        retention ends. Off by default: 403 `feature_not_enabled`.

    Args:
        visitor_id: The id of the visitor whose data goes.
        client: Gives the `httpx.AsyncClient` to send with.
        extensions: Request extensions for the transport.

    Returns:
        The response; nothing is decoded before it is asked for.
    """
    response = await client.get_async_httpx_client().request(
        "DELETE",
        f"/visitors/{quote(visitor_id, safe='')}",
        extensions={"fingerprint_async_operation": "deleteVisitorData", **(extensions or {})},
    )
    return Response(
        status_code=response.status_code,
        headers=response.headers,
        content=response.content,
        decode=None,
    )
