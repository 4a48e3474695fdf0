from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypedDict, Unpack
from urllib.parse import quote

from ...models.event import Event
from ...query import query_items
from ...types import Response

if TYPE_CHECKING:
    from ...client import AuthenticatedClient

__all__ = ["GetEventParams", "asyncio_detailed"]


class GetEventParams(TypedDict, total=False):
    """The query parameters of `getEvent`. Those left out are not sent."""

    ruleset_id: str
    """Ruleset id."""


# Keyword → query parameter.
_QUERY: Final = {
    "ruleset_id": "ruleset_id",
}


async def asyncio_detailed(
    event_id: str,
    *,
    client: AuthenticatedClient,
    extensions: dict[str, Any] | None = None,
    **params: Unpack[GetEventParams],
) -> Response[Event]:
    """Get Event.

    Args:
        event_id: Event id.
        client: Gives the `httpx.AsyncClient` to send with.
        extensions: Request extensions for the transport.
        **params: The query parameters, see `GetEventParams`.

    Returns:
        The response; nothing is decoded before it is asked for.
    """
    response = await client.get_async_httpx_client().request(
        "GET",
        f"/events/{quote(event_id, safe='')}",
        params=query_items(params, _QUERY),
        extensions={"fingerprint_async_operation": "getEvent", **(extensions or {})},
    )
    return Response(
        status_code=response.status_code,
        headers=response.headers,
        content=response.content,
        decode=Event.from_json,
    )
