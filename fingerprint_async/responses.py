"""Responses as they came, for callers who want more than the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fingerprint_async.errors import CallError

__all__ = ["RawResponse"]

T_co = TypeVar("T_co", covariant=True)


@attrs.frozen(kw_only=True, eq=False)
class RawResponse(Generic[T_co]):
    """A successful response, its body as bytes. `parse()` gives what the method without `with_raw_response` would have given.

    Attributes:
        status_code: The HTTP status, a 2xx.
        headers: The response's headers; names in any case.
        content: The body, decompressed, not decoded.
        attempts: How many times the request was sent.
        request_id: What the server calls this request, when it says so.
        last_error: Why the attempt before the successful one failed; None when the first one succeeded.
    """

    status_code: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    content: bytes = attrs.field(repr=False)
    attempts: int
    request_id: str | None
    last_error: CallError | None = attrs.field(default=None, repr=False)
    _parse: Callable[[], T_co] = attrs.field(alias="parse", repr=False)

    def parse(self) -> T_co:
        """Decode the body.

        Raises:
            DecodeError: With `strict`, when it differs from the schema.
        """
        return self._parse()
