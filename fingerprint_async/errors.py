"""Every error this library raises.

```
FingerprintError
├── DecodeError (ValueError)              the data is not the JSON that was promised
├── ArgumentError (ValueError)            an argument that cannot be right; nothing was sent
│   └── ConfigurationError                the same, of the client's own settings
├── ClientStateError (RuntimeError)       the client is closed, or belongs to another event loop
├── PaginationError                       following the pages further cannot be right
└── CallError                             a call that failed: operation, attempts, waited
    ├── APIError                          the API answered, and it was not a success
    │   ├── BadRequestError               400
    │   ├── PermissionDeniedError         403
    │   │   ├── AuthenticationError           no key, or a key nobody knows
    │   │   ├── WrongRegionError              a key of another region
    │   │   └── FeatureNotEnabledError        a feature that this workspace has not
    │   ├── NotFoundError                 404
    │   ├── ConflictError                 409
    │   │   └── StateNotReadyError            the event is too new to be changed
    │   ├── PayloadTooLargeError          413
    │   ├── RateLimitError                429
    │   │   └── SearchOverloadError           the service's load, not one's own rate
    │   ├── ServerError                   5xx
    │   └── UnexpectedStatusError         any other status
    ├── ResponseBodyError                 a success without the JSON that was promised
    ├── TransportError                    no whole answer came
    │   ├── APIConnectionError                refused, reset, closed, TLS, DNS
    │   └── APITimeoutError (TimeoutError)    connecting, sending or reading took too long
    └── DeadlineExceededError (TimeoutError)  the whole call took longer than its deadline
```

No message, attribute or repr holds the API key or a header that was sent. `__cause__` holds what led to an error: what the HTTP
library raised, or the last failed attempt.
"""

from __future__ import annotations

from typing import Any, TypeVar

from fingerprint_async._runtime.errors import DecodeError, FingerprintError

__all__ = [
    "APIConnectionError",
    "APIError",
    "APITimeoutError",
    "ArgumentError",
    "AuthenticationError",
    "BadRequestError",
    "CallError",
    "ClientStateError",
    "ConfigurationError",
    "ConflictError",
    "DeadlineExceededError",
    "DecodeError",
    "FeatureNotEnabledError",
    "FingerprintError",
    "NotFoundError",
    "PaginationError",
    "PayloadTooLargeError",
    "PermissionDeniedError",
    "RateLimitError",
    "ResponseBodyError",
    "SearchOverloadError",
    "ServerError",
    "StateNotReadyError",
    "TransportError",
    "UnexpectedStatusError",
    "WrongRegionError",
]

_E = TypeVar("_E", bound=BaseException)


class ArgumentError(FingerprintError, ValueError):
    """An argument that cannot be right. Nothing was sent."""


class ConfigurationError(ArgumentError):
    """The client's settings cannot be right: key, region, base URL, limits, an extra that is not installed."""


class ClientStateError(FingerprintError, RuntimeError):
    """The client cannot be used now: it is closed, was closed during the call, or belongs to another event loop."""


class PaginationError(FingerprintError):
    """Following the pages of a search further cannot be right, such as when a pagination key leads back to itself."""


class CallError(FingerprintError):
    """A call that failed after it left the caller's hands.

    Attributes:
        operation: The API's name of the operation, such as `searchEvents`.
        attempts: How many times the request was sent, or was about to be.
        waited: Seconds spent waiting: for the rate limit, for a free slot, between attempts.
        quota_exhausted: Whether a retry was due and left out, as this client's retry quota was used up.
    """

    def __init__(
        self,
        message: str,
        *,
        operation: str | None = None,
        attempts: int = 0,
        waited: float = 0.0,
        quota_exhausted: bool = False,
    ) -> None:
        super().__init__(message)
        self.operation = operation
        self.attempts = attempts
        self.waited = waited
        self.quota_exhausted = quota_exhausted

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
        if self.quota_exhausted:
            details.append(("retry quota", "used up"))
        return details


class APIError(CallError):
    """The API, or a proxy on the way to it, answered with something else than a success.

    Attributes:
        status_code: The HTTP status.
        code: The API's code, such as `event_not_found`; None when the body was not the API's (a proxy's page, for instance).
        message: The API's own words; the status alone when it gave none.
        request_id: What the server calls this request, when it says so.
        retry_after: Seconds the server asked to wait; None when it asked for nothing.
        body: The start of the body as printable text, at most 500 characters.
    """

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
        super().__init__(message, operation=operation, attempts=attempts)
        self.status_code = status_code
        self.code = code
        self.message = message
        self.request_id = request_id
        self.retry_after = retry_after
        self.body = body

    def _headline(self) -> str:
        headline = (
            f"{self.status_code} {self.code}: {self.message}"
            if self.code
            else f"{self.status_code}: {self.message}"
        )
        return f"{headline}. {self._hint}" if self._hint else headline

    def _details(self) -> list[tuple[str, object]]:
        details = super()._details()
        if self.request_id:
            details.append(("request id", self.request_id))
        if self.retry_after is not None:
            details.append(("retry after", f"{self.retry_after:g} s"))
        if self.code is None and self.body:
            details.append(("body", repr(self.body[:120])))
        return details

    _hint = ""


class BadRequestError(APIError):
    """400: the API cannot accept these arguments."""


class PermissionDeniedError(APIError):
    """403: not with this key. The API has no 401, so a missing or unknown key is a 403 too."""


class AuthenticationError(PermissionDeniedError):
    """403 `secret_api_key_required` or `secret_api_key_not_found`: no key, or a key that nobody knows."""

    _hint = "Is it a secret key (not a public one), and of this region?"


class WrongRegionError(PermissionDeniedError):
    """403 `wrong_region`: the key belongs to a workspace of another region."""

    _hint = "Give the client the region that the workspace was made in"


class FeatureNotEnabledError(PermissionDeniedError):
    """403 `feature_not_enabled`: the workspace does not have this feature. The vendor's support turns it on."""


class NotFoundError(APIError):
    """404: no such event or visitor."""


class ConflictError(APIError):
    """409: not in the state that this needs."""


class StateNotReadyError(ConflictError):
    """409 `state_not_ready`: the event came in only now and cannot be changed yet. Some seconds later it can."""


class PayloadTooLargeError(APIError):
    """413: the body is larger than the API takes."""


class RateLimitError(APIError):
    """429: more requests than the workspace's limit allows.

    `retry_after` says how long the server asked to wait. A wait beyond the policy's `max_retry_after` is not slept through: this error is
    raised at once.
    """


class SearchOverloadError(RateLimitError):
    """429 "too many search requests": the service's search is loaded. It comes within one's own limit too."""


class ServerError(APIError):
    """5xx: the service, or a proxy before it, failed."""


class UnexpectedStatusError(APIError):
    """A status that has no other name here, redirects included: they are not followed, as they would carry the key along."""


class ResponseBodyError(CallError):
    """A success whose body is not the JSON that was promised: empty, cut off, or something else.

    Attributes:
        status_code: The HTTP status, a 2xx.
        request_id: What the server calls this request, when it says so.
        body: The start of the body as printable text, at most 500 characters.
    """

    def __init__(
        self,
        message: str,
        *,
        status_code: int,
        request_id: str | None = None,
        body: str = "",
        operation: str | None = None,
        attempts: int = 0,
    ) -> None:
        super().__init__(message, operation=operation, attempts=attempts)
        self.status_code = status_code
        self.request_id = request_id
        self.body = body

    def _details(self) -> list[tuple[str, object]]:
        details = [("status", self.status_code), *super()._details()]
        if self.request_id:
            details.append(("request id", self.request_id))
        if self.body:
            details.append(("body", repr(self.body[:120])))
        return details


class TransportError(CallError):
    """No whole answer came.

    Attributes:
        processed: Whether the service may have acted on the request: False when no part of it can have arrived.
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


class APIConnectionError(TransportError):
    """The connection could not be made, or ended before the whole answer came."""


class APITimeoutError(TransportError, TimeoutError):
    """Connecting, sending, reading, or getting a connection took longer than its timeout."""


class DeadlineExceededError(CallError, TimeoutError):
    """The whole call, waits and retries included, did not end within its deadline. `__cause__` is the last failed attempt, if any.

    It is also raised ahead of time, when the next wait would end after the deadline.

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
