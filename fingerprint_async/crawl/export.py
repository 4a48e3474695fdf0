"""Exporting every event of a time range into files: engine, sink and checkpoint put together."""

from __future__ import annotations

import json
import os
import time
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from fingerprint_async._time import to_unix_ms

from ._fetch import SOURCES, Source, check_filters, fetcher, pace_of, throttled_of
from .checkpoint import Checkpoint, writing
from .engine import Engine
from .plan import Plan
from .progress import CrawlSummary, Progress
from .sinks import FORMATS, open_sink

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from fingerprint_async.client import FingerprintClient

    from ._pace import Pace
    from ._pages import CutPage
    from .engine import Received
    from .sinks import Format, Sink

__all__ = ["DEFAULT_ROLL_BYTES", "Lane", "export"]

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
    max_in_flight: int = 64,
    patience: float = 120.0,
    on_progress: Callable[[Progress], object] | None = None,
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
        max_in_flight: Most requests in flight.
        patience: Seconds without any page after which a failing service ends the run.
        on_progress: Called with the state of things about ten times a second.
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
    check_filters(filters)
    for name, value, known in (("format", format, FORMATS), ("source", source, SOURCES), ("lane", lane, ("raw", "typed"))):
        if value not in known:
            from fingerprint_async.errors import ArgumentError

            raise ArgumentError(f"{name} must be one of {', '.join(known)}, not {value!r}")
    query = {
        "start": None if start is None else to_unix_ms(start, name="start"),
        "end": None if end is None else to_unix_ms(end, name="end"),
        "format": format,
        "source": source,
        **{name: _jsonable(value) for name, value in filters.items()},
    }
    pace = pace_of(client, now=time.monotonic())
    session = _Session(Path(output), query, pace, roll_bytes=roll_bytes, roll_seconds=roll_seconds)
    try:
        return await session.run(
            client,
            filters,
            lane=lane,
            max_in_flight=max_in_flight,
            patience=patience,
            on_progress=on_progress or (lambda _: None),
        )
    finally:
        session.close()


class _Session:
    """One run of an export: holds the folder from beginning to end."""

    def __init__(
        self, folder: Path, query: dict[str, Any], pace: Pace, *, roll_bytes: int, roll_seconds: float | None
    ) -> None:
        self._folder, self._pace = folder, pace
        self._checkpoint = Checkpoint(folder, query)
        self._sink: Sink | None = None
        try:
            stored = self._checkpoint.query
            if stored["end"] is None or stored["start"] is None:
                end = stored["end"] if stored["end"] is not None else time.time_ns() // 1_000_000
                start = stored["start"] if stored["start"] is not None else end - _WEEK_MS
                self._checkpoint.settle(start=start, end=end)
                stored = self._checkpoint.query
            self._sources = ("device", "edge") if stored["source"] == "both" else (stored["source"],)
            self._counters = self._checkpoint.counters()
            self.resumed = bool(self._counters)
            self._plan = Plan(stored["start"], stored["end"], sources=len(self._sources), parts=pace.first_windows(
                stored["end"] - stored["start"] + 1))
            if self.resumed:
                self._plan.restore(self._checkpoint.windows())
            self._checkpoint.trim()
            with writing(folder):
                self._sink = open_sink(folder, stored["format"], roll_bytes=roll_bytes, roll_seconds=roll_seconds)
                self._sink.resume(self._checkpoint.files())
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._sink is not None:
            self._sink.close()
        self._checkpoint.close()

    async def run(
        self,
        client: FingerprintClient,
        filters: dict[str, Any],
        *,
        lane: Lane,
        max_in_flight: int,
        patience: float,
        on_progress: Callable[[Progress], object],
    ) -> CrawlSummary:
        clock = time.monotonic
        began = clock()
        pace = self._pace
        engine: Engine[CutPage] = Engine(
            self._plan,
            fetcher(client, filters, self._sources),
            pace=pace,
            max_in_flight=max_in_flight,
            patience=patience,
        )
        throttled = throttled_of(client)
        self._counters["runs"] = self._counters.get("runs", 0) + 1
        self._counters.setdefault("events", 0)
        self._commit(durable=True)
        before = self._counters["events"]
        whole = max(1, self._plan.end - self._plan.start + 1) * len(self._sources)

        def progress() -> Progress:
            seconds = clock() - began
            pages = self._plan.pages
            left = sum(self._plan.pages_left(window) for window in self._plan.windows)
            allowed = pace.allowed(seconds)
            return Progress(
                events=int(self._counters["events"]),
                pages=pages,
                requests=engine.requests,
                in_flight=engine.in_flight,
                windows=len(self._plan.windows),
                seconds=seconds,
                events_per_second=(self._counters["events"] - before) / seconds if seconds else 0.0,
                share=None if allowed is None else min(1.0, engine.requests / allowed),
                throttled=throttled_of(client) - throttled,
                covered=1.0 - sum(window.length for window in self._plan.windows) / whole,
                done=pages / (pages + left) if pages else 0.0,
                eta=max(left / pages * seconds if pace.rate is None else 0.0, pace.seconds_for(left, clock()))
                if pages
                else None,
            )

        durable_at = said_at = began
        async with aclosing(engine.run()) as batches:
            async for batch in batches:
                with writing(self._folder):
                    for received in batch:
                        self._write(received, lane)
                now = clock()
                durable = now - durable_at >= _DURABLE_EVERY or self._checked_sink.wants_sync
                self._commit(durable=durable)
                if durable:
                    durable_at = now
                if now - said_at >= _PROGRESS_EVERY:
                    said_at = now
                    on_progress(progress())
        with writing(self._folder):
            self._checked_sink.finish()
        self._commit(durable=True)
        while self._checked_sink.wants_sync:
            self._commit(durable=True)
        last = progress()
        on_progress(last)
        files = self._checkpoint.files()
        return CrawlSummary(
            output=self._folder,
            complete=self._plan.done,
            resumed=self.resumed,
            start=self._plan.start,
            end=self._plan.end,
            events=last.events,
            files=len(files),
            size=sum(file.size for file in files),
            pages=last.pages,
            requests=last.requests,
            throttled=last.throttled,
            share=last.share,
            seconds=last.seconds,
        )

    @property
    def _checked_sink(self) -> Sink:
        assert self._sink is not None  # noqa: S101 -- set by the constructor
        return self._sink

    def _write(self, received: Received[CutPage], lane: Lane) -> None:
        page, kept = received.page, received.kept
        if not kept:
            return
        events = page.events[kept.start : kept.stop] if isinstance(kept, range) else [page.events[at] for at in kept]
        if lane == "typed":
            events = _through_models(events)
        first, last = sorted((page.mark(kept[0]), page.mark(kept[-1])))
        self._checked_sink.write(events, first, last)
        self._counters["events"] += len(kept)

    def _commit(self, *, durable: bool) -> None:
        sink = self._checked_sink
        if durable:
            with writing(self._folder):
                sink.sync()
        self._checkpoint.commit(
            windows=self._plan.take_changes(), files=sink.take_changes(), counters=self._counters, durable=durable
        )
        with writing(self._folder):
            sink.committed(durable=durable)
            if durable:
                self._write_manifest()

    def _write_manifest(self) -> None:
        files = [file for file in self._checkpoint.files() if not file.part]
        manifest = {
            "query": self._checkpoint.query,
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
        path = self._folder / "manifest.json"
        fresh = path.with_suffix(".json.new")
        fresh.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        fresh.replace(path)


def _event(mark: tuple[int, str] | None) -> dict[str, Any] | None:
    return None if mark is None else {"timestamp": mark[0], "event_id": mark[1]}


def _jsonable(value: Any) -> Any:
    """A filter's value as the checkpoint keeps it."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_jsonable(item) for item in value]
    return value if isinstance(value, (bool, int, float)) else str(value)


def _through_models(events: Any) -> list[bytes]:
    import msgspec

    from fingerprint_async.models import Event

    encode = msgspec.json.encode
    return [encode(Event.from_json(bytes(event)).to_dict()) for event in events]
