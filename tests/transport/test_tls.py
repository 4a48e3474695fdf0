"""Whom the transports take for the service: nothing is sent to a server whose certificate nobody vouches for."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from fingerprint_async import FingerprintClient, RequestOptions
from fingerprint_async._transport import open_inner
from fingerprint_async.errors import APIConnectionError
from fingerprint_async.options import ClientOptions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

x509 = pytest.importorskip("cryptography.x509", reason="the sealed extra is not installed")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that is signed by itself, and its key."""
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


class Stranger:
    """A TLS server nobody vouches for; `heard` is what it was told once the handshake was over."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.port = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Write down what comes, and answer."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            self.heard.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
        writer.close()


@pytest.fixture
async def stranger(certificate: Path) -> AsyncIterator[Stranger]:
    """It listens on a port of its own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    stranger = Stranger()
    server = await asyncio.start_server(stranger.answer, "127.0.0.1", 0, ssl=context)
    stranger.port = server.sockets[0].getsockname()[1]
    yield stranger
    server.close()
    await server.wait_closed()


async def ask(transport: Any, base_url: str) -> httpx.Response:
    """Send one request over a transport that is opened now."""
    if transport == "fast":
        pytest.importorskip("pyreqwest", reason="the fast extra is not installed")
    inner = open_inner(ClientOptions(api_key="k", base_url=base_url, transport=transport))
    try:
        request = httpx.Request(
            "GET",
            f"{base_url}/events",
            headers={"Authorization": "Bearer k"},
            extensions={"timeout": {}},
        )
        return await inner.handle_async_request(request)
    finally:
        await inner.aclose()


@pytest.mark.parametrize("transport", [None, "fast"])
async def test_a_certificate_nobody_vouches_for_is_refused(
    stranger: Stranger, transport: str | None
) -> None:
    """Before the key is sent."""
    with pytest.raises(httpx.ConnectError):
        await ask(transport, f"https://127.0.0.1:{stranger.port}/v4")
    assert stranger.heard == []


@pytest.mark.parametrize("transport", [None, "fast"])
async def test_a_client_made_from_one_of_a_plain_address_refuses_it_too(
    stranger: Stranger, transport: Any
) -> None:
    """Connections that know no certificates, as a plain address needs none, are not shared with an address that does."""
    if transport == "fast":
        pytest.importorskip("pyreqwest", reason="the fast extra is not installed")
    async with FingerprintClient(
        "k", base_url="http://127.0.0.1:9/v4", transport=transport
    ) as plain:
        with pytest.raises(APIConnectionError):
            await plain.events.get("a", options=RequestOptions(max_attempts=1))
        async with plain.with_options(base_url=f"https://127.0.0.1:{stranger.port}/v4") as client:
            with pytest.raises(APIConnectionError):
                await client.events.get("a", options=RequestOptions(max_attempts=1))
    assert stranger.heard == []


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY"])
@pytest.mark.parametrize("transport", [None, "fast"])
async def test_so_is_that_of_a_proxy_on_the_way_to_a_plain_address(
    monkeypatch: pytest.MonkeyPatch, stranger: Stranger, transport: str | None, variable: str
) -> None:
    """A plain address needs no certificates, the proxy does."""
    monkeypatch.setenv(variable.lower(), f"https://127.0.0.1:{stranger.port}")
    with pytest.raises(httpx.ConnectError):
        await ask(transport, "http://service.invalid/v4")
    assert stranger.heard == []
