"""What can go wrong with a crawl's output, apart from the service.

::

    FingerprintError
    └── CrawlError
        ├── OutputBusyError          another process writes to this folder
        ├── OutputMismatchError      the folder holds another crawl (an ArgumentError too)
        ├── OutputDamagedError       a file is shorter than what was committed, or the checkpoint cannot be read
        ├── OutputWriteError         disk full, folder not writable
        └── StartBeforeRetentionError   the service keeps no events that old
"""

from __future__ import annotations

from fingerprint_async.errors import ArgumentError, FingerprintError

__all__ = [
    "CrawlError",
    "OutputBusyError",
    "OutputDamagedError",
    "OutputMismatchError",
    "OutputWriteError",
    "StartBeforeRetentionError",
]


class CrawlError(FingerprintError):
    """A crawl cannot begin or go on."""


class OutputBusyError(CrawlError):
    """Another process is writing to this output folder."""


class OutputMismatchError(CrawlError, ArgumentError):
    """The output folder holds a crawl with other parameters."""


class OutputDamagedError(CrawlError):
    """A file of the output is missing or shorter than what was committed, or the checkpoint itself is damaged."""


class OutputWriteError(CrawlError):
    """The output cannot be written: no space, no permission. What was committed is intact."""


class StartBeforeRetentionError(CrawlError, ArgumentError):
    """The service refuses a start this early; ``earliest`` is the first it takes, in Unix ms, as far as known."""

    def __init__(self, message: str, *, earliest: int | None = None) -> None:
        super().__init__(message)
        self.earliest = earliest
