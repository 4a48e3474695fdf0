"""Bulk crawls: every event of a time range, as fast as the limit allows, each exactly once.

* :func:`export` writes files and can be resumed by calling it again.
* :func:`crawl` hands out models, in no particular order, as pages come in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .errors import (
        CrawlError,
        OutputBusyError,
        OutputDamagedError,
        OutputMismatchError,
        OutputWriteError,
        StartBeforeRetentionError,
    )
    from .export import export
    from .progress import CrawlSummary, Progress
    from .stream import crawl

__all__ = [
    "CrawlError",
    "CrawlSummary",
    "OutputBusyError",
    "OutputDamagedError",
    "OutputMismatchError",
    "OutputWriteError",
    "Progress",
    "StartBeforeRetentionError",
    "crawl",
    "export",
]

_ROOMS = {"export": "export", "crawl": "stream", "Progress": "progress", "CrawlSummary": "progress"}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f".{_ROOMS.get(name, 'errors')}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
