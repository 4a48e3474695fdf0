"""The servers of the document as constants, for the regions of the client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from fingerprint_async._runtime.naming import python_names

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["render_servers", "server_constants"]


def server_constants(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the address of each server, by the name of its constant: that of its host.

    Of several servers of one host, the others are named by their path too. A server without a host,
    or with variables in its address, is none that a client could call.
    """
    addresses = sorted(
        {
            str(server["url"]).rstrip("/")
            for server in document.get("servers") or []
            if isinstance(server, dict) and _is_address(str(server.get("url", "")))
        }
    )
    keys: dict[str, str] = {}
    for address in addresses:
        parts = urlsplit(address)
        host = parts.netloc.lower()
        keys[f"{host}{parts.path}" if host in keys else host] = address
    names = python_names(keys, "member")
    return {names[key]: address for key, address in sorted(keys.items())}


def render_servers(document: Mapping[str, Any], header: str) -> str:
    """Return the module that holds the constants."""
    constants = server_constants(document)
    lines = [
        header,
        '"""The addresses of the servers, by their hosts."""',
        "",
        "from typing import Final",
        "",
        f"__all__ = {sorted(constants)!r}",
        "",
        *(f"{name}: Final = {address!r}" for name, address in constants.items()),
    ]
    return "\n".join(lines) + "\n"


def _is_address(url: str) -> bool:
    if "{" in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and not parts.query
