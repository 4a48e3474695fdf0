"""A server that behaves like the service, as a process of its own, and processes that use it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60


def free_port() -> int:
    """Return a port on loopback that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    command: list[str], log: Path, *, cwd: Path = ROOT, env: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process; end it as a service manager does, and see that it ends well."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def wait_until(is_ready: Any, process: subprocess.Popen[bytes], log: Path) -> None:
    """Ask until something is there; fail with the log when the process has ended."""
    end = time.monotonic() + START_SECONDS
    while not is_ready():
        if process.poll() is not None or time.monotonic() > end:
            pytest.fail(f"it did not start: {log.read_text()}")
        time.sleep(0.1)


def answers(address: str) -> Any:
    """Make a check whether an address answers at all."""

    def is_ready() -> bool:
        try:
            httpx.get(address, trust_env=False)
        except httpx.TransportError:
            return False
        return True

    return is_ready


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """`fingerprint-async serve`, and how to reach it."""
    folder = tmp_path_factory.mktemp("serve")
    ready, log = folder / "ready.json", folder / "log"
    command = [sys.executable, "-m", "fingerprint_async", "serve", "--port", "0"]
    command += ["--events", "400", "--searchable-after", "0", "--ready-file", str(ready)]
    with running(command, log) as process:
        wait_until(ready.exists, process, log)
        yield json.loads(ready.read_text())


@pytest.fixture(scope="session")
def environment(service: dict[str, Any]) -> dict[str, str]:
    """The settings with which a client reaches the service."""
    return {
        "FINGERPRINT_BASE_URL": service["base_url"],
        "FINGERPRINT_SECRET_API_KEY": service["api_key"],
    }


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str | None]:
    """A Redis of our own, on loopback; None where there is none."""
    if shutil.which("redis-server") is None:
        yield None
        return
    port, log = free_port(), tmp_path_factory.mktemp("redis") / "log"
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    with running(command, log, cwd=log.parent) as process:

        def is_ready() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        wait_until(is_ready, process, log)
        yield f"redis://127.0.0.1:{port}"
