"""The report as SARIF 2.1.0, for code scanning."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fingerprint_async.drift.contract.report._lines import Lines
from fingerprint_async.drift.contract.rules import RULES

if TYPE_CHECKING:
    from fingerprint_async.drift.contract.assess import Entry, Report

__all__ = ["render"]

_LEVELS = {"breaking": "error", "non-breaking": "warning", "docs-only": "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(report: Report) -> str:
    """Write the report as one SARIF run."""
    return json.dumps(_log(report), indent=2, ensure_ascii=False)


def _log(report: Report) -> dict[str, Any]:
    lines = Lines(report)
    used = sorted({entry.change.rule for entry in (*report.entries, *report.ignored)})
    driver = {
        "name": report.tool.name,
        "version": report.tool.version,
        "informationUri": report.tool.address,
        "rules": [_rule(name) for name in used],
    }
    results = [_result(entry, lines, used) for entry in report.entries]
    results += [_result(entry, lines, used, ignored=True) for entry in report.ignored]
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }


def _rule(name: str) -> dict[str, Any]:
    rule = RULES[name]
    return {
        "id": name,
        "shortDescription": {"text": rule.doc},
        "defaultConfiguration": {"level": _LEVELS[rule.cls]},
    }


def _result(
    entry: Entry, lines: Lines, used: list[str], *, ignored: bool = False
) -> dict[str, Any]:
    change = entry.change
    path, line = lines.of(change)
    logical = {"fullyQualifiedName": change.location, "kind": "member"}
    place: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(path)},
            "region": {"startLine": line},
        },
        "logicalLocations": [logical],
    }
    result: dict[str, Any] = {
        "ruleId": change.rule,
        "ruleIndex": used.index(change.rule),
        "level": _LEVELS[entry.cls],
        "message": {"text": change.summary},
        "locations": [place],
        # The same change keeps its alert when lines move.
        "partialFingerprints": {"change/v1": _digest(change.rule, change.location, change.summary)},
        "properties": {
            "class": entry.cls,
            "direction": change.direction,
            "kind": change.kind,
            "symbols": list(entry.symbols),
            "operations": list(change.operations),
        },
    }
    if entry.used_at:
        result["relatedLocations"] = [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(use.path)},
                    "region": {"startLine": use.line},
                },
                "message": {"text": "uses it"},
            }
            for use in entry.used_at
        ]
    if ignored and entry.decision is not None:
        result["suppressions"] = [{"kind": "external", "justification": entry.decision.reason}]
    return result


def _uri(path: str) -> str:
    return quote(path.replace("\\", "/"), safe="/.-_~")


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
