# JSON of any shape is read here.
# pyright: reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
"""The classes that a document would be generated as: names, fields, annotations, values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs

from fingerprint_async.drift.contract.endpoints import endpoints
from fingerprint_async.drift.symbols import class_name

if TYPE_CHECKING:
    from fingerprint_async.drift.contract.document import Document

__all__ = ["FieldShape", "Shape", "Shapes"]

_SCALARS: Final = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
}
_LAST: Final = ("int", "str", "UnknownVariant", "None")
_DEEPEST: Final = 50
_SCHEMAS: Final = "#/components/schemas/"


@attrs.frozen
class FieldShape:
    """One field of a class, or one parameter of an operation."""

    annotation: str
    required: bool


@attrs.frozen
class Shape:
    """One class: a model with fields, or an enum with values."""

    fields: dict[str, FieldShape] = attrs.field(factory=dict)
    values: tuple[str | int, ...] = ()


class Shapes:
    """The classes and parameters of a document.

    Attributes:
        classes: Each class by its name.
        parameters: The query parameters of each operation, by its id.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self.classes: dict[str, Shape] = {}
        self.parameters: dict[str, dict[str, FieldShape]] = {}
        for name, node in document.schemas().items():
            self._annotation(node.parts[0].raw, class_name(name), ())
        for endpoint in endpoints(document):
            found = self.parameters.setdefault(endpoint.id, {})
            for place, (where, name) in self._places(endpoint.raw, endpoint.pointer):
                if where == "query":
                    found[name] = self._parameter(place, endpoint.id, name)

    def _places(
        self, raw: Mapping[str, Any], pointer: str
    ) -> list[tuple[Mapping[str, Any], tuple[str, str]]]:
        given = raw.get("parameters")
        found = []
        for index, each in enumerate(given if isinstance(given, list) else []):
            parameter, _ = self._document.follow(each, f"{pointer}/parameters/{index}")
            found.append((parameter, (str(parameter.get("in")), str(parameter.get("name")))))
        return found

    def _parameter(self, raw: Mapping[str, Any], operation: str, name: str) -> FieldShape:
        schema = self._resolved(raw.get("schema"))
        many = schema.get("type") == "array"
        inner = self._resolved(schema.get("items")) if many else schema
        place = class_name(operation) + class_name(name) + ("Item" if many else "")
        annotation = self._annotation(inner, place, ())
        if isinstance(inner.get("enum"), list):
            literals = ", ".join(sorted(repr(value) for value in inner["enum"]))
            annotation = f"{annotation.removesuffix(' | str')} | Literal[{literals}]"
        if inner.get("format") == "date-time":
            annotation = "dt.datetime | str"
        if many:
            annotation = f"{annotation} | Sequence[{annotation}]"
        return FieldShape(annotation, raw.get("required") is True)

    def _resolved(self, raw: object) -> Mapping[str, Any]:
        seen: set[str] = set()
        while isinstance(raw, Mapping) and isinstance(raw.get("$ref"), str):
            reference = raw["$ref"]
            if reference in seen or not reference.startswith("#/"):
                return {}
            seen.add(reference)
            raw = self._document.at(reference[1:])
        return raw if isinstance(raw, Mapping) else {}

    def _annotation(self, raw: object, name: str, seen: tuple[str, ...]) -> str:
        """Return the annotation of a schema; note the class that it becomes under this name."""
        if not isinstance(raw, Mapping):
            return "Any"
        reference = raw.get("$ref")
        if isinstance(reference, str):
            if reference in seen or not reference.startswith(_SCHEMAS):
                return "Any"
            target = self._resolved(raw)
            own = class_name(reference.removeprefix(_SCHEMAS))
            if own in self.classes:
                return f"{own} | str" if self.classes[own].values else own
            return self._annotation(target, own, (*seen, reference))
        parts = list(self._alternatives(raw, name, seen))
        if raw.get("nullable") is True:
            parts.append("None")
        flat = {each for part in parts for each in part.split(" | ")} if len(parts) > 1 else parts
        return " | ".join(sorted(flat, key=lambda part: (_rank(part), part)))

    def _alternatives(
        self, raw: Mapping[str, Any], name: str, seen: tuple[str, ...]
    ) -> Iterator[str]:
        merged = self._merged(raw, seen)
        for key in ("oneOf", "anyOf"):
            members = raw.get(key)
            if isinstance(members, list) and members:
                for index, member in enumerate(members):
                    yield self._annotation(member, f"{name}Type{index}", seen)
                if isinstance(raw.get("discriminator"), Mapping):
                    yield "UnknownVariant"
                return
        references = [
            part
            for part in raw.get("allOf") or []
            if isinstance(part, Mapping) and isinstance(part.get("$ref"), str)
        ]
        if len(references) == 1 and not merged.get("properties", {}).keys() - self._own(
            references[0]
        ):
            yield self._annotation(references[0], name, seen)
        elif "const" in merged:
            yield f"Literal[{merged['const']!r}]"
        elif isinstance(merged.get("enum"), list):
            values = [each for each in merged["enum"] if each is not None]
            self.classes[name] = Shape(values=tuple(sorted(values, key=str)))
            yield f"{name} | {'str' if all(isinstance(each, str) for each in values) else 'int'}"
            if len(values) < len(merged["enum"]):
                yield "None"
        else:
            sort = merged.get("type")
            sorts = sort if isinstance(sort, list) else [sort]
            inside = (*seen, *(part["$ref"] for part in references))
            for each in sorts:
                yield self._typed(merged, each, name, inside)

    def _typed(self, raw: Mapping[str, Any], sort: object, name: str, seen: tuple[str, ...]) -> str:
        properties = raw.get("properties")
        if isinstance(properties, Mapping) and properties and sort in {"object", None}:
            required = raw.get("required") or []
            shape = Shape()
            # Noted first: a field may lead back to its class.
            self.classes[name] = shape
            for each, sub in properties.items():
                annotation = self._annotation(sub, name + (class_name(each) or "Value"), seen)
                shape.fields[each] = FieldShape(annotation, each in required)
            return name
        if sort == "object":
            return "dict[str, Any]"
        if sort == "array":
            return f"list[{self._annotation(raw.get('items'), f'{name}Item', seen)}]"
        return _SCALARS.get(sort, "Any") if isinstance(sort, str) else "Any"

    def _own(self, raw: Mapping[str, Any]) -> set[str]:
        return set(self._merged(self._resolved(raw), ()).get("properties", {}))

    def _merged(self, raw: Mapping[str, Any], seen: tuple[str, ...]) -> dict[str, Any]:
        """Return a schema with what its `allOf` adds."""
        if len(seen) > _DEEPEST:
            return dict(raw)
        merged: dict[str, Any] = {}
        parts = [
            self._resolved(part)
            for part in raw.get("allOf") or []
            if isinstance(part, Mapping) and part.get("$ref") not in seen
        ]
        for part in [*(self._merged(each, (*seen, "")) for each in parts), dict(raw)]:
            properties = {**merged.get("properties", {}), **(part.get("properties") or {})}
            required = [*merged.get("required", []), *(part.get("required") or [])]
            merged |= part
            merged |= {"properties": properties, "required": required}
        return merged


def _rank(part: str) -> int:
    return _LAST.index(part) if part in _LAST else -1
