"""What a person must still decide after a document was taken in, a line each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from codegen.servers import server_constants
from codegen.standing import FILTERS, OPERATIONS, REGIONS, Standing
from fingerprint_async.drift.contract.pointer import steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = [
    "KINDS",
    "Published",
    "QueryParameter",
    "class_name",
    "decisions",
    "published_operations",
    "query_parameters",
]

_METHODS: Final = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_SEARCH: Final = "searchEvents"
_BOUNDS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_OURS: Final = "fingerprint_async"


@attrs.frozen
class Published:
    """An operation of the document."""

    id: str
    method: str
    path: str
    raw: Mapping[str, Any]

    @property
    def label(self) -> str:
        """Its id, and where it is."""
        return f"{self.id} ({self.method} {self.path})"

    @property
    def address(self) -> str:
        """Its method and path, whatever the parameters in the path are called."""
        return f"{self.method} {re.sub(r'{[^}]*}', '{}', self.path)}"


@attrs.frozen
class QueryParameter:
    """A query parameter: its name, its bounds in words, and itself, perhaps a reference."""

    name: str
    bounds: str
    raw: Any


@attrs.frozen(kw_only=True)
class _Kind:
    """A kind of fact that the document and the client both state, and what to say of each side.

    Attributes:
        new: Said of a fact that only the document has; None where nothing needs to be decided.
        gone: Said of a fact that only the client has.
        other: Said where both have it, and differ.
    """

    new: str | None = None
    gone: str | None = None
    other: str | None = None


@attrs.frozen
class _Fact:
    """A fact: the value that is compared, and what its sentence needs."""

    value: str = ""
    words: Mapping[str, str] = attrs.field(factory=dict[str, str])


_Facts = dict[tuple[str, str], _Fact]

KINDS: Final[Mapping[str, _Kind]] = {
    "operation": _Kind(
        new=f"the operation {{name}} ({{said}}) has no record in {_OURS}/{OPERATIONS},"
        " and no method",
        gone=f"the document has no operation {{name}} any more; {_OURS}/{OPERATIONS} has its"
        " record, and {resource} sends it",
        other=f"the operation {{name}} ({{said}}) is {{ours}} in {_OURS}/{OPERATIONS}",
    ),
    "id": _Kind(
        other=f"the operation {{ours}} of {_OURS}/{OPERATIONS} is called {{said}} by the document",
    ),
    "method": _Kind(
        new=f"the operation {{said}} has no method {{leaf}} in {_OURS}/resources/{{owner}}.py",
    ),
    "answer": _Kind(
        other=f"a success of {{label}} has {{said}}, and {{ours}} in {_OURS}/{OPERATIONS}",
    ),
    "body": _Kind(
        new="the property {leaf} of the body of {label} is no argument of {resource}",
        gone="the body of {label} has no property {leaf} any more; {resource} sends it",
    ),
    "query": _Kind(
        new="the parameter {leaf} of {label} is no argument of {resource}",
        gone="{label} has no parameter {leaf} any more; {resource} sends it",
    ),
    "bounds": _Kind(
        new=f"the filter {{name}} has bounds ({{said}}) that {_OURS}/{FILTERS} does not check",
    ),
    "filter": _Kind(
        gone=f"the search has no filter {{name}} any more; {_OURS}/{FILTERS} checks it",
    ),
    "server": _Kind(
        new=f"the server {{said}} ({{name}}) belongs to no region of {_OURS}/{REGIONS}",
        gone=f"{_OURS}/{REGIONS} needs the server {{name}}, which the document lacks",
    ),
    "address": _Kind(
        new="the server {name!r} has no address of its own that a region could have",
    ),
    "model": _Kind(
        gone=f"the document has no schema for {{name}} any more; {_OURS}/{{ours}} imports it",
    ),
}
"""Everything that hand-written code stands on."""


def decisions(document: Mapping[str, Any], client: Path) -> list[str]:
    """Return what the client's own code does not yet say about the document.

    Args:
        document: The document that code is generated from.
        client: The folder of the package `fingerprint_async`.
    """
    standing = Standing.of(client)
    operations = published_operations(document)
    theirs, ours = _of_document(document, operations, standing), _of_client(operations, standing)
    lines: list[str] = []
    for kind, sentences in KINDS.items():
        names = {name for side in (theirs, ours) for of, name in side if of == kind}
        for name in sorted(names):
            said, own = theirs.get((kind, name)), ours.get((kind, name))
            if said and own:
                sentence = sentences.other if said.value != own.value else None
            else:
                sentence = sentences.new if said else sentences.gone
            if sentence is not None:
                lines.append(_line(sentence, name, said or _Fact(), own or _Fact()))
    return lines


def _line(sentence: str, name: str, said: _Fact, own: _Fact) -> str:
    words = {**own.words, **said.words, "said": said.value, "ours": own.value}
    return "to decide: " + sentence.format(name=name, **words)


def _of_document(
    document: Mapping[str, Any], operations: Mapping[str, Published], standing: Standing
) -> _Facts:
    """The facts of the document, those that only records can place left out without one."""
    facts: _Facts = {}
    renamed = {new.id: old for old, new in _renamed(operations, standing).items()}
    for operation in operations.values():
        old = renamed.get(operation.id)
        if old is not None:
            facts["id", operation.address] = _Fact(operation.id)
        else:
            facts["operation", operation.id] = _Fact(f"{operation.method} {operation.path}")
        record = standing.records.get(old or operation.id)
        if record is not None:
            words = {"label": operation.label, "resource": record.resource}
            owner, _, leaf = record.resource.partition(".")
            place = {"owner": owner, "leaf": leaf}
            facts["method", record.resource] = _Fact(operation.label, place)
            facts["answer", operation.id] = _Fact(_answer(document, operation), words)
            for name in _body(document, operation):
                facts["body", f"{operation.id}.{name}"] = _Fact("", {**words, "leaf": name})
            if record.query is not None:
                for parameter in query_parameters(document, operation):
                    with_name = {**words, "leaf": parameter.name}
                    facts["query", f"{operation.id}.{parameter.name}"] = _Fact("", with_name)
        if operation.id == _SEARCH:
            for parameter in query_parameters(document, operation):
                facts["filter", parameter.name] = _Fact()
                if parameter.bounds:
                    facts["bounds", parameter.name] = _Fact(parameter.bounds)
    facts |= _servers(document)
    schemas = (document.get("components") or {}).get("schemas") or {}
    return facts | {("model", class_name(name)): _Fact() for name in schemas}


def _of_client(operations: Mapping[str, Published], standing: Standing) -> _Facts:
    """The facts of the client, those of an operation that is gone left out."""
    facts: _Facts = {}
    renamed = _renamed(operations, standing)
    for name, record in standing.records.items():
        operation = operations.get(name) or renamed.get(name)
        if name in renamed:
            facts["id", renamed[name].address] = _Fact(name)
        else:
            where = f"{record.method} {record.path}"
            facts["operation", name] = _Fact(where, {"resource": record.resource})
        if operation is None:
            continue
        words = {"label": operation.label, "resource": record.resource}
        facts["answer", operation.id] = _Fact("a body" if record.has_answer else "no body")
        for kind, sent in (("body", record.body), ("query", record.query or ())):
            for leaf in sent:
                facts[kind, f"{operation.id}.{leaf}"] = _Fact("", {**words, "leaf": leaf})
    facts |= {("method", name): _Fact() for name in standing.methods}
    facts |= {("bounds", name): _Fact() for name in standing.bounds}
    if _SEARCH in operations:
        facts |= {("filter", name): _Fact() for name in standing.filters}
    facts |= {("server", name): _Fact() for name in standing.servers}
    params = {
        f"{optional}{class_name(name)}Params"
        for name in standing.records
        for optional in ("", "Optional")
    }
    models = {name: place for name, place in standing.models.items() if name not in params}
    return facts | {("model", name): _Fact(place) for name, place in models.items()}


def _renamed(operations: Mapping[str, Published], standing: Standing) -> dict[str, Published]:
    """Give the operations that answer where one of ours did, under another id, by our id."""
    free = {
        operation.address: operation
        for operation in operations.values()
        if operation.id not in standing.records
    }
    addresses = {
        name: Published(name, record.method, record.path, {}).address
        for name, record in standing.records.items()
        if name not in operations
    }
    return {name: free[address] for name, address in addresses.items() if address in free}


def class_name(schema: str) -> str:
    """Return the name of a schema's class."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"\W|_", schema))


def published_operations(document: Mapping[str, Any]) -> dict[str, Published]:
    """Return the operations of a document, by id."""
    found = (
        Published(str(raw.get("operationId") or f"{method} {path}"), method.upper(), path, raw)
        for path, item in (document.get("paths") or {}).items()
        for method, raw in item.items()
        if method in _METHODS and isinstance(raw, dict)
    )
    return {operation.id: operation for operation in found}


def _answer(document: Mapping[str, Any], operation: Published) -> str:
    for status, raw in (operation.raw.get("responses") or {}).items():
        if str(status).startswith("2") and _resolved(document, raw).get("content"):
            return "a body"
    return "no body"


def _body(document: Mapping[str, Any], operation: Published) -> list[str]:
    content = _resolved(document, operation.raw.get("requestBody")).get("content") or {}
    return list(_properties(document, (content.get("application/json") or {}).get("schema")))


def _properties(document: Mapping[str, Any], raw: object, depth: int = 0) -> dict[str, Any]:
    schema = _resolved(document, raw)
    found = dict(schema.get("properties") or {})
    for part in (schema.get("allOf") or []) if depth < len(_METHODS) else ():
        found |= _properties(document, part, depth + 1)
    return found


def query_parameters(document: Mapping[str, Any], operation: Published) -> Iterator[QueryParameter]:
    """Give the query parameters of an operation."""
    for raw in operation.raw.get("parameters") or []:
        parameter = _resolved(document, raw)
        if parameter.get("in") == "query":
            schema = _resolved(document, parameter.get("schema"))
            bounds = ", ".join(f"{key} {schema[key]}" for key in _BOUNDS if key in schema)
            yield QueryParameter(str(parameter.get("name")), bounds, raw)


def _servers(document: Mapping[str, Any]) -> _Facts:
    constants = server_constants(document)
    facts = {("server", name): _Fact(address) for name, address in constants.items()}
    named = set(constants.values())
    for server in document.get("servers") or []:
        url = str(server.get("url", "")) if isinstance(server, dict) else ""
        if url.rstrip("/") not in named:
            facts["address", url] = _Fact()
    return facts


def _resolved(document: Mapping[str, Any], raw: object) -> Mapping[str, Any]:
    seen: set[str] = set()
    while isinstance(raw, dict) and isinstance(raw.get("$ref"), str) and raw["$ref"] not in seen:
        seen.add(raw["$ref"])
        place: Any = document
        for step in steps(raw["$ref"]):
            place = place.get(step) if isinstance(place, dict) else None
        raw = place
    return raw if isinstance(raw, dict) else {}
