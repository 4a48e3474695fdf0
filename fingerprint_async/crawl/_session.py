"""One run on an output folder, which it holds from beginning to end.

Following is several rounds of crawling.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from ._finished import finished, in_thread
from ._folder import STATE_FOLDER, check_ownership, locked, reading_state, trim, writing
from ._telling import Teller
from ._writer import Snapshot, Totals, Writer
from .checkpoint import Checkpoint
from .errors import CrawlError, OutputDamagedError, OutputWriteError, SearchInconsistentError
from .formats import Place
from .progress import CrawlSummary, joined_spans

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine
    from pathlib import Path

    from ._setup import Setup
    from .checkpoint import FileState
    from .engine import Engine, Lost, Received
    from .plan import Plan, Position
    from .progress import Progress

__all__ = ["Session"]

_T = TypeVar("_T")

_MOMENTS = {"start", "end", "round_start", "round_end", "as_of", "horizon", "known_from"}

_TICK_SECONDS = 0.1
_ROLL_TICK_SECONDS = 1.0


class Session:
    """One run on a folder.

    Rounds and moments are kept in the checkpoint's counters, all in Unix ms: ``start`` and ``end``
    of the crawl, ``round_start`` and ``round_end`` of what is fetched at the moment, ``as_of`` the
    service's clock when that began, ``horizon`` up to where everything is there, ``known_from``
    from where on the ids of all events are known.

    Args:
        setup: Whom to ask for what.
        folder: The output folder.
        roll_bytes: A file of this size is closed.
        roll_seconds: A file this old is closed.
        late_ms: How late events may come in.
        on_progress: Called with the state of things.
    """

    def __init__(
        self,
        setup: Setup,
        folder: Path,
        *,
        roll_bytes: int,
        roll_seconds: float | None,
        late_ms: int,
        on_progress: Callable[[Progress], object] | None,
    ) -> None:
        self._setup, self._folder = setup, folder
        self._roll_bytes, self._roll_seconds = roll_bytes, roll_seconds
        self._late_ms = late_ms
        self._teller = Teller(setup, on_progress)
        self._counters: dict[str, float] = {}
        self._known: dict[str, int] = {}
        self._lost: list[Lost] = []
        self._resumed = False
        self._totals = Totals()
        self._disordered_before = 0.0
        self._engine: Engine | None = None
        # Set when the folder is open.
        self._is_open = False
        self._plan: Plan
        self._writer: Writer

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncGenerator[None]:
        """Hold the folder.

        Whatever ends the run, all that was fetched is brought into its final form.

        Raises:
            CrawlError: The folder cannot be used.
        """
        with writing(self._folder):
            is_new = not (self._folder / STATE_FOLDER / "state.sqlite").exists()
        if is_new:
            check_ownership(self._folder, (), is_bound=False)
        with locked(self._folder):
            await self._open()
            try:
                yield
            except (OutputWriteError, OutputDamagedError):
                raise
            except BaseException:
                # Cancelled, or the service failed: the parts of tables become readable before this
                # ends.
                with contextlib.suppress(CrawlError):
                    await self._writer.settle()
                raise
            finally:
                # The folder is free for another run only when the thread has let go of it.
                await finished(asyncio.ensure_future(self._writer.close()))

    async def rounds(self) -> None:
        """Fetch what the plan has left, and what lies between its end and the crawl's.

        A run that was killed may have planned less than is asked for by now.

        Raises:
            FingerprintError: What the service answered, once no retry helped.
            CrawlError: The output cannot be written.
        """
        await self.round()
        if self._counters["round_end"] < self._counters["end"]:
            self._new_round()
            await self._writer.drain()
            await self.round()

    async def round(self) -> None:
        """Fetch what the plan has left.

        Raises:
            FingerprintError: What the service answered, once no retry helped.
            CrawlError: The output cannot be written.
        """
        await self._while_telling(self._fetch())
        await self._writer.drain()
        await self._tell()
        self._teller.pages += self._plan.pages
        if self._engine is not None:
            self._teller.requests += self._engine.requests
        if disordered := int(self._counters.get("disordered", 0)):
            raise SearchInconsistentError.out_of_order(disordered)

    async def _fetch(self) -> None:
        writer = self._writer
        self._engine = engine = self._setup.engine(
            self._plan, is_resumed=self._resumed, unwritten=lambda: writer.pending
        )
        try:
            async with contextlib.aclosing(engine.run()) as pages:
                async for received in pages:
                    writer.check()
                    if received is not None:
                        self._put(received)
        finally:
            self._take_lost(engine)

    async def wait(self, seconds: float) -> None:
        """Wait for the next round; old files roll meanwhile."""
        await self._while_telling(asyncio.sleep(seconds))

    async def extend(self) -> None:
        """Plan what has come in since the last round, to the service's present.

        Raises:
            FingerprintError: What the service said when it was asked for its clock.
        """
        source = self._setup.source
        source.service_ms = None
        now = await self._while_telling(source.now())
        self._counters["end"] = max(now, self._counters["end"])
        self._new_round()
        await self._writer.drain()

    async def finish(self) -> None:
        """Bring the files into their final form."""
        await self._writer.finish()

    def summary(self) -> CrawlSummary:
        """Return the summary of this run, once it is over."""
        with Checkpoint.read(self._folder) as checkpoint:
            files = [file for file in checkpoint.files() if file.events]
        for file in files:
            if not (self._folder / file.name).exists():
                raise OutputDamagedError(
                    f"{self._folder / file.name} is gone: it was removed meanwhile"
                )
        counters, totals = self._counters, self._totals
        requests = self._teller.requests
        output = [file for file in files if file.kind == "events"]
        return CrawlSummary(
            output=self._folder,
            complete=self._is_complete() and all(file.kind != "stage" for file in files),
            as_of=int(counters["as_of"]),
            resumed=self._resumed,
            start=int(counters["start"]),
            end=int(counters["end"]),
            events=totals.events,
            quarantined=totals.quarantined,
            evolved=totals.evolved,
            lost=joined_spans(self._lost, self._setup.sources),
            files=len(output),
            size=sum(file.size for file in output),
            pages=self._teller.pages,
            requests=requests,
            throttled=self._teller.throttled,
            share=self._teller.share(requests),
            seconds=self._teller.seconds,
        )

    # -- beginning
    # ----------------------------------------------------------------------------------------

    async def _open(self) -> None:
        checkpoint = await in_thread(lambda: Checkpoint.open(self._folder), undo=Checkpoint.close)
        try:
            query = self._setup.query
            files = checkpoint.files()
            check_ownership(self._folder, files, is_bound=checkpoint.query is not None)
            if checkpoint.query is not None:
                with reading_state(self._folder):
                    query.compare(checkpoint.query, self._folder)
                    self._load(checkpoint, files)
            if not self._resumed:
                bound = checkpoint.query
                # Bound and without state: the machine died before anything was durable.
                start, end = (
                    (bound["start"], bound["end"])
                    if bound
                    else await self._while_telling(self._setup.bounds())
                )
                self._counters = {"start": start, "end": end, "horizon": 0, "known_from": start}
            with reading_state(self._folder):
                self._plan_round(checkpoint)
            await in_thread(lambda: trim(self._folder, files))
        except BaseException:
            checkpoint.close()
            raise
        self._counters["runs"] = self._counters.get("runs", 0) + 1
        self._teller.events_before = self._totals.events
        self._writer = Writer(
            checkpoint,
            Place(self._folder, checkpoint, self._roll_bytes, self._roll_seconds),
            query.format,
            through=_through_model if query.read_as == "typed" else None,
            snapshot=self._snapshot,
            wake=self._wake,
            totals=self._totals,
        )
        try:
            await self._writer.resume()
        except BaseException:
            await finished(asyncio.ensure_future(self._writer.close()))
            raise
        self._is_open = True

    def _load(self, checkpoint: Checkpoint, files: list[FileState]) -> None:
        """Go on with what an earlier run has left.

        Raises:
            ValueError: The state is damaged.
        """
        counters = checkpoint.counters()
        if not counters and not any(file.events for file in files):
            return
        if missing := _MOMENTS - counters.keys():
            raise ValueError(f"no {', '.join(sorted(missing))} in it")
        self._resumed = True
        names = ("events", "quarantined", "evolved", "pages")
        self._totals = Totals(**{name: int(counters.pop(name, 0)) for name in names})
        self._counters = counters
        end = self._setup.query.end
        if end is not None:
            counters["end"] = max(end, counters["end"])
        self._known = checkpoint.known()
        self._lost = checkpoint.lost()

    def _plan_round(self, checkpoint: Checkpoint) -> None:
        windows = checkpoint.windows() if self._resumed else []
        if not self._resumed or (not windows and self._counters["horizon"] < self._counters["end"]):
            self._new_round()
            return
        first, last = int(self._counters["round_start"]), int(self._counters["round_end"])
        self._disordered_before = self._counters.get("disordered", 0)
        self._plan = self._setup.plan(first, last)
        self._plan.restore(windows)

    def _new_round(self) -> None:
        counters = self._counters
        first = counters["start"]
        if counters["horizon"]:
            first = max(first, counters["known_from"], counters["horizon"] - self._late_ms)
        last = counters["end"]
        counters.update(round_start=first, round_end=last, as_of=0)
        self._disordered_before = counters.get("disordered", 0)
        self._known = {event_id: at for event_id, at in self._known.items() if at >= first}
        self._plan = self._setup.plan(int(first), int(last))

    # -- going on
    # -----------------------------------------------------------------------------------------

    def _wake(self) -> None:
        if self._engine is not None:
            self._engine.wake()

    def _begin_moment(self) -> None:
        """Fix the moment as of which this round is complete: the service's clock when it began."""
        service_ms = self._setup.source.service_ms
        counters = self._counters
        counters["as_of"] = time.time_ns() // 1_000_000 if service_ms is None else service_ms
        horizon = min(counters["round_end"], counters["as_of"])
        # The clock may have been set back: ids from before this round are forgotten by then.
        counters["known_from"] = max(counters["round_start"], horizon - self._late_ms)

    def _put(self, received: Received) -> None:
        if not self._counters.get("as_of"):
            self._begin_moment()
        known_from = self._counters["known_from"]
        kept: list[int] = []
        clashing: set[int] = set()
        positions: list[Position] = []
        here: dict[str, int] = {}
        for index in received.kept:
            at, event_id = received.page.positions[index]
            before = here.setdefault(event_id, self._known.get(event_id, at))
            if before != at:
                # Two events with one id: the output holds one of them.
                clashing.add(index)
                event_id = f"{event_id}\n{at}"
            if event_id in self._known:
                continue
            kept.append(index)
            if at >= known_from:
                self._known[event_id] = at
                positions.append((at, event_id))
        if self._engine is not None:
            self._take_lost(self._engine)
        if self._plan.disordered:
            self._counters["disordered"] = self._disordered_before + self._plan.disordered
        self._writer.put(received, kept, positions, frozenset(clashing))

    def _take_lost(self, engine: Engine) -> None:
        self._lost += engine.lost
        engine.lost = []

    def _snapshot(self) -> Snapshot:
        counters, query = self._counters, None
        if self._plan.done:
            # In the same commit as the end of the last window: a run that ends here is over.
            if not counters.get("as_of"):
                self._begin_moment()
            counters["horizon"] = min(counters["round_end"], counters["as_of"])
        if self._plan.pages or self._totals.pages:
            query = self._setup.query.state(start=int(counters["start"]), end=int(counters["end"]))
        return Snapshot(
            windows=list(self._plan.take_changes()),
            counters=dict(counters),
            known_from=int(counters["round_start"]),
            query=query,
            lost=list(self._lost),
            manifest={
                "complete": self._is_complete(),
                "as_of": int(counters.get("as_of", 0)) or None,
                "lost": [
                    attrs.asdict(span) for span in joined_spans(self._lost, self._setup.sources)
                ],
            },
        )

    def _is_complete(self) -> bool:
        is_fetched = self._plan.done and self._counters["horizon"] >= self._counters["end"]
        return is_fetched and not self._counters.get("disordered")

    # -- telling
    # ------------------------------------------------------------------------------------------

    async def _while_telling(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run a piece of work, and tell the caller about it all the while.

        What the caller's function raises ends the work.
        """
        working = asyncio.ensure_future(work)
        ticking = asyncio.ensure_future(self._tick())
        try:
            await asyncio.wait({working, ticking}, return_when=asyncio.FIRST_COMPLETED)
            if ticking.done():
                ticking.result()
            return working.result()
        finally:
            for task in (working, ticking):
                task.cancel()
            await asyncio.gather(working, ticking, return_exceptions=True)

    async def _tick(self) -> None:
        """Tell progress and roll old files, also while nothing comes."""
        rolled_at = time.monotonic()
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            await self._tell()
            is_due = time.monotonic() - rolled_at >= _ROLL_TICK_SECONDS
            if self._is_open and self._roll_seconds is not None and is_due:
                rolled_at = time.monotonic()
                await self._writer.tick()

    async def _tell(self) -> None:
        plan = self._plan if self._is_open else None
        await self._teller.tell(self._totals.events, plan, self._engine)


def _through_model(event: bytes) -> bytes:
    """Decode an event into its model and encode it again."""
    import msgspec

    from fingerprint_async.models import Event

    return msgspec.json.encode(Event.from_json(event).to_dict())
