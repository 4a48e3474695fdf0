"""The report as GitHub annotations: workflow commands that mark lines of the changed files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fingerprint_async.drift.contract.report._group import folded, headline, notes
from fingerprint_async.drift.contract.report._lines import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fingerprint_async.drift.contract.assess import Report

__all__ = ["render"]

_LEVELS = {"breaking": "error", "non-breaking": "notice", "docs-only": "notice"}


def render(report: Report) -> str:
    """Write the report as workflow commands, one a line of the report."""
    return "\n".join(_commands(report))


def _commands(report: Report) -> Iterator[str]:
    lines = Lines(report)
    for group in folded(report.entries):
        entry = group.first
        path, line = lines.of(entry.change)
        title = {"title": f"{entry.cls}: {entry.change.rule}"}
        symbols = f" ({', '.join(entry.symbols[:3])})" if entry.symbols else ""
        place = {"file": path, "line": str(line), **title}
        yield command(_LEVELS[entry.cls], f"{group.summary}{symbols}", place)
        for use in group.used_at:
            level = "error" if entry.cls == "breaking" else "notice"
            place = {"file": use.path, "line": str(use.line), **title}
            yield command(level, group.summary, place)
    for note in notes(report):
        yield command("warning", note, {"title": "API schema"})
    if not report.entries:
        yield command("notice", headline(report), {"title": "API schema"})


def command(level: str, message: str, properties: dict[str, str]) -> str:
    """One workflow command, with what GitHub would take for its own syntax escaped."""
    said = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{level} {said}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
