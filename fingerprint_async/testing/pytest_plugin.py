"""pytest fixtures: installed with the package, loaded by pytest itself, costing nothing until used.

@pytest.mark.fingerprint_emulator(events=500, rate=5)
async def test_my_service(fingerprint_client, fingerprint_events): ...
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    import respx

    from fingerprint_async.client import FingerprintClient
    from fingerprint_async.testing.emulator import Emulator, EmulatorServer

_MARKER = "fingerprint_emulator"
_REFUSE = "fingerprint_refuse_real_hosts"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Announce the setting."""
    parser.addini(
        _REFUSE,
        "Fail a test that would send a request of fingerprint_async to another machine.",
        type="bool",
        default=False,
    )


def pytest_configure(config: pytest.Config) -> None:
    """Announce the marker; spread the net if it is asked for."""
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(**options): what the fingerprint fixtures' emulator is made with; see "
        "fingerprint_async.testing.Emulator.",
    )
    if config.getini(_REFUSE):
        from fingerprint_async.testing.interception import refuse_real_hosts

        net = ExitStack()
        net.enter_context(refuse_real_hosts())
        config.add_cleanup(net.close)


@pytest.fixture
def fingerprint_emulator(request: pytest.FixtureRequest) -> Emulator:
    """Make an emulator for the test; the marker of the same name says with what."""
    from fingerprint_async.testing.emulator import Emulator

    marker = request.node.get_closest_marker(_MARKER)
    options: dict[str, Any] = {} if marker is None else dict(marker.kwargs)
    return Emulator(**options)


@pytest.fixture
def fingerprint_client(fingerprint_emulator: Emulator) -> FingerprintClient:
    """Make a client of the test's emulator that never waits: a wait moves the emulator's clock."""
    from fingerprint_async.testing.interception import client_of

    return client_of(fingerprint_emulator)


@pytest.fixture
def fingerprint_events(fingerprint_emulator: Emulator) -> list[dict[str, Any]]:
    """Return the events that the test's emulator holds, newest first."""
    return fingerprint_emulator.events()


@pytest.fixture
def fingerprint_server(
    fingerprint_emulator: Emulator,
) -> Generator[EmulatorServer, None, None]:
    """Serve the test's emulator on a loopback socket, for any kind of client."""
    with fingerprint_emulator.serve_in_thread() as server:
        yield server


@pytest.fixture
def fingerprint_intercept(fingerprint_emulator: Emulator) -> Generator[Emulator, None, None]:
    """Have the test's emulator answer every client that the code under test makes."""
    from fingerprint_async.testing.interception import intercept

    with intercept(fingerprint_emulator) as emulator:
        yield emulator


@pytest.fixture
def fingerprint_api(fingerprint_emulator: Emulator) -> Generator[respx.MockRouter, None, None]:
    """Put the test's emulator in the place of the service's hosts, for any user of httpx."""
    from fingerprint_async.testing.routes import mock_api

    with mock_api(fingerprint_emulator) as router:
        yield router
