# Annotations bind no caller at run time.
# pyright: reportUnnecessaryIsInstance=false
"""Webhooks in Starlette and FastAPI. Needs `starlette`.

As a dependency of FastAPI; the event counts as received unless the endpoint raises:

```python
webhook = webhook_event(WebhookGate(secret=SECRET))


@app.post("/webhooks/fingerprint")
async def on_event(event: Annotated[Event, Depends(webhook)]) -> None:
    await queue.put(event.event_id)
```

As an endpoint that answers in time and hands the work on:

```python
receiver = WebhookReceiver(handle, WebhookGate(secret=SECRET))
routes = [Route("/webhooks/fingerprint", webhook_endpoint(receiver), methods=["POST"])]
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from fingerprint_async._settings import kind_of
from fingerprint_async.errors import ConfigurationError
from fingerprint_async.integrations.receiver import (
    RefusedWebhookError,
    WebhookGate,
    WebhookReceiver,
    check_gate,
    check_receiver,
)
from fingerprint_async.models import Event  # noqa: TC001 - FastAPI reads the annotation
from fingerprint_async.webhooks import SIGNATURE_HEADER

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.responses import Response

    Dependency: TypeAlias = Callable[[Request], AsyncIterator[Event]]
    Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]

__all__ = ["WebhookGate", "WebhookReceiver", "webhook_endpoint", "webhook_event"]


def webhook_event(gate: WebhookGate) -> Dependency:
    """Make a dependency of FastAPI that is a webhook's event.

    A request that is refused, or was received before, is answered without the endpoint. When the
    endpoint raises, the event is forgotten, so that the service's second attempt gets through.

    Raises:
        ConfigurationError: It is no gate.
    """
    check_gate(gate)

    async def received_event(request: Request) -> AsyncIterator[Event]:
        try:
            event = await gate.accept(
                request.stream(), signature=request.headers.get(SIGNATURE_HEADER)
            )
        except RefusedWebhookError as error:
            answer = error.answer
            raise HTTPException(answer.status, answer.text) from None
        try:
            yield event
        except BaseException:
            await gate.forget(event)
            raise

    return received_event


def webhook_endpoint(receiver: WebhookReceiver) -> Endpoint:
    """Make an endpoint of Starlette for the service to POST to.

    Raises:
        ConfigurationError: It is no receiver.
    """
    check_receiver(receiver)

    async def receive_webhook(request: Request) -> Response:
        if not isinstance(request, Request):
            raise ConfigurationError(
                f"this endpoint is for Starlette and FastAPI, and got a {kind_of(request)}; for"
                " aiohttp there is integrations.aiohttp.webhook_handler"
            )
        answer = await receiver.receive(
            request.stream(), signature=request.headers.get(SIGNATURE_HEADER)
        )
        return PlainTextResponse(answer.text, answer.status)

    return receive_webhook
