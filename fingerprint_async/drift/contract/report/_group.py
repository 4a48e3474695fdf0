"""What all the forms of a report say alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fingerprint_async.drift.contract import pointer as _pointer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fingerprint_async.drift.contract.assess import Entry, Report

__all__ = ["SIGNS", "by_place", "headline", "use_words"]

SIGNS = {"added": "+", "removed": "-", "changed": "~"}


def headline(report: Report) -> str:
    """The outcome in one line."""
    counts = report.counts
    if not any(counts.values()):
        return (
            "No drift."
            if not report.ignored
            else f"No drift but for {len(report.ignored)} ignored."
        )
    said = ", ".join(f"{number} {name}" for name, number in counts.items() if number)
    return f"Drift: {said}" if report.drift else f"No drift: {said}"


def by_place(entries: Iterable[Entry]) -> list[tuple[str, list[Entry]]]:
    """Changes under the operation or schema that they are about."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(_place(entry), []).append(entry)
    return sorted(groups.items())


def _place(entry: Entry) -> str:
    steps = _pointer.steps(entry.change.location)
    if steps[:2] == ["components", "schemas"] and len(steps) > 2:  # noqa: PLR2004
        return f"schema {steps[2]}"
    if steps[:1] == ["paths"] and len(steps) > 2:  # noqa: PLR2004
        return f"{steps[2].upper()} {steps[1]}"
    if steps[:1] == ["webhooks"] and len(steps) > 1:
        return f"webhook {steps[1]}"
    return steps[0] if steps else "document"


def use_words(report: Report) -> str:
    """How many of the changes touch the code that was read."""
    touched = [entry for entry in report.entries if entry.used_at]
    breaking = sum(entry.cls == "breaking" for entry in touched)
    if not touched:
        return f"{report.used_by} uses nothing that changed."
    return f"{report.used_by} uses names of {len(touched)} changes, {breaking} of them breaking."
