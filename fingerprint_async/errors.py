"""Every error that this library raises.

```
FingerprintError
├── DecodeError (ValueError)              the data is not the JSON that was promised
├── ArgumentError (ValueError)            an argument that cannot be right; nothing was sent
│   ├── ConfigurationError                the same, of the client's own settings
│   ├── CursorError                       a cursor that was changed, or another secret signed
│   └── IdArgumentError (InvalidIdError)  an argument that cannot be an id
├── InvalidIdError (ValueError)           this cannot be an id, whoever says so
├── ClientStateError (RuntimeError)       the client is closed, or belongs to another event loop
├── PaginationError                       the next page cannot be asked for
├── RateLimitTimeout (TimeoutError)       `ratelimit`: a limiter that is used by itself
├── WebhookError (ValueError)             `webhooks`: a signature or an event that is refused
├── UnsealError (ValueError)              `sealed`: a result that no key opens
├── CrawlError                            `crawl`: an output that cannot be written or gone on with
├── UnreachableError                      `drift`: a schema that cannot be fetched
└── APIError                              a call failed: operation, attempts, waited, request id
    ├── APIStatusError                    the API answered, and it was not a success
    │   ├── BadRequestError               400
    │   │   ├── IdRefusedError (InvalidIdError)       this cannot be an id
    │   │   └── PaginationKeyError (PaginationError)  a pagination key that is not taken
    │   ├── PermissionDeniedError         403
    │   │   ├── AuthenticationError           no key, or a key that nobody knows
    │   │   ├── WrongRegionError              a key of another region
    │   │   └── FeatureNotEnabledError        a feature that this workspace does not have
    │   ├── NotFoundError                 404
    │   ├── ConflictError                 409
    │   │   └── StateNotReadyError            the event is too new to be changed
    │   ├── PayloadTooLargeError          413
    │   ├── RateLimitError                429
    │   │   └── SearchOverloadError           the load of the service's search
    │   ├── ServerError                   5xx
    │   └── UnexpectedStatusError         any other status, or one without the API's error body
    ├── ResponseBodyError (DecodeError)   a success whose body is not what was promised
    │   └── ResponseTooLargeError             it is larger than `max_response_bytes`
    ├── APIConnectionError                refused, reset, closed, TLS, DNS: no whole answer came
    │   └── APITimeoutError (TimeoutError)    connecting, sending or reading took too long
    └── DeadlineExceededError (TimeoutError)  the whole call took longer than its deadline
```

No message, attribute or repr holds the API key or a header that was sent. `__cause__` of a
`DeadlineExceededError` is the last failed attempt; exceptions of the HTTP library are never
chained, as their texts can hold addresses and keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from fingerprint_async._runtime.errors import DecodeError, FingerprintError, PaginationError

if TYPE_CHECKING:
    from fingerprint_async._runtime.findings import Finding

__all__ = [
    "APIConnectionError",
    "APIError",
    "APIStatusError",
    "APITimeoutError",
    "ArgumentError",
    "AuthenticationError",
    "BadRequestError",
    "ClientStateError",
    "ConfigurationError",
    "ConflictError",
    "CursorError",
    "DeadlineExceededError",
    "DecodeError",
    "FeatureNotEnabledError",
    "FingerprintError",
    "IdArgumentError",
    "IdRefusedError",
    "InvalidIdError",
    "NotFoundError",
    "PaginationError",
    "PaginationKeyError",
    "PayloadTooLargeError",
    "PermissionDeniedError",
    "RateLimitError",
    "ResponseBodyError",
    "ResponseTooLargeError",
    "SearchOverloadError",
    "ServerError",
    "StateNotReadyError",
    "UnexpectedStatusError",
    "WrongRegionError",
]

_E = TypeVar("_E", bound=BaseException)

_SHOWN_BODY_CHARACTERS = 120


class ArgumentError(FingerprintError, ValueError):
    """An argument that cannot be right. Nothing was sent."""


class ConfigurationError(ArgumentError):
    """A setting that cannot be right: key, region, base URL, limits, or an extra is missing."""


class InvalidIdError(FingerprintError, ValueError):
    """This cannot be an id, whether this library says so or the service."""


class IdArgumentError(ArgumentError, InvalidIdError):
    """An argument that cannot be an id, or whose event is too old. Nothing was sent."""


class CursorError(ArgumentError):
    """A cursor that was not made here, was changed, or is signed with another secret."""


class ClientStateError(FingerprintError, RuntimeError):
    """The client is closed, or belongs to another event loop or process."""


class APIError(FingerprintError):
    """A call that failed. The root of every error that a call raises once it began.

    Attributes:
        operation: The operation's id in the API.
        attempts: How many times the request was sent.
        waited: Seconds spent waiting: for the rate limit, for a slot, between attempts.
        request_id: What the server calls the last request, where it says so.
        quota_exhausted: Whether a retry was left out because the retry quota was used up.
    """

    def __init__(
        self,
        message: str,
        *,
        operation: str | None = None,
        attempts: int = 0,
        waited: float = 0.0,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.operation = operation
        self.attempts = attempts
        self.waited = waited
        self.request_id = request_id
        self.quota_exhausted = False

    def __str__(self) -> str:
        details = "; ".join(f"{name}: {value}" for name, value in self._details())
        return f"{self._headline()} ({details})" if details else self._headline()

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.args, self.__dict__)

    def _headline(self) -> str:
        return str(self.args[0])

    def _details(self) -> list[tuple[str, object]]:
        details: list[tuple[str, object]] = []
        if self.operation:
            details.append(("operation", self.operation))
        if self.attempts:
            details.append(("attempts", self.attempts))
        if self.request_id:
            details.append(("request id", self.request_id))
        if self.quota_exhausted:
            details.append(("retry quota", "used up"))
        return details


class APIStatusError(APIError):
    """The API, or a proxy on the way to it, answered with something else than a success.

    Attributes:
        status_code: The HTTP status.
        code: The API's code, such as `event_not_found`; None when the body was not the API's.
        message: The API's own words; the status alone when it gave none.
        retry_after: Seconds the server asked to wait; None when it asked for nothing.
        body: The start of the body as printable text, at most 500 characters.
    """

    _hint = ""

    def __init__(
        self,
        message: str,
        *,
        status_code: int,
        code: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        body: str = "",
        operation: str | None = None,
        attempts: int = 0,
    ) -> None:
        super().__init__(message, operation=operation, attempts=attempts, request_id=request_id)
        self.status_code = status_code
        self.code = code
        self.message = message
        self.retry_after = retry_after
        self.body = body

    def _headline(self) -> str:
        code = f" {self.code}" if self.code else ""
        headline = f"{self.status_code}{code}: {self.message}"
        return f"{headline}. {self._hint}" if self._hint else headline

    def _details(self) -> list[tuple[str, object]]:
        details = super()._details()
        if self.retry_after is not None:
            details.append(("retry after", f"{self.retry_after:g} s"))
        if self.code is None and self.body:
            details.append(("body", repr(self.body[:_SHOWN_BODY_CHARACTERS])))
        return details


class BadRequestError(APIStatusError):
    """400: the API cannot accept these arguments."""


class IdRefusedError(BadRequestError, InvalidIdError):
    """400: the service says that this cannot be an id."""


class PaginationKeyError(BadRequestError, PaginationError):
    """400: the service does not take the pagination key, with these filters or any longer."""


class PermissionDeniedError(APIStatusError):
    """403: not with this key. The API has no 401: a missing or unknown key is a 403 too."""


class AuthenticationError(PermissionDeniedError):
    """403 `secret_api_key_required` or `secret_api_key_not_found`: no key, or an unknown one."""

    _hint = "Is it a secret key (not a public one), and of this region?"


class WrongRegionError(PermissionDeniedError):
    """403 `wrong_region`: the key belongs to a workspace of another region."""

    _hint = "Give the client the region that the workspace was made in"


class FeatureNotEnabledError(PermissionDeniedError):
    """403 `feature_not_enabled`: the vendor's support turns the feature on for a workspace."""


class NotFoundError(APIStatusError):
    """404: no such event or visitor."""


class ConflictError(APIStatusError):
    """409: not in the state that this needs."""


class StateNotReadyError(ConflictError):
    """409 `state_not_ready`: the event came in only now; some seconds later it can be changed."""


class PayloadTooLargeError(APIStatusError):
    """413: the body is larger than the API takes."""


class RateLimitError(APIStatusError):
    """429: more requests than the workspace's limit allows.

    `retry_after` says how long the server asked to wait. A wait beyond the policy's
    `max_retry_after` is not slept through: this error is raised at once.
    """


class SearchOverloadError(RateLimitError):
    """429 "too many search requests".

    The service's search is loaded. It comes within limits too.
    """


class ServerError(APIStatusError):
    """5xx: the service, or a proxy before it, failed."""


class UnexpectedStatusError(APIStatusError):
    """A status that has no other name here, or a 403 or 404 without the API's error body.

    Redirects are among them: they are not followed, as they would carry the key along.
    """

    _hint = "Is base_url the address of the API?"


class ResponseBodyError(APIError, DecodeError):
    """A success whose body is not what was promised: not JSON, cut off, another shape or event.

    Attributes:
        status_code: The HTTP status, a 2xx.
        body: The start of the body as printable text, at most 500 characters.
        findings: With `strict`, every difference from the schema; else empty.
    """

    def __init__(
        self,
        message: str,
        *,
        status_code: int,
        body: str = "",
        findings: tuple[Finding, ...] = (),
        request_id: str | None = None,
        operation: str | None = None,
        attempts: int = 0,
    ) -> None:
        APIError.__init__(
            self, message, operation=operation, attempts=attempts, request_id=request_id
        )
        self.status_code = status_code
        self.body = body
        self.findings = findings

    def __reduce__(self) -> tuple[Any, ...]:
        return APIError.__reduce__(self)

    def _details(self) -> list[tuple[str, object]]:
        details = [("status", self.status_code), *super()._details()]
        if self.body:
            details.append(("body", repr(self.body[:_SHOWN_BODY_CHARACTERS])))
        return details


class ResponseTooLargeError(ResponseBodyError):
    """A success whose body is larger than the client's `max_response_bytes`."""


class APIConnectionError(APIError):
    """The connection could not be made, or ended before the whole answer came.

    Attributes:
        processed: Whether the service may have acted on the request: False when no part of it can
            have arrived.
    """

    def __init__(
        self,
        message: str,
        *,
        processed: bool = True,
        operation: str | None = None,
        attempts: int = 0,
    ) -> None:
        super().__init__(message, operation=operation, attempts=attempts)
        self.processed = processed


class APITimeoutError(APIConnectionError, TimeoutError):
    """Connecting, sending, reading, or getting a connection took longer than its timeout."""


class DeadlineExceededError(APIError, TimeoutError):
    """The whole call, waits and retries included, did not end within its deadline.

    It is also raised ahead of time, when the next wait would end after the deadline. `__cause__` is
    the last failed attempt, if there was one.

    Attributes:
        deadline: The deadline in seconds.
    """

    def __init__(
        self,
        message: str,
        *,
        deadline: float,
        operation: str | None = None,
        attempts: int = 0,
        waited: float = 0.0,
    ) -> None:
        super().__init__(message, operation=operation, attempts=attempts, waited=waited)
        self.deadline = deadline


def _restore(cls: type[_E], args: tuple[Any, ...], attributes: dict[str, Any]) -> _E:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(attributes)
    return error
