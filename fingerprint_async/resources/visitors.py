"""`client.visitors`: what can be done with everything known about one visitor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fingerprint_async._http.operations import DELETE_VISITOR
from fingerprint_async_generated.api.visitors import delete_visitor_data

if TYPE_CHECKING:
    from fingerprint_async._http.pipeline import Pipeline
    from fingerprint_async._runtime.request import Request
    from fingerprint_async.config import RequestOptions
    from fingerprint_async.responses import RawResponse

__all__ = ["Visitors", "VisitorsWithRawResponse"]


def _delete(visitor_id: str) -> Request[None]:
    return delete_visitor_data.build_request(DELETE_VISITOR.check_id(visitor_id))


class VisitorsWithRawResponse:
    """The operations of `client.visitors`, answering with the `RawResponse`."""

    __slots__ = ("_pipeline",)

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    async def delete(
        self, visitor_id: str, *, options: RequestOptions | None = None
    ) -> RawResponse[None]:
        """Ask for the deletion of a visitor's data, as `Visitors.delete` does."""
        return await self._pipeline.call_raw(_delete(visitor_id), options)


class Visitors:
    """Operations on visitors. Reached as `client.visitors`.

    Attributes:
        with_raw_response: The same operations, answering with status, headers and bytes.
    """

    __slots__ = ("_pipeline", "with_raw_response")

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self.with_raw_response = VisitorsWithRawResponse(pipeline)

    async def delete(self, visitor_id: str, *, options: RequestOptions | None = None) -> None:
        """Ask the service to delete what it knows about a visitor.

        Whoever erases for a privacy law must know what this does and does not do:

        * It returns when the request is accepted. The deletion happens later, within 24 hours.
        * It covers the events of the last 10 days. Older ones stay readable until the workspace's
          retention period has ended.
        * The visitor is not blocked: a later visit makes new events.

        The service has this switched off by default and limits it to 30 calls an hour and 500 a
        day, apart from all other limits.

        Args:
            visitor_id: The visitor to forget.
            options: Options of this call only.

        Raises:
            ArgumentError: The id is empty or not an id; nothing was sent.
            FeatureNotEnabledError: Deletion is not switched on for the workspace; the service's
                support does that.
            NotFoundError: The service knows no such visitor.
            RateLimitError: The budget of deletions is used up.
            FingerprintError: Every other failure.
        """
        await self._pipeline.call(_delete(visitor_id), options)
