# Annotations bind no caller at run time.
# pyright: reportUnnecessaryIsInstance=false
"""Webhooks in aiohttp's server. Needs `aiohttp`.

```python
receiver = WebhookReceiver(handle, WebhookGate(secret=SECRET))
app.router.add_post("/webhooks/fingerprint", webhook_handler(receiver))
app.on_shutdown.append(close_with(receiver))
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from aiohttp import web

from fingerprint_async._settings import kind_of
from fingerprint_async.errors import ConfigurationError
from fingerprint_async.integrations.receiver import WebhookGate, WebhookReceiver, check_receiver
from fingerprint_async.webhooks import SIGNATURE_HEADER

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

__all__ = ["WebhookGate", "WebhookReceiver", "close_with", "webhook_handler"]


def webhook_handler(receiver: WebhookReceiver) -> Handler:
    """Make a handler for the service to POST to.

    Raises:
        ConfigurationError: It is no receiver.
    """
    check_receiver(receiver)

    async def receive_webhook(request: web.Request) -> web.StreamResponse:
        if not isinstance(request, web.Request):
            raise ConfigurationError(
                f"this handler is for aiohttp, and got a {kind_of(request)}; for Starlette and"
                " FastAPI there is integrations.starlette.webhook_endpoint"
            )
        answer = await receiver.receive(
            request.content.iter_any(), signature=request.headers.get(SIGNATURE_HEADER)
        )
        return web.Response(status=answer.status, text=answer.text)

    return receive_webhook


def close_with(receiver: WebhookReceiver) -> Callable[[web.Application], Awaitable[None]]:
    """Make a callback for `app.on_shutdown` that waits for the handlers at work.

    Raises:
        ConfigurationError: It is no receiver.
    """
    check_receiver(receiver)

    async def close(_: web.Application) -> None:
        await receiver.aclose()

    return close
