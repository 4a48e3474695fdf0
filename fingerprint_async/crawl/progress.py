"""What a crawl can say about itself while it runs and when it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["CrawlSummary", "Progress"]


@attrs.frozen(kw_only=True)
class Progress:
    """A crawl at one moment.

    Attributes:
        events: Events in the output, earlier runs included.
        pages: Pages received in this run.
        requests: Requests sent in this run, the ones in flight included.
        in_flight: Requests in flight.
        windows: Stretches of time that are not fetched yet.
        seconds: Seconds since this run began.
        events_per_second: Events a second in this run.
        share: Share of the requests the limit allowed so far that were sent; None without a limit.
        throttled: 429 answers in this run.
        covered: Share of the time range that is fetched, 0 to 1.
        done: Estimated share of the pages that are fetched, 0 to 1.
        eta: Estimated seconds to the end; None before the first page.
    """

    events: int
    pages: int
    requests: int
    in_flight: int
    windows: int
    seconds: float
    events_per_second: float
    share: float | None
    throttled: int
    covered: float
    done: float
    eta: float | None


@attrs.frozen(kw_only=True)
class CrawlSummary:
    """A crawl at the end of a run.

    Attributes:
        output: The output folder.
        complete: Whether everything is there.
        resumed: Whether an earlier run had begun it.
        start: First millisecond, included.
        end: Last millisecond, included.
        events: Events in the output.
        files: Files in the output.
        size: Their bytes.
        pages: Pages received in this run.
        requests: Requests sent in this run.
        throttled: 429 answers in this run.
        share: Share of the requests the limit allowed that were sent; None without a limit.
        seconds: Seconds this run took.
    """

    output: Path
    complete: bool
    resumed: bool
    start: int
    end: int
    events: int
    files: int
    size: int
    pages: int
    requests: int
    throttled: int
    share: float | None
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """The summary as JSON values."""
        return {**attrs.asdict(self), "output": str(self.output)}
