"""Connections of our own: timeouts of each step, flow control, proxies, what libraries hide."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import socket
import struct
import threading
import time
from pathlib import Path
from typing import Any, Self

import pytest

from fingerprint_async import FingerprintClient, RequestOptions
from fingerprint_async._http.backends import open_backend, pyreqwest, replaced_backends
from fingerprint_async._http.backends._family import OwnBackend
from fingerprint_async._http.inflate import EncodingError, TooLargeError, inflate
from fingerprint_async._secret import Secret
from fingerprint_async.config import RetryPolicy, Timeouts
from fingerprint_async.errors import (
    APIConnectionError,
    APITimeoutError,
    ConfigurationError,
    DeadlineExceededError,
)
from tests._http.conftest import Script, answer, options_for
from tests._http.test_backends import EVENT, Peer, always, open_pipeline, request_for, wire
from tests._http.tls_server import TLSServer

OURS = pytest.mark.parametrize("backend", ["httpx", "httpx2"])
OWN = pytest.mark.parametrize("backend", ["httpx", "httpx2", "fast"])


async def silence(_: asyncio.StreamWriter, __: int) -> None:
    """Say nothing."""
    await asyncio.sleep(30)


@OURS
async def test_sending_has_a_timeout_of_its_own(backend: str) -> None:
    """A peer that does not read ends the attempt; it may have been processed."""

    async def unread(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(5)
        writer.close()

    server = await asyncio.start_server(unread, "127.0.0.1", 0, limit=1024)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v4"
    big = request_for("updateEvent", content=b" " * 30_000_000)
    async with open_pipeline(backend, url, timeout=Timeouts(write=0.2)) as pipeline:
        with pytest.raises(APITimeoutError, match="sending the request") as caught:
            await pipeline.call(big, None)
    assert caught.value.processed
    server.close()


@OURS
async def test_a_large_answer_waits_for_its_reader(backend: str) -> None:
    """Of twenty megabytes, never more than a quarter is buffered ahead."""
    body = EVENT[:-1] + b',"pad":"' + b"x" * 20_000_000 + b'"}'
    async with always(wire(body)) as peer, open_pipeline(backend, peer.url) as pipeline:
        raw = await pipeline.call_raw(request_for(), None)
        assert len(raw.content) == len(body)


@OURS
async def test_a_reset_is_a_lost_connection(backend: str) -> None:
    """With the system's word for it."""

    async def reset(writer: asyncio.StreamWriter, _: int) -> None:
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
        await asyncio.sleep(0)

    async with Peer(reset) as peer, open_pipeline(backend, peer.url) as pipeline:
        with pytest.raises(APIConnectionError, match="lost") as caught:
            await pipeline.call(request_for(), None)
        assert caught.value.processed


@OWN
async def test_a_handshake_that_does_not_end_is_a_timeout(backend: str) -> None:
    """Nothing of the request has left by then."""
    async with Peer(silence) as peer:
        url = peer.url.replace("http:", "https:")
        async with open_pipeline(backend, url, timeout=Timeouts(connect=0.3)) as pipeline:
            with pytest.raises(APITimeoutError) as caught:
                await pipeline.call(request_for(), None)
            assert not caught.value.processed


@OWN
async def test_a_peer_that_speaks_no_tls_is_a_failed_connection(backend: str) -> None:
    """Nothing of the request has left."""

    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v4"
    async with open_pipeline(backend, url) as pipeline:
        with pytest.raises(APIConnectionError) as caught:
            await pipeline.call(request_for(), None)
        assert not caught.value.processed
    server.close()


@OURS
async def test_connecting_has_a_timeout_of_its_own(backend: str, monkeypatch: Any) -> None:
    """A host that swallows packets; a cancelled handshake leaves nothing open."""
    loop = asyncio.get_running_loop()

    async def swallow(*_: Any, **__: Any) -> Any:
        await asyncio.sleep(30)

    monkeypatch.setattr(loop, "create_connection", swallow)
    url = "https://192.0.2.1/v4"
    async with open_pipeline(backend, url, timeout=Timeouts(connect=0.05)) as pipeline:
        with pytest.raises(APITimeoutError, match="connecting") as caught:
            await pipeline.call(request_for(), None)
        assert not caught.value.processed


@OURS
async def test_a_cancelled_handshake_closes_its_connection(backend: str) -> None:
    """Whoever cancels leaves no socket open."""
    async with Peer(silence) as peer:
        url = peer.url.replace("http:", "https:")
        async with open_pipeline(backend, url, timeout=None) as pipeline:
            call = asyncio.create_task(pipeline.call(request_for(), None))
            while not peer.connections:  # noqa: ASYNC110 - nothing here tells
                await asyncio.sleep(0.01)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            async with asyncio.timeout(5):
                while peer.open_connections:  # noqa: ASYNC110 - nothing here tells
                    await asyncio.sleep(0.01)


@OURS
async def test_connections_that_rest_too_long_are_closed(backend: str) -> None:
    """With the next call, before it."""
    async with always(wire(EVENT)) as peer:
        now = 0.0
        own = open_backend(options_for(None, peer.url, transport=backend))
        assert isinstance(own, OwnBackend)
        own._clock = lambda: now
        options = options_for(None, peer.url)
        pipelines = await _over(own, options)
        await asyncio.gather(*(pipelines.call(request_for(), None) for _ in range(3)))
        assert len(own._idle) == 3
        now = 100.0
        await pipelines.call(request_for(), None)
        assert (len(own._idle), peer.connections) == (1, 4)
        await own.aclose()
        assert own._idle == []


async def _over(backend: Any, options: Any) -> Any:
    from fingerprint_async._http.lifetime import Lifetime
    from fingerprint_async._http.pipeline import Pipeline

    lifetime = Lifetime(options)
    lifetime._backend = backend
    return Pipeline(options, lifetime)


class ConnectProxy:
    """A proxy that only makes tunnels, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Self:
        """Listen."""
        self.server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
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
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head)
        host, _, port = head.split(b" ")[1].partition(b":")
        there, out = await asyncio.open_connection(host.decode(), int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")

        async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                while data := await source.read(65536):
                    target.write(data)
                    await target.drain()
            target.close()

        try:
            await asyncio.gather(pump(reader, out), pump(there, writer))
        finally:
            out.transport.abort()
            writer.transport.abort()
            self._tasks.discard(task)


@OWN
async def test_a_proxy_gets_a_tunnel_and_its_own_login(backend: str, tmp_path: Path) -> None:
    """The key goes through it encrypted, and to nobody else."""
    async with TLSServer(tmp_path) as server, ConnectProxy() as proxy:
        async with FingerprintClient(
            "sk_test",
            base_url=f"https://localhost:{server.port}/v4",
            proxy=f"http://user:hunter2@127.0.0.1:{proxy.port}",
            verify=server.certificate,
            transport=backend,
            retry=RetryPolicy(max_attempts=1),
        ) as client:
            assert (await client.events.get("a")).event_id == "a"
            assert "hunter2" not in repr(client.options)
        (asked,) = proxy.asked
        assert asked.startswith(b"CONNECT localhost:")
        assert base64.b64encode(b"user:hunter2") in asked
        assert b"sk_test" not in asked
        assert b"Bearer sk_test" in server.requests[0]


def test_a_proxy_for_a_plain_address_has_to_be_allowed() -> None:
    """It would read the key."""
    options = options_for(None, "http://127.0.0.1/v4", proxy="http://p:1")
    with pytest.raises(ConfigurationError, match=r"proxy: .* in the clear"):
        open_backend(options)
    allowed = options_for(
        None, "http://a.example/v4", proxy="http://u@p:1", allow_insecure_http=True
    )
    backend = open_backend(allowed)
    assert isinstance(backend, OwnBackend)
    assert backend._connector.connect()._core is None


def test_a_socks_proxy_names_the_package_that_it_needs() -> None:
    """Before the first request."""
    with pytest.raises(ConfigurationError, match="socksio"):
        open_backend(options_for(None, "https://a.example/v4", proxy="socks5://p:1"))


@pytest.mark.parametrize(("name", "extra"), [("fast", "pyreqwest"), ("httpx2", "httpx2")])
def test_an_extra_is_named_when_it_is_missing(name: str, extra: str, monkeypatch: Any) -> None:
    """With the command that installs it."""
    monkeypatch.setitem(__import__("sys").modules, extra, None)
    monkeypatch.setattr(
        "fingerprint_async._http.backends.pyreqwest.find_spec", lambda _: None, raising=True
    )
    with pytest.raises(ConfigurationError, match=rf"pip install .*\[{name}\]"):
        open_backend(options_for(None, transport=name))


async def test_backends_can_be_replaced_for_tests() -> None:
    """Clients that open within the block send over it."""
    script = Script(answer(200, b'{"event_id":"a"}'))
    with replaced_backends(lambda _: script):
        async with FingerprintClient("sk") as client:
            assert (await client.events.get("a")).event_id == "a"
    assert (len(script.requests), script.closed) == (1, 1)


@pytest.mark.parametrize("encoding", ["", "identity", " , "])
async def test_an_encoding_that_is_none_changes_nothing(encoding: str) -> None:
    """Nothing is copied."""
    assert await inflate(b"abc", encoding, most=3) == b"abc"


async def test_an_empty_body_needs_no_decoder() -> None:
    """Whatever its encoding says."""
    assert await inflate(b"", "gzip", most=1) == b""


async def test_large_bodies_are_inflated_whole() -> None:
    """Beyond what is done in the event loop, in one thread after another."""
    import gzip

    import zstandard

    body = bytes(range(256)) * 8192
    noise = __import__("random").Random(1).randbytes(400_000)
    for content in (body, noise):
        for name, packed in (
            ("gzip", gzip.compress(content)),
            ("zstd", zstandard.compress(content)),
        ):
            assert await inflate(packed, name, most=len(content)) == content
            with pytest.raises(TooLargeError):
                await inflate(packed, name, most=len(content) - 1)
    with pytest.raises(EncodingError):
        await inflate(b"\x28\xb5\x2f\xfd nonsense", "zstd", most=100)
    with pytest.raises(EncodingError, match="cut off"):
        await inflate(gzip.compress(noise)[:-20], "gzip", most=len(noise))


def test_the_exit_waits_for_other_threads(monkeypatch: Any) -> None:
    """Until they rest, at most a second."""
    begin = time.monotonic()
    pyreqwest.settle()
    assert time.monotonic() - begin < 1
    monkeypatch.setattr(pyreqwest, "_SETTLE_SECONDS", 0.05)
    monkeypatch.setattr(pyreqwest, "_others_rest", lambda: False)
    pyreqwest.settle()
    monkeypatch.undo()
    monkeypatch.setattr(pyreqwest, "_TASKS", Path("/nonexistent"))
    assert pyreqwest._others_rest()


def test_a_running_thread_is_seen() -> None:
    """One that has work to do does not rest."""
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            pass

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert not all(pyreqwest._others_rest() for _ in range(50))
    finally:
        stop.set()
        thread.join()


async def test_fast_keeps_to_a_calls_own_timeout() -> None:
    """It bounds the attempt as a whole; None is none."""
    async with Peer(silence) as peer, open_pipeline("fast", peer.url) as pipeline:
        with pytest.raises(APITimeoutError):
            await pipeline.call(request_for(), RequestOptions(timeout=0.1))
        with pytest.raises(DeadlineExceededError):
            await pipeline.call(request_for(), RequestOptions(timeout=None, deadline=0.2))


async def test_fast_without_timeouts_and_over_a_plain_proxy_is_built() -> None:
    """Every setting that may be left out."""
    options = options_for(
        None, "https://a.example/v4", transport="fast", timeout=None, proxy="http://p:1"
    )
    backend = open_backend(options)
    await backend.drop_idle()
    await backend.aclose()


def test_headers_that_the_library_cannot_read_are_empty() -> None:
    """Only their values."""

    class Odd(dict[str, str]):
        def items(self) -> Any:
            raise ValueError

        def __getitem__(self, name: str) -> str:
            if name == "x-odd":
                raise ValueError
            return super().__getitem__(name)

    headers = Odd({"x-odd": "", "content-encoding": "gzip"})
    pairs, encoding = pyreqwest._pairs(headers)  # type: ignore[arg-type]
    assert pairs == [("x-odd", ""), ("content-encoding", "gzip")]
    assert encoding == "gzip"


def test_a_secret_shows_itself_to_nobody() -> None:
    """Equal secrets are equal, and no repr holds one."""
    one, two = Secret("sk"), Secret("sk")
    assert one == two
    assert hash(one) == hash(two)
    assert one != "sk"
    assert f"{one!r} {one}" == "*** ***"
