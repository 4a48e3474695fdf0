"""Telling the caller how a run goes."""

from __future__ import annotations

import inspect
import time
from typing import TYPE_CHECKING

from .progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._setup import Setup
    from .engine import Engine
    from .plan import Plan

__all__ = ["Teller"]


class Teller:
    """Tells the state of a run.

    Args:
        setup: Whom the run asks, and how fast.
        tell: The caller's function; it may be a coroutine function. None for nobody.

    Attributes:
        pages: Pages of earlier rounds of this run.
        requests: Requests of earlier rounds of this run.
        events_before: Events that earlier runs wrote.
    """

    def __init__(self, setup: Setup, tell: Callable[[Progress], object] | None) -> None:
        self._setup, self._tell = setup, tell
        self._began = time.monotonic()
        self._throttled = setup.source.throttled
        self.pages = self.requests = 0
        self.events_before = 0

    @property
    def seconds(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._began

    @property
    def throttled(self) -> int:
        """429 answers in this run."""
        return self._setup.source.throttled - self._throttled

    def share(self, requests: int) -> float | None:
        """Return what share of the requests the limit allowed that is; None without a limit."""
        allowed = self._setup.limit.allowed(self.seconds)
        return None if allowed is None else min(1.0, requests / allowed)

    async def tell(self, events: int, plan: Plan | None, engine: Engine | None) -> None:
        """Tell the caller.

        Args:
            events: Events written, earlier runs included.
            plan: What is being fetched, if anything is.
            engine: What fetches it.
        """
        if self._tell is not None:
            told = self._tell(self._progress(events, plan, engine))
            if inspect.isawaitable(told):
                await told

    def _progress(self, events: int, plan: Plan | None, engine: Engine | None) -> Progress:
        seconds, trouble = self.seconds, self._setup.patience.trouble
        pages = self.pages + (plan.pages if plan is not None else 0)
        requests = self.requests + (engine.requests if engine is not None else 0)
        left = 0.0 if plan is None else sum(plan.pages_left(window) for window in plan.windows)
        return Progress(
            events=events,
            pages=pages,
            requests=requests,
            in_flight=0 if engine is None else engine.in_flight,
            windows=0 if plan is None else len(plan.windows),
            seconds=seconds,
            events_per_second=(events - self.events_before) / seconds if seconds else 0.0,
            rate_limit=self._setup.limit.rate,
            share=self.share(requests),
            throttled=self.throttled,
            covered=0.0 if plan is None else self._covered(plan),
            done=pages / (pages + left) if pages else 0.0,
            eta=self._eta(pages, left, engine),
            waiting_for=None if trouble is None else trouble.reason,
            waiting_seconds=self._setup.patience.wait,
        )

    def _covered(self, plan: Plan) -> float:
        whole = (plan.end - plan.start + 1) * len(self._setup.sources)
        return 1.0 - sum(window.length for window in plan.windows) / max(1, whole)

    def _eta(self, pages: int, left: float, engine: Engine | None) -> float | None:
        """Return the estimated seconds to the end; None before the first page."""
        if engine is None or not (pages and left):
            return None if left or engine is None else 0.0
        limit = self._setup.limit
        if limit.rate is None:
            return left / pages * self.seconds
        return limit.seconds_for(left, time.monotonic()) + engine.latency
