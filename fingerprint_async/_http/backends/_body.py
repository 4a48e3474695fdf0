"""Answers as every backend hands them on: inflated, and never larger than allowed."""

from __future__ import annotations

from typing import Final

from fingerprint_async._http.inflate import EncodingError, TooLargeError, inflate
from fingerprint_async._http.message import SUCCESSES, Headers, HttpResponse
from fingerprint_async.errors import ResponseBodyError, ResponseTooLargeError

__all__ = ["ERROR_BODY_BYTES", "too_large", "whole_response"]

ERROR_BODY_BYTES: Final = 64 * 1024
"""What is read of an error: its status counts, and an excerpt of its body."""


async def whole_response(
    status: int, reason: str, pairs: list[tuple[str, str]], body: bytes, encoding: str, *, most: int
) -> HttpResponse:
    """Return the answer, inflated.

    Raises:
        ResponseBodyError: A success is not what its content encoding says.
        ResponseTooLargeError: A success is larger than it may be.
    """
    if encoding:
        try:
            body = await inflate(body, encoding, most=most)
        except TooLargeError:
            if status in SUCCESSES:
                raise too_large(status, most) from None
            body = b""
        except EncodingError as error:
            if status in SUCCESSES:
                raise ResponseBodyError(str(error), status_code=status) from None
            # That it failed, and how, is known all the same; the body may be plain.
    return HttpResponse(status=status, reason=reason, headers=Headers(pairs), content=body)


def too_large(status: int, most: int) -> ResponseTooLargeError:
    """Return the error for an answer that is larger than allowed."""
    return ResponseTooLargeError(
        f"the answer holds more than {most} bytes (max_response_bytes)", status_code=status
    )
