"""What a client does behind its face: open, call, close."""

from __future__ import annotations

from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from fingerprint_async._arguments import check_options
from fingerprint_async._pool import Pool
from fingerprint_async._stats import ClientStats
from fingerprint_async.errors import ClientStateError
from fingerprint_async.options import DEFAULT

if TYPE_CHECKING:
    from fingerprint_async._operations import Decode, Send
    from fingerprint_async._transport import Sender, Transport
    from fingerprint_async.options import ClientOptions, RequestOptions
    from fingerprint_async.responses import RawResponse

__all__ = ["Session", "State"]

T = TypeVar("T")


class State(Enum):
    """Where a client is in its life."""

    UNOPENED = "unopened"
    OPEN = "open"
    CLOSED = "closed"


class Session:
    """A client's life, and the calls of its resources.

    Args:
        options: What the client was built with.
        shared: The connections of another client, to send over those. They are not closed with this one.
    """

    def __init__(self, options: ClientOptions, shared: Pool | None = None) -> None:
        self._options = options
        self._shares = shared is not None
        self.pool = Pool(options) if shared is None else shared
        self._transport: Transport | None = None
        self._generated: Sender | None = None
        self._closed = False

    @property
    def state(self) -> State:
        """Whether it was opened, or closed, or the client that it shares connections with was."""
        if self._closed or self.pool.is_closed:
            return State.CLOSED
        return State.UNOPENED if self._generated is None else State.OPEN

    @property
    def stats(self) -> ClientStats:
        """The counters as they stand."""
        if self._transport is not None:
            return self._transport.stats
        limit = self._options.rate_limit.for_searches
        return ClientStats(rate_limit=None if limit.mode == "off" else limit.requests_per_second)

    def open(self) -> Sender:
        """Give what generated functions send with; made on the first call, for the running event loop.

        Raises:
            ClientStateError: It is closed, or belongs to another event loop.
        """
        if self.state is State.CLOSED:
            raise ClientStateError("the client is closed")
        self.pool.check_loop()
        if self._generated is None:
            from fingerprint_async._transport import Sender, build_transport

            self._transport = build_transport(self._options, self.pool.inner())
            self._generated = Sender(self._options.base_url, self._transport)
        return self._generated

    async def call(
        self, send: Send, decode: Decode[T], options: RequestOptions | None, *, raw: bool
    ) -> RawResponse[T]:
        """Send one call of a resource; see `_operations.Caller`."""
        from fingerprint_async._transport import CONTEXT, CallContext, request_id_of
        from fingerprint_async.responses import RawResponse

        check_options(options)
        client = self.open()
        strict = self._options.strict
        if options is not None and options.strict is not DEFAULT:
            strict = options.strict
        parse = partial(decode, strict=strict)
        context = CallContext(options=options, decode=None if raw else parse)
        response = await self.pool.run(self, partial(send, client, {CONTEXT: context}))
        decoded = context.decoded
        return RawResponse(
            status_code=response.status_code,
            headers=response.headers,
            content=response.content,
            attempts=context.attempts,
            request_id=request_id_of(response),
            last_error=context.last_error,
            parse=partial(parse, response.content) if raw else lambda: decoded,
        )

    async def aclose(self) -> None:
        """End this client's calls, and close the connections that are its own."""
        if self._closed:
            return
        self.pool.check_loop()
        self._closed = True
        try:
            if self._shares:
                await self.pool.end_calls(self)
            else:
                await self.pool.aclose()
        finally:
            if self._transport is not None:
                await self._transport.aclose()
