"""Blocking clients and iterators that fail, are left, are collected, or outlive their program."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from fingerprint_async import (
    ClientStateError,
    Hooks,
    RateLimit,
    ServerError,
)
from fingerprint_async.blocking import BlockingClient
from fingerprint_async.blocking._portal import Portal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterator

WINDOW: dict[str, Any] = {"start": 1_700_000_000_000, "end": 1_700_000_100_000}
PAGES = 5
PAGE_SIZE = 20


class Search:
    """A service with some pages of events, whose requests fail when they are told to.

    Args:
        fails: The numbers of the requests that fail.
    """

    def __init__(self, *fails: int) -> None:
        self.fails = fails
        self.requests = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer with a page."""
        self.requests += 1
        if self.requests in self.fails:
            return httpx.Response(500)
        number = int(request.url.params.get("pagination_key", 0))
        events: list[Any] = [
            {"event_id": f"{number}.{place}", "timestamp": 1} for place in range(PAGE_SIZE)
        ]
        last = {} if number == PAGES - 1 else {"pagination_key": str(number + 1)}
        return httpx.Response(200, json={"events": events, **last})


def client_of(search: Search, **settings: Any) -> BlockingClient:
    """Make a client that makes one attempt."""
    return BlockingClient(
        "sk_test",
        transport=httpx.MockTransport(search),
        rate_limit=RateLimit.off(),
        max_retries=0,
        **settings,
    )


EVENT_IDS = [f"{number}.{place}" for number in range(PAGES) for place in range(PAGE_SIZE)]


@pytest.mark.parametrize("failing", range(1, PAGES + 1))
def test_an_error_is_not_the_end_of_an_iteration(failing: int) -> None:
    """The next step asks for the same page again, as in the async client."""
    with client_of(Search(failing)) as client:
        for each in (client.events.search(**WINDOW), client.events.search(**WINDOW, limit=5)):
            found: list[str] = []
            failures = 0
            events = iter(each)
            while True:
                try:
                    found.append(next(events).event_id)
                except ServerError:
                    failures += 1
                except StopIteration:
                    break
            assert found == EVENT_IDS
        pages = client_of(Search(failing)).events.search(**WINDOW).pages()
        for _ in range(failing - 1):
            next(pages)
        with pytest.raises(ServerError):
            next(pages)
        assert len(list(pages)) == PAGES - failing + 1


def test_a_page_that_comes_when_its_wait_is_interrupted_is_not_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ctrl-C can come when nothing can be cancelled any more."""
    call = Portal.call
    calls = 0

    def interrupted(portal: Portal, start: Callable[[], Awaitable[Any]]) -> Any:
        nonlocal calls
        calls += 1
        outcome = call(portal, start)
        if calls % 2:
            raise KeyboardInterrupt
        return outcome

    monkeypatch.setattr(Portal, "call", interrupted)
    search = Search()
    client = client_of(search)
    for each in (
        iter(client.events.search(**WINDOW)),
        (
            event
            for page in Retried(client.events.search(**WINDOW).pages())
            for event in page.events
        ),
    ):
        assert [event.event_id for event in Retried(each)] == EVENT_IDS
    assert search.requests == 2 * PAGES
    monkeypatch.undo()
    client.close()


class Retried:
    """An iteration that goes on after Ctrl-C."""

    def __init__(self, steps: Iterator[Any]) -> None:
        self.steps = steps

    def __iter__(self) -> Retried:
        """Return itself."""
        return self

    def __next__(self) -> Any:
        """Take a step, again if it was interrupted."""
        while True:
            try:
                return next(self.steps)
            except KeyboardInterrupt:
                continue


def test_threads_share_an_iteration() -> None:
    """Each event goes to one of them, and none is lost."""
    with client_of(Search()) as client, ThreadPoolExecutor(4) as pool:
        events = iter(client.events.search(**WINDOW))
        found = pool.map(lambda _: [event.event_id for event in events], range(4))
        assert sorted(sum(found, [])) == sorted(EVENT_IDS)  # noqa: RUF017 - four short lists


class OutcomeError(BaseException):
    """What ends a test, as `pytest.fail` raises it."""


@pytest.mark.parametrize("error", [OutcomeError, SystemExit, KeyboardInterrupt])
@pytest.mark.parametrize("hook", ["on_attempt", "on_call"])
def test_what_ends_a_program_ends_the_thread_that_called(
    error: type[BaseException], hook: str
) -> None:
    """The event loop goes on: the next call, and those of other threads, work."""

    def end(_: object) -> None:
        hooks.pop()
        raise error

    hooks: list[Callable[[object], None]] = [end]
    chosen = {hook: lambda info: hooks and hooks[-1](info)}
    with client_of(Search(), hooks=Hooks(**chosen)) as client:
        with pytest.raises(error):
            client.events.search(**WINDOW).first_page()
        assert len(list(client.events.search(**WINDOW))) == len(EVENT_IDS)


def test_clients_that_nobody_closes_leave_no_thread() -> None:
    """Their event loop ends when they are collected; what is still used keeps it."""

    def alive() -> int:
        return sum(thread.name == "fingerprint-async" for thread in threading.enumerate())

    before = alive()
    events = client_of(Search()).events
    pages = client_of(Search()).events.search(**WINDOW).pages()
    for _ in range(5):
        client_of(Search()).events.search(**WINDOW).first_page()
    events.search(**WINDOW).first_page()
    next(pages)
    gc.collect()
    end = time.monotonic() + 10
    while alive() > before + 2:
        assert time.monotonic() < end
        time.sleep(0.001)
    assert len(list(pages)) == PAGES - 1
    assert len(list(events.search(**WINDOW))) == len(EVENT_IDS)


def test_a_call_that_comes_while_the_event_loop_is_closed_does_not_wait_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was handed over when nothing ran any more."""
    portal = Portal()
    failures: list[str] = []

    async def nothing() -> None:
        pass

    def call() -> None:
        with pytest.raises(ClientStateError) as caught:
            loop.call(nothing)
        failures.append(str(caught.value))

    late = threading.Thread(target=call, daemon=True)

    def run(coroutine: Coroutine[Any, Any, None]) -> None:
        with asyncio.Runner() as runner:
            runner.run(coroutine)
            events, close = runner.get_loop(), runner.get_loop().close

            def close_late() -> None:
                late.start()
                late.join(0.2)
                close()

            monkeypatch.setattr(events, "close", close_late)

    monkeypatch.setattr(asyncio, "run", run)
    portal.call(nothing)
    assert portal._loop is not None
    loop = portal._loop
    portal.close(nothing)
    late.join(10)
    assert not late.is_alive()
    assert failures == ["the client was closed while the call was running"]


AT_THE_END = """
import httpx
from fingerprint_async import ClientStateError, RateLimit
from fingerprint_async.blocking import BlockingClient

class Wrapper:
    def __init__(self):
        transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"events": []}))
        self.client = BlockingClient("k", transport=transport, rate_limit=RateLimit.off())
        self.client.events.search().first_page()
        self.error = ClientStateError

    def __del__(self):
        try:
            self.client.events.search().first_page()
        except self.error as error:
            print(error)
        self.client.close()
        print("closed")

wrapper = Wrapper()
"""


def test_a_finalizer_at_the_programs_end_does_not_wait_for_ever() -> None:
    """No thread runs any more then that could answer."""
    done = subprocess.run(
        [sys.executable, "-c", AT_THE_END], capture_output=True, text=True, timeout=30, check=True
    )
    assert "the interpreter is ending" in done.stdout
    assert "closed" in done.stdout


def test_an_iteration_is_refused_in_a_hook_of_its_client() -> None:
    """It would wait for the page that waits for the hook."""
    errors: list[str] = []

    def go_on(_: object) -> None:
        try:
            next(events)
        except ClientStateError as error:
            errors.append(str(error))

    with client_of(Search(), hooks=Hooks(on_attempt=go_on)) as client:
        events = iter(client.events.search(**WINDOW))
        next(events)
    assert "would wait for itself" in errors[0]
