"""Async Python SDK for the Fingerprint Server API v4.

`FingerprintClient` is where to start; `fingerprint_async.errors` draws the tree of everything that
it raises. Names are loaded when they are first used, so importing this package costs next to
nothing.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fingerprint_async import checks as checks
    from fingerprint_async import crawl as crawl
    from fingerprint_async import errors as errors
    from fingerprint_async import models as models
    from fingerprint_async import ratelimit as ratelimit
    from fingerprint_async import replays as replays
    from fingerprint_async import sealed as sealed
    from fingerprint_async import testing as testing
    from fingerprint_async import webhooks as webhooks
    from fingerprint_async._stats import ClientStats as ClientStats
    from fingerprint_async._stats import OperationStats as OperationStats
    from fingerprint_async.client import FingerprintClient as FingerprintClient
    from fingerprint_async.config import DEFAULT as DEFAULT
    from fingerprint_async.config import ClientOptions as ClientOptions
    from fingerprint_async.config import RequestOptions as RequestOptions
    from fingerprint_async.config import RetryPolicy as RetryPolicy
    from fingerprint_async.config import Timeouts as Timeouts
    from fingerprint_async.errors import APIConnectionError as APIConnectionError
    from fingerprint_async.errors import APIError as APIError
    from fingerprint_async.errors import APIStatusError as APIStatusError
    from fingerprint_async.errors import APITimeoutError as APITimeoutError
    from fingerprint_async.errors import ArgumentError as ArgumentError
    from fingerprint_async.errors import AuthenticationError as AuthenticationError
    from fingerprint_async.errors import BadRequestError as BadRequestError
    from fingerprint_async.errors import ClientStateError as ClientStateError
    from fingerprint_async.errors import ConfigurationError as ConfigurationError
    from fingerprint_async.errors import ConflictError as ConflictError
    from fingerprint_async.errors import CursorError as CursorError
    from fingerprint_async.errors import DeadlineExceededError as DeadlineExceededError
    from fingerprint_async.errors import DecodeError as DecodeError
    from fingerprint_async.errors import FeatureNotEnabledError as FeatureNotEnabledError
    from fingerprint_async.errors import FingerprintError as FingerprintError
    from fingerprint_async.errors import IdArgumentError as IdArgumentError
    from fingerprint_async.errors import IdRefusedError as IdRefusedError
    from fingerprint_async.errors import InvalidIdError as InvalidIdError
    from fingerprint_async.errors import NotFoundError as NotFoundError
    from fingerprint_async.errors import PaginationError as PaginationError
    from fingerprint_async.errors import PaginationKeyError as PaginationKeyError
    from fingerprint_async.errors import PayloadTooLargeError as PayloadTooLargeError
    from fingerprint_async.errors import PermissionDeniedError as PermissionDeniedError
    from fingerprint_async.errors import RateLimitError as RateLimitError
    from fingerprint_async.errors import ResponseBodyError as ResponseBodyError
    from fingerprint_async.errors import ResponseTooLargeError as ResponseTooLargeError
    from fingerprint_async.errors import SearchOverloadError as SearchOverloadError
    from fingerprint_async.errors import ServerError as ServerError
    from fingerprint_async.errors import StateNotReadyError as StateNotReadyError
    from fingerprint_async.errors import UnexpectedStatusError as UnexpectedStatusError
    from fingerprint_async.errors import WrongRegionError as WrongRegionError
    from fingerprint_async.hooks import AttemptInfo as AttemptInfo
    from fingerprint_async.hooks import CallInfo as CallInfo
    from fingerprint_async.hooks import Hooks as Hooks
    from fingerprint_async.pagination import EventPager as EventPager
    from fingerprint_async.ratelimit import Permit as Permit
    from fingerprint_async.ratelimit import RateLimit as RateLimit
    from fingerprint_async.ratelimit import RateLimiter as RateLimiter
    from fingerprint_async.regions import Region as Region
    from fingerprint_async.resources._filters import drop_none as drop_none
    from fingerprint_async.resources.edge import SENSITIVE_HEADERS as SENSITIVE_HEADERS
    from fingerprint_async.resources.edge import Edge as Edge
    from fingerprint_async.resources.events import Events as Events
    from fingerprint_async.resources.visitors import Visitors as Visitors
    from fingerprint_async.responses import RawResponse as RawResponse

    __version__: str

__all__ = [
    "DEFAULT",
    "SENSITIVE_HEADERS",
    "APIConnectionError",
    "APIError",
    "APIStatusError",
    "APITimeoutError",
    "ArgumentError",
    "AttemptInfo",
    "AuthenticationError",
    "BadRequestError",
    "CallInfo",
    "ClientOptions",
    "ClientStateError",
    "ClientStats",
    "ConfigurationError",
    "ConflictError",
    "CursorError",
    "DeadlineExceededError",
    "DecodeError",
    "Edge",
    "EventPager",
    "Events",
    "FeatureNotEnabledError",
    "FingerprintClient",
    "FingerprintError",
    "Hooks",
    "IdArgumentError",
    "IdRefusedError",
    "InvalidIdError",
    "NotFoundError",
    "OperationStats",
    "PaginationError",
    "PaginationKeyError",
    "PayloadTooLargeError",
    "PermissionDeniedError",
    "Permit",
    "RateLimit",
    "RateLimitError",
    "RateLimiter",
    "RawResponse",
    "Region",
    "RequestOptions",
    "ResponseBodyError",
    "ResponseTooLargeError",
    "RetryPolicy",
    "SearchOverloadError",
    "ServerError",
    "StateNotReadyError",
    "Timeouts",
    "UnexpectedStatusError",
    "Visitors",
    "WrongRegionError",
    "__version__",
    "checks",
    "crawl",
    "drop_none",
    "errors",
    "models",
    "ratelimit",
    "replays",
    "sealed",
    "testing",
    "webhooks",
]

_MODULE_OF = {
    "DEFAULT": "config",
    "SENSITIVE_HEADERS": "resources.edge",
    "AttemptInfo": "hooks",
    "CallInfo": "hooks",
    "ClientOptions": "config",
    "ClientStats": "_stats",
    "Edge": "resources.edge",
    "EventPager": "pagination",
    "Events": "resources.events",
    "FingerprintClient": "client",
    "Hooks": "hooks",
    "OperationStats": "_stats",
    "Permit": "ratelimit",
    "RateLimit": "ratelimit",
    "RateLimiter": "ratelimit",
    "RawResponse": "responses",
    "Region": "regions",
    "RequestOptions": "config",
    "RetryPolicy": "config",
    "Timeouts": "config",
    "Visitors": "resources.visitors",
    "drop_none": "resources._filters",
    "__version__": "_version",
}
"""Where a name is defined, unless it is an error."""

_MODULES = frozenset(
    {
        "checks",
        "crawl",
        "errors",
        "models",
        "ratelimit",
        "replays",
        "sealed",
        "testing",
        "webhooks",
    }
)

if not TYPE_CHECKING:  # pragma: no branch - at run time always

    def __getattr__(name: str) -> object:
        if name in _MODULES:
            value = import_module(f".{name}", __name__)
        elif name in __all__:
            value = getattr(import_module(f".{_MODULE_OF.get(name, 'errors')}", __name__), name)
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return __all__
