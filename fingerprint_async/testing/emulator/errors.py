"""Answers other than success, as the service words them."""

from __future__ import annotations

from fingerprint_async.testing.factories import make_error

__all__ = ["ApiError", "bad_request", "forbidden"]


class ApiError(Exception):
    """An answer other than success, on its way to the reply."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def bad_request(message: str) -> ApiError:
    """Return a 400 of the usual code."""
    return ApiError(400, "request_cannot_be_parsed", message)


def forbidden(code: str) -> ApiError:
    """Return a 403 of this code, with the message that the service gives."""
    return ApiError(403, code, make_error(code)["error"]["message"])
