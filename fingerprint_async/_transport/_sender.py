"""Where requests are made, before they go through the rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import httpx

from fingerprint_async._version import __version__
from fingerprint_async.errors import ArgumentError, ConfigurationError

__all__ = ["Sender", "address_of"]

if TYPE_CHECKING:
    from collections.abc import Sequence

_IDENTITY: Final = f"ii=fingerprint-async-python/{__version__}"
_LONGEST: Final = 65_536
"""The longest address that httpx takes, in characters."""
_NOWHERE: Final = httpx.URL("http://nowhere")
_NOTHING: Final = httpx.ByteStream(b"")
"""The body of a GET that has none. Given it, httpx doesn't look for one, nor for headers that one would need: that takes as long as all else."""


class _Request(httpx.Request):
    """A request whose address is parsed when somebody looks at it: a transport that takes text has no use for that.

    Parsing takes as long as all else about a request, and httpx does it twice: when it makes the request, and for the header `Host`.
    """

    def __init__(self, method: str, address: str, **rest: Any) -> None:
        self.address = address
        super().__init__(method, _NOWHERE, **rest)
        self.read()
        self._url: httpx.URL | None = None

    @property
    def url(self) -> httpx.URL:
        if self._url is None:
            self._url = httpx.URL(self.address)
        return self._url

    @url.setter
    def url(self, url: httpx.URL) -> None:
        self._url = url


def address_of(request: httpx.Request) -> str:
    """The address of a request, as text."""
    return request.address if isinstance(request, _Request) else str(request.url)


def _quoted(value: str) -> str:
    """A parameter's value as it stands in an address. Most are digits and letters, for which looking is faster than quoting."""
    return value if value.isascii() and value.isalnum() else quote(value, safe="")


class Sender:
    """Stands for an `httpx.AsyncClient` in generated code, and makes its requests in one go.

    `AsyncClient.request()` merges and parses an address four times, and prepares for cookies, redirects and
    authentication flows that this API does not have: that costs more than all the rooms together. It also logs
    whole addresses, ids of people included.

    Args:
        base_url: The address that paths are appended to, without a slash at its end.
        transport: The rooms.

    Raises:
        ConfigurationError: The base URL's host is no host.
    """

    def __init__(self, base_url: str, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport
        try:
            base = httpx.URL(base_url)
            host = base.host and base.netloc.decode("ascii")
        except (httpx.InvalidURL, UnicodeError) as error:
            # The second is how httpx tells of labels of a host that begin with "xn--" and are none.
            raise ConfigurationError(
                f"base_url: the HTTP library does not take it: {error}"
            ) from None
        self._base_url = str(base).rstrip("/")
        # What httpx can decompress is for it to say.
        headers = httpx.AsyncClient(transport=transport, trust_env=False).headers
        self._headers = httpx.Headers([("Host", host), *headers.multi_items()])

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Sequence[tuple[str, str]] = (),
        content: bytes | None = None,
        extensions: dict[str, Any] | None = None,
    ) -> httpx.Response:
        """Send a request to a path of the API, with the parameter that says who asks.

        Raises:
            ArgumentError: The address is longer than the HTTP library takes.
        """
        query = "".join([f"{name}={_quoted(value)}&" for name, value in params]) + _IDENTITY
        address = f"{self._base_url}{path}?{query}"
        if len(address) > _LONGEST:
            raise ArgumentError(
                f"the request's address cannot be made: URL too long ({len(address)} characters)"
            )
        headers = self._headers
        if content is not None:
            headers = httpx.Headers([*headers.raw, (b"Content-Type", b"application/json")])
        body = {"stream": _NOTHING} if method == "GET" and content is None else {"content": content}
        request = _Request(method, address, headers=headers, extensions=extensions, **body)
        return await self._transport.handle_async_request(request)
