"""Rulesets: what a `getEvent` with a `ruleset_id` is told to do with its event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, cast

import attrs
from attrs import field, frozen

from fingerprint_async.testing.emulator.expressions import compile_expression

__all__ = ["Action", "Header", "Rule", "Ruleset"]

Action = Literal["allow", "block"]
Header = tuple[str, str]


def _action(_: object, attribute: attrs.Attribute[Any], value: str) -> None:
    if value not in ("allow", "block"):
        raise ValueError(f"{attribute.name} is allow or block, not {value!r}")


def _status(_: object, __: object, value: int) -> None:
    if not 100 <= value <= 599:  # noqa: PLR2004 - HTTP's statuses
        raise ValueError(f"status_code is an HTTP status, not {value!r}")


def _headers(given: Mapping[str, str] | Iterable[Header]) -> tuple[Header, ...]:
    pairs = cast("Mapping[object, object]", given).items() if isinstance(given, Mapping) else given
    headers: list[Header] = []
    for name, value in cast("Iterable[tuple[object, object]]", pairs):
        if not (isinstance(name, str) and isinstance(value, str)):
            raise TypeError(f"a header is a name and a value, both texts, not {name!r}: {value!r}")
        headers.append((name, value))
    return tuple(headers)


@frozen
class Rule:
    """What to do with the events that an expression holds for.

    Args:
        expression: See the module `expressions`.
        action: `allow` or `block`.
        rule_id: Its id; numbered in its ruleset unless given.
        set_headers: Of an `allow`: header fields to set in the request.
        append_headers: Of an `allow`: header fields to append to the request.
        remove_headers: Of an `allow`: names of header fields to remove from the request.
        status_code: Of a `block`: the status to answer with.
        headers: Of a `block`: the header fields to answer with.
        body: Of a `block`: the body to answer with.
    """

    expression: str
    action: Action = field(validator=_action)
    rule_id: str = field(default="", kw_only=True)
    set_headers: tuple[Header, ...] = field(default=(), converter=_headers, kw_only=True)
    append_headers: tuple[Header, ...] = field(default=(), converter=_headers, kw_only=True)
    remove_headers: tuple[str, ...] = field(default=(), converter=tuple, kw_only=True)
    status_code: int = field(default=403, validator=_status, kw_only=True)
    headers: tuple[Header, ...] = field(default=(), converter=_headers, kw_only=True)
    body: str = field(default="", kw_only=True)

    def __attrs_post_init__(self) -> None:
        compile_expression(self.expression)

    def holds(self, event: Mapping[str, Any]) -> bool:
        """Return whether the expression holds for an event."""
        return bool(compile_expression(self.expression)(event))

    def decide(self, ruleset_id: str, number: int) -> dict[str, Any]:
        """Return the `rule_action` of an event that the rule holds for."""
        decision: dict[str, Any] = {
            "ruleset_id": ruleset_id,
            "rule_id": self.rule_id or f"r_{number}",
            "rule_expression": self.expression,
            "type": self.action,
        }
        if self.action == "block":
            return decision | {
                "status_code": self.status_code,
                "headers": _fields(self.headers),
                "body": self.body,
            }
        changes: dict[str, Any] = {}
        if self.remove_headers:
            changes["remove"] = list(self.remove_headers)
        if self.set_headers:
            changes["set"] = _fields(self.set_headers)
        if self.append_headers:
            changes["append"] = _fields(self.append_headers)
        return decision | ({"request_header_modifications": changes} if changes else {})


def _rules(given: Iterable[Rule | Mapping[str, Any]]) -> tuple[Rule, ...]:
    return tuple(one if isinstance(one, Rule) else Rule(**one) for one in given)


@frozen
class Ruleset:
    """Rules in their order; the first one that holds decides.

    Args:
        rules: `Rule` values; as a dict, each is a rule by the names of its arguments.
        default: What to do with an event that no rule holds for.
    """

    rules: tuple[Rule, ...] = field(default=(), converter=_rules)
    default: Action = field(default="allow", validator=_action)

    @classmethod
    def always(cls, action: Action) -> Ruleset:
        """Return a ruleset that decides the same for every event."""
        return cls((Rule("true", action),))

    def decide(self, ruleset_id: str, event: Mapping[str, Any]) -> dict[str, Any]:
        """Return the `rule_action` of an event."""
        for number, rule in enumerate(self.rules, 1):
            if rule.holds(event):
                return rule.decide(ruleset_id, number)
        decision: dict[str, Any] = {"ruleset_id": ruleset_id, "type": self.default}
        if self.default == "block":
            decision |= {"status_code": 403, "headers": [], "body": ""}
        return decision


def _fields(headers: Iterable[Header]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]
