# JSON of any shape is read here.
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false
"""The keyword table: what each keyword holds, whether order matters, whether it is compared.

Normalising, listing prose and comparing all read this table; the tests run it row by row. A keyword
that is not listed
is taken for an extension: kept by the normaliser, and listed with the prose when it changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import attrs

from fingerprint_async.drift.contract.pointer import escape

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["KEYWORDS", "Holds", "Keyword", "Place", "children", "keyword", "keywords_of"]

Place: TypeAlias = Literal[
    "document", "path", "operation", "parameter", "body", "response", "media", "encoding",
    "schema", "discriminator", "server", "variable", "security", "scheme", "flows", "flow",
    "callback", "components", "link", "info", "tag", "data",
]  # fmt: skip
Holds: TypeAlias = Literal[
    "prose",  # explains and does not bind
    "value",  # a value, compared as a whole
    "set",  # a list of values whose order says nothing
    "sets",  # names, each with a set
    "object",  # one object of the inner place
    "objects",  # a list of objects
    "named",  # names of the document's choosing, each with an object
]


@attrs.frozen
class Keyword:
    """One keyword at one place.

    Attributes:
        place: The kind of object that it stands in.
        name: The keyword.
        holds: What kind of value it has.
        inner: The kind of object that its value holds.
        ordered: Whether the order of its list says something.
        default: A value that means the same as leaving it out.
        waived: Why no difference of it is a change of meaning; empty for what is compared.
    """

    place: Place
    name: str
    holds: Holds
    inner: Place = "data"
    ordered: bool = False
    default: Any = attrs.field(default=None, kw_only=True)
    waived: str = attrs.field(default="", kw_only=True)

    @property
    def meant(self) -> bool:
        """Whether it binds anybody."""
        return self.holds != "prose"


def _schema_table() -> Iterator[Keyword]:
    yield Keyword("schema", "type", "set")
    yield Keyword("schema", "nullable", "value", default=False)
    yield Keyword("schema", "format", "value")
    yield Keyword("schema", "enum", "set")
    yield Keyword("schema", "const", "value")
    yield Keyword("schema", "default", "value")
    for name in (
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength",
        "maxLength", "pattern", "minItems", "maxItems", "minContains", "maxContains",
        "minProperties", "maxProperties", "contentEncoding", "contentMediaType", "xml",
    ):  # fmt: skip
        yield Keyword("schema", name, "value")
    for name in ("uniqueItems", "deprecated", "readOnly", "writeOnly"):
        yield Keyword("schema", name, "value", default=False)
    yield Keyword("schema", "required", "set", default=[])
    yield Keyword("schema", "dependentRequired", "sets")
    for name in (
        "items", "additionalProperties", "propertyNames", "contains", "unevaluatedItems",
        "unevaluatedProperties", "not", "if", "then", "else", "contentSchema",
    ):  # fmt: skip
        yield Keyword("schema", name, "object", "schema")
    for name in ("properties", "patternProperties", "dependentSchemas"):
        yield Keyword("schema", name, "named", "schema")
    for name in ("allOf", "anyOf", "oneOf"):
        yield Keyword("schema", name, "objects", "schema")
    yield Keyword("schema", "prefixItems", "objects", "schema", ordered=True)
    yield Keyword("schema", "discriminator", "object", "discriminator")
    yield Keyword("discriminator", "propertyName", "value")
    yield Keyword("discriminator", "mapping", "value")
    for name in ("$ref", "$dynamicRef"):
        yield Keyword("schema", name, "value")
    named = "a name: what it leads to is compared where it is used"
    for name in ("$anchor", "$dynamicAnchor", "$id"):
        yield Keyword("schema", name, "value", waived=named)
    for name in ("$defs", "definitions"):
        yield Keyword("schema", name, "named", "schema", waived=named)
    for name in ("$schema", "$vocabulary"):
        yield Keyword("schema", name, "value", waived="the dialect says how to read, not what")
    for name in ("title", "description", "example", "examples", "externalDocs", "$comment"):
        yield Keyword("schema", name, "prose")


def _document_table() -> Iterator[Keyword]:
    yield Keyword("document", "openapi", "value", waived="both versions are read alike")
    yield Keyword("document", "jsonSchemaDialect", "value", waived="says how to read, not what")
    yield Keyword("document", "info", "object", "info", waived="prose")
    for name in ("title", "summary", "description", "termsOfService", "contact", "license"):
        yield Keyword("info", name, "prose")
    yield Keyword("info", "version", "value", waived="shown in the report's head")
    yield Keyword("document", "paths", "named", "path")
    yield Keyword("document", "webhooks", "named", "path")
    yield Keyword("document", "components", "object", "components")
    # The first server is the default of many tools; the comparison takes them as a set.
    yield Keyword("document", "servers", "objects", "server", ordered=True)
    yield Keyword("document", "security", "objects", "security")
    yield Keyword("document", "tags", "objects", "tag", waived="tags sort the documentation")
    yield Keyword("document", "externalDocs", "prose")
    yield Keyword("tag", "name", "value", waived="tags sort the documentation")
    for name in ("summary", "description", "externalDocs"):
        yield Keyword("tag", name, "prose")
    for name, inner in _COMPONENTS:
        yield Keyword("components", name, "named", inner)
    yield Keyword("components", "examples", "prose")


_COMPONENTS: Final[tuple[tuple[str, Place], ...]] = (
    ("schemas", "schema"),
    ("responses", "response"),
    ("parameters", "parameter"),
    ("requestBodies", "body"),
    ("headers", "parameter"),
    ("securitySchemes", "scheme"),
    ("links", "link"),
    ("callbacks", "callback"),
    ("pathItems", "path"),
)
METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


_HOLDERS: Final[tuple[Place, ...]] = ("path", "operation")
_DESCRIBED: Final[tuple[Place, ...]] = ("parameter", "body", "response")
_EXEMPLARY: Final[tuple[Place, ...]] = ("parameter", "media")
_WORDED: Final[tuple[Place, ...]] = ("server", "variable", "scheme")


def _operation_table() -> Iterator[Keyword]:
    for name in METHODS:
        yield Keyword("path", name, "object", "operation")
    for place in _HOLDERS:
        yield Keyword(place, "parameters", "objects", "parameter")
        yield Keyword(place, "servers", "objects", "server", ordered=True)
        for name in ("summary", "description"):
            yield Keyword(place, name, "prose")
    yield Keyword("path", "$ref", "value")
    yield Keyword("operation", "operationId", "value")
    yield Keyword("operation", "deprecated", "value", default=False)
    yield Keyword("operation", "requestBody", "object", "body")
    yield Keyword("operation", "responses", "named", "response")
    yield Keyword("operation", "callbacks", "named", "callback")
    yield Keyword("operation", "security", "objects", "security")
    yield Keyword("operation", "tags", "set", ordered=True, waived="tags sort the documentation")
    yield Keyword("operation", "externalDocs", "prose")
    yield Keyword("parameter", "name", "value")
    yield Keyword("parameter", "in", "value")
    for name in ("required", "deprecated", "allowReserved"):
        yield Keyword("parameter", name, "value", default=False)
    yield Keyword(
        "parameter", "allowEmptyValue", "value", default=False, waived="deprecated, unused"
    )
    for name in ("style", "explode"):
        yield Keyword("parameter", name, "value")
        yield Keyword("encoding", name, "value")
    yield Keyword("encoding", "contentType", "value")
    yield Keyword("encoding", "allowReserved", "value", default=False)
    yield Keyword("encoding", "headers", "named", "parameter")
    yield Keyword("parameter", "schema", "object", "schema")
    yield Keyword("media", "schema", "object", "schema")
    yield Keyword("media", "encoding", "named", "encoding")
    yield Keyword("body", "required", "value", default=False)
    yield Keyword("response", "headers", "named", "parameter")
    yield Keyword("response", "links", "named", "link", waived="this client follows no links")
    yield Keyword("response", "x-deprecated-response", "value", default=False)
    for place in _DESCRIBED:
        yield Keyword(place, "content", "named", "media")
        yield Keyword(place, "description", "prose")
        yield Keyword(place, "$ref", "value")
        yield Keyword(place, "summary", "prose")
    for place in _EXEMPLARY:
        for name in ("example", "examples"):
            yield Keyword(place, name, "prose")
    for name in ("operationRef", "operationId", "parameters", "requestBody", "server", "$ref"):
        yield Keyword("link", name, "value", waived="this client follows no links")
    yield Keyword("link", "description", "prose")


def _surroundings_table() -> Iterator[Keyword]:
    yield Keyword("server", "url", "value")
    yield Keyword("server", "variables", "named", "variable")
    yield Keyword("variable", "enum", "set")
    yield Keyword("variable", "default", "value")
    for place in _WORDED:
        yield Keyword(place, "description", "prose")
    for name in ("type", "name", "in", "scheme", "openIdConnectUrl", "$ref"):
        yield Keyword("scheme", name, "value")
    yield Keyword("scheme", "bearerFormat", "value", waived="a hint for readers")
    yield Keyword("scheme", "flows", "object", "flows")
    for name in ("implicit", "password", "clientCredentials", "authorizationCode"):
        yield Keyword("flows", name, "object", "flow")
    for name in ("authorizationUrl", "tokenUrl", "refreshUrl"):
        yield Keyword("flow", name, "value")
    yield Keyword("flow", "scopes", "value", waived="compared where an operation asks for one")


# Prose wherever it stands, also where OpenAPI does not provide for it.
_WORDS: Final = frozenset(
    {"description", "summary", "title", "example", "examples", "externalDocs", "$comment"}
)

KEYWORDS: Final[tuple[Keyword, ...]] = (
    *_schema_table(),
    *_document_table(),
    *_operation_table(),
    *_surroundings_table(),
)
_INDEX: Final = {(row.place, row.name): row for row in KEYWORDS}


def keyword(place: Place, name: str) -> Keyword:
    """Return the row of a keyword.

    Args:
        place: The kind of object that it stands in.
        name: The keyword; one that is not listed is an extension.
    """
    known = _INDEX.get((place, name))
    if known is not None:
        return known
    if place == "callback":
        return Keyword("callback", name, "prose" if name.startswith("x-") else "object", "path")
    if place == "security":
        return Keyword("security", name, "set")
    if name.startswith("x-") or name in _WORDS:
        return Keyword(place, name, "prose")
    return Keyword(place, name, "value", waived="not a keyword of OpenAPI")


def keywords_of(place: Place) -> tuple[Keyword, ...]:
    """Return the rows of one place."""
    return tuple(row for row in KEYWORDS if row.place == place)


def children(
    value: Any, place: Place, pointer: str
) -> Iterator[tuple[Keyword, Any, str, list[tuple[str, Any, Place]]]]:
    """Yield the keywords of an object with the objects inside them.

    Args:
        value: The object.
        place: What kind it is.
        pointer: Where it stands.

    Yields:
        The keyword, its value, its pointer, and the objects inside: pointer, value, kind.
    """
    if not isinstance(value, dict):
        return
    for name, held in value.items():
        row = keyword(place, name)
        at = f"{pointer}/{escape(name)}"
        inner: list[tuple[str, Any, Place]] = []
        if row.holds == "object":
            inner = [(at, held, row.inner)]
        elif row.holds == "objects" and isinstance(held, list):
            inner = [(f"{at}/{index}", each, row.inner) for index, each in enumerate(held)]
        elif row.holds == "named" and isinstance(held, dict):
            inner = [(f"{at}/{escape(key)}", each, row.inner) for key, each in held.items()]
        yield row, held, at, inner
