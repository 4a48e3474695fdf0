# Annotations bind no caller at run time.
# pyright: reportUnnecessaryIsInstance=false
"""Whether an event can be trusted for a login, a payment or a registration.

Pure functions. `check_event` lists every reason for doubt; which of them count is yours to decide.

```python
problems = checks.check_event(event, ip=client_ip, origin="https://shop.example")
if {problem.code for problem in problems} & REFUSED:
    ...
```

An event can be used twice within its `max_age`: also record its id in a `replays.SeenStore`.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import attrs

from fingerprint_async._moments import check_max_age, to_unix_seconds
from fingerprint_async._places import origin_of, parse_ip, read_ip, read_origins
from fingerprint_async._runtime.times import from_unix_ms
from fingerprint_async._settings import is_number, kind_of, shown
from fingerprint_async.errors import ArgumentError, IdArgumentError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from fingerprint_async._places import IPAddress
    from fingerprint_async.models import Event

__all__ = [
    "MAX_CLOCK_SKEW_SECONDS",
    "Problem",
    "ProblemCode",
    "check_event",
    "event_id_time",
]

MAX_CLOCK_SKEW_SECONDS: Final = 30.0
"""How far in the future an event may be, by this machine's clock."""

_RECENT_ID: Final = re.compile(r"([0-9]+)\.[0-9A-Za-z]{6}")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\s]")
_LONGEST_ID_CHARACTERS: Final = 256
# Milliseconds of the years 2001 to 2286 have 13 digits.
_MILLISECOND_DIGITS: Final = 13


class ProblemCode(StrEnum):
    """A reason for doubt."""

    STALE = "stale"
    """The event is older than `max_age`."""
    FUTURE = "future"
    """The event is in the future."""
    NO_TIMESTAMP = "no_timestamp"
    """The event does not tell when it was made."""
    REPLAYED = "replayed"
    """The payload had been sent to the service before."""
    NO_VISITOR = "no_visitor"
    """The event identifies no visitor."""
    INCOMPLETE = "incomplete"
    """The identification is not complete yet: no signal is meaningful."""
    LOW_CONFIDENCE = "low_confidence"
    """The identification is less sure than `min_confidence`."""
    IP_MISMATCH = "ip_mismatch"
    """The event came from another address than `ip`."""
    ORIGIN_MISMATCH = "origin_mismatch"
    """The event came from a page of another origin than `origin`."""
    LINKED_ID_MISMATCH = "linked_id_mismatch"
    """The event carries another linked id than `linked_id`."""
    RULE_BLOCK = "rule_block"
    """The ruleset does not say that the request may pass."""
    BOT = "bot"
    """A bot made the event: a bad one, a good one, or one of an unknown kind."""
    SUSPECT = "suspect"
    """You marked the event as suspect."""
    VPN = "vpn"
    PROXY = "proxy"
    IP_BLOCKLIST = "ip_blocklist"
    """A block list names the address."""
    TAMPERING = "tampering"
    INCOGNITO = "incognito"
    PRIVACY_SETTINGS = "privacy_settings"
    DEVELOPER_TOOLS = "developer_tools"
    VIRTUAL_MACHINE = "virtual_machine"
    HIGH_ACTIVITY = "high_activity"
    EMULATOR = "emulator"
    SIMULATOR = "simulator"
    CLONED_APP = "cloned_app"
    ROOT_APPS = "root_apps"
    JAILBROKEN = "jailbroken"
    FRIDA = "frida"
    MITM_ATTACK = "mitm_attack"
    LOCATION_SPOOFING = "location_spoofing"
    ACTIVE_CALL = "active_call"


@attrs.frozen
class Problem:
    """A reason for doubt about an event.

    Attributes:
        code: Which one; compares equal to its text, as `"stale"`.
        detail: What was seen, in words without personal data.
    """

    code: ProblemCode
    detail: str


def check_event(
    event: Event,
    *,
    ip: str | IPAddress | None = None,
    origin: str | Collection[str] | None = None,
    linked_id: str | None = None,
    max_age: float | None = 120,
    min_confidence: float | None = None,
    now: float | datetime | None = None,
) -> tuple[Problem, ...]:
    """List every reason to doubt an event.

    What the caller expects and the event lacks is a mismatch. A signal that the event lacks is no
    problem: which signals there are depends on the plan and the platform. A signal whose value this
    version does not know is one.

    Args:
        event: The event.
        ip: The address that the request came to you from. IPv4 addresses in IPv6 form are compared
            as IPv4, and zones (`%eth0`) are left out.
        origin: The origin of your pages, as `https://shop.example`; several, any of which will do.
        linked_id: The linked id that you gave to the agent: of the session, of the order.
        max_age: How many seconds old the event may be; None for no limit.
        min_confidence: The least confidence of the identification, 0 to 1.
        now: Unix time in seconds or an aware datetime, in place of this machine's clock.

    Raises:
        ArgumentError: An argument is not what it must be.
    """
    checked = _as_event(event)
    address = None if ip is None else read_ip(ip)
    origins = None if origin is None else read_origins(origin)
    expected_id = _read_linked_id(linked_id)
    least = _read_min_confidence(min_confidence)
    longest, moment = check_max_age(max_age), to_unix_seconds(now)
    return (
        *_time_problems(checked, longest, moment),
        *_identity_problems(checked, least),
        *_origin_problems(checked, address, origins, expected_id),
        *_verdict_problems(checked),
        *_signal_problems(checked),
    )


def event_id_time(
    event_id: str, *, max_age: float | None = None, now: float | datetime | None = None
) -> datetime | None:
    """Return when an event was made by its id, in UTC; refuse an id that no call would find.

    Whoever asks for a login can send any id. This costs no request.

    Args:
        event_id: The id.
        max_age: Refuse ids of events that are older than this many seconds. Ids that hold no time
            are refused too then.
        now: Unix time in seconds or an aware datetime, in place of this machine's clock.

    Returns:
        None for an id of the older form, which holds no time.

    Raises:
        IdArgumentError: It cannot be an id, its time is in the future, or it is too old.
        ArgumentError: `max_age` or `now` is not a time.
    """
    longest, moment = check_max_age(max_age), to_unix_seconds(now)
    made_at = _read_id(event_id)
    if made_at is None:
        if longest is not None:
            raise IdArgumentError("event_id holds no time, so it cannot be told to be fresh")
        return None
    age = moment - made_at.timestamp()
    if age < -MAX_CLOCK_SKEW_SECONDS:
        raise IdArgumentError(f"event_id: its time is {-age:.0f} s in the future")
    if longest is not None and age > longest:
        raise IdArgumentError(f"event_id: it is {age:.0f} s old, {longest:g} s are allowed")
    return made_at


def _read_id(event_id: object) -> datetime | None:
    if not isinstance(event_id, str):
        raise IdArgumentError(f"event_id: expected a string, got {kind_of(event_id)}")
    if not event_id or event_id.isspace():
        raise IdArgumentError("event_id is empty")
    if event_id in {".", ".."} or _CONTROL.search(event_id) or not event_id.isascii():
        raise IdArgumentError("event_id: this is not an id")
    if len(event_id) > _LONGEST_ID_CHARACTERS:
        raise IdArgumentError(f"event_id: {len(event_id)} characters are not an id")
    match = _RECENT_ID.fullmatch(event_id)
    if match is None:
        return None
    if len(match[1]) != _MILLISECOND_DIGITS or match[1].startswith("0"):
        raise IdArgumentError("event_id: it does not begin with a time in Unix milliseconds")
    return from_unix_ms(int(match[1]))


def _time_problems(event: Event, max_age: float | None, now: float) -> Iterator[Problem]:
    made_at = from_unix_ms(event.timestamp)
    if made_at is None:
        yield Problem(ProblemCode.NO_TIMESTAMP, "the event has no timestamp in Unix milliseconds")
        return
    age = now - made_at.timestamp()
    if age < -MAX_CLOCK_SKEW_SECONDS:
        yield Problem(ProblemCode.FUTURE, f"the event is {-age:.0f} s in the future")
    elif max_age is not None and age > max_age:
        yield Problem(ProblemCode.STALE, f"the event is {age:.0f} s old, {max_age:g} s are allowed")


def _identity_problems(event: Event, min_confidence: float | None) -> Iterator[Problem]:
    status: object = event.incremental_identification_status
    if status is not None and status != "completed":
        yield Problem(ProblemCode.INCOMPLETE, "the identification is not complete yet")
    visitor_id: object = getattr(event.identification, "visitor_id", None)
    if not isinstance(visitor_id, str) or not visitor_id:
        yield Problem(ProblemCode.NO_VISITOR, "the event identifies no visitor")
    if min_confidence is None:
        return
    confidence = getattr(event.identification, "confidence", None)
    score: object = getattr(confidence, "score", None)
    if not is_number(score) or not isinstance(score, int | float):
        yield Problem(ProblemCode.LOW_CONFIDENCE, "the event tells no confidence")
    elif score < min_confidence:
        yield Problem(
            ProblemCode.LOW_CONFIDENCE,
            f"the confidence is {score:g}, at least {min_confidence:g} is wanted",
        )


def _origin_problems(
    event: Event,
    address: IPAddress | None,
    origins: frozenset[str] | None,
    linked_id: str | None,
) -> Iterator[Problem]:
    if address is not None and parse_ip(event.ip_address) != address:
        seen = "no address" if event.ip_address is None else "another address"
        yield Problem(ProblemCode.IP_MISMATCH, f"the event names {seen}")
    if origins is not None and origin_of(event.url) not in origins:
        seen = "no page" if event.url is None else "a page of another origin"
        yield Problem(ProblemCode.ORIGIN_MISMATCH, f"the event names {seen}")
    if linked_id is not None and event.linked_id != linked_id:
        seen = "no linked id" if event.linked_id is None else "another linked id"
        yield Problem(ProblemCode.LINKED_ID_MISMATCH, f"the event carries {seen}")


def _verdict_problems(event: Event) -> Iterator[Problem]:
    if event.rule_action is not None and getattr(event.rule_action, "type", None) != "allow":
        yield Problem(ProblemCode.RULE_BLOCK, "the ruleset does not let the request pass")
    bot: object = event.bot
    if bot is not None and bot != "not_detected":
        kind = f"a {bot!s}" if bot in ("good", "bad") else "an unknown kind of"
        yield Problem(ProblemCode.BOT, f"{kind} bot made the event")
    blocklist = event.ip_blocklist
    if blocklist is not None and (
        _is_set(getattr(blocklist, "attack_source", blocklist))
        or _is_set(getattr(blocklist, "email_spam", blocklist))
        or _is_set(getattr(blocklist, "tor_node", blocklist))
    ):
        yield Problem(ProblemCode.IP_BLOCKLIST, "a block list names the address")


def _signal_problems(event: Event) -> Iterator[Problem]:
    signals: tuple[tuple[ProblemCode, object, str], ...] = (
        (ProblemCode.REPLAYED, event.replayed, "the payload had been sent before"),
        (ProblemCode.SUSPECT, event.suspect, "the event is marked as suspect"),
        (ProblemCode.VPN, event.vpn, "the request came through a VPN"),
        (ProblemCode.PROXY, event.proxy, "the request came through a proxy"),
        (ProblemCode.TAMPERING, event.tampering, "the browser or app was tampered with"),
        (ProblemCode.INCOGNITO, event.incognito, "the browser window is a private one"),
        (ProblemCode.PRIVACY_SETTINGS, event.privacy_settings, "the browser hides its traits"),
        (ProblemCode.DEVELOPER_TOOLS, event.developer_tools, "developer tools were on"),
        (ProblemCode.VIRTUAL_MACHINE, event.virtual_machine, "a virtual machine was used"),
        (ProblemCode.HIGH_ACTIVITY, event.high_activity_device, "the device is unusually active"),
        (ProblemCode.EMULATOR, event.emulator, "the device is emulated"),
        (ProblemCode.SIMULATOR, event.simulator, "the device is simulated"),
        (ProblemCode.CLONED_APP, event.cloned_app, "the app runs as a clone"),
        (ProblemCode.ROOT_APPS, event.root_apps, "apps that manage root access were found"),
        (ProblemCode.JAILBROKEN, event.jailbroken, "the device is jailbroken"),
        (ProblemCode.FRIDA, event.frida, "the Frida toolkit was found"),
        (ProblemCode.MITM_ATTACK, event.mitm_attack, "the traffic was intercepted"),
        (ProblemCode.LOCATION_SPOOFING, event.location_spoofing, "the device fakes its location"),
        (ProblemCode.ACTIVE_CALL, event.active_call, "a call was going on"),
    )
    for code, value, detail in signals:
        if _is_set(value):
            yield Problem(code, detail)


def _is_set(value: object) -> bool:
    """Tell whether a signal gives reason for doubt: anything but absent and False does."""
    return value is not None and value is not False


def _as_event(event: object) -> Event:
    from fingerprint_async.models import Event

    if not isinstance(event, Event):
        raise ArgumentError(f"event: expected an Event, got {kind_of(event)}")
    return event


def _read_linked_id(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise ArgumentError(f"linked_id: expected a string or None, got {kind_of(value)}")


def _read_min_confidence(value: object) -> float | None:
    if value is None:
        return None
    if not is_number(value) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ArgumentError(f"min_confidence: expected a number from 0 to 1, got {shown(value)}")
    return float(value)
