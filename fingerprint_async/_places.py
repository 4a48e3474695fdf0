# Annotations bind no caller at run time.
# pyright: reportUnnecessaryIsInstance=false
"""Where an event came from: addresses and origins, compared as such and not as text."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from itertools import islice
from typing import Final, TypeAlias, cast
from urllib.parse import urlsplit

from fingerprint_async._settings import kind_of
from fingerprint_async.errors import ArgumentError

__all__ = ["IPAddress", "origin_of", "parse_ip", "read_ip", "read_origins"]

IPAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

# Browsers end a host at a backslash, and `urlsplit` does not.
_NOT_IN_HOST: Final = re.compile(r"[\s\\]")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_LONGEST_HOST: Final = 253
_MOST_ORIGINS: Final = 10_000


def read_ip(value: object) -> IPAddress:
    """Read the argument `ip`, or raise."""
    address = parse_ip(value)
    if address is None:
        raise ArgumentError(f"ip: expected an IPv4 or IPv6 address, got {kind_of(value)}")
    return address


def parse_ip(value: object) -> IPAddress | None:
    """Return an address, an IPv4 address in IPv6 form as IPv4; None if it is none.

    A zone (`%eth0`) is left out: it means something on the machine that saw the address only.
    """
    # An int would be taken for a packed address.
    if not isinstance(value, str | ipaddress.IPv4Address | ipaddress.IPv6Address):
        return None
    try:
        address = ipaddress.ip_address(str(value).strip())
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return address
    return address.ipv4_mapped or ipaddress.IPv6Address(int(address))


def read_origins(value: object) -> frozenset[str]:
    """Read the argument `origin`: one or several, or raise."""
    given: list[object] = [value]
    if not isinstance(value, str):
        if not isinstance(value, Collection):
            raise ArgumentError(f"origin: expected text or several, got {kind_of(value)}")
        several = cast("Collection[object]", value)
        try:
            given = list(islice(several, _MOST_ORIGINS + 1))
        except Exception:  # noqa: BLE001 - a foreign collection's: it gave nothing
            raise ArgumentError(f"origin: this {kind_of(several)} gives none") from None
    if not given:
        raise ArgumentError("origin: at least one is needed; None is for no check")
    if len(given) > _MOST_ORIGINS:
        raise ArgumentError(f"origin: more than {_MOST_ORIGINS} are given")
    origins: set[str] = set()
    for one in given:
        read = origin_of(one)
        if read is None or not isinstance(one, str) or not _is_bare(one):
            raise ArgumentError("origin: expected one as https://shop.example, without a path")
        origins.add(read)
    return frozenset(origins)


def origin_of(url: object) -> str | None:
    """Return the scheme, host and port of an address; None if it has none."""
    if not isinstance(url, str):
        return None
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
        if not parts.scheme or not host or _NOT_IN_HOST.search(parts.netloc):
            return None
        name = _host(host)
    except ValueError:
        return None
    if port is None:
        port = _DEFAULT_PORTS.get(parts.scheme)
    return f"{parts.scheme}://{name}:{port}"


def _is_bare(origin: str) -> bool:
    parts = urlsplit(origin.strip())
    rest = (parts.query, parts.fragment, parts.username, parts.password)
    return parts.path in {"", "/"} and not any(rest)


def _host(host: str) -> str:
    """Return a host as browsers write it: names in ASCII, IPv6 addresses in their short form.

    Raises:
        ValueError: It cannot be one.
    """
    if ":" in host:
        return f"[{ipaddress.IPv6Address(host)}]"
    if len(host) > _LONGEST_HOST:
        raise ValueError
    name = host if host.isascii() else ".".join(map(_label, _mapped(host).split(".")))
    return name.removesuffix(".")


def _mapped(host: str) -> str:
    # Not the codec of the standard library: by its older rules, ß is ss, another owner's name.
    from idna import uts46_remap

    return uts46_remap(host, std3_rules=False, transitional=False)


def _label(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode()}"
