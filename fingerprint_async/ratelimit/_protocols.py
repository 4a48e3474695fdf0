"""What a client asks of a rate limiter. Implement these to bring your own."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

__all__ = ["Permit", "RateLimiter"]


@runtime_checkable
class Permit(Protocol):
    """Leave to send one request, now.

    Call exactly one of the methods when it is known how the request ended.
    """

    def succeeded(self) -> None:
        """Say that an answer came, and that it was no 429."""
        ...

    def refused(self, *, retry_after: float | None, overload: bool = False) -> None:
        """Say that the answer was a 429.

        Args:
            retry_after: The seconds that the service asked to wait; None when it named none.
            overload: The service is loaded ("too many search requests"): the answer says nothing
                about the limit.
        """
        ...

    def failed(self) -> None:
        """Say that the request may have been counted, and that no answer came."""
        ...

    def release(self) -> None:
        """Give the permit back: the request was never sent."""
        ...


@runtime_checkable
class RateLimiter(Protocol):
    """Decides when requests may be sent. Safe to use from several event loops and threads."""

    async def acquire(
        self,
        operation: str,
        *,
        priority: int = 0,
        timeout: float | None = None,  # noqa: ASYNC109 - known to be too short before it is over
    ) -> Permit:
        """Wait until a request may be sent.

        Args:
            operation: The operation's id, such as `searchEvents`.
            priority: Higher goes first; within one priority, first come, first served.
            timeout: Seconds to wait at most; None waits as long as it takes.

        Raises:
            RateLimitTimeout: The wait would take longer than the timeout. Raised as soon as that
                is known.
        """
        ...

    @property
    def rate(self) -> float | None:
        """Searches per second that may be sent, as known now; None without a limit."""
        ...

    async def aclose(self) -> None:
        """Close the connections that the running event loop uses. The limit itself stays."""
        ...
