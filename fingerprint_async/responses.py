"""Responses as they came, for callers who want more than the model."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - attrs resolves annotations
from typing import TYPE_CHECKING, Generic, TypeVar, cast

import attrs

if TYPE_CHECKING:
    from fingerprint_async._runtime.request import Decodable
    from fingerprint_async.errors import APIError

__all__ = ["RawResponse"]

T = TypeVar("T")


@attrs.frozen(kw_only=True, eq=False)
class RawResponse(Generic[T]):
    """A successful response, its body as bytes.

    Attributes:
        status_code: The HTTP status, a 2xx.
        headers: The response's headers; names in any case.
        content: The body, decompressed, not decoded.
        attempts: How many times the request was sent.
        request_id: What the server calls this request, when it says so.
        last_error: Why the attempt before failed; None when the first one succeeded.
        result: The model that the body holds; None where no body is promised.
        strict: Whether `parse` raises for every difference from the schema.
    """

    status_code: int
    # Headers and bodies are about people: no repr shows them.
    headers: Mapping[str, str] = attrs.field(repr=False)
    content: bytes = attrs.field(repr=False)
    attempts: int
    request_id: str | None
    last_error: APIError | None = attrs.field(default=None, repr=False)
    result: Decodable[T] | None = attrs.field(default=None, repr=False)
    strict: bool = attrs.field(default=False, repr=False)

    def parse(self) -> T:
        """Decode the body: what the method without `with_raw_response` returns.

        Raises:
            DecodeError: The body is not the promised JSON, or with `strict` differs from the
                schema.
        """
        if self.result is None:
            # Only where the operation promises no body, and there T is None.
            return cast("T", None)
        return self.result.from_json(self.content, strict=self.strict)
