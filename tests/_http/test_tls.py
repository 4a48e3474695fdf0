"""Certificates are checked, and the key goes nowhere else."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import pytest

from fingerprint_async import FingerprintClient
from fingerprint_async._http.proxies import proxy_of
from fingerprint_async._http.tls import context_of
from fingerprint_async.config import RetryPolicy
from fingerprint_async.errors import APIConnectionError, ConfigurationError
from tests._http.conftest import options_for
from tests._http.tls_server import TLSServer

if TYPE_CHECKING:
    from pathlib import Path

OWN = ["httpx", "httpx2", "fast"]


def client_of(url: str, **options: Any) -> FingerprintClient:
    """A client that tries once."""
    return FingerprintClient("sk_test", base_url=url, retry=RetryPolicy(max_attempts=1), **options)


@pytest.mark.parametrize("transport", OWN)
@pytest.mark.parametrize("scheme", ["https", "HTTPS", "Https"])
async def test_a_certificate_that_nobody_vouches_for_is_refused(
    transport: str, scheme: str, tmp_path: Path
) -> None:
    """Before the key is sent, however the address is written."""
    async with TLSServer(tmp_path) as server:
        url = f"{scheme}://localhost:{server.port}/v4"
        async with client_of(url, transport=transport) as client:
            with pytest.raises(APIConnectionError) as caught:
                await client.events.get("a")
        assert not caught.value.processed
        assert server.requests == []


@pytest.mark.parametrize("transport", OWN)
async def test_certificates_of_ones_own_are_trusted(transport: str, tmp_path: Path) -> None:
    """`verify` names a file of them."""
    async with TLSServer(tmp_path) as server:
        url = f"https://localhost:{server.port}/v4"
        async with client_of(url, transport=transport, verify=server.certificate) as client:
            assert (await client.events.get("a")).event_id == "a"
        assert b"Bearer sk_test" in server.requests[0]


async def test_ones_own_context_is_used(tmp_path: Path) -> None:
    """`ssl_context` goes before everything else."""
    async with TLSServer(tmp_path) as server:
        context = ssl.create_default_context(cafile=server.certificate)
        url = f"https://localhost:{server.port}/v4"
        async with client_of(url, ssl_context=context) as client:
            assert (await client.events.get("a")).event_id == "a"


@pytest.mark.parametrize("transport", OWN)
@pytest.mark.parametrize("content", [None, b"", b"nonsense"])
async def test_a_file_of_certificates_that_is_none_is_a_configuration_error(
    transport: str, content: bytes | None, tmp_path: Path
) -> None:
    """Missing, empty or something else."""
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    client = client_of("https://localhost:1/v4", transport=transport, verify=str(path))
    if transport == "fast" and content is not None:
        with pytest.raises((ConfigurationError, APIConnectionError)):
            await client.events.get("a")
    else:
        with pytest.raises(ConfigurationError, match="verify"):
            await client.events.get("a")
    await client.aclose()


def test_there_is_one_context_a_process() -> None:
    """Clients that trust the same share it, as making one blocks the loop for long."""
    one, two = (options_for(None, f"https://{host}.example/v4") for host in "ab")
    assert context_of(one, None) is context_of(two, None)
    assert context_of(one, None).verify_mode is ssl.CERT_REQUIRED


def test_a_plain_address_trusts_nobody() -> None:
    """No certificates are read for it, and if TLS were spoken, none would pass."""
    context = context_of(options_for(None, "http://127.0.0.1:1/v4"), None)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.get_ca_certs() == []


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"])
def test_nothing_for_this_machine_goes_through_a_proxy(name, monkeypatch) -> None:
    """A variable of the environment never takes the key in the clear elsewhere."""
    monkeypatch.setenv(name, "http://proxy.example:3128")
    for url in ("http://localhost:1/v4", "http://127.0.0.1/v4", "https://[::1]/v4"):
        assert proxy_of(options_for(None, url)) is None


@pytest.mark.parametrize(
    ("variables", "host"),
    [
        ({"HTTPS_PROXY": "http://p:1"}, "p"),
        ({"ALL_PROXY": "p:1"}, "p"),
        ({"HTTPS_PROXY": "http://p:1", "ALL_PROXY": "http://q:1"}, "p"),
        ({"HTTP_PROXY": "http://p:1"}, None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "a.example"}, None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "b.example"}, "p"),
        ({"HTTPS_PROXY": ""}, None),
    ],
)
def test_the_environments_proxy_is_used(variables, host, monkeypatch) -> None:
    """As by httpx, curl and pip; not for hosts that it excludes; alike for every backend."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    proxy = proxy_of(options_for(None, "https://a.example/v4"))
    assert (proxy and proxy.address.host) == host


@pytest.mark.parametrize("value", ["socks://p", " http://p", "http://p:99999", "http://", "p q"])
def test_a_proxy_that_cannot_be_right_is_named(value, monkeypatch) -> None:
    """With the variable that it stands in."""
    monkeypatch.setenv("HTTPS_PROXY", value)
    with pytest.raises(ConfigurationError, match=r"^HTTPS_PROXY"):
        proxy_of(options_for(None, "https://a.example/v4"))
