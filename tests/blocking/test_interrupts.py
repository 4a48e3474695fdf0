"""Ctrl-C at any point of a blocking call: nothing goes on, and the client can be used again."""

from __future__ import annotations

import asyncio
import linecache
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from fingerprint_async import ClientStateError
from fingerprint_async.blocking import _portal
from fingerprint_async.blocking._portal import Portal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

WORK_SECONDS = 0.02
MOST_POINTS = 1000
INTERRUPTED_FILES = (_portal.__file__, "anyio/from_thread.py", "anyio\\from_thread.py")


class Interruption:
    """Raises `KeyboardInterrupt` at the n-th line that a thread runs, as a signal would.

    Args:
        point: At which line.
    """

    def __init__(self, point: int) -> None:
        self.point = point
        self.lines = 0
        self.has_happened = False

    def trace(self, frame: FrameType, event: str, _argument: Any) -> Any:
        """Count the lines of the portal, and of what it hands coroutines over with."""
        if not frame.f_code.co_filename.endswith(INTERRUPTED_FILES):
            return None
        if event in {"line", "return"} and not is_between(frame):
            self.lines += 1
            if self.lines == self.point:
                self.has_happened = True
                raise KeyboardInterrupt
        return self.trace

    @contextmanager
    def armed(self) -> Iterator[None]:
        """Interrupt this thread within."""
        before = sys.gettrace()
        sys.settrace(self.trace)
        try:
            yield
        finally:
            sys.settrace(before)


def is_between(frame: FrameType) -> bool:
    """Tell whether a line calls nothing but a lock: Python handles no signal there."""
    line = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
    return line == "try:" or line.startswith("with ")


class Work:
    """A coroutine that tells what became of it."""

    def __init__(self) -> None:
        self.running = 0
        self.finished = 0

    async def __call__(self) -> str:
        """Work for a while."""
        self.running += 1
        try:
            await asyncio.sleep(WORK_SECONDS)
            self.finished += 1
        finally:
            self.running -= 1
        return "done"


def threads() -> int:
    """Count the threads of portals."""
    return sum(thread.name == "fingerprint-async" for thread in threading.enumerate())


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for what another thread does, for a bounded time."""
    end = time.monotonic() + 5
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.001)


async def nothing() -> None:
    """End at once."""


def each_point(once: Callable[[Interruption], None]) -> int:
    """Interrupt at the first line, the second, and so on, until no line is left."""
    for point in range(1, MOST_POINTS):
        interruption = Interruption(point)
        once(interruption)
        if not interruption.has_happened:
            return point
    pytest.fail("there are more points than expected")


def test_an_interrupted_call_does_not_go_on() -> None:
    """Whatever was started ends with the wait, and the next call works."""
    portal = Portal()
    assert portal.call(Work()) == "done"

    def once(interruption: Interruption) -> None:
        work = Work()
        try:
            with interruption.armed():
                assert portal.call(work) == "done"
        except KeyboardInterrupt:
            finished = work.finished
            wait_until(lambda: not work.running)
            # It was through before the interruption, or never is.
            portal.call(nothing)
            time.sleep(WORK_SECONDS * 1.5)
            assert (work.running, work.finished) == (0, finished)

    assert each_point(once) > 15
    portal.close(nothing)
    assert threads() == 0


def test_an_interrupted_first_call_leaves_no_thread() -> None:
    """The event loop that was being started ends, or is that of the next call."""

    def once(interruption: Interruption) -> None:
        portal, work = Portal(), Work()
        try:
            with interruption.armed():
                portal.call(work)
        except KeyboardInterrupt:
            wait_until(lambda: threads() <= 1)
            assert portal.call(Work()) == "done"
            wait_until(lambda: threads() == 1)
        portal.close(nothing)
        assert threads() == 0

    assert each_point(once) > 25


def test_an_interrupted_close_can_be_gone_on_with() -> None:
    """The next close ends what is left; no call is taken in between."""

    def once(interruption: Interruption) -> None:
        portal = Portal()
        portal.call(nothing)
        closing = True
        try:
            with interruption.armed():
                portal.close(nothing)
        except KeyboardInterrupt:
            closing = portal._is_closed
        if closing:
            with pytest.raises(ClientStateError, match="closed"):
                portal.call(nothing)
        portal.close(nothing)
        portal.close(nothing)
        assert threads() == 0

    assert each_point(once) > 15


def test_a_call_that_is_under_way_ends_with_the_portal() -> None:
    """With a typed error, in the thread that waits."""
    portal, work = Portal(), Work()
    failures: list[BaseException] = []

    async def forever() -> None:
        async with asyncio.timeout(60):
            await work()
            await asyncio.sleep(60)

    def wait() -> None:
        try:
            portal.call(forever)
        except ClientStateError as error:
            failures.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    wait_until(lambda: work.finished == 1)
    portal.close(nothing)
    thread.join(5)
    assert "closed while the call was running" in str(failures[0])


def test_a_thread_that_cannot_be_started_is_a_typed_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the process may have no more of them; the next call tries again."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    portal = Portal()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(ClientStateError, match="could not be started"):
            portal.call(nothing)
    portal.call(nothing)
    portal.close(nothing)
