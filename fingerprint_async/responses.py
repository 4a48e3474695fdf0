"""Responses as they came, for callers who want more than the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Generic, TypeVar

import msgspec

from fingerprint_async._discreet import Discreet
from fingerprint_async.errors import CallError

__all__ = ["RawResponse"]

T_co = TypeVar("T_co", covariant=True)


class RawResponse(
    Discreet, msgspec.Struct, Generic[T_co], frozen=True, kw_only=True, eq=False, weakref=True
):
    """A successful response, its body as bytes. `parse()` gives what the method without `with_raw_response` would have given.

    Attributes:
        status_code: The HTTP status, a 2xx.
        headers: The response's headers; names in any case.
        content: The body, decompressed, not decoded.
        attempts: How many times the request was sent.
        request_id: What the server calls this request, when it says so.
        last_error: Why the attempt before the successful one failed; None when the first one succeeded.
        parse: Decodes the body. It raises `DecodeError` with `strict`, when the body differs from the schema.
    """

    # Headers and bodies are about people.
    _unshown: ClassVar[frozenset[str]] = frozenset({"headers", "content", "last_error", "parse"})

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    attempts: int
    request_id: str | None
    last_error: CallError | None = None
    parse: Callable[[], T_co]
