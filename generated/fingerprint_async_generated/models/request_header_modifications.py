from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

if TYPE_CHECKING:
    from .rule_action_header_field import RuleActionHeaderField

__all__ = ["RequestHeaderModifications"]


@model(kw_only=True)
class RequestHeaderModifications(Model):
    """Request Header Modifications."""

    append: list[RuleActionHeaderField] | Unset = UNSET
    """Append."""
    remove: list[str] | Unset = UNSET
    """Remove."""
    set: list[RuleActionHeaderField] | Unset = UNSET
    """Set."""

    _fields_: ClassVar[Fields] = {
        "append": ("append", ("list", ("model", "RuleActionHeaderField", "rule_action_header_field")), False),
        "remove": ("remove", ("list", "str"), False),
        "set": ("set", ("list", ("model", "RuleActionHeaderField", "rule_action_header_field")), False),
    }
