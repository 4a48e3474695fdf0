"""The status page in a real browser: live numbers, light and dark."""

from __future__ import annotations

import shutil
import struct
import subprocess
import zlib
from typing import TYPE_CHECKING

import httpx
import pytest

from fingerprint_async.testing import Emulator, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fingerprint_async.testing import EmulatorServer

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
AUTH = {"authorization": "Bearer test-key"}
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=2000")

needs_browser = pytest.mark.skipif(BROWSER is None, reason="chromium is not on PATH")


@pytest.fixture
def server() -> Iterator[EmulatorServer]:
    """A server that answered eight requests: a 404, two 503, five of six searches, a 429."""
    emulator = Emulator(events=50, rate=0.001, burst=7, detail="slim")
    with emulator.serve_in_thread() as server:
        with httpx.Client(base_url=server.base_url, headers=AUTH) as client:
            client.get("/events/1700000000000.aaaaaa")
            emulator.set_faults(Fault(kind="unavailable", times=2))
            for _ in range(7):
                client.get("/events?<b>markup</b>")
        yield server


def browse(url: str, profile: Path, *flags: str) -> str:
    """Open a page in the browser; return what it prints."""
    assert BROWSER is not None
    command = [BROWSER, *FLAGS, f"--user-data-dir={profile}", *flags, url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def test_the_page_needs_nothing_from_elsewhere(server: EmulatorServer) -> None:
    """It is one file, with a policy that lets it load nothing of others."""
    answer = httpx.get(f"{server.origin}/_emulator/")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "http" not in answer.text.replace("http://www.w3.org/2000/svg", "").replace("HTTP", "")


@pytest.mark.slow
@needs_browser
def test_it_shows_what_happens(server: EmulatorServer, tmp_path: Path) -> None:
    """Requests, 429s and tokens are in the page; a query is shown as text, not as markup."""
    page = browse(f"{server.origin}/_emulator/", tmp_path, "--dump-dom")
    assert '<b id="requests">8</b>' in page
    assert '<b id="limited">1</b>' in page
    assert '<b id="tokens">0.0 / 7</b>' in page
    assert page.count('class="s429"') == 1
    assert page.count('class="s5"') == 2
    assert page.count("searchEvents") == 7
    assert "unavailable" in page
    assert "<b>markup" not in page
    assert ">live<" in page


@pytest.mark.slow
@needs_browser
def test_it_brings_its_token(tmp_path: Path) -> None:
    """With a token in its address the page reads what the token protects; without, it says so."""
    emulator = Emulator(events=5, admin_token="t0ken")
    with emulator.serve_in_thread() as server:
        page = browse(f"{server.origin}/_emulator/?token=t0ken", tmp_path, "--dump-dom")
        assert ">live<" in page
        refused = browse(f"{server.origin}/_emulator/", tmp_path, "--dump-dom")
        assert "admin token is missing" in refused


@pytest.mark.slow
@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_light_or_dark(server: EmulatorServer, tmp_path: Path, scheme: str) -> None:
    """It follows the browser's colour scheme."""
    shot = tmp_path / "page.png"
    flags = ["--blink-settings=preferredColorScheme=0"] if scheme == "dark" else []
    browse(f"{server.origin}/_emulator/", tmp_path / "profile", f"--screenshot={shot}", *flags)
    red, green, blue = first_pixel(shot.read_bytes())
    assert (min(red, green, blue) > 200) if scheme == "light" else (max(red, green, blue) < 60)


def first_pixel(png: bytes) -> tuple[int, int, int]:
    """Return the colour of the upper left pixel: the first of a PNG is stored as it is."""
    at, packed = 8, b""
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            packed += png[at + 8 : at + 8 + length]
        at += 12 + length
    row = zlib.decompress(packed)
    return row[1], row[2], row[3]
