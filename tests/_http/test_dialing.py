"""Connections to names with several addresses."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import pytest

from fingerprint_async._http.backends._dialing import dial

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

DEAD, SLOW, LIVE = "192.0.2.1", "192.0.2.2", "192.0.2.3"


class Transport:
    """A connection that tells whether it was closed."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.is_closed = False

    def close(self) -> None:
        """Close it."""
        self.is_closed = True


class Net:
    """Stands for the loop's network: what each address does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, addresses: list[str]) -> None:
        self.addresses = addresses
        self.behaviour: dict[str, Any] = {}
        self.tried: list[str] = []
        self.made: list[Transport] = []
        self.all_tried = asyncio.Event()
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "getaddrinfo", self.resolve)
        monkeypatch.setattr(loop, "create_connection", self.connect)
        monkeypatch.setattr("fingerprint_async._http.backends._dialing._RACE_SECONDS", 0.01)

    async def resolve(self, _host: str, port: int, **_: Any) -> list[Any]:
        """Return the addresses, as the loop does."""
        families = [socket.AF_INET6 if ":" in one else socket.AF_INET for one in self.addresses]
        return [
            (family, socket.SOCK_STREAM, 6, "", (one, port))
            for family, one in zip(families, self.addresses, strict=True)
        ]

    async def connect(self, protocol: Any, host: str, _port: int) -> tuple[Any, Any]:
        """Do what the address does."""
        self.tried.append(host)
        if len(self.tried) == len(self.addresses):
            self.all_tried.set()
        does = self.behaviour.get(host)
        if isinstance(does, BaseException):
            raise does
        if does is not None:
            await does.wait()
        transport = Transport(host)
        self.made.append(transport)
        return transport, protocol()


@pytest.fixture
async def net(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Net]:
    """A network of three addresses; nothing is left running."""
    yield Net(monkeypatch, [DEAD, SLOW, LIVE])
    assert len(asyncio.all_tasks()) == 1


async def dialled(host: str = "a.example") -> Any:
    """The address that was connected to."""
    transport, _ = await dial(asyncio.Protocol, host, 443)
    return transport


async def test_the_next_address_is_tried_beside_a_silent_one(net: Net) -> None:
    """Whichever answers first is taken, and the others are given up."""
    net.behaviour = {DEAD: asyncio.Event(), SLOW: asyncio.Event()}
    assert (await dialled()).address == LIVE
    assert net.tried == [DEAD, SLOW, LIVE]


async def test_the_next_address_is_tried_at_once_after_a_refusal(
    net: Net, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without waiting for the race's turn."""
    monkeypatch.setattr("fingerprint_async._http.backends._dialing._RACE_SECONDS", 3600)
    net.behaviour = {DEAD: ConnectionRefusedError(), SLOW: OSError("unreachable")}
    assert (await dialled()).address == LIVE


async def test_all_refused_is_what_the_first_one_failed_with(net: Net) -> None:
    """An `OSError`, as of one address."""
    net.behaviour = {DEAD: ConnectionRefusedError(), SLOW: OSError("b"), LIVE: OSError("c")}
    with pytest.raises(ConnectionRefusedError):
        await dialled()


async def test_a_late_second_connection_is_closed(net: Net) -> None:
    """Two that answer at the same time: one is taken, and no socket is lost."""
    both = asyncio.Event()
    net.behaviour = {DEAD: both, SLOW: both, LIVE: both}
    dialling = asyncio.create_task(dialled())
    await net.all_tried.wait()
    both.set()
    taken = await dialling
    assert not taken.is_closed
    assert all(one.is_closed for one in net.made if one is not taken)


async def test_a_cancelled_race_leaves_nothing(net: Net) -> None:
    """No attempt goes on; the fixture looks for tasks."""
    net.behaviour = {DEAD: asyncio.Event(), SLOW: asyncio.Event(), LIVE: asyncio.Event()}
    dialling = asyncio.create_task(dialled())
    await net.all_tried.wait()
    dialling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dialling


async def test_families_take_turns(net: Net) -> None:
    """A dead IPv6 costs one turn, however many of its addresses there are."""
    net.addresses = ["2001:db8::1", "2001:db8::2", "2001:db8::3", DEAD, LIVE, DEAD]
    refused = OSError("unreachable")
    net.behaviour = dict.fromkeys(net.addresses, refused)
    with pytest.raises(OSError, match="unreachable"):
        await dialled()
    assert net.tried == ["2001:db8::1", DEAD, "2001:db8::2", LIVE, "2001:db8::3"]


@pytest.mark.parametrize("host", ["192.0.2.9", "2001:db8::9"])
async def test_an_address_is_asked_of_no_name_server(net: Net, host: str) -> None:
    """It is connected to as it is."""
    net.addresses = []
    assert (await dialled(host)).address == host


async def test_a_name_without_addresses_is_an_error(net: Net) -> None:
    """Of the same kind."""
    net.addresses = []
    with pytest.raises(OSError, match="no address"):
        await dialled()
