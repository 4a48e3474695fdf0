"""What was asked of an emulator: counters, and the last requests."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

if TYPE_CHECKING:
    from fingerprint_async.testing.carriers import Reply, Request

__all__ = ["Account", "Seen", "without_secret"]


@frozen(kw_only=True)
class Seen:
    """One request that an emulator answered.

    Attributes:
        number: Counts requests from 1.
        at: Unix seconds of the emulator's clock.
        operation: The operation's id; `unknown` for a path that is none's.
        request: What came; its `Authorization` shows the scheme only.
        status: The status of the reply.
        fault: The kind of fault that struck it; empty without one.
        host: The host that it was sent to.
    """

    number: int
    at: float
    operation: str
    request: Request
    status: int
    fault: str = ""
    host: str = ""


def without_secret(request: Request) -> Request:
    """Return a request whose `Authorization` shows the scheme only."""
    given = request.headers.get("authorization")
    if given is None:
        return request
    headers = dict(request.headers) | {"authorization": given.partition(" ")[0] + " ***"}
    return evolve(request, headers=headers)


class Account:
    """Counts, and remembers the last requests.

    Args:
        remembered: How many requests are kept with their bodies.
    """

    def __init__(self, remembered: int) -> None:
        self._remembered = remembered
        self.in_flight = 0
        self.connections_open = 0
        self.clear()

    def clear(self) -> None:
        """Forget everything but what is under way."""
        self.requests: deque[Seen] = deque(maxlen=self._remembered)
        self.numbered = 0
        self.counts: dict[str, Counter[str]] = {}
        self.faults: Counter[str] = Counter()
        self.pages = 0
        self.events = 0
        self.in_flight_max = self.in_flight
        self.connections = 0
        self.connections_max = self.connections_open

    def opened(self) -> None:
        """Count a connection."""
        self.connections += 1
        self.connections_open += 1
        self.connections_max = max(self.connections_max, self.connections_open)

    def closed(self) -> None:
        """Count the end of a connection."""
        self.connections_open -= 1

    def began(self) -> int:
        """Count a request under way; return its number."""
        self.in_flight += 1
        self.in_flight_max = max(self.in_flight_max, self.in_flight)
        self.numbered += 1
        return self.numbered

    def finished(self) -> None:
        """Count a request as delivered or given up."""
        self.in_flight -= 1

    def answered(self, seen: Seen, reply: Reply) -> None:
        """Count an answer."""
        self.counts.setdefault(seen.operation, Counter())[str(reply.status)] += 1
        if seen.fault:
            self.faults[seen.fault] += 1
        if self._remembered:
            self.requests.append(seen)

    def stats(self) -> dict[str, Any]:
        """Return all counters."""
        everything: Counter[str] = Counter()
        for counts in self.counts.values():
            everything.update(counts)
        return {
            "requests": sum(everything.values()),
            "statuses": dict(sorted(everything.items())),
            "operations": {
                name: dict(sorted(counts.items())) for name, counts in sorted(self.counts.items())
            },
            "too_many_requests": everything["429"],
            "faults": dict(sorted(self.faults.items())),
            "pages": self.pages,
            "events": self.events,
            "in_flight": self.in_flight,
            "in_flight_max": self.in_flight_max,
            "connections": self.connections,
            "connections_open": self.connections_open,
            "connections_max": self.connections_max,
        }
