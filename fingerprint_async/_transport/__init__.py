"""Everything that cuts across operations, one concern a room, outermost first:

`identify → retry → log → errors → limits → inner`

* `_identify` adds the key, the User-Agent and `ii`, and this call's timeouts and headers.
* `_retry` is a call as a whole: deadline, attempts (by the table in `_policy`), quota, the end of all calls when the client closes.
* `_log` writes one line an attempt.
* `_errors` turns answers and the HTTP library's exceptions into typed errors, and decodes or checks the body of successes.
* `_limits` waits for the budget's rate and pause (`_limiter`, `_bucket`, `_pause`), then for a slot (`_gate`).
* `_inner` sends and reads the whole body, so that no slot and no connection outlives it.

A call's `CallContext` travels in `request.extensions["fingerprint_async"]`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from fingerprint_async._stats import ClientStats, Counters
from fingerprint_async.options import DEFAULT, ClientOptions

from ._context import CONTEXT, OPERATION, CallContext
from ._errors import MapErrors
from ._identify import Identify
from ._inner import make_inner
from ._limiter import limiter_for
from ._limits import Limits
from ._log import Log
from ._request_id import request_id_of
from ._retry import Retry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ._inner import ReadWhole

__all__ = ["CONTEXT", "OPERATION", "CallContext", "Transport", "build_transport", "request_id_of"]


class Transport(httpx.AsyncBaseTransport):
    """The assembled stack of one client.

    It can stand under an `httpx.AsyncClient`. It also has the one method of it that generated code calls, `request`, which builds the request
    and sends it through the rooms without the things of a client that an API has no use for: cookies, redirects, auth flows, environment.
    """

    def __init__(self, options: ClientOptions, inner: ReadWhole, *, version: str, owner: bool) -> None:
        self._counters = Counters()
        self._inner = inner
        self._owner = owner
        self._base_url = options.base_url
        self.limiter = limiter_for(options.api_key, options.base_url, options.rate_limit, options.clock)
        slots = 10 if options.max_in_flight is DEFAULT else options.max_in_flight
        self.limits = Limits(
            inner, limiter=self.limiter, slots=slots, counters=self._counters, clock=options.clock
        )
        self.retry = Retry(
            Log(MapErrors(self.limits, secret=options.api_key), clock=options.clock), options, self._counters
        )
        self._outermost = Identify(self.retry, options, version=version)

    @property
    def stats(self) -> ClientStats:
        """The counters as they stand."""
        return self._counters.snapshot()

    async def request(
        self,
        method: str,
        url: str,
        *,
        params: Sequence[tuple[str, Any]] | Mapping[str, Any] | None = None,
        json: Any = None,
        extensions: dict[str, Any] | None = None,
    ) -> httpx.Response:
        """Build a request for a path below the base URL and send it."""
        if isinstance(params, list):
            params = tuple(params)
        request = httpx.Request(
            method, self._base_url + url, params=params, json=json, extensions=extensions or {}
        )
        return await self._outermost.handle_async_request(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request through the rooms."""
        return await self._outermost.handle_async_request(request)

    async def aclose(self) -> None:
        """End the calls of this client with `ClientStateError`, and close the connections if it made them."""
        await self.retry.close()
        if self._owner:
            await self._inner.aclose()


def build_transport(options: ClientOptions, *, version: str, share: Transport | None = None) -> Transport:
    """Assemble the stack.

    Args:
        options: The client's options.
        version: This package's version, for the User-Agent and `ii`.
        share: The transport of the client whose connections to use (`with_options()`); whoever made them closes them.
    """
    inner = make_inner(options) if share is None else share._inner  # noqa: SLF001
    return Transport(options, inner, version=version, owner=share is None)
