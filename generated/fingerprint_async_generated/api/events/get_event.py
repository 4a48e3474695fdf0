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
    """A ruleset to evaluate for this event. Its verdict comes as `rule_action`; an unknown ruleset
    is a 400."""


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
    """Fetch one event by its id.

    Well-formed and absent: 404. An id of another shape is answered with 400.

    Args:
        event_id: The id of the event, as the agent on the device received it;
            `1708102555327.NLOjmg`, say.
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
