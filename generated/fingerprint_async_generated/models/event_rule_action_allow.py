from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

if TYPE_CHECKING:
    from .request_header_modifications import RequestHeaderModifications
    from .rule_action_type import RuleActionType

__all__ = ["EventRuleActionAllow"]


@model(kw_only=True)
class EventRuleActionAllow(Model):
    """A ruleset lets the request pass."""

    ruleset_id: str
    """The ruleset that was evaluated."""
    type: RuleActionType
    """Always `allow`."""
    request_header_modifications: RequestHeaderModifications | Unset = UNSET
    """Changes to the request's headers before it goes on."""
    rule_expression: str | Unset = UNSET
    """The expression of that rule."""
    rule_id: str | Unset = UNSET
    """The rule that matched; absent when none did."""

    _fields_: ClassVar[Fields] = {
        "ruleset_id": ("ruleset_id", "str", True),
        "type": ("type", ("enum", "RuleActionType", "rule_action_type"), True),
        "request_header_modifications": (
            "request_header_modifications",
            ("model", "RequestHeaderModifications", "request_header_modifications"),
            False,
        ),
        "rule_expression": ("rule_expression", "str", False),
        "rule_id": ("rule_id", "str", False),
    }
