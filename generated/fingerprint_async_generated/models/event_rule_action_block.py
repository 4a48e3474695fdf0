from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

if TYPE_CHECKING:
    from .rule_action_header_field import RuleActionHeaderField
    from .rule_action_type import RuleActionType

__all__ = ["EventRuleActionBlock"]


@model(kw_only=True)
class EventRuleActionBlock(Model):
    """A ruleset stops the request."""

    ruleset_id: str
    """The ruleset that was evaluated."""
    type: RuleActionType
    """Always `block`."""
    body: str | Unset = UNSET
    """The body to answer with."""
    headers: list[RuleActionHeaderField] | Unset = UNSET
    """The headers to answer with."""
    rule_expression: str | Unset = UNSET
    """The expression of that rule."""
    rule_id: str | Unset = UNSET
    """The rule that matched; absent when none did."""
    status_code: int | Unset = UNSET
    """The HTTP status to answer with."""

    _fields_: ClassVar[Fields] = {
        "ruleset_id": ("ruleset_id", "str", True),
        "type": ("type", ("enum", "RuleActionType", "rule_action_type"), True),
        "body": ("body", "str", False),
        "headers": (
            "headers",
            ("list", ("model", "RuleActionHeaderField", "rule_action_header_field")),
            False,
        ),
        "rule_expression": ("rule_expression", "str", False),
        "rule_id": ("rule_id", "str", False),
        "status_code": ("status_code", "int", False),
    }
