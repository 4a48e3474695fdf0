"""Bulk crawls: every event of a time range, as fast as the limit allows, each exactly once.

* :func:`export` writes files and can be resumed by calling it again; :func:`follow` then keeps them current.
* :func:`crawl` hands out models, in no particular order, as pages come in.
* :func:`crawl_status` and :func:`verify_crawl` look at an output.
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
    from .export import export, follow
    from .inspect import CrawlStatus, Verification, crawl_status, verify_crawl
    from .progress import CrawlSummary, Progress
    from .stream import crawl

__all__ = [
    "CrawlError",
    "CrawlStatus",
    "CrawlSummary",
    "OutputBusyError",
    "OutputDamagedError",
    "OutputMismatchError",
    "OutputWriteError",
    "Progress",
    "StartBeforeRetentionError",
    "Verification",
    "crawl",
    "crawl_status",
    "export",
    "follow",
    "verify_crawl",
]

_ROOMS = {
    "CrawlStatus": "inspect",
    "CrawlSummary": "progress",
    "Progress": "progress",
    "Verification": "inspect",
    "crawl": "stream",
    "crawl_status": "inspect",
    "export": "export",
    "follow": "export",
    "verify_crawl": "inspect",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f".{_ROOMS.get(name, 'errors')}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
