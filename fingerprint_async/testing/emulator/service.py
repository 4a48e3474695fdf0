"""The emulated service: one request in, one reply out. Whoever carries it waits and delivers."""

from __future__ import annotations

import logging
from email.utils import formatdate
from itertools import count
from typing import TYPE_CHECKING, Any, Literal

from attrs import evolve

from fingerprint_async.testing import signing
from fingerprint_async.testing.carriers import Reply, Request
from fingerprint_async.testing.emulator.access import ApiKey, Region, authorise, keys_of
from fingerprint_async.testing.emulator.account import Account, Seen, without_secret
from fingerprint_async.testing.emulator.clock import Clock
from fingerprint_async.testing.emulator.dataset import Dataset
from fingerprint_async.testing.emulator.errors import ApiError
from fingerprint_async.testing.emulator.faults import (
    OPERATIONS,
    Fault,
    Faults,
    RetryAfter,
    answer_with,
    replaces_answer,
    spoil,
)
from fingerprint_async.testing.emulator.hostile import Hostile, Hostility
from fingerprint_async.testing.emulator.keys import KeyRing
from fingerprint_async.testing.emulator.limits import Budgets, TokenBucket
from fingerprint_async.testing.emulator.operations import (
    Operations,
    Route,
    Settings,
    UnknownVisitor,
    route,
)
from fingerprint_async.testing.emulator.options import (
    latency_of,
    ms_of,
    retention_of,
    rulesets_of,
    sealing_key_of,
)
from fingerprint_async.testing.emulator.pages import Pages
from fingerprint_async.testing.emulator.search import Query, Rules, parse_query
from fingerprint_async.testing.emulator.store import Arrival, Store
from fingerprint_async.testing.emulator.truth import Truth, TruthSource, truth_of
from fingerprint_async.testing.emulator.webhooks import Attempt, Outbox, Webhook, post
from fingerprint_async.testing.factories import encode, make_error, make_event
from fingerprint_async.testing.synthetic._random import seeded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from fingerprint_async.testing.emulator.rulesets import Ruleset
    from fingerprint_async.testing.synthetic.profiles import Detail

__all__ = ["EmulatedService"]

DAY_MS = 86_400_000
MONTH_MS = 30 * DAY_MS
HOUR_MS = 3_600_000
_LOGGER = logging.getLogger(__name__)


class EmulatedService:
    """A Fingerprint workspace behind the Server API v4; see `Emulator` for the arguments."""

    def __init__(
        self,
        *,
        events: int,
        start: int | None,
        end: int | None,
        seed: int,
        detail: Detail,
        rates: Mapping[str, float] | None,
        tomorrow: float,
        rate: float | None,
        burst: float | None,
        retry_after: RetryAfter,
        latency: float | tuple[float, float],
        faults: Iterable[Fault],
        hostile: Iterable[Hostile],
        keys: Mapping[str, ApiKey] | Iterable[str] | None,
        region: Region | Literal["all"],
        retention: float | None,
        deletion: bool,
        deletion_seconds: float,
        edge: bool,
        feedback: bool,
        fresh: float,
        searchable_after: float,
        key_lifetime: float | None,
        unknown_visitor: UnknownVisitor,
        live: bool,
        late: tuple[float, float] | None,
        rulesets: Mapping[str, Literal["allow", "block"] | Ruleset] | None,
        webhooks: Iterable[Webhook],
        sealing_key: str | None,
        admin_token: str | None,
        remembered: int,
        clock: Callable[[], float] | None,
    ) -> None:
        self.clock = clock if isinstance(clock, Clock) else Clock(clock)
        self.end = int(self.clock() * 1_000) if end is None else end
        self.retention = retention_of(retention)
        self.start = self._default_start() if start is None else start
        self.seed = seed
        self.region: Region | Literal["all"] = region
        self.sealing_key = sealing_key_of(seed) if sealing_key is None else sealing_key
        self.admin_token = admin_token
        self._first_webhooks = tuple(webhooks)
        self.keys = keys_of(keys)
        self.retry_after: RetryAfter = retry_after
        self.latency = latency_of(latency)
        self.dataset = Dataset(
            events=events,
            start=self.start,
            end=self.end,
            seed=seed,
            detail=detail,
            rates=rates,
            tomorrow=tomorrow,
        )
        self.account = Account(remembered)
        self._rulesets = rulesets_of(rulesets)
        self._key_ring = KeyRing(f"{seed}/pagination", key_lifetime)
        self._arrival = Arrival(
            live=live,
            late=late,
            searchable_ms=ms_of("searchable_after", searchable_after),
            mutable_ms=ms_of("fresh", fresh),
            retention_ms=None if self.retention is None else int(self.retention * DAY_MS),
            seed=seed,
        )
        self._settings = Settings(
            enabled={"delete": deletion, "edge": edge, "feedback": feedback},
            unknown_visitor=unknown_visitor,
            deletion_ms=ms_of("deletion_seconds", deletion_seconds),
            behind_ms=max(0, int(self.clock() * 1_000) - self.end),
        )
        self._limit = (rate, burst)
        self._first_faults = tuple(faults)
        self._first_hostile = tuple(hostile)
        self.reset()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self.store)} events, region {self.region!r}>"

    @property
    def api_key(self) -> str:
        """A secret key that it accepts: the first it was given, `test-key` unless given others."""
        return next(iter(self.keys))

    @property
    def searchable_start(self) -> int:
        """Unix ms of the first event, or of the first that a search may still ask for."""
        earliest = self.store.earliest(self._operations.now)
        return self.start if earliest is None else max(self.start, earliest + self._margin_ms())

    @property
    def in_flight(self) -> int:
        """How many requests are not answered yet."""
        return self.account.in_flight

    @property
    def connections(self) -> int:
        """How many connections there have been."""
        return self.account.connections

    def events(self, *, limit: int | None = None) -> list[dict[str, Any]]:
        """Return what a search of everything finds now, newest first, decoded.

        Args:
            limit: How many at most; all of them unless given.
        """
        now = self._operations.now
        query = Query(start=0, end=max(self.end, now))
        return [self.store.event(rank) for rank in self.store.ranks(query, now, limit)]

    @property
    def requests(self) -> tuple[Seen, ...]:
        """The last requests, oldest first, with their bodies and what was answered."""
        return tuple(self.account.requests)

    def _default_start(self) -> int:
        if self.retention is None:
            return self.end - MONTH_MS
        earliest = int(self.clock() * 1_000 - self.retention * DAY_MS) + self._margin_ms()
        return min(self.end, max(self.end - MONTH_MS, earliest))

    def _margin_ms(self) -> int:
        """Return how far inside the retention a start must lie to stay good for a while."""
        return min(HOUR_MS, int((self.retention or 0) * DAY_MS / 10))

    # -- state --

    def reset(self) -> None:
        """Go back to how it was made: events, limits, faults, counters. The clock goes on."""
        now = int(self.clock() * 1_000)
        self.account.clear()
        self.rulesets = dict(self._rulesets)
        self.hostility = Hostility(self._first_hostile, seed=self.seed)
        self.store = Store(self.dataset, evolve(self._arrival, started=now))
        self.bucket = TokenBucket(*self._limit, clock=self.clock)
        self._budgets = Budgets(self.bucket, clock=self.clock)
        self._faults = Faults(self._first_faults, seed=self.seed)
        self._jitter = seeded(self.seed, "latency").random
        self._added = count()
        self.outbox = Outbox(self._first_webhooks)
        self._told_until = now
        self._operations = self._make_operations()

    def _make_operations(self) -> Operations:
        return Operations(
            store=self.store,
            pages=Pages(self.store, self._key_ring, self.hostility),
            keys=self._key_ring,
            rulesets=self.rulesets,
            hostility=self.hostility,
            account=self.account,
            settings=self._settings,
            clock=self._service_clock,
            created=self._event_created,
        )

    def _service_clock(self) -> float:
        return self.clock() + self.hostility.skew_seconds

    def _event_created(self, event: dict[str, Any]) -> None:
        self.outbox.add(event, now=self._operations.now)

    def set_limits(self, *, rate: float | None, burst: float | None = None) -> None:
        """Allow another rate (requests per second; `None`: no limit) and burst, from now on.

        Raises:
            ValueError: A rate or burst that lets nothing through.
        """
        self.bucket.change(rate, burst)

    def set_faults(self, *faults: Fault) -> None:
        """Have other faults, from now on; none to end them."""
        self._faults = Faults(faults, seed=self.seed)

    def set_hostile(self, *behaviours: Hostile) -> None:
        """Behave in other hostile ways, from now on; none to end them."""
        self.hostility = Hostility(behaviours, seed=self.seed)
        self._operations.hostility = self.hostility
        self._operations.pages = Pages(self.store, self._key_ring, self.hostility)

    def add_event(self, **overrides: Any) -> dict[str, Any]:
        """Put one more event into the workspace and return it.

        Args:
            **overrides: As for `make_event`: `platform`, `detail`, `without`, and any field by its
                wire name. Its `timestamp` is now unless given.

        Raises:
            ValueError: An event with this `event_id` is there already.
        """
        now = int(self.clock() * 1_000)
        overrides.setdefault("timestamp", now)
        overrides.setdefault("number", next(self._added))
        event = make_event(**overrides)
        self.store.add(event, now=now)
        self._event_created(event)
        return event

    def deliver_webhooks(self, send: Callable[..., int] = post) -> list[Attempt]:
        """Deliver the webhooks that are due by the clock; a server does so by itself.

        Args:
            send: Takes address, headers and body, and returns the status of the answer.
        """
        now = self._operations.now
        if self.outbox.webhooks:
            for number in self.store.arrived_between(self._told_until, now):
                self.outbox.add(self.store.event(number), now=now)
        self._told_until = now
        return self.outbox.deliver(now, send)

    def sealed_result(self, event_id: str) -> str:
        """Return an event as the sealed result of its agent, sealed with `sealing_key`.

        Raises:
            KeyError: There is no such event.
        """
        rank = self.store.find(event_id, self._operations.now)
        if rank is None:
            raise KeyError(event_id)
        return signing.seal(self.store.event(rank), self.sealing_key)

    def truth(
        self,
        *,
        start: int | None = None,
        end: int | None = None,
        source: TruthSource = "device",
        ids: bool = True,
        **filters: str,
    ) -> Truth:
        """Return what a search can find in `[start, end]` (Unix ms, both inclusive) now.

        Args:
            start: Unix ms; the whole workspace unless given.
            end: Unix ms; the whole workspace unless given.
            source: Device events, edge events, or both.
            ids: Whether to list the ids too.
            **filters: Search filters, as they are written in a query.
        """
        now = self._operations.now
        low = min(self.start, 0) if start is None else start
        high = max(self.end, now) if end is None else end
        checked = parse_query(filters.items(), Rules(now=now, keys=self._key_ring)).filters
        one = Query(start=low, end=high, reverse=True, filters=checked)
        return truth_of(self.store, one, source, now=now, ids=ids)

    def stats(self) -> dict[str, Any]:
        """Return what was asked of it: requests by operation and status, 429s, pages, connections.

        `limit` compares what the token bucket allowed from the first request to the last (burst +
        rate x seconds) with what was used.
        """
        return self.account.stats() | {"limit": self.bucket.stats()}

    # -- what carries it tells it --

    def connection_opened(self) -> None:
        """Take note: a carrier accepted a connection."""
        self.account.opened()

    def connection_closed(self) -> None:
        """Take note: a carrier lost or ended a connection."""
        self.account.closed()

    def request_finished(self) -> None:
        """Take note: a carrier delivered a reply, or gave up on it."""
        self.account.finished()

    # -- one request --

    def answer(self, request: Request, region: Region) -> Reply:
        """Answer one request to a region."""
        number = self.account.began()
        asked = route(request)
        fault: Fault | None = None
        try:
            key = authorise(request.headers.get("authorization", ""), self.keys, region)
            reply, fault = self._admitted(asked, request, key)
        except ApiError as error:
            reply = self._refused(error, request)
        except Exception:
            _LOGGER.exception("The emulator could not answer %s %s", request.method, request.path)
            reply = Reply(500, encode(make_error("failed")))
        if fault is not None and not replaces_answer(fault):
            spoil(reply, fault)
        self._finish(reply, number)
        seen = Seen(
            number=number,
            at=self.clock(),
            operation="unknown" if asked is None else OPERATIONS[asked.operation],
            request=without_secret(request),
            status=reply.status,
            fault="" if fault is None else fault.kind,
            host=request.headers.get("host", ""),
        )
        self.account.answered(seen, reply)
        return reply

    def _admitted(
        self, asked: Route | None, request: Request, key: ApiKey
    ) -> tuple[Reply, Fault | None]:
        """Return the reply to a request of a known key, and the fault that struck it."""
        if asked is None:
            return Reply(404, encode(make_error("failed", "no such operation"))), None
        wait = self._budgets.wait(asked.operation)
        if wait:
            reply = Reply(429, encode(make_error("too_many_requests")))
            self._add_retry_after(reply, wait, self.retry_after)
            return reply, None
        paging = "pagination_key=" in request.query
        fault = self._faults.draw(OPERATIONS[asked.operation], paging=paging)
        if fault is not None and replaces_answer(fault):
            if fault.kind == "refused_key":
                return self._refused(ApiError(400, "", "invalid pagination key"), request), fault
            reply = answer_with(fault)
            self._add_retry_after(reply, 1.0, fault.retry_after)
            return reply, fault
        empty = fault is not None and fault.kind == "empty_page"
        try:
            reply = self._operations.answer(asked, request, key, empty=empty)
        except ApiError as error:
            return self._refused(error, request), fault
        if reply.body and self.hostility.strikes_now("other_shapes"):
            reply.body = self.hostility.other_shape()
        return reply, fault

    def _refused(self, error: ApiError, request: Request) -> Reply:
        status, code, message = error.status, error.code, error.message
        keyed = "pagination_key=" in request.query and status == 400  # noqa: PLR2004
        if keyed and message == "invalid pagination key":
            code = "request_cannot_be_parsed"
            if self.hostility.strikes_now("key_messages"):
                status, code, message = self.hostility.refusal()
        return Reply(status, encode(make_error(code, message)))

    def _add_retry_after(self, reply: Reply, wait: float, form: RetryAfter) -> None:
        text = {
            "none": None,
            "seconds": str(max(1, -int(-wait // 1))),
            "fraction": f"{wait:.3f}",
            "date": formatdate(self._service_clock() + wait + 1, usegmt=True),
            "nonsense": "a little while",
        }[form]
        if text is not None:
            reply.headers.append(("retry-after", text))

    def _finish(self, reply: Reply, number: int) -> None:
        reply.headers.append(("date", formatdate(self._service_clock(), usegmt=True)))
        reply.headers.append(("x-request-id", f"emu-{self.seed}-{number}"))
        low, high = self.latency
        reply.delay += low + self._jitter() * (high - low)
