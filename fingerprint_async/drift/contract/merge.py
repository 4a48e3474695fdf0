"""From the parts of a schema to the contract that they make: `$ref` followed, `allOf` joined.

All that is joined is in force at once: two patterns, formats or conditions are two, whatever their
order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeVar

from fingerprint_async.drift.contract.choices import ChoiceReader
from fingerprint_async.drift.contract.model import (
    ANY,
    INVALID,
    Bound,
    Condition,
    Effective,
    Node,
    Part,
    Property,
    Stated,
    kind_of,
    strip_prose,
    value_key,
)
from fingerprint_async.drift.contract.pointer import escape

if TYPE_CHECKING:
    from collections.abc import Callable

    from fingerprint_async.drift.contract.document import Document

__all__ = ["Merger"]

TYPES = frozenset({"null", "boolean", "object", "array", "number", "string", "integer"})
# Patterns that every text matches.
_NO_PATTERNS = frozenset(
    {"", ".*", "^.*$", "^.*", ".*$", "^", "$", "(.*)", "[\\s\\S]*", "^[\\s\\S]*$"}
)
LIMITS = {
    "minimum": "number", "maximum": "number", "multipleOf": "number",
    "minLength": "string", "maxLength": "string",
    "minItems": "array", "maxItems": "array", "uniqueItems": "array",
    "minProperties": "object", "maxProperties": "object",
}  # fmt: skip
"""What each limit is about: it says nothing about values of other types."""
_LOWER = ("minLength", "minItems", "minProperties")
_UPPER = ("maxLength", "maxItems", "maxProperties")
_FLAGS = ("deprecated", "readOnly", "writeOnly")
_FACTS = ("contentEncoding", "contentMediaType", "xml")
_CONDITIONS = frozenset({"not", "if", "contains", "propertyNames", "contentSchema"}) | {
    "dependentSchemas",
    "unevaluatedProperties",
    "unevaluatedItems",
}
_OBJECTS = frozenset({"required", "properties", "patternProperties", "additionalProperties"})
_ARRAYS = frozenset({"items", "prefixItems"})
_T = TypeVar("_T")


class Merger:
    """Merges the schemas of one document.

    Args:
        document: The document.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.choices = ChoiceReader(document, self)
        self._readers: tuple[tuple[frozenset[str], Callable[[Effective, Part], None]], ...] = (
            (frozenset({"type"}), self._types),
            (frozenset({"enum", "const"}), self._values),
            (frozenset({"format", "pattern", "default", *_FLAGS}), self._texts),
            (frozenset({*LIMITS, "exclusiveMinimum", "exclusiveMaximum"}), self._bounds),
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
            members = self._read(part, "allOf", list, None) or []
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
            for keywords, read in self._readers:
                if not keywords.isdisjoint(part.raw):
                    read(merged, part)
        self._objects(merged)
        self._arrays(merged)
        _imply_type(merged)
        _drop_idle(merged)
        _integer_bounds(merged)
        return merged

    # Reading a keyword.

    def _read(self, part: Part, name: str, kind: type[_T], merged: Effective | None) -> _T | None:
        """Return the value of a keyword, None when it is absent or of the wrong kind."""
        value = part.raw.get(name)
        if value is None and not (name in part.raw and merged is not None):
            return None
        if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
            return value
        if value is None and self.document.legacy:
            return None
        wanted = {
            list: "a list", str: "a string", bool: "true or false", float: "a number",
        }.get(kind, "an object")  # fmt: skip
        self.document.note(f"{part.pointer}/{name}", f"expected {wanted}, found {kind_of(value)}")
        if merged is not None:
            self._state(merged, f"invalid {name}", value, part, name)
        return None

    @staticmethod
    def _state(merged: Effective, fact: str, value: Any, part: Part, name: str) -> None:
        known = merged.facts.setdefault(fact, {})
        known.setdefault(value_key(value), (value, f"{part.pointer}/{name}", part))

    def _number(self, part: Part, name: str, merged: Effective) -> float | None:
        value = part.raw.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return value if math.isfinite(value) else None
        return self._read(part, name, float, merged)

    def _schemas(self, part: Part, name: str, merged: Effective) -> list[tuple[str, Part]]:
        found = []
        for key, sub in (self._read(part, name, dict, merged) or {}).items():
            place = f"{part.pointer}/{name}/{escape(key)}"
            found.append((key, Part(place, self.document.schema(sub, place))))
        return found

    def _node(self, part: Part, name: str) -> Node:
        place = f"{part.pointer}/{name}"
        return Node(place, (Part(place, self.document.schema(part.raw[name], place)),))

    # What a part says of a value itself.

    def _types(self, merged: Effective, part: Part) -> None:
        named = part.raw.get("type")
        if named is None:
            return
        at = f"{part.pointer}/type"
        names = [named] if isinstance(named, str) else named
        if not isinstance(names, list):
            self._read(part, "type", list, merged)
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
            self.document.legacy and self._read(part, "nullable", bool, merged) is True
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
            values = self._read(part, "enum", list, merged)
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
        form = self._read(part, "format", str, merged)
        if form is not None:
            merged.formats.setdefault(form, part)
        pattern = self._read(part, "pattern", str, merged)
        if pattern is not None and pattern not in _NO_PATTERNS:
            merged.regexes.setdefault(pattern, part)
        if "default" in part.raw:
            value = part.raw["default"]
            merged.defaults.setdefault(value_key(value), (value, f"{part.pointer}/default", part))
        for flag in _FLAGS:
            if self._read(part, flag, bool, merged):
                merged.flags.setdefault(flag, part)

    def _bounds(self, merged: Effective, part: Part) -> None:
        for side, keyword, exclusive in (
            (1, "minimum", "exclusiveMinimum"),
            (-1, "maximum", "exclusiveMaximum"),
        ):
            limit = self._number(part, keyword, merged)
            strict = part.raw.get(exclusive)
            if limit is not None:
                bound = Bound(keyword, (limit * side, strict is True), part, keyword)
                _tighten(merged, bound)
            if strict is not None and not isinstance(strict, bool):
                strict = self._number(part, exclusive, merged)
                if strict is not None:
                    _tighten(merged, Bound(keyword, (strict * side, True), part, exclusive))
        for side, keywords in ((1, _LOWER), (-1, _UPPER)):
            for keyword in keywords:
                value = self._number(part, keyword, merged)
                if value is not None and (side == -1 or value > 0):
                    _tighten(merged, Bound(keyword, (value * side, False), part, keyword))
        if self._read(part, "uniqueItems", bool, merged):
            bound = Bound("uniqueItems", (1, False), part, "uniqueItems")
            merged.bounds.setdefault("uniqueItems", bound)
        step = self._number(part, "multipleOf", merged)
        if step is not None and step > 0:
            every = Fraction(str(step))
            before = merged.bounds.get("multipleOf")
            if before is not None and isinstance(before.value, Fraction):
                every = _common_multiple(before.value, every)
            if before is None or every != before.value:
                merged.bounds["multipleOf"] = Bound("multipleOf", every, part, "multipleOf")

    # What holds schemas, and what is compared as a whole.

    def _conditions(self, merged: Effective, part: Part) -> None:
        raw = part.raw
        for keyword in ("not", "propertyNames", "contentSchema"):
            if keyword in raw and raw[keyword] is not None:
                found = Condition(keyword, part, {keyword: self._node(part, keyword)})
                merged.conditions.append(found)
        if "if" in raw and ("then" in raw or "else" in raw):
            nodes = {
                name: self._node(part, name) if name in raw else ANY
                for name in ("if", "then", "else")
            }
            merged.conditions.append(Condition("if", part, nodes))
        if "contains" in raw:
            least, most = raw.get("minContains", 1), raw.get("maxContains")
            note = f"at least {least}" + ("" if most is None else f", at most {most}")
            nodes = {"contains": self._node(part, "contains")}
            merged.conditions.append(Condition("contains", part, nodes, note))
        for keyword in ("unevaluatedProperties", "unevaluatedItems"):
            closing = raw.get(keyword)
            if keyword == "unevaluatedProperties" and closing is False:
                merged.additional = None
                merged.additional_owner = merged.additional_owner or part
            elif closing is not None and closing is not True and closing != {}:
                found = Condition(keyword, part, {keyword: self._node(part, keyword)})
                merged.conditions.append(found)
        for name, sub in self._schemas(part, "dependentSchemas", merged):
            nodes = {"dependentSchemas": Node(sub.pointer, (sub,))}
            merged.conditions.append(Condition("dependentSchemas", part, nodes, name))

    def _facts(self, merged: Effective, part: Part) -> None:
        for keyword in _FACTS:
            if part.raw.get(keyword) is not None:
                self._state(merged, keyword, strip_prose(part.raw[keyword]), part, keyword)
        if INVALID in part.raw:
            self._state(merged, "invalid schema", part.raw[INVALID], part, "")
        dynamic = part.raw.get("$dynamicRef")
        if isinstance(dynamic, str) and len(self.document.anchored(dynamic[1:])) > 1:
            self.document.note(
                f"{part.pointer}/$dynamicRef", "leads to several places: compared by its name"
            )
            self._state(merged, "$dynamicRef", dynamic, part, "$dynamicRef")
        needs = self._read(part, "dependentRequired", dict, merged) or {}
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
            for index, name in enumerate(self._read(part, "required", list, merged) or ()):
                if isinstance(name, str):
                    required.setdefault(name, (part, f"{part.pointer}/required/{index}"))
            for name, sub in self._schemas(part, "properties", merged):
                owned.setdefault(name, []).append((part, sub))
            for name, sub in self._schemas(part, "patternProperties", merged):
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
            for index, sub in enumerate(self._read(part, "prefixItems", list, merged) or ()):
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


def _tighten(merged: Effective, bound: Bound) -> None:
    before = merged.bounds.get(bound.keyword)
    if (
        before is None
        or not isinstance(bound.value, tuple)
        or not isinstance(before.value, tuple)
        or bound.value > before.value
    ):
        merged.bounds[bound.keyword] = bound


def _common_multiple(one: Fraction, other: Fraction) -> Fraction:
    return Fraction(
        math.lcm(one.numerator, other.numerator), math.gcd(one.denominator, other.denominator)
    )


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


def _drop_idle(merged: Effective) -> None:
    """A limit on values that can't come says nothing."""
    if merged.types is None:
        return
    about = {"number" if name == "integer" else name for name in merged.types}
    if not about <= TYPES:
        return  # what an unknown type is, is unknown
    merged.bounds = {key: each for key, each in merged.bounds.items() if LIMITS[key] in about}
    if "string" not in about:
        merged.regexes = {}


def _integer_bounds(merged: Effective) -> None:
    """Above 0 and at least 1 are the same for whole numbers."""
    if merged.types != frozenset({"integer"}):
        return
    for keyword in ("minimum", "maximum"):
        bound = merged.bounds.get(keyword)
        if bound is not None and isinstance(bound.value, tuple):
            number, exclusive = bound.value
            whole = int(number // 1) + 1 if exclusive else math.ceil(number)
            merged.bounds[keyword] = Bound(keyword, (whole, False), bound.owner, bound.written)


def _meet(left: frozenset[str], right: frozenset[str]) -> frozenset[str]:
    """Types that both allow; an integer is a number."""
    both = left & right
    if ("number" in left and "integer" in right) or ("integer" in left and "number" in right):
        both |= {"integer"}
    return both


def json_type(value: Any) -> str:
    """Return the JSON type of a value; a number without fraction is an integer."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, list):
        return "array"
    return "object" if isinstance(value, Mapping) else "string"
