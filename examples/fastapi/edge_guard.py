"""ASGI middleware that asks the service about every request, and blocks unwanted bots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fingerprint_async import (
    ArgumentError,
    BadRequestError,
    FingerprintError,
    PayloadTooLargeError,
    RequestOptions,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from fingerprint_async import FingerprintClient
    from fingerprint_async.models import EdgeResponse

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]


class EdgeGuard:
    """Block requests of bots that are no verified ones.

    Args:
        app: The app behind.
        client: Returns the client, which the app's lifespan makes.
        within_seconds: How long the verdict may take.
        fails_open: Whether a request passes when the service cannot be asked. One that cannot be
            described, or that is too large to be, does not.
        trusted_hops: How many proxies of yours stand before the server.
    """

    def __init__(
        self,
        app: App,
        *,
        client: Callable[[], FingerprintClient],
        within_seconds: float,
        fails_open: bool = True,
        trusted_hops: int = 0,
    ) -> None:
        self._app = app
        self._client = client
        self._options = RequestOptions(deadline=within_seconds, max_retries=0)
        self._fails_open = fails_open
        self._trusted_hops = trusted_hops

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer 403."""
        if scope["type"] != "http" or await self._passes(scope):
            await self._app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 403, "headers": []})
        await send({"type": "http.response.body", "body": b"blocked"})

    async def _passes(self, scope: Scope) -> bool:
        try:
            verdict = await self._client().edge.analyze_asgi(
                scope, trusted_hops=self._trusted_hops, options=self._options
            )
        except (ArgumentError, BadRequestError, PayloadTooLargeError):
            # The request's own doing: else each bot would write itself past the guard.
            return False
        except FingerprintError:
            return self._fails_open
        return not is_unwanted(verdict)


def is_unwanted(verdict: EdgeResponse) -> bool:
    """Tell whether a request is of a bot whose identity nobody vouches for."""
    return verdict.bot_info is not None and verdict.bot_info.identity not in {"verified", "signed"}
