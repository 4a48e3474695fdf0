"""What a person must still decide after a document was taken in, a line each.

The client's own modules are read as source: they may not be importable before that.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

import attrs

from codegen.servers import server_constants
from fingerprint_async._runtime.naming import python_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["decisions"]

_METHODS: Final = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_SEARCH: Final = "searchEvents"
_OPERATIONS: Final = "_http/operations.py"
_FILTERS: Final = "resources/_filters.py"
_REGIONS: Final = "regions.py"
# Properties that an argument of another name gives.
_GIVEN_BY: Final = {"ipv4_address": "ip", "ipv6_address": "ip"}
_SERVERS: Final = "fingerprint_async_generated.servers"


@attrs.frozen
class _Published:
    """An operation of the document."""

    id: str
    method: str
    path: str
    raw: Mapping[str, Any]

    @property
    def label(self) -> str:
        return f"{self.id} ({self.method} {self.path})"


@attrs.frozen
class _Record:
    """An operation's record, as its source says it."""

    method: str
    path: str
    resource: str


def decisions(document: Mapping[str, Any], client: Path) -> list[str]:
    """Return what the client's own code does not yet say about the document.

    Args:
        document: The document that code is generated from.
        client: The folder of the package `fingerprint_async`.
    """
    operations = list(_operations(document))
    records = _records(client)
    found = [
        *_without_record(operations, records, client),
        *_without_operation(operations, records),
        *_without_argument(document, operations, records, client),
        *_without_bounds(document, operations, client),
        *_without_region(document, client),
    ]
    return [f"to decide: {line}" for line in found]


def _without_record(
    operations: list[_Published], records: Mapping[str, _Record], client: Path
) -> Iterator[str]:
    for operation in operations:
        record = records.get(operation.id)
        if record is None:
            yield (
                f"the operation {operation.label} has no record in"
                f" fingerprint_async/{_OPERATIONS}, and no method"
            )
            continue
        if (record.method, record.path) != (operation.method, operation.path):
            yield (
                f"the operation {operation.label} is {record.method} {record.path} in"
                f" fingerprint_async/{_OPERATIONS}"
            )
        module, _, method = record.resource.partition(".")
        if method not in _functions(client / "resources" / f"{module}.py"):
            yield (
                f"the operation {operation.label} has no method {method} in"
                f" fingerprint_async/resources/{module}.py"
            )


def _without_operation(
    operations: list[_Published], records: Mapping[str, _Record]
) -> Iterator[str]:
    for name in sorted(records.keys() - {operation.id for operation in operations}):
        yield (
            f"the document has no operation {name} any more; fingerprint_async/{_OPERATIONS}"
            f" has its record, and {records[name].resource} sends it"
        )


def _without_argument(
    document: Mapping[str, Any],
    operations: list[_Published],
    records: Mapping[str, _Record],
    client: Path,
) -> Iterator[str]:
    for operation in operations:
        record = records.get(operation.id)
        if record is None:
            continue
        module = client / "resources" / f"{record.resource.partition('.')[0]}.py"
        content = _resolved(document, operation.raw.get("requestBody")).get("content") or {}
        schema = _resolved(document, (content.get("application/json") or {}).get("schema"))
        properties = list(schema.get("properties") or {})
        said = _words(module)
        for name, python_name in python_names(properties, "field").items():
            if _GIVEN_BY.get(name, python_name) not in said:
                yield (
                    f"the property {name} of the body of {operation.label} is no argument of"
                    f" {record.resource}"
                )


def _without_bounds(
    document: Mapping[str, Any], operations: list[_Published], client: Path
) -> Iterator[str]:
    known = _keys(client / _FILTERS, "_BOUNDS")
    for operation in operations:
        if operation.id != _SEARCH:
            continue
        for raw in operation.raw.get("parameters") or []:
            parameter = _resolved(document, raw)
            schema = _resolved(document, parameter.get("schema"))
            bounds = [
                f"{key} {schema[key]}"
                for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
                if key in schema
            ]
            if bounds and parameter.get("name") not in known:
                yield (
                    f"the filter {parameter.get('name')} has bounds ({', '.join(bounds)}) that"
                    f" fingerprint_async/{_FILTERS} does not check"
                )


def _without_region(document: Mapping[str, Any], client: Path) -> Iterator[str]:
    constants = server_constants(document)
    used = _imported(client / _REGIONS, _SERVERS)
    for name in sorted(constants.keys() - used):
        yield (
            f"the server {constants[name]} ({name}) belongs to no region of"
            f" fingerprint_async/{_REGIONS}"
        )
    for name in sorted(used - constants.keys()):
        yield f"fingerprint_async/{_REGIONS} needs the server {name}, which the document lacks"
    named = set(constants.values())
    for server in document.get("servers") or []:
        url = str(server.get("url", "")) if isinstance(server, dict) else ""
        if url.rstrip("/") not in named:
            yield f"the server {url!r} has no address of its own that a region could have"


def _operations(document: Mapping[str, Any]) -> Iterator[_Published]:
    for path, item in (document.get("paths") or {}).items():
        for method, raw in item.items():
            if method in _METHODS and isinstance(raw, dict):
                name = str(raw.get("operationId") or f"{method} {path}")
                yield _Published(name, method.upper(), path, raw)


def _resolved(document: Mapping[str, Any], raw: object) -> Mapping[str, Any]:
    seen: set[str] = set()
    while isinstance(raw, dict) and isinstance(raw.get("$ref"), str) and raw["$ref"] not in seen:
        seen.add(raw["$ref"])
        place: Any = document
        for step in raw["$ref"].removeprefix("#/").split("/"):
            place = place.get(step) if isinstance(place, dict) else None
        raw = place
    return raw if isinstance(raw, dict) else {}


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8") if path.exists() else "")


def _records(client: Path) -> dict[str, _Record]:
    """The records of operations, by id."""
    found: dict[str, _Record] = {}
    for node in ast.walk(_tree(client / _OPERATIONS)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Operation":
            said = {
                keyword.arg: str(keyword.value.value)
                for keyword in node.keywords
                if keyword.arg is not None and isinstance(keyword.value, ast.Constant)
            }
            if "id" in said:
                found[said["id"]] = _Record(
                    said.get("method", ""), said.get("path", ""), said.get("resource", "")
                )
    return found


def _functions(path: Path) -> set[str]:
    return {
        node.name
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def _words(path: Path) -> set[str]:
    """The names of arguments and keywords in a module."""
    tree = _tree(path)
    arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    keywords = {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg}
    return arguments | keywords


def _keys(path: Path, constant: str) -> set[str]:
    """The keys of a dict that a module assigns to a name."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == constant:
            return {
                str(key.value)
                for key in (node.value.keys if isinstance(node.value, ast.Dict) else ())
                if isinstance(key, ast.Constant)
            }
    return set()


def _imported(path: Path, module: str) -> set[str]:
    """The names that a module imports from another."""
    return {
        alias.name
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ImportFrom) and node.module == module
        for alias in node.names
    }
