"""How often each signal is true, and how tomorrow's fields and values get in."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, cast

from attrs import field, frozen

from fingerprint_async.testing.synthetic._random import seeded

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["GROUP_SIZES", "PRESENT_RATE", "RATES", "Platform", "Traits", "add_tomorrow", "rates_of"]

Platform = Literal["web", "android", "ios", "edge"]

#: The share of a platform's devices that have a signal which need not be there.
PRESENT_RATE = 0.85
#: Of the devices that have a signal, the share for which it is true.
RATES: dict[str, float] = {
    "active_call": 0.1,
    "anti_detect_browser": 0.1,
    "attack_source": 0.05,
    "cloned_app": 0.1,
    "developer_tools": 0.2,
    "email_spam": 0.05,
    "emulator": 0.1,
    "frida": 0.05,
    "high_activity_device": 0.1,
    "incognito": 0.2,
    "jailbroken": 0.1,
    "location_spoofing": 0.1,
    "mitm_attack": 0.05,
    "privacy_settings": 0.2,
    "proxy": 0.15,
    "replayed": 0.05,
    "root_apps": 0.1,
    "simulator": 0.1,
    "suspect": 0.3,
    "tampering": 0.15,
    "tor_node": 0.05,
    "virtual_machine": 0.1,
    "vpn": 0.25,
}
#: How many different devices of each platform there are.
GROUP_SIZES: dict[Platform, int] = {"web": 168, "android": 36, "ios": 36, "edge": 40}


def rates_of(changes: Mapping[str, float]) -> dict[str, float]:
    """Return all rates, some of them changed.

    Raises:
        ValueError: A signal is unknown, or a rate is no share.
    """
    for name, rate in changes.items():
        if name not in RATES:
            raise ValueError(f"unknown signal {name!r}; there are {', '.join(RATES)}")
        if not 0 <= rate <= 1:
            raise ValueError(f"the rate of {name} lies between 0 and 1, not {rate!r}")
    return RATES | dict(changes)


@lru_cache(maxsize=4_096)
def _ranks(seed: object, platform: Platform, name: str) -> tuple[int, ...]:
    """Return the place of each device in a random order of its platform's devices."""
    size = GROUP_SIZES[platform]
    draw = seeded(seed, "trait", platform, name).random
    order = sorted(range(size), key=[draw() for _ in range(size)].__getitem__)
    ranks = [0] * size
    for rank, device in enumerate(order):
        ranks[device] = rank
    return tuple(ranks)


@frozen
class Traits:
    """What is true of one device: over all devices of a platform, as often as the rates say.

    Attributes:
        seed: The same one gives the same answers.
        platform: The device's.
        ordinal: Which one of this platform it is.
        rates: How often a signal is true.
    """

    seed: object
    platform: Platform
    ordinal: int
    rates: Mapping[str, float] = field(factory=lambda: RATES)

    def holds(self, name: str, rate: float | None = None) -> bool:
        """Return whether a signal is true, at its rate or at another one."""
        size = GROUP_SIZES[self.platform]
        rank = _ranks(self.seed, self.platform, name)[self.ordinal % size]
        return rank < round((self.rates[name] if rate is None else rate) * size)

    def signals(self, *names: str) -> dict[str, bool]:
        """Return signals of which each is there for most devices."""
        return {
            name: self.holds(name) for name in names if self.holds(f"{name} is there", PRESENT_RATE)
        }


def add_tomorrow(event: dict[str, Any], traits: Traits, share: float) -> None:
    """Add fields and values that no schema of today knows, to a share of the devices."""
    if traits.holds("tomorrow's field", share):
        event["quantum_score"] = 0.5
    if traits.holds("tomorrow's nested field", share):
        _object(event, "ip_info").setdefault("v4", {})["satellite"] = {"orbit": "low"}
    if traits.holds("tomorrow's value", share) and "vpn_confidence" in event:
        event["vpn_confidence"] = "certain"
    if traits.holds("tomorrow's category", share) and "bot_info" in event:
        _object(event, "bot_info")["category"] = "ai_shopper"
    if traits.holds("tomorrow's variant", share) and "rule_action" in event:
        event["rule_action"] = {"type": "challenge", "ruleset_id": "rs_tomorrow", "puzzle": 3}


def _object(event: dict[str, Any], name: str) -> dict[str, Any]:
    return cast("dict[str, Any]", event.setdefault(name, {}))
