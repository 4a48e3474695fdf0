"""What the emulator's tests share: a clock that is moved by hand, and requests without a client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec
import pytest

from fingerprint_async.testing import Emulator
from fingerprint_async.testing.emulator import Reply, Request

if TYPE_CHECKING:
    from collections.abc import Callable

START, END = 1_767_225_600_000, 1_769_817_600_000


class Clock:
    """Seconds, moved by hand."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        """The time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Waiting is moving the clock."""
        self.now += seconds


class Caller:
    """Sends single requests to an emulator."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator

    def __call__(
        self,
        method: str,
        path: str,
        *,
        key: str | None = "test-key",
        body: Any = None,
        **query: Any,
    ) -> Reply:
        """One request below /v4; a list gives repeated keys."""
        headers = {} if key is None else {"authorization": f"Bearer {key}"}
        content = (
            body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        )
        reply = self.emulator.handle(
            Request(method, "/v4" + path, urlencode(query, doseq=True), headers, content),
        )
        self.emulator.request_finished()
        return reply

    def json(self, method: str, path: str, **rest: Any) -> Any:
        """The decoded body of a successful request."""
        reply = self(method, path, **rest)
        assert reply.status == 200, reply.body
        return msgspec.json.decode(reply.body)

    def error(self, method: str, path: str, **rest: Any) -> tuple[int, str, str]:
        """Status, code and message of a refused request."""
        reply = self(method, path, **rest)
        error = msgspec.json.decode(reply.body)["error"]
        return reply.status, error["code"], error["message"]

    def walk(self, **query: Any) -> list[dict[str, Any]]:
        """The events of every page of a search."""
        events: list[dict[str, Any]] = []
        page = self.json("GET", "/events", **query)
        while True:
            events += page["events"]
            if "pagination_key" not in page:
                return events
            page = self.json("GET", "/events", **query, pagination_key=page["pagination_key"])


@pytest.fixture
def clock() -> Clock:
    """A clock that stands at the end of the synthetic time range."""
    return Clock(END / 1_000)


@pytest.fixture
def make_emulator(clock: Clock) -> Callable[..., Emulator]:
    """Makes small emulators over a fixed month, on the clock moved by hand."""

    def make(**options: Any) -> Emulator:
        defaults: dict[str, Any] = {
            "events": 300,
            "start": START,
            "end": END,
            "detail": "slim",
            "clock": clock,
        }
        return Emulator(**(defaults | options))

    return make


@pytest.fixture
def make_caller(make_emulator: Callable[..., Emulator]) -> Callable[..., Caller]:
    """Makes an emulator and what sends requests to it."""
    return lambda **options: Caller(make_emulator(**options))


@pytest.fixture
def call(make_caller: Callable[..., Caller]) -> Caller:
    """Sends requests to an emulator of full events."""
    return make_caller(detail="full")
