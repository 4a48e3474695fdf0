"""Clients of this SDK, answered by an emulator: of any region, base URL or transport."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs

from fingerprint_async._http.backends import open_real_backend, replaced_backends
from fingerprint_async._http.message import Headers, HttpResponse
from fingerprint_async._secret import Secret
from fingerprint_async.client import FingerprintClient
from fingerprint_async.errors import APIConnectionError, APITimeoutError
from fingerprint_async.ratelimit import RateLimit
from fingerprint_async.testing.carriers import Reply, Request
from fingerprint_async.testing.carriers.message import DRIP_PIECES
from fingerprint_async.testing.emulator import HOSTS, Emulator, region_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

    from fingerprint_async._http.message import Backend, HttpRequest
    from fingerprint_async.config import ClientOptions, Timeouts

    Sleep = Callable[[float], Awaitable[object]]

__all__ = ["RealHostError", "client_of", "intercept", "refuse_real_hosts"]


class RealHostError(AssertionError):
    """A test would have sent a request, and the key with it, to a real host."""


@contextmanager
def intercept(emulator: Emulator | None = None) -> Generator[Emulator, None, None]:
    """While inside, have an emulator answer every client of this SDK that opens.

        with intercept() as emulator:
            await my_service.check(emulator.add_event(vpn=True)["event_id"])
        assert emulator.requests[-1].operation == "getEvent"

    No request of such a client leaves the process, whatever its region, base URL or transport is
    (`fast`, and a client or transport of the caller's, included). It keeps its waits, retries and
    limits. After the block it fails instead of sending.

    Args:
        emulator: What answers; a new one of all regions unless given.
    """
    answering = Emulator(region="all") if emulator is None else emulator
    block = _Block(answering)
    try:
        with replaced_backends(block.open):
            yield answering
    finally:
        block.is_over = True


@contextmanager
def refuse_real_hosts() -> Generator[None, None, None]:
    """While inside, fail every client that would send to another machine.

    A net under a suite of tests: clients of a server on this machine, of a transport of their own,
    and those inside `intercept()` go on.

    Raises:
        RealHostError: In the call that would send.
    """
    with replaced_backends(_refusing):
        yield


def client_of(emulator: Emulator, **options: Any) -> FingerprintClient:
    """Return a client of an emulator that never waits: each wait moves the emulator's clock.

    Args:
        emulator: What answers.
        **options: Arguments of `FingerprintClient`; there is no rate limit unless given.
    """
    options.setdefault("rate_limit", RateLimit.off())
    options.setdefault("api_key", emulator.api_key)
    sleep = emulator.clock.sleep
    client = FingerprintClient(transport=emulator.transport(sleep=sleep), **options)
    settled = attrs.evolve(client.options, clock=emulator.clock, sleep=sleep)
    # There is no public way to the clock of a client.
    client._set_up(client.region, settled, None)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    return client


def _refusing(options: ClientOptions) -> Backend:
    own = options.http_client or options.transport
    is_callers = own is not None and not isinstance(own, str)
    if options.base_url.is_loopback or is_callers:
        return open_real_backend(options)
    return _RefusingBackend(options.base_url.host)


class _RefusingBackend:
    """A backend that sends nothing."""

    def __init__(self, host: str) -> None:
        self._host = host

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Fail the test."""
        raise RealHostError(
            f"a test would send {request.operation} to {self._host}; wrap it in "
            "fingerprint_async.testing.intercept()"
        )

    async def drop_idle(self) -> None:
        """Have no connections."""

    async def aclose(self) -> None:
        """Have nothing to close."""


class _Block:
    """One `intercept` block.

    Attributes:
        emulator: What answers.
        is_over: Whether the block has ended.
    """

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.is_over = False

    def open(self, options: ClientOptions) -> Backend:
        """Make the backend of one client."""
        return _EmulatorBackend(self, options)


class _EmulatorBackend:
    """An emulator in the place of a backend."""

    def __init__(self, block: _Block, options: ClientOptions) -> None:
        self._block = block
        self._options = options

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Answer a request as the emulator does; faults become this SDK's errors."""
        options, emulator = self._options, self._block.emulator
        if self._block.is_over:
            raise RealHostError(
                f"the block of intercept() has ended; {request.operation} would go to "
                f"{options.base_url.host}"
            )
        asked = _asked(request, options)
        host = options.base_url.host
        is_real = host in HOSTS
        reply = emulator.answer(asked, region_of(host)) if is_real else emulator.handle(asked)
        try:
            return await _delivered(reply, request.timeouts, options.sleep)
        finally:
            emulator.request_finished()

    async def drop_idle(self) -> None:
        """Have no connections."""

    async def aclose(self) -> None:
        """Have nothing to close."""


def _asked(request: HttpRequest, options: ClientOptions) -> Request:
    """Return a request as the emulator takes it: below `/v4`, whatever the base URL's path is."""
    parts = urlsplit(request.url)
    headers = {
        name.lower(): value.reveal_text() if isinstance(value, Secret) else value
        for name, value in request.headers
    }
    headers["host"] = parts.netloc
    path = "/v4" + parts.path.removeprefix(options.base_url.path)
    return Request(request.method, path, parts.query, headers, request.content or b"")


async def _delivered(reply: Reply, timeouts: Timeouts, sleep: Sleep) -> HttpResponse:
    delivery = reply.delivery
    await _wait(reply.delay, timeouts.read, sleep)
    if delivery.kind in ("closed", "reset", "cut"):
        raise APIConnectionError("the connection ended before the whole answer came")
    if delivery.kind == "drip":
        for _ in reply.pieces():
            await _wait(delivery.seconds / DRIP_PIECES, timeouts.read, sleep)
    return HttpResponse(
        status=reply.status, reason="", headers=Headers(reply.head()), content=reply.body
    )


async def _wait(seconds: float, patience: float | None, sleep: Sleep) -> None:
    if patience is not None and seconds > patience:
        await sleep(patience)
        raise APITimeoutError(f"no answer came for {patience:g} s")
    if seconds > 0:
        await sleep(seconds)
