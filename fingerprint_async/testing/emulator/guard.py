"""Who may drive an emulator: this machine, or whoever has the token; no page of others."""

from __future__ import annotations

import hmac
import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from fingerprint_async.testing.emulator.errors import ApiError

if TYPE_CHECKING:
    from fingerprint_async.testing.carriers import Request

__all__ = ["check_caller", "is_loopback"]

TOKEN_HEADER = "x-emulator-token"  # noqa: S105 - the name of a header


def is_loopback(host: str) -> bool:
    """Return whether a host name or address is this machine's loopback."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def check_caller(request: Request, *, token: str | None, from_socket: bool) -> None:
    """Raise unless a request may drive the emulator.

    Args:
        request: A request below `/_emulator/`.
        token: What it must bring; `None` where the loopback interface is protection enough.
        from_socket: Whether it came over a socket of ours, so that its Host can be judged.

    Raises:
        ApiError: 403.
    """
    host = request.headers.get("host", "")
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        raise _refused("a page of another origin must not drive the emulator")
    if token is not None:
        given = request.headers.get(TOKEN_HEADER) or dict(parse_qsl(request.query)).get("token", "")
        if not hmac.compare_digest(given.encode(), token.encode()):
            raise _refused(f"the admin token is missing or wrong; send it as {TOKEN_HEADER}")
    elif from_socket and not is_loopback(_host_name(host)):
        raise _refused("the Host header must name this machine's loopback interface")


def _host_name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _refused(message: str) -> ApiError:
    return ApiError(403, "forbidden", message)
