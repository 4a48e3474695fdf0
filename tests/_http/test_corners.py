"""What the layers do at the corners that no other test reaches."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpcore
import pytest

from fingerprint_async import (
    APIConnectionError,
    ArgumentError,
    ClientStateError,
    ConfigurationError,
    FingerprintClient,
    RateLimit,
    ResponseBodyError,
    RetryPolicy,
)
from fingerprint_async._http.auth import Auth
from fingerprint_async._http.backends import _family, pyreqwest
from fingerprint_async._http.backends._network import (
    _expire,  # pyright: ignore[reportPrivateUsage]
    _Stream,  # pyright: ignore[reportPrivateUsage]
    _Wire,  # pyright: ignore[reportPrivateUsage]
)
from fingerprint_async._http.message import Headers, HttpResponse
from fingerprint_async._http.tls import (
    _context,  # pyright: ignore[reportPrivateUsage]
)
from fingerprint_async._runtime.request import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    import respx

KEY = "sk_test_0123456789"
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def packaged_certificates(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No certificates of this machine's own."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    _context.cache_clear()
    yield
    _context.cache_clear()


@pytest.mark.usefixtures("packaged_certificates")
async def test_a_proxy_without_credentials_stays_over_derived_clients() -> None:
    """It is where the connection goes, and an error of it is typed."""
    async with FingerprintClient(
        KEY, proxy=NOWHERE, retry=RetryPolicy(max_attempts=1), rate_limit=RateLimit.off()
    ) as client:
        derived = client.with_options(timeout=5)
        assert derived.options.proxy == client.options.proxy
        with pytest.raises(APIConnectionError):
            await derived.events.get("a")


def test_the_usual_certificates_are_certifis(packaged_certificates: None) -> None:
    """Where the environment names no others."""
    del packaged_certificates
    assert len(_context(None, None).get_ca_certs()) > 50


async def test_a_derived_client_is_closed_with_the_first_one() -> None:
    """A call of it is refused."""
    client = FingerprintClient(KEY)
    derived = client.with_options(timeout=5)
    await client.aclose()
    with pytest.raises(ClientStateError, match="closed"):
        await derived.events.get("a")


async def test_an_address_of_lone_surrogates_is_refused(client: FingerprintClient) -> None:
    """They have no bytes; nothing is sent."""
    with pytest.raises(ArgumentError, match="surrogates"):
        await client.events.search(linked_id="\ud800").first_page()
    request: Request[None] = Request(
        operation_id="a", method="GET", path="/a", query=(("b", "\ud800"),)
    )
    with pytest.raises(ArgumentError, match="surrogates"):
        Auth(client.options).complete(request, None)


async def test_a_decoder_of_ones_own_may_refuse(
    client: FingerprintClient, router: respx.MockRouter
) -> None:
    """Its `ValueError` is the call's error; it has no findings."""

    def refuse(content: bytes) -> None:
        raise ValueError(len(content))

    router.get(url__startswith="https://api.fpjs.io").respond(json={"events": []})
    with pytest.raises(ResponseBodyError, match="not the JSON that was promised") as raised:
        await client.with_options(max_retries=0).events.search_as(refuse)
    assert raised.value.findings == ()


class TimesOut:
    """A rate limiter that breaks."""

    rate: float | None = None

    async def acquire(self, operation: str, **_: Any) -> Any:
        """Break."""
        raise TimeoutError(operation)

    async def aclose(self) -> None:
        """Close nothing."""


async def test_a_timeout_that_is_not_the_deadline_stays_itself() -> None:
    """A limiter's own `TimeoutError` does not look like a deadline."""
    async with FingerprintClient(KEY, rate_limit=TimesOut()) as client:
        with pytest.raises(TimeoutError, match="getEvent"):
            await client.events.get("a")


def test_a_response_shows_nothing_but_its_status() -> None:
    """Headers and bodies are about people."""
    response = HttpResponse(
        status=200, reason="OK", headers=Headers([("a", "secret")]), content=b"secret"
    )
    assert repr(response) == "HttpResponse(200)"


def test_a_socks_proxy_goes_where_its_library_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the error says what to install."""
    check = _family._check_proxy  # pyright: ignore[reportPrivateUsage]
    proxy = FingerprintClient(KEY, proxy="socks5://127.0.0.1:9").options.proxy
    monkeypatch.setattr(_family, "find_spec", lambda _: object())
    check(proxy)
    monkeypatch.setattr(_family, "find_spec", lambda _: None)
    with pytest.raises(ConfigurationError, match="httpx\\[socks\\]"):
        check(proxy)


def test_a_broken_setup_of_fast_is_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the library raises; its text may hold an address, so that it is not shown."""

    def broken(_: object) -> None:
        raise RuntimeError("http://user:password@proxy")

    monkeypatch.setattr(pyreqwest, "_builder", broken)
    options = FingerprintClient(KEY, transport="fast").options
    with pytest.raises(ConfigurationError, match="RuntimeError") as raised:
        pyreqwest.open_pyreqwest(options)
    assert "password" not in str(raised.value)
    assert raised.value.__context__ is None


async def test_a_wire_waits_until_its_peer_reads() -> None:
    """Without a timeout too; and not at all where it can send, has bytes, or is at the end."""
    wire = _Wire()
    await wire.wait_writable(None)
    wire.pause_writing()
    waiting = asyncio.create_task(wire.wait_writable(None))
    await asyncio.sleep(0)
    wire.resume_writing()
    await waiting
    wire.data_received(b"ab")
    await wire.wait_readable(None)
    assert wire.take(1) == b"a"
    wire.pause_writing()
    wire.eof_received()
    await wire.wait_writable(None)


async def test_a_timeout_after_the_end_changes_nothing() -> None:
    """What came in time stays."""
    future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    future.set_result(1)
    _expire(future)
    assert await future == 1


def test_a_reason_is_looked_for_in_few_causes() -> None:
    """A chain without an end, or in a circle, is left."""
    first = error = ValueError()
    for _ in range(20):
        error.__cause__ = ValueError()
        error = error.__cause__
    error.__cause__ = OSError(1, "too far down")
    assert _family._reason(first) is None  # pyright: ignore[reportPrivateUsage]


async def test_nothing_to_write_is_written_at_once() -> None:
    """The connection is not asked."""
    none: Any = None
    await _Stream(none, _Wire(), none).write(b"")


async def test_nothing_is_written_to_a_broken_connection() -> None:
    """It is the library's write error, which is translated as any."""
    none: Any = None
    wire = _Wire()
    wire.connection_lost(OSError())
    with pytest.raises(httpcore.WriteError, match="closed"):
        await _Stream(httpcore, wire, none).write(b"a")
