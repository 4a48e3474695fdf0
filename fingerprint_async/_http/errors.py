"""Successes are checked and decoded; everything else becomes a typed error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote, unquote

import attrs
import msgspec

from fingerprint_async._http.message import (
    SUCCESSES,
    TOO_MANY_REQUESTS,
    Answer,
    Call,
    Headers,
    HttpResponse,
)
from fingerprint_async._secret import Secret
from fingerprint_async.errors import (
    APIError,
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    DecodeError,
    FeatureNotEnabledError,
    IdRefusedError,
    NotFoundError,
    PaginationKeyError,
    PayloadTooLargeError,
    PermissionDeniedError,
    RateLimitError,
    ResponseBodyError,
    SearchOverloadError,
    ServerError,
    StateNotReadyError,
    UnexpectedStatusError,
    WrongRegionError,
)

if TYPE_CHECKING:
    from fingerprint_async._http.throttling import Throttling
    from fingerprint_async._runtime.request import Decodable

__all__ = ["Errors"]

T = TypeVar("T")

_BY_CODE: Final[dict[tuple[int, str], type[APIStatusError]]] = {
    (403, "secret_api_key_required"): AuthenticationError,
    (403, "secret_api_key_not_found"): AuthenticationError,
    (403, "wrong_region"): WrongRegionError,
    (403, "feature_not_enabled"): FeatureNotEnabledError,
    (409, "state_not_ready"): StateNotReadyError,
}
_BY_STATUS: Final[dict[int, type[APIStatusError]]] = {
    400: BadRequestError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    413: PayloadTooLargeError,
    429: RateLimitError,
}
_BY_MESSAGE: Final[dict[tuple[int, str], type[APIStatusError]]] = {
    (400, "invalid event_id"): IdRefusedError,
    (400, "invalid visitor id"): IdRefusedError,
    (400, "visitor id is required"): IdRefusedError,
    (400, "invalid pagination key"): PaginationKeyError,
}
"""What the API tells by its words only: all have the code `request_cannot_be_parsed`."""
_API_ONLY: Final = frozenset({403, 404})
"""Statuses that any server answers with, and that mean what they say only in the API's words."""
_SERVER_ERRORS: Final = range(500, 600)
_EXCERPT_CHARACTERS: Final = 500
_MESSAGE_CHARACTERS: Final = 1000
_MOST_BYTES_A_CHARACTER: Final = 4


class _Error(msgspec.Struct):
    code: str | None = None
    message: str | None = None


class _Body(msgspec.Struct):
    error: _Error


_error_body: Final = msgspec.json.Decoder(_Body, strict=False).decode
_shape_decoders: Final[dict[type[msgspec.Struct], msgspec.json.Decoder[Any]]] = {}


class Errors:
    """Raise typed errors; return what a success holds.

    Args:
        inner: The next layer.
        secret: The key, which no error shows when a server echoes it.
    """

    __slots__ = ("_inner", "_spellings")

    def __init__(self, inner: Throttling, *, secret: Secret) -> None:
        self._inner = inner
        self._spellings = _spellings(secret)

    async def send(self, call: Call[T]) -> Answer[T]:
        """Send one attempt.

        Raises:
            APIError: It failed.
        """
        try:
            response = self._clean(await self._inner.send(call))
            if response.status not in SUCCESSES:
                raise self._status_error(response)
            shape = self._shape(call, response)
            if call.operation.answers_id and not _names_what_was_asked(call, shape):
                # Answers on its connection are one off: the next would be a stranger's too.
                await self._inner.backend.drop_idle()
                what = "the answer is about another event"
                if not isinstance(shape.event_id, str):
                    what = "the answer names no event: its event_id is no text"
                raise self._body_error(response, what)
            has_body = call.operation.shape is not None
            model = call.request.result if has_body and not call.raw else None
            value = None if model is None else self._value(model, response, strict=call.strict)
        except APIError as error:
            if error.operation is None:
                error.operation = call.operation.id
                error.attempts = call.attempts
            raise
        return Answer(response, value)

    def _clean(self, response: HttpResponse) -> HttpResponse:
        """Take an echoed key out of the headers, before anything reads them."""
        pairs = response.headers.pairs
        if not any(
            spelling.reveal_text() in value for _, value in pairs for spelling in self._spellings
        ):
            return response
        redacted = [(name, self._redacted(value)) for name, value in pairs]
        return attrs.evolve(response, headers=Headers(redacted))

    def _redacted(self, text: str) -> str:
        for spelling in self._spellings:
            text = text.replace(spelling.reveal_text(), "***")
        return text

    def _shape(self, call: Call[Any], response: HttpResponse) -> Any:
        """Return what a success must hold at least; None where it promises no body."""
        shape = call.operation.shape
        if shape is None or call.request.reads_alone:
            return None
        try:
            return _shape_decoder(shape).decode(response.content)
        except (ValueError, RecursionError):
            pass
        empty = not response.content
        what = "the body is empty" if empty else "the body is not the JSON that was promised"
        raise self._body_error(response, what)

    def _value(self, model: Decodable[T], response: HttpResponse, *, strict: bool) -> T:
        """Return the decoded body."""
        try:
            return model.from_json(response.content, strict=strict)
        except (ValueError, RecursionError) as error:
            findings = error.findings if isinstance(error, DecodeError) else ()
        what = "the body is not the JSON that was promised"
        if findings:
            what = f"the body differs from the schema in {len(findings)} places"
        raise self._body_error(response, what, findings=findings)

    def _body_error(
        self, response: HttpResponse, what: str, *, findings: tuple[Any, ...] = ()
    ) -> ResponseBodyError:
        kind = response.headers.get("content-type", "no content type")
        return ResponseBodyError(
            f"{what} ({len(response.content)} bytes, {self._printable(kind, 100)})",
            status_code=response.status,
            request_id=response.request_id,
            body=self._excerpt(response.content),
            findings=findings,
        )

    def _status_error(self, response: HttpResponse) -> APIStatusError:
        status = response.status
        error = _api_error(response.content)
        words = error.message or response.reason
        return _kind_of(response, error)(
            self._printable(words, _MESSAGE_CHARACTERS) or "no message",
            status_code=status,
            code=self._printable(error.code, _MESSAGE_CHARACTERS) if error.code else None,
            request_id=response.request_id,
            retry_after=response.retry_after,
            body=self._excerpt(response.content),
        )

    def _printable(self, text: str, most: int) -> str:
        # Cut after redacting: a cut through an echoed key would leave half of it.
        text = self._redacted(text)[:most]
        return "".join(char if char.isprintable() else " " for char in text)

    def _excerpt(self, content: bytes) -> str:
        longest = max(len(spelling.reveal_text()) for spelling in self._spellings)
        most = _MOST_BYTES_A_CHARACTER * _EXCERPT_CHARACTERS + longest
        return self._printable(content[:most].decode("utf-8", "replace"), _EXCERPT_CHARACTERS)


def _spellings(secret: Secret) -> tuple[Secret, ...]:
    """Return a key as servers echo it: as it is, and as JSON, addresses and HTML escape it."""
    spellings = (
        secret,
        Secret(secret.reveal_text().replace("/", "\\/")),
        Secret(secret.reveal_text().replace("/", "\\u002f")),
        Secret(quote(secret.reveal_text(), safe="")),
        Secret(secret.reveal_text().replace("/", "&#x2F;")),
    )
    # Most keys are letters and digits, which nobody escapes.
    return tuple(dict.fromkeys(spellings))


def _shape_decoder(shape: type[msgspec.Struct]) -> msgspec.json.Decoder[Any]:
    decoder = _shape_decoders.get(shape)
    if decoder is None:
        decoder = _shape_decoders[shape] = msgspec.json.Decoder(shape)
    return decoder


def _names_what_was_asked(call: Call[Any], shape: Any) -> bool:
    """Tell whether the answer names the id that stands in the path; what is no text names none."""
    return bool(shape.event_id == unquote(call.request.path.rpartition("/")[2]))


def _api_error(content: bytes) -> _Error:
    try:
        return _error_body(content).error
    except (ValueError, RecursionError):
        return _Error()


def _kind_of(response: HttpResponse, error: _Error) -> type[APIStatusError]:
    status = response.status
    if error.code is not None and (status, error.code) in _BY_CODE:
        return _BY_CODE[status, error.code]
    message = (error.message or "").strip().lower()
    if error.code is not None and (status, message) in _BY_MESSAGE:
        return _BY_MESSAGE[status, message]
    if status in _API_ONLY and error.code is None:
        return UnexpectedStatusError
    if status == TOO_MANY_REQUESTS and response.is_search_overload:
        return SearchOverloadError
    if status in _SERVER_ERRORS:
        return ServerError
    return _BY_STATUS.get(status, UnexpectedStatusError)
