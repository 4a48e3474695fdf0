"""pytest fixtures: installed with the package, loaded by pytest itself, costing nothing until one is used.

@pytest.mark.fingerprint_emulator(events=500, rate=5)
async def test_my_service(fingerprint_emulator): ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    import respx

    from fingerprint_async.testing import EmulatorServer
    from fingerprint_async.testing.emulator import Emulator

_MARKER = "fingerprint_emulator"


def pytest_configure(config: pytest.Config) -> None:
    """Announces the marker."""
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(**options): what the fingerprint fixtures' emulator is made with; see fingerprint_async.testing.Emulator.",
    )


@pytest.fixture
def fingerprint_emulator(request: pytest.FixtureRequest) -> Emulator:
    """An emulator of its own for the test; the marker of the same name says what it is made with."""
    from fingerprint_async.testing.emulator import Emulator

    marker = request.node.get_closest_marker(_MARKER)
    options: dict[str, Any] = {} if marker is None else dict(marker.kwargs)
    return Emulator(**options)


@pytest.fixture
def fingerprint_server(fingerprint_emulator: Emulator) -> Iterator[EmulatorServer]:
    """The test's emulator on a loopback socket, in a thread: for any kind of client in any kind of test."""
    with fingerprint_emulator.serve_in_thread() as server:
        yield server


@pytest.fixture
def fingerprint_api(fingerprint_emulator: Emulator) -> Iterator[respx.MockRouter]:
    """The test's emulator in the place of the real hosts' default one, for code that makes its own client. Needs respx."""
    from fingerprint_async.testing.routes import mock_api

    with mock_api(fingerprint_emulator) as router:
        yield router
