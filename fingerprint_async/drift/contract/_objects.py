"""The comparison of objects and arrays.

Their properties, and what may come beyond those that are listed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fingerprint_async.drift.contract._questions import flag_of, gate, owner_of, prose, shape
from fingerprint_async.drift.contract.changes import REQUEST, RESPONSE, Kind
from fingerprint_async.drift.contract.model import ANY, Effective, Property
from fingerprint_async.drift.contract.words import describe, say_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fingerprint_async.drift.contract._pairs import PairReport
    from fingerprint_async.drift.contract.document import Document

__all__ = ["compare_arrays", "compare_objects"]


def compare_arrays(report: PairReport, old: Effective, new: Effective) -> None:
    """Compare the items of two arrays, those at fixed places first."""
    if old.prefix or new.prefix:
        for index in range(max(len(old.prefix), len(new.prefix))):
            was, now = (
                each.prefix[index] if index < len(each.prefix) else each.items or ANY
                for each in (old, new)
            )
            report.inner_of(owner_of(new, "prefixItems"), was, now)
    owner = owner_of(new, "items") or next(iter(new.parts), None)
    report.inner_of(owner, old.items or ANY, new.items or ANY)


def compare_objects(report: PairReport, old: Effective, new: Effective) -> None:
    """Compare the properties of two objects, listed, by pattern, and others."""
    lost = [each for name, each in old.properties.items() if name not in new.properties]
    come = [each for name, each in new.properties.items() if name not in old.properties]
    for was, now in list(_renamed(report, lost, come)):
        lost.remove(was)
        come.remove(now)
        report.add(
            "PROP-RENAMED", "changed", f"was called {was.name}",
            owner=now.owner, pointer=now.pointer, old_pointer=was.pointer,
            before=was.name, after=now.name, name=now.name, gate=gate(report.new_document, now),
        )  # fmt: skip
        _property(report, was, now)
    for prop in lost:
        word = "required" if prop.required else "optional"
        report.add(
            "PROP-REMOVED", "removed", f"was removed (it was {word})",
            owner=prop.owner, pointer=prop.pointer, name=prop.name,
            before=say_schema(report.old_document, prop.node), gate=gate(report.old_document, prop),
        )  # fmt: skip
    for prop in come:
        word = "REQUIRED" if prop.required else "OPTIONAL"
        what = say_schema(report.new_document, prop.node)
        report.add(
            f"PROP-ADDED-{word}", "added", f"was added ({word.lower()} {what})",
            owner=prop.owner, pointer=prop.pointer, name=prop.name, after=what,
            gate=gate(report.new_document, prop),
        )  # fmt: skip
    for name, now in new.properties.items():
        if name not in old.properties:
            continue
        was = old.properties[name]
        if was.required != now.required:
            word = "REQUIRED" if now.required else "OPTIONAL"
            report.add(
                f"PROP-BECAME-{word}", "changed", f"became {word.lower()}",
                owner=now.owner, pointer=now.pointer, old_pointer=was.pointer,
                before=was.required, after=now.required, name=name,
                gate=gate(report.new_document, now), keywords=("required",),
            )  # fmt: skip
        _property(report, was, now)
    _patterns(report, old, new)
    _additional(report, old, new)


def _property(report: PairReport, was: Property, now: Property) -> None:
    """Compare the schemas of a property, in the directions in which it travels."""
    open_ = REQUEST | RESPONSE
    for flag, direction, stems, on, off in (
        ("readOnly", REQUEST, ("READ-ONLY", "WRITABLE"), "is read-only", "may be sent"),
        ("writeOnly", RESPONSE, ("WRITE-ONLY", "READABLE"), "is write-only", "comes in responses"),
    ):
        before = flag_of(report.old_document, was, flag)
        after = flag_of(report.new_document, now, flag)
        if before or after:
            open_ &= ~direction
        if (before is None) == (after is None):
            continue
        stated = after or next(iter(report.new_document.effective(now.node).parts), None)
        pointer = stated.pointer if stated is not None else now.pointer
        report.add(
            f"PROP-BECAME-{stems[0] if after else stems[1]}", "changed", on if after else off,
            owner=stated or now.owner, pointer=pointer,
            old_pointer=before.pointer if before else was.pointer,
            before=before is not None, after=after is not None, name=flag,
        )  # fmt: skip
    report.inner(was.node, now.node, report.site(now.owner), gate=open_)


def _renamed(
    report: PairReport, lost: list[Property], come: list[Property]
) -> Iterator[tuple[Property, Property]]:
    """Properties that are evidently one under another name: the only two that are so alike."""
    if not lost or not come:
        return
    before, after = report.walk.uses()
    old: dict[Any, list[Property]] = {}
    new: dict[Any, list[Property]] = {}
    for document, props, groups, counts in (
        (report.old_document, lost, old, before),
        (report.new_document, come, new, after),
    ):
        for prop in props:
            for key in _evidence(document, prop, counts):
                groups.setdefault(key, []).append(prop)
    paired: set[int] = set()
    for key in sorted(old.keys() & new.keys(), key=repr):
        if len(old[key]) == len(new[key]) == 1:
            was, now = old[key][0], new[key][0]
            if id(was) not in paired and id(now) not in paired:
                paired |= {id(was), id(now)}
                yield was, now


def _evidence(document: Document, prop: Property, counts: Any) -> Iterator[Any]:
    """What a property is recognised by under another name.

    A definition of its own, or its words.
    """
    if prop.node is ANY:
        return
    reference = prop.node.parts[0].raw.get("$ref")
    if isinstance(reference, str) and counts[reference] == 1:
        yield "reference", prop.required, reference
    contract = document.effective(prop.node)
    words = prose(contract)
    if words is not None:
        yield "words", prop.required, words, shape(contract)


def _patterns(report: PairReport, old: Effective, new: Effective) -> None:
    for pattern in sorted(old.patterns.keys() | new.patterns.keys()):
        before, after = old.patterns.get(pattern), new.patterns.get(pattern)
        if before is not None and after is not None:
            report.inner(before, after, report.pair.site)
            continue
        kind: Kind = "added" if after is not None else "removed"
        node = after or before
        report.add(
            "KEYWORD-CHANGED", kind,
            f"{'gained' if after else 'lost'} properties like {pattern}",
            owner=None, pointer=node.site if node else report.fallback,
            name=f"patternProperties {pattern}",
        )  # fmt: skip


def _additional(report: PairReport, old: Effective, new: Effective) -> None:
    was, now = old.additional, new.additional
    if (was is None) == (now is None):
        if was is not None and now is not None:
            report.inner_of(new.additional_owner, was, now)
        return
    closed = now is None
    owner = new.additional_owner or report.holder(old.additional_owner)
    pointer = report.fallback
    if owner is not None:
        keyword = next(
            (
                word
                for word in ("additionalProperties", "unevaluatedProperties")
                if word in owner.raw
            ),
            None,
        )
        pointer = f"{owner.pointer}/{keyword}" if keyword else owner.pointer
    report.add(
        "OPEN-TO-CLOSED" if closed else "CLOSED-TO-OPEN", "changed",
        f"takes {'no properties' if closed else 'properties'} that are not listed",
        owner=owner, pointer=pointer, old_pointer=report.place_in_old(owner),
        name="additionalProperties",
        subject=describe(report.new_document, owner.pointer) if owner else None,
    )  # fmt: skip
