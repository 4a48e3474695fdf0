"""How the parsed document reads as Python: names, annotations, fields, calls."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from codegen.declarations import Base, Endpoint, Enumeration, Field, Parameter, literal
from fingerprint_async._runtime.naming import python_names
from fingerprint_async.drift.contract import pointer as _pointer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Code"]

_SUCCESS: Final = 2
_SCALARS: Final = {
    "StringProperty": "str",
    "UuidProperty": "str",
    "DateProperty": "str",
    "DateTimeProperty": "str",
    "UriProperty": "str",
    "IntProperty": "int",
    "FloatProperty": "float",
    "BooleanProperty": "bool",
    "NoneProperty": "None",
    "AnyProperty": "Any",
}


class Code:
    """What the templates ask to write Python.

    Args:
        document: The document, corrected.
        config: `openapi/config.yaml`: names that are chosen by hand, fields about people, bases.
    """

    def __init__(self, document: dict[str, Any], config: dict[str, Any]) -> None:
        self._document = document
        self._field_names: dict[str, str] = config.get("python_names") or {}
        self._member_names: dict[str, str] = config.get("enum_members") or {}
        self._enum_names: dict[str, list[Any]] = config.get("enum_classes") or {}
        self._personal = frozenset(config.get("personal") or ())
        self._bases: dict[str, str] = config.get("bases") or {}
        self._free_form: set[str] = set()
        self._data: Any = None
        self._enums: dict[str, Enumeration] = {}
        self._tags: dict[tuple[str, str], list[str]] = {}

    def attach(self, data: Any) -> None:
        """Take the parsed document.

        Classes of free-form objects are dropped: those are plain dicts. So are enums that repeat
        the values of another one.
        """
        self._data = data
        self._free_form = {str(model.class_info.name) for model in data.models if _is_empty(model)}
        data.models = [model for model in data.models if not _is_empty(model)]
        self._enums = self._merged_enums(list(data.enums))
        kept = {enum.module for enum in self._enums.values()}
        first: dict[str, Any] = {}
        for enum in data.enums:
            name = self._enums[str(enum.class_info.name)].name
            module = self._enums[str(enum.class_info.name)].module
            if name not in first and module in kept:
                first[name] = _renamed(enum, name, module)
        data.enums = [first[name] for name in sorted(first)]
        for model in data.models:
            for prop, schema in self._properties_of(model):
                self._note_tags(prop, schema)

    def exports(self) -> list[tuple[str, str]]:
        """Give every name of the models package, with the module that it comes from."""
        found = {
            (str(model.class_info.name), str(model.class_info.module_name))
            for model in self._data.models
        }
        for enum in self._enums.values():
            found |= {(name, enum.module) for name in (enum.name, *enum.aliases)}
        return sorted(found)

    def params(self) -> list[tuple[str, str]]:
        """Give the TypedDicts of query parameters, with the modules that they come from."""
        found = []
        for tag, collection in self._data.endpoint_collections_by_tag.items():
            for endpoint in collection.endpoints:
                call = self.endpoint(endpoint)
                if call.query:
                    found.append((call.params_name, f"api.{tag}.{endpoint.name}"))
        return sorted(found)

    def enum(self, enum: Any) -> Enumeration:
        """Describe an enum class."""
        return self._enums[str(enum.class_info.name)]

    def base(self, model: Any) -> Base:
        """Give the hand-written class that a model is derived from."""
        module, _, name = self._bases.get(str(model.class_info.name), "model.Model").partition(".")
        return Base(module, name)

    def bases_of_nothing(self) -> list[str]:
        """Give the classes that a base is named for, and that the document has no schema of."""
        return sorted(
            self._bases.keys() - {str(model.class_info.name) for model in self._data.models}
        )

    def fields(self, model: Any) -> list[Field]:
        """Give the fields of a model, required ones first, then by name."""
        owner = str(model.class_info.name)
        properties = self._properties_of(model)
        names = python_names(
            [prop.name.get_untrusted_value() for prop, _ in properties], "field", self._field_names
        )
        fields = []
        for prop, schema in properties:
            name = prop.name.get_untrusted_value()
            tags = self._tags.get((owner, name))
            annotation = (
                f"Literal[{', '.join(map(literal, tags))}]"
                if tags
                else self._annotation(prop, schema)
            )
            parts = annotation.split(" | ")
            nullable = "None" in parts
            if nullable and not prop.required and len(parts) > 1:
                annotation = " | ".join(part for part in parts if part != "None")
            fields.append(
                Field(
                    name=name,
                    python_name=names[name],
                    annotation=annotation,
                    required=prop.required,
                    nullable=nullable and not prop.required,
                    personal=name in self._personal,
                )
            )
        return sorted(fields, key=lambda field: (not field.required, field.python_name))

    def imports(self, model: Any) -> list[tuple[str, str]]:
        """Give the classes that the annotations of a model name: class, module."""
        owner = str(model.class_info.name), str(model.class_info.module_name)
        found = set()
        for prop, _ in self._properties_of(model):
            if (owner[0], prop.name.get_untrusted_value()) not in self._tags:
                found |= set(self._classes(prop))
        return sorted(found - {owner})

    def late_imports(self, model: Any) -> list[tuple[str, str]]:
        """Give those of `imports` that lead back to the model: they go behind the class."""
        owner = str(model.class_info.name)
        by_name = {str(other.class_info.name): other for other in self._data.models}

        def leads_back(name: str, seen: set[str]) -> bool:
            if name == owner:
                return True
            if name in seen or name not in by_name:
                return False
            seen.add(name)
            return any(leads_back(inner, seen) for inner, _ in self.imports(by_name[name]))

        return [pair for pair in self.imports(model) if leads_back(pair[0], set())]

    def endpoint(self, endpoint: Any) -> Endpoint:
        """Describe an operation."""
        operation_id = self._operation_id(endpoint)
        everything = [*endpoint.path_parameters, *endpoint.query_parameters]
        names = python_names(
            [prop.name.get_untrusted_value() for prop in everything], "parameter", self._field_names
        )
        path_parameters = [self._parameter(prop, names, "str") for prop in endpoint.path_parameters]
        query = [
            self._parameter(prop, names, self._query_annotation(prop))
            for prop in endpoint.query_parameters
        ]
        query.sort(key=lambda parameter: (not parameter.required, parameter.python_name))
        path = endpoint.path.get_untrusted_value()
        for prop, parameter in zip(endpoint.path_parameters, path_parameters, strict=True):
            quoted = f"{{quote({parameter.python_name}, safe='')}}"
            path = path.replace(f"{{{prop.python_name}}}", quoted)
        bodies = [body for body in endpoint.bodies if body.body_type == "json"]
        body = bodies[0].prop if bodies else None
        successes = [
            response.prop
            for response in endpoint.responses.patterns
            if response.status_code.range[0] // 100 == _SUCCESS
            and type(response.prop).__name__ == "ModelProperty"
        ]
        used = {pair for prop in endpoint.query_parameters for pair in self._classes(prop)}
        for prop in [*successes[:1], *([] if body is None else [body])]:
            used |= set(self._classes(prop))
        return Endpoint(
            operation_id=operation_id,
            url=f'f"{path}"' if path_parameters else f'"{path}"',
            path_parameters=path_parameters,
            query=query,
            body=None if body is None else str(body.class_info.name),
            body_required=body is not None and body.required,
            result=str(successes[0].class_info.name) if successes else "None",
            imports=sorted(used),
        )

    def _merged_enums(self, enums: list[Any]) -> dict[str, Enumeration]:
        """Make one class of enums that list the same values, under the name of a schema.

        Raises:
            ValueError: Names that were chosen by hand fit no enum, or several.
        """
        groups: dict[tuple[Any, ...], list[Any]] = {}
        for enum in enums:
            groups.setdefault(tuple(_enum_values(enum)), []).append(enum)
        components = {
            "".join(part[:1].upper() + part[1:] for part in re.split(r"\W|_", name))
            for name in self._document.get("components", {}).get("schemas", {})
        }
        given = {tuple(sorted(values)): name for name, values in self._enum_names.items()}
        merged: dict[str, Enumeration] = {}
        for values, group in groups.items():
            named = sorted(str(enum.class_info.name) for enum in group)
            own = [name for name in named if name in components] or named
            name = given.get(values) or min(own, key=lambda name: (len(name), name))
            modules = {
                str(enum.class_info.name): str(enum.class_info.module_name) for enum in group
            }
            text = all(isinstance(value, str) for value in values)
            members = python_names([str(value) for value in values], "member", self._member_names)
            enumeration = Enumeration(
                name=name,
                module=modules.get(name) or _snake(name),
                base="StrEnum" if text else "IntEnum",
                members=[(members[str(value)], literal(value)) for value in values],
                aliases=[other for other in own if other != name],
            )
            merged |= dict.fromkeys([*named, name], enumeration)
        return merged

    def _note_tags(self, prop: Any, schema: dict[str, Any]) -> None:
        """Note which field tells the variants of a union apart, and by which values."""
        if type(prop).__name__ == "ListProperty":
            self._note_tags(prop.inner_property, self._items(schema))
        elif type(prop).__name__ == "UnionProperty":
            discriminator, variants = self._variants(prop, schema) or ("", [])
            for value, name in variants:
                values = self._tags.setdefault((name, discriminator), [])
                if value not in values:
                    values.append(value)

    def _operation_id(self, endpoint: Any) -> str:
        from openapi_python_client.strings import PythonIdentifier

        for item in self._document["paths"].values():
            operation = item.get(endpoint.method)
            if (
                operation
                and PythonIdentifier(operation.get("operationId", ""), prefix="") == endpoint.name
            ):
                return str(operation["operationId"])
        return str(endpoint.name)

    def _parameter(self, prop: Any, names: Mapping[str, str], annotation: str) -> Parameter:
        name = prop.name.get_untrusted_value()
        return Parameter(name, names[name], prop.required, annotation)

    def _resolve(self, schema: Any) -> dict[str, Any]:
        seen: set[str] = set()
        while isinstance(schema, dict) and "$ref" in schema and schema["$ref"] not in seen:
            seen.add(schema["$ref"])
            place: Any = self._document
            for part in _pointer.steps(schema["$ref"]):
                place = place.get(part, {})
            schema = place
        return schema if isinstance(schema, dict) else {}

    def _properties_of(self, model: Any) -> list[tuple[Any, dict[str, Any]]]:
        schemas = self._properties(_dump(model.data))
        properties = [*(model.required_properties or []), *(model.optional_properties or [])]
        return [(prop, schemas.get(prop.name.get_untrusted_value(), {})) for prop in properties]

    def _properties(self, schema: dict[str, Any]) -> dict[str, Any]:
        schema = self._resolve(schema)
        properties: dict[str, Any] = {}
        for part in schema.get("allOf") or []:
            properties |= self._properties(part)
        return properties | (schema.get("properties") or {})

    def _variants(
        self, prop: Any, schema: dict[str, Any]
    ) -> tuple[str, list[tuple[str, str]]] | None:
        """Give the discriminator of a union, and its values with their classes; None without one.

        Raises:
            ValueError: A value leads to no variant.
        """
        from openapi_python_client.strings import ClassName

        discriminator = self._resolve(schema).get("discriminator")
        models = {
            str(inner.class_info.name) for inner in prop.inner_properties if hasattr(inner, "data")
        }
        if not discriminator or len(models) != len(prop.inner_properties):
            return None
        references = [part.get("$ref", "") for part in self._resolve(schema).get("oneOf") or []]
        implied = {reference.rpartition("/")[2]: reference for reference in references}
        variants = []
        for value, reference in sorted((discriminator.get("mapping") or implied).items()):
            # Some revisions name the file that a variant was written in.
            variant = reference.rpartition("/")[2].removesuffix(".yaml")
            name = str(ClassName(variant, prefix="field_"))
            if name not in models:
                raise ValueError(
                    f"the discriminator value {value!r} leads to {reference}, which is no variant"
                    f" of {', '.join(sorted(models))}"
                )
            variants.append((value, name))
        return discriminator["propertyName"], variants

    def _annotation(self, prop: Any, schema: dict[str, Any]) -> str:
        sort = type(prop).__name__
        if sort in _SCALARS:
            return _SCALARS[sort]
        if sort == "ConstProperty":
            return f"Literal[{prop.value.raw_value!r}]"
        if sort == "ListProperty":
            return f"list[{self._annotation(prop.inner_property, self._items(schema))}]"
        if sort == "UnionProperty":
            parts = {
                part
                for inner in prop.inner_properties
                for part in self._annotation(inner, {}).split(" | ")
            }
            if self._variants(prop, schema):
                parts.add("UnknownVariant")
            last = ("int", "str", "UnknownVariant", "None")
            return " | ".join(
                sorted(parts, key=lambda part: (last.index(part) if part in last else -1, part))
            )
        name = str(prop.class_info.name)
        if name in self._free_form:
            return "dict[str, Any]"
        if sort == "EnumProperty":
            enum = self._enums[name]
            return f"{enum.name} | {'str' if enum.base == 'StrEnum' else 'int'}"
        return name

    def _query_annotation(self, prop: Any) -> str:
        sort = type(prop).__name__
        if sort == "DateTimeProperty":
            return "dt.datetime | str"
        if sort in _SCALARS:
            return _SCALARS[sort]
        if sort == "ListProperty":
            # One value alone is written without a list.
            inner = self._query_annotation(prop.inner_property)
            return f"{inner} | Sequence[{inner}]"
        if sort == "UnionProperty":
            parts = {
                part
                for inner in prop.inner_properties
                for part in self._query_annotation(inner).split(" | ")
            }
            return " | ".join(sorted(parts))
        enum = self._enums[str(prop.class_info.name)]
        return f"{enum.name} | Literal[{', '.join(value for _, value in enum.members)}]"

    def _items(self, schema: dict[str, Any]) -> dict[str, Any]:
        return self._resolve(schema).get("items") or {}

    def _classes(self, prop: Any) -> Iterator[tuple[str, str]]:
        sort = type(prop).__name__
        if sort == "ListProperty":
            yield from self._classes(prop.inner_property)
        elif sort == "UnionProperty":
            for inner in prop.inner_properties:
                yield from self._classes(inner)
        elif sort == "EnumProperty":
            enum = self._enums[str(prop.class_info.name)]
            yield enum.name, enum.module
        elif sort == "ModelProperty" and str(prop.class_info.name) not in self._free_form:
            yield str(prop.class_info.name), str(prop.class_info.module_name)


def _renamed(enum: Any, name: str, module: str) -> Any:
    """Give the parser's enum under the name of the class that it is merged into."""
    from openapi_python_client.parser.properties import Class
    from openapi_python_client.strings import ClassName, PythonIdentifier

    info = Class(name=ClassName(name, ""), module_name=PythonIdentifier(module, ""))
    return attrs.evolve(enum, class_info=info)


def _snake(name: str) -> str:
    return python_names([name], "field")[name]


def _enum_values(enum: Any) -> list[Any]:
    # The parser keeps strings escaped for a double-quoted literal.
    values = enum.values.values()
    return sorted(json.loads(f'"{value}"') if enum.value_type is str else value for value in values)


def _is_empty(model: Any) -> bool:
    return not (model.required_properties or model.optional_properties)


def _dump(schema: Any) -> dict[str, Any]:
    dumped: dict[str, Any] = schema.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return dumped
