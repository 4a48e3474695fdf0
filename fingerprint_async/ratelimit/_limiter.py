"""The limiter of one workspace: it lets requests go as budgets, priorities and pauses allow."""

from __future__ import annotations

import asyncio
from itertools import count
from math import inf
from typing import TYPE_CHECKING, Final

from fingerprint_async.errors import ArgumentError

from ._allowance import Allowance
from ._budget import BudgetPermit, BudgetState
from ._errors import RateLimitTimeout
from ._queue import Waiter
from ._redis import SharedBucket
from ._settings import Budget

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from ._queue import Place
    from ._settings import RateLimit
    from ._workspace import Workspace

__all__ = ["WorkspaceLimiter"]

_EVERYTHING_ELSE: Final = Budget("default")
_LONGEST_TIMEOUT_SECONDS: Final = 1e9
_RESERVED_AHEAD_SECONDS: Final = 0.25
"""So far ahead requests reserve their place among processes. Before that they wait here, where
priorities count."""


class WorkspaceLimiter:
    """Lets requests through as the budgets allow, in whatever event loops and threads they wait.

    Nobody leads: each call waits in its own event loop for as long as the queue before it takes,
    and then takes its tokens itself, under the workspace's lock. So a call that is cancelled has
    taken nothing, and one whose event loop is blocked or closed is passed by.

    Args:
        limit: What is allowed.
        budgets: What each operation counts against; those left out count together.
        workspace: Where pauses and windows are.
        name: The name of the workspace that processes have in common.
        clock: Seconds that only go up, the same as the event loop's.
        sleep: Waits for that many seconds.
    """

    def __init__(
        self,
        limit: RateLimit,
        *,
        budgets: Mapping[str, Budget],
        workspace: Workspace,
        name: str,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[object]],
    ) -> None:
        self._workspace = workspace
        self._clock = clock
        self._sleep = sleep
        self._tickets = count()
        self._shared = None if limit.shared is None else SharedBucket(limit, name=name)
        now = clock()
        self._rate_for_all = Allowance(limit, now=now)
        self._rate_for_searches = (
            self._rate_for_all if limit.search is None else Allowance(limit.search, now=now)
        )
        states: dict[Budget, BudgetState] = {}
        for budget in (_EVERYTHING_ELSE, *budgets.values()):
            rate = self._rate_for_searches if budget.searches else self._rate_for_all
            states[budget] = BudgetState(budget, rate, workspace, limited=limit.mode != "off")
        self._states = tuple(states.values())
        for state in self._states:
            state.share_with(self._states)
        self._everything_else = states[_EVERYTHING_ELSE]
        self._state_of = {operation: states[budget] for operation, budget in budgets.items()}

    @property
    def rate(self) -> float | None:
        """Searches per second that may be sent, as known now; None without a limit."""
        return self._rate_for_searches.rate

    async def acquire(
        self,
        operation: str,
        *,
        priority: int = 0,
        timeout: float | None = None,  # noqa: ASYNC109 - known to be too short before it is over
    ) -> BudgetPermit:
        """Wait until a request may be sent.

        Args:
            operation: The operation's id, such as `searchEvents`.
            priority: Higher goes first; within one priority, first come, first served.
            timeout: Seconds to wait at most; None waits as long as it takes.

        Raises:
            ArgumentError: The operation is no text, the priority no whole number, or the timeout
                no number of seconds.
            RateLimitTimeout: The wait would take longer than the timeout. Raised as soon as that
                is known.
        """
        if not isinstance(operation, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ArgumentError(f"operation must be an id, not a {type(operation).__name__}")
        seconds = _checked_timeout(timeout)
        state = self._state_of.get(operation, self._everything_else)
        place = -_checked_priority(priority), next(self._tickets)
        expires = self._clock() + seconds
        permit = await self._take(state, place, expires)
        if self._shared is not None:
            try:
                await self._reserve(self._shared, state, permit, expires)
            except BaseException:
                permit.release()
                raise
        return permit

    async def aclose(self) -> None:
        """Close the connections that the running event loop uses. The limit itself stays."""
        if self._shared is not None:
            await self._shared.aclose()

    def at_rest(self) -> bool:
        """Return whether a new limiter would be the same."""
        with self._workspace.lock:
            now = self._clock()
            return all(state.at_rest(now) for state in self._states)

    async def _take(self, state: BudgetState, place: Place, expires: float) -> BudgetPermit:
        lock = self._workspace.lock
        with lock:
            now = self._clock()
            wait = state.wait(place, now)
            if wait <= 0:
                return self._permit(state, now)
            _check_in_time(now, wait, expires)
            waiter = Waiter()
            waiter.arm(now + wait)
            state.queue.add(place, waiter)
        try:
            while True:
                await self._sleep_or_wake(waiter, wait)
                with lock:
                    now = self._clock()
                    wait = state.wait(place, now)
                    waiter.arm(now + wait)
                    state.queue.add(place, waiter)
                    if wait <= 0:
                        state.queue.discard(place)
                        return self._permit(state, now)
                    _check_in_time(now, wait, expires)
        finally:
            with lock:
                state.queue.discard(place)
                state.wake(self._clock())

    async def _sleep_or_wake(self, waiter: Waiter, seconds: float) -> None:
        if self._sleep is asyncio.sleep:
            await waiter.wait(seconds)
        else:
            # A sleep of the caller's own, as tests have, ends when it ends.
            await self._sleep(seconds)

    async def _reserve(
        self, shared: SharedBucket, state: BudgetState, permit: BudgetPermit, expires: float
    ) -> None:
        """Reserve a place among all processes, and wait for it."""
        now = self._clock()
        wait = await shared.take(max(0.0, expires - now))
        if wait is None:
            return
        _check_in_time(now, wait, expires)
        permit.reserved(shared)
        if wait > 0:
            with self._workspace.lock:
                now = self._clock()
                state.hold(now + wait - _RESERVED_AHEAD_SECONDS, now)
            await self._sleep(wait)
            permit.starts()

    def _permit(self, state: BudgetState, now: float) -> BudgetPermit:
        probe = state.take(now)
        return BudgetPermit(state, self._workspace, self._clock, now, probe=probe)


def _check_in_time(now: float, wait: float, expires: float) -> None:
    if now + wait > expires:
        raise RateLimitTimeout(wait, max(0.0, expires - now))


def _checked_timeout(timeout: float | None) -> float:
    if timeout is None:
        return inf
    if not isinstance(timeout, int | float) or isinstance(timeout, bool) or not timeout >= 0:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ArgumentError(f"timeout must be seconds, 0 or more, or None, not {timeout!r}")
    return float(min(timeout, _LONGEST_TIMEOUT_SECONDS))


def _checked_priority(priority: int) -> int:
    if not isinstance(priority, int) or isinstance(priority, bool):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ArgumentError(f"priority must be a whole number, not {priority!r}")
    return priority
