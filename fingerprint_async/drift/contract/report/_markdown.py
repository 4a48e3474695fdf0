"""The report for a pull-request comment: a headline, breaking changes open, the rest folded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fingerprint_async.drift.contract.report._group import (
    MAX_USES,
    by_place,
    folded,
    headline,
    notes,
    use_words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fingerprint_async.drift.contract.assess import Entry, Report

__all__ = ["render"]

# GitHub refuses comments beyond 65 536 characters.
MAX_CHARACTERS = 60_000


def render(report: Report) -> str:
    """Write the report as GitHub-flavoured Markdown."""
    lines = list(_lines(report))
    size = 0
    for index, line in enumerate(lines):
        size += len(line) + 1
        if size > MAX_CHARACTERS:
            closed = (
                ["", "</details>"]
                if "<details>" in "\n".join(lines[:index]).rpartition("</details>")[2]
                else []
            )
            return "\n".join(
                [*lines[:index], *closed, "", "… and more than a comment can hold.", ""]
            )
    return "\n".join([*lines, ""])


def _lines(report: Report) -> Iterator[str]:
    yield f"### API schema: {headline(report)}"
    yield ""
    yield f"{code(report.old.source)} → {code(report.new.source)}"
    for cls, name in (
        ("breaking", "Breaking"),
        ("non-breaking", "Non-breaking"),
        ("docs-only", "Wording only"),
    ):
        entries = [entry for entry in report.entries if entry.cls == cls]
        if not entries:
            continue
        yield ""
        if cls == "breaking":
            yield f"#### {name} ({len(entries)})"
        else:
            yield f"<details><summary>{name} ({len(entries)})</summary>"
        for place, group in by_place(entries):
            yield ""
            yield f"**{escape(place)}**"
            yield ""
            for line in folded(group):
                entry = line.first
                rule = code(entry.change.rule)
                yield f"- {escape(line.summary)}{_symbol(entry)} <sub>{rule}</sub>"
                uses = ", ".join(code(f"{use.path}:{use.line}") for use in line.used_at[:MAX_USES])
                if uses:
                    yield f"  - used at {uses}"
                if entry.decision is not None:
                    yield f"  - {escape(str(entry.decision))}"
        if cls != "breaking":
            yield ""
            yield "</details>"
    if report.ignored:
        yield ""
        yield f"<details><summary>Ignored ({len(report.ignored)})</summary>"
        yield ""
        for entry in report.ignored:
            reason = entry.decision.reason if entry.decision else ""
            yield f"- {escape(entry.change.summary)}: {escape(reason)}"
        yield ""
        yield "</details>"
    for note in notes(report):
        yield ""
        yield f"> {escape(note)}"
    if report.used_by is not None:
        yield ""
        yield escape(use_words(report))


def _symbol(entry: Entry) -> str:
    return f" · {code(entry.symbols[0])}" if entry.symbols else ""


def code(text: str) -> str:
    """Text as inline code, whatever backticks it holds."""
    plain = _one_line(text)
    fence = "`" * (max((len(run) for run in _runs(plain)), default=0) + 1)
    pad = " " if plain.startswith("`") or plain.endswith("`") else ""
    return f"{fence}{pad}{plain}{pad}{fence}"


def escape(text: str) -> str:
    """Text that Markdown and HTML leave alone; mentions stay words."""
    plain = (
        _one_line(text)
        .replace("\\", "\\\\")
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
    )
    for char in "`*_[]|~#":
        plain = plain.replace(char, f"\\{char}")
    return plain.replace("@", "@\u200b")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _runs(text: str) -> list[str]:
    runs: list[str] = []
    run = ""
    for char in text:
        if char == "`":
            run += char
        elif run:
            runs.append(run)
            run = ""
    return [*runs, run] if run else runs
