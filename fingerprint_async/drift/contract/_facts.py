"""The comparison of what two contracts say of a value itself.

Types, values, limits, formats, defaults.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fingerprint_async.drift.contract._conditions import compare_conditions
from fingerprint_async.drift.contract._objects import compare_arrays, compare_objects
from fingerprint_async.drift.contract._questions import (
    Atoms,
    covers,
    owner_of,
    references,
    say_atoms,
    say_bound,
    without_null,
)
from fingerprint_async.drift.contract.words import say_value

if TYPE_CHECKING:
    from fractions import Fraction

    from fingerprint_async.drift.contract._pairs import PairReport
    from fingerprint_async.drift.contract.model import Effective, Part, Stated

__all__ = ["compare_facts", "compare_types"]

WIDER_FORMAT = {("int32", "int64"), ("float", "double")}
_TYPE_KEYWORDS = (
    "type", "nullable", "format", "enum", "const", "oneOf", "anyOf", "properties", "items",
)  # fmt: skip


def compare_types(
    report: PairReport, was: Atoms | None, now: Atoms | None, owner: Part | None = None
) -> str | None:
    """Compare the types that are allowed.

    Args:
        report: Takes the difference.
        was: The types that were.
        now: The types that are.
        owner: What states them, when the contract does not say.

    Returns:
        The stem of the change; None when there is none.
    """
    old, new = report.old, report.new
    one, two = without_null(was), without_null(now)
    if one == two:
        null, now_null = (("null", None) in each for each in (was or (), now or ()))
        if null != now_null and was is not None:
            word = "NULLABLE" if now_null else "NON-NULLABLE"
            said = "can be null" if now_null else "can no longer be null"
            stated = owner or new.types_owner or next(iter(new.parts), None)
            report.changed(f"BECAME-{word}", said, None, stated, before=null, after=now_null)
        return None
    wider, narrower = covers(now, was), covers(was, now)
    if wider and narrower:
        return None
    stem = "TYPE-WIDENED" if wider else "TYPE-NARROWED" if narrower else "TYPE-CHANGED"
    before, after = say_atoms(was), say_atoms(now)
    owner = owner or new.types_owner or report.holder(old.types_owner)
    report.add(
        stem,
        "changed",
        f"changed its type from {before} to {after}",
        owner=owner,
        pointer=owner.pointer if owner else report.fallback,
        old_pointer=report.place_in_old(owner),
        before=before,
        after=after,
        keywords=_TYPE_KEYWORDS,
    )
    return stem


def compare_facts(report: PairReport, old: Effective, new: Effective, typed: str | None) -> None:
    """Compare everything that is not a choice.

    Args:
        report: Takes the differences.
        old: The contract as it was.
        new: The contract as it is.
        typed: The stem of a change of type that was reported.
    """
    was, now = old.flags.get("deprecated"), new.flags.get("deprecated")
    if (was is None) != (now is None):
        said = "is deprecated" if now else "is no longer deprecated"
        report.changed(
            "PROP-DEPRECATED", said, was, now,
            before=was is not None, after=now is not None, name="deprecated",
        )  # fmt: skip
    lost = typed is not None and (old.types is None or new.types is None)
    if typed == "TYPE-CHANGED" or lost:
        return
    if typed is None:
        _formats(report, old, new)
    _values(report, old, new)
    _bounds(report, old, new)
    _regexes(report, old, new)
    _defaults(report, old, new)
    _other(report, old, new)
    compare_conditions(report, old, new)
    if "array" in (old.types or ()) and "array" in (new.types or ()):
        compare_arrays(report, old, new)
    if "object" in (old.types or ()) and "object" in (new.types or ()):
        compare_objects(report, old, new)


def _say(values: Any) -> str:
    return " and ".join(sorted(values)) or "none"


def _formats(report: PairReport, old: Effective, new: Effective) -> None:
    lost, come = old.formats.keys() - new.formats.keys(), new.formats.keys() - old.formats.keys()
    if not (lost or come) or old.types != new.types:
        return
    wider = not come or (
        len(lost) == len(come) == 1 and (next(iter(lost)), next(iter(come))) in WIDER_FORMAT
    )
    before, after = _say(old.formats), _say(new.formats)
    report.changed(
        "FORMAT-WIDENED" if wider else "FORMAT-NARROWED",
        f"changed its format from {before} to {after}",
        next((old.formats[name] for name in sorted(lost)), None),
        next((new.formats[name] for name in sorted(come)), None),
        before=None if before == "none" else before,
        after=None if after == "none" else after,
    )


def _values(report: PairReport, old: Effective, new: Effective) -> None:
    was, now = old.values, new.values
    if was is None and now is None:
        return
    if was is None or now is None:
        stated = now if now is not None else was or {}
        values = [value for value, _, _ in stated.values()]
        owner = next((part for _, _, part in stated.values()), None)
        step = "enum" if owner is not None and "enum" in owner.raw else ""
        if now is not None:
            said = f"only takes listed values: {say_value(values)}"
            report.changed("BECAME-ENUM", said, None, owner, step, after=values)
        else:
            said = f"takes any value, not only {say_value(values)}"
            report.changed("ENUM-DROPPED", said, owner, None, step, before=values)
        return
    for key in sorted(now.keys() - was.keys()):
        value, pointer, owner = now[key]
        report.add(
            "ENUM-ADDED", "added", f"has a new value {say_value(value)}",
            owner=owner, pointer=pointer, after=value, name=key, keywords=("enum", "const"),
        )  # fmt: skip
    for key in sorted(was.keys() - now.keys()):
        value, pointer, owner = was[key]
        report.add(
            "ENUM-REMOVED", "removed", f"lost its value {say_value(value)}",
            owner=owner, pointer=pointer, before=value, name=key, keywords=("enum", "const"),
        )  # fmt: skip


def _bounds(report: PairReport, old: Effective, new: Effective) -> None:
    for keyword in sorted(old.bounds.keys() | new.bounds.keys()):
        before, after = old.bounds.get(keyword), new.bounds.get(keyword)
        was, now = (before.value if before else None), (after.value if after else None)
        if was == now:
            continue
        word = "TIGHTENED"
        if after is None:
            word = "LOOSENED"
        elif before is not None:
            word = _tighter(keyword, was, now)
        one, two = say_bound(keyword, was), say_bound(keyword, now)
        owner = after.owner if after else report.holder(before.owner if before else None)
        report.add(
            f"CONSTRAINT-{word}",
            "changed",
            f"changed its {keyword} from {one} to {two}",
            owner=owner,
            pointer=after.pointer if after else owner.pointer if owner else report.fallback,
            old_pointer=before.pointer if before else report.place_in_old(owner),
            before=one,
            after=two,
            name=keyword,
            keywords=(keyword, f"exclusive{keyword.capitalize()}"),
        )


def _tighter(keyword: str, was: Any, now: Any) -> str:
    if keyword != "multipleOf":
        return "TIGHTENED" if now > was else "LOOSENED"
    one: Fraction = was
    two: Fraction = now
    if (two / one).denominator == 1:
        return "TIGHTENED"
    return "LOOSENED" if (one / two).denominator == 1 else "REPLACED"


def _regexes(report: PairReport, old: Effective, new: Effective) -> None:
    lost, come = old.regexes.keys() - new.regexes.keys(), new.regexes.keys() - old.regexes.keys()
    if not lost and not come:
        return
    word = "REPLACED" if lost and come else "TIGHTENED" if come else "LOOSENED"
    before, after = _say(old.regexes), _say(new.regexes)
    report.changed(
        f"CONSTRAINT-{word}",
        f"changed its pattern from {before} to {after}",
        next((old.regexes[text] for text in sorted(lost)), None),
        next((new.regexes[text] for text in sorted(come)), None),
        "pattern",
        before=before,
        after=after,
        name="pattern",
        keywords=("pattern",),
    )


def _defaults(report: PairReport, old: Effective, new: Effective) -> None:
    if old.defaults.keys() == new.defaults.keys():
        return
    lost = sorted(old.defaults.keys() - new.defaults.keys())
    come = sorted(new.defaults.keys() - old.defaults.keys())
    before, _, was = old.defaults[lost[0]] if lost else (None, "", None)
    after, _, now = new.defaults[come[0]] if come else (None, "", None)
    said = f"changed its default from {_say(old.defaults)} to {_say(new.defaults)}"
    report.changed("DEFAULT", said, was, now, "default", before=before, after=after)


def _other(report: PairReport, old: Effective, new: Effective) -> None:
    for keyword in sorted(old.facts.keys() | new.facts.keys()):
        before, after = old.facts.get(keyword, {}), new.facts.get(keyword, {})
        if keyword.startswith("complex"):
            _within(report, before, after)
        if before.keys() == after.keys():
            continue
        lost = [before[key] for key in sorted(before.keys() - after.keys())]
        come = [after[key] for key in sorted(after.keys() - before.keys())]
        was, now = (each[0][2] if each else None for each in (lost, come))
        word = keyword.rpartition(" ")[2]
        step = word if any(owner_of(each, word) for each in (old, new)) else ""
        report.changed(
            "NOT-COMPARED"
            if keyword.startswith(("invalid", "complex", "$"))
            else "KEYWORD-CHANGED",
            f"changed its {word}",
            was,
            now,
            step,
            before=lost[0][0] if lost else None,
            after=come[0][0] if come else None,
            name=word,
        )


def _within(report: PairReport, before: Stated, after: Stated) -> None:
    """Compare the named schemas that choices lead to which are too complex to be told apart."""
    was, now = (
        {
            reference
            for raw, _, _ in stated.values()
            for reference in references(raw)
            if reference.startswith("#/")
        }
        for stated in (before, after)
    )
    for reference in sorted(was & now):
        old = report.old_document.named(report.old_document.target(reference, "")[0])
        new = report.new_document.named(report.new_document.target(reference, "")[0])
        report.inner(old, new, None)
