"""How a crawl is shown while it runs.

A bar on a terminal, lines of JSON for services, else a line now and then.
"""

from __future__ import annotations

import json
import logging
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from fingerprint_async.crawl import Progress

__all__ = ["describe", "view"]

_LINE_EVERY_SECONDS, _JSON_EVERY_SECONDS = 10.0, 1.0


@contextmanager
def view(log_format: str) -> Generator[Callable[[Progress], object]]:
    """Return what shows progress.

    A bar on a terminal, lines of JSON for services, else a line every ten seconds.
    """
    if log_format == "json":
        yield _Lines(_as_json, every=_JSON_EVERY_SECONDS, said=-_JSON_EVERY_SECONDS)
        return
    if not sys.stderr.isatty():
        yield _Lines(describe, every=_LINE_EVERY_SECONDS, said=0.0)
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    with (
        _quiet(),
        Bar(
            BarColumn(bar_width=30),
            TextColumn("{task.percentage:>4.0f}%  {task.description}"),
            console=Console(stderr=True),
            transient=True,
        ) as bar,
    ):
        task = bar.add_task("…", total=1.0)

        def show(progress: Progress) -> None:
            bar.update(task, completed=progress.done, description=describe(progress))

        yield show


@attrs.define
class _Lines:
    """Writes a line to stderr, at most so often."""

    make: Callable[[Progress], str]
    every: float
    said: float

    def __call__(self, progress: Progress) -> None:
        """Write one line if it is time."""
        if progress.seconds - self.said >= self.every:
            self.said = progress.seconds
            # Whoever read it has gone: the crawl goes on.
            with suppress(BrokenPipeError):
                sys.stderr.write(self.make(progress) + "\n")
                sys.stderr.flush()


def _as_json(progress: Progress) -> str:
    return json.dumps({"message": "crawl", **attrs.asdict(progress)})


@contextmanager
def _quiet() -> Generator[None]:
    """Let only errors be logged: a line in the middle of the bar would tear it."""
    logger = logging.getLogger("fingerprint_async")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def describe(progress: Progress) -> str:
    """Return one line of progress."""
    parts = [f"{progress.events:,} events", f"{progress.events_per_second:,.0f}/s"]
    if progress.share is not None and progress.rate_limit is not None:
        parts.append(f"{progress.share:.0%} of the {progress.rate_limit:g} requests/s allowed")
    elif progress.rate_limit is not None:
        parts.append(f"limit found: {progress.rate_limit:.1f} requests/s")
    else:
        parts.append("no limit")
    parts.append(f"{progress.throttled} × 429")
    parts.append(f"{progress.covered:.0%} of the time range")
    if progress.waiting_for is not None:
        parts.append(f"waiting {_duration(progress.waiting_seconds)}: {progress.waiting_for}")
    elif progress.eta is not None:
        parts.append(f"{_duration(progress.eta)} left")
    return " · ".join(parts)


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes:02d}m"
    return f"{minutes}m{seconds:02d}s" if minutes else f"{seconds}s"
