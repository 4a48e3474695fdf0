"""What a client did so far."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - attrs resolves annotations
from types import MappingProxyType
from typing import Final

import attrs

__all__ = ["ClientStats", "Counters", "OperationStats"]


@attrs.frozen(kw_only=True)
class OperationStats:
    """Counters of one operation.

    Attributes:
        calls: Calls begun.
        requests: Requests sent.
        retries: Attempts after a call's first.
        rate_limited: Answers with status 429.
        failures: Calls that raised.
    """

    calls: int = 0
    requests: int = 0
    retries: int = 0
    rate_limited: int = 0
    failures: int = 0


_NO_OPERATIONS: Final[Mapping[str, OperationStats]] = MappingProxyType({})


@attrs.frozen(kw_only=True)
class ClientStats:
    """Counters of one client, as they stood when they were asked for.

    All but `in_flight` and `rate_limit` only grow.

    Attributes:
        calls: Calls begun.
        requests: Requests sent: attempts that got past the rate limit.
        retries: Attempts after a call's first.
        rate_limited: Answers with status 429.
        tokens: Requests that the rate limit has counted, without those that were never sent.
        limit_wait_seconds: Time spent waiting for the rate limit or a pause after a 429.
        slot_wait_seconds: Time spent waiting for a free slot among the requests in flight.
        retry_wait_seconds: Time spent between attempts.
        quota_refusals: Retries left out as the retry quota was used up.
        in_flight: Requests between sending and the end of their answer, now.
        rate_limit: Requests a second that searches may go at, now; None without a limit.
        operations: Counters by the operation's id in the API.
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
    operations: Mapping[str, OperationStats] = attrs.field(default=_NO_OPERATIONS, hash=False)


@attrs.define
class OperationCounters:
    """The counters of one operation while they are being counted."""

    calls: int = 0
    requests: int = 0
    retries: int = 0
    rate_limited: int = 0
    failures: int = 0


class OperationTable(dict[str, OperationCounters]):
    """The counters of operations, made when one is first counted."""

    def __missing__(self, operation: str) -> OperationCounters:
        counters = self[operation] = OperationCounters()
        return counters


@attrs.define
class Counters:
    """The same numbers while they are being counted."""

    operations: OperationTable = attrs.field(factory=OperationTable)
    tokens: int = 0
    limit_wait_seconds: float = 0.0
    slot_wait_seconds: float = 0.0
    retry_wait_seconds: float = 0.0
    quota_refusals: int = 0
    in_flight: int = 0

    def snapshot(self, *, rate_limit: float | None) -> ClientStats:
        """Copy them, beside the limit as it stands."""
        each = self.operations
        return ClientStats(
            calls=sum(counters.calls for counters in each.values()),
            requests=sum(counters.requests for counters in each.values()),
            retries=sum(counters.retries for counters in each.values()),
            rate_limited=sum(counters.rate_limited for counters in each.values()),
            tokens=self.tokens,
            limit_wait_seconds=self.limit_wait_seconds,
            slot_wait_seconds=self.slot_wait_seconds,
            retry_wait_seconds=self.retry_wait_seconds,
            quota_refusals=self.quota_refusals,
            in_flight=self.in_flight,
            rate_limit=rate_limit,
            operations={
                name: OperationStats(**attrs.asdict(counters)) for name, counters in each.items()
            },
        )
