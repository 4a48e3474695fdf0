"""Rate limits: how many requests may be sent, and when.

`RateLimit` says what is allowed, `limiter_for` returns the limiter that keeps to it, and
`RateLimiter` and `Permit` are what a client asks of one: implement them to bring your own.
"""

from __future__ import annotations

from ._errors import RateLimitTimeout
from ._protocols import Permit, RateLimiter
from ._registry import limiter_for
from ._settings import Budget, Quota, RateLimit
from ._token_bucket import TokenBucket

__all__ = [
    "Budget",
    "Permit",
    "Quota",
    "RateLimit",
    "RateLimitTimeout",
    "RateLimiter",
    "TokenBucket",
    "limiter_for",
]
