"""The emulated service itself: one request in, one reply out. No sockets and no waiting; whoever carries it does both."""

from __future__ import annotations

import ipaddress
import re
import time
from collections import Counter
from collections.abc import Mapping
from email.utils import formatdate
from itertools import count
from typing import TYPE_CHECKING, Any, Literal, cast, get_args
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec
from attrs import evolve, field, frozen

from fingerprint_async.testing._random import seeded
from fingerprint_async.testing._store import Store
from fingerprint_async.testing.factories import encode, make_edge_response, make_error, make_event
from fingerprint_async.testing.faults import ANSWERS, OPERATIONS, Fault, Faults, RetryAfter
from fingerprint_async.testing.limits import TokenBucket, Window
from fingerprint_async.testing.search import (
    MAX_LINKED_ID,
    PREDICATES,
    ApiError,
    KeyRing,
    Query,
    bad_request,
    parse_query,
    to_ms,
)
from fingerprint_async.testing.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractAsyncContextManager, AbstractContextManager

    from fingerprint_async.testing._profiles import Detail
    from fingerprint_async.testing.app import EmulatorApp
    from fingerprint_async.testing.server import EmulatorServer
    from fingerprint_async.testing.transport import EmulatorTransport

__all__ = ["DEFAULT_KEYS", "ApiKey", "Emulator", "Reply", "Request", "Truth"]

Region = Literal["us", "eu", "ap"]
TruthSource = Literal["device", "edge", "both"]

MONTH_MS = 30 * 86_400_000
DAY_MS = 86_400_000
DELETABLE_MS = 10 * DAY_MS
MAX_BODY = 256 * 1024
BAD_GATEWAY = (
    b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
)
JSON_TYPE = "application/json; charset=utf-8"

_EVENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}(\.[A-Za-z0-9_-]{1,64})?")
_VISITOR_ID = re.compile(r"[A-Za-z0-9]{1,64}")
_CONTROL = "/_emulator/"


@frozen(kw_only=True)
class ApiKey:
    """What a secret key gives access to.

    Args:
        region: The region it belongs to; another region's emulator answers `wrong_region`. `None` fits all.
        environment: The only environment whose events it sees; `None` for all.
        active: Whether the workspace's subscription is.
    """

    region: Region | None = None
    environment: str | None = None
    active: bool = True


#: The keys an emulator accepts unless it is given others.
DEFAULT_KEYS: dict[str, ApiKey] = {
    "test-key": ApiKey(),
    "test-key-us": ApiKey(region="us"),
    "test-key-eu": ApiKey(region="eu"),
    "test-key-ap": ApiKey(region="ap"),
    "test-key-staging": ApiKey(environment="env_staging"),
    "test-key-inactive": ApiKey(active=False),
}


@frozen
class Request:
    """One HTTP request. `path` and `query` are as on the request line, percent-encoded; header names are lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


class Reply:
    """One HTTP response and how to deliver it: after `delay` seconds, and with `fault` on the way if there is one."""

    __slots__ = ("body", "content_type", "delay", "fault", "headers", "status")

    def __init__(self, status: int, body: bytes = b"", *, content_type: str = JSON_TYPE) -> None:
        self.status = status
        self.body = body
        self.content_type = content_type
        self.headers: list[tuple[str, str]] = []
        self.delay = 0.0
        self.fault: Fault | None = None


@frozen
class Truth:
    """What really is in a window.

    Attributes:
        count: How many events.
        ids: Their ids, oldest first; empty when they were not asked for.
    """

    count: int
    ids: tuple[str, ...] = ()


def _wall_clock() -> Callable[[], float]:
    """Unix seconds that never go back."""
    behind = time.time() - time.monotonic()
    return lambda: behind + time.monotonic()


class Emulator:
    """An emulated Fingerprint workspace: the Server API v4 with search, limits, errors, latency and faults.

    Use `transport()` in the same process, `serve()` or `serve_in_thread()` over sockets, `app` under any ASGI
    server. All of them share this object's state. Everything is repeatable: the same arguments and requests
    give the same bytes.

    Args:
        events: How many synthetic events. They are made on demand, so a million cost some 20 MB.
        start: Unix ms of the first; 30 days before `end` unless given.
        end: Unix ms of the last; now unless given.
        seed: Other numbers give other events, latencies and faults.
        detail: `full` events of about 6 kB, or `slim` ones of half a kB where speed counts.
        rate: Requests per second; no limit unless given (the service's default is 5).
        burst: What the token bucket holds; three times the rate unless given.
        retry_after: The form of `Retry-After` on a 429.
        latency: Seconds each answer takes: a number, or the lowest and highest.
        faults: What goes wrong, see `Fault`.
        keys: Secret keys accepted: their names, or names and what they give access to. `DEFAULT_KEYS` unless
            given.
        region: The region this emulator stands for.
        retention: Days; an explicit `start` further back is refused. No bound unless given.
        deletion: Whether visitors can be deleted (the service: on request only).
        edge: Whether edge analysis is enabled.
        feedback: Whether event feedback is enabled.
        fresh: Seconds after an edge analysis or `add_event` during which the event cannot be updated (409).
        key_lifetime: Seconds until a pagination key is refused; no bound unless given.
        unknown_visitor: A search for a visitor without events finds nothing (`empty`) or is a 404
            (`not_found`): sources disagree on the service.
        live: Events come in as time passes: those of the future are not there yet.
        late: The share of events that come in late, and by at most how many seconds.
        rulesets: Known rulesets, and what they decide for every event: `allow` or `block`.
        clock: Unix seconds, ascending; the emulator knows no other time.
    """

    def __init__(
        self,
        *,
        events: int = 1_000,
        start: int | None = None,
        end: int | None = None,
        seed: int = 0,
        detail: Detail = "full",
        rate: float | None = None,
        burst: float | None = None,
        retry_after: RetryAfter = "none",
        latency: float | tuple[float, float] = 0.0,
        faults: Iterable[Fault] = (),
        keys: Mapping[str, ApiKey] | Iterable[str] | None = None,
        region: Region = "us",
        retention: float | None = None,
        deletion: bool = False,
        edge: bool = True,
        feedback: bool = False,
        fresh: float = 0.0,
        key_lifetime: float | None = None,
        unknown_visitor: Literal["empty", "not_found"] = "empty",
        live: bool = False,
        late: tuple[float, float] | None = None,
        rulesets: Mapping[str, Literal["allow", "block"]] | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self.clock = _wall_clock() if clock is None else clock
        self.end = int(self.clock() * 1_000) if end is None else end
        self.start = self.end - MONTH_MS if start is None else start
        self.seed = seed
        self.region: Region = region
        self.keys = _keys(keys)
        self.retry_after: RetryAfter = retry_after
        self.latency = _latency(latency)
        self.rulesets = (
            dict(rulesets)
            if rulesets is not None
            else {"rs_allow_all": "allow", "rs_block_all": "block"}
        )
        self.workspace = Workspace(
            events=events, start=self.start, end=self.end, seed=seed, detail=detail
        )
        self._retention = retention
        self._features = {"delete": deletion, "edge": edge, "feedback": feedback}
        self._fresh = fresh
        self._unknown_visitor = unknown_visitor
        self._live = live
        self._late = late
        self._limit = (rate, burst)
        self._fault_list = tuple(faults)
        self._key_ring = KeyRing(f"{seed}/pagination", key_lifetime)
        self.reset()

    def __repr__(self) -> str:
        return f"<Emulator of {len(self.workspace)} events, region {self.region!r}>"

    @property
    def api_key(self) -> str:
        """A secret key that it accepts: the first it was given, `test-key` unless it was given others."""
        return next(iter(self.keys))

    # -- state --

    def reset(self) -> None:
        """Back to how it was made: events, limits, faults, counters."""
        clock = self.clock
        self.store = Store(
            self.workspace,
            live=self._live,
            late=self._late,
            started=int(clock() * 1_000),
            seed=self.seed,
        )
        self.bucket = TokenBucket(*self._limit, clock=clock)
        self._slow_budgets = {
            name: (Window(30, 3_600, clock=clock), Window(500, 86_400, clock=clock))
            for name in ("delete", "feedback")
        }
        self._faults = Faults(self._fault_list, seed=self.seed)
        self._jitter = seeded(self.seed, "latency").random
        self._added = count()
        self._requests = count(1)
        self._edge_numbers = count()
        self._counts: dict[str, Counter[str]] = {}
        self._fault_counts: Counter[str] = Counter()
        self._pages = 0
        self._events_sent = 0
        self.in_flight = 0
        self._in_flight_max = 0
        self.connections = 0
        self._connections_open = 0
        self._connections_max = 0

    def set_limits(self, *, rate: float | None, burst: float | None = None) -> None:
        """Another rate (requests per second; `None`: no limit) and burst, from now on.

        Raises:
            ValueError: A rate or burst that lets nothing through.
        """
        self.bucket.change(rate, burst)

    def set_faults(self, *faults: Fault) -> None:
        """Other faults, from now on; none to end them."""
        self._faults = Faults(faults, seed=self.seed)

    def add_event(self, **overrides: Any) -> dict[str, Any]:
        """Puts one more event into the workspace, now unless `timestamp` says otherwise, and returns it.

        Args:
            **overrides: As for `make_event`: `platform`, `detail`, `without`, and any field by its wire name.

        Raises:
            ValueError: An event with this `event_id` is there already.
        """
        number = next(self._added)
        overrides.setdefault("timestamp", int(self.clock() * 1_000))
        overrides.setdefault("number", number)
        event = make_event(**overrides)
        self.store.add(event, mutable_at=(self.clock() + self._fresh) * 1_000)
        return event

    def truth(
        self,
        *,
        start: int | None = None,
        end: int | None = None,
        source: TruthSource = "device",
        ids: bool = True,
        **filters: str,
    ) -> Truth:
        """What is in `[start, end]` (Unix ms, both inclusive; the whole workspace unless given) now.

        Args:
            start: Unix ms.
            end: Unix ms.
            source: Device events, edge events, or both.
            ids: Whether to list the ids too.
            **filters: Search filters, as they are written in a query.
        """
        now = self._now()
        params = list(filters.items())
        low = min(self.start, 0) if start is None else start
        high = max(self.end, now) if end is None else end
        total, found = 0, []
        for one in ("device", "edge") if source == "both" else (source,):
            checked = parse_query(params, now=now, keys=self._key_ring).filters
            query = Query(start=low, end=high, reverse=True, source=one, filters=checked)
            total += self.store.count(query, now)
            if ids:
                found += self.store.ids(self.store.ranks(query, now))
        if source == "both":
            found.sort(key=lambda event_id: int(event_id.partition(".")[0]))
        return Truth(total, tuple(found))

    def stats(self) -> dict[str, Any]:
        """What was asked of it: requests by operation and status, 429s, tokens, pages, connections.

        `limit` compares what the token bucket allowed from the first request to the last (burst + rate x
        seconds) with what was used.
        """
        everything: Counter[str] = Counter()
        for counts in self._counts.values():
            everything.update(counts)
        return {
            "requests": sum(everything.values()),
            "statuses": dict(sorted(everything.items())),
            "operations": {
                name: dict(sorted(counts.items())) for name, counts in sorted(self._counts.items())
            },
            "too_many_requests": everything["429"],
            "faults": dict(sorted(self._fault_counts.items())),
            "pages": self._pages,
            "events": self._events_sent,
            "limit": self.bucket.stats(),
            "in_flight": self.in_flight,
            "in_flight_max": self._in_flight_max,
            "connections": self.connections,
            "connections_open": self._connections_open,
            "connections_max": self._connections_max,
        }

    # -- what carries it tells it --

    def connection_opened(self) -> None:
        """A carrier accepted a connection."""
        self.connections += 1
        self._connections_open += 1
        self._connections_max = max(self._connections_max, self._connections_open)

    def connection_closed(self) -> None:
        """A carrier lost or ended a connection."""
        self._connections_open -= 1

    def request_finished(self) -> None:
        """A carrier delivered a reply, or gave up on it."""
        self.in_flight -= 1

    # -- carriers --

    @property
    def app(self) -> EmulatorApp:
        """This emulator as an ASGI application."""
        from fingerprint_async.testing.app import EmulatorApp

        return EmulatorApp(self)

    def transport(self) -> EmulatorTransport:
        """This emulator as an `httpx.AsyncBaseTransport`, without sockets."""
        from fingerprint_async.testing.transport import EmulatorTransport

        return EmulatorTransport(self)

    def serve(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        keep_alive: float = 75.0,
    ) -> AbstractAsyncContextManager[EmulatorServer]:
        """Serves over sockets in the running event loop: `async with emulator.serve() as server`.

        Args:
            host: Where to listen.
            port: 0 for any free one.
            keep_alive: Seconds after which an idle connection is closed.
        """
        from fingerprint_async.testing.server import serve

        return serve(self, host=host, port=port, keep_alive=keep_alive)

    def serve_in_thread(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        keep_alive: float = 75.0,
    ) -> AbstractContextManager[EmulatorServer]:
        """Serves over sockets from a thread: `with emulator.serve_in_thread() as server: server.base_url`."""
        from fingerprint_async.testing.server import serve_in_thread

        return serve_in_thread(self, host=host, port=port, keep_alive=keep_alive)

    # -- one request --

    def handle(self, request: Request) -> Reply:
        """Answers one request. Whoever carries the reply calls `request_finished()` once it is delivered or lost."""
        self.in_flight += 1
        self._in_flight_max = max(self._in_flight_max, self.in_flight)
        if request.path.startswith(_CONTROL):
            return self._control(request)
        operation, argument = _route(request)
        fault: Fault | None = None
        try:
            environment = self._authorise(request)
            limited = None if operation is None else self._admit(operation)
            if operation is None:
                reply = Reply(404, encode(make_error("failed", "no such operation")))
            elif limited is not None:
                reply = limited
            else:
                fault = self._faults.draw(
                    OPERATIONS[operation], paging="pagination_key=" in request.query
                )
                if fault is not None and fault.kind in ANSWERS:
                    reply = self._answer_with(fault)
                else:
                    reply = self._operate(operation, argument, request, environment, fault)
        except ApiError as error:
            reply = Reply(error.status, encode(make_error(error.code, error.message)))
        if fault is not None:
            self._fault_counts[fault.kind] += 1
            if fault.kind not in ANSWERS and fault.kind != "empty_page":
                reply.fault = fault
                _spoil(reply, fault)
        name = "unknown" if operation is None else OPERATIONS[operation]
        self._counts.setdefault(name, Counter())[str(reply.status)] += 1
        reply.headers.append(("x-request-id", f"emu-{self.seed}-{next(self._requests)}"))
        low, high = self.latency
        reply.delay += low + self._jitter() * (high - low)
        return reply

    def _now(self) -> int:
        return int(self.clock() * 1_000)

    def _authorise(self, request: Request) -> str | None:
        """The environment a request is confined to; auth failures are 403 and come before everything else."""
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            raise _forbidden("secret_api_key_required")
        key = self.keys.get(secret.strip())
        if key is None:
            raise _forbidden("secret_api_key_not_found")
        if key.region not in (None, self.region):
            raise _forbidden("wrong_region")
        if not key.active:
            raise _forbidden("subscription_not_active")
        return key.environment

    def _admit(self, operation: str) -> Reply | None:
        """A 429 when the budget of this operation is empty."""
        budgets = self._slow_budgets.get(operation)
        if budgets is None:
            wait = self.bucket.take()
        else:
            wait = max(budget.wait() for budget in budgets)
            if not wait:
                for budget in budgets:
                    budget.add()
        if not wait:
            return None
        return self._too_many("too many requests", wait, self.retry_after)

    def _too_many(self, message: str, wait: float, form: RetryAfter) -> Reply:
        reply = Reply(429, encode(make_error("too_many_requests", message)))
        self._add_retry_after(reply, wait, form)
        return reply

    def _add_retry_after(self, reply: Reply, wait: float, form: RetryAfter) -> None:
        text = {
            "none": None,
            "seconds": str(max(1, -int(-wait // 1))),
            "fraction": f"{wait:.3f}",
            "date": formatdate(self.clock() + wait + 1, usegmt=True),
            "nonsense": "a little while",
        }[form]
        if text is not None:
            reply.headers.append(("retry-after", text))

    def _answer_with(self, fault: Fault) -> Reply:
        status, code, message = ANSWERS[fault.kind]
        if fault.kind == "bad_gateway":
            return Reply(502, BAD_GATEWAY, content_type="text/html")
        reply = Reply(status, encode(make_error(code, message)))
        self._add_retry_after(reply, 1.0, fault.retry_after)
        return reply

    # -- operations --

    def _operate(
        self,
        operation: str,
        argument: str,
        request: Request,
        environment: str | None,
        fault: Fault | None,
    ) -> Reply:
        if not self._features.get(operation, True):
            raise _forbidden("feature_not_enabled")
        if operation == "search":
            return self._search(
                request, environment, empty=fault is not None and fault.kind == "empty_page"
            )
        if operation == "edge":
            return self._edge(request)
        if operation == "delete":
            return self._delete(argument)
        rank = self._find(argument, environment)
        if operation == "get":
            return self._get(rank, request)
        body = _json_object(request.body)
        return self._update(rank, body) if operation == "update" else self._feedback(body)

    def _find(self, event_id: str, environment: str | None) -> int:
        if not _EVENT_ID.fullmatch(event_id):
            raise bad_request("invalid event_id")
        rank = self.store.find(event_id, self._now())
        if rank is None or (
            environment and self.store.event(rank).get("environment_id") != environment
        ):
            raise ApiError(404, "event_not_found", "event id not found")
        return rank

    def _get(self, rank: int, request: Request) -> Reply:
        ruleset = dict(parse_qsl(request.query)).get("ruleset_id")
        if ruleset is None:
            return Reply(200, self.store.encoded(rank))
        decision = self.rulesets.get(ruleset)
        if decision is None:
            raise ApiError(400, "ruleset_not_found", "ruleset not found")
        action: dict[str, Any] = {
            "ruleset_id": ruleset,
            "rule_id": "r_1",
            "rule_expression": "true",
            "type": decision,
        }
        if decision == "block":
            action |= {"status_code": 403, "headers": [], "body": ""}
        return Reply(200, encode(self.store.event(rank) | {"rule_action": action}))

    def _search(self, request: Request, environment: str | None, *, empty: bool) -> Reply:
        now = self._now()
        earliest = None if self._retention is None else now - int(self._retention * DAY_MS)
        try:
            params = parse_qsl(request.query, keep_blank_values=True, errors="strict")
        except ValueError:
            raise bad_request("request cannot be parsed") from None
        query = parse_query(params, now=now, keys=self._key_ring, earliest=earliest)
        if environment is not None:
            query = evolve(query, filters=(*query.filters, ("environment", (environment,))))
        if self._unknown_visitor == "not_found" and query.cursor is None:
            self._know_visitor(query, now)
        if empty:
            events, cursor, more = list[bytes](), query.cursor, True
        else:
            events, cursor = self.store.page(query, now)
            more = cursor is not None
        self._pages += 1
        self._events_sent += len(events)
        parts = [b'{"events":[', b",".join(events), b"]"]
        if more:
            parts.append(
                b',"pagination_key":"%b"' % self._key_ring.write(cursor, query, now=now).encode()
            )
        if query.total_hits is not None:
            parts.append(b',"total_hits":%d' % self.store.count(query, now, query.total_hits))
        parts.append(b"}")
        return Reply(200, b"".join(parts))

    def _know_visitor(self, query: Query, now: int) -> None:
        wanted = tuple(one for one in query.filters if one[0] == "visitor_id")
        if wanted and not self.store.count(
            Query(start=0, end=max(self.end, now), filters=wanted), now
        ):
            raise ApiError(404, "visitor_not_found", "visitor not found")

    def _update(self, rank: int, body: dict[str, Any]) -> Reply:
        kinds = {"linked_id": str, "tags": dict, "suspect": bool}
        for name, value in body.items():
            if name not in kinds or not isinstance(value, kinds[name]):
                raise bad_request("request body is not valid")
        if not body:
            raise bad_request("request body is not valid")
        if len(body.get("linked_id", "")) > MAX_LINKED_ID:
            raise bad_request("linked_id can't be greater than 256 characters long")
        if self.store.mutable_at(rank) > self.clock() * 1_000:
            raise ApiError(409, "state_not_ready", "resource is not mutable yet, try again")
        self.store.update(rank, body)
        return Reply(200)

    def _feedback(self, body: dict[str, Any]) -> Reply:
        if set(body) != {"reset_identification_confidence_score"} or not all(
            isinstance(value, bool) for value in body.values()
        ):
            raise bad_request("request body is not valid")
        return Reply(202)

    def _delete(self, visitor_id: str) -> Reply:
        if not visitor_id:
            raise bad_request("visitor id is required")
        if not _VISITOR_ID.fullmatch(visitor_id):
            raise bad_request("invalid visitor id")
        if not self.store.delete_visitor(visitor_id, since=self._now() - DELETABLE_MS):
            raise ApiError(404, "visitor_not_found", "visitor not found")
        return Reply(200)

    def _edge(self, request: Request) -> Reply:
        if len(request.body) > MAX_BODY:
            raise ApiError(413, "payload_too_large", "payload too large")
        body = _edge_request(request.body)
        number = next(self._edge_numbers)
        now = self._now()
        overrides: dict[str, Any] = {
            name: body[name] for name in ("url", "linked_id", "tags") if name in body
        }
        addresses = {
            version: {"address": body[f"ip{version}_address"]}
            for version in ("v4", "v6")
            if f"ip{version}_address" in body
        }
        event_id = f"{now}.edge{number:02d}" if number < 100 else f"{now}.e{number:05d}"  # noqa: PLR2004
        response = make_edge_response(
            number=number % 40, event_id=event_id, timestamp=now, **overrides
        )
        for version in ("v4", "v6"):
            if version not in addresses:
                response["ip_info"].pop(version, None)
            else:
                response["ip_info"].setdefault(version, {}).update(addresses[version])
        if "tags" not in body:
            response.pop("tags", None)
        address = body.get("ipv4_address") or body["ipv6_address"]
        event = response | {"ip_address": address, "environment_id": "env_production"}
        self.store.add(event, mutable_at=now + self._fresh * 1_000)
        return Reply(200, encode(response))

    # -- control --

    def _control(self, request: Request) -> Reply:
        """The emulator's own address space, for whoever drives it from another process."""
        name = request.path[len(_CONTROL) :]
        given = dict(parse_qsl(request.query))
        try:
            if (request.method, name) == ("GET", "stats"):
                return Reply(200, encode(self.stats()))
            if (request.method, name) == ("GET", "truth"):
                return Reply(200, encode(self._truth_of(given)))
            if (request.method, name) == ("POST", "reset"):
                self._reset_while_serving()
                return Reply(200, b"{}")
            if (request.method, name) == ("POST", "limits"):
                limits = _json_object(request.body)
                rate = limits.get("rate")
                self.set_limits(
                    rate=None if rate in (None, "off") else float(rate), burst=limits.get("burst")
                )
                self.retry_after = limits.get("retry_after", self.retry_after)
                return Reply(200, encode(self.bucket.stats()))
            if (request.method, name) == ("POST", "faults"):
                listed = _json_object(request.body).get("faults", [])
                self.set_faults(
                    *(Fault.parse(one) if isinstance(one, str) else Fault(**one) for one in listed)
                )
                return Reply(200, b"{}")
        except ApiError as error:
            return Reply(error.status, encode(make_error(error.code, error.message)))
        except (TypeError, ValueError) as error:
            return Reply(400, encode(make_error("request_cannot_be_parsed", str(error))))
        return Reply(404, encode(make_error("failed", "no such emulator control")))

    def _truth_of(self, given: dict[str, str]) -> dict[str, Any]:
        times: dict[str, int | None] = {}
        for name in ("start", "end"):
            text = given.pop(name, None)
            times[name] = None if text is None else to_ms(text)
            if text is not None and times[name] is None:
                raise bad_request(f"invalid {name} time")
        source = given.pop("source", "device")
        listed = given.pop("ids", "") in ("1", "true")
        if source not in get_args(TruthSource):
            raise bad_request("source is device, edge or both")
        if unknown := set(given) - set(PREDICATES):
            raise bad_request(f"unknown filter {', '.join(sorted(unknown))}")
        truth = self.truth(
            start=times["start"],
            end=times["end"],
            source=cast("TruthSource", source),
            ids=listed,
            **given,
        )
        return {"count": truth.count, "ids": truth.ids} if listed else {"count": truth.count}

    def _reset_while_serving(self) -> None:
        running, open_now = self.in_flight, self._connections_open
        self.reset()
        self.in_flight = self._in_flight_max = running
        self._connections_open = self._connections_max = open_now


def _keys(keys: Mapping[str, ApiKey] | Iterable[str] | None) -> dict[str, ApiKey]:
    if keys is None:
        return dict(DEFAULT_KEYS)
    named = (keys,) if isinstance(keys, str) else keys
    accepted = dict(named) if isinstance(named, Mapping) else dict.fromkeys(named, ApiKey())
    if not accepted:
        raise ValueError("keys must name at least one key")
    return accepted


def _latency(latency: float | tuple[float, float]) -> tuple[float, float]:
    low, high = latency if isinstance(latency, tuple) else (latency, latency)
    if not 0 <= low <= high:
        raise ValueError(f"latency is seconds, or the lowest and highest, not {latency!r}")
    return float(low), float(high)


def _forbidden(code: str) -> ApiError:
    return ApiError(403, code, make_error(code)["error"]["message"])


def _route(request: Request) -> tuple[str | None, str]:
    """The operation of a request, and the id in its path."""
    parts = request.path.split("/")
    if parts[:2] != ["", "v4"]:
        return None, ""
    match (request.method, [unquote(part) for part in parts[2:]]):
        case ("GET", ["events"]):
            return "search", ""
        case ("POST", ["edge"]):
            return "edge", ""
        case ("GET", ["events", event_id]):
            return "get", event_id
        case ("PATCH", ["events", event_id]):
            return "update", event_id
        case ("POST", ["events", event_id, "feedback"]):
            return "feedback", event_id
        case ("DELETE", ["visitors", visitor_id]):
            return "delete", visitor_id
        case ("DELETE", ["visitors"]):
            return "delete", ""
        case _:
            return None, ""


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise bad_request("request body is not valid") from None
    if not isinstance(value, dict):
        raise bad_request("request body is not valid")
    return value


def _edge_request(raw: bytes) -> dict[str, Any]:
    """The body of an edge analysis, checked as the service checks it."""
    body = _json_object(raw)
    known = {"headers", "method", "url", "ipv4_address", "ipv6_address", "linked_id", "tags"}
    headers = body.get("headers")
    if set(body) - known:
        raise bad_request("request body contains an unknown field")
    if (
        not isinstance(headers, list)
        or not headers
        or not all(isinstance(header, dict) for header in headers)
    ):
        raise bad_request("request body is not valid")
    for header in headers:
        if set(header) - {"name", "value"}:
            raise bad_request("request body contains an unknown field")
        if not all(isinstance(header.get(name), str) for name in ("name", "value")):
            raise bad_request("request body is not valid")
    texts = [body.get("method"), body.get("url"), body.get("linked_id", "")]
    if (
        not all(isinstance(text, str) for text in texts)
        or not body["method"]
        or not isinstance(body.get("tags", {}), dict)
    ):
        raise bad_request("request body is not valid")
    if not urlsplit(body["url"]).scheme or not urlsplit(body["url"]).netloc:
        raise bad_request("request body is not valid")
    if len(body.get("linked_id", "")) > MAX_LINKED_ID:
        raise bad_request("linked_id can't be greater than 256 characters long")
    if "ipv4_address" not in body and "ipv6_address" not in body:
        raise bad_request("at least one of ipv4_address or ipv6_address is required")
    for name, kind in (
        ("ipv4_address", ipaddress.IPv4Address),
        ("ipv6_address", ipaddress.IPv6Address),
    ):
        try:
            kind(body.get(name, "192.0.2.1" if kind is ipaddress.IPv4Address else "::"))
        except ValueError:
            raise bad_request("invalid ip address") from None
    return body


def _spoil(reply: Reply, fault: Fault) -> None:
    """What a fault does to the reply itself; the rest is done by whoever delivers it."""
    match fault.kind:
        case "wrong_type":
            reply.content_type = "text/html"
            reply.body = b"<!doctype html><title>Sign in</title><p>Please sign in to continue."
        case "empty":
            reply.body = b""
        case "garbage":
            reply.body = bytes(range(128, 256)) + b"{not json"
        case "truncated":
            reply.body = reply.body[: max(1, len(reply.body) * 2 // 3)] if reply.body else b'{"'
        case "stall":
            reply.delay += fault.seconds
        case _:
            pass
