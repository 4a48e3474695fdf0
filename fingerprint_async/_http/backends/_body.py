"""Answers as every backend hands them on: inflated, and never larger than allowed."""

from __future__ import annotations

from typing import Final

from fingerprint_async._http.inflate import EncodingError, TooLargeError, inflate
from fingerprint_async._http.message import SUCCESSES
from fingerprint_async.errors import ResponseBodyError, ResponseTooLargeError

__all__ = ["ERROR_BODY_BYTES", "inflated", "too_large"]

ERROR_BODY_BYTES: Final = 64 * 1024
"""What is read of an error: its status counts, and an excerpt of its body."""


async def inflated(status: int, body: bytes, encoding: str, *, most: int) -> bytes:
    """Return the body of an answer, inflated.

    Raises:
        ResponseBodyError: A success is not what its content encoding says.
        ResponseTooLargeError: A success is larger than it may be.
    """
    try:
        return await inflate(body, encoding, most=most)
    except TooLargeError:
        failure: ResponseBodyError = too_large(status, most)
    except EncodingError as error:
        failure = ResponseBodyError(str(error), status_code=status)
    if status not in SUCCESSES:
        # That it failed, and how, is known all the same; the body may be plain.
        return body
    raise failure


def too_large(status: int, most: int) -> ResponseTooLargeError:
    """Return the error for an answer that is larger than allowed."""
    return ResponseTooLargeError(
        f"the answer holds more than {most} bytes (max_response_bytes)", status_code=status
    )
