"""Documents and schemas as they are meant: references resolved, `allOf` merged, defaults filled in.

A schema of a document is a `Node`: the parts that hold together at one place. `Document.effective` merges them into
an `Effective` schema, the contract that the parts make together, where each fact remembers the place that states it.
OpenAPI 3.0 and 3.1 come out alike. Pure: no input, no output.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn
from urllib.parse import unquote

import attrs

from fingerprint_async.schema._errors import DocumentError
from fingerprint_async.schema._pointer import escape, steps

__all__ = ["ANY", "Document", "Effective", "Node", "Part", "Property", "Union", "value_key"]

MAX_NODES = 3_000_000
MAX_NESTING = 200
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
SCHEMAS = "/components/schemas/"

# Objects that may hold extensions beside their entries; elsewhere a name may begin as one does, as headers do.
_EXTENSIBLE = frozenset({"paths", "responses"})
LOWER = {"minLength", "minItems", "minProperties", "minContains"}
# Keywords whose meaning is compared as it is written: rare, and no rule of thumb says who breaks.
OTHER = (
    "not",
    "if",
    "then",
    "else",
    "propertyNames",
    "contains",
    "minContains",
    "maxContains",
    "dependentRequired",
    "dependentSchemas",
    "prefixItems",
    "unevaluatedProperties",
    "unevaluatedItems",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "xml",
)
PROSE = frozenset(
    {"description", "summary", "title", "example", "examples", "externalDocs", "$comment"}
)
TYPES = frozenset({"null", "boolean", "object", "array", "number", "string", "integer"})


def value_key(value: Any) -> str:
    """A JSON value as a key: 1 and 1.0 are one number, 1 and true are not."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True, default=str)


def strip_prose(value: Any) -> Any:
    """A schema keyword's value without prose and extensions."""
    if isinstance(value, Mapping):
        return {
            key: {name: strip_prose(sub) for name, sub in item.items()}
            if key in {"properties", "patternProperties", "dependentSchemas"}
            and isinstance(item, Mapping)
            else strip_prose(item)
            for key, item in value.items()
            if key not in PROSE and not key.startswith("x-")
        }
    if isinstance(value, list):
        return [strip_prose(item) for item in value]
    return value


@attrs.frozen(slots=True, eq=False)
class Part:
    """One place of a document that says something about a schema.

    Attributes:
        pointer: The place, as a JSON pointer.
        raw: What stands there.
        anchor: The pointer of the definition that a `$ref` led to on the way here; None for what stands at the site.
        consumed: Pointers of the unions that are already told apart.
    """

    pointer: str
    raw: Mapping[str, Any]
    anchor: str | None = None
    consumed: frozenset[str] = frozenset()

    @property
    def key(self) -> tuple[str, frozenset[str]]:
        """What makes two parts of one document the same."""
        return self.pointer, self.consumed


@attrs.frozen(slots=True, eq=False)
class Node:
    """A schema at one place of a document: the parts that hold there together."""

    site: str
    parts: tuple[Part, ...]

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes two nodes of one document the same."""
        return tuple(part.key for part in self.parts)


# Any value at all: what an absent schema, `{}` and `true` mean.
ANY = Node("", ())


@attrs.frozen(slots=True, eq=False)
class Property:
    """A property of an object: its schema, and whether it is always there."""

    name: str
    node: Node
    required: bool
    owner: Part
    # Where the name stands in `required`, when no `properties` entry defines it.
    pointer: str


@attrs.frozen(slots=True, eq=False)
class Bound:
    """One limit on a value, and who says so."""

    keyword: str
    value: Any
    owner: Part
    # The keyword as it stands there: `exclusiveMinimum` also sets a minimum.
    written: str

    @property
    def pointer(self) -> str:
        """Where the limit stands."""
        return f"{self.owner.pointer}/{self.written}"


@attrs.frozen(slots=True, eq=False)
class Union:
    """A choice between schemas, each joined with what holds for all of them."""

    owner: Part
    pointer: str
    variants: tuple[Node, ...]
    discriminator: str | None
    mapping: Mapping[str, str]


@attrs.define(slots=True, eq=False)
class Effective:
    """The contract of a node, with the place that states each fact.

    Attributes:
        types: JSON types without null; None means any.
        nullable: Whether null is allowed.
        values: The allowed values by `value_key`, with their places; None means that they are not listed.
        additional: What properties that are not listed may hold; None means that there may be none.
        other: Keywords compared as they are written.
    """

    site: str
    anchors: frozenset[str]
    parts: tuple[Part, ...]
    types: frozenset[str] | None = None
    types_owner: Part | None = None
    nullable: bool = True
    format: str | None = None
    format_owner: Part | None = None
    values: dict[str, tuple[Any, str, Part]] | None = None
    properties: dict[str, Property] = attrs.field(factory=dict)
    additional: Node | None = ANY
    additional_owner: Part | None = None
    patterns: dict[str, Node] = attrs.field(factory=dict)
    items: Node | None = None
    bounds: dict[str, Bound] = attrs.field(factory=dict)
    union: Union | None = None
    default: tuple[Any, Part] | None = None
    flags: dict[str, Part] = attrs.field(factory=dict)
    other: dict[str, tuple[Any, Part]] = attrs.field(factory=dict)

    @property
    def scalar(self) -> bool:
        """Whether this is neither an object nor an array nor a choice."""
        return (
            self.union is None and self.types is not None and not self.types & {"object", "array"}
        )


class Document:
    """An OpenAPI document, checked as far as it is read.

    Args:
        raw: The document as decoded from YAML or JSON.
        source: The path or address that it came from, for messages.

    Raises:
        DocumentError: It is no OpenAPI 3.0 or 3.1 document.
    """

    def __init__(self, raw: Any, *, source: str = "") -> None:
        self.source = source
        self.raw = self._checked(raw)
        version = self.raw.get("openapi")
        if not isinstance(version, str) or not re.match(r"3\.[012](\.|$)", version):
            if "swagger" in self.raw:
                self.fail("", "this is Swagger 2.0; OpenAPI 3.0 or 3.1 is needed")
            self.fail("", "not an OpenAPI 3.0 or 3.1 document: its `openapi` field does not say so")
        self.legacy = version.startswith("3.0")
        self._effective: dict[tuple[Any, ...], Effective] = {}
        self._targets: dict[str, tuple[str, Any]] = {}

    def fail(self, pointer: str, message: str) -> NoReturn:
        """Raise a DocumentError at a place of this document."""
        raise DocumentError(message, source=self.source, pointer=pointer)

    # What stands at a place, of the kind that belongs there.

    def mapping(self, value: Any, pointer: str) -> Mapping[str, Any]:
        """The object at a place; an absent one is empty."""
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.fail(pointer, f"expected an object, found {_kind(value)}")
        return value

    def sequence(self, value: Any, pointer: str) -> Sequence[Any]:
        """The list at a place; an absent one is empty."""
        if value is None:
            return ()
        if not isinstance(value, list):
            self.fail(pointer, f"expected a list, found {_kind(value)}")
        return value

    def string(self, value: Any, pointer: str) -> str:
        """The string at a place."""
        if not isinstance(value, str):
            self.fail(pointer, f"expected a string, found {_kind(value)}")
        return value

    def flag(self, value: Any, pointer: str, *, default: bool = False) -> bool:
        """The true or false at a place; an absent one is the default."""
        if value is None:
            return default
        if not isinstance(value, bool):
            self.fail(pointer, f"expected true or false, found {_kind(value)}")
        return value

    def entries(
        self, parent: Mapping[str, Any], key: str, pointer: str
    ) -> Iterator[tuple[str, Any, str]]:
        """The named entries of an object inside an object: name, value, pointer; extensions left out where they may stand."""
        where = f"{pointer}/{escape(key)}"
        for name, value in self.mapping(parent.get(key), where).items():
            if not (key in _EXTENSIBLE and name.startswith("x-")):
                yield name, value, f"{where}/{escape(name)}"

    def at(self, pointer: str) -> Any:
        """What stands at a JSON pointer; KeyError when nothing does."""
        value: Any = self.raw
        for token in steps(pointer):
            if isinstance(value, Mapping) and token in value:
                value = value[token]
            elif isinstance(value, list) and token.isdecimal() and int(token) < len(value):
                value = value[int(token)]
            else:
                raise KeyError(pointer)
        return value

    def nearest(self, pointer: str) -> str:
        """The place itself, or the nearest one around it that stands in the document."""
        while True:
            try:
                self.at(pointer)
            except KeyError:
                pointer = pointer.rpartition("/")[0]
            else:
                return pointer

    # References.

    def target(self, reference: Any, pointer: str) -> tuple[str, Any]:
        """The place that a `$ref` names, and what stands there."""
        reference = self.string(reference, pointer)
        found = self._targets.get(reference)
        if found is not None:
            return found
        if reference not in {"#", ""} and not reference.startswith("#/"):
            hint = (
                "an anchor"
                if reference.startswith("#")
                else "another document; bundle it into one first"
            )
            self.fail(pointer, f"the reference {reference[:120]!r} leads to {hint}")
        place = unquote(reference[1:])
        try:
            found = place, self.at(place)
        except KeyError:
            self.fail(pointer, f"the reference {reference[:120]!r} leads nowhere")
        self._targets[reference] = found
        return found

    def follow(self, value: Any, pointer: str) -> tuple[Mapping[str, Any], str]:
        """An object, or the object that its `$ref` leads to in the end (parameters, responses, bodies, headers)."""
        seen = {pointer}
        raw = self.mapping(value, pointer)
        while "$ref" in raw:
            pointer, value = self.target(raw["$ref"], pointer)
            if pointer in seen:
                self.fail(pointer, "the reference leads back to itself")
            seen.add(pointer)
            raw = self.mapping(value, pointer)
        return raw, pointer

    # Schemas.

    def schemas(self) -> dict[str, Node]:
        """The named schemas."""
        components = self.mapping(self.raw.get("components"), "/components")
        return {
            name: self._named(pointer, raw)
            for name, raw, pointer in self.entries(components, "schemas", "/components")
        }

    def _named(self, pointer: str, raw: Any) -> Node:
        return Node(pointer, (Part(pointer, self._schema(raw, pointer), anchor=pointer),))

    def node(self, raw: Any, pointer: str, *, anchor: str | None = None) -> Node:
        """The schema that stands at a place."""
        if raw is None:
            return ANY
        return Node(pointer, (Part(pointer, self._schema(raw, pointer), anchor=anchor),))

    def _schema(self, raw: Any, pointer: str) -> Mapping[str, Any]:
        if raw is True:
            return {}
        if raw is False:
            return {"not": {}}
        return self.mapping(raw, pointer)

    def effective(self, node: Node) -> Effective:
        """The contract that the parts of a node make together."""
        key = (node.site, *node.key)
        found = self._effective.get(key)
        if found is None:
            found = self._effective[key] = self._contract(node)
        return found

    def _flatten(self, node: Node) -> list[Part]:
        """All parts that hold at a node: through `$ref` with what stands beside it, and through `allOf`."""
        flat: list[Part] = []
        seen: set[tuple[str, frozenset[str]]] = set()
        waiting = list(reversed(node.parts))
        while waiting:
            part = waiting.pop()
            if part.key in seen:
                continue  # a schema that includes itself says nothing new
            seen.add(part.key)
            if "$ref" in part.raw:
                place, raw = self.target(part.raw["$ref"], part.pointer)
                waiting.append(Part(place, self._schema(raw, place), place, part.consumed))
                if self.legacy:
                    continue  # OpenAPI 3.0 ignores what stands beside a reference
            where = f"{part.pointer}/allOf"
            members = self.sequence(part.raw.get("allOf"), where)
            for index in reversed(range(len(members))):
                place = f"{where}/{index}"
                waiting.append(
                    Part(place, self._schema(members[index], place), part.anchor, part.consumed)
                )
            flat.append(part)
        return flat

    def _merge(self, node: Node) -> Effective:
        parts = self._flatten(node)
        merged = Effective(
            site=node.site,
            anchors=frozenset(part.anchor for part in parts if part.anchor is not None),
            parts=tuple(parts),
        )
        required: dict[str, tuple[Part, str]] = {}
        owned: dict[str, list[tuple[Part, str, Any]]] = {}
        items: list[Part] = []
        additional: list[Part] = []
        patterns: dict[str, list[Part]] = {}
        for part in parts:
            raw, at = part.raw, part.pointer
            self._types(merged, part)
            self._values(merged, part)
            if "format" in raw:
                merged.format, merged.format_owner = (
                    self.string(raw["format"], f"{at}/format"),
                    part,
                )
            for index, name in enumerate(self.sequence(raw.get("required"), f"{at}/required")):
                required.setdefault(
                    self.string(name, f"{at}/required/{index}"), (part, f"{at}/required/{index}")
                )
            for name, sub in self.mapping(raw.get("properties"), f"{at}/properties").items():
                owned.setdefault(name, []).append((part, f"{at}/properties/{escape(name)}", sub))
            for name, sub in self.mapping(
                raw.get("patternProperties"), f"{at}/patternProperties"
            ).items():
                place = f"{at}/patternProperties/{escape(name)}"
                patterns.setdefault(name, []).append(Part(place, self._schema(sub, place)))
            if "items" in raw:
                items.append(Part(f"{at}/items", self._schema(raw["items"], f"{at}/items")))
            if "additionalProperties" in raw:
                extra = raw["additionalProperties"]
                merged.additional_owner = part
                if extra is False:
                    merged.additional = None
                elif extra is not True and merged.additional is not None:
                    place = f"{at}/additionalProperties"
                    additional.append(Part(place, self._schema(extra, place)))
            self._bounds(merged, part)
            if "default" in raw:
                merged.default = (raw["default"], part)
            for flag in ("deprecated", "readOnly", "writeOnly"):
                if self.flag(raw.get(flag), f"{at}/{flag}"):
                    merged.flags.setdefault(flag, part)
            for keyword in OTHER:
                if keyword in raw:
                    merged.other[keyword] = (strip_prose(raw[keyword]), part)
        if additional and merged.additional is not None:
            merged.additional = Node(additional[0].pointer, tuple(additional))
        if items:
            merged.items = Node(items[0].pointer, tuple(items))
        merged.patterns = {
            name: Node(subs[0].pointer, tuple(subs)) for name, subs in patterns.items()
        }
        for name, found in owned.items():
            owner, pointer, _ = found[0]
            subs = tuple(Part(place, self._schema(sub, place)) for _, place, sub in found)
            merged.properties[name] = Property(
                name, Node(pointer, subs), name in required, owner, pointer
            )
        for name, (owner, pointer) in required.items():
            if name not in merged.properties:
                merged.properties[name] = Property(
                    name, ANY, required=True, owner=owner, pointer=pointer
                )
        self._imply_type(merged)
        self._integer_bounds(merged)
        return merged

    def _types(self, merged: Effective, part: Part) -> None:
        raw, at = part.raw, f"{part.pointer}/type"
        if "type" not in raw:
            return
        named = raw["type"]
        names = [named] if isinstance(named, str) else list(self.sequence(named, at))
        for name in names:
            if not isinstance(name, str) or name not in TYPES:
                self.fail(at, f"{str(name)[:60]!r} is no JSON type")
        types = frozenset(names)
        nullable = "null" in types or (
            self.legacy and self.flag(raw.get("nullable"), f"{part.pointer}/nullable")
        )
        types -= {"null"}
        if not types and not nullable:
            self.fail(at, "names no type")
        merged.nullable = merged.nullable and nullable
        both = types if merged.types is None else _meet(merged.types, types)
        if merged.types is None or both != merged.types:
            merged.types_owner = part
        merged.types = both

    def _values(self, merged: Effective, part: Part) -> None:
        raw, at = part.raw, part.pointer
        listed: dict[str, tuple[Any, str, Part]] | None = None
        if "enum" in raw:
            values = self.sequence(raw["enum"], f"{at}/enum")
            listed = {
                value_key(value): (value, f"{at}/enum/{index}", part)
                for index, value in enumerate(values)
            }
            self._meet_values(merged, listed)
        if "const" in raw:
            self._meet_values(
                merged, {value_key(raw["const"]): (raw["const"], f"{at}/const", part)}
            )

    def _meet_values(self, merged: Effective, listed: dict[str, tuple[Any, str, Part]]) -> None:
        if not (self.legacy or "null" in listed):
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

    def _bounds(self, merged: Effective, part: Part) -> None:
        raw, at = part.raw, part.pointer
        for side, keyword, exclusive in (
            (1, "minimum", "exclusiveMinimum"),
            (-1, "maximum", "exclusiveMaximum"),
        ):
            limit, strict = raw.get(keyword), raw.get(exclusive)
            if limit is not None:
                limit = self._number(limit, f"{at}/{keyword}")
            found, written = None, keyword
            if limit is not None:
                found = (limit * side, strict is True)
            if strict is not None and not isinstance(strict, bool):
                strict = self._number(strict, f"{at}/{exclusive}")
                if found is None or (strict * side, True) > found:
                    found, written = (strict * side, True), exclusive
            if found is not None:
                before = merged.bounds.get(keyword)
                if before is None or found > before.value:
                    merged.bounds[keyword] = Bound(keyword, found, part, written)
        for keyword in (
            "minLength",
            "minItems",
            "minProperties",
            "maxLength",
            "maxItems",
            "maxProperties",
        ):
            if keyword in raw:
                value = self._number(raw[keyword], f"{at}/{keyword}")
                side = 1 if keyword in LOWER else -1
                before = merged.bounds.get(keyword)
                if (side == -1 or value > 0) and (before is None or value * side > before.value[0]):
                    merged.bounds[keyword] = Bound(keyword, (value * side, False), part, keyword)
        if self.flag(raw.get("uniqueItems"), f"{at}/uniqueItems"):
            merged.bounds.setdefault(
                "uniqueItems", Bound("uniqueItems", (1, False), part, "uniqueItems")
            )
        if "pattern" in raw:
            merged.bounds["pattern"] = Bound(
                "pattern", self.string(raw["pattern"], f"{at}/pattern"), part, "pattern"
            )
        if "multipleOf" in raw:
            step = self._number(raw["multipleOf"], f"{at}/multipleOf")
            merged.bounds["multipleOf"] = Bound("multipleOf", step, part, "multipleOf")

    def _number(self, value: Any, pointer: str) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.fail(pointer, f"expected a number, found {_kind(value)}")
        return value

    def _imply_type(self, merged: Effective) -> None:
        """A schema that lists values, properties or items means their type, also without saying so."""
        if merged.types is not None:
            return
        implied: set[str] = set()
        if merged.values:
            implied = {_json_type(value) for value, _, _ in merged.values.values()}
        elif merged.properties or merged.additional_owner is not None or merged.patterns:
            implied = {"object"}
        elif merged.items is not None:
            implied = {"array"}
        if implied:
            merged.types = frozenset(implied)
            if not merged.values:
                merged.nullable = False

    def _integer_bounds(self, merged: Effective) -> None:
        """Above 0 and at least 1 are the same for whole numbers."""
        if merged.types == frozenset({"integer"}):
            for keyword in ("minimum", "maximum"):
                bound = merged.bounds.get(keyword)
                if bound is not None and bound.value[1]:
                    merged.bounds[keyword] = attrs.evolve(
                        bound, value=(int(bound.value[0] // 1) + 1, False)
                    )

    def _contract(self, node: Node) -> Effective:
        """A choice of one is no choice: its only member joins what stands beside it."""
        nullable, parts = True, node.parts
        also_null = False
        through: set[str] = set()
        depth = 0
        while True:
            depth += 1
            if depth > MAX_NESTING:
                self.fail(node.site, "choices of one nested too deeply")
            merged = self._merge(Node(node.site, parts))
            merged.anchors |= through
            choice = self._choice(merged)
            if choice is None:
                merged.nullable = merged.nullable or (also_null and nullable)
                return merged
            part, place, members = choice
            if any(len(each.consumed) > MAX_NESTING for each in parts):
                self.fail(node.site, "choices nested too deeply")
            base = tuple(attrs.evolve(each, consumed=each.consumed | {place}) for each in parts)
            variants: list[Node] = []
            null = False
            for where, sub in self._members(place, members, through):
                if sub.get("type") in ("null", ["null"]):
                    null = True
                    continue
                member = Part(where, sub, part.anchor, part.consumed | {place})
                variants.append(Node(where, (*base, member)))
            nullable = nullable and merged.nullable
            also_null = also_null or null
            if len(variants) != 1:
                merged.anchors |= through
                return self._union(merged, part, place, variants, nullable=null and nullable)
            parts = variants[0].parts

    def _members(
        self, place: str, members: Sequence[Any], through: set[str]
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The alternatives of a choice, those of choices inside it that say nothing else included."""
        seen = {place}
        waiting = [(f"{place}/{index}", raw) for index, raw in reversed(list(enumerate(members)))]
        while waiting:
            where, raw = waiting.pop()
            sub = self._schema(raw, where)
            at, target = where, sub
            passed: set[str] = set()
            while _says(target) == {"$ref"} and at not in passed:
                passed.add(at)
                at, followed = self.target(target["$ref"], at)
                target = self._schema(followed, at)
            inner = next(
                (keyword for keyword in ("oneOf", "anyOf") if _says(target) == {keyword}), None
            )
            if inner is None:
                yield where, sub
                continue
            through.update(passed - {where})
            if at != where:
                through.add(at)
            if f"{at}/{inner}" not in seen:
                seen.add(f"{at}/{inner}")
                alternatives = self.sequence(target[inner], f"{at}/{inner}")
                waiting += [
                    (f"{at}/{inner}/{i}", alternative)
                    for i, alternative in reversed(list(enumerate(alternatives)))
                ]

    def _choice(self, merged: Effective) -> tuple[Part, str, Sequence[Any]] | None:
        for part in merged.parts:
            for keyword in ("oneOf", "anyOf"):
                place = f"{part.pointer}/{keyword}"
                if keyword in part.raw and place not in part.consumed:
                    members = self.sequence(part.raw[keyword], place)
                    if not members:
                        self.fail(place, "a choice between no schemas")
                    return part, place, members
        return None

    def _union(
        self, merged: Effective, part: Part, place: str, variants: list[Node], *, nullable: bool
    ) -> Effective:
        if not variants:
            merged.types, merged.nullable = frozenset(), True
            return merged
        raw = self.mapping(part.raw.get("discriminator"), f"{part.pointer}/discriminator")
        name = raw.get("propertyName")
        mapping = self.mapping(raw.get("mapping"), f"{part.pointer}/discriminator/mapping")
        merged.union = Union(
            owner=part,
            pointer=place,
            variants=tuple(variants),
            discriminator=None
            if name is None
            else self.string(name, f"{part.pointer}/discriminator/propertyName"),
            mapping={value: _leaf(str(target)) for value, target in mapping.items()},
        )
        merged.nullable = nullable
        return merged

    # The document as a whole.

    def _checked(self, raw: Any) -> Mapping[str, Any]:
        """The document with string keys everywhere, refused when it contains itself or would explode."""
        if not isinstance(raw, Mapping):
            raise DocumentError(f"not an OpenAPI document but {_kind(raw)}", source=self.source)
        sizes: dict[int, int] = {}
        depths: dict[int, int] = {}
        active: set[int] = set()
        stack: list[tuple[Any, bool]] = [(raw, False)]
        while stack:
            value, done = stack.pop()
            children = list(value.values()) if isinstance(value, dict) else value
            inner = [child for child in children if isinstance(child, (dict, list))]
            if done:
                active.discard(id(value))
                sizes[id(value)] = len(children) + sum(sizes[id(child)] for child in inner)
                depths[id(value)] = 1 + max((depths[id(child)] for child in inner), default=0)
                if isinstance(value, dict) and not all(isinstance(key, str) for key in value):
                    self._string_keys(value)
                continue
            if id(value) in sizes:
                continue
            active.add(id(value))
            stack.append((value, True))
            for child in inner:
                if id(child) in active:
                    raise DocumentError("contains itself through a YAML alias", source=self.source)
                if id(child) not in sizes:
                    stack.append((child, False))
        if sizes[id(raw)] > MAX_NODES:
            raise DocumentError(
                f"too large: {sizes[id(raw)]:.3g} values once aliases are expanded",
                source=self.source,
            )
        if depths[id(raw)] > MAX_NESTING:
            raise DocumentError(f"nested {depths[id(raw)]} levels deep", source=self.source)
        return raw

    def _string_keys(self, value: dict[Any, Any]) -> None:
        for key in [key for key in value if not isinstance(key, str)]:
            name = (
                {True: "true", False: "false", None: "null"}.get(key)
                if isinstance(key, (bool, type(None)))
                else str(key)
            )
            if name in value:
                raise DocumentError(
                    f"the key {name} stands twice in one object", source=self.source
                )
            value[str(name)] = value.pop(key)


def _says(raw: Mapping[str, Any]) -> set[str]:
    """The keywords of a schema that mean something."""
    return {key for key in raw if key not in PROSE and not key.startswith("x-")}


def _meet(left: frozenset[str], right: frozenset[str]) -> frozenset[str]:
    """Types that both allow; an integer is a number."""
    both = left & right
    if "number" in left and "integer" in right:
        both |= {"integer"}
    if "integer" in left and "number" in right:
        both |= {"integer"}
    return both


def _leaf(target: str) -> str:
    """The schema that a discriminator names: by reference, by name, or by the file it once was."""
    name = target.rsplit("/", 1)[-1]
    return re.sub(r"\.(ya?ml|json)$", "", name)


def _json_type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, list):
        return "array"
    return "object" if isinstance(value, Mapping) else "string"


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    names = {str: "a string", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return names.get(type(value), f"a {type(value).__name__}")
