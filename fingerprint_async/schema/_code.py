"""How the parsed document reads as Python: names, annotations, the tables that models work from."""

from __future__ import annotations

import keyword
import re
import textwrap
from typing import TYPE_CHECKING, Any, Final

import attrs

from fingerprint_async.schema import _pointer

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Code", "Words"]

_SUCCESS: Final = 2
# Names that mean something else where the generated code stands.
_TAKEN: Final = frozenset(
    {
        "Any",
        "additional_properties",
        "bool",
        "dict",
        "findings",
        "float",
        "from_dict",
        "from_json",
        "int",
        "list",
    }
    | {"str", "to_dict"}
)
_TAKEN_PARAMETERS: Final = frozenset({"body", "client", "extensions"})
# What the facade shows of the models' runtime.
_RUNTIME: Final = (
    "UNSET",
    "Finding",
    "Model",
    "OpenIntEnum",
    "OpenStrEnum",
    "UnknownVariant",
    "Unset",
    "preload",
)
_SCALARS: Final = {
    "StringProperty": ("str", "str"),
    "DateProperty": ("str", "str"),
    "DateTimeProperty": ("str", "str"),
    "UuidProperty": ("str", "str"),
    "IntProperty": ("int", "int"),
    "FloatProperty": ("float", "float"),
    "BooleanProperty": ("bool", "bool"),
    "NoneProperty": ("None", "null"),
    "AnyProperty": ("Any", "any"),
}


@attrs.frozen
class Field:
    """One field of a model, or one parameter of an operation."""

    name: str
    python_name: str
    required: bool
    annotation: str
    kind: Any = None

    @property
    def row(self) -> str:
        """The field's row in the model's table."""
        return repr((self.name, self.kind, self.required))


@attrs.frozen
class Endpoint:
    """One operation."""

    operation_id: str
    url: str
    path_parameters: list[Field]
    query: list[Field]
    body: str | None
    body_required: bool
    result: str
    imports: list[tuple[str, str]]
    response_imports: list[tuple[str, str]]

    @property
    def params_name(self) -> str:
        """The name of the TypedDict of its query parameters."""
        words = re.split(r"\W|_", self.operation_id)
        return "".join(f"{word[:1].upper()}{word[1:]}" for word in (*words, "Params"))


class Code:
    """What the templates ask to write Python."""

    def __init__(self, document: dict[str, Any], names: dict[str, Any]) -> None:
        self._document = document
        self._python_names: dict[str, str] = names.get("python_names") or {}
        self._members: dict[str, str] = names.get("enum_members") or {}
        self._free_form: set[str] = set()
        self._data: Any = None
        self._results: set[str] = set()

    def attach(self, data: Any) -> None:
        """Take the parsed document; drop the classes of free-form objects, which are plain dicts here."""
        self._free_form = {str(model.class_info.name) for model in data.models if _is_empty(model)}
        data.models = [model for model in data.models if not _is_empty(model)]

        self._data = data
        endpoints = [
            item
            for collection in data.endpoint_collections_by_tag.values()
            for item in collection.endpoints
        ]
        self._results = {self.endpoint(endpoint).result for endpoint in endpoints}

    def exports(self) -> list[tuple[str, str]]:
        """Give what the facade shows: public names, and the generated modules they come from."""
        exports = {(name, "types") for name in _RUNTIME}
        for item in [*self._data.models, *self._data.enums]:
            exports.add((str(item.class_info.name), f"models.{item.class_info.module_name}"))
        for tag, collection in self._data.endpoint_collections_by_tag.items():
            for endpoint in collection.endpoints:
                call = self.endpoint(endpoint)
                if call.query:
                    exports.add((call.params_name, f"api.{tag}.{endpoint.name}"))
        return sorted(exports)

    def python_name(self, name: str, taken: frozenset[str] = _TAKEN) -> str:
        """Give the Python name of a property or parameter."""
        if name in self._python_names:
            return self._python_names[name]
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
        python_name = re.sub(r"\W+", "_", words).strip("_").lower()
        if not python_name.isidentifier():
            python_name = f"field_{python_name}"
        return (
            f"{python_name}_"
            if keyword.iskeyword(python_name) or python_name in taken
            else python_name
        )

    def members(self, enum: Any) -> list[tuple[str, str]]:
        """Give the members of an enum: names and Python literals, by value."""
        values = sorted(_enum_value(enum, value) for value in enum.values.values())
        members: dict[str, str] = {}
        for value in values:
            name = (
                self._members.get(str(value)) or re.sub(r"\W+", "_", str(value)).strip("_").upper()
            )
            if not name or not name[0].isalpha():
                name = f"VALUE_{name or 'EMPTY'}"
            if name in members:
                msg = f"two values of {enum.class_info.name} would be {name}: name one in openapi/config.yaml"
                raise ValueError(msg)
            members[name] = _literal(value)
        return list(members.items())

    def fields(self, model: Any) -> list[Field]:
        """Give the fields of a model, required ones first, then by name."""
        properties = [*(model.required_properties or []), *(model.optional_properties or [])]
        schemas = self._properties(_dump(model.data))
        fields = []
        for prop in properties:
            name = prop.name.get_untrusted_value()
            schema = schemas.get(name, {})
            fields.append(
                Field(
                    name=name,
                    python_name=self.python_name(name),
                    required=prop.required,
                    annotation=self._annotation(prop, schema),
                    kind=self._kind(prop, schema),
                )
            )
        return sorted(fields, key=lambda field: (not field.required, field.python_name))

    def page_field(self, model: Any) -> str | None:
        """Give the field of a page: the one list of models in an answer, cut before it is decoded."""
        if str(model.class_info.name) not in self._results:
            return None
        pages = [
            field for field in self.fields(model) if field.required and field.kind[:1] == ("list",)
        ]
        pages = [field for field in pages if field.kind[1][:1] == ("model",)]
        return pages[0].python_name if len(pages) == 1 else None

    def is_item(self, model: Any) -> bool:
        """Whether the model is what a page lists."""
        pages = ((other, self.page_field(other)) for other in self._data.models)
        kinds = {
            field.python_name: field.kind
            for other, page in pages
            if page
            for field in self.fields(other)
        }
        return (
            "list",
            ("model", str(model.class_info.name), str(model.class_info.module_name)),
        ) in kinds.values()

    def model_imports(self, model: Any) -> list[tuple[str, str]]:
        """Give the classes that the annotations of a model name: class, module."""
        properties = [*(model.required_properties or []), *(model.optional_properties or [])]
        imports = {pair for prop in properties for pair in self._classes(prop)}
        return sorted(imports - {(str(model.class_info.name), str(model.class_info.module_name))})

    def endpoint(self, endpoint: Any) -> Endpoint:
        """Describe an operation."""
        operation_id = self._operation_id(endpoint)
        path_parameters = [self._parameter(prop, query=False) for prop in endpoint.path_parameters]
        query = [self._parameter(prop, query=True) for prop in endpoint.query_parameters]
        query.sort(key=lambda field: (not field.required, field.python_name))
        path = endpoint.path.get_untrusted_value()
        for prop, field in zip(endpoint.path_parameters, path_parameters, strict=True):
            path = path.replace(
                f"{{{prop.python_name}}}", f"{{quote({field.python_name}, safe='')}}"
            )
        bodies = [body for body in endpoint.bodies if body.body_type == "json"]
        body = bodies[0].prop if bodies else None
        successes = [
            response.prop
            for response in endpoint.responses.patterns
            if response.status_code.range[0] // 100 == _SUCCESS
            and type(response.prop).__name__ == "ModelProperty"
        ]
        result = str(successes[0].class_info.name) if successes else "None"
        used = {pair for prop in endpoint.query_parameters for pair in self._classes(prop)}
        if body is not None:
            used |= set(self._classes(body))
        decoded = {pair for prop in successes[:1] for pair in self._classes(prop)}
        return Endpoint(
            operation_id=operation_id,
            url=f'f"{path}"' if path_parameters else f'"{path}"',
            path_parameters=path_parameters,
            query=query,
            body=None if body is None else str(body.class_info.name),
            body_required=body is not None and body.required,
            result=result,
            imports=sorted(used - decoded),
            response_imports=sorted(decoded),
        )

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

    def _parameter(self, prop: Any, *, query: bool) -> Field:
        name = prop.name.get_untrusted_value()
        annotation = _query_annotation(prop) if query else "str"
        return Field(
            name=name,
            python_name=self.python_name(name, _TAKEN | _TAKEN_PARAMETERS),
            required=prop.required,
            annotation=annotation,
        )

    def _resolve(self, schema: Any) -> dict[str, Any]:
        seen: set[str] = set()
        while isinstance(schema, dict) and "$ref" in schema and schema["$ref"] not in seen:
            seen.add(schema["$ref"])
            place: Any = self._document
            for part in _pointer.steps(schema["$ref"]):
                place = place.get(part, {})
            schema = place
        return schema if isinstance(schema, dict) else {}

    def _properties(self, schema: dict[str, Any]) -> dict[str, Any]:
        schema = self._resolve(schema)
        properties: dict[str, Any] = {}
        for part in schema.get("allOf") or []:
            properties |= self._properties(part)
        return properties | (schema.get("properties") or {})

    def _variants(
        self, prop: Any, schema: dict[str, Any]
    ) -> tuple[str, tuple[tuple[str, str, str], ...]] | None:
        """Give the discriminator of a union, and its values with their classes; None without one."""
        from openapi_python_client.strings import ClassName

        discriminator = self._resolve(schema).get("discriminator")
        models = {
            str(inner.class_info.name): inner
            for inner in prop.inner_properties
            if hasattr(inner, "data")
        }
        if not discriminator or len(models) != len(prop.inner_properties):
            return None
        references = [part.get("$ref", "") for part in self._resolve(schema).get("oneOf") or []]
        implied = {reference.rpartition("/")[2]: reference for reference in references}
        variants = []
        for value, reference in sorted((discriminator.get("mapping") or implied).items()):
            # Some revisions name the file that a variant was written in.
            variant = reference.rpartition("/")[2].removesuffix(".yaml")
            inner = models.get(str(ClassName(variant, prefix="field_")))
            if inner is None:
                msg = f"the discriminator value {value!r} leads to {reference}, which is no variant of {', '.join(models)}"
                raise ValueError(msg)
            variants.append((value, str(inner.class_info.name), str(inner.class_info.module_name)))
        return discriminator["propertyName"], tuple(variants)

    def _annotation(self, prop: Any, schema: dict[str, Any]) -> str:
        sort = type(prop).__name__
        if sort in _SCALARS:
            return _SCALARS[sort][0]
        if sort == "ConstProperty":
            return f"Literal[{prop.value.raw_value!r}]"
        if sort == "ListProperty":
            return f"list[{self._annotation(prop.inner_property, self._items(schema))}]"
        if sort == "UnionProperty":
            parts = {self._annotation(inner, {}) for inner in prop.inner_properties}
            if self._variants(prop, schema):
                parts.add("UnknownVariant")
            return " | ".join(
                sorted(parts, key=lambda part: (part == "None", part == "UnknownVariant", part))
            )
        if str(prop.class_info.name) in self._free_form:
            return "dict[str, Any]"
        return str(prop.class_info.name)

    def _kind(self, prop: Any, schema: dict[str, Any]) -> Any:
        sort = type(prop).__name__
        if sort in _SCALARS:
            return _SCALARS[sort][1]
        if sort == "ConstProperty":
            return ("const", prop.value.raw_value)
        if sort == "ListProperty":
            return ("list", self._kind(prop.inner_property, self._items(schema)))
        if sort == "UnionProperty":
            variants = self._variants(prop, schema)
            if variants:
                return ("union", *variants)
            kinds = [self._kind(inner, {}) for inner in prop.inner_properties]
            rest = [kind for kind in kinds if kind != "null"]
            kind = rest[0] if len(rest) == 1 else ("either", *rest)
            return ("nullable", kind) if len(rest) < len(kinds) else kind
        if str(prop.class_info.name) in self._free_form:
            return "object"
        tag = "enum" if sort == "EnumProperty" else "model"
        return (tag, str(prop.class_info.name), str(prop.class_info.module_name))

    def _items(self, schema: dict[str, Any]) -> dict[str, Any]:
        return self._resolve(schema).get("items") or {}

    def _classes(self, prop: Any) -> Iterator[tuple[str, str]]:
        sort = type(prop).__name__
        if sort == "ListProperty":
            yield from self._classes(prop.inner_property)
        elif sort == "UnionProperty":
            for inner in prop.inner_properties:
                yield from self._classes(inner)
        elif (
            sort in {"EnumProperty", "ModelProperty"}
            and str(prop.class_info.name) not in self._free_form
        ):
            yield str(prop.class_info.name), str(prop.class_info.module_name)


def _query_annotation(prop: Any) -> str:
    sort = type(prop).__name__
    if sort == "DateTimeProperty":
        return "datetime.datetime | str"
    if sort in _SCALARS:
        return _SCALARS[sort][0]
    if sort == "ListProperty":
        # One value alone is written without a list.
        inner = _query_annotation(prop.inner_property)
        return f"{inner} | Sequence[{inner}]"
    if sort == "UnionProperty":
        parts = {
            part
            for inner in prop.inner_properties
            for part in _query_annotation(inner).split(" | ")
        }
        return " | ".join(sorted(parts))
    values = sorted(_enum_value(prop, value) for value in prop.values.values())
    return f"{prop.class_info.name} | Literal[{', '.join(map(_literal, values))}]"


def _enum_value(enum: Any, value: Any) -> Any:
    # The parser keeps strings escaped for a double-quoted literal.
    import json

    return json.loads(f'"{value}"') if enum.value_type is str else value


def _literal(value: Any) -> str:
    import json

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
        found = (self._models.get(model, {}).get("fields") or {}).get(name)
        return self._say(f"field {model}.{name}", found, _spell(name), 4)

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
        parts.append(self._argument("client", "Gives the `httpx.AsyncClient` to send with."))
        if call.body:
            parts.append(self._argument("body", words.get("body") or "What to send, as JSON."))
        parts.append(self._argument("extensions", "Request extensions for the transport."))
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
        self._used.add(key)
        if not found:
            self._missing.add(key)
        return _fill(found or f"{fallback}.", indent)


def _fill(words: str, indent: int) -> str:
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", words.strip())]
    clean = [part.replace("\\", "\\\\").replace('"""', "'''") for part in paragraphs]
    filled = [textwrap.fill(part, 100 - 2 * indent) for part in clean]
    return ("\n\n" + " " * indent).join(part.replace("\n", "\n" + " " * indent) for part in filled)


def _spell(name: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name).replace("_", " ")
    return words[:1].upper() + words[1:]
