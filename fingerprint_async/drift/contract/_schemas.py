"""The comparison of one pair of schemas.

What their contracts allow differently, each where it is stated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fingerprint_async.drift.contract._choices import compare_children, compare_choices
from fingerprint_async.drift.contract._facts import compare_facts, compare_types
from fingerprint_async.drift.contract._pairs import PairReport
from fingerprint_async.drift.contract._questions import atoms
from fingerprint_async.drift.contract.model import ANY

if TYPE_CHECKING:
    from fingerprint_async.drift.contract._walk import Walk
    from fingerprint_async.drift.contract.changes import Pair

__all__ = ["compare_pair"]


def compare_pair(walk: Walk, pair: Pair) -> None:
    """Compare the contracts of a pair of schemas."""
    if pair.old is ANY and pair.new is ANY:
        return
    report = PairReport(walk, pair)
    old, new = report.old, report.new
    walk.covered_old.update(old.anchors)
    walk.covered_new.update(new.anchors)
    walk.renames(old, new)
    if any(not choice.open for each in (old, new) for choice in each.choices):
        compare_choices(report)
    else:
        compare_facts(report, old, new, compare_types(report, atoms(old), atoms(new)))
    compare_children(report)
