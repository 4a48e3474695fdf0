"""What API functions need of a client."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    import httpx

__all__ = ["AuthenticatedClient"]


@attrs.frozen
class AuthenticatedClient:
    """Hands an `httpx.AsyncClient` to the API functions.

    Attributes:
        async_httpx_client: The client to send with. Its `base_url` ends in `/v4`, and it (or its transport) adds the
            `Authorization` header. Whoever made it closes it.
    """

    async_httpx_client: httpx.AsyncClient = attrs.field(repr=False)

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """Give the client to send with."""
        return self.async_httpx_client
