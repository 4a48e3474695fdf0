"""The comparison of discriminators.

The property that tells alternatives apart, and what its values mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fingerprint_async.drift.contract._questions import name_of
from fingerprint_async.drift.contract.pointer import escape

if TYPE_CHECKING:
    from fingerprint_async.drift.contract._pairs import PairReport
    from fingerprint_async.drift.contract.model import Choice, Part, Variant

__all__ = ["compare_discriminators"]


def compare_discriminators(
    report: PairReport, before: Choice, after: Choice, pairs: list[tuple[Variant, Variant]]
) -> None:
    """Compare the discriminators of two choices.

    A value that came or went with its alternative is part of that change.

    Args:
        report: Takes the differences.
        before: The choice as it was.
        after: The choice as it is.
        pairs: The alternatives that stand for each other.
    """
    was, now = before.discriminator, after.discriminator
    if was != now:
        stem = "DISCRIMINATOR-ADDED" if was is None else "DISCRIMINATOR-PROPERTY"
        report.add(
            stem, "changed", f"is told apart by {now or 'nothing'}, not by {was or 'nothing'}",
            owner=after.owner, pointer=_place(after.owner, now),
            old_pointer=_place(before.owner, was),
            before=was, after=now,
        )  # fmt: skip
        return
    if was is None:
        return
    names = {name_of(old): name_of(new) for old, new in report.walk.renamed.items()}
    old = {key: names.get(name, name) for key, name in before.meanings.items()}
    new = after.meanings
    elsewhere = {key for key in old.keys() & new.keys() if old[key] != new[key]}
    for key in sorted(elsewhere):
        said = f"means {new[key]} by {key}, not {old[key]}"
        _mapping(
            report,
            before,
            after,
            "DISCRIMINATOR-MAPPING",
            said,
            key=key,
            values=(old[key], new[key]),
        )
    for one, two in pairs:
        if not one.name or not two.name:
            continue  # what has no name is told by what it holds
        if elsewhere & set(one.keys) - set(two.keys):
            continue  # its value leads elsewhere, which is said already
        lost = sorted(set(one.keys) - set(two.keys))
        come = sorted(set(two.keys) - set(one.keys) - elsewhere)
        if lost and come:
            said = f"says {' or '.join(come)} where it means {two.name}, not {' or '.join(lost)}"
            values = (" ".join(lost), " ".join(come))
            _mapping(
                report, before, after, "DISCRIMINATOR-MAPPING", said, key=come[0], values=values
            )
            continue
        for key in lost:
            said = f"no longer means {two.name} by {key}"
            _mapping(
                report,
                before,
                after,
                "DISCRIMINATOR-KEY-REMOVED",
                said,
                key=key,
                values=(two.name, None),
            )
        for key in come:
            said = f"also means {two.name} by {key}"
            _mapping(
                report,
                before,
                after,
                "DISCRIMINATOR-KEY-ADDED",
                said,
                key=key,
                values=(None, two.name),
            )


def _mapping(
    report: PairReport,
    before: Choice,
    after: Choice,
    stem: str,
    said: str,
    *,
    key: str,
    values: tuple[str | None, str | None],
) -> None:
    report.add(
        stem, "changed", said,
        owner=after.owner,
        pointer=f"{after.owner.pointer}/discriminator/mapping/{escape(key)}",
        old_pointer=f"{before.owner.pointer}/discriminator/mapping/{escape(key)}",
        before=values[0], after=values[1], name=key,
    )  # fmt: skip


def _place(owner: Part, discriminator: str | None) -> str:
    return f"{owner.pointer}/discriminator" if discriminator else owner.pointer
