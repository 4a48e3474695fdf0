"""The emulated service: one request in, one reply out; see `Emulator`."""

from fingerprint_async.testing.carriers import Reply, Request
from fingerprint_async.testing.emulator.access import DEFAULT_KEYS, HOSTS, ApiKey, Region, region_of
from fingerprint_async.testing.emulator.account import Seen
from fingerprint_async.testing.emulator.clock import Clock
from fingerprint_async.testing.emulator.emulator import Emulator, EmulatorServer
from fingerprint_async.testing.emulator.faults import Fault, FaultKind
from fingerprint_async.testing.emulator.hostile import Behaviour, Hostile
from fingerprint_async.testing.emulator.rulesets import Rule, Ruleset
from fingerprint_async.testing.emulator.truth import Truth
from fingerprint_async.testing.emulator.webhooks import Webhook

__all__ = [
    "DEFAULT_KEYS",
    "HOSTS",
    "ApiKey",
    "Behaviour",
    "Clock",
    "Emulator",
    "EmulatorServer",
    "Fault",
    "FaultKind",
    "Hostile",
    "Region",
    "Reply",
    "Request",
    "Rule",
    "Ruleset",
    "Seen",
    "Truth",
    "Webhook",
    "region_of",
]
