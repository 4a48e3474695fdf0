"""Hostile peers × backends × operations: a result or a typed error, in time, and nothing is left.

Each cell is one call. CI draws from the cells with a fixed seed; with `FINGERPRINT_TEST_ALL=1`, all
are run.
"""

from __future__ import annotations

import asyncio
import collections
import gzip
import os
import random
import resource
import zlib
from typing import TYPE_CHECKING, Any

import pytest
import zstandard

from fingerprint_async.errors import APIError
from tests._http.test_backends import Peer, wire
from tests._http.test_callers_own import open_client, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from fingerprint_async import FingerprintClient

BACKENDS = ("httpx", "httpx2", "fast", "http_client", "http_client2", "transport")
OPERATIONS = ("getEvent", "searchEvents", "updateEvent", "deleteVisitorData", "edge")
DEADLINE_SECONDS = 0.4
GRACE_SECONDS = 4.0
"""What a busy machine may add to a deadline before the call counts as stuck."""
LEFT_SECONDS = 4.0
"""When the last connection is closed: what `fast` was told to give up ends a second after that."""
MOST_BYTES = 300_000
MOST_GROWTH_MIB = 90
BODIES = {
    "getEvent": b'{"event_id":"a"}',
    "searchEvents": b'{"events":[{"event_id":"a"}]}',
    "updateEvent": b"OK",
    "deleteVisitorData": b"OK",
    "edge": b'{"event_id":"a"}',
}


def chunked(*lines: bytes) -> bytes:
    """A chunked answer of these lines."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(lines)


def odd(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Answers that are not what HTTP, or the service, promises."""
    size = b"%x\r\n" % len(body)
    plain = wire(body)
    deep = b"[" * 100_000 + b"]" * 100_000
    yield "plain", plain
    yield "nothing", b""
    yield "only a line end", b"\r\n"
    yield "a status line alone", b"HTTP/1.1 200 OK\r\n\r\n"
    yield "HTTP/1.0 without a length", b"HTTP/1.0 200 OK\r\n\r\n" + body
    yield "HTTP/0.9", body
    yield "HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    yield "HTTP/9.9", plain.replace(b"HTTP/1.1", b"HTTP/9.9")
    yield "TLS", bytes.fromhex("15030300020228")
    yield "chunked", chunked(size, body, b"\r\n0\r\n\r\n")
    yield "chunks of a byte", chunked(*[b"1\r\n%c\r\n" % byte for byte in body], b"0\r\n\r\n")
    yield "chunk extensions", chunked(size[:-2], b";a=b;c\r\n", body, b"\r\n0\r\n\r\n")
    yield "trailers", chunked(size, body, b"\r\n0\r\nX-Trailer: 1\r\n\r\n")
    yield "a negative chunk", chunked(b"-1\r\n", body, b"\r\n0\r\n\r\n")
    yield "a chunk of 2**64", chunked(b"10000000000000000\r\n", body)
    yield "a chunk that is no number", chunked(b"0x10\r\n", body, b"\r\n0\r\n\r\n")
    yield "no end of chunks", chunked(size, body, b"\r\n")
    yield "two lengths", plain.replace(b"\r\n\r\n", b"\r\nContent-Length: 1\r\n\r\n", 1)
    yield "length and chunks", wire(body, headers={"Transfer-Encoding": "chunked"})
    yield "a length beyond all bounds", wire(body, headers={"Content-Length": "9" * 40})
    yield "a length in hex", wire(body, headers={"Content-Length": "0x10"})
    yield "a length with a sign", wire(body, headers={"Content-Length": f"+{len(body)}"})
    yield "another transfer encoding", wire(body, headers={"Transfer-Encoding": "gzip"})
    yield "NUL in a header", wire(body, headers={"X-A": "a\0b"})
    yield "a folded header", wire(body, headers={"X-A": "a\r\n b"})
    yield "a header without a name", wire(body, headers={"": "a"})
    yield "a header without a colon", plain.replace(b"\r\n\r\n", b"\r\nnothing\r\n\r\n", 1)
    yield "bare line feeds", plain.replace(b"\r\n", b"\n")
    yield "200 headers", wire(body, headers={f"X-{number}": "a" for number in range(200)})
    yield "a header of 200 kB", wire(body, headers={"X-A": "a" * 200_000})
    yield "100 before", b"HTTP/1.1 100 Continue\r\n\r\n" + plain
    yield "103 before", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 50 + plain
    yield "101", wire(body, "101 Switching Protocols", {"Upgrade": "h2c", "Connection": "upgrade"})
    yield "two answers", plain + wire(b'{"event_id":"stranger"}')
    yield "junk after the answer", plain + b"\r\n\r\n\0\0"
    for status in ("000 A", "99 A", "199 A", "204 A", "205 A", "206 A", "299 A", "304 A", "407 A"):
        yield status, wire(body, status)
    for status in ("401 A", "418 A", "599 A", "600 A", "999 A", "1000 A", "-1 A", "2OO A", "200"):
        yield status, wire(body, status)
    for text in (b"", b"null", b"[]", b'"a"', b"7", b"\xff\xfe", b"\xef\xbb\xbf" + body, b"{}"):
        yield f"body {text[:9]!r}", wire(text)
    yield "a body in UTF-16", wire(body.decode().encode("utf-16"))
    yield "deep JSON", wire(b'{"event_id":"a","events":' + deep + b"}")
    yield "deep JSON in an error", wire(b'{"error":' + deep + b"}", "400 A")
    yield "a number of 5,000 digits", wire(b'{"event_id":' + b"9" * 5000 + b',"events":[]}')
    for name in ("br", "gzip", "deflate", "zstd", "x" * 99, "gzip," * 9, "identity", ",", "\xff"):
        yield f"says {name[:9]}", wire(body, headers={"Content-Encoding": name})


RETRY_AFTER = (
    "", "0", "-1", "+1", "1_0", "1e9", "0x1", "9" * 400, "9" * 14, "NaN", "inf", "0.0001", "1, 2",
    "Sun, 06 Nov 9999 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", "06 Nov", "\xff", "\xb2",
    "Sun, 06 Nov 1994 08:49:37 +9999", "Sun, 06-Nov-94 08:49:37 GMT", "99 Nov 2026 99:99:99 GMT",
    "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 99999999999 08:49:37 GMT", "\t60\t", "a" * 60_000,
)  # fmt: skip


def retry_after(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Refusals that ask for waits in every form, with a clock that is right, wrong or none."""
    for value in RETRY_AFTER:
        for date in (None, "Sun, 06 Nov 1994 08:49:37 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "x"):
            headers = {"Retry-After": value} | ({"Date": date} if date else {})
            yield f"{value[:30]} {date}", wire(body, "429 A", headers)


def cuts(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Answers of three kinds, cut off after each of their bytes."""
    size = b"%x\r\n" % len(body)
    whole = {
        "plain": wire(body),
        "chunked": chunked(size, body, b"\r\n0\r\n\r\n"),
        "gzip": wire(gzip.compress(body), headers={"Content-Encoding": "gzip"}),
    }
    for name, data in whole.items():
        for at in range(len(data)):
            yield f"{name} at {at}", data[:at]


def bombs(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Some kilobytes that become 32 MB, in each encoding, and in each other."""
    zeros = b" " * 32_000_000
    packed = {
        "gzip": gzip.compress(zeros),
        "deflate": zlib.compress(zeros),
        "zstd": zstandard.compress(zeros),
    }
    raw = zlib.compressobj(wbits=-15)
    for status in ("200 OK", "500 A"):
        for name, data in packed.items():
            yield f"{name} {status}", wire(data, status, {"Content-Encoding": name})
            names = f"{name}, gzip, gzip"
            twice = gzip.compress(gzip.compress(data))
            yield f"{names} {status}", wire(twice, status, {"Content-Encoding": names})
        data = raw.copy().compress(zeros[:1_000_000]) + gzip.compress(body)
        yield f"raw {status}", wire(data, status, {"Content-Encoding": "deflate"})
        members = gzip.compress(b"") * 12_000
        yield f"members {status}", wire(members, status, {"Content-Encoding": "gzip"})
        layers = wire(gzip.compress(body), status, {"Content-Encoding": "gzip," * 5000})
        yield f"layers {status}", layers


FLOODS = {
    "body": (chunked(), b"10000\r\n" + b" " * 65_536 + b"\r\n"),
    "body of one byte a chunk": (chunked(), b"1\r\n \r\n" * 4096),
    "body with a length": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        b" " * 65_536,
    ),
    "body without a length": (b"HTTP/1.0 200 OK\r\n\r\n", b" " * 65_536),
    "error": (b"HTTP/1.1 500 A\r\nContent-Length: 99999999999\r\n\r\n", b" " * 65_536),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X-A: aaaaaaaaaaaaaaaaaaaaaaaaa\r\n" * 999),
    "one header": (b"HTTP/1.1 200 OK\r\nX-A: ", b"a" * 65_536),
    "a status line": (b"HTTP/1.1 200 ", b"a" * 65_536),
    "informational answers": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 999),
    "chunk extensions": (chunked(b"1"), b";a=" + b"b" * 65_536),
    "trailers": (chunked(b"0\r\n"), b"X-A: aaaaaaaaaaaaaaaaaaaaaaaaa\r\n" * 999),
    "answers": (b"", wire(b'{"event_id":"a","events":[]}') * 99),
    "gzip": (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"14\r\n" + gzip.compress(b"", mtime=0) + b"\r\n",
    ),
}


async def ask(client: FingerprintClient, operation: str) -> object:
    """Make one call."""
    if operation == "getEvent":
        event = await client.events.get("a")
        assert event.event_id in {"a", None} or not isinstance(event.event_id, str)
        return event
    if operation == "searchEvents":
        return await client.events.search()
    if operation == "updateEvent":
        return await client.events.update("a", suspect=True)
    if operation == "deleteVisitorData":
        return await client.visitors.delete("v")
    return await client.edge.analyze(
        method="GET", url="https://a.example/", headers={"Host": "a"}, ip="192.0.2.1"
    )


async def run_cell(client: FingerprintClient, operation: str, told: collections.Counter) -> None:
    """Make a call; it must end in time with a result or an error of ours."""
    outcome, words = "result", ""
    try:
        async with asyncio.timeout(DEADLINE_SECONDS + GRACE_SECONDS):
            await ask(client, operation)
    except APIError as error:
        outcome, words = type(error).__name__, str(error)
    told[outcome] += 1
    assert "sk_secret" not in words
    assert len(words) < 3000
    assert client.stats.in_flight == 0


async def run_answers(
    backend: str, operation: str, answers: list[tuple[str, bytes]], told: collections.Counter
) -> None:
    """One call for each answer, after which the peer closes."""
    data = b""

    async def serve(writer: asyncio.StreamWriter, _: int) -> None:
        writer.write(data)
        await writer.drain()
        writer.close()

    async with Peer(serve) as peer:
        async with open_client(
            backend, peer.url, deadline=DEADLINE_SECONDS, max_response_bytes=MOST_BYTES
        ) as client:
            for name, data in answers:  # noqa: B007 - the server reads it
                try:
                    await run_cell(client, operation, told)
                except Exception as error:
                    error.add_note(f"{backend} {operation} {name}")
                    raise
        await until(lambda: peer.open_connections == 0, LEFT_SECONDS)


async def run_refusals(
    backend: str, operation: str, answers: list[tuple[str, bytes]], told: collections.Counter
) -> None:
    """Two calls for each refusal, each time with a limit of their own: the second one waits."""
    data = b""

    async def serve(writer: asyncio.StreamWriter, _: int) -> None:
        writer.write(data)
        await writer.drain()

    async with Peer(serve) as peer:
        for number, (_, data) in enumerate(answers):  # noqa: B007 - the server reads it
            async with open_client(
                backend,
                peer.url,
                api_key=f"sk_secret.{operation}.{number}",
                deadline=0.05,
            ) as client:
                await run_cell(client, operation, told)
                await run_cell(client, operation, told)


async def run_flood(backend: str, operation: str, name: str, told: collections.Counter) -> None:
    """An answer that never ends."""
    begin, more = FLOODS[name]

    async def serve(writer: asyncio.StreamWriter, _: int) -> None:
        writer.write(begin)
        while True:
            writer.write(more)
            await writer.drain()
            await asyncio.sleep(0)

    async with Peer(serve) as peer:
        async with open_client(
            backend, peer.url, deadline=DEADLINE_SECONDS, max_response_bytes=MOST_BYTES
        ) as client:
            await run_cell(client, operation, told)
        await until(lambda: peer.open_connections == 0, LEFT_SECONDS)


async def run_drip(backend: str, operation: str, told: collections.Counter) -> None:
    """An answer of which each byte is in time."""

    async def serve(writer: asyncio.StreamWriter, _: int) -> None:
        for byte in wire(BODIES[operation] + b" " * 999):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.005)

    async with Peer(serve) as peer:
        async with open_client(backend, peer.url, deadline=DEADLINE_SECONDS) as client:
            await run_cell(client, operation, told)
        await until(lambda: peer.open_connections == 0, LEFT_SECONDS)
    assert told["DeadlineExceededError"] > 0


@pytest.fixture
async def told(
    request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> AsyncIterator[collections.Counter]:
    """Counts what came of the cells; prints it, and bounds the memory that they took."""
    counter: collections.Counter[str] = collections.Counter()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield counter
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    with capsys.disabled():
        outcomes = ", ".join(f"{count} {name}" for name, count in counter.most_common())
        print(f"\n{request.node.name}: {counter.total()} cells: {outcomes}; +{grown:.0f} MiB")  # noqa: T201
    assert grown < MOST_GROWTH_MIB


async def over_operations(one: Callable[[str], Awaitable[Any]]) -> None:
    """Do something for each operation, side by side."""
    async with asyncio.TaskGroup() as group:
        for operation in OPERATIONS:
            group.create_task(one(operation))  # type: ignore[arg-type]


def drawn(answers: Iterator[tuple[str, bytes]], most: int, seed: str) -> list[tuple[str, bytes]]:
    """Some of the answers, the same each time."""
    every = list(answers)
    return random.Random(seed).sample(every, min(most, len(every)))


KINDS = {"odd": (odd, 60), "cuts": (cuts, 60), "bombs": (bombs, 8)}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("kind", KINDS)
async def test_some_answers(backend: str, kind: str, told: collections.Counter) -> None:
    """Odd ones, cut ones, and bombs, drawn from all."""
    make, most = KINDS[kind]

    async def one(operation: str) -> None:
        answers = drawn(make(BODIES[operation]), most, f"{backend} {operation}")
        await run_answers(backend, operation, answers, told)

    await over_operations(one)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif("FINGERPRINT_TEST_ALL" not in os.environ, reason="takes minutes")
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("kind", KINDS)
async def test_all_answers(backend: str, kind: str, told: collections.Counter) -> None:
    """Every odd answer, a cut at every byte, every bomb."""
    make, _ = KINDS[kind]
    await over_operations(
        lambda operation: run_answers(backend, operation, list(make(BODIES[operation])), told)
    )


@pytest.mark.parametrize("backend", BACKENDS)
async def test_refusals(backend: str, told: collections.Counter) -> None:
    """Whatever `Retry-After` and `Date` say: this call is refused, the next one ends in time."""

    async def one(operation: str) -> None:
        answers = drawn(retry_after(b'{"error":{}}'), 20, f"{backend} {operation}")
        await run_refusals(backend, operation, answers, told)

    await over_operations(one)
    assert set(told) <= {"RateLimitError", "DeadlineExceededError"}


@pytest.mark.parametrize("backend", BACKENDS)
async def test_drips(backend: str, told: collections.Counter) -> None:
    """A byte at a time ends with the deadline."""
    await over_operations(lambda operation: run_drip(backend, operation, told))
    assert told == {"DeadlineExceededError": len(OPERATIONS)}


@pytest.mark.parametrize("backend", BACKENDS)
async def test_floods(backend: str, told: collections.Counter) -> None:
    """Whichever part of an answer never ends: the cap or the deadline does."""
    for name in FLOODS:
        await over_operations(
            lambda operation, name=name: run_flood(backend, operation, name, told)
        )
