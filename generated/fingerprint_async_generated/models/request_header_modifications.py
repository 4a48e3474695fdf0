from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

if TYPE_CHECKING:
    from .rule_action_header_field import RuleActionHeaderField

__all__ = ["RequestHeaderModifications"]


@model(kw_only=True)
class RequestHeaderModifications(Model):
    """Changes to a request's headers."""

    append: list[RuleActionHeaderField] | Unset = UNSET
    """Headers to add."""
    remove: list[str] | Unset = UNSET
    """Names of headers to drop."""
    set: list[RuleActionHeaderField] | Unset = UNSET
    """Headers to put in place of those of the same name."""

    _fields_: ClassVar[Fields] = {
        "append": (
            "append",
            ("list", ("model", "RuleActionHeaderField", "rule_action_header_field")),
            False,
        ),
        "remove": ("remove", ("list", "str"), False),
        "set": (
            "set",
            ("list", ("model", "RuleActionHeaderField", "rule_action_header_field")),
            False,
        ),
    }
