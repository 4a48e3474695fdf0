"""A server with a certificate that it signed itself."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests._http.test_backends import wire

if TYPE_CHECKING:
    from pathlib import Path


class TLSServer:
    """Answers every request with one event."""

    def __init__(self, folder: Path) -> None:
        self.certificate = str(folder / "certificate.pem")
        self.key = str(folder / "key.pem")
        self.requests: list[bytes] = []
        self._talks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Make the certificate and listen."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        now = dt.datetime.now(dt.UTC)
        day = dt.timedelta(days=1)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - day)
            .not_valid_after(now + day)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .sign(key, hashes.SHA256())
        )
        pem = serialization.Encoding.PEM
        with open(self.certificate, "wb") as file:  # noqa: ASYNC230, PTH123 - a fixture
            file.write(certificate.public_bytes(pem))
        with open(self.key, "wb") as file:  # noqa: ASYNC230, PTH123 - a fixture
            file.write(
                key.private_bytes(
                    pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
                )
            )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        self.server = await asyncio.start_server(
            self._talk, "127.0.0.1", 0, ssl=context, ssl_shutdown_timeout=1
        )
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop, and wait until each connection is closed."""
        self.server.close()
        await asyncio.gather(*self._talks)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        try:
            self.requests.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(wire(b'{"event_id":"a"}'))
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
