# JSON of any shape is read here.
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false
"""From the parts of a schema to the contract that they make: `$ref` followed, `allOf` joined.

All that is joined is in force at once: two patterns, formats or conditions are two, whatever their
order.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from fingerprint_async.drift.contract._limits import (
    BOUNDING,
    TYPES,
    drop_idle,
    integer_bounds,
    json_type,
    read_bounds,
)
from fingerprint_async.drift.contract._reading import Reader
from fingerprint_async.drift.contract.choices import ChoiceReader
from fingerprint_async.drift.contract.model import (
    ANY,
    INVALID,
    Condition,
    Effective,
    Node,
    Part,
    Property,
    Stated,
    strip_prose,
    value_key,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from fingerprint_async.drift.contract.document import Document

__all__ = ["Merger"]

# Patterns that every text matches.
_NO_PATTERNS = frozenset(
    {"", ".*", "^.*$", "^.*", ".*$", "^", "$", "(.*)", "[\\s\\S]*", "^[\\s\\S]*$"}
)
_FLAGS = ("deprecated", "readOnly", "writeOnly")
_FACTS = ("contentEncoding", "contentMediaType", "xml")
_CONDITIONS = frozenset({"not", "if", "contains", "propertyNames", "contentSchema"}) | {
    "dependentSchemas",
    "unevaluatedProperties",
    "unevaluatedItems",
}
_OBJECTS = frozenset({"required", "properties", "patternProperties", "additionalProperties"})
_ARRAYS = frozenset({"items", "prefixItems"})


class Merger:
    """Merges the schemas of one document.

    Args:
        document: The document.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.choices = ChoiceReader(document, self)
        self._reader = Reader(document)
        self._steps: tuple[tuple[frozenset[str], Callable[[Effective, Part], None]], ...] = (
            (frozenset({"type"}), self._types),
            (frozenset({"enum", "const"}), self._values),
            (frozenset({"format", "pattern", "default", *_FLAGS}), self._texts),
            (BOUNDING, partial(read_bounds, self._reader)),
            (_CONDITIONS, self._conditions),
            (frozenset({*_FACTS, INVALID, "$dynamicRef", "dependentRequired"}), self._facts),
        )

    def contract(self, node: Node) -> Effective:
        """Return the contract of a node."""
        if node.listed:
            return self.choices.list_of(node)
        return self.choices.contract(node)

    def flatten(self, node: Node) -> list[Part]:
        """Return all parts that hold at a node: through references and `allOf`."""
        document = self.document
        flat: list[Part] = []
        seen: set[tuple[str, frozenset[str]]] = set()
        waiting = list(reversed(node.parts))
        while waiting:
            part = waiting.pop()
            if part.key in seen:
                continue  # a schema that includes itself says nothing new
            seen.add(part.key)
            if "$ref" in part.raw:
                place, raw = document.target(part.raw["$ref"], part.pointer)
                waiting.append(Part(place, document.schema(raw, place), place, part.consumed))
                if document.legacy:
                    continue  # OpenAPI 3.0 ignores what stands beside a reference
            dynamic = part.raw.get("$dynamicRef")
            if isinstance(dynamic, str):
                places = document.anchored(dynamic[1:]) if dynamic.startswith("#") else []
                if len(places) == 1:
                    raw = document.schema(document.at(places[0]), places[0])
                    waiting.append(Part(places[0], raw, places[0], part.consumed))
                elif not places:
                    place, raw = document.target(dynamic, part.pointer)
                    waiting.append(Part(place, document.schema(raw, place), place, part.consumed))
            where = f"{part.pointer}/allOf"
            members = self._reader.read(part, "allOf", list, None) or []
            for index in reversed(range(len(members))):
                place = f"{where}/{index}"
                raw = document.schema(members[index], place)
                waiting.append(Part(place, raw, part.anchor, part.consumed))
            flat.append(part)
        return flat

    def merge(self, node: Node) -> Effective:
        """Return what the parts of a node say together, their choices left out."""
        parts = self.flatten(node)
        merged = Effective(
            anchors=frozenset(part.anchor for part in parts if part.anchor is not None),
            parts=tuple(parts),
        )
        for part in parts:
            for keywords, read in self._steps:
                if not keywords.isdisjoint(part.raw):
                    read(merged, part)
        self._objects(merged)
        self._arrays(merged)
        _imply_type(merged)
        drop_idle(merged)
        integer_bounds(merged)
        return merged

    # What a part says of a value itself.

    def _types(self, merged: Effective, part: Part) -> None:
        named = part.raw.get("type")
        if named is None:
            return
        at = f"{part.pointer}/type"
        names = [named] if isinstance(named, str) else named
        if not isinstance(names, list):
            self._reader.read(part, "type", list, merged)
            return
        known: set[str] = set()
        for name in names:
            if not isinstance(name, str) or name not in TYPES:
                shown = str(name)[:60]
                self.document.note(at, f"{shown!r} is no JSON type")
                known.add(shown)  # compared as a type of its own
            else:
                known.add(name)
        if "number" in known:
            known.discard("integer")
        types = frozenset(known)
        nullable = "null" in types or (
            self.document.legacy and self._reader.read(part, "nullable", bool, merged) is True
        )
        types -= {"null"}
        if not types and not nullable:
            self.document.note(at, "names no type")
        merged.nullable = merged.nullable and nullable
        both = types if merged.types is None else _meet(merged.types, types)
        if merged.types is None or both != merged.types:
            merged.types_owner = part
        merged.types = both

    def _values(self, merged: Effective, part: Part) -> None:
        raw, at = part.raw, part.pointer
        if "enum" in raw:
            values = self._reader.read(part, "enum", list, merged)
            if values is not None:
                listed: Stated = {
                    value_key(value): (value, f"{at}/enum/{index}", part)
                    for index, value in enumerate(values)
                }
                self.meet_values(merged, listed)
        if "const" in raw:
            self.meet_values(merged, {value_key(raw["const"]): (raw["const"], f"{at}/const", part)})

    def meet_values(self, merged: Effective, listed: Stated) -> None:
        """Allow only listed values."""
        if not (self.document.legacy or "null" in listed):
            merged.nullable = False
        if merged.values is None:
            merged.values = dict(listed)
        else:
            # The narrower list is the one that speaks.
            narrow = listed if len(listed) <= len(merged.values) else merged.values
            merged.values = {
                key: narrow[key] for key in narrow if key in listed and key in merged.values
            }
        merged.values.pop("null", None)

    def _texts(self, merged: Effective, part: Part) -> None:
        form = self._reader.read(part, "format", str, merged)
        if form is not None:
            merged.formats.setdefault(form, part)
        pattern = self._reader.read(part, "pattern", str, merged)
        if pattern is not None and pattern not in _NO_PATTERNS:
            merged.regexes.setdefault(pattern, part)
        if "default" in part.raw:
            value = part.raw["default"]
            merged.defaults.setdefault(value_key(value), (value, f"{part.pointer}/default", part))
        for flag in _FLAGS:
            if self._reader.read(part, flag, bool, merged):
                merged.flags.setdefault(flag, part)

    # What holds schemas, and what is compared as a whole.

    def _conditions(self, merged: Effective, part: Part) -> None:
        raw = part.raw
        for keyword in ("not", "propertyNames", "contentSchema"):
            if keyword in raw and raw[keyword] is not None:
                found = Condition(keyword, part, {keyword: self._reader.node(part, keyword)})
                merged.conditions.append(found)
        if "if" in raw and ("then" in raw or "else" in raw):
            nodes = {
                name: self._reader.node(part, name) if name in raw else ANY
                for name in ("if", "then", "else")
            }
            merged.conditions.append(Condition("if", part, nodes))
        if "contains" in raw:
            least, most = raw.get("minContains", 1), raw.get("maxContains")
            note = f"at least {least}" + ("" if most is None else f", at most {most}")
            nodes = {"contains": self._reader.node(part, "contains")}
            merged.conditions.append(Condition("contains", part, nodes, note))
        for keyword in ("unevaluatedProperties", "unevaluatedItems"):
            closing = raw.get(keyword)
            if keyword == "unevaluatedProperties" and closing is False:
                merged.additional = None
                merged.additional_owner = merged.additional_owner or part
            elif closing is not None and closing is not True and closing != {}:
                found = Condition(keyword, part, {keyword: self._reader.node(part, keyword)})
                merged.conditions.append(found)
        for name, sub in self._reader.schemas(part, "dependentSchemas", merged):
            nodes = {"dependentSchemas": Node(sub.pointer, (sub,))}
            merged.conditions.append(Condition("dependentSchemas", part, nodes, name))

    def _facts(self, merged: Effective, part: Part) -> None:
        for keyword in _FACTS:
            if part.raw.get(keyword) is not None:
                self._reader.state(merged, keyword, strip_prose(part.raw[keyword]), part, keyword)
        if INVALID in part.raw:
            self._reader.state(merged, "invalid schema", part.raw[INVALID], part, "")
        dynamic = part.raw.get("$dynamicRef")
        if isinstance(dynamic, str) and len(self.document.anchored(dynamic[1:])) > 1:
            self.document.note(
                f"{part.pointer}/$dynamicRef", "leads to several places: compared by its name"
            )
            self._reader.state(merged, "$dynamicRef", dynamic, part, "$dynamicRef")
        needs = self._reader.read(part, "dependentRequired", dict, merged) or {}
        for name, others in needs.items():
            for other in others if isinstance(others, list) else ():
                merged.needs.setdefault((name, str(other)), part)

    def _objects(self, merged: Effective) -> None:
        required: dict[str, tuple[Part, str]] = {}
        owned: dict[str, list[tuple[Part, Part]]] = {}
        patterns: dict[str, list[Part]] = {}
        additional: list[Part] = []
        for part in merged.parts:
            if _OBJECTS.isdisjoint(part.raw):
                continue
            for index, name in enumerate(self._reader.read(part, "required", list, merged) or ()):
                if isinstance(name, str):
                    required.setdefault(name, (part, f"{part.pointer}/required/{index}"))
            for name, sub in self._reader.schemas(part, "properties", merged):
                owned.setdefault(name, []).append((part, sub))
            for name, sub in self._reader.schemas(part, "patternProperties", merged):
                patterns.setdefault(name, []).append(sub)
            extra = part.raw.get("additionalProperties")
            if extra is None:
                continue
            merged.additional_owner = part
            if extra is False:
                merged.additional = None
            elif extra is not True and merged.additional is not None:
                place = f"{part.pointer}/additionalProperties"
                additional.append(Part(place, self.document.schema(extra, place)))
        if additional and merged.additional is not None:
            merged.additional = Node(additional[0].pointer, tuple(additional))
        merged.patterns = {
            name: Node(subs[0].pointer, tuple(subs)) for name, subs in patterns.items()
        }
        for name, found in owned.items():
            owner, first = found[0]
            node = Node(first.pointer, tuple(sub for _, sub in found))
            merged.properties[name] = Property(name, node, name in required, owner, first.pointer)
        for name, (owner, pointer) in required.items():
            if name not in merged.properties:
                merged.properties[name] = Property(name, ANY, True, owner, pointer)

    def _arrays(self, merged: Effective) -> None:
        firsts: list[list[Part]] = []
        rests: list[Part | None] = []
        for part in merged.parts:
            if _ARRAYS.isdisjoint(part.raw):
                continue
            first: list[Part] = []
            for index, sub in enumerate(self._reader.read(part, "prefixItems", list, merged) or ()):
                place = f"{part.pointer}/prefixItems/{index}"
                first.append(Part(place, self.document.schema(sub, place)))
            rest = None
            if part.raw.get("items") is not None:
                place = f"{part.pointer}/items"
                rest = Part(place, self.document.schema(part.raw["items"], place))
            if first or rest is not None:
                firsts.append(first)
                rests.append(rest)
        everywhere = [rest for rest in rests if rest is not None]
        if everywhere:
            merged.items = Node(everywhere[0].pointer, tuple(everywhere))
        prefix: list[Node] = []
        for index in range(max((len(first) for first in firsts), default=0)):
            here = [
                first[index] if index < len(first) else rest
                for first, rest in zip(firsts, rests, strict=True)
            ]
            subs = tuple(sub for sub in here if sub is not None)
            prefix.append(Node(subs[0].pointer, subs))
        merged.prefix = tuple(prefix)


def _imply_type(merged: Effective) -> None:
    """A schema that lists values, properties or items means their type, also without saying so."""
    if merged.types is not None:
        return
    implied: set[str] = set()
    if merged.values:
        implied = {json_type(value) for value, _, _ in merged.values.values()}
    elif merged.properties or merged.additional_owner is not None or merged.patterns:
        implied = {"object"}
    elif merged.items is not None or merged.prefix:
        implied = {"array"}
    if implied:
        merged.types = frozenset(implied)
        if not merged.values:
            merged.nullable = False


def _meet(left: frozenset[str], right: frozenset[str]) -> frozenset[str]:
    """Types that both allow; an integer is a number."""
    both = left & right
    if ("number" in left and "integer" in right) or ("integer" in left and "number" in right):
        both |= {"integer"}
    return both
