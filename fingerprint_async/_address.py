r"""Addresses that the key goes to: parsed once, by strict rules, and written from the parts.

Parsers disagree about odd addresses (`http://127.0.0.2\.localhost`, `http://0x7f.1`), and two
parsers that disagree send a key elsewhere than was checked. So what is not plainly a host is
refused, and nothing but the normalised form leaves here.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import unquote

import attrs

from fingerprint_async._secret import Secret
from fingerprint_async._settings import kind_of
from fingerprint_async.errors import ConfigurationError

__all__ = ["Address", "Proxy", "parse_base_url", "parse_proxy"]

_ADDRESS: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]*)://(?P<authority>[^/?#\\]*)(?P<path>/[^?#\\]*)?(?P<rest>.*)",
    re.DOTALL,
)
_PATH: Final = re.compile(r"(?:/[A-Za-z0-9\-._~!$&'()*+,;=:@]*)*")
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_\-]{0,61}[a-z0-9_])?")
_NUMBER_LIKE: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
_MAX_PORT: Final = 65_535
_MAX_HOST_CHARACTERS: Final = 253


@attrs.frozen(kw_only=True)
class Address:
    """A base URL in its parts.

    Attributes:
        scheme: `http` or `https`.
        host: The host in lower case, ASCII; an IPv6 address without brackets.
        port: The port, the scheme's own where none was written.
        path: What the paths of operations are appended to, without a slash at its end.
    """

    scheme: str
    host: str
    port: int
    path: str = ""

    @property
    def netloc(self) -> str:
        """Host and port as they stand in an address and in the header `Host`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port: what decides over connections."""
        return f"{self.scheme}://{self.netloc}"

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        return f"{self.origin}{self.path}"


@attrs.frozen(kw_only=True)
class Proxy:
    """A proxy.

    Attributes:
        address: Where it is.
        username: The user to log in as, if any.
        password: The password, wrapped.
    """

    address: Address
    username: str | None = attrs.field(default=None, repr=False)
    password: Secret | None = None


def parse_base_url(value: object, *, allow_insecure_http: bool) -> Address:
    """Parse the address of the API.

    The key goes wherever this leads: over plain HTTP to this machine only, unless that is asked
    for.

    Raises:
        ConfigurationError: It is no http or https address, or would send the key in the clear.
    """
    text = _text(value, "base_url")
    expected = "base_url: expected an http or https address, as https://eu.api.fpjs.io/v4"
    match = _ADDRESS.fullmatch(text.strip())
    if match is None or match["scheme"].lower() not in {"http", "https"}:
        raise ConfigurationError(expected)
    if "@" in match["authority"]:
        raise ConfigurationError("base_url holds credentials; the API takes only the key")
    if match["rest"].startswith(("?", "#")):
        raise ConfigurationError("base_url holds a query or a fragment; paths are appended to it")
    path = (match["path"] or "").rstrip("/")
    if match["rest"] or not _PATH.fullmatch(path) or {".", ".."} & {*path.split("/")}:
        raise ConfigurationError(expected)
    scheme = match["scheme"].lower()
    host, port = _host_and_port(match["authority"], scheme, expected)
    address = Address(scheme=scheme, host=host, port=port, path=path)
    if scheme != "https" and not address.is_loopback and allow_insecure_http is not True:
        raise ConfigurationError(
            f"base_url: the secret API key would be sent to {host} in the clear; "
            "use https, or say allow_insecure_http=True"
        )
    return address


def parse_proxy(value: object, *, name: str) -> Proxy:
    """Parse the address of a proxy.

    Args:
        value: The address; without a scheme it is an http proxy.
        name: What is being parsed, for the error: an argument, or a variable of the environment.

    Raises:
        ConfigurationError: It is no address of a proxy that can be used.
    """
    if isinstance(value, Proxy):
        return value
    expected = f"{name}: expected a proxy as http://proxy.example:8080 or socks5://proxy.example"
    text = _text(value, name)
    match = _ADDRESS.fullmatch(text if "://" in text else f"http://{text}")
    if match is None or match["rest"] or (match["path"] or "/") != "/":
        raise ConfigurationError(expected)
    scheme = match["scheme"].lower()
    if scheme not in _DEFAULT_PORTS:
        raise ConfigurationError(
            f"{name}: {scheme[:16]!r} is not a kind of proxy; use http, https, socks5 or socks5h"
        )
    login, _, authority = match["authority"].rpartition("@")
    host, port = _host_and_port(authority, scheme, expected)
    username, colon, _ = login.partition(":")
    return Proxy(
        address=Address(scheme=scheme, host=host, port=port),
        username=unquote(username) or None,
        password=Secret(unquote(login.partition(":")[2])) if colon else None,
    )


def _text(value: object, name: str) -> str:
    if isinstance(value, str):
        return value
    # URL objects of httpx, yarl and pydantic write themselves as their address.
    if isinstance(value, bytes | int | float | dict | list | tuple | None):
        raise ConfigurationError(
            f"{name}: expected an address, got {kind_of(value)}"  # pyright: ignore[reportUnknownArgumentType]
        )
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - an object of a caller's, which can raise anything
        raise ConfigurationError(f"{name}: this {kind_of(value)} is no address") from None


def _host_and_port(authority: str, scheme: str, expected: str) -> tuple[str, int]:
    host, bracket, port = authority, "", ""
    if authority.startswith("["):
        host, bracket, port = authority[1:].partition("]")
        if not bracket or (port and not port.startswith(":")):
            raise ConfigurationError(expected)
        port = port[1:]
    elif ":" in authority:
        host, _, port = authority.partition(":")
    if port and not (port.isascii() and port.isdecimal() and len(port) <= len(str(_MAX_PORT))):
        raise ConfigurationError(expected)
    number = int(port) if port else _DEFAULT_PORTS[scheme]
    if not 1 <= number <= _MAX_PORT:
        raise ConfigurationError(expected)
    return _ip6(host, expected) if bracket else _name(host, expected), number


def _ip6(host: str, expected: str) -> str:
    try:
        address = ipaddress.IPv6Address(host)
    except ValueError:
        raise ConfigurationError(expected) from None
    if address.scope_id is not None:
        raise ConfigurationError(expected)
    return str(address)


def _name(host: str, expected: str) -> str:
    name = host.lower()
    if not name.isascii() or "xn--" in name:
        name = _encoded(name, expected)
    labels = name.removesuffix(".").split(".")
    if len(name) > _MAX_HOST_CHARACTERS or not all(map(_LABEL.fullmatch, labels)):
        raise ConfigurationError(expected)
    if _NUMBER_LIKE.fullmatch(labels[-1]):
        # `127.1` and `0x7f.1` are addresses to some parsers and names to others.
        try:
            return str(ipaddress.IPv4Address(name))
        except ValueError:
            raise ConfigurationError(expected) from None
    return name


def _encoded(name: str, expected: str) -> str:
    """Write a name of other letters in ASCII, as the HTTP libraries do."""
    import idna

    try:
        encoded = idna.encode(name, uts46=False).decode("ascii")
        idna.decode(encoded)
    except (idna.IDNAError, UnicodeError, IndexError):
        raise ConfigurationError(expected) from None
    return encoded.lower()
