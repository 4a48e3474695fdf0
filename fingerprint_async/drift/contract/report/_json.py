"""The report for programs: one JSON object, described by `docs/drift-report.schema.json`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from fingerprint_async.drift.contract.assess import Entry, Report
    from fingerprint_async.drift.contract.config import Decision

__all__ = ["as_data", "render"]


def render(report: Report) -> str:
    """Write the report as JSON."""
    return json.dumps(as_data(report), indent=2, ensure_ascii=False, default=str)


def as_data(report: Report) -> dict[str, Any]:
    """The report as JSON data; `docs/drift-report.schema.json` describes it."""
    return {
        "format": 1,
        "old": {"source": report.old.source, "version": report.old.version},
        "new": {"source": report.new.source, "version": report.new.version},
        "drift": report.drift,
        "counts": report.counts,
        "policy": attrs.asdict(report.config.policy),
        "changes": [_entry_data(entry) for entry in report.entries],
        "ignored": [_entry_data(entry) for entry in report.ignored],
        "stale": [_decision_data(each) for each in report.stale],
        "expired": [_decision_data(each) for each in report.expired],
        "problems": [attrs.asdict(each) for each in report.problems],
        "hidden": report.hidden,
    }


def _entry_data(entry: Entry) -> dict[str, Any]:
    change = entry.change
    data = {
        "location": change.location,
        "document": change.document,
        "kind": change.kind,
        "class": entry.cls,
        "direction": change.direction,
        "rule": change.rule,
        "rules": [
            {"direction": hit.direction, "rule": hit.rule, "class": hit.cls} for hit in change.rules
        ],
        "operation": ", ".join(change.operations) or None,
        "operations": list(change.operations),
        "subject": change.subject,
        "symbol": entry.symbol,
        "symbols": list(entry.symbols),
        "summary": change.summary,
        "before": change.before,
        "after": change.after,
        "old_location": change.old_location,
        "used_at": [{"path": use.path, "line": use.line} for use in entry.used_at],
    }
    if entry.decision is not None:
        data["decision"] = _decision_data(entry.decision)
    return data


def _decision_data(decision: Decision) -> dict[str, Any]:
    return {
        "action": "ignore" if decision.cls is None else "override",
        "rule": decision.rule,
        "location": decision.location,
        "class": decision.cls,
        "reason": decision.reason,
        "expires": None if decision.expires is None else decision.expires.isoformat(),
    }
