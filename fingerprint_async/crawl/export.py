"""Exporting every event of a time range into files: engine, sink and checkpoint put together."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from fingerprint_async._time import to_unix_ms
from fingerprint_async.errors import ArgumentError

from ._fetch import (
    SOURCES,
    Source,
    StartRefusedError,
    check_filters,
    fetcher,
    in_flight_of,
    pace_of,
    refused_start,
    searcher,
    sources_of,
    throttled_of,
)
from ._marks import read_marks
from .checkpoint import MANIFEST, Checkpoint, writing
from .engine import Engine
from .plan import Plan
from .progress import CrawlSummary, Progress
from .sinks import FORMATS, open_sink

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from fingerprint_async.client import FingerprintClient

    from ._fetch import Ask
    from ._pages import CutPage, RawEvent
    from .engine import Received
    from .sinks import Format, Sink

__all__ = ["DEFAULT_ROLL_BYTES", "Lane", "export", "follow"]

Lane = Literal["raw", "typed"]

DEFAULT_ROLL_BYTES = 256 * 1024 * 1024
"""Bytes after which a file is closed and the next one begun."""

_DURABLE_EVERY = 5.0
_PROGRESS_EVERY = 0.1
_WEEK_MS = 7 * 24 * 3600 * 1000


async def export(
    client: FingerprintClient,
    output: str | os.PathLike[str],
    *,
    start: datetime | int | str | None = None,
    end: datetime | int | str | None = None,
    format: Format = "jsonl",  # noqa: A002 -- what the files' ending is called
    source: Source = "device",
    lane: Lane = "raw",
    roll_bytes: int = DEFAULT_ROLL_BYTES,
    roll_seconds: float | None = None,
    max_in_flight: int | None = None,
    patience: float = 120.0,
    on_progress: Callable[[Progress], object] | None = None,
    ask: Ask | None = None,
    **filters: Any,
) -> CrawlSummary:
    """Export every event of a time range into files, each exactly once.

    Calling it again with the same output goes on where the last run stopped, however it stopped: no page is asked for
    again but those that were in flight.

    Args:
        client: The client to crawl with; its rate limit decides the pace.
        output: Folder of the output. It belongs to one query for good.
        start: First moment, included: an aware datetime, Unix ms or RFC 3339. Default: a week before ``end``, or as it was.
        end: Last moment, included. Default: now, or as it was.
        format: ``jsonl``, ``jsonl.gz``, ``jsonl.zst``, ``parquet`` or ``duckdb``.
        source: ``device`` events, ``edge`` events, or ``both``.
        lane: ``raw`` writes events as they came; ``typed`` decodes each into a model first.
        roll_bytes: A file of this size is closed and the next one begun.
        roll_seconds: A file this old is closed, too.
        max_in_flight: Most requests in flight. Default: 64, or 16 where the client has no limit, as more then only cost memory.
        patience: Seconds without any page after which a failing service ends the run.
        on_progress: Called with the state of things about ten times a second.
        ask: What sends the searches, when it is not ``client``: see :func:`fingerprint_async.crawl.dask.dask_workers`.
        **filters: Any filter of ``client.events.search`` but the window, the order and the page.

    Returns:
        The summary of this run; ``complete`` is true.

    Raises:
        ArgumentError: Something about the arguments, before anything is sent.
        OutputBusyError: Another process writes to the folder.
        OutputMismatchError: The folder holds another crawl.
        OutputWriteError: No space or no permission; what was committed is intact.
        StartBeforeRetentionError: The service keeps no events as old as ``start``.
        FingerprintError: What the service answered, once no retry helped.
    """
    session = _Session(
        client,
        Path(output),
        _query(start=start, end=end, format=format, source=source, lane=lane, filters=filters),
        filters,
        lane=lane,
        roll_bytes=roll_bytes,
        roll_seconds=roll_seconds,
        max_in_flight=max_in_flight,
        patience=patience,
        on_progress=on_progress,
        ask=ask,
    )
    try:
        await session.crawl()
        return session.finish()
    finally:
        session.close()


async def follow(
    client: FingerprintClient,
    output: str | os.PathLike[str],
    *,
    start: datetime | int | str | None = None,
    every: float = 60.0,
    late: float = 600.0,
    format: Format = "jsonl",  # noqa: A002 -- what the files' ending is called
    source: Source = "device",
    lane: Lane = "raw",
    roll_bytes: int = DEFAULT_ROLL_BYTES,
    roll_seconds: float | None = 3600.0,
    max_in_flight: int | None = None,
    patience: float = 120.0,
    on_progress: Callable[[Progress], object] | None = None,
    **filters: Any,
) -> None:
    """Export every event since ``start``, then keep the output current until cancelled, each event exactly once.

    It goes on with a folder that :func:`export` or an earlier ``follow`` wrote. Each round asks again for the last
    ``late`` seconds before the end of the one before, and drops by its id what is there already.

    Args:
        client: The client to crawl with.
        output: Folder of the output.
        start: First moment, included. Default: a week ago, or as it was.
        every: Seconds between the rounds.
        late: Seconds that an event may come in late. One that comes later still is missed.
        format: As for :func:`export`. Events of Parquet and DuckDB are in their table when a file rolls.
        source: As for :func:`export`.
        lane: As for :func:`export`.
        roll_bytes: As for :func:`export`.
        roll_seconds: As for :func:`export`; an hour unless given.
        max_in_flight: As for :func:`export`.
        patience: As for :func:`export`.
        on_progress: As for :func:`export`.
        **filters: As for :func:`export`.

    Raises:
        ArgumentError: Something about the arguments, before anything is sent.
        CrawlError: As for :func:`export`.
        FingerprintError: What the service answered, once no retry helped.
    """
    if every <= 0 or late < 0:
        raise ArgumentError("every is above 0 seconds, late not below")
    session = _Session(
        client,
        Path(output),
        _query(start=start, end=None, format=format, source=source, lane=lane, filters=filters),
        filters,
        lane=lane,
        roll_bytes=roll_bytes,
        roll_seconds=roll_seconds,
        max_in_flight=max_in_flight,
        patience=patience,
        on_progress=on_progress,
        late_ms=round(late * 1000),
    )
    try:
        while True:
            await session.crawl()
            await asyncio.sleep(every)
            session.next_round()
    finally:
        session.close()


def _query(
    *,
    start: datetime | int | str | None,
    end: datetime | int | str | None,
    format: str,  # noqa: A002 -- the option's name
    source: str,
    lane: str,
    filters: dict[str, Any],
) -> dict[str, Any]:
    """Check what was asked for, and bring it into the form the checkpoint keeps."""
    check_filters(filters)
    for name, value, known in (
        ("format", format, FORMATS),
        ("source", source, SOURCES),
        ("lane", lane, ("raw", "typed")),
    ):
        if value not in known:
            raise ArgumentError(f"{name} must be one of {', '.join(known)}, not {value!r}")
    query = {
        "start": None if start is None else to_unix_ms(start, name="start"),
        "end": None if end is None else to_unix_ms(end, name="end"),
        "format": format,
        "source": source,
        **{name: _jsonable(value) for name, value in filters.items()},
    }
    if query["start"] is not None and query["end"] is not None and query["start"] > query["end"]:
        raise ArgumentError(f"start ({query['start']} ms) is after end ({query['end']} ms)")
    return query


class _Session:
    """One run on a folder, which it holds from beginning to end. Following is several rounds of crawling."""

    def __init__(
        self,
        client: FingerprintClient,
        folder: Path,
        query: dict[str, Any],
        filters: dict[str, Any],
        *,
        lane: Lane,
        roll_bytes: int,
        roll_seconds: float | None,
        max_in_flight: int | None,
        patience: float,
        on_progress: Callable[[Progress], object] | None,
        late_ms: int | None = None,
        ask: Ask | None = None,
    ) -> None:
        self._search = searcher(client, ask)
        self._client, self._folder, self._filters = client, folder, filters
        self._through = _through_models if lane == "typed" else None
        self._max_in_flight, self._patience = in_flight_of(client, max_in_flight), patience
        self._on_progress = on_progress
        self._late_ms = late_ms
        #: Ids that the next round may see again, and their timestamps; only kept when following.
        self._known: dict[str, int] = {}
        self._pages = self._requests = 0
        self._throttled = throttled_of(client)
        self._began = time.monotonic()
        self._pace = pace_of(client, now=self._began)
        self._checkpoint = Checkpoint(folder, query)
        try:
            self._open(roll_bytes, roll_seconds)
        except BaseException:
            self.close()
            raise

    def _open(self, roll_bytes: int, roll_seconds: float | None) -> None:
        checkpoint = self._checkpoint
        self._counters = checkpoint.counters()
        self._resumed = bool(self._counters)
        self._settle()
        stored = checkpoint.query
        self._sources = sources_of(stored["source"])
        self._plan = self._new_plan(int(self._counters["start"]), int(self._counters["end"]))
        if self._resumed:
            self._plan.restore(checkpoint.windows())
        checkpoint.trim()
        self._sink: Sink | None = None
        with writing(self._folder):
            self._sink = open_sink(
                self._folder, stored["format"], roll_bytes=roll_bytes, roll_seconds=roll_seconds
            )
            self._sink.resume(checkpoint.files())
        if self._late_ms is not None:
            self._recall()
        self._counters["runs"] = self._counters.get("runs", 0) + 1
        self._before = self._counters.setdefault("events", 0)
        self._counters.setdefault("pages", 0)
        self._commit(durable=True)

    def _settle(self) -> None:
        """Fix the bounds that were left open, for good."""
        stored, counters = self._checkpoint.query, self._counters
        if "end" not in counters:
            counters["end"] = _now_ms() if stored["end"] is None else stored["end"]
        if "start" not in counters:
            counters["start"] = (
                counters["end"] - _WEEK_MS if stored["start"] is None else stored["start"]
            )
        settled = {"start": int(counters["start"])} if stored["start"] is None else {}
        if stored["end"] is None and self._late_ms is None and not self._resumed:
            settled["end"] = int(counters["end"])
        if settled:
            self._checkpoint.settle(**settled)

    def close(self) -> None:
        if getattr(self, "_sink", None) is not None:
            self._checked_sink.close()
        self._checkpoint.close()

    async def crawl(self) -> None:
        """Fetch what the plan has left."""
        engine: Engine[CutPage] = Engine(
            self._plan,
            fetcher(self._search, self._filters, self._sources),
            pace=self._pace,
            max_in_flight=self._max_in_flight,
            patience=self._patience,
        )
        durable_at = said_at = time.monotonic()
        try:
            async with aclosing(engine.run()) as batches:
                async for batch in batches:
                    self._counters["pages"] += len(batch)
                    with writing(self._folder):
                        # Emptied on the way: pages that are written would be held until the next ones are there.
                        while batch:
                            self._write(batch.popleft())
                    now = time.monotonic()
                    durable = now - durable_at >= _DURABLE_EVERY or self._checked_sink.wants_sync
                    self._commit(durable=durable)
                    if durable:
                        durable_at = now
                    if self._on_progress is not None and now - said_at >= _PROGRESS_EVERY:
                        said_at = now
                        self._on_progress(self._progress(engine))
        except StartRefusedError as error:
            raise await refused_start(
                self._client, error, self._filters, start=self._plan.start, end=self._plan.end
            ) from error.cause
        self._commit(durable=True)
        if self._on_progress is not None:
            self._on_progress(self._progress(engine))
        self._pages += self._plan.pages
        self._requests += engine.requests

    def next_round(self) -> None:
        """Plan what has come in since: from a little before the end of the last round to now."""
        end = int(self._counters["end"])
        start = max(end - (self._late_ms or 0), self._checkpoint.query["start"])
        self._counters.update(start=start, end=max(_now_ms(), end))
        self._known = {event_id: at for event_id, at in self._known.items() if at >= start}
        self._plan = self._new_plan(start, int(self._counters["end"]))
        self._commit(durable=False)

    def finish(self) -> CrawlSummary:
        """Bring the files into their final form."""
        sink = self._checked_sink
        with writing(self._folder):
            sink.finish()
        self._commit(durable=True)
        while sink.wants_sync:
            self._commit(durable=True)
        files = self._checkpoint.files()
        seconds = time.monotonic() - self._began
        return CrawlSummary(
            output=self._folder,
            complete=self._plan.done,
            resumed=self._resumed,
            start=self._checkpoint.query["start"],
            end=int(self._counters["end"]),
            events=int(self._counters["events"]),
            files=len(files),
            size=sum((self._folder / file.name).stat().st_size for file in files),
            pages=self._pages,
            requests=self._requests,
            throttled=throttled_of(self._client) - self._throttled,
            share=self._share(self._requests, seconds),
            seconds=seconds,
        )

    # -- inside -----------------------------------------------------------------------------------------------

    @property
    def _checked_sink(self) -> Sink:
        assert self._sink is not None  # noqa: S101 -- set by the constructor
        return self._sink

    def _new_plan(self, start: int, end: int) -> Plan:
        return Plan(
            start, end, sources=len(self._sources), parts=self._pace.first_windows(end - start + 1)
        )

    def _write(self, received: Received[CutPage]) -> None:
        page, kept = received.page, received.kept
        if self._late_ms is not None:
            kept = self._unknown(page, kept)
        if not kept:
            return
        events = (
            page.events[kept.start : kept.stop]
            if isinstance(kept, range)
            else [page.events[at] for at in kept]
        )
        if self._through is not None:
            events = self._through(events)
        first, last = sorted((page.mark(kept[0]), page.mark(kept[-1])))
        self._checked_sink.write(events, first, last)
        self._counters["events"] += len(kept)

    def _unknown(self, page: CutPage, kept: Sequence[int]) -> list[int]:
        """Of these events, those that no earlier round has written."""
        known, fresh = self._known, []
        again_from = self._counters["end"] - (self._late_ms or 0)
        for index in kept:
            at, event_id = page.mark(index)
            if event_id in known:
                continue
            fresh.append(index)
            if at >= again_from:
                known[event_id] = at
        return fresh

    def _recall(self) -> None:
        """Read back from the output the ids that the rounds to come may see again."""
        horizon = min(self._counters["start"], self._counters["end"] - (self._late_ms or 0))
        for file in self._checkpoint.files():
            if file.last is None or file.last[0] < horizon:
                continue
            lines = not file.name.endswith((".parquet", ".duckdb"))
            for at, event_id in read_marks(
                self._folder / file.name, size=file.size if lines else None
            ):
                if at >= horizon:
                    self._known[event_id] = at

    def _commit(self, *, durable: bool) -> None:
        sink = self._checked_sink
        if durable:
            with writing(self._folder):
                sink.sync()
        self._checkpoint.commit(
            windows=self._plan.take_changes(),
            files=sink.take_changes(),
            counters=self._counters,
            durable=durable,
        )
        with writing(self._folder):
            sink.committed(durable=durable)
            if durable:
                self._write_manifest()

    def _progress(self, engine: Engine[CutPage]) -> Progress:
        now = time.monotonic()
        seconds, plan = now - self._began, self._plan
        pages, requests = self._pages + plan.pages, self._requests + engine.requests
        left = sum(plan.pages_left(window) for window in plan.windows)
        whole = (plan.end - plan.start + 1) * len(self._sources)
        eta = None
        if pages:
            eta = (
                left / pages * seconds
                if self._pace.rate is None
                else self._pace.seconds_for(left, now) + engine.latency
            )
        return Progress(
            events=int(self._counters["events"]),
            pages=pages,
            requests=requests,
            in_flight=engine.in_flight,
            windows=len(plan.windows),
            seconds=seconds,
            events_per_second=(self._counters["events"] - self._before) / seconds
            if seconds
            else 0.0,
            share=self._share(requests, seconds),
            throttled=throttled_of(self._client) - self._throttled,
            covered=1.0 - sum(window.length for window in plan.windows) / whole,
            done=pages / (pages + left) if pages else 0.0,
            eta=eta if left else 0.0,
        )

    def _share(self, requests: int, seconds: float) -> float | None:
        allowed = self._pace.allowed(seconds)
        return None if allowed is None else min(1.0, requests / allowed)

    def _write_manifest(self) -> None:
        files = [file for file in self._checkpoint.files() if not file.part]
        manifest = {
            "query": dict(sorted(self._checkpoint.query.items())),
            "complete": self._plan.done,
            "events": sum(file.events for file in files),
            "files": [
                {
                    "name": file.name,
                    "size": file.size,
                    "events": file.events,
                    "first": _event(file.first),
                    "last": _event(file.last),
                }
                for file in files
            ],
        }
        path = self._folder / MANIFEST
        fresh = path.with_suffix(".json.new")
        fresh.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
        fresh.replace(path)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _event(mark: tuple[int, str] | None) -> dict[str, Any] | None:
    return None if mark is None else {"timestamp": mark[0], "event_id": mark[1]}


def _jsonable(value: Any) -> Any:
    """A filter's value as the checkpoint keeps it."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_jsonable(item) for item in value]
    return value if isinstance(value, (bool, int, float)) else str(value)


def _through_models(events: Sequence[RawEvent]) -> list[RawEvent]:
    """Decode each event into its model and encode it again."""
    from fingerprint_async.models import Event

    encode = msgspec.json.encode
    return [encode(Event.from_json(bytes(event)).to_dict()) for event in events]
