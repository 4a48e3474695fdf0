# JSON of any shape is read here.
# pyright: reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
"""A document as it is meant: checked as far as it is read, its references resolved."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn
from urllib.parse import unquote

from fingerprint_async.drift.contract.digest import Digests
from fingerprint_async.drift.contract.errors import DocumentError
from fingerprint_async.drift.contract.merge import Merger
from fingerprint_async.drift.contract.model import (
    ANY,
    INVALID,
    SCHEMAS,
    Effective,
    Node,
    Part,
    kind_of,
    says,
    value_key,
)
from fingerprint_async.drift.contract.pointer import escape, steps

__all__ = ["Document", "check_version"]

MAX_NODES = 3_000_000
MAX_NESTING = 200

# Objects that may hold extensions beside their entries; elsewhere a name may begin as one does.
_EXTENSIBLE = frozenset({"paths", "responses"})
_VERSION = re.compile(r"3\.[01](\.|$)")
_SHOWN = 120


def check_version(raw: Any, *, source: str) -> str:
    """Return the version of OpenAPI that a document says it is written in.

    Raises:
        DocumentError: It is none that is read: not 3.0 or 3.1.
    """
    if not isinstance(raw, Mapping):
        raise DocumentError(f"not an OpenAPI document but {kind_of(raw)}", source=source)
    version = raw.get("openapi")
    if isinstance(version, str) and _VERSION.match(version):
        return version
    if "swagger" in raw:
        said = "this is Swagger 2.0"
    elif "openapi" in raw:
        said = f"this is OpenAPI {str(version)[:20]}"
    else:
        said = "not an OpenAPI document: it has no `openapi` field"
    raise DocumentError(f"{said}; OpenAPI 3.0 or 3.1 is needed", source=source)


class Document:
    """An OpenAPI document, checked as far as it is read.

    What is wrong inside a schema is noted in `problems`, and costs only what stands there.

    Args:
        raw: The document as decoded from YAML or JSON.
        source: The path or address that it came from, for messages.

    Raises:
        DocumentError: It is no OpenAPI 3.0 or 3.1 document.
    """

    def __init__(self, raw: Any, *, source: str = "") -> None:
        if isinstance(raw, Mapping):
            _check_size(raw, source)
        version = check_version(raw, source=source)
        self.source = source
        self.raw: Mapping[str, Any] = raw
        self.legacy = version.startswith("3.0")
        self.problems: dict[str, str] = {}
        self.digests = Digests(self)
        self._merger = Merger(self)
        self._effective: dict[tuple[Any, ...], Effective] = {}
        self._targets: dict[str, tuple[str, Any]] = {}
        self._anchors: dict[str, list[str]] | None = None
        self._children: dict[str, list[str]] | None = None
        self._schemas: dict[str, Node] | None = None

    def fail(self, pointer: str, message: str) -> NoReturn:
        """Raise a DocumentError at a place of this document."""
        raise DocumentError(message, source=self.source, pointer=pointer)

    def note(self, pointer: str, message: str) -> None:
        """Note what is wrong at a place, where the rest can be compared all the same."""
        self.problems.setdefault(pointer, message)

    # What stands at a place, of the kind that belongs there.

    def mapping(self, value: Any, pointer: str) -> Mapping[str, Any]:
        """Return the object at a place; an absent one is empty."""
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.fail(pointer, f"expected an object, found {kind_of(value)}")
        return value

    def sequence(self, value: Any, pointer: str) -> Sequence[Any]:
        """Return the list at a place; an absent one is empty."""
        if value is None:
            return ()
        if not isinstance(value, list):
            self.fail(pointer, f"expected a list, found {kind_of(value)}")
        return value

    def string(self, value: Any, pointer: str) -> str:
        """Return the string at a place."""
        if not isinstance(value, str):
            self.fail(pointer, f"expected a string, found {kind_of(value)}")
        return value

    def flag(self, value: Any, pointer: str) -> bool:
        """Return the true or false at a place; an absent one is false."""
        if value is None:
            return False
        if not isinstance(value, bool):
            self.fail(pointer, f"expected true or false, found {kind_of(value)}")
        return value

    def entries(
        self, parent: Mapping[str, Any], key: str, pointer: str
    ) -> Iterator[tuple[str, Any, str]]:
        """Yield the named entries of an object inside an object: name, value, pointer."""
        where = f"{pointer}/{escape(key)}"
        for name, value in self.mapping(parent.get(key), where).items():
            if not (key in _EXTENSIBLE and name.startswith("x-")):
                yield name, value, f"{where}/{escape(name)}"

    def at(self, pointer: str) -> Any:
        """Return what stands at a JSON pointer.

        Raises:
            KeyError: Nothing does.
        """
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
        """Return the place itself, or the nearest one around it that stands in the document."""
        while True:
            try:
                self.at(pointer)
            except KeyError:
                pointer = pointer.rpartition("/")[0]
            else:
                return pointer

    # References.

    def target(self, reference: Any, pointer: str) -> tuple[str, Any]:
        """Return the place that a reference names, and what stands there."""
        reference = self.string(reference, pointer)
        found = self._targets.get(reference)
        if found is None:
            found = self._targets[reference] = self._find(reference, pointer)
        return found

    def _find(self, reference: str, pointer: str) -> tuple[str, Any]:
        shown = repr(reference[:_SHOWN])
        if reference not in {"#", ""} and not reference.startswith("#/"):
            if not reference.startswith("#"):
                hint = "another document; bundle it into one first"
                self.fail(pointer, f"the reference {shown} leads to {hint}")
            places = self.anchored(reference[1:])
            if not places:
                self.fail(pointer, f"the reference {shown} leads to no anchor")
            return places[0], self.at(places[0])
        place = unquote(reference[1:])
        try:
            return place, self.at(place)
        except KeyError:
            self.fail(pointer, f"the reference {shown} leads nowhere")

    def anchored(self, name: str) -> list[str]:
        """Return the places that have an anchor of this name."""
        if self._anchors is None:
            self._anchors = {}
            waiting: list[tuple[Any, str]] = [(self.raw, "")]
            while waiting:
                value, at = waiting.pop()
                if isinstance(value, Mapping):
                    for key in ("$anchor", "$dynamicAnchor"):
                        if isinstance(value.get(key), str):
                            self._anchors.setdefault(value[key], []).append(at)
                    waiting += [(sub, f"{at}/{escape(key)}") for key, sub in value.items()]
                elif isinstance(value, list):
                    waiting += [(sub, f"{at}/{index}") for index, sub in enumerate(value)]
        return self._anchors.get(name, [])

    def follow(self, value: Any, pointer: str) -> tuple[Mapping[str, Any], str]:
        """Return an object, or the one that its `$ref` leads to in the end.

        For parameters, responses, bodies, headers and paths, not for schemas.
        """
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
        """Return the named schemas."""
        if self._schemas is None:
            components = self.mapping(self.raw.get("components"), "/components")
            self._schemas = {
                name: self.named(pointer)
                for name, _, pointer in self.entries(components, "schemas", "/components")
            }
        return self._schemas

    def named(self, pointer: str) -> Node:
        """Return the named schema at a place."""
        return Node(pointer, (Part(pointer, self.schema(self.at(pointer), pointer), pointer),))

    def node(self, raw: Any, pointer: str) -> Node:
        """Return the schema that stands at a place."""
        if raw is None:
            return ANY
        return Node(pointer, (Part(pointer, self.schema(raw, pointer)),))

    def schema(self, raw: Any, pointer: str) -> Mapping[str, Any]:
        """Return a schema as an object: true allows everything, false nothing."""
        if isinstance(raw, Mapping):
            return raw
        if isinstance(raw, bool):
            return {} if raw else {"not": {}}
        self.note(pointer, f"expected a schema, found {kind_of(raw)}")
        return {INVALID: value_key(raw)}

    def effective(self, node: Node) -> Effective:
        """Return the contract that the parts of a node make together."""
        found = self._effective.get(node.key)
        if found is None:
            named = self.resolved(node) if len(node.parts) == 1 else node
            if named is not node and len(node.parts[0].raw) == 1:
                found = self.effective(named)
            else:
                found = self._merger.contract(node)
            self._effective[node.key] = found
        return found

    def resolved(self, node: Node) -> Node:
        """Return the definition that a node is, where it is nothing but a reference to one."""
        if len(node.parts) != 1 or node.parts[0].consumed or node.weight != 1:
            return node
        part = node.parts[0]
        if not self._refers(part.raw):
            return node
        place, raw = self.target(part.raw["$ref"], part.pointer)
        schema = self.schema(raw, place)
        return node if self._refers(schema) else Node(place, (Part(place, schema, place),))

    def _refers(self, raw: Mapping[str, Any]) -> bool:
        """Whether a schema is nothing but a reference."""
        return "$ref" in raw and (self.legacy or says(raw) == {"$ref"})

    def children(self, pointer: str) -> list[str]:
        """Return the named schemas that extend one by `allOf`, directly or not."""
        if self._children is None:
            self._children = {}
            for name, node in self.schemas().items():
                child = f"{SCHEMAS}{escape(name)}"
                members = node.parts[0].raw.get("allOf")
                for member in members if isinstance(members, list) else ():
                    reference = member.get("$ref") if isinstance(member, Mapping) else None
                    if isinstance(reference, str) and reference.startswith("#/"):
                        parent = unquote(reference[1:])
                        self._children.setdefault(parent, []).append(child)
        found: list[str] = []
        waiting = [pointer]
        while waiting:
            for child in self._children.get(waiting.pop(), ()):
                if child not in found and child != pointer:
                    found.append(child)
                    waiting.append(child)
        return found


def _check_size(raw: Mapping[str, Any], source: str) -> None:
    """Refuse a document that contains itself or would explode, through aliases of YAML."""
    sizes: dict[int, int] = {}
    depths: dict[int, int] = {}
    active: set[int] = set()
    stack: list[tuple[Any, bool]] = [(raw, False)]
    while stack:
        value, done = stack.pop()
        held = list(value.values()) if isinstance(value, dict) else value
        inner = [child for child in held if isinstance(child, (dict, list))]
        if done:
            active.discard(id(value))
            sizes[id(value)] = len(held) + sum(sizes[id(child)] for child in inner)
            depths[id(value)] = 1 + max((depths[id(child)] for child in inner), default=0)
            continue
        if id(value) in sizes:
            continue
        active.add(id(value))
        stack.append((value, True))
        for child in inner:
            if id(child) in active:
                raise DocumentError("contains itself through a YAML alias", source=source)
            if id(child) not in sizes:
                stack.append((child, False))
    if sizes[id(raw)] > MAX_NODES:
        message = f"too large: {sizes[id(raw)]:.3g} values once aliases are expanded"
        raise DocumentError(message, source=source)
    if depths[id(raw)] > MAX_NESTING:
        raise DocumentError(f"nested {depths[id(raw)]} levels deep", source=source)
