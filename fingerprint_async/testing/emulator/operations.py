"""The six operations of the API, on a workspace."""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qsl, unquote

from attrs import define, field, frozen

from fingerprint_async.testing.carriers import Reply, Request
from fingerprint_async.testing.emulator import bodies
from fingerprint_async.testing.emulator.errors import ApiError, bad_request, forbidden
from fingerprint_async.testing.emulator.search import Query, Rules, parse_query
from fingerprint_async.testing.factories import encode, make_edge_response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fingerprint_async.testing.emulator.access import ApiKey
    from fingerprint_async.testing.emulator.account import Account
    from fingerprint_async.testing.emulator.hostile import Hostility
    from fingerprint_async.testing.emulator.keys import KeyRing
    from fingerprint_async.testing.emulator.pages import Pages
    from fingerprint_async.testing.emulator.rulesets import Ruleset
    from fingerprint_async.testing.emulator.store import Store

__all__ = ["Operations", "Route", "Settings", "UnknownVisitor", "route"]

UnknownVisitor = Literal["empty", "not_found"]
Name = Literal["get", "search", "update", "delete", "edge", "feedback"]

DAY_MS = 86_400_000
DELETABLE_MS = 10 * DAY_MS
MUTABLE_MS = 30 * DAY_MS
FEEDBACK_MS = DAY_MS
_SHORT_NUMBERS = 100
_EVENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}(\.[A-Za-z0-9_-]{1,64})?")
_VISITOR_ID = re.compile(r"[A-Za-z0-9]{1,64}")


@frozen
class Route:
    """The operation that a request asks for, and the id in its path."""

    operation: Name
    argument: str = ""


def route(request: Request) -> Route | None:
    """Return what a request asks for; `None` when there is no such operation."""
    parts = request.path.split("/")
    if parts[:2] != ["", "v4"]:
        return None
    match (request.method, [unquote(part) for part in parts[2:]]):
        case ("GET", ["events"]):
            return Route("search")
        case ("POST", ["edge"]):
            return Route("edge")
        case ("GET", ["events", event_id]):
            return Route("get", event_id)
        case ("PATCH", ["events", event_id]):
            return Route("update", event_id)
        case ("POST", ["events", event_id, "feedback"]):
            return Route("feedback", event_id)
        case ("DELETE", ["visitors", visitor_id]):
            return Route("delete", visitor_id)
        case ("DELETE", ["visitors"]):
            return Route("delete")
        case _:
            return None


@frozen(kw_only=True)
class Settings:
    """What is enabled, and how open questions are answered.

    Attributes:
        enabled: Operations that are not enabled answer `feature_not_enabled`.
        unknown_visitor: What a search for a visitor without events gives.
        deletion_ms: How long a deletion takes.
        update_body: The body of a successful update.
        behind_ms: How far the data set's end lay behind the clock at first.
    """

    enabled: Mapping[str, bool]
    unknown_visitor: UnknownVisitor = "empty"
    deletion_ms: int = 0
    update_body: bytes = b""
    behind_ms: int = 0


@define
class Operations:
    """Answers one operation after the other.

    Attributes:
        store: The workspace's events.
        pages: Pages of search results.
        keys: Pagination keys.
        rulesets: Known rulesets.
        hostility: What goes wrong.
        account: What is counted.
        settings: What is enabled.
        clock: Unix seconds, of the service.
        created: Is told of every event that comes into being.
    """

    store: Store
    pages: Pages
    keys: KeyRing
    rulesets: dict[str, Ruleset]
    hostility: Hostility
    account: Account
    settings: Settings
    clock: Callable[[], float]
    created: Callable[[dict[str, Any]], None]
    _numbers: count[int] = field(factory=count, init=False)

    @property
    def now(self) -> int:
        """Unix ms of the service."""
        return int(self.clock() * 1_000)

    def _age_ms(self, rank: int) -> int:
        """Return how old an event is; the newest of a data set counts as new at the start."""
        return self.now - self.settings.behind_ms - self.store.timestamp(rank)

    def answer(self, asked: Route, request: Request, key: ApiKey, *, empty: bool) -> Reply:
        """Return the reply to one request.

        Args:
            asked: The operation.
            request: Its query and body.
            key: What the secret key gives access to.
            empty: Whether a search gives an empty page whose key goes on.

        Raises:
            ApiError: An answer other than success.
        """
        if not self.settings.enabled.get(asked.operation, True):
            raise forbidden("feature_not_enabled")
        match asked.operation:
            case "search":
                return self._search(request, key, empty=empty)
            case "get":
                return self._get(self._find(asked.argument, key), request)
            case "update":
                return self._update(self._find(asked.argument, key), request)
            case "feedback":
                return self._feedback(self._find(asked.argument, key), request)
            case "delete":
                return self._delete(asked.argument, key)
            case "edge":
                return self._edge(request, key)

    def _find(self, event_id: str, key: ApiKey) -> int:
        if not _EVENT_ID.fullmatch(event_id):
            raise bad_request("invalid event_id")
        rank = self.store.find(event_id, self.now)
        if rank is None or (
            key.environment is not None
            and self.store.event(rank).get("environment_id") != key.environment
        ):
            raise ApiError(404, "event_not_found", "event id not found")
        return rank

    def _get(self, rank: int, request: Request) -> Reply:
        name = dict(parse_qsl(request.query, keep_blank_values=True)).get("ruleset_id")
        event_id = self.store.ids([rank])[0]
        if name is None:
            return Reply(200, self.hostility.event(event_id, self.store.encoded(rank)))
        ruleset = self.rulesets.get(name)
        if ruleset is None:
            raise ApiError(400, "ruleset_not_found", "ruleset not found")
        event = self.store.event(rank)
        event["rule_action"] = ruleset.decide(name, event)
        return Reply(200, self.hostility.event(event_id, encode(event)))

    def _search(self, request: Request, key: ApiKey, *, empty: bool) -> Reply:
        now = self.now
        try:
            params = parse_qsl(request.query, keep_blank_values=True, errors="strict")
        except ValueError:
            raise bad_request("request cannot be parsed") from None
        rules = Rules(
            now=now,
            keys=self.keys,
            earliest=self.store.earliest(now),
            earliest_on_keys=self.hostility.has("retention_on_keys"),
            environment=key.environment,
        )
        query = parse_query(params, rules)
        if self.settings.unknown_visitor == "not_found" and query.cursor.at_start:
            self._know_visitor(query, now)
        page = self.pages.empty(query, now) if empty else self.pages.answer(query, now)
        self.account.pages += 1
        self.account.events += len(page.events)
        return Reply(200, page.encode())

    def _know_visitor(self, query: Query, now: int) -> None:
        wanted = tuple(one for one in query.filters if one[0] == "visitor_id")
        ever = Query(start=0, end=max(self.store.dataset.end, now), filters=wanted)
        if wanted and not self.store.count(ever, now):
            raise ApiError(404, "visitor_not_found", "visitor not found")

    def _update(self, rank: int, request: Request) -> Reply:
        body = bodies.event_update(request.body)
        if self.store.mutable_at(rank) > self.now:
            raise ApiError(409, "state_not_ready", "resource is not mutable yet, try again")
        if self._age_ms(rank) > MUTABLE_MS:
            raise bad_request("event is too old to be updated")
        self.store.update(rank, body)
        return Reply(200, self.settings.update_body, "text/plain; charset=utf-8")

    def _feedback(self, rank: int, request: Request) -> Reply:
        body = bodies.feedback(request.body)
        event = self.store.event(rank)
        if event.get("sdk", {}).get("platform") != "js":
            raise bad_request("feedback is for events of the JavaScript agent")
        if self._age_ms(rank) > FEEDBACK_MS:
            raise bad_request("event is too old for feedback")
        if body["reset_identification_confidence_score"] and "identification" in event:
            identity: dict[str, Any] = dict(event["identification"])
            identity["confidence"] = dict(identity.get("confidence", {})) | {"score": 0.0}
            self.store.update(rank, {"identification": identity})
        return Reply(202)

    def _delete(self, visitor_id: str, key: ApiKey) -> Reply:
        if not visitor_id:
            raise bad_request("visitor id is required")
        if not _VISITOR_ID.fullmatch(visitor_id):
            raise bad_request("invalid visitor id")
        now = self.now
        at = now + self.settings.deletion_ms
        since = now - self.settings.behind_ms - DELETABLE_MS
        known = self.store.delete_visitor(
            visitor_id, environment=key.environment, since=since, at=at
        )
        if not known:
            raise ApiError(404, "visitor_not_found", "visitor not found")
        return Reply(200)

    def _edge(self, request: Request, key: ApiKey) -> Reply:
        body = bodies.edge_request(request.body)
        number, now = next(self._numbers), self.now
        suffix = f"edge{number:02d}" if number < _SHORT_NUMBERS else f"e{number:05d}"
        given = {name: body[name] for name in ("url", "linked_id", "tags") if name in body}
        response = make_edge_response(
            number=number % 40, event_id=f"{now}.{suffix}", timestamp=now, **given
        )
        for version in ("v4", "v6"):
            address = body.get(f"ip{version}_address")
            if address is None:
                response["ip_info"].pop(version, None)
            else:
                response["ip_info"].setdefault(version, {})["address"] = address
        if "tags" not in body:
            response.pop("tags", None)
        address = body.get("ipv4_address") or body["ipv6_address"]
        event = response | {
            "ip_address": address,
            "environment_id": key.environment or "env_production",
        }
        self.store.add(event, now=now)
        self.created(event)
        return Reply(200, encode(response))
