"""What can go wrong with a crawl's output, apart from the service.

::

    FingerprintError
    └── CrawlError
        ├── OutputBusyError          another process writes to this folder
        ├── OutputMismatchError      the folder holds something else (an ArgumentError too)
        ├── OutputDamagedError       a file or the checkpoint is not what was committed
        ├── OutputWriteError         disk full, folder not writable
        ├── SearchInconsistentError  the service contradicts itself, so that nothing proves an end
        ├── ClusterError             the workers that should fetch the pages are gone
        └── StartBeforeRetentionError   the service keeps no events that old
"""

from __future__ import annotations

from fingerprint_async.errors import ArgumentError, FingerprintError

__all__ = [
    "ClusterError",
    "CrawlError",
    "OutputBusyError",
    "OutputDamagedError",
    "OutputMismatchError",
    "OutputWriteError",
    "SearchInconsistentError",
    "StartBeforeRetentionError",
]


class CrawlError(FingerprintError):
    """A crawl cannot begin or go on."""


class OutputBusyError(CrawlError):
    """Another process is writing to this output folder."""


class OutputMismatchError(CrawlError, ArgumentError):
    """The output folder holds a crawl with other parameters, or files that no crawl recorded."""


class OutputDamagedError(CrawlError):
    """A file of the output or its checkpoint is missing, or not what was committed."""


class OutputWriteError(CrawlError):
    """The output cannot be written: no space, no permission. What was committed is intact."""


class SearchInconsistentError(CrawlError):
    """The service's answers contradict each other.

    It counts more events than it sends, repeats itself, or sends pages out of order.
    """

    @classmethod
    def out_of_order(cls, events: int) -> SearchInconsistentError:
        """Return the error for pages whose order is none."""
        return cls(
            f"the service sent {events} events on later pages than events they should come before: "
            "nothing proves that all events came. Tell Fingerprint's support, and crawl anew into "
            "another folder"
        )


class ClusterError(CrawlError):
    """The workers that should fetch the pages cannot be reached, or all of them are gone."""


class StartBeforeRetentionError(CrawlError, ArgumentError):
    """The service refuses a start this early.

    ``earliest`` is the first it takes, in Unix ms, as far as known.
    """

    def __init__(self, message: str, *, earliest: int | None = None) -> None:
        super().__init__(message)
        self.earliest = earliest
