"""Rulesets."""

from __future__ import annotations

from typing import Any

from attrs import frozen

__all__ = ["Ruleset"]


@frozen
class Ruleset:
    """A ruleset that decides the same for every event."""

    decision: str

    def decide(self, ruleset_id: str, event: dict[str, Any]) -> dict[str, Any]:
        """Return the `rule_action` of an event."""
        del event
        action: dict[str, Any] = {
            "ruleset_id": ruleset_id,
            "rule_id": "r_1",
            "rule_expression": "true",
            "type": self.decision,
        }
        if self.decision == "block":
            action |= {"status_code": 403, "headers": [], "body": ""}
        return action
