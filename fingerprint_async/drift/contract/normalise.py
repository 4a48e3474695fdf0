# JSON of any shape is read here.
# pyright: reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
"""The canonical form of a document: its facts, in one fixed order, without its prose.

Two documents that differ only in wording, examples, order or no-op keywords have the same canonical
form.
"""

from __future__ import annotations

import json
from typing import Any

from fingerprint_async.drift.contract.keywords import Keyword, Place, keyword

__all__ = ["canonical_schema", "normalise", "to_json"]


def normalise(document: dict[str, Any], *, title: str | None = None) -> dict[str, Any]:
    """Make the canonical form of an OpenAPI document.

    Args:
        document: The document; it is left as it is.
        title: The title to give it; its own when left out.

    Returns:
        A new document with sorted keys and without prose. Lists whose order says nothing are
        sorted as well.
    """
    canonical = _object(document, "document")
    info = document.get("info")
    known = info if isinstance(info, dict) else {}
    canonical["info"] = {
        "title": title if title is not None else str(known.get("title", "")),
        "version": str(known.get("version") or ""),
    }
    if isinstance(document.get("tags"), list):
        named = {
            str(tag["name"]) for tag in document["tags"] if isinstance(tag, dict) and "name" in tag
        }
        canonical["tags"] = [{"name": name} for name in sorted(named)]
    return dict(sorted(canonical.items()))


def canonical_schema(schema: Any) -> Any:
    """Return a schema, or a list of some without order, in one fixed order and without prose."""
    if isinstance(schema, list):
        return sorted((_object(each, "schema") for each in schema), key=_rank)
    return _object(schema, "schema")


def _object(value: Any, place: Place) -> Any:
    if not isinstance(value, dict):
        return _data(value)
    out: dict[str, Any] = {}
    for name, held in sorted(value.items()):
        row = keyword(place, name)
        if not row.meant or (row.default is not None and _same(held, row.default)):
            continue
        out[name] = _member(row, held)
    return out


def _member(row: Keyword, held: Any) -> Any:
    if row.holds == "object":
        return _object(held, row.inner)
    if row.holds == "named" and isinstance(held, dict):
        extensible = row.name in {"paths", "responses"}
        return {
            name: _object(each, row.inner)
            for name, each in sorted(held.items())
            if not (extensible and name.startswith("x-"))
        }
    if row.holds == "objects" and isinstance(held, list):
        made = [_object(each, row.inner) for each in held]
        return made if row.ordered else sorted(made, key=_rank)
    if row.holds == "sets" and isinstance(held, dict):
        return {
            name: sorted(_data(each), key=_rank) if isinstance(each, list) else _data(each)
            for name, each in sorted(held.items())
        }
    if row.holds == "set" and isinstance(held, list) and not row.ordered:
        return sorted(_data(held), key=_rank)
    return _data(held)


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _data(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _data(each) for name, each in sorted(value.items())}
    if isinstance(value, list):
        return [_data(each) for each in value]
    return value


def _rank(value: Any) -> tuple[str, float, str]:
    """Order a set: numbers by size, parameters by place and name, the rest by its JSON."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return ("0", value, "")
    if isinstance(value, str):
        return ("1", 0, value)
    if isinstance(value, dict) and "in" in value and "name" in value:
        return ("2", 0, f"{value['in']} {value['name']}")
    return ("3", 0, json.dumps(value, sort_keys=True))


def to_json(document: dict[str, Any]) -> str:
    """Write a canonical document as JSON, the same bytes for the same document."""
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
