"""How the parsed document reads as Python: names, annotations, fields, calls."""

from __future__ import annotations

import json
import re
import textwrap
from typing import TYPE_CHECKING, Any, Final

import attrs

from fingerprint_async._runtime.naming import python_names
from fingerprint_async.drift.contract import pointer as _pointer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Code", "Words"]

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


@attrs.frozen(kw_only=True)
class Field:
    """One field of a model.

    Attributes:
        name: Its name in the JSON.
        python_name: Its name in Python.
        annotation: Its annotation; for an optional field without the None of an absent one.
        required: Whether the schema asks for it.
        nullable: Whether an optional field may be null.
        personal: Whether it is about people, and so hidden in reprs.
    """

    name: str
    python_name: str
    annotation: str
    required: bool
    nullable: bool = False
    personal: bool = False

    @property
    def declaration(self) -> str:
        """The line of the class that declares it."""
        annotation = self.annotation
        if not self.required and annotation != "None":
            annotation += " | None"
        arguments = [] if self.required else ["default=None"]
        if self.personal:
            arguments.append("repr=False")
        said = []
        if self.name != self.python_name:
            said.append(f"name={_literal(self.name)}")
        if self.nullable:
            said.append("nullable=True")
        if said:
            arguments.append(f"metadata=json_field({', '.join(said)})")
        if not arguments:
            return f"{self.python_name}: {annotation}"
        if arguments == ["default=None"]:
            return f"{self.python_name}: {annotation} = None"
        return f"{self.python_name}: {annotation} = attrs.field({', '.join(arguments)})"


@attrs.frozen
class Parameter:
    """One parameter of an operation."""

    name: str
    python_name: str
    required: bool
    annotation: str


@attrs.frozen
class Endpoint:
    """One operation."""

    operation_id: str
    url: str
    path_parameters: list[Parameter]
    query: list[Parameter]
    body: str | None
    body_required: bool
    result: str
    imports: list[tuple[str, str]]

    @property
    def params_name(self) -> str:
        """The name of the TypedDict of its query parameters."""
        words = re.split(r"\W|_", self.operation_id)
        return "".join(f"{word[:1].upper()}{word[1:]}" for word in (*words, "Params"))

    @property
    def optional_params_name(self) -> str:
        """The name of the TypedDict in which they may be None."""
        return f"Optional{self.params_name}"


@attrs.frozen
class Enumeration:
    """One enum class.

    Attributes:
        name: The class.
        module: Its module.
        base: `StrEnum` or `IntEnum`.
        members: Names and literals.
        aliases: Other names of the class: those of the schemas that list the same values.
    """

    name: str
    module: str
    base: str
    members: list[tuple[str, str]]
    aliases: list[str]


class Code:
    """What the templates ask to write Python.

    Args:
        document: The document, corrected.
        config: `openapi/config.yaml`: names that are chosen by hand, fields about people.
    """

    def __init__(self, document: dict[str, Any], config: dict[str, Any]) -> None:
        self._document = document
        self._field_names: dict[str, str] = config.get("python_names") or {}
        self._member_names: dict[str, str] = config.get("enum_members") or {}
        self._enum_names: dict[str, list[Any]] = config.get("enum_classes") or {}
        self._personal = frozenset(config.get("personal") or ())
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
                f"Literal[{', '.join(map(_literal, tags))}]"
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
                members=[(members[str(value)], _literal(value)) for value in values],
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


def _literal(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _is_empty(model: Any) -> bool:
    return not (model.required_properties or model.optional_properties)


def _dump(schema: Any) -> dict[str, Any]:
    dumped: dict[str, Any] = schema.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return dumped


class Words:
    """Our words for what the document names, and a plain phrase made of the name where there are none."""

    def __init__(self, overlay: dict[str, Any]) -> None:
        self._models: dict[str, Any] = overlay.get("models") or {}
        self._operations: dict[str, Any] = overlay.get("operations") or {}
        self._missing: set[str] = set()
        self._used: set[str] = set()

    def missing(self) -> list[str]:
        """Give what was asked for and has no words."""
        return sorted(self._missing)

    def stale(self) -> list[str]:
        """Give the words that nothing asked for."""
        known = {f"model {name}" for name in self._models}
        known |= {
            f"field {m}.{f}" for m, model in self._models.items() for f in model.get("fields") or {}
        }
        known |= {f"operation {name}" for name in self._operations}
        known |= {
            f"parameter {o}.{p}"
            for o, op in self._operations.items()
            for p in op.get("parameters") or {}
        }
        return sorted(known - self._used)

    def model(self, name: str) -> str:
        """The docstring of a model or an enum."""
        return self._say(f"model {name}", self._models.get(name, {}).get("words"), _spell(name), 4)

    def field(self, model: str, name: str) -> str:
        """The docstring of a field."""
        return _fill(self._field_words(model, name), 4)

    def _field_words(self, model: str, name: str) -> str:
        found = (self._models.get(model, {}).get("fields") or {}).get(name)
        return self._said(f"field {model}.{name}", found, _spell(name))

    def documented_model(self, name: str, fields: list[Field]) -> str:
        """The docstring of a model, with a line for each field: what `help()` shows."""
        parts = [self.model(name)]
        if fields:
            parts += ["", "    Attributes:"]
        for field in fields:
            said = self._field_words(name, field.name)
            flat = f"{field.python_name}: {' '.join(said.split())}"
            parts.append(
                textwrap.fill(
                    _harmless(flat), 100, initial_indent=" " * 8, subsequent_indent=" " * 12
                )
            )
        return "\n".join([*parts, "    "]) if fields else parts[0]

    def request(self, call: Endpoint) -> str:
        """The docstring of the function that builds a request."""
        return f"Build a request of `{call.operation_id}`; nothing is sent."

    def params(self, operation_id: str) -> str:
        """The docstring of the TypedDict of an operation's query parameters."""
        return f"The query parameters of `{operation_id}`. Those left out are not sent."

    def parameter(self, operation_id: str, name: str) -> str:
        """The docstring of a parameter."""
        found = (self._operations.get(operation_id, {}).get("parameters") or {}).get(name)
        return self._say(f"parameter {operation_id}.{name}", found, _spell(name), 4)

    def operation(self, call: Endpoint) -> str:
        """The docstring of the function that calls an operation."""
        words = self._operations.get(call.operation_id, {})
        summary = self._say(
            f"operation {call.operation_id}", words.get("summary"), _spell(call.operation_id), 4
        )
        parts = [summary]
        if words.get("description"):
            parts += ["", _fill(words["description"], 4)]
        parts += ["", "Args:"]
        for field in call.path_parameters:
            parts.append(
                self._argument(field.python_name, self.parameter(call.operation_id, field.name))
            )
        parts.append(
            self._argument(
                "client",
                "What sends: its `base_url` is the API's, and it adds the `Authorization` header.",
            )
        )
        if call.body:
            parts.append(self._argument("body", words.get("body") or "What to send, as JSON."))
        if call.query:
            parts.append(
                self._argument("**params", f"The query parameters, see `{call.params_name}`.")
            )
        parts += [
            "",
            "Returns:",
            "    The response; nothing is decoded before it is asked for.",
            "",
        ]
        return "\n".join(parts).replace("\n", "\n    ").replace("\n    \n", "\n\n")

    def _argument(self, name: str, words: str) -> str:
        flat = f"{name}: {' '.join(words.split())}"
        return textwrap.fill(flat, 96, initial_indent="    ", subsequent_indent="        ")

    def _say(self, key: str, found: str | None, fallback: str, indent: int) -> str:
        return _fill(self._said(key, found, fallback), indent)

    def _said(self, key: str, found: str | None, fallback: str) -> str:
        self._used.add(key)
        if not found:
            self._missing.add(key)
        return found or f"{fallback}."


def _fill(words: str, indent: int) -> str:
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", words.strip())]
    clean = [_harmless(part) for part in paragraphs]
    filled = [textwrap.fill(part, 100 - 2 * indent) for part in clean]
    return ("\n\n" + " " * indent).join(part.replace("\n", "\n" + " " * indent) for part in filled)


def _harmless(words: str) -> str:
    return words.replace("\\", "\\\\").replace('"""', "'''")


def _spell(name: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name).replace("_", " ")
    return words[:1].upper() + words[1:]
