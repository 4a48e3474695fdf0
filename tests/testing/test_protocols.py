"""Fakes are written against an interface that the client itself fits."""

from __future__ import annotations

import inspect

import pytest

from fingerprint_async.models import Event
from fingerprint_async.resources.edge import Edge
from fingerprint_async.resources.events import Events
from fingerprint_async.resources.visitors import Visitors
from fingerprint_async.testing import make_event
from fingerprint_async.testing.protocols import EdgeProtocol, EventsProtocol, VisitorsProtocol


@pytest.mark.parametrize(
    ("real", "interface"),
    [(Events, EventsProtocol), (Visitors, VisitorsProtocol), (Edge, EdgeProtocol)],
)
def test_the_interface_has_every_operation(real: type, interface: type) -> None:
    """A public method of a resource is in the interface, with arguments of the same names."""

    def methods(of: type) -> dict[str, object]:
        return {
            name: value
            for name, value in vars(of).items()
            if inspect.isfunction(value) and not name.startswith("_")
        }

    assert methods(real).keys() == methods(interface).keys()
    for name, method in methods(interface).items():
        wanted = list(inspect.signature(method).parameters)  # type: ignore[arg-type]
        given = inspect.signature(methods(real)[name]).parameters  # type: ignore[arg-type]
        assert set(wanted) <= set(given), name


async def test_a_fake_is_short() -> None:
    """A fake has only what the code under test uses."""

    class FakeEvents:
        async def get(self, event_id: str) -> Event:
            return Event.from_dict(make_event(event_id=event_id, vpn=True))

    assert (await FakeEvents().get("1.a")).vpn is True
