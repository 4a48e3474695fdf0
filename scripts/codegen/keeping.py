"""Keep what a document no longer has and the client's code still needs.

A server, an operation or a schema that goes would leave modules of the client that cannot be
imported. Its code stays until a person has taken it out of the client; `decisions` tells of it.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

from codegen.decisions import Published, class_name, published_operations, query_parameters
from codegen.servers import server_constants
from codegen.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["join", "kept_of"]

_COMPONENTS: Final = "#/components/"


def kept_of(
    document: Mapping[str, Any], previous: Mapping[str, Any], client: Path
) -> dict[str, Any]:
    """Return the parts of a previous document that the client needs and the document lacks.

    Args:
        document: The document that code is to be generated from.
        previous: The document that code was generated from, with what was kept then.
        client: The folder of the package `fingerprint_async`.

    Returns:
        Servers, operations by path and method, component schemas, and of operations that are there
        what they lack: the id and tag that they had, parameters. Empty where nothing is needed.
    """
    standing = Standing.of(client)
    kept: dict[str, Any] = {
        **_operations(document, previous, standing),
        "servers": _servers(document, previous, standing),
    }
    schemas = (previous.get("components") or {}).get("schemas") or {}
    there = (document.get("components") or {}).get("schemas") or {}
    known = {class_name(name) for name in there}
    needed = {
        name: schema
        for name, schema in schemas.items()
        if class_name(name) in standing.models and class_name(name) not in known
    }
    roots = [kept["paths"], kept["operations"], needed]
    kept["components"] = _closed(roots, needed, document, previous)
    return {name: part for name, part in sorted(kept.items()) if part}


def join(document: dict[str, Any], kept: Mapping[str, Any]) -> None:
    """Join what is kept with a document, in place; what the document has itself stays."""
    kept = copy.deepcopy(dict(kept))
    document["servers"] = [*(document.get("servers") or []), *(kept.get("servers") or [])]
    for path, item in (kept.get("paths") or {}).items():
        document["paths"][path] = {**item, **document["paths"].get(path, {})}
    for section, parts in (kept.get("components") or {}).items():
        ours = document.setdefault("components", {}).setdefault(section, {})
        document["components"][section] = {**parts, **ours}
    for path, item in (kept.get("operations") or {}).items():
        for method, lacks in item.items():
            operation = document["paths"].get(path, {}).get(method)
            if operation is not None:
                there = operation.get("parameters") or []
                operation |= lacks
                operation["parameters"] = [*there, *(lacks.get("parameters") or [])]


def _operations(
    document: Mapping[str, Any], previous: Mapping[str, Any], standing: Standing
) -> dict[str, Any]:
    """Keep operations that are gone, and what those that are there lack."""
    new, old = published_operations(document), published_operations(previous)
    by_address = {operation.address: operation for operation in new.values()}
    paths: dict[str, dict[str, Any]] = {}
    operations: dict[str, dict[str, Any]] = {}
    for name in sorted(standing.records.keys() & old.keys()):
        was = old[name]
        now = new.get(name) or by_address.get(was.address)
        if now is None:
            paths.setdefault(was.path, {})[was.method.lower()] = dict(was.raw)
            continue
        lacks = {} if _names(now) == _names(was) else _names(was)
        sent = standing.records[name].query or ()
        there = {parameter.name for parameter in query_parameters(document, now)}
        gone = [
            parameter.raw
            for parameter in query_parameters(previous, was)
            if parameter.name in sent and parameter.name not in there
        ]
        lacks |= {"parameters": gone} if gone else {}
        if lacks:
            operations.setdefault(now.path, {})[now.method.lower()] = lacks
    return {"paths": paths, "operations": operations}


def _names(operation: Published) -> dict[str, Any]:
    """The id and the tag of an operation: its module is called by them."""
    tags = operation.raw.get("tags") or []
    return {"operationId": operation.id, "tags": tags[:1]}


def _servers(
    document: Mapping[str, Any], previous: Mapping[str, Any], standing: Standing
) -> list[dict[str, str]]:
    there, before = server_constants(document), server_constants(previous)
    gone = sorted((standing.servers & before.keys()) - there.keys())
    return [{"url": before[name]} for name in gone]


def _closed(
    roots: list[Any],
    needed: Mapping[str, Any],
    document: Mapping[str, Any],
    previous: Mapping[str, Any],
) -> dict[str, dict[str, Any]]:
    """Return these schemas and the components that the roots refer to and the document lacks."""
    found: dict[str, dict[str, Any]] = {"schemas": dict(needed)} if needed else {}
    queue = [reference for root in roots for reference in _references(root)]
    while queue:
        section, _, name = queue.pop().removeprefix(_COMPONENTS).partition("/")
        if name in _section(document, section) or name in found.get(section, {}):
            continue
        part = _section(previous, section).get(name)
        if part is not None:
            found.setdefault(section, {})[name] = part
            queue += _references(part)
    return found


def _section(document: Mapping[str, Any], section: str) -> Mapping[str, Any]:
    return (document.get("components") or {}).get(section) or {}


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str) and reference.startswith(_COMPONENTS):
            yield reference
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)
