"""The report for people at a terminal: grouped, short."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fingerprint_async.drift.contract.report._group import (
    MAX_USES,
    SIGNS,
    Group,
    by_place,
    folded,
    headline,
    notes,
    use_words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fingerprint_async.drift.contract.assess import Report

__all__ = ["render"]

_COLORS = {"breaking": "31", "non-breaking": "32", "docs-only": "2"}


def render(report: Report, *, color: bool = False) -> str:
    """Write the report as text."""
    return "\n".join(_lines(report, color=color))


def _lines(report: Report, *, color: bool) -> Iterator[str]:
    def paint(text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if color else text

    yield f"{report.old.source} → {report.new.source}"
    yield paint(headline(report), "1")
    for cls in ("breaking", "non-breaking", "docs-only"):
        entries = [entry for entry in report.entries if entry.cls == cls]
        if not entries:
            continue
        yield ""
        yield paint(f"{cls} ({len(entries)})", f"1;{_COLORS[cls]}")
        for place, group in by_place(entries):
            yield f"  {paint(place, '1')}"
            for line in folded(group):
                entry = line.first
                sign = paint(SIGNS[entry.change.kind], _COLORS[cls])
                yield f"    {sign} {line.summary}{_touches(line)}"
                where = entry.change.location
                yield paint(f"      {entry.change.rule} · {entry.change.direction} · {where}", "2")
                if entry.decision is not None:
                    yield paint(f"      {entry.decision}", "2")
                uses = line.used_at
                for use in uses[:MAX_USES]:
                    yield paint(f"      used at {use.path}:{use.line}", "33")
                if len(uses) > MAX_USES:
                    yield paint(f"      … and at {len(uses) - MAX_USES} more places", "33")
    if report.ignored:
        yield ""
        yield paint(f"ignored ({len(report.ignored)})", "2")
        for entry in report.ignored:
            reason = entry.decision.reason if entry.decision else ""
            yield paint(f"  {entry.change.summary}: {reason}", "2")
    for note in notes(report):
        yield paint(note, "33")
    if report.used_by is not None:
        yield ""
        yield use_words(report)


_WHOLE = (
    "PROP-ADDED",
    "PROP-REMOVED",
    "REQ-PARAM-ADDED",
    "REQ-PARAM-REMOVED",
    "OP-ADDED",
    "OP-REMOVED",
    "SCHEMA-",
)


def _touches(line: Group) -> str:
    """What a change means for the name: only a change of the thing itself makes it appear or go."""
    entry = line.first
    if not entry.symbols or len(line.entries) > 1:
        return ""
    change, symbol = entry.change, entry.symbols[0]
    whole = change.stem.startswith(_WHOLE) or (
        change.stem.startswith("ENUM-") and not symbol.endswith(")")
    )
    verb = {"added": "will appear", "removed": "is missing"}.get(change.kind) if whole else None
    return f"  `{symbol}` {verb or 'is touched'}"
