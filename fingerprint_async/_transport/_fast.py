"""The transport of the `fast` extra: pyreqwest, which is Rust's reqwest and hyper under asyncio. See docs/limits.md for the choice."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.request import getproxies

import httpx

from fingerprint_async.errors import ConfigurationError

from ._identify import timeouts_of
from ._sender import address_of

if TYPE_CHECKING:
    from pyreqwest.bytes import Bytes
    from pyreqwest.client import Client
    from pyreqwest.exceptions import PyreqwestError

    from fingerprint_async.options import ClientOptions

__all__ = ["FastTransport", "open_fast"]

_KEEP_ALIVE: Final = timedelta(seconds=5)


class _Whole(httpx.Response):
    """A response whose body is there, decompressed: nothing is left to be read, for which httpx takes longer than for all else."""

    def __init__(
        self, status: int, headers: list[tuple[str, str]], body: bytes, request: httpx.Request
    ) -> None:
        super().__init__(status, headers=headers, stream=httpx.ByteStream(body), request=request)
        self._body = body

    @property
    def content(self) -> bytes:
        return self._body


class FastTransport(httpx.AsyncBaseTransport):
    """Sends over a pyreqwest client, reading whole answers in one step.

    pyreqwest brings an httpx transport of its own; this one is shorter, as it needs no streams, and it never follows redirects, which would
    carry the key along. Connect and read timeouts are the client's; a call's own timeouts bound its attempts as a whole.

    Args:
        client: What sends; closed with this transport.
        timeouts: The timeouts that it was made with, as they stand in requests.
    """

    def __init__(self, client: Client, timeouts: dict[str, float | None]) -> None:
        from pyreqwest import exceptions

        self._client = client
        self._timeouts = timeouts
        self._error = exceptions.PyreqwestError
        self._timeout = exceptions.RequestTimeoutError
        self._busy = 0

    @property
    def busy(self) -> int:
        """Requests that are under way."""
        return self._busy

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        # httpx looks for an encoding anew for each header; what stands in ours is ASCII.
        headers = [
            (name.decode("ascii"), value.decode("ascii")) for name, value in request.headers.raw
        ]
        builder = self._client.request(request.method, address_of(request)).headers(headers)
        if request.content:
            builder = builder.body_bytes(request.content)
        timeouts = request.extensions.get("timeout", self._timeouts)
        if timeouts != self._timeouts:
            total = sum(seconds for seconds in timeouts.values() if seconds)
            if total:
                builder = builder.timeout(timedelta(seconds=total))
        self._busy += 1
        try:
            response = await builder.build().send()
            # Joined here they are copied once. `bytes()` would join them, and its buffer be copied again into what httpx takes.
            reader = response.body_reader
            chunks: list[Bytes] = []
            while (chunk := await reader.read_chunk()) is not None:
                chunks.append(chunk)
        except self._error as error:
            raise self._as_httpx(error) from error
        finally:
            self._busy -= 1
        return _Whole(response.status, list(response.headers.items()), b"".join(chunks), request)

    def _as_httpx(self, error: PyreqwestError) -> httpx.HTTPError:
        """Tell what failed while connecting from what failed later, when the service may have acted already.

        pyreqwest's own types don't: a connection that ends before the answer is its ConnectError, an answer that takes too long its
        ConnectTimeoutError. hyper's causes do.
        """
        connecting = "client error (Connect)" in str(getattr(error, "details", None))
        timed_out = isinstance(error, self._timeout)
        kind: type[httpx.HTTPError] = {
            (True, True): httpx.ConnectTimeout,
            (True, False): httpx.ConnectError,
            (False, True): httpx.ReadTimeout,
            (False, False): httpx.ReadError,
        }[connecting, timed_out]
        # Not str(error): that holds the address, query and all.
        return kind("" if timed_out else error.message)

    async def aclose(self) -> None:
        await self._client.close()


def open_fast(options: ClientOptions) -> FastTransport:
    """Make one as the options ask.

    Raises:
        ConfigurationError: The extra is not installed.
    """
    try:
        from pyreqwest.client import ClientBuilder
    except ImportError as error:
        raise ConfigurationError(
            'transport="fast" needs pyreqwest: pip install "fingerprint-async[fast]"'
        ) from error
    builder = ClientBuilder().follow_redirects(False).referer(False).pool_idle_timeout(_KEEP_ALIVE)
    if not options.base_url.startswith("https:") and not getproxies().keys() & {"http", "all"}:
        # No TLS is spoken, nobody's certificate checked: reading those to check against would stall the loop for some 7 ms.
        # Any proxy counts, whatever NO_PROXY says: reqwest has rules of its own for that, and may use one that Python would not.
        builder = builder.danger_accept_invalid_certs(True)
    timeouts = timeouts_of(options.timeouts)
    if timeouts["connect"] is not None:
        builder = builder.connect_timeout(timedelta(seconds=timeouts["connect"]))
    if timeouts["read"] is not None:
        builder = builder.read_timeout(timedelta(seconds=timeouts["read"]))
    return FastTransport(builder.build(), timeouts)
