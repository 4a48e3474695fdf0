from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

if TYPE_CHECKING:
    from .rule_action_header_field import RuleActionHeaderField
    from .rule_action_type import RuleActionType

__all__ = ["EventRuleActionBlock"]


@model(kw_only=True)
class EventRuleActionBlock(Model):
    """Event Rule Action Block."""

    ruleset_id: str
    """Ruleset id."""
    type: RuleActionType
    """Type."""
    body: str | Unset = UNSET
    """Body."""
    headers: list[RuleActionHeaderField] | Unset = UNSET
    """Headers."""
    rule_expression: str | Unset = UNSET
    """Rule expression."""
    rule_id: str | Unset = UNSET
    """Rule id."""
    status_code: int | Unset = UNSET
    """Status code."""

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
