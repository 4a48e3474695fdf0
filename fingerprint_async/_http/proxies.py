"""Which proxy a client sends through: its own, or the one that the environment names."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.request import getproxies, proxy_bypass

from fingerprint_async._address import parse_proxy
from fingerprint_async.errors import ConfigurationError

if TYPE_CHECKING:
    from fingerprint_async._address import Proxy
    from fingerprint_async.config import ClientOptions

__all__ = ["proxy_of"]


def proxy_of(options: ClientOptions) -> Proxy | None:
    """Return the proxy for the client's address; None to connect directly.

    `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say so, unless the client was told. What
    goes to this machine never leaves it by a variable of the environment.

    Raises:
        ConfigurationError: The proxy's address cannot be right, or its package is missing.
    """
    address = options.base_url
    proxy: Proxy | None = options.proxy
    if proxy is None:
        if address.is_loopback:
            return None
        proxies = getproxies()
        scheme = address.scheme if proxies.get(address.scheme) else "all"
        named = proxies.get(scheme)
        if not named or proxy_bypass(address.netloc) or proxy_bypass(address.host):
            return None
        proxy = parse_proxy(named, name=f"{scheme.upper()}_PROXY")
    elif address.scheme != "https" and not options.allow_insecure_http:
        raise ConfigurationError(
            "proxy: the secret API key would be sent to the proxy in the clear; "
            "use https for base_url, or say allow_insecure_http=True"
        )
    return proxy
