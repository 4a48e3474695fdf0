"""The error that waiting for a rate limit raises."""

from __future__ import annotations

from fingerprint_async.errors import FingerprintError

__all__ = ["RateLimitTimeout"]


class RateLimitTimeout(FingerprintError, TimeoutError):  # noqa: N818 - as `TimeoutError`'s kin
    """The rate limit would let the request go only after its timeout. Nothing was sent.

    Attributes:
        wait: Seconds until the request could have gone, as far as was known.
        timeout: Seconds that it was given.
    """

    def __init__(self, wait: float, timeout: float) -> None:
        super().__init__(wait, timeout)
        self.wait = wait
        self.timeout = timeout

    def __str__(self) -> str:
        return (
            f"the rate limit lets this request go in {self.wait:.3g} s, "
            f"after its timeout of {self.timeout:.3g} s"
        )
