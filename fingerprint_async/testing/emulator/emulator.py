"""The emulator: the emulated service with its carriers and controls."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Literal

from fingerprint_async.testing.carriers import Reply
from fingerprint_async.testing.carriers.server import Server, ServerThread
from fingerprint_async.testing.emulator.access import REGIONS, region_of
from fingerprint_async.testing.emulator.control import PREFIX, Control
from fingerprint_async.testing.emulator.errors import ApiError
from fingerprint_async.testing.emulator.guard import check_caller, is_loopback
from fingerprint_async.testing.emulator.service import EmulatedService
from fingerprint_async.testing.factories import encode, make_error

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable, Mapping

    from fingerprint_async.testing.carriers import Request
    from fingerprint_async.testing.carriers.asgi import EmulatorApp
    from fingerprint_async.testing.carriers.httpx_transport import EmulatorTransport
    from fingerprint_async.testing.emulator.access import ApiKey, Region
    from fingerprint_async.testing.emulator.faults import Fault, RetryAfter
    from fingerprint_async.testing.emulator.hostile import Hostile
    from fingerprint_async.testing.emulator.operations import UnknownVisitor
    from fingerprint_async.testing.emulator.rulesets import Ruleset
    from fingerprint_async.testing.emulator.webhooks import Webhook
    from fingerprint_async.testing.synthetic.profiles import Detail

__all__ = ["Emulator", "EmulatorServer"]


WEBHOOK_POLL_SECONDS = 0.05


class _Entrance:
    """An emulator as the service of one socket."""

    def __init__(self, emulator: Emulator, region: Region | None, token: str | None) -> None:
        self._emulator = emulator
        self._region: Region | None = region
        self._token = token
        self.request_finished = emulator.request_finished
        self.connection_opened = emulator.connection_opened
        self.connection_closed = emulator.connection_closed

    def handle(self, request: Request) -> Reply:
        """Answer one request that came over the socket."""
        if request.path.startswith(PREFIX):
            return self._emulator.control(request, token=self._token, from_socket=True)
        if self._region is None:
            return self._emulator.handle(request)
        return self._emulator.answer(request, self._region)


class EmulatorServer(Server):
    """A listening emulator.

    Attributes:
        emulator: What answers.
        admin_token: What controls below `/_emulator/` must bring; `None` on the loopback interface.
    """

    def __init__(
        self,
        emulator: Emulator,
        *,
        host: str,
        port: int,
        keep_alive: float,
        region: Region | None = None,
    ) -> None:
        token = emulator.admin_token
        if token is None and host and not is_loopback(host):
            token = secrets.token_urlsafe(24)
        entrance = _Entrance(emulator, region, token)
        super().__init__(entrance, host=host, port=port, keep_alive=keep_alive)
        self.emulator = emulator
        self.admin_token = token
        self._webhooks: asyncio.Task[None] | None = None

    @property
    def base_url(self) -> str:
        """What a client takes as its base URL."""
        return f"{self.origin}/v4"

    @property
    def api_key(self) -> str:
        """A secret key that the emulator accepts."""
        return self.emulator.api_key

    async def listen(self) -> None:
        """Open the socket; from now on webhooks are delivered."""
        await super().listen()
        self._webhooks = asyncio.create_task(self._deliver_webhooks())

    async def close(self) -> None:
        """Close the socket and every connection; answers under way are dropped."""
        if self._webhooks is not None:
            self._webhooks.cancel()
            await asyncio.gather(self._webhooks, return_exceptions=True)
            self._webhooks = None
        await super().close()

    async def _deliver_webhooks(self) -> None:
        while True:
            await asyncio.sleep(WEBHOOK_POLL_SECONDS)
            if self.emulator.outbox.webhooks:
                await asyncio.to_thread(self.emulator.deliver_webhooks)


class Emulator(EmulatedService):
    """An emulated Fingerprint workspace: the Server API v4 with search, limits, errors and faults.

    Use `transport()` in the same process, `serve()` or `serve_in_thread()` over sockets, `app`
    under any ASGI server. All of them share this object's state. Everything is repeatable: the same
    arguments and requests give the same bytes.

    Args:
        events: How many synthetic events. They are made on demand, so a million cost some 20 MB.
        start: Unix ms of the first; as far back as the retention allows, or 30 days, unless given.
        end: Unix ms of the last; now unless given.
        seed: Other numbers give other events, latencies and faults.
        detail: `full` events of about 6 kB, or `slim` ones of half a kB where speed counts.
        rates: How often signals are true, by name; as `RATES` says unless given.
        tomorrow: The share of devices whose events have fields and values of a later schema.
        rate: Requests per second; no limit unless given (the service's default is 5).
        burst: What the token bucket holds; three times the rate unless given.
        retry_after: The form of `Retry-After` on a 429.
        latency: Seconds each answer takes: a number, or the lowest and highest.
        faults: What goes wrong, see `Fault`.
        hostile: What it does that the service never promised not to do, see `Hostile`.
        keys: Secret keys accepted: their names, or names and what they give access to.
            `DEFAULT_KEYS` unless given.
        region: The region this emulator stands for; `all`: the host that is asked decides.
        retention: Days that events are kept; an explicit `start` further back is refused. No bound
            unless given.
        deletion: Whether visitors can be deleted (the service: on request only).
        deletion_seconds: How long a deletion takes.
        edge: Whether edge analysis is enabled.
        feedback: Whether event feedback is enabled.
        fresh: Seconds during which an event that came in cannot be updated (409).
        searchable_after: Seconds until a search finds an event that came in.
        key_lifetime: Seconds until a pagination key is refused; no bound unless given.
        unknown_visitor: A search for a visitor without events finds nothing (`empty`) or is a 404
            (`not_found`): sources disagree on the service.
        live: Events come in as time passes: those of the future are not there yet.
        late: The share of events that come in late, and by at most how many seconds.
        rulesets: Known rulesets by id; `allow` or `block` decide so for every event.
        webhooks: Where new events are sent.
        sealing_key: What sealed results are sealed with, base64 of 32 bytes; made from the seed
            unless given.
        admin_token: What controls below `/_emulator/` must bring; needed for a server that others
            than this machine can reach, which makes one unless given.
        remembered: How many of the last requests `requests` holds.
        clock: Unix seconds, ascending, or a `Clock`; the emulator knows no other time.
    """

    def __init__(
        self,
        *,
        events: int = 1_000,
        start: int | None = None,
        end: int | None = None,
        seed: int = 0,
        detail: Detail = "full",
        rates: Mapping[str, float] | None = None,
        tomorrow: float = 0.0,
        rate: float | None = None,
        burst: float | None = None,
        retry_after: RetryAfter = "none",
        latency: float | tuple[float, float] = 0.0,
        faults: Iterable[Fault] = (),
        hostile: Iterable[Hostile] = (),
        keys: Mapping[str, ApiKey] | Iterable[str] | None = None,
        region: Region | Literal["all"] = "us",
        retention: float | None = None,
        deletion: bool = False,
        deletion_seconds: float = 0.0,
        edge: bool = True,
        feedback: bool = False,
        fresh: float = 12.0,
        searchable_after: float = 5.0,
        key_lifetime: float | None = None,
        unknown_visitor: UnknownVisitor = "empty",
        live: bool = False,
        late: tuple[float, float] | None = None,
        rulesets: Mapping[str, Literal["allow", "block"] | Ruleset] | None = None,
        webhooks: Iterable[Webhook] = (),
        sealing_key: str | None = None,
        admin_token: str | None = None,
        remembered: int = 1_000,
        clock: Callable[[], float] | None = None,
    ) -> None:
        super().__init__(
            events=events,
            start=start,
            end=end,
            seed=seed,
            detail=detail,
            rates=rates,
            tomorrow=tomorrow,
            rate=rate,
            burst=burst,
            retry_after=retry_after,
            latency=latency,
            faults=faults,
            hostile=hostile,
            keys=keys,
            region=region,
            retention=retention,
            deletion=deletion,
            deletion_seconds=deletion_seconds,
            edge=edge,
            feedback=feedback,
            fresh=fresh,
            searchable_after=searchable_after,
            key_lifetime=key_lifetime,
            unknown_visitor=unknown_visitor,
            live=live,
            late=late,
            rulesets=rulesets,
            webhooks=webhooks,
            sealing_key=sealing_key,
            admin_token=admin_token,
            remembered=remembered,
            clock=clock,
        )
        self._control = Control(self)
        self._thread: ServerThread | None = None

    def handle(self, request: Request) -> Reply:
        """Answer one request, or a control below `/_emulator/`.

        Whoever carries the reply calls `request_finished()` once it is delivered or given up.
        """
        if request.path.startswith(PREFIX):
            return self.control(request, token=self.admin_token, from_socket=False)
        host = request.headers.get("host", "")
        region: Region = region_of(host) if self.region == "all" else self.region
        return self.answer(request, region)

    def control(self, request: Request, *, token: str | None, from_socket: bool) -> Reply:
        """Answer one request below `/_emulator/`.

        Args:
            request: The request.
            token: What it must bring, if anything.
            from_socket: Whether it came over a socket of ours.
        """
        self.account.in_flight += 1
        try:
            check_caller(request, token=token, from_socket=from_socket)
        except ApiError as error:
            return Reply(error.status, encode(make_error(error.code, error.message)))
        return self._control.answer(request)

    @property
    def app(self) -> EmulatorApp:
        """This emulator as an ASGI application."""
        from fingerprint_async.testing.carriers.asgi import EmulatorApp

        return EmulatorApp(self)

    def transport(
        self, *, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    ) -> EmulatorTransport:
        """Return an httpx transport to this emulator, without sockets.

        Args:
            sleep: Waits for latency and faults; `emulator.clock.sleep` takes no time.
        """
        from fingerprint_async.testing.carriers.httpx_transport import EmulatorTransport

        return EmulatorTransport(self, sleep=sleep)

    @asynccontextmanager
    async def serve(
        self, *, host: str = "127.0.0.1", port: int = 0, keep_alive: float = 75.0
    ) -> AsyncGenerator[EmulatorServer, None]:
        """Serve over sockets in the running event loop: `async with emulator.serve() as server`.

        Args:
            host: Where to listen.
            port: 0 for any free one.
            keep_alive: Seconds after which an idle connection is closed.
        """
        server = EmulatorServer(self, host=host, port=port, keep_alive=keep_alive)
        await server.listen()
        try:
            yield server
        finally:
            await server.close()

    @contextmanager
    def serve_in_thread(
        self, *, host: str = "127.0.0.1", port: int = 0, keep_alive: float = 75.0
    ) -> Generator[EmulatorServer, None, None]:
        """Serve over sockets from a thread: `with emulator.serve_in_thread() as server`.

        Args:
            host: Where to listen.
            port: 0 for any free one.
            keep_alive: Seconds after which an idle connection is closed.
        """
        server = EmulatorServer(self, host=host, port=port, keep_alive=keep_alive)
        thread = ServerThread(server)
        thread.start()
        try:
            yield server
        finally:
            thread.stop()

    @asynccontextmanager
    async def serve_regions(
        self, *, host: str = "127.0.0.1", port: int = 0, keep_alive: float = 75.0
    ) -> AsyncGenerator[dict[Region, EmulatorServer], None]:
        """Serve all regions at once, each on a port of its own.

        Args:
            host: Where to listen.
            port: The first of three in a row; 0 for any free ones.
            keep_alive: Seconds after which an idle connection is closed.
        """
        async with AsyncExitStack() as stack:
            servers: dict[Region, EmulatorServer] = {}
            for number, region in enumerate(REGIONS):
                server = EmulatorServer(
                    self,
                    host=host,
                    port=port + number if port else 0,
                    keep_alive=keep_alive,
                    region=region,
                )
                await server.listen()
                stack.push_async_callback(server.close)
                servers[region] = server
            yield servers

    def start_server(self, *, host: str = "127.0.0.1", port: int = 0) -> EmulatorServer:
        """Serve from a thread until `stop_server()`: for notebooks and interactive sessions.

        Raises:
            RuntimeError: It is serving already.
        """
        if self._thread is not None:
            raise RuntimeError("it is serving already; call stop_server() first")
        server = EmulatorServer(self, host=host, port=port, keep_alive=75.0)
        thread = ServerThread(server)
        thread.start()
        self._thread = thread
        return server

    def stop_server(self) -> None:
        """End what `start_server()` began; nothing happens when nothing runs."""
        if self._thread is not None:
            self._thread.stop()
            self._thread = None
