"""Bulk crawls: every event of a time range, as fast as the limit allows, each exactly once.

* :func:`export` writes files and can be resumed by calling it again; :func:`follow` then keeps them
current. * :func:`crawl` yields models, in no particular order, as pages come in. *
:func:`crawl_status` and :func:`verify_crawl` inspect an output.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .errors import (
        ClusterError,
        CrawlError,
        OutputBusyError,
        OutputDamagedError,
        OutputMismatchError,
        OutputWriteError,
        SearchInconsistentError,
        StartBeforeRetentionError,
    )
    from .job import export, follow
    from .progress import CrawlSummary, LostSpan, Progress
    from .status import CrawlStatus, crawl_status
    from .stream import crawl
    from .verify import Verification, verify_crawl

__all__ = [
    "ClusterError",
    "CrawlError",
    "CrawlStatus",
    "CrawlSummary",
    "LostSpan",
    "OutputBusyError",
    "OutputDamagedError",
    "OutputMismatchError",
    "OutputWriteError",
    "Progress",
    "SearchInconsistentError",
    "StartBeforeRetentionError",
    "Verification",
    "crawl",
    "crawl_status",
    "export",
    "follow",
    "verify_crawl",
]

_MODULES = {
    "CrawlStatus": "status",
    "CrawlSummary": "progress",
    "LostSpan": "progress",
    "Progress": "progress",
    "Verification": "verify",
    "crawl": "stream",
    "crawl_status": "status",
    "export": "job",
    "follow": "job",
    "verify_crawl": "verify",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f".{_MODULES.get(name, 'errors')}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
