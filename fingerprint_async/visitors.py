"""`client.visitors`: what can be done with everything known about one visitor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fingerprint_async import _operations
from fingerprint_async._arguments import check_id

if TYPE_CHECKING:
    from fingerprint_async._operations import Caller
    from fingerprint_async.options import RequestOptions
    from fingerprint_async.responses import RawResponse

__all__ = ["Visitors", "VisitorsWithRawResponse"]


class VisitorsWithRawResponse:
    """The operations of `client.visitors`, answering with the `RawResponse`."""

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def delete(
        self, visitor_id: str, *, options: RequestOptions | None = None
    ) -> RawResponse[None]:
        """Ask for the deletion of a visitor's data, as `Visitors.delete` does."""
        return await _operations.delete_visitor(
            self._caller, check_id("visitor_id", visitor_id), options=options
        )


class Visitors:
    """Operations on visitors. Reached as `client.visitors`.

    Attributes:
        with_raw_response: The same operations, answering with status, headers and bytes.
    """

    __slots__ = ("with_raw_response",)

    def __init__(self, caller: Caller) -> None:
        self.with_raw_response = VisitorsWithRawResponse(caller)

    async def delete(self, visitor_id: str, *, options: RequestOptions | None = None) -> None:
        """Ask the service to delete what it knows about a visitor.

        Whoever erases for a privacy law must know what this does and does not do:

        * It returns when the request is accepted. The deletion itself happens later, within 24 hours.
        * It covers the events of the last 10 days. Older ones stay readable until the workspace's retention
          period has ended.
        * The visitor is not blocked: a later visit makes new events.

        The service has this switched off by default and limits it to 30 calls an hour and 500 a day, apart
        from all other limits.

        Args:
            visitor_id: The visitor to forget.
            options: Options of this call only.

        Raises:
            ArgumentError: The id is empty or not an id; nothing was sent.
            FeatureNotEnabledError: Deletion is not switched on for the workspace; the service's support
                does that.
            NotFoundError: The service knows no such visitor.
            RateLimitError: The budget of deletions is used up.
            FingerprintError: Every other failure.
        """
        await self.with_raw_response.delete(visitor_id, options=options)
