"""The worker thread of a crawl: encoding, disk and database work, off the event loop."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import attrs
import msgspec

from fingerprint_async.errors import FingerprintError

from ._breathe import breathe
from ._folder import writing
from ._manifest import write_manifest
from ._odd import is_odd, is_writable
from .errors import OutputWriteError
from .formats import open_sink
from .formats._lines import LinesSink

if TYPE_CHECKING:
    from collections.abc import Callable

    from .checkpoint import Checkpoint
    from .engine import Received
    from .formats import Format, Place, Sink
    from .plan import Position

__all__ = ["Snapshot", "Totals", "Writer"]

_DURABLE_EVERY_SECONDS = 5.0
_BREATHE_EVERY = 10


@attrs.frozen
class Snapshot:
    """The crawl's state at one moment, as a commit keeps it.

    Attributes:
        windows: Windows that changed.
        counters: Sums and moments.
        known_from: Known events before this moment may be forgotten.
        query: What the folder is bound to.
        lost: Spans that the service no longer keeps.
        manifest: What the manifest says besides the files.
    """

    windows: list[tuple[int, dict[str, Any] | None]]
    counters: dict[str, float]
    known_from: int | None
    query: dict[str, Any] | None
    lost: list[tuple[int, int, int]]
    manifest: dict[str, Any]


@attrs.define
class Totals:
    """What was written, earlier runs included.

    Attributes:
        events: Events in the output, or on their way into its tables.
        quarantined: Events in quarantine files.
        evolved: Events that held something their columns have no place for.
        pages: Pages.
    """

    events: int = 0
    quarantined: int = 0
    evolved: int = 0
    pages: int = 0


@attrs.frozen
class _Item:
    received: Received
    kept: list[int]
    known: list[Position]
    clashing: frozenset[int]


class Writer:
    """Writes pages and commits them, in one thread and in the order they were put.

    Args:
        checkpoint: The checkpoint; it belongs to the thread from now on.
        place: Where the files are.
        format: How events are written.
        through: Turns an event into what is written; None writes it as it came.
        snapshot: Returns the crawl's state; called in the event loop, when a batch of pages is
            taken.
        wake: Called in the event loop when pages were written, or could not be.
        totals: What earlier runs wrote.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        place: Place,
        format: Format,  # noqa: A002 -- the option's name
        *,
        through: Callable[[bytes], bytes] | None,
        snapshot: Callable[[], Snapshot],
        wake: Callable[[], None],
        totals: Totals,
    ) -> None:
        self._checkpoint, self._place = checkpoint, place
        self._through, self._snapshot, self._wake = through, snapshot, wake
        self._format: Format = format
        self._sink: Sink
        self._is_open = False
        self._quarantine = LinesSink(place, "raw", prefix="quarantine-", kind="quarantine")
        self.totals = totals
        self._evolved_before = totals.evolved
        self._queue: list[_Item] = []
        self._writing = 0
        self._running: asyncio.Future[None] | None = None
        self._error: BaseException | None = None
        self._durable_at = time.monotonic()
        self._known: list[Position] = []
        self._manifest: dict[str, Any] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="fingerprint-crawl")

    @property
    def pending(self) -> int:
        """Pages that were put and are not written yet."""
        return len(self._queue) + self._writing

    def put(
        self,
        received: Received,
        kept: list[int],
        known: list[Position],
        clashing: frozenset[int],
    ) -> None:
        """Have a page written.

        Args:
            received: The page.
            kept: Which of its events are written.
            known: Events of it that a later run may see again.
            clashing: Which of those that are written have the id of another event.
        """
        self._queue.append(_Item(received, kept, known, clashing))
        if self._running is None and self._error is None:
            self._start()

    def check(self) -> None:
        """Raise what writing failed with.

        Raises:
            CrawlError: The output cannot be written.
        """
        if self._error is not None:
            raise self._error

    async def resume(self) -> None:
        """Open the files, and go on with those of an earlier run.

        Raises:
            ModuleNotFoundError: The format needs an extra that is not installed.
        """
        await self._call(self._resume)

    async def tick(self) -> None:
        """Roll the file being written if it is old enough."""
        if self._error is None:
            await self._call(self._roll)
            if self._running is None and self._sink.wants_sync:
                self._start()

    async def drain(self) -> None:
        """Write and commit all that was put, and the state at hand."""
        while self._running is not None:
            await asyncio.wait([self._running])
        self.check()
        self._start(durable=True)
        await self.idle()

    async def idle(self) -> None:
        """Wait until nothing is being written.

        Raises:
            CrawlError: The output cannot be written.
        """
        while self._running is not None:
            await asyncio.wait([self._running])
        self.check()

    async def settle(self) -> None:
        """Make all that was put readable, as the run ends early."""
        await self._end(self._settle)

    async def finish(self) -> None:
        """Bring everything into its final form."""
        await self._end(self._finish)

    async def _end(self, work: Callable[[], None]) -> None:
        await self.drain()
        await self._call(work)
        await self.drain()
        while self._sink.wants_sync or self._quarantine.wants_sync:
            await self.drain()

    async def close(self) -> None:
        """Let go of the files and of the thread."""
        while self._running is not None:
            await asyncio.wait([self._running])
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        finally:
            self._thread.shutdown(wait=False)

    # -- in the event loop
    # --------------------------------------------------------------------------------

    async def _call(self, work: Callable[[], None]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._safely, work)

    def _start(self, *, durable: bool = False) -> None:
        batch, self._queue = self._queue, []
        self._writing = len(batch)
        snapshot = self._snapshot()
        self._running = asyncio.get_running_loop().run_in_executor(
            self._thread, self._safely, lambda: self._write(batch, snapshot, durable=durable)
        )
        self._running.add_done_callback(self._done)

    def _done(self, done: asyncio.Future[None]) -> None:
        self._running, self._writing = None, 0
        # Read, or asyncio reports it as never retrieved; `check` raises it.
        failed = not done.cancelled() and done.exception() is not None
        if self._queue and not failed:
            self._start()
        self._wake()

    # -- in the thread
    # ------------------------------------------------------------------------------------

    def _safely(self, work: Callable[[], None]) -> None:
        """Run a piece of work, and nothing after one that failed: it may have done half of it.

        Raises:
            CrawlError: The output cannot be written.
            ModuleNotFoundError: The format needs an extra that is not installed.
        """
        self.check()
        try:
            work()
        except (FingerprintError, ModuleNotFoundError) as error:
            self._error = error
            raise
        except Exception as error:
            self._error = OutputWriteError(f"cannot write to {self._place.folder}: {error!r}")
            raise self._error from error

    def _resume(self) -> None:
        with writing(self._place.folder):
            # Here, as importing what a format needs takes a while.
            self._sink = open_sink(self._place, self._format)
            self._is_open = True
            files = self._checkpoint.files()
            self._sink.resume(files)
            self._quarantine.resume(files)

    def _roll(self) -> None:
        with writing(self._place.folder):
            self._sink.roll_if_due()

    def _settle(self) -> None:
        with writing(self._place.folder):
            self._sink.settle()

    def _finish(self) -> None:
        with writing(self._place.folder):
            self._sink.finish()
            self._quarantine.finish()

    def _write(
        self,
        batch: list[_Item],
        snapshot: Snapshot,
        *,
        durable: bool,
    ) -> None:
        with writing(self._place.folder):
            while batch:
                # Emptied on the way: a page that is written is let go.
                item = batch.pop(0)
                self._write_page(item)
                self._known += item.known
        self.totals.evolved = self._evolved_before + self._sink.evolved
        now = time.monotonic()
        late = now - self._durable_at >= _DURABLE_EVERY_SECONDS
        self._commit(snapshot, durable=durable or late or self._sink.wants_sync)

    def _write_page(self, item: _Item) -> None:
        page = item.received.page
        self.totals.pages += 1
        events: list[bytes] = []
        written: list[Position] = []
        for number, index in enumerate(item.kept):
            if number % _BREATHE_EVERY == 0:
                breathe()
            event = bytes(page.events[index])
            encoded = self._encoded(event, is_suspicious=page.is_odd)
            if encoded is None or index in page.strays or index in item.clashing:
                position = page.positions[index]
                self._quarantine.write([event], [position])
                self.totals.quarantined += 1
            else:
                events.append(encoded)
                written.append(page.positions[index])
        breathe()
        if events:
            self._sink.write(events, written)
            self.totals.events += len(events)

    def _encoded(self, event: bytes, *, is_suspicious: bool) -> bytes | None:
        """Return what is written for an event, None where there is nothing that readers take."""
        if is_odd(event, is_suspicious=is_suspicious):
            return None
        if self._through is None:
            # Real events hold no line break; a pretty-printed one would not be one line.
            has_break = b"\n" in event or b"\r" in event
            return msgspec.json.format(event, indent=-1) if has_break else event
        breathe()
        encoded = self._through(event)
        return encoded if is_writable(encoded) else None

    def _commit(self, snapshot: Snapshot, *, durable: bool) -> None:
        checkpoint, folder = self._checkpoint, self._place.folder
        if snapshot.query is not None and snapshot.query != checkpoint.query:
            checkpoint.bind(snapshot.query)
        if snapshot.lost:
            checkpoint.put_lost(snapshot.lost)
        if durable:
            with writing(folder):
                self._sink.sync()
                self._quarantine.sync()
        known, self._known = self._known, []
        checkpoint.commit(
            windows=snapshot.windows,
            files=[*self._sink.take_changes(), *self._quarantine.take_changes()],
            counters={**snapshot.counters, **self._counted()},
            known=known,
            known_from=snapshot.known_from,
            durable=durable,
        )
        with writing(folder):
            self._sink.committed(durable=durable)
            if durable:
                self._durable_at = time.monotonic()
                self._write_manifest(snapshot)

    def _counted(self) -> dict[str, float]:
        return {name: float(value) for name, value in attrs.asdict(self.totals).items()}

    def _close(self) -> None:
        with writing(self._place.folder):
            states = self._sink.close() if self._is_open else ()
            self._quarantine.close()
            if states:
                self._checkpoint.commit(files=states, durable=True)
                self._update_manifest()
        self._checkpoint.close()

    def _write_manifest(self, snapshot: Snapshot) -> None:
        if snapshot.query is not None:
            self._manifest = {"query": dict(sorted(snapshot.query.items())), **snapshot.manifest}
            self._update_manifest()

    def _update_manifest(self) -> None:
        if self._manifest is not None:
            write_manifest(self._place.folder, self._manifest, self._checkpoint.files())
