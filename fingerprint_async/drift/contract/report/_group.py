"""What all the forms of a report say alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from fingerprint_async.drift.contract import pointer as _pointer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fingerprint_async.drift.contract.assess import Entry, Report, Use

__all__ = ["MAX_USES", "SIGNS", "Group", "by_place", "folded", "headline", "notes", "use_words"]

SIGNS = {"added": "+", "removed": "-", "changed": "~"}
MAX_USES = 5
"""Places in code that are named for one line of a report."""
MAX_ALIKE = 4
"""Changes of one kind at one place that are listed one by one."""
MAX_NAMES = 6
"""Names that stand for all of a group."""


@attrs.frozen
class Group:
    """Changes that are one line of a report: one change, or many of one kind at one place."""

    entries: tuple[Entry, ...]

    @property
    def first(self) -> Entry:
        """The change that stands for all."""
        return self.entries[0]

    @property
    def summary(self) -> str:
        """The line."""
        change = self.first.change
        if len(self.entries) == 1:
            return change.summary
        names = [str(each.change.name) for each in self.entries[:MAX_NAMES]]
        more = len(self.entries) - len(names)
        listed = ", ".join(names) + (f" and {more} more" if more else "")
        subject = change.subject
        if any(each.change.subject != subject for each in self.entries):
            subject = subject.rpartition(".")[0] or subject.partition(" of ")[2] or subject
        return f"{subject}: {len(self.entries)} {change.kind}: {listed}"

    @property
    def used_at(self) -> list[Use]:
        """Where code uses what changed, each place once."""
        return list(dict.fromkeys(use for each in self.entries for use in each.used_at))


def folded(entries: Iterable[Entry]) -> list[Group]:
    """Return changes line by line: many of one kind at one place are one line.

    Args:
        entries: The changes.
    """
    alike: dict[tuple[str, ...], list[Entry]] = {}
    for entry in entries:
        change = entry.change
        around = change.location.rpartition("/")[0]
        decided = str(entry.decision or "")
        key = (change.rule, change.kind, change.direction, entry.cls, around, decided)
        alike.setdefault(key, []).append(entry)
    groups: list[Group] = []
    for some in alike.values():
        named = all(each.change.name is not None for each in some)
        if len(some) > MAX_ALIKE and named:
            groups.append(Group(tuple(some)))
        else:
            groups += [Group((each,)) for each in some]
    return groups


def notes(report: Report) -> list[str]:
    """Return what is to be said beside the changes, a line each."""
    said = [f"stale, nothing needs it any more: {each}" for each in report.stale]
    said += [f"expired, decides nothing any more: {each}" for each in report.expired]
    said += [f"not compared as it is meant: {each}" for each in report.problems]
    if report.hidden:
        said.append(f"{report.hidden} changes below the level that was asked for are not listed")
    return said


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
