"""Answers become errors where they are not successes; what the HTTP library raises becomes this library's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import httpx
import msgspec

from fingerprint_async.errors import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    CallError,
    ConflictError,
    DecodeError,
    FeatureNotEnabledError,
    NotFoundError,
    PayloadTooLargeError,
    PermissionDeniedError,
    RateLimitError,
    ResponseBodyError,
    SearchOverloadError,
    ServerError,
    StateNotReadyError,
    TransportError,
    UnexpectedStatusError,
    WrongRegionError,
)

from ._context import CONTEXT
from ._request_id import request_id_of
from ._retry_after import retry_after_seconds

if TYPE_CHECKING:
    from ._context import CallContext

__all__ = ["MapErrors", "is_search_overload"]

_BY_CODE: Final[dict[tuple[int, str], type[APIError]]] = {
    (403, "secret_api_key_required"): AuthenticationError,
    (403, "secret_api_key_not_found"): AuthenticationError,
    (403, "wrong_region"): WrongRegionError,
    (403, "feature_not_enabled"): FeatureNotEnabledError,
    (409, "state_not_ready"): StateNotReadyError,
}
_BY_STATUS: Final[dict[int, type[APIError]]] = {
    400: BadRequestError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    413: PayloadTooLargeError,
    429: RateLimitError,
}
_EMPTY_SUCCESS: Final = frozenset({"updateEvent", "deleteVisitorData", "submitEventFeedback"})
_EXCERPT: Final = 500
_MESSAGE: Final = 1000
_UNPROCESSED: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_is_json: Final = msgspec.json.Decoder(msgspec.Raw).decode


class _Error(msgspec.Struct):
    code: str | None = None
    message: str | None = None


class _Body(msgspec.Struct):
    error: _Error


_error_body: Final = msgspec.json.Decoder(_Body, strict=False).decode


class MapErrors(httpx.AsyncBaseTransport):
    """Raises typed errors."""

    def __init__(self, inner: httpx.AsyncBaseTransport, *, secret: str) -> None:
        self._inner = inner
        self._secret = secret

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        context: CallContext = request.extensions[CONTEXT]
        try:
            response = await self._inner.handle_async_request(request)
        except httpx.HTTPError as error:
            failure = self._call_error(error, context)
            # The HTTP library quotes what it could not read, an echoed key too: such an original is not chained.
            cause = None if self._is_quoted(error) else error
        else:
            self._clean(response)
            if not response.is_success:
                raise self._api_error(response, context)
            self._decode(response, context)
            return response
        raise failure from cause

    def _call_error(self, error: httpx.HTTPError, context: CallContext) -> CallError:
        if isinstance(error, httpx.DecodingError):
            return ResponseBodyError(
                self._redact(f"the body cannot be decompressed: {error}"),
                status_code=200,
                operation=context.operation,
                attempts=context.attempts,
            )
        kind: type[TransportError] = APIConnectionError
        message = str(error) or _BROKE_OFF.get(type(error), type(error).__name__)
        if isinstance(error, httpx.TimeoutException):
            kind = APITimeoutError
            message = _TIMED_OUT.get(type(error), "the request took longer than its timeout")
        return kind(
            self._redact(message),
            processed=not isinstance(error, _UNPROCESSED),
            operation=context.operation,
            attempts=context.attempts,
        )

    def _is_quoted(self, error: BaseException) -> bool:
        seen: BaseException | None = error
        while seen is not None:
            if self._secret in f"{seen} {seen.args}":
                return True
            seen = seen.__cause__ or seen.__context__
        return False

    def _clean(self, response: httpx.Response) -> None:
        """Take an echoed key out of the headers, before anything reads them."""
        secret = self._secret.encode()
        if any(secret in value for _, value in response.headers.raw):
            response.headers = httpx.Headers(
                [(name, self._redact(value)) for name, value in response.headers.multi_items()]
            )

    def _decode(self, response: httpx.Response, context: CallContext) -> None:
        content = response.content
        if not content and context.operation in _EMPTY_SUCCESS:
            return
        try:
            if context.decode is None:
                _is_json(content)
            else:
                context.decoded = context.decode(content)
        except (ValueError, RecursionError) as error:
            if isinstance(error, DecodeError) and error.findings:
                raise
            what = (
                "the body is empty" if not content else "the body is not the JSON that was promised"
            )
            raise ResponseBodyError(
                f"{what} ({len(content)} bytes, {response.headers.get('content-type', 'no content type')})",
                status_code=response.status_code,
                request_id=request_id_of(response),
                body=self._excerpt(content),
                operation=context.operation,
                attempts=context.attempts,
            ) from error

    def _api_error(self, response: httpx.Response, context: CallContext) -> APIError:
        status = response.status_code
        try:
            error = _error_body(response.content).error
        except (ValueError, RecursionError):
            error = _Error()
        code = error.code
        kind: type[APIError] | None = _BY_CODE.get((status, code)) if code else None
        if kind is None:
            kind = _BY_STATUS.get(status) or (
                ServerError if status >= 500 else UnexpectedStatusError  # noqa: PLR2004
            )
        if kind is RateLimitError and is_search_overload(response):
            kind = SearchOverloadError
        return kind(
            self._redact(_printable(error.message, _MESSAGE))
            if error.message
            else self._redact(_printable(response.reason_phrase, _MESSAGE)) or "no message",
            status_code=status,
            code=self._redact(_printable(code, _MESSAGE)) if code else None,
            request_id=request_id_of(response),
            retry_after=retry_after_seconds(response.headers.get("retry-after")),
            body=self._excerpt(response.content),
            operation=context.operation,
            attempts=context.attempts,
        )

    def _redact(self, text: str) -> str:
        return text.replace(self._secret, "***") if self._secret else text

    def _excerpt(self, content: bytes) -> str:
        # Cut after redacting: a cut through an echoed key would leave half of it.
        text = content[: 4 * _EXCERPT + len(self._secret)].decode("utf-8", "replace")
        return _printable(self._redact(text), _EXCERPT)


_BROKE_OFF: Final[dict[type[Any], str]] = {
    httpx.ConnectError: "the connection could not be made",
    httpx.ReadError: "the connection was lost before the answer was complete",
    httpx.WriteError: "the connection was lost while the request was sent",
}
_TIMED_OUT: Final[dict[type[Any], str]] = {
    httpx.ConnectTimeout: "connecting took longer than its timeout",
    httpx.ReadTimeout: "waiting for the answer took longer than its timeout",
    httpx.WriteTimeout: "sending the request took longer than its timeout",
    httpx.PoolTimeout: "waiting for a free connection took longer than its timeout",
}


def _printable(text: str, limit: int) -> str:
    return "".join(char if char.isprintable() else " " for char in text[:limit])


def is_search_overload(response: httpx.Response) -> bool:
    """Tell the service's own load from one's own rate: both are 429, and only the words differ."""
    return b"too many search requests" in response.content[:1000].lower()
