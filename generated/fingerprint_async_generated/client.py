"""What API functions need of a client."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

__all__ = ["AuthenticatedClient"]


class AuthenticatedClient:
    """Hands an `httpx.AsyncClient` to the API functions.

    Args:
        async_httpx_client: The client to send with. Its `base_url` ends in `/v4`, and it (or its transport) adds the
            `Authorization` header. Whoever made it closes it.
    """

    __slots__ = ("_async_httpx_client",)

    def __init__(self, async_httpx_client: httpx.AsyncClient) -> None:
        self._async_httpx_client = async_httpx_client

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """Give the client to send with."""
        return self._async_httpx_client
