"""The settings of a rate limit, checked when they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast
from urllib.parse import urlsplit

import attrs

from fingerprint_async.errors import ConfigurationError

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["Budget", "Quota", "RateLimit"]

Mode: TypeAlias = Literal["fixed", "adaptive", "off"]

_MODES: Final = ("fixed", "adaptive", "off")
_LEAST: Final = 1e-6
_MOST: Final = 1e9
_DEFAULT_RATE: Final = 5.0
_FIXED: Final[Mode] = "fixed"
_BURST_SECONDS: Final = 3.0
"""What a full bucket holds, in seconds of its rate, as the service documents it."""


def _require_number(_: object, attribute: attrs.Attribute[float], value: object) -> None:
    if (
        not isinstance(value, int | float)
        or isinstance(value, bool)
        or not _LEAST <= value <= _MOST
    ):
        raise ConfigurationError(
            f"{attribute.name} must be a number from {_LEAST:f} to {_MOST:.0f}, "
            f"not {_described(value)}"
        )


def _require_count(_: object, attribute: attrs.Attribute[int], value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _MOST:
        raise ConfigurationError(
            f"{attribute.name} must be a whole number from 1 to {_MOST:.0f}, "
            f"not {_described(value)}"
        )


def _require_mode(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value not in _MODES:
        raise ConfigurationError(
            f"{attribute.name} must be fixed, adaptive or off, not {_described(value)}"
        )


def _require_shared(
    limit: RateLimit, _: attrs.Attribute[str | Redis | None], value: object
) -> None:
    if value is None:
        return
    if limit.mode != "fixed":
        raise ConfigurationError(
            "shared needs a limit that is known: give requests_per_second, not "
            f"RateLimit.{limit.mode}()"
        )
    # An address may hold a password: no part of it goes into an error.
    if isinstance(value, str):
        if not _is_redis_address(value):
            raise ConfigurationError(
                "shared must be an address like redis://host:6379/0, rediss:// or unix://, "
                "or a redis.asyncio.Redis"
            )
    elif not _is_redis_client(value):
        raise ConfigurationError(
            "shared must be a redis:// address or a redis.asyncio.Redis, "
            f"not {type(value).__module__}.{type(value).__qualname__}"
        )


def _is_redis_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in {"redis", "rediss", "unix"} and port != 0


def _is_redis_client(value: object) -> bool:
    try:
        from redis.asyncio import Redis
    except ImportError:
        return False
    return isinstance(value, Redis)


def _require_search(
    _: object, attribute: attrs.Attribute[RateLimit | None], value: RateLimit | None
) -> None:
    if value is None:
        return
    if not isinstance(value, RateLimit):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError(
            f"{attribute.name} must be a RateLimit or None, not {type(value).__name__}"
        )
    if value.search is not None or value.shared is not None:
        raise ConfigurationError(f"{attribute.name} cannot have search or shared of its own")


def _require_name(_: object, attribute: attrs.Attribute[str], value: object) -> None:
    if not isinstance(value, str) or not value:
        raise ConfigurationError(f"{attribute.name} must be a text, not {_described(value)}")


def _require_quotas(
    _: object, attribute: attrs.Attribute[tuple[Quota, ...]], value: object
) -> None:
    quotas: tuple[object, ...] = (
        cast("tuple[object, ...]", value) if isinstance(value, tuple) else (None,)
    )
    if not all(isinstance(quota, Quota) for quota in quotas):
        raise ConfigurationError(f"{attribute.name} must be a tuple of Quotas")


def _require_bool(_: object, attribute: attrs.Attribute[bool], value: object) -> None:
    if not isinstance(value, bool):
        raise ConfigurationError(f"{attribute.name} must be True or False, not {_described(value)}")


def _described(value: object) -> str:
    """Name a value that is refused; numbers of any length in a few characters."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _MOST:
        return "a larger one"
    if isinstance(value, bool | int | float):
        return repr(value)
    return f"{value[:32]!r}" if isinstance(value, str) else f"a {type(value).__name__}"


@attrs.frozen(kw_only=True)
class RateLimit:
    """How many requests leave this process (or, with `shared`, all processes).

    The service counts the requests of a workspace in a token bucket, all endpoints together: 5 a
    second with bursts of 15, unless the plan says otherwise. `RateLimit()` is that;
    `RateLimit(requests_per_second=50)` is a larger plan; `RateLimit.adaptive()` finds the limit;
    `RateLimit.off()` sends at once until the service refuses.

    Attributes:
        requests_per_second: The rate at which the bucket fills.
        burst: What the bucket holds. Three times the rate unless given.
        search: A bucket of its own for `events.search`, for workspaces whose plan counts searches
            apart. Else one bucket serves all.
        shared: Where processes keep one bucket together: a `redis://` address, or a
            `redis.asyncio.Redis`. Needs the `redis` extra.
        mode: `fixed`, `adaptive` or `off`; made by the constructor and the two class methods.
        capacity: What the bucket holds: `burst`, or three times the rate, and at least 1.
    """

    requests_per_second: float = attrs.field(default=_DEFAULT_RATE, validator=_require_number)
    burst: float | None = attrs.field(
        default=None, eq=False, validator=attrs.validators.optional(_require_number)
    )
    search: RateLimit | None = attrs.field(default=None, validator=_require_search)
    mode: Mode = attrs.field(default=_FIXED, validator=_require_mode)
    shared: str | Redis | None = attrs.field(default=None, repr=False, validator=_require_shared)
    capacity: float = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        burst = _BURST_SECONDS * self.requests_per_second if self.burst is None else self.burst
        # `burst` is left out of comparisons and this is in: settings are equal however spelled.
        object.__setattr__(self, "capacity", max(1.0, burst))

    @property
    def for_searches(self) -> RateLimit:
        """The limit that searches keep to: this one, unless they have their own."""
        return self.search or self

    @classmethod
    def off(cls) -> RateLimit:
        """Return no limit: requests go as they come, until the service answers with a 429."""
        return cls(mode="off")

    @classmethod
    def adaptive(cls, *, start: float = _DEFAULT_RATE) -> RateLimit:
        """Return a limit that is found, and followed when it changes, from the 429s alone.

        Args:
            start: Requests per second to begin with.
        """
        return cls(requests_per_second=start, mode="adaptive")


@attrs.frozen
class Quota:
    """So many requests in any stretch of so many seconds.

    Attributes:
        requests: How many.
        seconds: How long.
    """

    requests: int = attrs.field(validator=_require_count)
    seconds: float = attrs.field(validator=_require_number)


@attrs.frozen
class Budget:
    """Operations that pause together after a 429, and what they count against besides the rate.

    Attributes:
        name: The name that logs use.
        quotas: What the service counts of them apart, on top of the rate.
        searches: Whether they take from the bucket of `RateLimit.search`, where there is one.
    """

    name: str = attrs.field(validator=_require_name)
    quotas: tuple[Quota, ...] = attrs.field(default=(), kw_only=True, validator=_require_quotas)
    searches: bool = attrs.field(default=False, kw_only=True, validator=_require_bool)
