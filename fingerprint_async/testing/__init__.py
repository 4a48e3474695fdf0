"""A testing kit: the emulated service, bodies in its wire shape, respx routes and pytest fixtures.

emulator = Emulator(events=500, seed=7)
client = FingerprintClient("test-key", transport=emulator.transport())
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fingerprint_async.testing.carriers.httpx_transport import EmulatorTransport
    from fingerprint_async.testing.emulator import (
        DEFAULT_KEYS,
        ApiKey,
        Clock,
        Emulator,
        EmulatorServer,
        Fault,
        FaultKind,
        Hostile,
        Rule,
        Ruleset,
        Seen,
        Truth,
        Webhook,
    )
    from fingerprint_async.testing.factories import (
        make_edge_request,
        make_edge_response,
        make_error,
        make_event,
        make_page,
    )
    from fingerprint_async.testing.interception import (
        RealHostError,
        client_of,
        intercept,
        refuse_real_hosts,
    )
    from fingerprint_async.testing.protocols import ClientProtocol
    from fingerprint_async.testing.routes import error_response, mock_api
    from fingerprint_async.testing.signing import SignedWebhook, make_webhook, seal

__all__ = [
    "DEFAULT_KEYS",
    "ApiKey",
    "ClientProtocol",
    "Clock",
    "Emulator",
    "EmulatorServer",
    "EmulatorTransport",
    "Fault",
    "FaultKind",
    "Hostile",
    "RealHostError",
    "Rule",
    "Ruleset",
    "Seen",
    "SignedWebhook",
    "Truth",
    "Webhook",
    "client_of",
    "error_response",
    "intercept",
    "make_edge_request",
    "make_edge_response",
    "make_error",
    "make_event",
    "make_page",
    "make_webhook",
    "mock_api",
    "refuse_real_hosts",
    "seal",
]

_MODULES = {
    "ClientProtocol": "protocols",
    "RealHostError": "interception",
    "client_of": "interception",
    "error_response": "routes",
    "intercept": "interception",
    "refuse_real_hosts": "interception",
    "EmulatorTransport": "carriers.httpx_transport",
    "make_edge_request": "factories",
    "make_edge_response": "factories",
    "make_error": "factories",
    "make_event": "factories",
    "make_page": "factories",
    "make_webhook": "signing",
    "mock_api": "routes",
    "seal": "signing",
    "SignedWebhook": "signing",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_MODULES.get(name, 'emulator')}")
    value = getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
