"""Rulesets: expressions over events, both actions, headers."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerprint_async.testing import Rule, Ruleset
from fingerprint_async.testing.emulator.expressions import compile_expression

EVENT = {
    "vpn": True,
    "proxy": False,
    "suspect_score": 30,
    "bot": "bad",
    "ip_info": {"v4": {"asn": "64496", "geolocation": {"country_code": "NO"}}},
    "velocity": {"distinct_ip": {"5_minutes": 3}},
    "labels": ["a", "b"],
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vpn", True),
        ("!vpn", False),
        ("!!vpn", True),
        ("proxy || vpn", True),
        ("proxy && vpn", False),
        ("proxy || vpn && suspect_score > 40", False),
        ("(proxy || vpn) && suspect_score >= 30", True),
        ("suspect_score < 30", False),
        ("suspect_score != 30", False),
        ('bot == "bad"', True),
        ('bot in ["good", "bad"]', True),
        ('labels contains "b"', True),
        ('ip_info.v4.geolocation.country_code == "NO"', True),
        ("velocity.distinct_ip.5_minutes > 2.5", True),
        ("nothing", False),
        ("nothing == null", True),
        ("nothing > 3", False),
        ("bot > 3", False),
        ("vpn == 1", False),
        ("ip_info.v4.asn.deeper == null", True),
        ("true", True),
        ("-1 < 0", True),
    ],
)
def test_expressions(text: str, expected: bool) -> None:  # noqa: FBT001
    """An expression holds, or does not, for an event."""
    assert bool(compile_expression(text)(EVENT)) is expected


@pytest.mark.parametrize(
    "text",
    ["", "vpn ||", "(vpn", "vpn)", "1 2", "[1", "vpn = 1", '"open', "@", "(" * 60 + "1" + ")" * 60],
)
def test_bad_expressions_are_refused(text: str) -> None:
    """What is no expression is an error when the ruleset is made."""
    with pytest.raises(ValueError, match="expression"):
        Rule(text, "allow")


@given(st.text(max_size=40))
def test_any_text_is_an_expression_or_a_value_error(text: str) -> None:
    """No text does anything else."""
    with suppress(ValueError):
        compile_expression(text)(EVENT)


def test_the_first_rule_that_holds_decides(make_caller: Any) -> None:
    """Both actions carry what the ruleset says; a ruleset without a match has its default."""
    ruleset = Ruleset(
        (
            Rule("suspect_score >= 90", "block", status_code=429, headers={"retry-after": "9"}),
            Rule(
                "vpn", "allow", rule_id="r_vpn", set_headers={"x-risk": "1"}, remove_headers=["a"]
            ),
        ),
        default="block",
    )
    call = make_caller(rulesets={"rs_1": ruleset}, fresh=0)

    def action(**fields: Any) -> dict[str, Any]:
        event = call.emulator.add_event(**fields)
        answer = call.json("GET", f"/events/{event['event_id']}", ruleset_id="rs_1")
        return answer["rule_action"]

    blocked = action(suspect_score=95, vpn=True)
    assert (blocked["type"], blocked["status_code"], blocked["rule_id"]) == ("block", 429, "r_1")
    assert blocked["headers"] == [{"name": "retry-after", "value": "9"}]
    allowed = action(suspect_score=5, vpn=True)
    assert (allowed["type"], allowed["rule_id"]) == ("allow", "r_vpn")
    assert allowed["request_header_modifications"] == {
        "remove": ["a"],
        "set": [{"name": "x-risk", "value": "1"}],
    }
    assert action(suspect_score=5, vpn=False) == {
        "ruleset_id": "rs_1",
        "type": "block",
        "status_code": 403,
        "headers": [],
        "body": "",
    }


@pytest.mark.parametrize(
    "options",
    [
        {"action": "challenge"},
        {"action": "block", "status_code": 9},
        {"action": "block", "headers": {"a": 1}},
    ],
)
def test_bad_rules_are_refused(options: dict[str, Any]) -> None:
    """A mistake in a rule is an error that names it."""
    with pytest.raises((ValueError, TypeError), match=r"action|status_code|header"):
        Rule("true", **options)
