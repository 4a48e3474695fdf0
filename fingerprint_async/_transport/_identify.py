"""Who asks: the key and the User-Agent (`_sender` adds the `ii` parameter); and what this call's own options change about the request."""

from __future__ import annotations

import platform

import httpx

from fingerprint_async._version import __version__
from fingerprint_async.options import DEFAULT, ClientOptions, RequestOptions, Timeouts

from ._context import CONTEXT, OPERATION, CallContext

__all__ = ["Identify", "timeouts_of"]

_NO_OPTIONS = RequestOptions()


class Identify(httpx.AsyncBaseTransport):
    """The outermost room: completes the request."""

    def __init__(self, inner: httpx.AsyncBaseTransport, options: ClientOptions) -> None:
        self._inner = inner
        agent = f"fingerprint-async-python/{__version__} (python {platform.python_version()}; httpx {httpx.__version__})"
        if options.user_agent_suffix:
            agent = f"{agent} {options.user_agent_suffix}"
        headers = httpx.Headers(
            {
                "Authorization": f"Bearer {options.api_key}",
                "User-Agent": agent,
            }
        )
        self._headers = headers.raw
        self._names = frozenset(name.lower() for name, _ in headers.raw)
        self._timeouts = timeouts_of(options.timeouts)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        extensions = request.extensions
        context: CallContext | None = extensions.get(CONTEXT)
        if context is None:
            context = extensions[CONTEXT] = CallContext()
        context.operation = extensions.get(OPERATION, "") or request.method
        options = context.options or _NO_OPTIONS
        # As `update()` would, which looks through all of them for each of these.
        kept = [pair for pair in request.headers.raw if pair[0].lower() not in self._names]
        request.headers = httpx.Headers([*kept, *self._headers])
        if options.headers:
            request.headers.update(options.headers)
        extensions["timeout"] = (
            self._timeouts if options.timeouts is DEFAULT else timeouts_of(options.timeouts)
        )
        return await self._inner.handle_async_request(request)


def timeouts_of(timeouts: Timeouts | None) -> dict[str, float | None]:
    """Write timeouts as httpx hands them down."""
    if timeouts is None:
        return dict.fromkeys(("connect", "read", "write", "pool"))
    return {
        "connect": timeouts.connect,
        "read": timeouts.read,
        "write": timeouts.write,
        "pool": timeouts.pool,
    }
