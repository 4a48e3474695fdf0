"""Every backend gives the same answers to the same odd peers: a result or a typed error."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gzip
import resource
import traceback
import zlib
from typing import TYPE_CHECKING, Any, Self

import httpx
import httpx2
import pytest
import zstandard

from fingerprint_async._http.lifetime import Lifetime
from fingerprint_async._http.pipeline import Pipeline
from fingerprint_async.config import RetryPolicy, Timeouts
from fingerprint_async.errors import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    BadRequestError,
    DeadlineExceededError,
    ResponseBodyError,
    ResponseTooLargeError,
    ServerError,
    UnexpectedStatusError,
    WrongRegionError,
)
from tests._http.conftest import EVENT_ID, options_for, request_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

EVENT = b'{"event_id":"1708102555327.NLOjmg","timestamp":1}'
BACKENDS = ("httpx", "httpx2", "fast", "http_client", "http_client2", "transport", "transport2")
ONCE = RetryPolicy(max_attempts=1)


class Peer:
    """A loopback server that answers each request with what a function writes."""

    def __init__(self, serve: Callable[[asyncio.StreamWriter, int], Awaitable[None]]) -> None:
        self.serve = serve
        self.requests: list[bytes] = []
        self.connections = self.open_connections = 0
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Self:
        """Listen."""
        self.server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}/v4"
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        self.server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self.open_connections += 1
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, OSError, asyncio.CancelledError):
                while True:
                    head = await reader.readuntil(b"\r\n\r\n")
                    length = [
                        int(line.split(b":")[1])
                        for line in head.split(b"\r\n")
                        if line.lower().startswith(b"content-length:")
                    ]
                    body = await reader.readexactly(length[0]) if length else b""
                    self.requests.append(head + body)
                    await self.serve(writer, len(self.requests))
        finally:
            writer.transport.abort()
            self.open_connections -= 1
            self._tasks.discard(task)


def wire(body: bytes = b"", status: str = "200 OK", headers: dict[str, str] | None = None) -> bytes:
    """A whole answer."""
    lines = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    lines |= headers or {}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode("latin-1")
    return f"HTTP/1.1 {status}\r\n".encode() + head + b"\r\n" + body


def always(data: bytes, *, close: bool = False) -> Peer:
    """A peer that answers the same each time."""

    async def serve(writer: asyncio.StreamWriter, _: int) -> None:
        writer.write(data)
        await writer.drain()
        if close:
            writer.close()

    return Peer(serve)


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """The name of a backend."""
    return str(request.param)


@contextlib.asynccontextmanager
async def open_pipeline(backend: str, url: str, **options: Any) -> AsyncIterator[Pipeline]:
    """A pipeline over a backend, and the end of both."""
    own: Any = None
    if backend.startswith("http_client"):
        own = (httpx2 if backend.endswith("2") else httpx).AsyncClient()
        options["http_client"] = own
    elif backend.startswith("transport"):
        own = (httpx2 if backend.endswith("2") else httpx).AsyncHTTPTransport()
        options["transport"] = own
    else:
        options["transport"] = backend
    options.setdefault("retry", ONCE)
    options.setdefault("deadline", 10)
    made = options_for(None, url, **options)
    lifetime = Lifetime(made)
    try:
        yield Pipeline(made, lifetime)
    finally:
        await lifetime.aclose()
        if own is not None:
            await own.aclose()


async def test_the_wire_is_the_same_over_every_backend(backend) -> None:
    """Path, query, key and body of a read and a change, whatever sends them."""
    async with always(wire(EVENT)) as peer, open_pipeline(backend, peer.url) as pipeline:
        get = request_for(query=(("ruleset_id", "a b&ü"),))
        assert (await pipeline.call(get, None))["event_id"] == EVENT_ID
        await pipeline.call(request_for("updateEvent", content=b'{"suspect":true}'), None)
        first, second = peer.requests
        line, *headers = first.split(b"\r\n")
        assert line.startswith(
            b"GET /v4/events/1708102555327.NLOjmg?ruleset_id=a%20b%26%C3%BC&ii=fingerprint-async-"
        )
        named = {
            name.lower(): value for name, _, value in (line.partition(b": ") for line in headers)
        }
        assert named[b"authorization"].startswith(b"Bearer sk_secret_")
        assert named[b"user-agent"].startswith(b"fingerprint-async-python/")
        assert second.startswith(b"PATCH /v4/events/")
        assert second.endswith(b'\r\n\r\n{"suspect":true}')
        assert b"content-type: application/json" in second.lower()


ODD = {
    "obs-text in a header": (wire(EVENT, headers={"X-Via": "caf\xe9"}), EVENT_ID),
    "gzip in capitals": (
        wire(gzip.compress(EVENT), headers={"Content-Encoding": "GZIP"}),
        EVENT_ID,
    ),
    "two members of gzip": (
        wire(
            gzip.compress(EVENT[:9]) + gzip.compress(EVENT[9:]),
            headers={"Content-Encoding": "gzip"},
        ),
        EVENT_ID,
    ),
    "deflate with a zlib header": (
        wire(zlib.compress(EVENT), headers={"Content-Encoding": "deflate"}),
        EVENT_ID,
    ),
    "raw deflate": (
        wire(zlib.compress(EVENT, wbits=-15), headers={"Content-Encoding": "deflate"}),
        EVENT_ID,
    ),
    "zstd": (
        wire(zstandard.compress(EVENT), headers={"Content-Encoding": "zstd"}),
        EVENT_ID,
    ),
    "gzip of gzip": (
        wire(gzip.compress(gzip.compress(EVENT)), headers={"Content-Encoding": "gzip, gzip"}),
        EVENT_ID,
    ),
    "identity": (wire(EVENT, headers={"Content-Encoding": "identity"}), EVENT_ID),
    "an encoding nobody asked for": (
        wire(EVENT, headers={"Content-Encoding": "br"}),
        ResponseBodyError,
    ),
    "says gzip and is not": (wire(EVENT, headers={"Content-Encoding": "gzip"}), ResponseBodyError),
    "gzip cut off": (
        wire(gzip.compress(EVENT)[:-9], headers={"Content-Encoding": "gzip"}),
        ResponseBodyError,
    ),
    "an error that says gzip and is not": (
        wire(b'{"error":{}}', "400 Bad", {"Content-Encoding": "gzip"}),
        BadRequestError,
    ),
    "an error in plain JSON that says gzip": (
        wire(
            b'{"error":{"code":"wrong_region","message":"wrong region"}}',
            "403 Forbidden",
            {"Content-Encoding": "gzip"},
        ),
        WrongRegionError,
    ),
    "an error with another content encoding": (
        wire(
            gzip.compress(b'{"error":{"code":"wrong_region","message":"wrong region"}}'),
            "403 Forbidden",
            {"Content-Encoding": "gzip"},
        ),
        WrongRegionError,
    ),
    "a 403 of a proxy": (wire(b"<html>", "403 Forbidden"), UnexpectedStatusError),
    "a redirect": (
        wire(b"", "302 Found", {"Location": "http://127.0.0.1:1/"}),
        UnexpectedStatusError,
    ),
    "an unknown status": (wire(b"", "799 Odd"), UnexpectedStatusError),
    "no reason": (wire(b"", "503"), ServerError),
    "html": (wire(b"<html>"), ResponseBodyError),
    "another event": (wire(b'{"event_id":"1.a"}'), ResponseBodyError),
    "no event": (wire(b"{}"), ResponseBodyError),
    "json that is cut off": (wire(EVENT[:-1]), ResponseBodyError),
    "not http": (b"SSH-2.0-OpenSSH_9.6\r\n\r\n\r\n", APIConnectionError),
    "a length that is none": (wire(EVENT, headers={"Content-Length": "-1"}), APIConnectionError),
}


@pytest.mark.parametrize("name", ODD)
async def test_odd_answers_have_one_meaning(backend, name) -> None:
    """The same event, or the same type of error, over every backend."""
    data, meaning = ODD[name]
    async with (
        always(data, close=name == "not http") as peer,
        open_pipeline(backend, peer.url) as pipeline,
    ):
        if isinstance(meaning, str):
            assert (await pipeline.call(request_for(), None))["event_id"] == meaning
        else:
            with pytest.raises(APIError) as caught:
                await pipeline.call(request_for(), None)
            assert type(caught.value) is meaning
        assert pipeline.stats.in_flight == 0


@pytest.mark.parametrize("operation", ["getEvent", "updateEvent"])
async def test_an_answer_cut_at_any_byte_is_a_typed_error(backend, operation) -> None:
    """Wherever the connection ends, the call ends with a connection error that says: maybe done."""
    data = wire(EVENT)
    at = 0

    async def serve(writer: asyncio.StreamWriter, _: int) -> None:
        writer.write(data[:at])
        await writer.drain()
        writer.close()

    async with Peer(serve) as peer, open_pipeline(backend, peer.url) as pipeline:
        for at in range(len(data)):  # noqa: B007 - the server reads it
            with pytest.raises(APIConnectionError) as caught:
                await pipeline.call(request_for(operation), None)
            assert caught.value.processed
        assert pipeline.stats.requests == len(data)


async def test_a_refused_connection_was_not_processed(backend) -> None:
    """Nothing can have arrived, so changes may be sent again."""
    async with open_pipeline(backend, "http://127.0.0.1:1/v4") as pipeline:
        with pytest.raises(APIConnectionError) as caught:
            await pipeline.call(request_for("updateEvent"), None)
        assert not caught.value.processed


async def test_a_peer_that_drips_is_ended_by_the_deadline(backend) -> None:
    """Each byte is in time for its timeout; the whole is not."""

    async def serve(writer: asyncio.StreamWriter, _: int) -> None:
        for byte in wire(EVENT):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.02)

    async with (
        Peer(serve) as peer,
        open_pipeline(backend, peer.url, deadline=0.3) as pipeline,
    ):
        with pytest.raises(DeadlineExceededError):
            await pipeline.call(request_for(), None)
        assert pipeline.stats.in_flight == 0


async def test_a_peer_that_says_nothing_is_a_timeout(backend) -> None:
    """After the read timeout; the service may have acted."""

    async def serve(writer: asyncio.StreamWriter, _: int) -> None:
        await asyncio.sleep(30)

    timeout = Timeouts(read=0.2)
    async with Peer(serve) as peer, open_pipeline(backend, peer.url, timeout=timeout) as pipeline:
        with pytest.raises(APITimeoutError) as caught:
            await pipeline.call(request_for(), None)
        assert caught.value.processed
        assert isinstance(caught.value, TimeoutError)


async def test_a_flood_is_cut_where_it_is_too_large(backend) -> None:
    """An endless body ends at `max_response_bytes`, not with the memory."""
    stopped = asyncio.Event()

    async def serve(writer: asyncio.StreamWriter, _: int) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while True:
                writer.write(b"10000\r\n" + b" " * 65536 + b"\r\n")
                await writer.drain()
        finally:
            stopped.set()

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with (
        Peer(serve) as peer,
        open_pipeline(backend, peer.url, max_response_bytes=2_000_000) as pipeline,
    ):
        with pytest.raises(ResponseTooLargeError, match="2000000 bytes"):
            await pipeline.call(request_for(), None)
        await asyncio.wait_for(stopped.wait(), 5)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < 60


@functools.cache
def bomb(encoding: str) -> bytes:
    """Pack 400 MB into some kilobytes; made once for all backends."""
    zeros = bytes(1024 * 1024)
    if encoding == "zstd":
        compressor = zstandard.ZstdCompressor().compressobj()
    else:
        bits = zlib.MAX_WBITS if encoding == "deflate" else 16 + zlib.MAX_WBITS
        compressor = zlib.compressobj(9, zlib.DEFLATED, bits)
    packed = b"".join(compressor.compress(zeros) for _ in range(400)) + compressor.flush()
    return gzip.compress(packed) if encoding == "gzip, gzip" else packed


@pytest.mark.parametrize("encoding", ["gzip", "zstd", "deflate", "gzip, gzip"])
async def test_a_bomb_is_counted_while_it_is_inflated(backend, encoding) -> None:
    """Some kilobytes that would become 400 MB: the cap ends it, with little memory."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    data = wire(bomb(encoding), headers={"Content-Encoding": encoding})
    async with (
        always(data) as peer,
        open_pipeline(backend, peer.url, max_response_bytes=4_000_000) as pipeline,
    ):
        with pytest.raises(ResponseTooLargeError):
            await pipeline.call(request_for(), None)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < 100


async def test_two_answers_to_one_request_never_reach_the_next_call(backend) -> None:
    """Each call gets the event that it asked for, or an error; over own connections no retry."""

    async def serve(writer: asyncio.StreamWriter, count: int) -> None:
        asked = peer.requests[-1].split(b" ")[1].split(b"?")[0].rpartition(b"/")[2]
        body = b'{"event_id":"%s"}' % asked
        # The second answer to the first request is somebody else's.
        extra = wire(b'{"event_id":"1.stranger"}') if count == 1 else b""
        writer.write(wire(body) + extra)
        await writer.drain()

    retry = RetryPolicy(max_attempts=4, base_delay=0)
    async with Peer(serve) as peer, open_pipeline(backend, peer.url, retry=retry) as pipeline:
        for number in range(5):
            event = await pipeline.call(request_for(path=f"/events/{number}.me"), None)
            assert event["event_id"] == f"{number}.me"
        assert pipeline.stats.calls == 5


@pytest.mark.parametrize("backend", ["httpx", "httpx2"])
async def test_a_second_answer_closes_the_connection_of_a_search_too(backend) -> None:
    """A page does not name what was asked: the connection is not used again."""

    async def serve(writer: asyncio.StreamWriter, count: int) -> None:
        page = wire(b'{"events":[],"pagination_key":"%d"}' % count)
        writer.write(
            page + (wire(b'{"events":[],"pagination_key":"stray"}') if count == 1 else b"")
        )
        await writer.drain()

    async with Peer(serve) as peer, open_pipeline(backend, peer.url) as pipeline:
        keys = [
            (await pipeline.call(request_for("searchEvents"), None))["pagination_key"]
            for _ in range(3)
        ]
        assert keys == ["1", "2", "3"]
        assert peer.connections == 2


async def test_connections_are_reused(backend) -> None:
    """Calls one after another take one connection."""
    async with always(wire(EVENT)) as peer, open_pipeline(backend, peer.url) as pipeline:
        for _ in range(5):
            await pipeline.call(request_for(), None)
        assert peer.connections == 1


async def test_a_cancelled_call_leaves_nothing_behind(backend) -> None:
    """Its connection is not used again, its slot is free, and the next call works."""

    async def serve(writer: asyncio.StreamWriter, count: int) -> None:
        if count == 1:
            await asyncio.sleep(30)
        writer.write(wire(EVENT))
        await writer.drain()

    async with Peer(serve) as peer, open_pipeline(backend, peer.url) as pipeline:
        call = asyncio.create_task(pipeline.call(request_for(), None))
        while not peer.requests:  # noqa: ASYNC110 - nothing here tells
            await asyncio.sleep(0.005)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert pipeline.stats.in_flight == 0
        assert (await pipeline.call(request_for(), None))["event_id"] == EVENT_ID
        assert peer.connections == 2


async def test_no_traceback_shows_the_key_or_the_address(backend) -> None:
    """Not with the locals of every frame, and nothing foreign is chained."""
    async with open_pipeline(backend, "http://127.0.0.1:1/v4") as pipeline:
        with pytest.raises(APIConnectionError) as caught:
            await pipeline.call(request_for(query=(("linked_id", "ann@example.com"),)), None)
        error = caught.value
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
        text = "".join(told.format())
        assert "sk_secret" not in text
        assert error.__cause__ is None
        assert error.__context__ is None
        if not backend.startswith(("http_client", "transport")):
            assert "ann%40example.com" not in text


RAISED = [
    OSError("x"),
    TimeoutError("x"),
    EOFError("x"),
    AssertionError("x"),
    KeyError("x"),
    httpx.StreamError("x"),
    httpx.InvalidURL("x"),
    httpx.ReadError("Bearer sk_secret"),
    httpx2.ReadError("x"),
    RecursionError("x"),
]


@pytest.mark.parametrize("raised", RAISED, ids=lambda error: type(error).__qualname__)
@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
async def test_whatever_a_callers_transport_raises_is_typed(raised, library) -> None:
    """By exhaustion, and without its words."""

    class Raising(library.AsyncBaseTransport):
        async def handle_async_request(self, _: Any) -> Any:
            raise raised

    options = options_for(None, transport=Raising(), retry=ONCE)
    pipeline = Pipeline(options, Lifetime(options))
    with pytest.raises(APIConnectionError) as caught:
        await pipeline.call(request_for(), None)
    assert "sk_secret" not in str(caught.value)
    assert isinstance(caught.value, APITimeoutError) == isinstance(raised, TimeoutError)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
async def test_a_mock_transport_of_either_library_answers(library) -> None:
    """Responses that were made with their content, compressed ones included."""
    body = gzip.compress(EVENT)
    transport = library.MockTransport(
        lambda _: library.Response(200, content=body, headers={"content-encoding": "gzip"})
    )
    for own in (
        {"transport": transport},
        {"http_client": library.AsyncClient(transport=transport)},
    ):
        options = options_for(None, retry=ONCE, **own)
        pipeline = Pipeline(options, Lifetime(options))
        assert (await pipeline.call(request_for(), None))["event_id"] == EVENT_ID


async def test_a_timeout_beyond_all_bounds_is_none(backend) -> None:
    """A number of seconds that no clock of a library holds."""
    async with (
        always(wire(EVENT)) as peer,
        open_pipeline(backend, peer.url, timeout=1e15, deadline=1e15) as pipeline,
    ):
        assert await pipeline.call(request_for(), None)
        from fingerprint_async import RequestOptions

        assert await pipeline.call(request_for(), RequestOptions(timeout=1e14))


async def test_a_second_answer_that_comes_late_is_noticed(backend) -> None:
    """An idle connection on which something came is not used again."""
    late = asyncio.Event()

    async def serve(writer: asyncio.StreamWriter, count: int) -> None:
        writer.write(wire(EVENT))
        await writer.drain()
        if count == 1:
            await asyncio.sleep(0.05)
            writer.write(wire(b'{"event_id":"1.stranger"}'))
            await writer.drain()
            late.set()

    retry = RetryPolicy(max_attempts=3, base_delay=0)
    async with Peer(serve) as peer, open_pipeline(backend, peer.url, retry=retry) as pipeline:
        await pipeline.call(request_for(), None)
        await late.wait()
        await asyncio.sleep(0.02)
        assert (await pipeline.call(request_for(), None))["event_id"] == EVENT_ID
