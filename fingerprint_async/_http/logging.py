"""What is told about attempts and calls: log records and hooks.

Never a key, a header, a query, an id or a body: filters are often about people.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

from fingerprint_async.errors import APIError
from fingerprint_async.hooks import AttemptInfo, CallInfo

if TYPE_CHECKING:
    from collections.abc import Callable

    from fingerprint_async._http.errors import Errors
    from fingerprint_async._http.message import Answer, Call
    from fingerprint_async.config import ClientOptions

__all__ = ["Logging"]

T = TypeVar("T")

logger: Final = logging.getLogger("fingerprint_async.transport")


class Logging:
    """Log a record for each attempt, DEBUG for a success and INFO for a failure, and call hooks.

    Args:
        inner: The next layer.
        options: The client's settings.
    """

    __slots__ = ("_clock", "_hooks", "_host", "_inner")

    def __init__(self, inner: Errors, options: ClientOptions) -> None:
        self._inner = inner
        self._clock = options.clock
        self._hooks = options.hooks
        self._host = options.base_url.host

    async def send(self, call: Call[T]) -> Answer[T]:
        """Send one attempt and tell of it."""
        if self._hooks.on_attempt is None and not logger.isEnabledFor(logging.INFO):
            return await self._inner.send(call)
        started_at, begin = time.time(), self._clock()
        try:
            answer = await self._inner.send(call)
        except APIError as error:
            status = getattr(error, "status_code", None)
            self._tell(
                call,
                started_at=started_at,
                begin=begin,
                status=status,
                request_id=error.request_id,
                error=error,
            )
            raise
        response = answer.response
        self._tell(
            call,
            started_at=started_at,
            begin=begin,
            status=response.status,
            request_id=response.request_id,
            error=None,
        )
        return answer

    def _tell(
        self,
        call: Call[Any],
        *,
        started_at: float,
        begin: float,
        status: int | None,
        request_id: str | None,
        error: APIError | None,
    ) -> None:
        info = AttemptInfo(
            operation=call.operation.id,
            attempt=call.attempts,
            method=call.operation.method,
            host=self._host,
            started_at=started_at,
            duration=self._clock() - begin,
            status_code=status,
            request_id=request_id,
            error=error,
        )
        logger.log(
            logging.DEBUG if error is None else logging.INFO,
            "%s attempt=%d outcome=%s ms=%.0f request_id=%s",
            info.operation,
            info.attempt,
            info.outcome,
            1000 * info.duration,
            info.request_id or "-",
            extra=dict(info.as_extra()),
        )
        if self._hooks.on_attempt is not None:
            run_hook(self._hooks.on_attempt, info)


def tell_call(
    call: Call[Any],
    hook: Callable[[CallInfo], object],
    duration: float,
    error: BaseException | None,
) -> None:
    """Call the hook for calls."""
    run_hook(
        hook,
        CallInfo(
            operation=call.operation.id,
            attempts=call.attempts,
            started_at=time.time() - duration,
            duration=duration,
            waited=call.waited,
            error=error,
        ),
    )


def run_hook(hook: Callable[[Any], object], info: AttemptInfo | CallInfo) -> None:
    """Call a hook; what it raises is logged, as the call goes on without it."""
    try:
        hook(info)
    except Exception:
        logger.exception("a hook of %s failed", info.operation)
