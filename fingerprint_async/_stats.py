"""What a client did so far."""

from __future__ import annotations

import msgspec

__all__ = ["ClientStats"]


class ClientStats(msgspec.Struct, frozen=True, kw_only=True):
    """Counters of one client, as they stood when they were asked for. All but the last two only grow.

    Attributes:
        calls: Calls begun.
        requests: Requests sent: attempts that got past the limiter.
        retries: Attempts after a call's first.
        rate_limited: Answers with status 429.
        tokens: Tokens taken from the rate limit and not given back.
        limit_wait_seconds: Time spent waiting for the rate limit or a pause after a 429.
        slot_wait_seconds: Time spent waiting for a free slot among the requests in flight.
        retry_wait_seconds: Time spent between attempts.
        quota_refusals: Retries left out as the retry quota was used up.
        in_flight: Requests between sending and the end of their answer, now.
        rate_limit: Requests per second that searches may go at, now: as it was told, or as `RateLimit.adaptive()` has found so far;
            None without a limit.
    """

    calls: int = 0
    requests: int = 0
    retries: int = 0
    rate_limited: int = 0
    tokens: int = 0
    limit_wait_seconds: float = 0.0
    slot_wait_seconds: float = 0.0
    retry_wait_seconds: float = 0.0
    quota_refusals: int = 0
    in_flight: int = 0
    rate_limit: float | None = None


class Counters(msgspec.Struct, kw_only=True):
    """The same numbers while they are being counted."""

    calls: int = 0
    requests: int = 0
    retries: int = 0
    rate_limited: int = 0
    tokens: int = 0
    limit_wait_seconds: float = 0.0
    slot_wait_seconds: float = 0.0
    retry_wait_seconds: float = 0.0
    quota_refusals: int = 0
    in_flight: int = 0

    def snapshot(self, *, rate_limit: float | None) -> ClientStats:
        """Copy them, beside the limit as it stands."""
        return ClientStats(**msgspec.structs.asdict(self), rate_limit=rate_limit)
