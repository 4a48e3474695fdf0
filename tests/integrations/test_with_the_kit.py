"""Webhooks and sealed results of the testing kit, which imports nothing of what reads them."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from fingerprint_async import checks, webhooks
from fingerprint_async.integrations.receiver import WebhookGate, WebhookReceiver
from fingerprint_async.sealed import SealedKeyError, unseal
from fingerprint_async.testing import Emulator, make_event, make_webhook, seal
from fingerprint_async.testing.emulator.webhooks import Webhook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from fingerprint_async.models import Event


async def parts(content: bytes) -> AsyncIterator[bytes]:
    """Hand over a body."""
    yield content


def test_a_failed_webhook_comes_again_and_gets_through() -> None:
    """The service sends it once more about five minutes later; the receiver has forgotten it."""
    later = 0.0
    handled: list[str] = []

    async def handle(event: Event) -> None:
        handled.append(event.event_id)
        if len(handled) == 1:
            raise ValueError("not now")

    receiver = WebhookReceiver(handle, WebhookGate(secret=["new", "whsec"]))
    emulator = Emulator(
        events=0,
        clock=lambda: time.time() + later,
        webhooks=[Webhook("http://app.test/hook", "whsec")],
    )

    def send(_: str, headers: Mapping[str, str], body: bytes) -> int:
        signature = headers[webhooks.SIGNATURE_HEADER]
        return asyncio.run(receiver.receive(parts(body), signature=signature)).status

    event = emulator.add_event(vpn=True)
    first = emulator.deliver_webhooks(send)
    assert [(attempt.status, attempt.number) for attempt in first] == [(500, 1)]
    assert emulator.deliver_webhooks(send) == []
    later = 301.0
    second = emulator.deliver_webhooks(send)
    assert [(attempt.status, attempt.number) for attempt in second] == [(200, 2)]
    assert handled == [event["event_id"]] * 2


def test_a_webhook_of_the_kit_is_an_event() -> None:
    """Its signature fits, and the event is the one that was signed."""
    event = make_event()
    sent = make_webhook(event, secret="whsec")
    read = webhooks.parse_event(
        sent.body, signature=sent.headers[webhooks.SIGNATURE_HEADER], secret="whsec"
    )
    assert read.to_dict() == event


def test_a_sealed_result_of_the_kit_is_an_event() -> None:
    """With the emulator's key, and with no other."""
    pytest.importorskip("cryptography")
    emulator = Emulator(events=0)
    event: dict[str, Any] = make_event(vpn=True)
    sealed = seal(event, emulator.sealing_key)
    read = unseal(sealed, [Emulator(events=0, seed=9).sealing_key, emulator.sealing_key])
    assert read.to_dict() == event
    assert "vpn" in {problem.code for problem in checks.check_event(read)}
    with pytest.raises(SealedKeyError):
        unseal(sealed, [Emulator(events=0, seed=9).sealing_key])
