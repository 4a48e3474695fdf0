"""The report as GitHub annotations: workflow commands that mark lines of the changed files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fingerprint_async.drift.contract.report._group import headline
from fingerprint_async.drift.contract.report._lines import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fingerprint_async.drift.contract.assess import Report

__all__ = ["render"]

_LEVELS = {"breaking": "error", "non-breaking": "notice", "docs-only": "notice"}


def render(report: Report) -> str:
    """Write the report as workflow commands, one a change."""
    return "\n".join(_commands(report))


def _commands(report: Report) -> Iterator[str]:
    lines = Lines(report)
    for entry in report.entries:
        path, line = lines.of(entry.change)
        properties = {"title": f"{entry.cls}: {entry.change.rule}"}
        if path is not None:
            properties = {"file": path, "line": str(line), **properties}
        symbols = f" ({', '.join(entry.symbols[:3])})" if entry.symbols else ""
        yield command(_LEVELS[entry.cls], f"{entry.change.summary}{symbols}", properties)
        for use in entry.used_at:
            level = "error" if entry.cls == "breaking" else "notice"
            title = f"{entry.cls}: {entry.change.rule}"
            yield command(
                level,
                entry.change.summary,
                {"file": use.path, "line": str(use.line), "title": title},
            )
    for decision in report.stale:
        yield command(
            "warning",
            f"stale, nothing needs it any more: {decision}",
            {"title": "drift configuration"},
        )
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
