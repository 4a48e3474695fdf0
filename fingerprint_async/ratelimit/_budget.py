"""One budget of a limiter: its waiters, what they wait for, and what answers say about it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

import attrs

from fingerprint_async.errors import ArgumentError

from ._queue import WaitQueue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ._allowance import Allowance
    from ._queue import Place
    from ._redis import SharedBucket
    from ._settings import Budget
    from ._workspace import Workspace

__all__ = ["BudgetPermit", "BudgetState"]

logger = logging.getLogger("fingerprint_async.ratelimit")

_SHORTEST_WAIT_SECONDS: Final = 1e-6
"""A shorter wait may not show on the clock, and would be waited for again and again."""
_SHORT_PAUSE_SECONDS: Final = 1.0
"""A longer pause is worth a warning also when a 429 was to be expected."""
_UNBOUNDED: Final = 1_000_000_000


@attrs.frozen
class Refusal:
    """What there is to say about a 429.

    Attributes:
        budget: The budget's name.
        pause_seconds: The seconds of the pause that it began, if it did.
        found_rate: The rate that it shows, if the rate that was told is found too high by it.
        expected: Whether a higher rate was being tried.
    """

    budget: str
    pause_seconds: float | None
    found_rate: float | None
    expected: bool = attrs.field(kw_only=True)

    def log(self) -> None:
        """Say it, not under the lock: handlers may be slow."""
        seconds = self.pause_seconds
        if seconds is not None:
            expected = self.expected and seconds <= _SHORT_PAUSE_SECONDS
            logger.log(
                logging.INFO if expected else logging.WARNING,
                "429: requests of the budget %r pause for %.3g s",
                self.budget,
                seconds,
                extra={"budget": self.budget, "pause_seconds": seconds},
            )
        if self.found_rate is not None:
            logger.warning(
                "the rate limit is told too high: the service lets at most about %.3g requests a "
                "second through; what it lets through is followed",
                self.found_rate,
                extra={"measured_rate": self.found_rate},
            )


class BudgetState:
    """A budget at work. Every method but the constructor is called under the workspace's lock.

    Args:
        budget: What it is.
        allowance: The rate that it takes from.
        workspace: Where its pauses and windows are.
        limited: Whether windows count.

    Attributes:
        name: The budget's name.
        allowance: The rate that it takes from.
        queue: Who waits.
        sharers: The budgets that take from the same allowance, this one included.
    """

    __slots__ = ("_cooldown", "_windows", "allowance", "name", "queue", "sharers")

    def __init__(
        self, budget: Budget, allowance: Allowance, workspace: Workspace, *, limited: bool
    ) -> None:
        self.name = budget.name
        self.allowance = allowance
        self._cooldown = workspace.cooldown(budget)
        self._windows = workspace.windows(budget) if limited else ()
        self.queue = WaitQueue()
        self.sharers: tuple[BudgetState, ...] = (self,)

    def share_with(self, others: Iterable[BudgetState]) -> None:
        """Count those among the others that take from the same allowance."""
        self.sharers = tuple(other for other in others if other.allowance is self.allowance)

    def open_slots(self, now: float) -> int:
        """Return how many requests may go, as far as the rate is not concerned."""
        slots = self._cooldown.open_slots(now)
        for window in self._windows:
            slots = min(slots, window.free(now))
        return int(min(slots, _UNBOUNDED))

    def wait(self, place: Place, now: float) -> float:
        """Return the seconds until the request at that place may go, as things stand.

        A request goes once there is a token for it and one for each that comes before it. Those
        that a pause or a window of another budget holds back do not count.
        """
        before = rank = 0
        if self.queue.places:
            self.queue.drop_stalled(now)
            before = rank = self.queue.ahead(place)
        for other in self.sharers:
            if other.queue.places and other is not self:
                other.queue.drop_stalled(now)
                before += min(other.queue.ahead(place), other.open_slots(now))
        wait = self._cooldown.wait(rank, now)
        for window in self._windows:
            wait = max(wait, window.wait(rank, now))
        wait = max(wait, self.allowance.wait(before, now))
        return max(wait, _SHORTEST_WAIT_SECONDS) if wait > 0 else 0.0

    def take(self, now: float) -> bool:
        """Let one request go. Return whether others wait for its end, after a pause."""
        for window in self._windows:
            window.take(now)
        self.allowance.take(now)
        return self._cooldown.take(now)

    def hold(self, until: float, now: float) -> None:
        """Let nothing more go before that time: other processes have used the limit up."""
        self.allowance.hold(until, now)

    def succeeded(self, now: float, *, taken: float, sent: float) -> None:
        """Take in an answer that was no 429."""
        self._cooldown.succeeded(sent=sent)
        if self._windows:
            # What is counted apart says nothing about the rate of everything else.
            self.allowance.ended(now, taken=taken)
        else:
            saturated = any(state.queue.places for state in self.sharers)
            self.allowance.succeeded(now, taken=taken, sent=sent, saturated=saturated)

    def refused(
        self,
        now: float,
        *,
        taken: float,
        sent: float,
        retry_after: float | None,
        overload: bool,
    ) -> Refusal:
        """Take in a 429, and return what there is to say about it."""
        pause = self._cooldown.refused(
            sent=sent, now=now, retry_after=retry_after, overload=overload
        )
        probing = self.allowance.probing
        found = None
        if overload or self._windows:
            self.allowance.ended(now, taken=taken)
        elif self.allowance.refused(now, taken=taken, sent=sent):
            found = self.allowance.measured
        return Refusal(self.name, pause, found, expected=probing)

    def failed(self, now: float, *, taken: float) -> None:
        """Take in that no answer came."""
        self.allowance.ended(now, taken=taken)

    def released(self, now: float, *, taken: float) -> None:
        """Return what a request took that was never sent."""
        for window in self._windows:
            window.refund()
        self.allowance.refund(now, taken=taken)

    def probe_ended(self) -> None:
        """Take in that a request has ended whose end others wait for."""
        self._cooldown.ended()

    def wake(self, now: float) -> None:
        """Let the first waiters that may go ask again."""
        for state in self.sharers:
            if state.queue.places and state.open_slots(now):
                state.queue.wake_first()

    def at_rest(self, now: float) -> bool:
        """Return whether a new budget would be the same."""
        return (
            not self.queue.places
            and self._cooldown.at_rest(now)
            and all(window.at_rest(now) for window in self._windows)
            and self.allowance.at_rest(now)
        )


class BudgetPermit:
    """Leave to send one request, now. The first method that is called counts, no other.

    Args:
        state: The budget that it was taken from.
        workspace: Whose lock guards the budget.
        clock: Seconds that only go up.
        now: When the request is sent.
        probe: Whether others wait for its end.
    """

    __slots__ = (
        "_clock",
        "_probe",
        "_sent",
        "_settled",
        "_shared",
        "_state",
        "_taken",
        "_workspace",
    )

    def __init__(
        self,
        state: BudgetState,
        workspace: Workspace,
        clock: Callable[[], float],
        now: float,
        *,
        probe: bool,
    ) -> None:
        self._state = state
        self._workspace = workspace
        self._clock = clock
        self._taken = now
        self._sent = now
        self._probe = probe
        self._shared: SharedBucket | None = None
        self._settled = False

    def reserved(self, shared: SharedBucket) -> None:
        """Take in that a token was taken there too, where other processes see it."""
        self._shared = shared

    def starts(self) -> None:
        """Take in that the request is sent now, and not when the permit was made."""
        self._sent = self._clock()

    def succeeded(self) -> None:
        """Say that an answer came, and that it was no 429."""
        with self._workspace.lock:
            if self._settle():
                now = self._clock()
                self._state.succeeded(now, taken=self._taken, sent=self._sent)
                self._state.wake(now)

    def refused(self, *, retry_after: float | None, overload: bool = False) -> None:
        """Say that the answer was a 429.

        Args:
            retry_after: The seconds that the service asked to wait; None when it named none. A
                pause takes a minute at most; then one request probes. What is no time, as a
                negative number, counts as none.
            overload: The service is loaded: the answer says nothing about the limit.

        Raises:
            ArgumentError: `retry_after` is no number. Nothing is settled.
        """
        refusal = None
        if retry_after is not None and (
            not isinstance(retry_after, int | float) or isinstance(retry_after, bool)  # pyright: ignore[reportUnnecessaryIsInstance]
        ):
            raise ArgumentError(
                f"retry_after must be seconds or None, not a {type(retry_after).__name__}"
            )
        with self._workspace.lock:
            if self._settle():
                refusal = self._state.refused(
                    self._clock(),
                    taken=self._taken,
                    sent=self._sent,
                    retry_after=retry_after,
                    overload=overload,
                )
                if self._shared is not None and not overload:
                    self._shared.drain()
        if refusal is not None:
            refusal.log()

    def failed(self) -> None:
        """Say that the request may have been counted, and that no answer came."""
        with self._workspace.lock:
            if self._settle():
                now = self._clock()
                self._state.failed(now, taken=self._taken)
                self._state.wake(now)

    def release(self) -> None:
        """Give the permit back: the request was never sent."""
        with self._workspace.lock:
            if self._settle():
                now = self._clock()
                self._state.released(now, taken=self._taken)
                if self._shared is not None:
                    self._shared.give_back()
                self._state.wake(now)

    def _settle(self) -> bool:
        first, self._settled = not self._settled, True
        if first and self._probe:
            self._state.probe_ended()
        return first
