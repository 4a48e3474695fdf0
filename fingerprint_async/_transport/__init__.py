"""Everything that cuts across operations, one concern a room, outermost first.

`identify → retry → log → errors → limits → inner`

* `_sender`, before all rooms, makes the request, with the parameter `ii`.
* `_identify` adds the key, the User-Agent, and this call's timeouts and headers.
* `_retry` is a call as a whole: deadline, attempts (by the table in `_policy`), quota, the end of all calls when the client closes.
* `_log` writes one line an attempt.
* `_errors` turns answers and the HTTP library's exceptions into typed errors, and decodes or checks the body of successes.
* `_limits` waits for the budget's rate and pause (`_limiter`, `_bucket`, `_pause`), then for a slot (`_gate`).
* `_inner` sends and reads the whole body, so that no slot and no connection outlives it.

A call's `CallContext` travels in `request.extensions["fingerprint_async"]`.
"""

from __future__ import annotations

from typing import Final

import httpx

from fingerprint_async._stats import ClientStats, Counters
from fingerprint_async.options import DEFAULT, ClientOptions

from ._context import CONTEXT, OPERATION, CallContext
from ._errors import MapErrors
from ._identify import Identify
from ._inner import open_inner
from ._limiter import limiter_for
from ._limits import Limits
from ._log import Log
from ._request_id import request_id_of
from ._retry import Retry
from ._sender import Sender

__all__ = [
    "CONTEXT",
    "OPERATION",
    "CallContext",
    "Sender",
    "Transport",
    "build_transport",
    "open_inner",
    "request_id_of",
]


_SLOTS: Final = 100
"""As many as httpx opens connections. Nothing is gained by fewer, see `OneEach`; and a rate of 50 over 2 s of latency needs them."""


_SLOTS_OF_A_POOL: Final = 20
"""For a caller's own httpx client, whose pool gets slow beyond that."""


class Transport(httpx.AsyncBaseTransport):
    """The assembled rooms of one client, over connections that may be shared with others."""

    def __init__(self, options: ClientOptions, inner: httpx.AsyncBaseTransport) -> None:
        self._counters = Counters()
        slots = options.max_in_flight
        if slots is DEFAULT:
            slots = _SLOTS if options.http_client is None else _SLOTS_OF_A_POOL
        self._limits = Limits(
            inner,
            limiter=limiter_for(
                options.api_key, options.base_url, options.rate_limit, options.clock
            ),
            slots=slots,
            counters=self._counters,
            clock=options.clock,
        )
        log = Log(MapErrors(self._limits, secret=options.api_key), clock=options.clock)
        self._outermost = Identify(Retry(log, options, self._counters), options)

    @property
    def stats(self) -> ClientStats:
        """The counters as they stand."""
        return self._counters.snapshot(rate_limit=self._limits.limiter.search_rate)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request through the rooms."""
        return await self._outermost.handle_async_request(request)

    async def aclose(self) -> None:
        """Close what this event loop shares its limit through. The inner transport is closed by who opened it."""
        if self._limits.limiter.shared is not None:
            await self._limits.limiter.shared.aclose()


def build_transport(options: ClientOptions, inner: httpx.AsyncBaseTransport) -> Transport:
    """Assemble the rooms over an inner transport, one that `open_inner` gave. The caller closes that one."""
    return Transport(options, inner)
