"""Where requests are made, before they go through the rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

import httpx

from fingerprint_async._version import __version__
from fingerprint_async.errors import ArgumentError

__all__ = ["Sender"]

if TYPE_CHECKING:
    from collections.abc import Sequence

_IDENTITY: Final = f"ii=fingerprint-async-python/{__version__}"


class Sender:
    """Stands for an `httpx.AsyncClient` in generated code, and makes its requests in one go.

    `AsyncClient.request()` merges and parses an address four times, and prepares for cookies, redirects and
    authentication flows that this API does not have: that costs more than all the rooms together. It also logs
    whole addresses, ids of people included.

    Args:
        base_url: The address that paths are appended to, without a slash at its end.
        transport: The rooms.
    """

    def __init__(self, base_url: str, transport: httpx.AsyncBaseTransport) -> None:
        self._base_url = base_url
        self._transport = transport
        # What httpx can decompress is for it to say.
        self._headers = httpx.AsyncClient(transport=transport, trust_env=False).headers

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Sequence[tuple[str, str]] = (),
        json: Any = None,
        extensions: dict[str, Any] | None = None,
    ) -> httpx.Response:
        """Send a request to a path of the API, with the parameter that says who asks.

        Raises:
            ArgumentError: The address is longer than the HTTP library takes, or the base URL's host is no host.
        """
        query = f"{urlencode(params, quote_via=quote)}&{_IDENTITY}" if params else _IDENTITY
        try:
            request = httpx.Request(
                method,
                f"{self._base_url}{path}?{query}",
                headers=self._headers,
                json=json,
                extensions=extensions,
            )
        except (httpx.InvalidURL, UnicodeError) as error:
            # The second is how httpx tells of labels of a host that begin with "xn--" and are none.
            raise ArgumentError(f"the request's address cannot be made: {error}") from None
        return await self._transport.handle_async_request(request)
