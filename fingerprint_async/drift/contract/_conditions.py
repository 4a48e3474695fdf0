"""The comparison of conditions.

Keywords that hold schemas and are in force beside others of their kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fingerprint_async.drift.contract._questions import references

if TYPE_CHECKING:
    from fingerprint_async.drift.contract._pairs import PairReport
    from fingerprint_async.drift.contract.document import Document
    from fingerprint_async.drift.contract.model import Condition, Effective, Node

__all__ = ["compare_conditions"]

# Where the inner schema allows more, the whole does too; that is not so for `if` and `not`.
_POSITIVE = frozenset({"contains", "propertyNames", "dependentSchemas", "contentSchema"}) | {
    "unevaluatedProperties",
    "unevaluatedItems",
}


def compare_conditions(report: PairReport, old: Effective, new: Effective) -> None:
    """Compare the conditions of two contracts.

    Args:
        report: Takes the differences.
        old: The contract as it was.
        new: The contract as it is.
    """
    walk = report.walk
    for document, each, covered in (
        (report.old_document, old, walk.covered_old),
        (report.new_document, new, walk.covered_new),
    ):
        for condition in each.conditions:
            for node in condition.nodes.values():
                covered.update(_anchors(document, node))
    _needs(report, old, new)
    for keyword, name in sorted({_kind(each) for each in (*old.conditions, *new.conditions)}):
        lost = _by_digest(report.old_document, old, (keyword, name))
        come = _by_digest(report.new_document, new, (keyword, name))
        for digest in lost.keys() & come.keys():
            del lost[digest], come[digest]
        _compare(report, keyword, list(lost.values()), list(come.values()))


def _compare(
    report: PairReport, keyword: str, lost: list[Condition], come: list[Condition]
) -> None:
    if len(lost) == len(come) == 1:
        was, now = lost[0], come[0]
        positive = keyword in _POSITIVE or (
            keyword == "if"
            and report.old_document.digests.of(was.nodes["if"])
            == report.new_document.digests.of(now.nodes["if"])
        )
        if positive and was.note == now.note:
            for label in was.nodes:
                if label != "if":
                    report.inner_of(now.owner, was.nodes[label], now.nodes[label])
            return
    if lost and come:
        for was, now in zip(lost, come, strict=False):
            report.changed(
                "KEYWORD-CHANGED",
                f"changed its {keyword}",
                was.owner,
                now.owner,
                keyword,
                before=was.owner.raw.get(keyword),
                after=now.owner.raw.get(keyword),
                name=keyword,
            )
        lost, come = lost[len(come) :], come[len(lost) :]
    for was in lost:
        said = f"lost its {keyword}" + (f" ({was.note})" if was.note else "")
        report.changed(
            "CONSTRAINT-LOOSENED", said, was.owner, None, keyword,
            before=was.owner.raw.get(keyword), name=keyword,
        )  # fmt: skip
    for now in come:
        said = f"gained a {keyword}" + (f" ({now.note})" if now.note else "")
        report.changed(
            "CONSTRAINT-TIGHTENED", said, None, now.owner, keyword,
            after=now.owner.raw.get(keyword), name=keyword,
        )  # fmt: skip


def _kind(condition: Condition) -> tuple[str, str]:
    """What a condition can be compared with: dependent schemas are about one property each."""
    return condition.keyword, condition.note if condition.keyword == "dependentSchemas" else ""


def _by_digest(document: Document, each: Effective, kind: tuple[str, str]) -> dict[str, Condition]:
    found: dict[str, Condition] = {}
    for condition in each.conditions:
        if _kind(condition) == kind:
            inner = " ".join(
                f"{label} {document.digests.of(node)}" for label, node in condition.nodes.items()
            )
            found[f"{condition.note} {inner}"] = condition
    return dict(sorted(found.items()))


def _needs(report: PairReport, old: Effective, new: Effective) -> None:
    for name, other in sorted(new.needs.keys() - old.needs.keys()):
        report.changed(
            "CONSTRAINT-TIGHTENED", f"asks for {other} where {name} is given",
            None, new.needs[name, other], "dependentRequired", name=f"{name} {other}",
        )  # fmt: skip
    for name, other in sorted(old.needs.keys() - new.needs.keys()):
        report.changed(
            "CONSTRAINT-LOOSENED", f"no longer asks for {other} where {name} is given",
            old.needs[name, other], None, "dependentRequired", name=f"{name} {other}",
        )  # fmt: skip


def _anchors(document: Document, node: Node) -> set[str]:
    """The named schemas that a condition leads to: they are compared with it."""
    found: set[str] = set()
    waiting = [part.raw for part in node.parts]
    while waiting:
        for reference in references(waiting.pop()):
            pointer, raw = document.target(reference, "")
            if pointer not in found:
                found.add(pointer)
                waiting.append(raw)
    return found
