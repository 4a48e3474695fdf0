"""Options of an emulator, checked and in one form."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from fingerprint_async.testing.emulator.rulesets import Action, Ruleset

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["latency_of", "ms_of", "retention_of", "rulesets_of", "sealing_key_of"]


def rulesets_of(
    rulesets: Mapping[str, Action | Ruleset | Mapping[str, Any]] | None,
) -> dict[str, Ruleset]:
    """Return rulesets by id; two simple ones unless given others."""
    if rulesets is None:
        rulesets = {"rs_allow_all": "allow", "rs_block_all": "block"}
    return {name: _ruleset_of(one) for name, one in rulesets.items()}


def _ruleset_of(given: Action | Ruleset | Mapping[str, Any]) -> Ruleset:
    if isinstance(given, Ruleset):
        return given
    return Ruleset.always(given) if isinstance(given, str) else Ruleset(**given)


def ms_of(name: str, seconds: float) -> int:
    """Return seconds as milliseconds.

    Raises:
        ValueError: They are negative or no number.
    """
    if not 0 <= seconds < float("inf"):
        raise ValueError(f"{name} must be 0 or more seconds, not {seconds!r}")
    return int(seconds * 1_000)


def retention_of(days: float | None) -> float | None:
    """Return days, checked.

    Raises:
        ValueError: They are not more than 0.
    """
    if days is not None and not 0 < days < float("inf"):
        raise ValueError(f"retention must be more than 0 days, not {days!r}")
    return days


def latency_of(latency: float | tuple[float, float]) -> tuple[float, float]:
    """Return the lowest and highest latency in seconds.

    Raises:
        ValueError: One is negative, or the lowest is above the highest.
    """
    low, high = latency if isinstance(latency, tuple) else (latency, latency)
    if not 0 <= low <= high:
        raise ValueError(f"latency is seconds, or the lowest and highest, not {latency!r}")
    return float(low), float(high)


def sealing_key_of(seed: int) -> str:
    """Return the key that an emulator of this seed seals with, as base64."""
    return base64.b64encode(hashlib.sha256(f"{seed}/sealing".encode()).digest()).decode("ascii")
