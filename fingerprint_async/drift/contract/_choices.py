# JSON of any shape is read here.
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false
"""The comparison of choices: which alternatives stand for each other, which came, which went.

Alternatives have no order. They are matched by name, by meaning, by the discriminator, then by how
much they share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from fingerprint_async.drift.contract._discriminators import compare_discriminators
from fingerprint_async.drift.contract._facts import compare_facts, compare_types
from fingerprint_async.drift.contract._questions import (
    Atoms,
    atoms,
    covers,
    fact_set,
    includes,
    of_type,
    shape,
    tag_values,
    variant_name,
)
from fingerprint_async.drift.contract.model import SCHEMAS, Choice, Effective, Node, Variant
from fingerprint_async.drift.contract.pointer import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fingerprint_async.drift.contract._pairs import PairReport
    from fingerprint_async.drift.contract.changes import Kind
    from fingerprint_async.drift.contract.document import Document
    from fingerprint_async.drift.contract.model import Part

__all__ = ["compare_children", "compare_choices"]

MAX_WEIGHED = 64
"""Alternatives that are weighed against each other; of more, those in doubt count as other ones."""
_ALIKE = 0.5


@attrs.frozen(eq=False)
class _Alternative:
    """An alternative with its contract."""

    document: Document
    variant: Variant
    contract: Effective

    @property
    def node(self) -> Node:
        return self.variant.node

    @property
    def digest(self) -> str:
        return self.document.digests.of(self.node)


_Pairs: TypeAlias = list[tuple[_Alternative, _Alternative]]


def compare_choices(report: PairReport) -> None:
    """Compare the choices of two contracts, at least one of which has some."""
    before = [choice for choice in report.old.choices if not choice.open]
    after = [choice for choice in report.new.choices if not choice.open]
    if len(before) <= 1 and len(after) <= 1:
        _compare(report, next(iter(before), None), next(iter(after), None))
        return
    compare_facts(
        report,
        report.old,
        report.new,
        compare_types(report, atoms(report.old), atoms(report.new)),
    )
    pairs, lost, come = _match_choices(report, before, after)
    for was, now in pairs:
        _compare(report, was, now)
    for choice in lost:
        report.changed(
            "CONSTRAINT-LOOSENED", "lost a choice", choice.owner, None, name=choice.pointer
        )
    for choice in come:
        report.changed(
            "CONSTRAINT-TIGHTENED", "gained a choice", None, choice.owner, name=choice.pointer
        )


def _match_choices(
    report: PairReport, before: list[Choice], after: list[Choice]
) -> tuple[list[tuple[Choice, Choice]], list[Choice], list[Choice]]:
    """Which choices stand for each other: those that share the most alternatives."""

    def parts(document: Document, choice: Choice) -> frozenset[str]:
        each = {document.digests.of(variant.node) for variant in choice.variants}
        each |= {f"name {variant.name}" for variant in choice.variants if variant.name}
        for variant in choice.variants:
            each |= fact_set(document, variant.node)
        return frozenset(each)

    old = [(parts(report.old_document, choice), choice) for choice in before]
    new = [(parts(report.new_document, choice), choice) for choice in after]
    costs = sorted(
        (len(one ^ two), sorted(one), sorted(two), i, j)
        for i, (one, _) in enumerate(old)
        for j, (two, _) in enumerate(new)
    )
    pairs: list[tuple[int, int]] = []
    for *_, i, j in costs:
        if all(i != one and j != two for one, two in pairs):
            pairs.append((i, j))
    return (
        [(before[i], after[j]) for i, j in pairs],
        [each for i, each in enumerate(before) if all(i != one for one, _ in pairs)],
        [each for j, each in enumerate(after) if all(j != two for _, two in pairs)],
    )


def _compare(report: PairReport, before: Choice | None, after: Choice | None) -> None:
    old, new = report.old, report.new
    was = _alternatives(report.old_document, before, report.pair.old, old)
    now = _alternatives(report.new_document, after, report.pair.new, new)
    if all(each.contract.scalar for each in (*was, *now)):
        owner = after.owner if after else report.holder(before.owner if before else None)
        _scalars(report, was, now, owner)
        return
    if before is not None and after is not None and old.nullable != new.nullable:
        said = "can be null" if new.nullable else "can no longer be null"
        report.add(
            f"BECAME-{'NULLABLE' if new.nullable else 'NON-NULLABLE'}", "changed", said,
            owner=after.owner, pointer=after.pointer, old_pointer=before.pointer,
            before=old.nullable, after=new.nullable,
        )  # fmt: skip
    tag = (before and before.discriminator) or (after and after.discriminator) or None
    pairs, lost, come = _Matching(report, tag).run(was, now)
    if before is None or after is None:
        inside, lost, come = _within(was, now, lost, come)
        pairs += inside
        if not pairs:
            _replaced(report, was, now, after)
            return
    site = report.site(after.owner if after else None)
    for one, two in pairs:
        report.inner(one.node, two.node, site)
    for each in lost:
        _alternative(report, "UNION-NARROWED", each, before)
    stem = "UNION-WIDENED" if before is not None else "BECAME-UNION"
    for each in come:
        _alternative(report, stem, each, after)
    if before is not None and after is not None:
        names = [(one.variant, two.variant) for one, two in pairs]
        compare_discriminators(report, before, after, names)


def _within(
    was: list[_Alternative],
    now: list[_Alternative],
    lost: list[_Alternative],
    come: list[_Alternative],
) -> tuple[_Pairs, list[_Alternative], list[_Alternative]]:
    """Alternatives that the one schema on the other side allows anyway: compared with it."""
    pairs: _Pairs = []
    if len(was) == 1:
        one = was[0]
        inside = [
            each
            for each in come
            if includes((one.document, one.contract), (each.document, each.contract))
        ]
        pairs += [(one, each) for each in inside]
        come = [each for each in come if each not in inside]
    if len(now) == 1:
        one = now[0]
        inside = [
            each
            for each in lost
            if includes((one.document, one.contract), (each.document, each.contract))
        ]
        pairs += [(each, one) for each in inside]
        lost = [each for each in lost if each not in inside]
    return pairs, lost, come


def compare_children(report: PairReport) -> None:
    """Compare the schemas that can stand where a parent with a discriminator is promised."""
    before = next((choice for choice in report.old.choices if choice.open), None)
    after = next((choice for choice in report.new.choices if choice.open), None)
    if before is None and after is None:
        return
    was = _alternatives(report.old_document, before, None, report.old)
    now = _alternatives(report.new_document, after, None, report.new)
    pairs, lost, come = _Matching(report, None).run(was, now)
    for one, two in pairs:
        report.inner(one.node, two.node, None)
    for each in lost:
        _alternative(report, "UNION-NARROWED", each, before)
    for each in come:
        _alternative(report, "UNION-WIDENED", each, after)
    if before is not None and after is not None:
        names = [(one.variant, two.variant) for one, two in pairs]
        compare_discriminators(report, before, after, names)


def _alternatives(
    document: Document, choice: Choice | None, node: Node | None, whole: Effective
) -> list[_Alternative]:
    if choice is not None:
        return [
            _Alternative(document, each, document.effective(each.node)) for each in choice.variants
        ]
    if node is None:
        return []
    reference = node.parts[-1].raw.get("$ref") if node.parts else None
    named = reference if isinstance(reference, str) else node.site
    name = named.rpartition(SCHEMAS)[2] if SCHEMAS in named else ""
    return [_Alternative(document, Variant(node, name), whole)]


def _alternative(report: PairReport, stem: str, each: _Alternative, choice: Choice | None) -> None:
    """Report an alternative that came or went."""
    gone = stem == "UNION-NARROWED"
    kind: Kind = "removed" if gone else "added"
    said = "is no longer" if gone else "can also be"
    name = each.variant.name or variant_name(each.contract)
    anchor = choice.owner.anchor if choice is not None else None
    part = next(iter(each.node.parts[-1:]), None) or next(iter(each.contract.parts), None)
    report.add(
        stem, kind, f"{said} {name}",
        owner=attrs.evolve(part, anchor=anchor) if part is not None else None,
        pointer=each.node.site, name=name,
    )  # fmt: skip


def _replaced(
    report: PairReport, was: list[_Alternative], now: list[_Alternative], after: Choice | None
) -> None:
    """Report alternatives none of which stands for what was there before."""
    before, now_said = (
        " or ".join(sorted({each.variant.name or variant_name(each.contract) for each in some}))
        for some in (was, now)
    )
    one, two = (all(each.contract.anything for each in some) for some in (was, now))
    stem = "TYPE-NARROWED" if one else "TYPE-WIDENED" if two else "TYPE-CHANGED"
    report.changed(
        stem, f"changed its type from {before} to {now_said}",
        None, after.owner if after is not None else None, before=before, after=now_said,
    )  # fmt: skip


def _scalars(
    report: PairReport, was: list[_Alternative], now: list[_Alternative], owner: Part | None
) -> None:
    """Compare a choice between scalars: its types as one set, then what each of a type allows."""
    one, two = (
        frozenset().union(*(atoms(each.contract) or () for each in some)) | _null(whole)
        for some, whole in ((was, report.old), (now, report.new))
    )
    typed = compare_types(report, one, two, owner)
    for name in sorted({name for each in (*was, *now) for name in each.contract.types or ()}):
        lefts, rights = _of_type(was, name), _of_type(now, name)
        pairs, lost, come = _Matching(report, None).run(lefts, rights)
        for left, right in pairs:
            compare_facts(report, left.contract, right.contract, typed)
        for each in lost:
            if rights and covers(two, atoms(each.contract)) and not _any_of(rights):
                _alternative(report, "UNION-NARROWED", each, None)
        for each in come:
            if lefts and covers(one, atoms(each.contract)) and not _any_of(lefts):
                _alternative(report, "UNION-WIDENED", each, None)


def _of_type(some: list[_Alternative], name: str) -> list[_Alternative]:
    """What alternatives say about values of one type."""
    return [
        attrs.evolve(each, contract=of_type(each.contract, name))
        for each in some
        if name in (each.contract.types or ())
    ]


def _null(whole: Effective) -> Atoms:
    return frozenset({("null", None)}) if whole.nullable else frozenset()


def _any_of(some: list[_Alternative]) -> bool:
    """Whether one of them allows all values of its type."""
    return any(
        each.contract.values is None
        and not (each.contract.bounds or each.contract.regexes or each.contract.conditions)
        for each in some
    )


class _Matching:
    """Finds which alternatives stand for each other.

    Args:
        report: The pair of schemas whose alternatives they are.
        tag: The property that tells them apart.
    """

    def __init__(self, report: PairReport, tag: str | None) -> None:
        self._report, self._tag = report, tag
        self._facts: dict[int, frozenset[str]] = {}

    def run(
        self, was: list[_Alternative], now: list[_Alternative]
    ) -> tuple[_Pairs, list[_Alternative], list[_Alternative]]:
        """Return the pairs, and the alternatives that went and came."""
        pairs: _Pairs = []
        lost, come = list(was), list(now)
        keys: tuple[Callable[[_Alternative], Any], ...] = (
            self._name,
            lambda each: each.digest,
            lambda each: each.variant.keys or None,
            lambda each: tag_values(each.document, each.contract, self._tag),
            lambda each: shape(each.contract),
            lambda each: frozenset(each.contract.properties) or None,
            lambda each: None if _is_object(each) else each.contract.types,
        )
        for key in keys:
            groups = _grouped(come, key)
            for what, lefts in _grouped(lost, key).items():
                if what is not None:
                    pairs += self._nearest(lefts, groups.get(what, []))
            done = {id(each) for pair in pairs for each in pair}
            lost = [each for each in lost if id(each) not in done]
            come = [each for each in come if id(each) not in done]
        pairs += self._nearest(lost, come, alike=_ALIKE)
        done = {id(each) for pair in pairs for each in pair}
        lost = [each for each in lost if id(each) not in done]
        come = [each for each in come if id(each) not in done]
        if len(lost) == len(come) == 1 and lost[0].contract.types == come[0].contract.types:
            pairs.append((lost.pop(), come.pop()))
        return pairs, lost, come

    def _name(self, each: _Alternative) -> str | None:
        name = each.variant.name
        if not name:
            return None
        renamed = self._report.walk.renamed
        if each.document is self._report.old_document:
            return renamed.get(f"{SCHEMAS}{escape(name)}", f"{SCHEMAS}{escape(name)}")
        return f"{SCHEMAS}{escape(name)}"

    def _nearest(
        self, lefts: list[_Alternative], rights: list[_Alternative], *, alike: float = 0.0
    ) -> _Pairs:
        """Pair those that share the most, whatever their order."""
        if not lefts or not rights:
            return []
        if len(lefts) == len(rights) == 1 and not alike:
            return [(lefts[0], rights[0])]
        if len(lefts) > MAX_WEIGHED or len(rights) > MAX_WEIGHED:
            lefts, rights = sorted(lefts, key=_rank), sorted(rights, key=_rank)
            return list(zip(lefts, rights, strict=False)) if not alike else []
        costs: list[tuple[int, tuple[str, str], tuple[str, str], int, int]] = []
        for i, left in enumerate(lefts):
            for j, right in enumerate(rights):
                one, two = self._said(left), self._said(right)
                if alike and not _alike(left, right, alike):
                    continue
                costs.append((len(one ^ two), _rank(left), _rank(right), i, j))
        found: dict[int, int] = {}
        for *_, i, j in sorted(costs):
            if i not in found and j not in found.values():
                found[i] = j
        return [(lefts[i], rights[j]) for i, j in found.items()]

    def _said(self, each: _Alternative) -> frozenset[str]:
        facts = self._facts.get(id(each))
        if facts is None:
            facts = self._facts[id(each)] = fact_set(each.document, each.node)
        return facts


def _rank(each: _Alternative) -> tuple[str, str]:
    return each.digest, each.variant.name


def _is_object(each: _Alternative) -> bool:
    return not each.contract.types or "object" in each.contract.types


def _alike(left: _Alternative, right: _Alternative, least: float) -> bool:
    """Whether two objects share enough of their properties to be the same one, changed."""
    one, two = left.contract.properties.keys(), right.contract.properties.keys()
    if not one or not two or left.contract.types != right.contract.types:
        return False
    return len(one & two) >= least * len(one | two)


def _grouped(
    some: Iterable[_Alternative], key: Callable[[_Alternative], Any]
) -> dict[Any, list[_Alternative]]:
    groups: dict[Any, list[_Alternative]] = {}
    for each in some:
        groups.setdefault(key(each), []).append(each)
    return groups
