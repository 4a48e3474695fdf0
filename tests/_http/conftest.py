"""A clock that nobody waits for, and a backend of a few lines."""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from fingerprint_async._address import parse_base_url
from fingerprint_async._http.lifetime import Lifetime
from fingerprint_async._http.message import Headers, HttpRequest, HttpResponse
from fingerprint_async._http.operations import OPERATIONS
from fingerprint_async._http.pipeline import Pipeline
from fingerprint_async._runtime.errors import DecodeError
from fingerprint_async._runtime.request import Request
from fingerprint_async._secret import Secret
from fingerprint_async.config import ClientOptions
from fingerprint_async.ratelimit import RateLimit

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

EVENT_ID = "1708102555327.NLOjmg"
BODIES = {
    "getEvent": b'{"event_id":"1708102555327.NLOjmg","timestamp":1}',
    "searchEvents": b'{"events":[]}',
    "updateEvent": b"OK",
    "submitEventFeedback": b"",
    "deleteVisitorData": b"",
    "analyzeRequestForAutomationIntelligence": b'{"event_id":"e"}',
}


class _Selector(selectors.SelectSelector):
    """Instead of waiting, moves the time on."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Give what is ready; else let the time pass."""
        ready = super().select(0)
        if not ready and timeout is None:
            raise AssertionError("everything waits, and for nothing that will come")
        if not ready and timeout:
            self.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose sleeps take no time and whose `time()` knows nothing else."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        """Give the virtual time."""
        return self._virtual.now


@pytest.fixture
def virtual() -> Any:
    """Runs a coroutine function, which gets the loop, in virtual time."""

    def run(main: Callable[[VirtualLoop], Coroutine[Any, Any, Any]]) -> Any:
        loop = VirtualLoop()
        asyncio.set_event_loop(loop)
        try:
            return loop.run_until_complete(main(loop))
        finally:
            asyncio.set_event_loop(None)
            loop.close()

    return run


class Script:
    """A backend that answers with, or raises, one thing after another; then successes."""

    def __init__(self, *steps: object) -> None:
        self.steps = list(steps)
        self.requests: list[HttpRequest] = []
        self.drops = 0
        self.closed = 0

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Take the next step."""
        self.requests.append(request)
        step = self.steps.pop(0) if self.steps else answer(200, BODIES[request.operation])
        if isinstance(step, BaseException):
            raise step
        if callable(step):
            step = await step()
        assert isinstance(step, HttpResponse)
        return step

    async def drop_idle(self) -> None:
        """Count."""
        self.drops += 1

    async def aclose(self) -> None:
        """Count."""
        self.closed += 1


def answer(
    status: int, content: bytes = b"", headers: dict[str, str] | None = None, reason: str = ""
) -> HttpResponse:
    """A response."""
    pairs = list((headers or {}).items())
    return HttpResponse(status=status, reason=reason, headers=Headers(pairs), content=content)


def api_error(
    status: int, code: str = "failed", message: str = "words", **headers: str
) -> HttpResponse:
    """An error in the API's words."""
    body = msgspec.json.encode({"error": {"code": code, "message": message}})
    return answer(status, body, {name.replace("_", "-"): text for name, text in headers.items()})


class Decoded:
    """A model that is what the JSON is."""

    def from_json(self, data: bytes, /, *, strict: bool = False) -> Any:
        """Decode; strictly, a member `odd` is a difference."""
        value = msgspec.json.decode(data)
        if strict and isinstance(value, dict) and "odd" in value:
            raise DecodeError("differs", ("finding",))  # type: ignore[arg-type]
        return value


def request_for(operation: str = "getEvent", **changes: Any) -> Request[Any]:
    """A request as generated code builds it."""
    record = OPERATIONS[operation]
    path = record.path.format(event_id=EVENT_ID, visitor_id="v")
    result = None if record.shape is None else Decoded()
    given = {"path": path, "result": result, **changes}
    return Request(operation_id=operation, method=record.method, **given)


_keys = iter(range(10**9))


def options_for(
    loop: asyncio.AbstractEventLoop | None = None,
    base_url: str = "https://service.test/v4",
    **options: Any,
) -> ClientOptions:
    """Settings without a limit or jitter, of a workspace of its own."""
    if loop is not None:
        options.setdefault("clock", loop.time)
    options.setdefault("rate_limit", RateLimit.off())
    options.setdefault("uniform", lambda _, high: high)
    return ClientOptions(
        api_key=options.pop("api_key", None) or Secret(f"sk_secret_{next(_keys)}"),
        base_url=parse_base_url(base_url, allow_insecure_http=True),
        **options,
    )


@pytest.fixture
def stack() -> Callable[..., Pipeline]:
    """Builds the layers over a backend."""

    def build(
        backend: Any, loop: asyncio.AbstractEventLoop | None = None, **options: Any
    ) -> Pipeline:
        made = options_for(loop, **options)
        lifetime = Lifetime(made)
        lifetime._backend = backend
        return Pipeline(made, lifetime)

    return build
