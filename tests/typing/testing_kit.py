"""What mypy and pyright make of the testing kit's interface."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_type

from fingerprint_async.models import Event, EventSearch

if TYPE_CHECKING:
    from fingerprint_async import FingerprintClient
    from fingerprint_async.testing.protocols import ClientProtocol


def a_client_fits(client: FingerprintClient) -> ClientProtocol:
    """The client itself is what the interface asks for."""
    return client


async def code_under_test(client: ClientProtocol) -> None:
    """Code that takes the interface reads the same types."""
    assert_type(await client.events.get("x"), Event)
    assert_type(await client.events.search(limit=3), EventSearch)
    async for event in client.events.search(vpn=True):
        assert_type(event, Event)
