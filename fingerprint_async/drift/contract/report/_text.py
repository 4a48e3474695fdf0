"""The report for people at a terminal: grouped, short."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fingerprint_async.drift.contract.report._group import SIGNS, by_place, headline, use_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fingerprint_async.drift.contract.assess import Entry, Report

__all__ = ["render"]

_COLORS = {"breaking": "31", "non-breaking": "32", "docs-only": "2"}
_MAX_USES = 5


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
            for entry in group:
                yield f"    {paint(SIGNS[entry.change.kind], _COLORS[cls])} {entry.change.summary}{_touches(entry)}"
                yield paint(
                    f"      {entry.change.rule} · {entry.change.direction} · {entry.change.location}",
                    "2",
                )
                if entry.decision is not None:
                    yield paint(f"      {entry.decision}", "2")
                for use in entry.used_at[:_MAX_USES]:
                    yield paint(f"      used at {use.path}:{use.line}", "33")
                if len(entry.used_at) > _MAX_USES:
                    yield paint(
                        f"      … and at {len(entry.used_at) - _MAX_USES} more places", "33"
                    )
    if report.ignored:
        yield ""
        yield paint(f"ignored ({len(report.ignored)})", "2")
        for entry in report.ignored:
            yield paint(
                f"  {entry.change.summary}: {entry.decision.reason if entry.decision else ''}", "2"
            )
    for decision in report.stale:
        yield paint(f"stale, nothing needs it any more: {decision}", "33")
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


def _touches(entry: Entry) -> str:
    """What the change means for the name: only a change of the thing itself makes it appear or go."""
    if not entry.symbols:
        return ""
    change, symbol = entry.change, entry.symbols[0]
    whole = change.stem.startswith(_WHOLE) or (
        change.stem.startswith("ENUM-") and not symbol.endswith(")")
    )
    verb = {"added": "will appear", "removed": "is missing"}.get(change.kind) if whole else None
    return f"  `{symbol}` {verb or 'is touched'}"
