from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["RuleActionType"]


class RuleActionType(OpenStrEnum):
    """What a ruleset says to do."""

    ALLOW = "allow"
    BLOCK = "block"
