# JSON of any shape is read here.
# pyright: reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
"""Choices between schemas: `oneOf` and `anyOf`, each alternative joined with what is beside it.

A choice of one is no choice. Alternatives that only list values are one list of values. Several
choices that are in force
together stay several: the alternatives of each are joined with what is beside all of them, so that
twelve choices of
two are twenty-four schemas and not four thousand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from fingerprint_async.drift.contract.model import (
    SCHEMAS,
    Choice,
    Effective,
    Node,
    Part,
    Stated,
    Variant,
    says,
    value_key,
)
from fingerprint_async.drift.contract.normalise import canonical_schema
from fingerprint_async.drift.contract.pointer import escape, unescape

if TYPE_CHECKING:
    from fingerprint_async.drift.contract.document import Document
    from fingerprint_async.drift.contract.merge import Merger

__all__ = ["ChoiceReader", "leaf"]

MAX_WEIGHT = 256
"""Alternatives inside alternatives that are told apart.

Beyond, a choice is compared as it is written.
"""
MAX_MEMBERS = 10_000
"""Alternatives of one choice that are told apart."""
MAX_SINGLE = 200
"""Choices of one inside choices of one."""
MAX_LISTS = 8
"""Levels of choices between values inside choices between values."""
_KEYWORDS = ("oneOf", "anyOf")
_ENDINGS = (".yaml", ".yml", ".json")


@attrs.frozen(eq=False)
class _Found:
    """A choice as it stands: its alternatives, and whether null is one."""

    owner: Part
    place: str
    members: tuple[Part, ...]
    null: bool


class ChoiceReader:
    """Reads the choices of one document.

    Args:
        document: The document.
        merger: Joins the parts of an alternative.
    """

    def __init__(self, document: Document, merger: Merger) -> None:
        self._document, self._merger = document, merger

    def contract(self, node: Node) -> Effective:
        """Return the contract of a node, its choices told apart."""
        document = self._document
        parts, through = node.parts, set[str]()
        first: Effective | None = None
        absorbed: list[tuple[bool, Part]] = []
        while True:
            merged = self._merger.merge(Node(node.site, parts))
            first = first or merged
            found = [self._found(part, place, through) for part, place in _open(merged.parts)]
            single = [each for each in found if len(each.members) <= 1]
            if not single:
                break
            places = frozenset(each.place for each in single)
            parts = tuple(attrs.evolve(each, consumed=each.consumed | places) for each in parts)
            if len(parts[0].consumed) > MAX_SINGLE:
                document.fail(node.site, "choices of one nested too deeply")
            for each in single:
                for member in each.members:
                    joined = attrs.evolve(member, consumed=parts[0].consumed)
                    absorbed.append((each.null, joined))
                    parts = (*parts, joined)
                if not each.members:
                    never = Part(each.place, {"type": "null"}, each.owner.anchor)
                    parts = (*parts, never)
        merged.anchors |= through
        if any(null for null, _ in absorbed):
            merged.nullable = first.nullable and all(
                null or self._merger.merge(Node(part.pointer, (part,))).nullable
                for null, part in absorbed
            )
        nullable = merged.nullable
        choices: list[Choice] = []
        for each in found:
            choice = self._tell_apart(merged, parts, found, each, node)
            if choice is not None:
                choices.append(choice)
            nullable = nullable and each.null
        if found:
            merged.nullable = nullable
            merged.anchors |= through
        if not found:
            choices += self._children(merged)
        merged.choices = tuple(choices)
        return merged

    def list_of(self, node: Node) -> Effective:
        """Return the contract of alternatives that only list values: one list."""
        contracts = [self._document.effective(each) for each in node.listed]
        merged = attrs.evolve(
            contracts[0],
            anchors=frozenset().union(*(each.anchors for each in contracts)),
            types=frozenset().union(*(each.types or () for each in contracts)),
            nullable=any(each.nullable for each in contracts),
            values={},
        )
        for each in contracts:
            for key, stated in (each.values or {}).items():
                assert merged.values is not None  # noqa: S101 -- set above
                merged.values.setdefault(key, stated)
        return merged

    # Finding.

    def _found(self, part: Part, place: str, through: set[str]) -> _Found:
        raw = self._document.sequence(part.raw[place.rpartition("/")[2]], place)
        if not raw:
            self._document.note(place, "a choice between no schemas")
        members: list[Part] = []
        null = False
        seen: set[str] = set()
        for where, sub in self._members(place, raw, through):
            said = value_key(canonical_schema(sub))
            if said in seen:
                continue  # the same alternative twice is one
            seen.add(said)
            if sub.get("type") in ("null", ["null"]) or ("const" in sub and sub["const"] is None):
                null = True
                continue
            members.append(Part(where, sub, part.anchor))
        return _Found(part, place, tuple(members), null)

    def _members(
        self, place: str, members: Sequence[Any], through: set[str]
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The alternatives, those of choices inside it that say nothing else included."""
        document = self._document
        seen = {place}
        waiting = [(f"{place}/{index}", raw) for index, raw in reversed(list(enumerate(members)))]
        while waiting:
            where, raw = waiting.pop()
            sub = document.schema(raw, where)
            at, target, passed = self._followed(where, sub)
            inner = next((keyword for keyword in _KEYWORDS if says(target) == {keyword}), None)
            if inner is None or not isinstance(target[inner], list):
                yield where, sub
                continue
            through.update(passed - {where})
            if at != where:
                through.add(at)
            if f"{at}/{inner}" not in seen:
                seen.add(f"{at}/{inner}")
                waiting += [
                    (f"{at}/{inner}/{index}", alternative)
                    for index, alternative in reversed(list(enumerate(target[inner])))
                ]

    def _followed(
        self, where: str, raw: Mapping[str, Any]
    ) -> tuple[str, Mapping[str, Any], set[str]]:
        """Where references that say nothing else lead in the end."""
        passed: set[str] = set()
        while says(raw) == {"$ref"} and where not in passed:
            passed.add(where)
            where, followed = self._document.target(raw["$ref"], where)
            raw = self._document.schema(followed, where)
        return where, raw, passed

    # Telling apart.

    def _tell_apart(
        self, merged: Effective, parts: tuple[Part, ...], found: list[_Found], each: _Found,
        node: Node,
    ) -> Choice | None:  # fmt: skip
        weight = node.weight * len(each.members)
        if len(each.members) > MAX_MEMBERS or (node.weight > 1 and weight > MAX_WEIGHT):
            self._document.note(each.place, "too complex to be told apart: compared as written")
            keyword = each.place.rpartition("/")[2]
            written = canonical_schema(each.owner.raw[keyword])
            known = merged.facts.setdefault(f"complex {keyword}", {})
            known[value_key(written)] = (written, each.place, each.owner)
            return None
        consumed = frozenset(one.place for one in found)
        base = tuple(attrs.evolve(part, consumed=part.consumed | consumed) for part in parts)
        listed: list[Node] = []
        others: list[Variant] = []
        names = {name for name in (_name_of(member.raw) for member in each.members) if name}
        meanings = self._meanings(each.owner, names)
        for member in each.members:
            joined = attrs.evolve(member, consumed=base[0].consumed)
            variant = Node(member.pointer, (*base, joined), weight=weight)
            if self._lists(member.pointer, member.raw, 0):
                listed.append(variant)
            else:
                name = _name_of(member.raw)
                others.append(Variant(variant, name, _keys(meanings, name)))
        if listed and not others:
            values: Stated = {}
            types: set[str] = set()
            for one in listed:
                contract = self._document.effective(one)
                types |= contract.types or set()
                merged.anchors |= contract.anchors
                for key, stated in (contract.values or {}).items():
                    values.setdefault(key, stated)
            if each.null or merged.nullable:
                values.setdefault("null", (None, each.place, each.owner))
            self._merger.meet_values(merged, values)
            merged.types = frozenset(types)
            merged.types_owner = merged.types_owner or each.owner
            return None
        if len(listed) == 1:
            others.append(Variant(listed[0], _name_of(listed[0].parts[-1].raw)))
        elif listed:
            others.append(Variant(Node(each.place, (), tuple(listed))))
        discriminator = self._discriminator(each.owner)
        return Choice(each.owner, each.place, tuple(others), discriminator, meanings)

    def _lists(self, at: str, raw: Mapping[str, Any], depth: int) -> bool:
        """Whether a schema only lists values, itself or by choices between such schemas."""
        at, raw, _ = self._followed(at, raw)
        if isinstance(raw.get("enum"), list) or "const" in raw:
            return True
        if depth < MAX_LISTS:
            for keyword in _KEYWORDS:
                members = raw.get(keyword)
                if isinstance(members, list) and members:
                    return all(
                        isinstance(sub, Mapping)
                        and self._lists(f"{at}/{keyword}/{index}", sub, depth + 1)
                        for index, sub in enumerate(members)
                    )
        return False

    def _discriminator(self, part: Part) -> str | None:
        raw = part.raw.get("discriminator")
        name = raw.get("propertyName") if isinstance(raw, Mapping) else None
        if raw is not None and not isinstance(name, str):
            self._document.note(f"{part.pointer}/discriminator", "names no property")
        return name if isinstance(name, str) else None

    def _meanings(self, part: Part, names: set[str]) -> dict[str, str]:
        """The named schema that each value of a discriminator means.

        Its own name, if nothing else.
        """
        if self._discriminator(part) is None:
            return {}
        mapping = part.raw["discriminator"].get("mapping")
        stated = mapping if isinstance(mapping, Mapping) else {}
        meanings = {key: leaf(str(target)) for key, target in stated.items()}
        told = set(meanings.values())
        return {**{name: name for name in sorted(names - told)}, **meanings}

    def _children(self, merged: Effective) -> Iterator[Choice]:
        """The schemas that can stand where a parent with a discriminator is promised."""
        document = self._document
        for part in merged.parts:
            if self._discriminator(part) is None or any(word in part.raw for word in _KEYWORDS):
                continue
            mapping = part.raw["discriminator"].get("mapping")
            places = document.children(part.pointer)
            known = document.schemas()
            for target in mapping.values() if isinstance(mapping, Mapping) else ():
                name = leaf(str(target))
                place = f"{SCHEMAS}{escape(name)}"
                if name in known and place not in places and place != part.pointer:
                    places.append(place)
            if not places or merged.anchors & set(places):
                continue
            names = {unescape(place.rpartition("/")[2]) for place in places}
            meanings = self._meanings(part, names)
            variants = tuple(
                Variant(known[name], name, _keys(meanings, name)) for name in sorted(names)
            )
            place = f"{part.pointer}/discriminator"
            yield Choice(part, place, variants, self._discriminator(part), meanings, open=True)


def _open(parts: tuple[Part, ...]) -> Iterator[tuple[Part, str]]:
    """The choices that are not told apart yet."""
    seen: set[str] = set()
    for part in parts:
        for keyword in _KEYWORDS:
            place = f"{part.pointer}/{keyword}"
            stands = isinstance(part.raw.get(keyword), list)
            if stands and place not in part.consumed and place not in seen:
                seen.add(place)
                yield part, place


def _keys(meanings: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(sorted(key for key, meant in meanings.items() if meant == name))


def _name_of(raw: Mapping[str, Any]) -> str:
    """The named schema that a schema is, empty when it is none.

    One that is joined with nothing is it.
    """
    while "$ref" not in raw and says(raw) <= {"allOf"}:
        members = raw.get("allOf")
        if (
            not isinstance(members, list)
            or len(members) != 1
            or not isinstance(members[0], Mapping)
        ):
            break
        raw = members[0]
    reference = raw.get("$ref")
    return leaf(reference) if isinstance(reference, str) else ""


def leaf(target: str) -> str:
    """Return the schema that is named: by reference, by name, or by the file it once was."""
    name = unescape(target.rsplit("/", 1)[-1])
    for ending in _ENDINGS:
        name = name.removesuffix(ending)
    return name
