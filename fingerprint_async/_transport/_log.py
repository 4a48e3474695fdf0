"""One line an attempt, through the standard library. Never a key, a header, a query or a body."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import httpx

from fingerprint_async.errors import CallError

from ._context import CONTEXT
from ._request_id import request_id_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._context import CallContext

__all__ = ["Log", "logger"]

logger = logging.getLogger("fingerprint_async.transport")


class Log(httpx.AsyncBaseTransport):
    """Tells what each attempt came to: DEBUG for successes, INFO for failures."""

    def __init__(self, inner: httpx.AsyncBaseTransport, *, clock: Callable[[], float]) -> None:
        self._inner = inner
        self._clock = clock

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not logger.isEnabledFor(logging.INFO):
            return await self._inner.handle_async_request(request)
        context: CallContext = request.extensions[CONTEXT]
        begin = self._clock()
        try:
            response = await self._inner.handle_async_request(request)
        except CallError as error:
            status = getattr(error, "status_code", None) or type(error).__name__
            self._line(logging.INFO, context, status, begin, getattr(error, "request_id", None))
            raise
        self._line(logging.DEBUG, context, response.status_code, begin, request_id_of(response))
        return response

    def _line(
        self,
        level: int,
        context: CallContext,
        outcome: object,
        begin: float,
        request_id: str | None,
    ) -> None:
        logger.log(
            level,
            "%s attempt=%d outcome=%s ms=%.0f request_id=%s",
            context.operation,
            context.attempts,
            outcome,
            1000 * (self._clock() - begin),
            request_id or "-",
        )
