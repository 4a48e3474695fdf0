"""Opening a connection to a name that may have several addresses, on any event loop."""

from __future__ import annotations

import asyncio
import ipaddress
import itertools
import socket
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["dial"]

P = TypeVar("P", bound=asyncio.Protocol)

_RACE_SECONDS: Final = 0.25
"""What the first address of a name has before the next one is tried beside it (RFC 8305)."""


async def dial(protocol: Callable[[], P], host: str, port: int) -> tuple[asyncio.BaseTransport, P]:
    """Open a connection to a host, by whichever of its addresses answers first.

    asyncio's own race is a keyword that other event loops do not take, and it loses a socket
    when it is cancelled at its end.

    Raises:
        OSError: No address could be connected to: what the first one failed with.
    """
    loop = asyncio.get_running_loop()
    if _is_literal(host):
        return await loop.create_connection(protocol, host, port)
    addresses = await _addresses(host, port)
    if len(addresses) == 1:
        return await loop.create_connection(protocol, addresses[0], port)
    return await _race(protocol, addresses, port)


async def _race(
    protocol: Callable[[], P], addresses: list[str], port: int
) -> tuple[asyncio.BaseTransport, P]:
    loop = asyncio.get_running_loop()
    rest = iter(addresses)
    attempts: set[asyncio.Task[tuple[asyncio.BaseTransport, P]]] = set()
    failures: list[OSError] = []
    try:
        while True:
            address = next(rest, None)
            if address is not None:
                attempts.add(asyncio.create_task(loop.create_connection(protocol, address, port)))
            elif not attempts:
                raise failures[0]
            done, _ = await asyncio.wait(
                attempts,
                timeout=None if address is None else _RACE_SECONDS,
                return_when=asyncio.FIRST_COMPLETED,
            )
            for attempt in done:
                attempts.remove(attempt)
                try:
                    return attempt.result()
                except OSError as error:
                    failures.append(error)
    finally:
        await _end(attempts)


async def _end(attempts: set[asyncio.Task[tuple[asyncio.BaseTransport, P]]]) -> None:
    """Cancel what is still going on, and close what connected all the same."""
    for attempt in attempts:
        attempt.add_done_callback(_close)
        attempt.cancel()
    if attempts:
        await asyncio.wait(attempts)


def _close(attempt: asyncio.Task[tuple[asyncio.BaseTransport, P]]) -> None:
    if not attempt.cancelled() and attempt.exception() is None:
        transport, _ = attempt.result()
        transport.close()


async def _addresses(host: str, port: int) -> list[str]:
    """Resolve a name; the families of its addresses take turns (RFC 8305)."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    families: dict[int, dict[str, None]] = {}
    for family, _, _, _, address in found:
        families.setdefault(family, {})[str(address[0])] = None
    turns = itertools.zip_longest(*families.values())
    addresses = [address for turn in turns for address in turn if address is not None]
    if not addresses:
        raise OSError("the name has no address")
    return addresses


def _is_literal(host: str) -> bool:
    """Tell whether a host is an address, not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
