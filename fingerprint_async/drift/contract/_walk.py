"""The state of a comparison.

Which pairs of schemas stand for each other, what was found, and what reaches it.
"""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING, Any

from fingerprint_async.drift.contract._questions import (
    makes_a_symbol,
    name_of,
    reachable,
    references,
)
from fingerprint_async.drift.contract.changes import REPORTED, REQUEST, RESPONSE, Delta, Kind, Pair
from fingerprint_async.drift.contract.model import SCHEMAS, Effective, Node
from fingerprint_async.drift.contract.pointer import escape
from fingerprint_async.drift.contract.words import say_schema

if TYPE_CHECKING:
    from fingerprint_async.drift.contract.document import Document
    from fingerprint_async.drift.contract.endpoints import Endpoint

__all__ = ["Walk"]

_BOTH = REQUEST | RESPONSE
_FIRST_ENDPOINT = 3  # bits from here on say which operations reach a pair


class Walk:
    """The state of a comparison.

    Args:
        old: The document that the client was made from.
        new: The document to compare with it.
        refactors: Whether to list named schemas that came or went without a change of meaning.
        exported: Named schemas that code knows by name: that they go is a change.
    """

    def __init__(
        self,
        old: Document,
        new: Document,
        *,
        refactors: bool = False,
        exported: frozenset[str] = frozenset(),
    ) -> None:
        self.old, self.new, self.refactors = old, new, refactors
        self._exported = exported
        self.pairs: dict[tuple[Any, ...], Pair] = {}
        self.found: dict[tuple[Any, ...], Delta] = {}
        self.labels: list[str] = []
        self.roots: list[tuple[Pair, int]] = []
        self.fresh: deque[Pair] = deque()
        self.covered_old: set[str] = set()
        self.covered_new: set[str] = set()
        self.old_schemas, self.new_schemas = old.schemas(), new.schemas()
        self.gone = {
            f"{SCHEMAS}{escape(name)}" for name in self.old_schemas.keys() - self.new_schemas.keys()
        }
        self.come = {
            f"{SCHEMAS}{escape(name)}" for name in self.new_schemas.keys() - self.old_schemas.keys()
        }
        self.renamed: dict[str, str] = {}
        self._old_names: dict[str, str] = {}
        self._counts: tuple[Counter[str], Counter[str]] | None = None

    def label(self, endpoint: Endpoint) -> int:
        words = endpoint.label
        if words not in self.labels:
            self.labels.append(words)
        return 1 << self.labels.index(words) + _FIRST_ENDPOINT

    def labels_of(self, mask: int) -> tuple[str, ...]:
        bits = mask >> _FIRST_ENDPOINT
        return tuple(label for index, label in enumerate(self.labels) if bits >> index & 1)

    def add(
        self,
        stem: str,
        kind: Kind,
        location: str,
        said: str,
        *,
        mask: int = 0,
        **more: Any,
    ) -> Delta:
        delta = Delta(stem, kind, location, said, **more)
        delta = self.found.setdefault(delta.key, delta)
        delta.mask |= mask | REPORTED
        return delta

    # Walking pairs.

    def pair(self, old: Node, new: Node, site: str | None) -> Pair:
        if site is None:
            one, two = self.old.resolved(old), self.new.resolved(new)
            if one is not old and two is not new and one.site == two.site:
                old, new = one, two
        key = (old.key, new.key, site)
        pair = self.pairs.get(key)
        if pair is None:
            pair = self.pairs[key] = Pair(old, new, site)
            self.fresh.append(pair)
        return pair

    def root(self, old: Node, new: Node, mask: int, site: str | None = None) -> None:
        self.roots.append((self.pair(old, new, site), mask | REPORTED))

    def spread(self) -> None:
        """Tell each pair which directions and operations reach it.

        And through it its differences.
        """
        waiting: deque[Pair] = deque()
        for pair, mask in self.roots:
            if pair.mask | mask != pair.mask:
                pair.mask |= mask
                waiting.append(pair)
        while waiting:
            pair = waiting.popleft()
            for inner, gate in pair.inner:
                passed = pair.mask & (~_BOTH | gate) if pair.mask & gate or gate == _BOTH else 0
                if inner.mask | passed != inner.mask:
                    inner.mask |= passed
                    waiting.append(inner)
        for pair in self.pairs.values():
            for delta in pair.deltas:
                self.found.setdefault(delta.key, delta).mask |= pair.mask

    # Named schemas that appeared, disappeared or have another name.

    def named_schemas(self) -> None:
        for before, after in self.renamed.items():
            was, now = name_of(before), name_of(after)
            self.add(
                "SCHEMA-RENAMED",
                "changed",
                after,
                f"was called {was}",
                old_location=before,
                name=now,
                before=was,
                after=now,
            )
        removed = self.gone - self.renamed.keys()
        added = self.come - set(self.renamed.values())
        for document, schemas, names, covered, kind in (
            (self.old, self.old_schemas, removed, self.covered_old, "removed"),
            (self.new, self.new_schemas, added, self.covered_new, "added"),
        ):
            known = {pointer for pointer in names if name_of(pointer) in self._exported}
            covered = covered - known if kind == "removed" else covered  # noqa: PLW2901
            left = names - covered
            for delta in [
                each
                for each in self.found.values()
                if each.document == ("old" if kind == "removed" else "new")
            ]:
                if left and delta.kind == kind:
                    brought = reachable(document, delta.definition or delta.location, left)
                    left -= brought
                    delta.schemas.extend(name_of(pointer) for pointer in brought)
            verb: Kind = "added" if kind == "added" else "removed"
            for pointer in sorted(names & left):
                name = name_of(pointer)
                if makes_a_symbol(document, schemas[name]):
                    said = f"was {kind}, {say_schema(document, schemas[name])}"
                    self.add(f"SCHEMA-{kind.upper()}", verb, pointer, said, name=name)
            if self.refactors:
                for pointer in sorted(names & covered):
                    said = "stands by name now" if kind == "added" else "no longer stands by name"
                    self.add("REF-REFACTOR", verb, pointer, said, name=name_of(pointer))

    # Evidence for renames.

    def uses(self) -> tuple[Counter[str], Counter[str]]:
        """How often each reference stands in either document."""
        if self._counts is None:
            self._counts = Counter(references(self.old.raw)), Counter(references(self.new.raw))
        return self._counts

    def renames(self, old: Effective, new: Effective) -> None:
        """Note a named schema that has another name here, when it is evidently the same."""
        before = next((part.anchor for part in old.parts if part.anchor in self.gone), None)
        after = next((part.anchor for part in new.parts if part.anchor in self.come), None)
        if (
            before is None
            or after is None
            or before in self.renamed
            or after in self.renamed.values()
        ):
            return
        if old.types != new.types or bool(old.choices) != bool(new.choices):
            return
        names, others = (
            set(old.properties) | set(old.values or ()),
            set(new.properties) | set(new.values or ()),
        )
        if (names or others) and len(names & others) * 2 < len(names | others):
            return
        self.renamed[before] = after
        self._old_names[after] = before

    def old_name(self, pointer: str) -> str | None:
        """Return what a renamed schema was called."""
        return self._old_names.get(pointer)
