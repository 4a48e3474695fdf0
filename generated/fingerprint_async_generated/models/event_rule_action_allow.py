from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

if TYPE_CHECKING:
    from .request_header_modifications import RequestHeaderModifications
    from .rule_action_type import RuleActionType

__all__ = ["EventRuleActionAllow"]


@model(kw_only=True)
class EventRuleActionAllow(Model):
    """Event Rule Action Allow."""

    ruleset_id: str
    """Ruleset id."""
    type: RuleActionType
    """Type."""
    request_header_modifications: RequestHeaderModifications | Unset = UNSET
    """Request header modifications."""
    rule_expression: str | Unset = UNSET
    """Rule expression."""
    rule_id: str | Unset = UNSET
    """Rule id."""

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
