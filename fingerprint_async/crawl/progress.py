"""What a crawl can say about itself while it runs and when it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

__all__ = ["CrawlSummary", "LostSpan", "Progress", "joined_spans"]


@attrs.frozen(kw_only=True)
class Progress:
    """A crawl at one moment.

    Attributes:
        events: Events written, earlier runs included.
        pages: Pages received in this run.
        requests: Requests sent in this run, the ones in flight included.
        in_flight: Requests in flight.
        windows: Stretches of time that are not fetched yet.
        seconds: Seconds since this run began.
        events_per_second: Events a second in this run.
        rate_limit: Requests per second that the limit allows; None without one.
        share: Share of the requests the limit allowed so far that were sent; None without a limit.
        throttled: 429 answers in this run.
        covered: Share of the time range that is fetched, 0 to 1.
        done: Estimated share of the pages that are fetched, 0 to 1.
        eta: Estimated seconds to the end; None before the first page.
        waiting_for: Why nothing is sent at the moment; None while all is well.
        waiting_seconds: Seconds until it is tried again.
    """

    events: int
    pages: int
    requests: int
    in_flight: int
    windows: int
    seconds: float
    events_per_second: float
    rate_limit: float | None
    share: float | None
    throttled: int
    covered: float
    done: float
    eta: float | None
    waiting_for: str | None = None
    waiting_seconds: float = 0.0


@attrs.frozen(kw_only=True)
class LostSpan:
    """A stretch of time whose events the service no longer kept when the crawl came to it.

    Attributes:
        source: ``device`` or ``edge``.
        first: First millisecond.
        last: Last millisecond.
    """

    source: str
    first: int
    last: int


def joined_spans(
    lost: Iterable[tuple[int, int, int]], sources: Sequence[str]
) -> tuple[LostSpan, ...]:
    """Return what was lost (source, first and last millisecond), spans that touch as one."""
    spans: list[LostSpan] = []
    for number, first, last in sorted(lost):
        source = sources[number]
        if spans and spans[-1].source == source and first <= spans[-1].last + 1:
            spans[-1] = attrs.evolve(spans[-1], last=max(last, spans[-1].last))
        else:
            spans.append(LostSpan(source=source, first=first, last=last))
    return tuple(spans)


@attrs.frozen(kw_only=True)
class CrawlSummary:
    """A crawl at the end of a run.

    Attributes:
        output: The output folder.
        complete: Whether every event of the time range that the service had by ``as_of`` can be
            read in the output, and ``as_of`` is not before the end.
        as_of: The service's clock when the crawl of this time range began, in Unix ms.
        resumed: Whether an earlier run had begun it.
        start: First millisecond, included.
        end: Last millisecond, included.
        events: Events in the output.
        quarantined: Events in quarantine files, which readers of the output could not take.
        evolved: Events in tables that held something their columns have no place for; it is in
            ``unknown``.
        lost: Stretches of time whose events the service no longer kept.
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
    as_of: int
    resumed: bool
    start: int
    end: int
    events: int
    quarantined: int
    evolved: int
    lost: tuple[LostSpan, ...]
    files: int
    size: int
    pages: int
    requests: int
    throttled: int
    share: float | None
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as JSON values."""
        return {**attrs.asdict(self), "output": str(self.output)}
