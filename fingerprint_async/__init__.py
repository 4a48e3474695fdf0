"""Async Python SDK for the Fingerprint Server API v4.

`FingerprintClient` is where to start; `fingerprint_async.errors` draws the tree of everything that it
raises. Names are loaded when they are first asked for, so importing this package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fingerprint_async import models as models
    from fingerprint_async._filters import drop_none as drop_none
    from fingerprint_async._stats import ClientStats as ClientStats
    from fingerprint_async.client import FingerprintClient as FingerprintClient
    from fingerprint_async.edge import SENSITIVE_HEADERS as SENSITIVE_HEADERS
    from fingerprint_async.errors import APIConnectionError as APIConnectionError
    from fingerprint_async.errors import APIError as APIError
    from fingerprint_async.errors import APITimeoutError as APITimeoutError
    from fingerprint_async.errors import ArgumentError as ArgumentError
    from fingerprint_async.errors import AuthenticationError as AuthenticationError
    from fingerprint_async.errors import BadRequestError as BadRequestError
    from fingerprint_async.errors import CallError as CallError
    from fingerprint_async.errors import ClientStateError as ClientStateError
    from fingerprint_async.errors import ConfigurationError as ConfigurationError
    from fingerprint_async.errors import ConflictError as ConflictError
    from fingerprint_async.errors import DeadlineExceededError as DeadlineExceededError
    from fingerprint_async.errors import DecodeError as DecodeError
    from fingerprint_async.errors import FeatureNotEnabledError as FeatureNotEnabledError
    from fingerprint_async.errors import FingerprintError as FingerprintError
    from fingerprint_async.errors import NotFoundError as NotFoundError
    from fingerprint_async.errors import PaginationError as PaginationError
    from fingerprint_async.errors import PayloadTooLargeError as PayloadTooLargeError
    from fingerprint_async.errors import PermissionDeniedError as PermissionDeniedError
    from fingerprint_async.errors import RateLimitError as RateLimitError
    from fingerprint_async.errors import ResponseBodyError as ResponseBodyError
    from fingerprint_async.errors import SearchOverloadError as SearchOverloadError
    from fingerprint_async.errors import ServerError as ServerError
    from fingerprint_async.errors import StateNotReadyError as StateNotReadyError
    from fingerprint_async.errors import TransportError as TransportError
    from fingerprint_async.errors import UnexpectedStatusError as UnexpectedStatusError
    from fingerprint_async.errors import WrongRegionError as WrongRegionError
    from fingerprint_async.options import DEFAULT as DEFAULT
    from fingerprint_async.options import ClientOptions as ClientOptions
    from fingerprint_async.options import RateLimit as RateLimit
    from fingerprint_async.options import RequestOptions as RequestOptions
    from fingerprint_async.options import RetryPolicy as RetryPolicy
    from fingerprint_async.options import Timeouts as Timeouts
    from fingerprint_async.pagination import EventPager as EventPager
    from fingerprint_async.regions import Region as Region
    from fingerprint_async.responses import RawResponse as RawResponse

    __version__: str

__all__ = [
    "DEFAULT",
    "SENSITIVE_HEADERS",
    "APIConnectionError",
    "APIError",
    "APITimeoutError",
    "ArgumentError",
    "AuthenticationError",
    "BadRequestError",
    "CallError",
    "ClientOptions",
    "ClientStateError",
    "ClientStats",
    "ConfigurationError",
    "ConflictError",
    "DeadlineExceededError",
    "DecodeError",
    "EventPager",
    "FeatureNotEnabledError",
    "FingerprintClient",
    "FingerprintError",
    "NotFoundError",
    "PaginationError",
    "PayloadTooLargeError",
    "PermissionDeniedError",
    "RateLimit",
    "RateLimitError",
    "RawResponse",
    "Region",
    "RequestOptions",
    "ResponseBodyError",
    "RetryPolicy",
    "SearchOverloadError",
    "ServerError",
    "StateNotReadyError",
    "Timeouts",
    "TransportError",
    "UnexpectedStatusError",
    "WrongRegionError",
    "__version__",
    "drop_none",
    "models",
]

# Where a name lives, unless it is an error.
_ROOMS = {
    "DEFAULT": "options",
    "SENSITIVE_HEADERS": "edge",
    "ClientOptions": "options",
    "ClientStats": "_stats",
    "EventPager": "pagination",
    "FingerprintClient": "client",
    "RateLimit": "options",
    "RawResponse": "responses",
    "Region": "regions",
    "RequestOptions": "options",
    "RetryPolicy": "options",
    "Timeouts": "options",
    "__version__": "_version",
    "drop_none": "_filters",
}

if not TYPE_CHECKING:  # pragma: no branch - at run time always

    def __getattr__(name: str) -> object:
        if name == "models":
            value = import_module(".models", __name__)
        elif name in __all__:
            value = getattr(import_module(f".{_ROOMS.get(name, 'errors')}", __name__), name)
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return __all__
