"""A testing kit: the emulated service, bodies in its wire shape, respx routes and pytest fixtures.

emulator = Emulator(events=500, seed=7)
client = FingerprintClient("test-key", transport=emulator.transport())
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fingerprint_async.testing.emulator import DEFAULT_KEYS, ApiKey, Emulator, Truth
    from fingerprint_async.testing.factories import (
        make_edge_request,
        make_edge_response,
        make_error,
        make_event,
        make_page,
    )
    from fingerprint_async.testing.faults import Fault
    from fingerprint_async.testing.routes import mock_api
    from fingerprint_async.testing.server import EmulatorServer
    from fingerprint_async.testing.transport import EmulatorTransport

__all__ = [
    "DEFAULT_KEYS",
    "ApiKey",
    "Emulator",
    "EmulatorServer",
    "EmulatorTransport",
    "Fault",
    "Truth",
    "make_edge_request",
    "make_edge_response",
    "make_error",
    "make_event",
    "make_page",
    "mock_api",
]

_ROOMS = {
    "emulator": ("DEFAULT_KEYS", "ApiKey", "Emulator", "Truth"),
    "factories": (
        "make_edge_request",
        "make_edge_response",
        "make_error",
        "make_event",
        "make_page",
    ),
    "faults": ("Fault",),
    "routes": ("mock_api",),
    "server": ("EmulatorServer",),
    "transport": ("EmulatorTransport",),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> object:
    room = _ROOM_OF.get(name)
    if room is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{room}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
