"""The status page: requests, refusals and tokens as they happen, in a browser."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fingerprint_async.testing.carriers import Reply

__all__ = ["status_page"]

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


@cache
def _page() -> bytes:
    return Path(__file__).with_name("status.html").read_bytes()


def status_page() -> Reply:
    """Return the page; it asks `/_emulator/requests` for what it shows."""
    headers = [("content-security-policy", _POLICY), ("cache-control", "no-store")]
    return Reply(200, _page(), "text/html; charset=utf-8", headers=headers)
