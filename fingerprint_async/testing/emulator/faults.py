"""Faults that a caller must survive, drawn from a seed.

Answered instead of the request (the request has no effect):
    rate_limited, search_overload, internal_error, bad_gateway, unavailable, gateway_timeout,
    state_not_ready, refused_key, read_timeout
On the way back (the request had its effect, the caller cannot know):
    closed, reset, cut, truncated, drip, stall, wrong_type, empty, garbage
Of search alone:
    empty_page (no events, and a key that goes on)
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, cast, get_args

from attrs import field, frozen

from fingerprint_async.testing.carriers import Delivery, Reply
from fingerprint_async.testing.factories import encode, make_error
from fingerprint_async.testing.synthetic._random import seeded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fingerprint_async.testing.carriers.message import DeliveryKind

__all__ = [
    "OPERATIONS",
    "Fault",
    "FaultKind",
    "Faults",
    "RetryAfter",
    "answer_with",
    "replaces_answer",
    "spoil",
]

FaultKind = Literal[
    "rate_limited",
    "search_overload",
    "internal_error",
    "bad_gateway",
    "unavailable",
    "gateway_timeout",
    "state_not_ready",
    "refused_key",
    "read_timeout",
    "empty_page",
    "closed",
    "reset",
    "cut",
    "truncated",
    "drip",
    "stall",
    "wrong_type",
    "empty",
    "garbage",
]
RetryAfter = Literal["none", "seconds", "fraction", "date", "nonsense"]

OPERATIONS = {
    "get": "getEvent",
    "search": "searchEvents",
    "update": "updateEvent",
    "feedback": "submitEventFeedback",
    "delete": "deleteVisitorData",
    "edge": "analyzeRequestForAutomationIntelligence",
}
_ONLY: dict[FaultKind, tuple[str, ...]] = {
    "search_overload": ("searchEvents",),
    "refused_key": ("searchEvents",),
    "read_timeout": ("analyzeRequestForAutomationIntelligence",),
    "empty_page": ("searchEvents",),
    "state_not_ready": ("updateEvent",),
}
#: Kinds that take the place of the answer, and what they answer.
ANSWERS: dict[FaultKind, tuple[int, str, str]] = {
    "rate_limited": (429, "too_many_requests", "too many requests"),
    "search_overload": (429, "too_many_requests", "too many search requests"),
    "internal_error": (500, "failed", "internal server error"),
    "bad_gateway": (502, "", ""),
    "unavailable": (503, "service_unavailable", "service temporarily unavailable"),
    "gateway_timeout": (504, "failed", "gateway timeout"),
    "state_not_ready": (409, "state_not_ready", "resource is not mutable yet, try again"),
    "refused_key": (400, "request_cannot_be_parsed", "invalid pagination key"),
    "read_timeout": (400, "request_read_timeout", "request read timeout"),
}
_DELIVERIES: dict[FaultKind, DeliveryKind] = {
    "closed": "closed",
    "reset": "reset",
    "cut": "cut",
    "drip": "drip",
}
_BAD_GATEWAY = (
    b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
)
_SIGN_IN = b"<!doctype html><title>Sign in</title><p>Please sign in to continue."
_SPEC = re.compile(
    r"(?:(?P<operation>\w+):)?(?P<kind>\w+)(?:=(?P<probability>[\d.]+))?(?:x(?P<run>\d+))?"
)


def _operations(names: Iterable[str] | str | None) -> frozenset[str] | None:
    if names is None:
        return None
    chosen = frozenset(
        OPERATIONS.get(name, name) for name in ((names,) if isinstance(names, str) else names)
    )
    if unknown := chosen - set(OPERATIONS.values()):
        raise ValueError(
            f"unknown operation {', '.join(sorted(unknown))}; there are {', '.join(OPERATIONS)}"
        )
    return chosen


def _known(_: object, __: object, kind: str) -> None:
    if kind not in get_args(FaultKind):
        raise ValueError(f"unknown fault {kind!r}; there are {', '.join(get_args(FaultKind))}")


def _share(_: object, __: object, probability: float) -> None:
    if not 0 <= probability <= 1:
        raise ValueError(f"probability lies between 0 and 1, not {probability}")


@frozen(kw_only=True)
class Fault:
    """One kind of fault and when it strikes.

    Args:
        kind: What goes wrong; the module's docstring lists the kinds.
        probability: Of striking a request, from 0 to 1.
        operations: `get`, `search`, `update`, `delete`, `edge`, `feedback` or operation ids; all
            unless given.
        run: How many requests in a row it strikes once it starts: a storm.
        times: How many requests it strikes in all; no bound unless given.
        skip: How many requests it lets pass first.
        seconds: How long a `stall` says nothing, or a `drip` takes.
        retry_after: The form of `Retry-After` on a 429 or 503 answered by this fault.
    """

    kind: FaultKind = field(validator=_known)
    probability: float = field(default=1.0, validator=_share)
    operations: frozenset[str] | None = field(default=None, converter=_operations)
    run: int = 1
    times: int | None = None
    skip: int = 0
    seconds: float = 2.0
    retry_after: RetryAfter = "none"

    @classmethod
    def parse(cls, text: str) -> Fault:
        """Return a fault from its text form: `[operation:]kind[=probability][xrun]`.

        Raises:
            ValueError: It is not of this form, or names an unknown kind or operation.
        """
        found = _SPEC.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is not of the form [operation:]kind[=probability][xrun]")
        return cls(
            kind=cast("FaultKind", found["kind"]),
            probability=float(found["probability"] or 1),
            operations=found["operation"],
            run=int(found["run"] or 1),
        )

    def strikes(self, operation: str) -> bool:
        """Return whether it can strike this operation at all."""
        return operation in _ONLY.get(self.kind, (operation,)) and (
            self.operations is None or operation in self.operations
        )


class _Armed:
    """A fault with its count of what it did so far."""

    __slots__ = ("fault", "left", "running", "seen")

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.seen = 0
        self.running = 0
        self.left = fault.times

    def strikes(self, draw: float) -> bool:
        self.seen += 1
        if self.left == 0 or self.seen <= self.fault.skip:
            return False
        if self.running == 0 and draw < self.fault.probability:
            self.running = self.fault.run
        if self.running == 0:
            return False
        self.running -= 1
        if self.left is not None:
            self.left -= 1
        return True


class Faults:
    """Draws, for each request in the order they come, the fault that strikes it; the first wins."""

    def __init__(self, faults: Iterable[Fault] = (), *, seed: object = 0) -> None:
        self._armed = [_Armed(fault) for fault in faults]
        self._draw = seeded(seed, "faults").random

    def draw(self, operation: str, *, paging: bool = False) -> Fault | None:
        """Return the fault that strikes the next request.

        Args:
            operation: What it asks for.
            paging: Whether it carries a pagination key.
        """
        struck = None
        for armed in self._armed:
            if armed.fault.strikes(operation) and (paging or armed.fault.kind != "refused_key"):
                draw = self._draw()
                if struck is None and armed.strikes(draw):
                    struck = armed.fault
        return struck


def replaces_answer(fault: Fault | None) -> bool:
    """Return whether a fault takes the place of the answer."""
    return fault is not None and fault.kind in ANSWERS


def answer_with(fault: Fault) -> Reply:
    """Return the reply of a fault that takes the place of the answer."""
    if fault.kind == "bad_gateway":
        return Reply(502, _BAD_GATEWAY, content_type="text/html")
    status, code, message = ANSWERS[fault.kind]
    return Reply(status, encode(make_error(code, message)))


def spoil(reply: Reply, fault: Fault) -> None:
    """Do to a reply what a fault on its way back does."""
    match fault.kind:
        case "wrong_type":
            reply.content_type = "text/html"
            reply.body = _SIGN_IN
        case "empty":
            reply.body = b""
        case "garbage":
            reply.body = bytes(range(128, 256)) + b"{not json"
        case "truncated":
            reply.body = reply.body[: max(1, len(reply.body) * 2 // 3)] if reply.body else b'{"'
        case "stall":
            reply.delay += fault.seconds
        case kind if kind in _DELIVERIES:
            reply.delivery = Delivery(_DELIVERIES[kind], fault.seconds)
        case _:
            pass
