"""Reasons to doubt an event, and the times in it."""

from __future__ import annotations

import contextlib
import ipaddress
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerprint_async import ArgumentError, FingerprintError, InvalidIdError, checks
from fingerprint_async.checks import Problem, ProblemCode
from fingerprint_async.models import Event

MADE_AT_MS = 1708102555327
NOW = MADE_AT_MS / 1000 + 10
GOOD: dict[str, Any] = {
    "event_id": f"{MADE_AT_MS}.NLOjmg",
    "timestamp": MADE_AT_MS,
    "ip_address": "192.0.2.1",
    "url": "https://shop.example/login?next=%2F",
    "linked_id": "session-1",
    "identification": {
        "visitor_id": "visitor-1",
        "visitor_found": True,
        "confidence": {"score": 0.97},
    },
    "bot": "not_detected",
    "vpn": False,
    "replayed": False,
    "rule_action": {"type": "allow", "ruleset_id": "r"},
    "ip_blocklist": {"attack_source": False, "email_spam": False, "tor_node": False},
}


def codes(changes: dict[str, Any] | None = None, **arguments: Any) -> list[str]:
    """Check an event that is good but for the changes; None removes a field."""
    data = {**GOOD, **(changes or {})}
    event = Event.from_dict({name: value for name, value in data.items() if value is not None})
    return [problem.code for problem in checks.check_event(event, now=NOW, **arguments)]


def test_a_good_event_has_no_problems() -> None:
    """Whatever is expected of it."""
    assert codes() == []
    assert (
        codes(
            ip="192.0.2.1",
            origin="https://shop.example",
            linked_id="session-1",
            max_age=60,
            min_confidence=0.97,
        )
        == []
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"replayed": True}, "replayed"),
        ({"identification": None}, "no_visitor"),
        ({"identification": {"visitor_id": "", "visitor_found": True}}, "no_visitor"),
        ({"identification": "visitor-1"}, "no_visitor"),
        ({"incremental_identification_status": "partially_completed"}, "incomplete"),
        ({"incremental_identification_status": "of the future"}, "incomplete"),
        ({"rule_action": {"type": "block", "ruleset_id": "r"}}, "rule_block"),
        ({"rule_action": {"type": "challenge", "ruleset_id": "r"}}, "rule_block"),
        ({"rule_action": "block"}, "rule_block"),
        ({"bot": "bad"}, "bot"),
        ({"bot": "good"}, "bot"),
        ({"bot": "of the future"}, "bot"),
        ({"bot": ["bad"]}, "bot"),
        ({"suspect": True}, "suspect"),
        ({"vpn": True}, "vpn"),
        ({"vpn": "yes"}, "vpn"),
        ({"proxy": True}, "proxy"),
        ({"ip_blocklist": {"tor_node": True}}, "ip_blocklist"),
        ({"ip_blocklist": {"email_spam": True}}, "ip_blocklist"),
        ({"ip_blocklist": {"attack_source": "yes"}}, "ip_blocklist"),
        ({"ip_blocklist": True}, "ip_blocklist"),
        ({"tampering": True}, "tampering"),
        ({"incognito": True}, "incognito"),
        ({"privacy_settings": True}, "privacy_settings"),
        ({"developer_tools": True}, "developer_tools"),
        ({"virtual_machine": True}, "virtual_machine"),
        ({"high_activity_device": True}, "high_activity"),
        ({"emulator": True}, "emulator"),
        ({"simulator": True}, "simulator"),
        ({"cloned_app": True}, "cloned_app"),
        ({"root_apps": True}, "root_apps"),
        ({"jailbroken": True}, "jailbroken"),
        ({"frida": True}, "frida"),
        ({"mitm_attack": True}, "mitm_attack"),
        ({"location_spoofing": True}, "location_spoofing"),
        ({"active_call": True}, "active_call"),
    ],
)
def test_each_signal_is_one_problem(changes: dict[str, Any], code: str) -> None:
    """And a value that this version does not know is taken for the worse one."""
    assert codes(changes) == [code]


@pytest.mark.parametrize(
    ("seconds", "max_age", "expected"),
    [
        *((0, 120, []), (120, 120, []), (120.5, 120, ["stale"]), (120.5, None, [])),
        *((-30, 120, []), (-31, 120, ["future"]), (-31, None, ["future"]), (1, 0, ["stale"])),
    ],
)
def test_age_is_by_the_events_timestamp(
    seconds: float, max_age: float | None, expected: list[str]
) -> None:
    """As old as allowed is fresh; clocks may differ by half a minute."""
    event = Event.from_dict(GOOD)
    now = datetime.fromtimestamp(MADE_AT_MS / 1000, UTC) + timedelta(seconds=seconds)
    found = checks.check_event(event, max_age=max_age, now=now)
    assert [problem.code for problem in found] == expected


@pytest.mark.parametrize("timestamp", [None, "now", True, 10**400, 10**18, {}])
def test_an_event_without_a_time_is_a_problem(timestamp: Any) -> None:
    """It is never taken for fresh."""
    assert codes({"timestamp": timestamp}) == ["no_timestamp"]


@pytest.mark.parametrize(
    ("seen", "ip", "expected"),
    [
        ("192.0.2.1", "192.0.2.1", []),
        ("192.0.2.1", " 192.0.2.1 ", []),
        ("192.0.2.1", ipaddress.ip_address("192.0.2.1"), []),
        ("192.0.2.1", "::ffff:192.0.2.1", []),
        ("192.0.2.1", "::ffff:c000:201", []),
        ("::FFFF:192.0.2.1", "192.0.2.1", []),
        ("fe80::1", "fe80::1%eth0", []),
        ("fe80::1%en0", ipaddress.ip_address("fe80::1%eth0"), []),
        ("2001:DB8:0::1", "2001:db8::1", []),
        ("192.0.2.1", "192.0.2.2", ["ip_mismatch"]),
        ("::192.0.2.1", "192.0.2.1", ["ip_mismatch"]),
        ("2001:db8::1", "192.0.2.1", ["ip_mismatch"]),
        ("not an address", "192.0.2.1", ["ip_mismatch"]),
        (3221225985, "192.0.2.1", ["ip_mismatch"]),
        (None, "192.0.2.1", ["ip_mismatch"]),
    ],
)
def test_addresses_are_compared_as_addresses(seen: Any, ip: Any, expected: list[str]) -> None:
    """Not as text: IPv4 in IPv6 form is IPv4, a zone says nothing, an absent one differs."""
    assert codes({"ip_address": seen}, ip=ip) == expected


@pytest.mark.parametrize(
    ("url", "origin", "expected"),
    [
        ("https://shop.example/login", "https://shop.example", []),
        ("https://shop.example:443/login", "https://SHOP.example/", []),
        ("https://shop.example./login", "https://shop.example", []),
        ("http://localhost:3000/", "http://localhost:3000", []),
        ("https://xn--bcher-kva.example/", "https://bücher.example", []),
        ("https://xn--strae-oqa.example/", "https://straße.example", []),
        ("https://xn--i-7iq.example/", "https://i❤.example", []),
        ("https://[::1]:3000/", "https://[0:0:0::1]:3000", []),
        ("https://b.example/", ["https://a.example", "https://b.example"], []),
        ("http://shop.example/login", "https://shop.example", ["origin_mismatch"]),
        ("https://shop.example:8443/", "https://shop.example", ["origin_mismatch"]),
        ("https://shop.example:0/", "https://shop.example", ["origin_mismatch"]),
        ("https://shop.example.evil.example/", "https://shop.example", ["origin_mismatch"]),
        ("https://shop.example@evil.example/", "https://shop.example", ["origin_mismatch"]),
        ("https://evil.example\\@shop.example/", "https://shop.example", ["origin_mismatch"]),
        ("https://evil.example/https://shop.example", "https://shop.example", ["origin_mismatch"]),
        ("//shop.example/", "https://shop.example", ["origin_mismatch"]),
        ("https://strasse.example/", "https://straße.example", ["origin_mismatch"]),
        ("https://xn--4xa.example/", "https://ς.example", ["origin_mismatch"]),
        ("https://ab.example/", "https://a\u200db.example", ["origin_mismatch"]),
        (f"https://{'é' * 100_000}.example/", "https://shop.example", ["origin_mismatch"]),
        ("https://[shop.example/", "https://shop.example", ["origin_mismatch"]),
        (["https://shop.example"], "https://shop.example", ["origin_mismatch"]),
        ("", "https://shop.example", ["origin_mismatch"]),
        (None, "https://shop.example", ["origin_mismatch"]),
    ],
)
def test_origins_are_compared_as_browsers_do(url: Any, origin: Any, expected: list[str]) -> None:
    """Scheme, host and port; nothing that merely begins like one."""
    assert codes({"url": url}, origin=origin) == expected


class Broken:
    """A collection that cannot be iterated over."""

    def __iter__(self) -> Any:
        """Fail."""
        raise OSError("secret")

    def __len__(self) -> int:
        """Tell a size."""
        return 1

    def __contains__(self, _: object) -> bool:
        """Hold nothing."""
        return False


@pytest.mark.parametrize(
    "origin",
    [
        Broken(),
        range(10**9),
        "https://shop.example?a",
        "https://shop.example#a",
        "https://user:word@shop.example",
    ],
)
def test_an_origin_that_is_none_is_a_mistake(origin: Any) -> None:
    """Whatever a collection does, and whatever follows the host."""
    with pytest.raises(ArgumentError, match="origin: ") as caught:
        codes(origin=origin)
    assert "secret" not in str(caught.value)


def test_what_is_expected_and_absent_is_a_problem() -> None:
    """A linked id, a confidence: absence never passes."""
    assert codes({"linked_id": None}, linked_id="session-1") == ["linked_id_mismatch"]
    assert codes({"linked_id": "session-2"}, linked_id="session-1") == ["linked_id_mismatch"]
    assert codes({}, linked_id="") == ["linked_id_mismatch"]
    assert codes(min_confidence=0.98) == ["low_confidence"]
    for confidence in (None, {}, {"score": None}, {"score": "1"}, {"score": True}, 1):
        identification = {"visitor_id": "v", "visitor_found": True, "confidence": confidence}
        assert codes({"identification": identification}, min_confidence=0.0) == ["low_confidence"]


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        *(({"ip": value}, "ip") for value in ("", "no", 5, True, b"\x7f\0\0\1", ["192.0.2.1"])),
        *(
            ({"origin": value}, "origin")
            for value in ("", "shop.example", "https://a.example/path", 5, [], [5], b"https://a")
        ),
        *(({"linked_id": value}, "linked_id") for value in (5, b"x")),
        *(
            ({"max_age": value}, "max_age")
            for value in (math.nan, math.inf, True, 10**400, "60", -1, -(10**400))
        ),
        *(
            ({"min_confidence": value}, "min_confidence")
            for value in (math.nan, 1.1, -0.1, True, "1", 10**400)
        ),
        *(
            ({"now": value}, "now")
            for value in (math.nan, True, "0", MADE_AT_MS, 10**400, datetime(2024, 1, 1))  # noqa: DTZ001
        ),
    ],
)
def test_a_mistake_of_the_caller_names_the_argument(arguments: dict[str, Any], name: str) -> None:
    """It never turns a check off."""
    with pytest.raises(ArgumentError, match=f"^{name}"):
        checks.check_event(Event.from_dict(GOOD), **arguments)


@pytest.mark.parametrize("event", [None, GOOD, "event"])
def test_only_events_are_checked(event: Any) -> None:
    """A dict of an event has no attributes to look at."""
    with pytest.raises(ArgumentError, match="event: expected an Event"):
        checks.check_event(event)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


@given(
    st.dictionaries(
        st.sampled_from([*GOOD, "incremental_identification_status", "proxy", "frida"]), JSON
    )
)
def test_no_event_leads_to_an_error(changes: dict[str, Any]) -> None:
    """Whatever the service sends, the answer is a tuple of problems."""
    event = Event.from_dict({**GOOD, **changes})
    found = checks.check_event(
        event, ip="192.0.2.1", origin="https://shop.example", linked_id="a", min_confidence=0.5
    )
    assert all(isinstance(problem, Problem) for problem in found)


@given(st.text(min_size=8, alphabet="abcdefghij"))
def test_details_hold_no_personal_data(secret: str) -> None:
    """They can be logged.

    Neither the address, the page, the ids, nor a foreign value is in them.
    """
    marked = f"Q{secret}"
    event = Event.from_dict(
        {
            "event_id": marked,
            "timestamp": marked,
            "ip_address": marked,
            "url": f"https://{marked}.example/{marked}",
            "linked_id": marked,
            "bot": marked,
            "vpn": marked,
            "rule_action": {"type": marked},
            "identification": {"visitor_id": marked, "confidence": {"score": marked}},
            "incremental_identification_status": marked,
        }
    )
    found = checks.check_event(
        event, ip="192.0.2.1", origin=f"https://{marked}", linked_id=marked + "!", min_confidence=1
    )
    assert len(found) >= 8
    assert marked not in repr(found)


def test_problems_are_values() -> None:
    """A code is its text, so that sets of either can be compared."""
    assert Problem(ProblemCode.VPN, "x").code == "vpn"
    assert {"vpn"} & {problem.code for problem in (Problem(ProblemCode.VPN, "x"),)}
    assert Problem(ProblemCode.VPN, "x") == Problem(ProblemCode.VPN, "x")


def test_the_time_of_an_id_is_that_of_its_event() -> None:
    """To the millisecond, in UTC."""
    event = Event.from_dict(GOOD)
    expected = datetime(2024, 2, 16, 16, 55, 55, 327000, tzinfo=UTC)
    assert event.time == expected
    assert checks.event_id_time(event.event_id, now=NOW) == expected


@pytest.mark.parametrize("event_id", ["0KSh65EnVoB85JBmloQK", "a", "1708102555327", "a.b"])
def test_older_ids_hold_no_time(event_id: str) -> None:
    """They are ids all the same, unless freshness is asked for."""
    assert checks.event_id_time(event_id) is None
    with pytest.raises(InvalidIdError, match="holds no time"):
        checks.event_id_time(event_id, max_age=60)


@pytest.mark.parametrize(
    "event_id",
    [
        *("", " ", ".", "..", "a b", "a\n", "a\0", "é", "\ud800", "a" * 257, None, 5, b"a"),
        *("170810255532.NLOjmg", "17081025553270.NLOjmg", "0708102555327.NLOjmg", "1.NLOjmg"),
    ],
)
def test_what_cannot_be_an_id_is_refused_before_a_call(event_id: Any) -> None:
    """One family of errors, which is also an `ArgumentError` and a `ValueError`."""
    with pytest.raises(InvalidIdError) as caught:
        checks.event_id_time(event_id, now=NOW)
    assert isinstance(caught.value, ArgumentError)


def test_ids_of_the_future_and_of_the_past_are_refused() -> None:
    """The future always, the past when a greatest age is given."""
    event_id = str(GOOD["event_id"])
    made_at = MADE_AT_MS / 1000
    assert checks.event_id_time(event_id, now=made_at - 30, max_age=0) is not None
    with pytest.raises(InvalidIdError, match="31 s in the future"):
        checks.event_id_time(event_id, now=made_at - 31)
    assert checks.event_id_time(event_id, now=made_at + 60, max_age=60) is not None
    with pytest.raises(InvalidIdError, match="61 s old, 60 s are allowed"):
        checks.event_id_time(event_id, now=made_at + 61, max_age=60)


@given(st.text() | st.from_regex(r"[0-9]{1,15}\.[0-9A-Za-z]{6}", fullmatch=True))
def test_no_id_leads_to_another_error(event_id: str) -> None:
    """A time, None, or an error of the tree."""
    with contextlib.suppress(FingerprintError):
        found = checks.event_id_time(event_id, now=NOW)
        assert found is None or found.tzinfo is UTC
