"""The emulator: the emulated service with its carriers and controls."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Literal

from fingerprint_async.testing.carriers.server import Server, ServerThread
from fingerprint_async.testing.emulator.control import PREFIX, Control
from fingerprint_async.testing.emulator.service import EmulatedService

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping

    from fingerprint_async.testing.carriers import Reply, Request
    from fingerprint_async.testing.carriers.asgi import EmulatorApp
    from fingerprint_async.testing.carriers.httpx_transport import EmulatorTransport
    from fingerprint_async.testing.emulator.access import ApiKey, Region
    from fingerprint_async.testing.emulator.faults import Fault, RetryAfter
    from fingerprint_async.testing.emulator.hostile import Hostile
    from fingerprint_async.testing.emulator.operations import UnknownVisitor
    from fingerprint_async.testing.emulator.rulesets import Ruleset
    from fingerprint_async.testing.synthetic.profiles import Detail

__all__ = ["Emulator", "EmulatorServer"]


class EmulatorServer(Server):
    """A listening emulator.

    Attributes:
        emulator: What answers.
    """

    def __init__(self, emulator: Emulator, *, host: str, port: int, keep_alive: float) -> None:
        super().__init__(emulator, host=host, port=port, keep_alive=keep_alive)
        self.emulator = emulator

    @property
    def base_url(self) -> str:
        """What a client takes as its base URL."""
        return f"{self.origin}/v4"

    @property
    def api_key(self) -> str:
        """A secret key that the emulator accepts."""
        return self.emulator.api_key


class Emulator(EmulatedService):
    """An emulated Fingerprint workspace: the Server API v4 with search, limits, errors and faults.

    Use `transport()` in the same process, `serve()` or `serve_in_thread()` over sockets, `app` under
    any ASGI server. All of them share this object's state. Everything is repeatable: the same
    arguments and requests give the same bytes.

    Args:
        events: How many synthetic events. They are made on demand, so a million cost some 20 MB.
        start: Unix ms of the first; 30 days before `end` (or what the retention allows) unless given.
        end: Unix ms of the last; now unless given.
        seed: Other numbers give other events, latencies and faults.
        detail: `full` events of about 6 kB, or `slim` ones of half a kB where speed counts.
        rate: Requests per second; no limit unless given (the service's default is 5).
        burst: What the token bucket holds; three times the rate unless given.
        retry_after: The form of `Retry-After` on a 429.
        latency: Seconds each answer takes: a number, or the lowest and highest.
        faults: What goes wrong, see `Fault`.
        hostile: What it does that the service never promised not to do, see `Hostile`.
        keys: Secret keys accepted: their names, or names and what they give access to.
            `DEFAULT_KEYS` unless given.
        region: The region this emulator stands for.
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
        rate: float | None = None,
        burst: float | None = None,
        retry_after: RetryAfter = "none",
        latency: float | tuple[float, float] = 0.0,
        faults: Iterable[Fault] = (),
        hostile: Iterable[Hostile] = (),
        keys: Mapping[str, ApiKey] | Iterable[str] | None = None,
        region: Region = "us",
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
        remembered: int = 1_000,
        clock: Callable[[], float] | None = None,
    ) -> None:
        super().__init__(
            events=events,
            start=start,
            end=end,
            seed=seed,
            detail=detail,
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
            remembered=remembered,
            clock=clock,
        )
        self._control = Control(self)

    def handle(self, request: Request) -> Reply:
        """Answer one request, or a control below `/_emulator/`.

        Whoever carries the reply calls `request_finished()` once it is delivered or given up.
        """
        if request.path.startswith(PREFIX):
            self.account.in_flight += 1
            return self._control.answer(request)
        return super().handle(request)

    @property
    def app(self) -> EmulatorApp:
        """This emulator as an ASGI application."""
        from fingerprint_async.testing.carriers.asgi import EmulatorApp

        return EmulatorApp(self)

    def transport(self) -> EmulatorTransport:
        """Return an httpx transport to this emulator, without sockets."""
        from fingerprint_async.testing.carriers.httpx_transport import EmulatorTransport

        return EmulatorTransport(self)

    @asynccontextmanager
    async def serve(
        self, *, host: str = "127.0.0.1", port: int = 0, keep_alive: float = 75.0
    ) -> AsyncIterator[EmulatorServer]:
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
    ) -> Iterator[EmulatorServer]:
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
