from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ...types import Response

if TYPE_CHECKING:
    from ...client import AuthenticatedClient
    from ...models.event_update import EventUpdate

__all__ = ["asyncio_detailed"]


async def asyncio_detailed(
    event_id: str,
    *,
    client: AuthenticatedClient,
    body: EventUpdate,
    extensions: dict[str, Any] | None = None,
) -> Response[None]:
    """Change what you attached to an event: its linked id, its tags, whether it is suspect.

    Fields left out stay as they are. Too soon after the event was created the service answers
        409, and the call can be made again later.

    Args:
        event_id: The id of the event to change.
        client: Gives the `httpx.AsyncClient` to send with.
        body: What to change.
        extensions: Request extensions for the transport.

    Returns:
        The response; nothing is decoded before it is asked for.
    """
    response = await client.get_async_httpx_client().request(
        "PATCH",
        f"/events/{quote(event_id, safe='')}",
        json=body.to_dict(),
        extensions={"fingerprint_async_operation": "updateEvent", **(extensions or {})},
    )
    return Response(
        status_code=response.status_code,
        headers=response.headers,
        content=response.content,
        decode=None,
    )
