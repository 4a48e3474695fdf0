"""The smaller rooms: who asks, what is logged, how answers become errors, slots, connections."""

from __future__ import annotations

import asyncio
import heapq
import logging
import math
import random

import httpx
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fingerprint_async._transport import CallContext, open_inner
from fingerprint_async._transport._bucket import TokenBucket, WindowBucket
from fingerprint_async._transport._gate import Gate
from fingerprint_async._transport._inner import OneEach, ReadWhole, environment_proxy
from fingerprint_async.errors import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    CallError,
    ClientStateError,
    ConfigurationError,
    FeatureNotEnabledError,
    NotFoundError,
    PayloadTooLargeError,
    PermissionDeniedError,
    ResponseBodyError,
    ServerError,
    UnexpectedStatusError,
    WrongRegionError,
)
from fingerprint_async.options import (
    ClientOptions,
    RateLimit,
    RequestOptions,
    RetryPolicy,
    Timeouts,
)
from fingerprint_async.testing import limits

KEY = "sk_secret_very_secret"
ONCE = {"retry": RetryPolicy(max_attempts=1), "rate_limit": RateLimit.off(), "api_key": KEY}


def over(answer: httpx.Response | Exception) -> httpx.MockTransport:
    """An inner transport with one answer."""

    def handle(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return httpx.MockTransport(handle)


def error_answer(status: int, code: str, message: str = "words") -> httpx.Response:
    """The API's error body."""
    return httpx.Response(status, json={"error": {"code": code, "message": message}})


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "request_cannot_be_parsed", BadRequestError),
        (403, "secret_api_key_required", AuthenticationError),
        (403, "secret_api_key_not_found", AuthenticationError),
        (403, "wrong_region", WrongRegionError),
        (403, "feature_not_enabled", FeatureNotEnabledError),
        (403, "subscription_not_active", PermissionDeniedError),
        (404, "event_not_found", NotFoundError),
        (413, "payload_too_large", PayloadTooLargeError),
        (500, "failed", ServerError),
        (599, "new", ServerError),
        (418, "new", UnexpectedStatusError),
        (301, "new", UnexpectedStatusError),
    ],
)
async def test_a_status_and_a_code_make_a_type(stack, request_for, status, code, kind) -> None:
    """Exactly that type, with what the API said."""
    with pytest.raises(APIError) as caught:
        await stack(over(error_answer(status, code)), **ONCE).handle_async_request(request_for())
    error = caught.value
    assert type(error) is kind
    assert (error.status_code, error.code, error.message, error.operation) == (
        status,
        code,
        "words",
        "searchEvents",
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{",
        b"null",
        b'{"error": 3}',
        b'{"error":{"code":[1]}}',
        b"\xff\x00" * 900,
    ],
)
async def test_an_error_with_any_body_is_typed(stack, request_for, body) -> None:
    """Without the API's words it is the status, and a printable, bounded excerpt."""
    with pytest.raises(ServerError) as caught:
        await stack(
            over(httpx.Response(502, content=body, headers={"request-id": "r-7"})), **ONCE
        ).handle_async_request(request_for())
    error = caught.value
    assert (error.code, error.message, error.request_id) == (None, "Bad Gateway", "r-7")
    assert len(error.body) <= 500
    assert error.body.isprintable()


@pytest.mark.parametrize("at", [0, 100, 495, 700])
async def test_a_key_that_the_server_echoes_is_not_repeated(stack, request_for, at) -> None:
    """Not in the message, not in the excerpt, not cut in half at its end."""
    answers = [
        error_answer(400, KEY, "x" * at + KEY),
        httpx.Response(500, content=b"x" * at + KEY.encode()),
        httpx.Response(200, content=b"x" * at + KEY.encode(), headers={"content-type": KEY}),
    ]
    for answer in answers:
        with pytest.raises(CallError) as caught:
            await stack(over(answer), **ONCE).handle_async_request(request_for())
        assert "sk_secret" not in f"{caught.value!r} {caught.value} {vars(caught.value)}"


async def test_a_key_echoed_beside_the_body_is_not_repeated(stack, request_for, caplog) -> None:
    """Not from a header, nor the reason phrase: in no error, no log line, no response."""
    caplog.set_level(logging.DEBUG, "fingerprint_async")
    headers = {"request-id": f"for {KEY}", "retry-after": KEY}
    for status in (403, 500):
        answer = httpx.Response(
            status, headers=headers, extensions={"reason_phrase": f"No {KEY}".encode()}
        )
        with pytest.raises(APIError) as caught:
            await stack(over(answer), **ONCE).handle_async_request(request_for())
        assert "sk_secret" not in f"{caught.value!r} {caught.value} {vars(caught.value)}"
        assert caught.value.request_id == "for ***"
    response = await stack(
        over(httpx.Response(200, json={}, headers=headers)), **ONCE
    ).handle_async_request(request_for())
    assert response.headers["request-id"] == "for ***"
    assert "outcome=200" in caplog.text
    assert "sk_secret" not in caplog.text


async def test_an_original_that_quotes_the_key_is_not_chained(stack, request_for) -> None:
    """The HTTP library quotes lines that it cannot read; others of its exceptions stay the cause."""
    quoting = httpx.RemoteProtocolError("illegal status line")
    quoting.__cause__ = ValueError(bytearray(f"HTTP {KEY}".encode()))
    with pytest.raises(APIConnectionError) as caught:
        await stack(over(quoting), **ONCE).handle_async_request(request_for())
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    lost = httpx.ReadError("lost")
    with pytest.raises(APIConnectionError) as caught:
        await stack(over(lost), **ONCE).handle_async_request(request_for())
    assert caught.value.__cause__ is lost


@pytest.mark.parametrize(
    ("status", "kind"), [(502, ServerError), (404, NotFoundError), (200, ResponseBodyError)]
)
async def test_a_body_that_cannot_be_decompressed(stack, request_for, status, kind) -> None:
    """A failure keeps its own status; a success is a body that is not what was promised."""
    broken = httpx.Response(
        status, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip")
    )
    with pytest.raises(kind) as caught:
        await stack(ReadWhole(over(broken)), **ONCE).handle_async_request(request_for())
    assert caught.value.status_code == status


async def test_a_request_id_is_printable(stack, request_for) -> None:
    """Control characters of a header do not reach a terminal or a log."""
    answer = httpx.Response(500, headers={"request-id": "a\x1b[31mb"})
    with pytest.raises(ServerError) as caught:
        await stack(over(answer), **ONCE).handle_async_request(request_for())
    assert caught.value.request_id == "a[31mb"


@pytest.mark.parametrize("content", [b"", b"{", b'{"a":1}x', b"<html>", b"\xff"])
async def test_a_success_without_json_is_an_error(stack, request_for, content) -> None:
    """With and without somebody to decode it."""
    for decode in (None, msgspec.json.decode):
        with pytest.raises(ResponseBodyError) as caught:
            await stack(over(httpx.Response(200, content=content)), **ONCE).handle_async_request(
                request_for(context=CallContext(decode=decode))
            )
        assert caught.value.status_code == 200
    if content:
        with pytest.raises(ResponseBodyError):
            await stack(over(httpx.Response(200, content=content)), **ONCE).handle_async_request(
                request_for("updateEvent")
            )


async def test_operations_without_a_body_may_answer_without_one(stack, request_for) -> None:
    """An empty 200 of a deletion is what was promised."""
    response = await stack(over(httpx.Response(200)), **ONCE).handle_async_request(
        request_for("deleteVisitorData")
    )
    assert response.content == b""


@pytest.mark.parametrize(
    ("raised", "kind", "processed"),
    [
        (httpx.ConnectError(""), APIConnectionError, False),
        (httpx.ReadError(""), APIConnectionError, True),
        (httpx.WriteError(""), APIConnectionError, True),
        (httpx.RemoteProtocolError("broken"), APIConnectionError, True),
        (httpx.ProxyError("418"), APIConnectionError, True),
        (httpx.ConnectTimeout(""), APITimeoutError, False),
        (httpx.PoolTimeout(""), APITimeoutError, False),
        (httpx.ReadTimeout(""), APITimeoutError, True),
        (httpx.WriteTimeout(""), APITimeoutError, True),
        (httpx.TimeoutException(""), APITimeoutError, True),
    ],
)
async def test_what_httpx_raises_becomes_ours(stack, request_for, raised, kind, processed) -> None:
    """With the original as its cause, words where httpx has none, and whether the service may have acted."""
    with pytest.raises(kind) as caught:
        await stack(over(raised), **ONCE).handle_async_request(request_for("updateEvent"))
    assert caught.value.__cause__ is raised
    assert caught.value.processed is processed
    assert str(caught.value).partition(" (")[0]


async def test_a_body_that_cannot_be_decompressed_is_a_body_error(stack, request_for) -> None:
    """It is the body's fault, not the connection's."""
    with pytest.raises(ResponseBodyError, match="decompressed"):
        await stack(over(httpx.DecodingError("bad gzip")), **ONCE).handle_async_request(
            request_for()
        )


async def test_who_asks_is_in_every_request(stack, request_for) -> None:
    """Key, agent, this call's headers and timeouts."""
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={})

    transport = stack(httpx.MockTransport(handle), **ONCE, user_agent_suffix="shop/1")
    options = RequestOptions(headers={"x-trace": "1"}, timeouts=Timeouts(read=1))
    await transport.handle_async_request(request_for(context=CallContext(options=options)))
    await transport.handle_async_request(
        httpx.Request("GET", "http://service.test/v4/events", extensions={})
    )
    first, second = seen
    assert first.headers["authorization"] == f"Bearer {KEY}"
    assert first.headers["user-agent"].startswith("fingerprint-async-python/")
    assert first.headers["user-agent"].endswith(" shop/1")
    assert first.headers["x-trace"] == "1"
    assert first.extensions["timeout"] == {"connect": 5, "read": 1, "write": 20, "pool": None}
    assert second.extensions["timeout"]["read"] == 20
    await transport.handle_async_request(
        request_for(context=CallContext(options=RequestOptions(timeouts=None)))
    )
    assert set(seen[-1].extensions["timeout"].values()) == {None}


async def test_the_log_has_a_line_an_attempt_and_no_secret(stack, request_for, caplog) -> None:
    """Operation, attempt, outcome, time, request id; never key, header, query or body."""
    answers = iter(
        [
            httpx.Response(
                500,
                json={"error": {"code": "failed", "message": KEY}},
                headers={"x-request-id": "r-1"},
            ),
            httpx.Response(200, json={"secret": "body"}, headers={"x-request-id": "r-2"}),
        ]
    )
    transport = stack(
        httpx.MockTransport(lambda _: next(answers)),
        rate_limit=RateLimit.off(),
        api_key=KEY,
        retry=RetryPolicy(base_delay=0),
    )
    with caplog.at_level(logging.DEBUG, logger="fingerprint_async"):
        await transport.handle_async_request(request_for(path="/events?linked_id=somebody"))
    lines = [record.getMessage() for record in caplog.records]
    assert [line.partition(" ms=")[0] for line in lines] == [
        "searchEvents attempt=1 outcome=500",
        "searchEvents attempt=2 outcome=200",
    ]
    assert [record.levelname for record in caplog.records] == ["INFO", "DEBUG"]
    assert lines[0].endswith("request_id=r-1")
    assert not any(word in line for line in lines for word in (KEY, "somebody", "body"))
    with caplog.at_level(logging.WARNING, logger="fingerprint_async"):
        caplog.clear()
        answers = iter([httpx.Response(200, json={})])
        await transport.handle_async_request(request_for())
    assert caplog.records == []


def test_slots_are_given_in_order_and_never_lost(virtual) -> None:
    """Cancelled at random while waiting, at the handing over too: in the end no slot is taken."""

    async def main(loop):
        gate = Gate(3)
        order: list[int] = []

        async def use(number: int, seconds: float) -> None:
            await gate.acquire()
            try:
                order.append(number)
                assert gate.taken <= 3
                await asyncio.sleep(seconds)
            finally:
                gate.release()

        rng = random.Random(1)
        tasks = [asyncio.create_task(use(number, rng.uniform(0, 1))) for number in range(300)]
        for task in tasks:
            if rng.random() < 0.6:
                loop.call_later(rng.choice([0, rng.uniform(0, 40)]), task.cancel)
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (gate.taken, gate.waiting) == (0, 0)
        assert order == sorted(order)
        unbounded = Gate(None)
        for _ in range(1000):
            await unbounded.acquire()
        assert unbounded.taken == 1000

    virtual(main)


def test_a_slot_cancelled_as_it_is_handed_over_goes_to_the_next(virtual) -> None:
    """Within one turn of the loop: released, then cancelled."""

    async def main(loop):
        gate = Gate(1)
        await gate.acquire()
        first, second = (asyncio.create_task(gate.acquire()) for _ in range(2))
        await asyncio.sleep(0)
        gate.release()
        first.cancel()
        await second
        assert gate.taken == 1
        gate.release()
        assert gate.taken == 0

    virtual(main)


def test_who_is_cancelled_in_the_queue_is_passed_over(virtual) -> None:
    """Cancelled, then passed over by a release, within one turn of the loop."""

    async def main(loop):
        gate = Gate(1)
        await gate.acquire()
        first, second = (asyncio.create_task(gate.acquire()) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        gate.release()
        await second
        assert (gate.taken, gate.waiting) == (1, 0)
        with pytest.raises(asyncio.CancelledError):
            await first

    virtual(main)


def test_a_call_cancelled_for_want_of_a_slot_keeps_no_token(
    virtual, service, stack, request_for
) -> None:
    """The token goes back, and is there for the next."""

    async def main(loop):
        server = service(loop.time, 1e6, 1e6, latency=1)
        limit = RateLimit(requests_per_second=0.001, burst=2)
        transport = stack(server, loop, rate_limit=limit, max_in_flight=1)
        first, second = (
            asyncio.create_task(transport.handle_async_request(request_for())) for _ in range(2)
        )
        await asyncio.sleep(0.5)
        second.cancel()
        await first
        await transport.handle_async_request(request_for())
        assert (loop.time(), transport.stats.tokens) == (2.0, 2)

    virtual(main)


def test_a_pause_that_begins_during_the_wait_for_a_slot_holds(
    virtual, service, stack, request_for
) -> None:
    """Its token goes back, and it waits as all others."""

    async def main(loop):
        server = service(loop.time, 1e6, 1e6, latency=1)
        server.script = [lambda: httpx.Response(429, headers={"retry-after": "9"})]
        transport = stack(
            server, loop, max_in_flight=1, rate_limit=RateLimit(requests_per_second=1, burst=5)
        )
        await asyncio.gather(*(transport.handle_async_request(request_for()) for _ in range(2)))
        assert [at for at, _ in server.sent] == [0.0, 10.0, 11.0]

    virtual(main)


def test_calls_beyond_the_slots_wait(virtual, service, stack, request_for) -> None:
    """No more requests at a time than asked for, and the wait is counted."""

    async def main(loop):
        server = service(loop.time, 1e6, 1e6, latency=1)
        transport = stack(server, loop, rate_limit=RateLimit.off(), max_in_flight=2)
        await asyncio.gather(*(transport.handle_async_request(request_for()) for _ in range(6)))
        assert loop.time() == pytest.approx(3)
        assert transport.stats.slot_wait_seconds == pytest.approx(2 * 1 + 2 * 2)

    virtual(main)


@given(
    st.lists(
        st.tuples(st.sampled_from(["ask", "cancel", "answer", "refund"]), st.floats(0, 3)),
        max_size=60,
    ),
    st.floats(0.1, 20),
    st.integers(1, 30),
)
def test_a_token_bucket_never_gives_more_than_rate_and_burst(steps, rate, burst) -> None:
    """In any stretch of time, whatever is asked, cancelled, answered or given back."""
    now = 0.0
    bucket = TokenBucket(rate, burst, now=now)
    waiting: list[int] = []
    sent: list[float] = []
    for step, seconds in steps:
        now += seconds
        if step == "ask":
            waiting.append(bucket.enter())
        elif step == "cancel" and waiting:
            bucket.leave(waiting.pop(len(waiting) // 2))
        elif step == "answer" and bucket.unanswered:
            bucket.answered(now)
        elif step == "refund" and bucket.unanswered and sent:
            sent.pop()
            bucket.refund(now)
        for ticket in list(waiting):
            if bucket.poll(ticket, now) <= 0:
                waiting.remove(ticket)
                sent.append(now)
        for index, begin in enumerate(sent):
            for count, end in enumerate(sent[index:], 1):
                assert count <= burst + (end - begin) * rate + 1e-6
    assert bucket.waiting == len(waiting)


class Distant:
    """A server's bucket behind a way there and a way back, each at least so long, and a client that asks for all it may.

    With `told` the client's bucket hears when requests were sent.
    """

    def __init__(
        self,
        rate: float,
        there: tuple[float, float],
        back: tuple[float, float],
        *,
        seed: int,
        told: bool = True,
    ) -> None:
        self.there, self.back, self.told = there, back, told
        self.random = random.Random(seed)
        self.now = 0.0
        self.refused = 0
        self.bucket = TokenBucket(rate, 3 * rate, now=0.0)
        self.server = limits.TokenBucket(rate, clock=lambda: self.now)
        self.events: list[tuple[float, int, float, bool]] = []

    def ask(self, requests: int, *, cold: float = 0.0) -> float:
        """Send so many, each as soon as the client's bucket lets it, and rest; returns the seconds until the last one went."""
        began = self.now
        for number in range(requests):
            ticket = self.bucket.enter()
            while (wait := self.bucket.poll(ticket, self.now)) > 0:
                self.now = min(self.next_event(), self.now + wait)
                self.take_events()
            opening = cold if number < self.bucket.burst else 0.0
            arrival = self.now + opening + self.random.uniform(*self.there)
            heapq.heappush(self.events, (arrival, number, self.now, False))
        took = self.now - began
        while self.events:
            self.now = self.next_event()
            self.take_events()
        self.now += 60.0
        return took

    def next_event(self) -> float:
        """When the next request arrives, or the next answer comes back."""
        return self.events[0][0] if self.events else math.inf

    def take_events(self) -> None:
        """Let arrive and come back what does so by now."""
        while self.next_event() <= self.now:
            _, number, sent, arrived = heapq.heappop(self.events)
            if arrived:
                self.bucket.answered(self.now, sent=sent if self.told else None)
                continue
            self.refused += self.server.take() > 0
            answer = self.now + self.random.uniform(*self.back)
            heapq.heappush(self.events, (answer, number, sent, True))


@given(
    st.sampled_from([5.0, 20.0, 50.0]),
    st.floats(0.01, 2.0),
    st.floats(0, 1),
    st.floats(0, 3),
    st.sampled_from([0.0, 0.3, 1.0]),
    st.integers(0, 1_000),
)
@settings(max_examples=300, derandomize=True)
def test_no_round_trip_is_counted_on_that_does_not_come(  # noqa: PLR0917 - drawn
    rate, trip, share, spread, cold, seed
) -> None:
    """However the way there and the way back share a round trip, and by how much they vary: no 429, cold connections and rests included."""
    there, back = trip * share, trip * (1 - share)
    wide = trip * spread / 2
    server = Distant(rate, (there, there + wide), (back, back + wide), seed=seed)
    for _ in range(2):
        server.ask(int(4 * rate), cold=cold)
    assert server.refused == 0


def test_steady_round_trips_cost_nothing_of_what_the_server_fills() -> None:
    """A burst of 15 and 25 more at 5 a second, 0.8 s away: 5 s, and not one round trip more, as soon as the way is known."""
    known = Distant(5.0, (0.1, 0.1), (0.7, 0.7), seed=1)
    known.ask(30)
    assert known.ask(40) == pytest.approx(5.0, rel=0.01)
    assert known.refused == 0
    unknown = Distant(5.0, (0.1, 0.1), (0.7, 0.7), seed=1, told=False)
    unknown.ask(30)
    assert unknown.ask(40) == pytest.approx(5.8, rel=0.01)


def test_a_drained_bucket_is_empty_with_what_the_server_is_ahead() -> None:
    """After a 429 nothing goes before a token has been filled in, however far away the server is."""
    server = Distant(5.0, (0.1, 0.1), (0.7, 0.7), seed=1)
    server.ask(30)
    server.bucket.drain(server.now)
    assert server.bucket.level(server.now) == 0
    assert server.bucket.level(server.now + 1) == pytest.approx(5 * 0.999)


def test_a_window_is_never_overfull() -> None:
    """Waits are told for those far behind as well; a place given back can be taken."""
    bucket = WindowBucket(2, 40)
    tickets = [bucket.enter() for _ in range(6)]
    assert [bucket.poll(ticket, 0.0) for ticket in tickets] == [0, 0, 100, 100, 200, 200]
    bucket.refund(0.0)
    assert bucket.poll(tickets[2], 1.0) == 0
    assert bucket.head == tickets[3]
    assert bucket.poll(tickets[3], 100.0) == 0


async def test_connections_are_reused_and_dropped() -> None:
    """The freshest first; one that has rested for long is closed; a cancelled one is never used again."""
    made: list[Fake] = []
    clock = [0.0]

    class Fake(httpx.AsyncBaseTransport):
        def __init__(self) -> None:
            made.append(self)
            self.closed = False
            self.hang = False

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path == "/hang":
                await asyncio.sleep(60)
            if request.url.path == "/fail":
                raise httpx.ReadError("")
            await asyncio.sleep(0)
            return httpx.Response(200)

        async def aclose(self) -> None:
            self.closed = True

    pool = OneEach(Fake, clock=lambda: clock[0])

    def send(path: str = "/") -> asyncio.Task[httpx.Response]:
        return asyncio.create_task(
            pool.handle_async_request(httpx.Request("GET", f"http://a{path}"))
        )

    await asyncio.gather(*(send() for _ in range(3)))
    assert len(made) == 3
    await send()
    assert len(made) == 3
    with pytest.raises(httpx.ReadError):
        await send("/fail")
    hanging = send("/hang")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert pool.busy == 1
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging
    assert pool.busy == 0
    assert sum(fake.closed for fake in made) == 1
    clock[0] = 6.0
    await send()
    assert sum(fake.closed for fake in made) == 2
    await pool.aclose()
    assert all(fake.closed for fake in made)


def test_the_environments_proxy_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """As by httpx, curl and pip; not for hosts that it excludes."""
    assert environment_proxy("https://api.fpjs.io/v4") is None
    monkeypatch.setenv("ALL_PROXY", "socks5://all:1")
    assert environment_proxy("https://api.fpjs.io/v4") == "socks5://all:1"
    monkeypatch.setenv("HTTPS_PROXY", "proxy:3128")
    assert environment_proxy("https://api.fpjs.io/v4") == "http://proxy:3128"
    monkeypatch.setenv("NO_PROXY", "fpjs.io,127.0.0.1")
    assert environment_proxy("https://api.fpjs.io/v4") is None


async def test_a_closed_http_client_is_a_clear_error(stack, request_for) -> None:
    """Its connections would be opened again, for nobody to close."""
    http_client = httpx.AsyncClient()
    await http_client.aclose()
    options = ClientOptions(api_key="k", base_url="http://a/v4", http_client=http_client)
    with pytest.raises(ClientStateError, match="http_client"):
        await stack(open_inner(options), **ONCE).handle_async_request(request_for())


def test_the_fast_extra_is_named_when_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs it."""
    monkeypatch.setitem(__import__("sys").modules, "pyreqwest.client", None)
    with pytest.raises(ConfigurationError, match=r"fingerprint-async\[fast\]"):
        open_inner(ClientOptions(api_key="k", base_url="http://a/v4", transport="fast"))


async def test_the_fast_transport_tells_unsent_from_lost() -> None:
    """A connection that ends before the answer is no failed connecting: the service may have acted."""
    pytest.importorskip("pyreqwest")
    held: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readline()
        if b"/hang" in line:
            held.append(writer)
            return
        await reader.readuntil(b"\r\n\r\n")
        if b"/redirect" in line:
            writer.write(b"HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    fast = open_inner(
        ClientOptions(
            api_key="k",
            base_url=f"http://127.0.0.1:{port}",
            transport="fast",
            timeouts=Timeouts(read=0.2),
        )
    )

    def send(path: str, port: int = port, **timeout: float) -> asyncio.Task[httpx.Response]:
        extensions = {"timeout": timeout} if timeout else {}
        return asyncio.create_task(
            fast.handle_async_request(
                httpx.Request(
                    "POST", f"http://127.0.0.1:{port}{path}", content=b"{}", extensions=extensions
                )
            )
        )

    with pytest.raises(httpx.ReadError):
        await send("/closed")
    with pytest.raises(httpx.ReadTimeout):
        await send("/hang")
    with pytest.raises(httpx.ReadTimeout):
        await send("/hang", read=0.05)
    with pytest.raises(httpx.ConnectError) as caught:
        await send("/refused?linked_id=somebody", port=9)
    assert "somebody" not in str(caught.value)
    assert (await send("/redirect")).status_code == 302
    patient = open_inner(
        ClientOptions(api_key="k", base_url="http://a", transport="fast", timeouts=None)
    )
    request = httpx.Request(
        "GET", f"http://127.0.0.1:{port}/redirect", extensions={"timeout": {"read": None}}
    )
    assert (await patient.handle_async_request(request)).status_code == 302
    await patient.aclose()
    assert fast.busy == 0
    await fast.aclose()
    for writer in held:
        writer.close()
    server.close()
    await server.wait_closed()
