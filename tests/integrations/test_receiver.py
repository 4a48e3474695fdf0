"""Webhooks received: verified, parsed, deduplicated, handed on, answered in time."""

from __future__ import annotations

import asyncio
import json
import pickle
import time
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from fingerprint_async import ArgumentError, ConfigurationError, webhooks
from fingerprint_async.integrations.receiver import (
    Answer,
    RefusedWebhookError,
    WebhookGate,
    WebhookReceiver,
)
from fingerprint_async.replays import MemorySeenStore, SeenStoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fingerprint_async.models import Event


def body_of(event_id: str = "a.1", *, age: float = 0.0) -> bytes:
    """Write an event as the service does."""
    timestamp = int((time.time() - age) * 1000)
    return json.dumps({"event_id": event_id, "timestamp": timestamp}).encode()


async def parts(*content: bytes) -> AsyncIterator[bytes]:
    """Hand over a body in parts."""
    for part in content:
        yield part


class Work:
    """A handler that keeps what it gets, and waits or fails when told to."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.error: BaseException | None = None
        self.began = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def __call__(self, event: Event) -> None:
        """Handle one event."""
        self.events.append(event.event_id)
        self.began.set()
        await self.go_on.wait()
        if self.error is not None:
            raise self.error


async def post(receiver: WebhookReceiver, body: bytes, *, secret: str = "s") -> int:  # noqa: S107
    """Send a signed body; return the status."""
    answer = await receiver.receive(parts(body), signature=webhooks.sign(body, secret=secret))
    return answer.status


async def test_an_event_is_handled_once() -> None:
    """Its second attempt is a success too, and does nothing."""
    work = Work()
    receiver = WebhookReceiver(work, WebhookGate(secret="s"))
    body = body_of()
    assert [await post(receiver, body), await post(receiver, body)] == [200, 200]
    assert await post(receiver, body_of("b.1")) == 200
    assert work.events == ["a.1", "b.1"]


async def test_a_body_may_come_in_parts_and_secrets_may_rotate() -> None:
    """Any of several secrets will do; the parts are one body."""
    work = Work()
    receiver = WebhookReceiver(work, WebhookGate(secret=["new", "old"]))
    body = body_of()
    signature = webhooks.sign(body, secret="old")
    answer = await receiver.receive(parts(body[:3], b"", body[3:]), signature=signature)
    assert answer == Answer(200, "handled")
    assert work.events == ["a.1"]


@pytest.mark.parametrize(
    ("body", "secret", "status"),
    [
        (body_of(), "other", 403),
        (b"{", "other", 403),
        (b"{", "s", 400),
        (b"{}", "s", 400),
        (body_of(age=9999), "s", 400),
        (body_of(age=-9999), "s", 400),
        (b"x" * 1_048_577, "s", 413),
    ],
    ids=["secret", "secret before JSON", "no JSON", "no event", "old", "future", "large"],
)
async def test_what_is_refused_reaches_no_handler(body: bytes, secret: str, status: int) -> None:
    """4xx, and the event is not recorded."""
    work = Work()
    seen = MemorySeenStore()
    receiver = WebhookReceiver(work, WebhookGate(secret="s", seen=seen))
    assert await post(receiver, body, secret=secret) == status
    assert (work.events, len(seen)) == ([], 0)
    answer = await receiver.receive(parts(body), signature=None)
    assert answer.status == (413 if status == 413 else 403)


async def test_a_body_larger_than_allowed_is_not_read_to_its_end() -> None:
    """An endless one neither fills the memory nor holds up the answer."""
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 1000

    receiver = WebhookReceiver(Work(), WebhookGate(secret="s", max_body_bytes=10_000))
    assert (await receiver.receive(endless(), signature="v1=00")).status == 413
    assert sent == 11


async def test_a_body_that_does_not_come_is_answered_in_time() -> None:
    """A sender that stops in the middle holds nothing up."""

    async def stuck() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(3600)

    receiver = WebhookReceiver(Work(), WebhookGate(secret="s", read_within=0.02))
    assert (await receiver.receive(stuck(), signature="v1=00")).status == 408


async def test_a_slow_handler_goes_on_after_the_answer() -> None:
    """The service is answered in time with 202; the event counts as received."""
    work = Work()
    work.go_on.clear()
    receiver = WebhookReceiver(work, WebhookGate(secret="s"), answer_within=0.02)
    body = body_of()
    assert await post(receiver, body) == 202
    assert await post(receiver, body) == 200
    assert (work.events, receiver.running) == (["a.1"], 1)
    work.go_on.set()
    await receiver.aclose()
    assert receiver.running == 0
    assert await post(receiver, body_of("b.1")) == 503


async def test_a_failed_handler_gets_the_second_attempt(caplog: pytest.LogCaptureFixture) -> None:
    """500, so that the service sends it again; the failure is logged, without the event's data."""
    work = Work()
    work.error = ValueError("x")
    receiver = WebhookReceiver(work, WebhookGate(secret="s"))
    body = body_of()
    assert await post(receiver, body) == 500
    assert "handler of a webhook failed" in caplog.text
    work.error = None
    assert await post(receiver, body) == 200
    assert work.events == ["a.1", "a.1"]


async def test_a_handler_that_is_cancelled_forgets_its_event() -> None:
    """What was not done when the process ended can be sent again."""
    work = Work()
    work.go_on.clear()
    seen = MemorySeenStore()
    receiver = WebhookReceiver(work, WebhookGate(secret="s", seen=seen), answer_within=0.02)
    assert await post(receiver, body_of()) == 202
    await receiver.aclose(within=0.01)
    assert (receiver.running, len(seen)) == (0, 0)


async def test_a_request_that_is_cancelled_does_not_end_its_handler() -> None:
    """The sender went away; the work is done all the same."""
    work = Work()
    work.go_on.clear()
    receiver = WebhookReceiver(work, WebhookGate(secret="s"))
    request = asyncio.create_task(post(receiver, body_of()))
    await work.began.wait()
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    assert receiver.running == 1
    work.go_on.set()
    await receiver.aclose()
    assert receiver.running == 0


async def test_handlers_at_work_are_bounded() -> None:
    """Beyond the bound the service is told to come again."""
    work = Work()
    work.go_on.clear()
    gate = WebhookGate(secret="s")
    receiver = WebhookReceiver(work, gate, answer_within=0.01, max_running=2)
    statuses = [await post(receiver, body_of(f"{turn}.1")) for turn in range(3)]
    assert statuses == [202, 202, 503]
    work.go_on.set()
    await receiver.aclose()


class BrokenStore:
    """A store that cannot be asked."""

    def __init__(self) -> None:
        self.discarded: list[str] = []

    async def add(self, key: str) -> bool:  # noqa: ARG002 - the protocol's
        """Fail."""
        raise SeenStoreError("out of reach")

    async def discard(self, key: str) -> None:
        """Record what is forgotten, and fail."""
        self.discarded.append(key)
        raise SeenStoreError("out of reach")


async def test_without_the_store_an_event_is_asked_for_again() -> None:
    """503: it is neither lost nor handled twice."""
    work = Work()
    seen = BrokenStore()
    receiver = WebhookReceiver(work, WebhookGate(secret="s", seen=seen))
    assert await post(receiver, body_of()) == 503
    assert (work.events, seen.discarded) == ([], ["webhook:a.1"])


class ForeignStore(BrokenStore):
    """A store that a user wrote, whose database fails in its own words."""

    async def add(self, key: str) -> bool:  # noqa: ARG002 - the protocol's
        """Fail."""
        raise ConnectionError("db.internal")

    async def discard(self, key: str) -> None:
        """Fail."""
        self.discarded.append(key)
        raise ConnectionError("db.internal")


async def test_a_store_that_fails_in_its_own_words_is_a_store_that_fails() -> None:
    """The answer is 503, not an error of a database."""
    work = Work()
    seen = ForeignStore()
    receiver = WebhookReceiver(work, WebhookGate(secret="s", seen=seen))
    assert await post(receiver, body_of()) == 503
    assert (work.events, seen.discarded) == ([], ["webhook:a.1"])


class ForgetfulStore(MemorySeenStore):
    """A store that cannot forget."""

    async def discard(self, key: str) -> None:  # noqa: ARG002 - the protocol's
        """Fail."""
        raise ConnectionError("db.internal")


async def test_a_handler_that_fails_is_a_500_whatever_the_store_does() -> None:
    """The error of the store does not take the answer's place."""
    work = Work()
    work.error = ValueError("x")
    receiver = WebhookReceiver(work, WebhookGate(secret="s", seen=ForgetfulStore()))
    assert await post(receiver, body_of()) == 500


class SlowStore(MemorySeenStore):
    """A store that records at once, and answers later or never."""

    def __init__(self, seconds: float, *, discards_after: float = 0.0) -> None:
        super().__init__()
        self.seconds = seconds
        self.discards_after = discards_after
        self.began = asyncio.Event()

    async def add(self, key: str) -> bool:
        """Record the key, and answer late."""
        is_new = await super().add(key)
        self.began.set()
        await asyncio.sleep(self.seconds)
        return is_new

    async def discard(self, key: str) -> None:
        """Forget late."""
        await asyncio.sleep(self.discards_after)
        await super().discard(key)


async def test_a_request_that_ends_while_its_event_is_recorded_can_come_again() -> None:
    """Nobody got the event, so it was not received."""
    work, store = Work(), SlowStore(60)
    receiver = WebhookReceiver(work, WebhookGate(secret="s", seen=store))
    body = body_of()
    request = asyncio.create_task(post(receiver, body))
    await store.began.wait()
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    store.seconds = 0
    assert await post(receiver, body) == 200
    assert work.events == ["a.1"]


async def slowly(*content: bytes, seconds: float) -> AsyncIterator[bytes]:
    """Hand over a body late."""
    await asyncio.sleep(seconds)
    for part in content:
        yield part


async def test_body_and_store_have_one_time_together() -> None:
    """Each of them within the time, and both together not: the service is told to come again."""
    work, body = Work(), body_of()
    gate = WebhookGate(secret="s", read_within=0.2, seen=SlowStore(0.15))
    answer = await WebhookReceiver(work, gate).receive(
        slowly(body, seconds=0.15), signature=webhooks.sign(body, secret="s")
    )
    assert (answer.status, work.events) == (503, [])


async def test_handlers_are_bounded_for_requests_at_once() -> None:
    """Requests that were all being read when a slot was free do not all get it."""
    work = Work()
    work.go_on.clear()
    gate = WebhookGate(secret="s")
    receiver = WebhookReceiver(work, gate, answer_within=0.2, max_running=2)
    bodies = [body_of(f"{number}.1") for number in range(10)]
    answers = await asyncio.gather(
        *(
            receiver.receive(slowly(body, seconds=0.01), signature=webhooks.sign(body, secret="s"))
            for body in bodies
        )
    )
    assert sorted(answer.status for answer in answers) == [202] * 2 + [503] * 8
    assert receiver.running == 2
    work.go_on.set()
    await receiver.aclose()
    second = WebhookReceiver(work, gate)
    assert [await post(second, body) for body in bodies] == [200] * 10
    assert sorted(work.events) == [f"{number}.1" for number in range(10)]


async def test_nothing_begins_after_the_close() -> None:
    """A request that was being read then is told to come again, and can."""
    work = Work()
    gate = WebhookGate(secret="s")
    receiver = WebhookReceiver(work, gate)
    body = body_of()
    request = asyncio.create_task(
        receiver.receive(slowly(body, seconds=0.05), signature=webhooks.sign(body, secret="s"))
    )
    await asyncio.sleep(0)
    await receiver.aclose()
    assert (await request).status == 503
    assert work.events == []
    assert await post(WebhookReceiver(work, gate), body) == 200


@pytest.mark.parametrize("within", [-1, float("nan"), True, "3", 10**400])
async def test_the_time_to_close_in_is_a_number(within: Any) -> None:
    """The error names it, and the receiver is closed all the same."""
    receiver = WebhookReceiver(Work(), WebhookGate(secret="s"))
    with pytest.raises(ArgumentError, match="within: "):
        await receiver.aclose(within=within)
    assert await post(receiver, body_of()) == 503


async def cut(error: Exception) -> AsyncIterator[bytes]:
    """End in the middle, as a client that is gone."""
    yield b"{"
    raise error


@pytest.mark.parametrize("error", [ConnectionResetError(), RuntimeError("Stream consumed")])
async def test_a_body_that_cannot_be_read_is_refused_and_told(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever a framework raises; the log has its kind."""
    receiver = WebhookReceiver(Work(), WebhookGate(secret="s"))
    answer = await receiver.receive(cut(error), signature="v1=00")
    assert answer.status == 400
    assert type(error).__name__ in caplog.text


@pytest.mark.parametrize("body", [b"{}", None, parts("text"), parts(5), parts(None)])  # type: ignore[arg-type]
async def test_a_body_that_comes_in_no_parts_is_a_mistake(body: Any) -> None:
    """The error names it."""
    with pytest.raises(ArgumentError, match="body: "):
        await WebhookReceiver(Work(), WebhookGate(secret="s")).receive(body, signature="v1=00")


async def test_of_many_at_once_one_is_handled() -> None:
    """A replay that races the original finds it recorded."""
    work = Work()
    receiver = WebhookReceiver(work, WebhookGate(secret="s"))
    body = body_of()
    assert await asyncio.gather(*(post(receiver, body) for _ in range(20))) == [200] * 20
    assert work.events == ["a.1"]


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        *(({"secret": value}, "secret") for value in ("", None, [], "\0", bytearray(b"s"))),
        *(({"seen": value}, "seen") for value in (5, set(), object())),
        *(({"max_age": value}, "max_age") for value in (float("nan"), True, 10**400)),
        *(({"max_age": value}, "longer than max_age") for value in (86_400, 10**9)),
        ({"seen": MemorySeenStore(ttl_seconds=1800)}, "longer than max_age, 1800 s"),
        *(({"max_body_bytes": value}, "max_body_bytes") for value in (0, True, 1.5, None)),
        *(({"read_within": value}, "read_within") for value in (0, 3.1, float("nan"), None)),
        ({"strict": 1}, "strict"),
    ],
)
def test_settings_of_a_gate_are_checked(arguments: dict[str, Any], name: str) -> None:
    """When it is made, not when the first webhook comes."""
    with pytest.raises(ValueError, match=name):
        WebhookGate(**{"secret": "s", **arguments})


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"handler": None}, "handler"),
        ({"gate": "s"}, "gate"),
        ({"answer_within": 60}, "answer_within"),
        ({"max_running": 0}, "max_running"),
    ],
)
def test_settings_of_a_receiver_are_checked(arguments: dict[str, Any], name: str) -> None:
    """When it is made, not when the first webhook comes."""
    settings = {"handler": print, "gate": WebhookGate(secret="s"), **arguments}
    with pytest.raises(ConfigurationError, match=name):
        WebhookReceiver(settings.pop("handler"), settings.pop("gate"), **settings)


def test_a_gate_takes_a_one_shot_iterable_of_secrets() -> None:
    """They are read once, when it is made."""
    body = body_of()
    gate = WebhookGate(secret=iter(["new", "old"]))
    signature = webhooks.sign(body, secret="old")
    for _ in range(2):
        event = asyncio.run(gate.accept(parts(body), signature=signature))
        asyncio.run(gate.forget(event))


def test_a_refusal_can_be_pickled() -> None:
    """A worker process can hand it over."""
    error = RefusedWebhookError(Answer(403, "no"))
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (str(again), again.answer) == ("no", Answer(403, "no"))


@pytest.mark.parametrize("arguments", [{"max_age": "old"}, {"seen": 5}, {"read_within": 0}])
def test_no_frame_of_an_error_holds_the_secret(arguments: dict[str, Any]) -> None:
    """Also when another setting is wrong."""
    with pytest.raises(ValueError, match=next(iter(arguments))) as caught:
        WebhookGate(secret="SECRET-7", **arguments)
    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    assert "SECRET-7" not in "".join(repr(frame.f_locals) for frame in frames[1:])


async def test_no_refusal_holds_the_body() -> None:
    """Neither its text, nor a frame of it."""
    gate = WebhookGate(secret="SECRET-7", max_body_bytes=20)
    for content, signature in (
        (b"PRIVATE" * 9, None),
        (b"{PRIVATE", "v1=00"),
        (b"{PRIVATE", webhooks.sign(b"{PRIVATE", secret="SECRET-7")),
    ):
        with pytest.raises(RefusedWebhookError) as caught:
            await gate.accept(parts(content), signature=signature)
        at: BaseException | None = caught.value
        while at is not None:
            shown = "".join(
                repr(frame.f_locals)
                for frame, _ in traceback.walk_tb(at.__traceback__)
                if frame.f_code.co_filename != __file__
            )
            assert "PRIVATE" not in shown + repr(at)
            at = at.__cause__ or at.__context__


async def test_a_handler_that_is_not_async_is_told_and_not_run_twice(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its work is done, so the event counts as handled; the log says what is wrong."""
    seen: list[str] = []

    def handle(event: Event) -> None:
        seen.append(event.event_id)

    receiver = WebhookReceiver(handle, WebhookGate(secret="s"))  # type: ignore[arg-type]
    assert [await post(receiver, body_of()) for _ in range(2)] == [200, 200]
    assert seen == ["a.1"]
    assert "no async function" in caplog.text


async def test_what_returns_something_to_await_is_a_handler() -> None:
    """Also the bound method of a queue."""
    queue: asyncio.Queue[Event] = asyncio.Queue()
    receiver = WebhookReceiver(queue.put, WebhookGate(secret="s"))
    assert await post(receiver, body_of()) == 200
    assert queue.qsize() == 1


async def generate(event: Event) -> AsyncIterator[Event]:
    """Not a handler: calling it runs nothing."""
    yield event


def test_a_generator_is_no_handler() -> None:
    """Its work would never be done."""
    with pytest.raises(ConfigurationError, match="handler must be an async function"):
        WebhookReceiver(generate, WebhookGate(secret="s"))  # type: ignore[arg-type]
