"""Connections of our own: one to a transport of httpx's, over plain asyncio."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import attrs
import h11

from fingerprint_async._http.backends._network import AsyncioNetwork

if TYPE_CHECKING:
    import ssl

    from fingerprint_async._address import Address, Proxy

__all__ = ["Connection", "Connector", "is_proxy", "spoil_unread"]


class Connection:
    """One connection, in the shape of a transport.

    Args:
        transport: The library's transport, which mocking libraries intercept.
        core: The connection that it sends over; None where the transport's own pool does.
    """

    __slots__ = ("_core", "transport")

    def __init__(self, transport: Any, core: Any) -> None:
        self.transport = transport
        self._core = core

    def is_reusable(self) -> bool:
        """Tell whether another request may be sent: it stands, and holds nothing that is unread."""
        core = self._core
        if core is None:
            return True
        return bool(core.is_idle() and not core.is_closed() and not core.has_expired())

    async def aclose(self) -> None:
        """Close it. That closing fails is no news: it is not used again."""
        with suppress(Exception):
            await self.transport.aclose()


def spoil_unread(transport: Any) -> None:
    """See to it that a connection whose peer sent more than one answer is closed, not kept.

    The rest would answer the next request. To be called before an answer that was read to its end
    is closed. Neither library has a public way; of a transport that is none of theirs nothing is
    known, and ids are compared all the same.
    """
    pool = getattr(transport, "_pool", None)
    for connection in getattr(pool, "connections", (pool,)):
        state = _protocol_of(connection)
        if state is not None and state.their_state is h11.DONE and state.trailing_data[0]:
            state.send_failed()


def _protocol_of(connection: Any) -> h11.Connection | None:
    """Return the HTTP/1.1 of a connection, which may be one to or through a proxy."""
    for _ in range(4):
        state = getattr(connection, "_h11_state", None)
        if state is not None:
            return state if isinstance(state, h11.Connection) else None
        connection = getattr(connection, "_connection", None)
    return None


def is_proxy(transport: Any) -> bool:
    """Tell whether a transport of either library sends through a proxy."""
    return hasattr(getattr(transport, "_pool", None), "_proxy_url")


@attrs.frozen(kw_only=True)
class Connector:
    """Makes connections to one address.

    Attributes:
        http: The library's module `httpx`, or one of its shape.
        core: The library's module `httpcore`, or one of its shape.
        address: Where to connect to.
        context: TLS settings.
        proxy: The proxy to send through.
        keep_alive: Seconds that a resting connection is kept.
    """

    http: Any
    core: Any
    address: Address
    context: ssl.SSLContext
    proxy: Proxy | None
    keep_alive: float

    def connect(self) -> Connection:
        """Return a connection that opens with its first request."""
        one = self.http.Limits(
            max_connections=1, max_keepalive_connections=1, keepalive_expiry=self.keep_alive
        )
        transport = self.http.AsyncHTTPTransport(
            verify=self.context,
            trust_env=False,
            limits=one,
            proxy=self._proxy(),
        )
        if self.proxy is not None or not hasattr(transport, "_pool"):
            return Connection(transport, None)
        # The pool's work is done here, for less: one connection in its place.
        core = self.core.AsyncHTTPConnection(
            origin=self.core.Origin(
                self.address.scheme.encode(), self.address.host.encode(), self.address.port
            ),
            ssl_context=self.context,
            keepalive_expiry=self.keep_alive,
            network_backend=AsyncioNetwork(self.core),
        )
        transport._pool = core  # noqa: SLF001 - guarded above
        return Connection(transport, core)

    def _proxy(self) -> Any:
        proxy = self.proxy
        if proxy is None:
            return None
        auth = None
        if proxy.username is not None:
            password = "" if proxy.password is None else proxy.password.reveal_text()
            auth = (proxy.username, password)
        return self.http.Proxy(str(proxy.address), auth=auth)
