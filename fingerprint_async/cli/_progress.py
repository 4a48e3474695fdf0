"""What a crawl looks like while it runs: a bar on a terminal, lines of JSON for services, else nothing."""

from __future__ import annotations

import json
import logging
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fingerprint_async.crawl import Progress

__all__ = ["describe", "view"]


@contextmanager
def view(log_format: str) -> Iterator[Callable[[Progress], object]]:
    """Where progress goes: a bar on a terminal, lines of JSON for services, else nothing."""
    if log_format == "json":
        yield _json_lines()
        return
    if not sys.stderr.isatty():
        yield lambda _: None
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
        yield lambda progress: bar.update(
            task, completed=progress.done, description=describe(progress)
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """A log line in the middle of the bar would tear it: only errors may."""
    logger = logging.getLogger("fingerprint_async")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def describe(progress: Progress) -> str:
    """One line of progress."""
    parts = [f"{progress.events:,} events", f"{progress.events_per_second:,.0f}/s"]
    if progress.share is not None:
        parts.append(f"{progress.share:.0%} of the limit")
    parts.append(f"{progress.throttled} × 429")
    parts.append(f"{progress.covered:.0%} of the time range")
    if progress.eta is not None:
        parts.append(f"{_duration(progress.eta)} left")
    return " · ".join(parts)


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes:02d}m"
    return f"{minutes}m{seconds:02d}s" if minutes else f"{seconds}s"


def _json_lines() -> Callable[[Progress], object]:
    import attrs

    said = -1.0

    def show(progress: Progress) -> None:
        nonlocal said
        if progress.seconds - said >= 1.0 or not progress.windows:
            said = progress.seconds
            line = {"message": "crawl", **attrs.asdict(progress)}
            sys.stderr.write(json.dumps(line) + "\n")

    return show
