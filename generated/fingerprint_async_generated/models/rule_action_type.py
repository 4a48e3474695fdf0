from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["RuleActionType"]


class RuleActionType(OpenStrEnum):
    """Rule Action Type."""

    ALLOW = "allow"
    BLOCK = "block"
