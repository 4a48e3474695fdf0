"""Corrections of the pinned document and additions to it, before code is generated from it."""

from __future__ import annotations

import copy
import json
from typing import Any, Final

from codegen.errors import GenerationError
from fingerprint_async.drift.contract import pointer as _pointer

__all__ = ["add", "correct"]

_CONSTANT_OF_ENUM: Final = "a constant of an enum is the enum"


def correct(
    document: dict[str, Any], corrections: list[dict[str, Any]]
) -> tuple[dict[str, Any], list[str]]:
    """Apply the corrections to a copy of the document.

    Returns:
        The corrected document, and a note for each correction that the document does not need.

    Raises:
        GenerationError: A place to correct is gone or holds something else.
    """
    document = copy.deepcopy(document)
    notes: list[str] = []
    schemas = document.get("components", {}).get("schemas", {})
    for correction in corrections:
        if "rule" in correction:
            notes += _apply_rule(document, correction["rule"])
            continue
        pointer = correction["pointer"]
        since = correction.get("since")
        if since is not None and since not in schemas:
            notes.append(f"the correction of {pointer} is not needed: the document has no {since}")
            continue
        parent, key = _locate(document, pointer)
        found = None if parent is None else parent.get(key)
        if parent is not None and found == correction["expect"]:
            parent[key] = copy.deepcopy(correction["replace"])
        elif found in (correction.get("unless") or []):
            notes.append(
                f"the correction of {pointer} is not needed: it stands there as {json.dumps(found)}"
            )
        else:
            expected = json.dumps(correction["expect"])
            raise GenerationError(
                f"the correction of {pointer} no longer applies: it expects {expected}, the"
                f" document has {json.dumps(found)}; see openapi/corrections.yaml, which says why:"
                f" {correction['why'].strip()}"
            )
    return document, notes


def add(document: dict[str, Any], additions: dict[str, Any]) -> list[str]:
    """Join operations that are not published yet with the document, in place.

    Returns:
        A note for each that the document has by now.
    """
    notes: list[str] = []
    for path, item in (additions.get("paths") or {}).items():
        there = document.setdefault("paths", {}).setdefault(path, {})
        for method, operation in item.items():
            if method in there:
                notes.append(
                    f"the addition of {method.upper()} {path} is not needed: it is published"
                )
            else:
                there[method] = copy.deepcopy(operation)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name, schema in ((additions.get("components") or {}).get("schemas") or {}).items():
        schemas.setdefault(name, copy.deepcopy(schema))
    return notes


def _apply_rule(document: dict[str, Any], rule: str) -> list[str]:
    """Apply a correction that holds wherever something is written in one way.

    Returns:
        A note when nothing in the document is written so.

    Raises:
        GenerationError: There is no such rule.
    """
    if rule != _CONSTANT_OF_ENUM:
        raise GenerationError(f"no rule {rule!r}; known: {_CONSTANT_OF_ENUM!r}")
    found = 0
    for schema in document.get("components", {}).get("schemas", {}).values():
        properties = schema.get("properties") if isinstance(schema, dict) else None
        if not properties:
            continue
        for name, prop in properties.items():
            parts = prop.get("allOf") if isinstance(prop, dict) else None
            references = [part for part in parts or [] if set(part) == {"$ref"}]
            constants = [part for part in parts or [] if set(part) == {"const"}]
            if parts and len(references) == len(constants) == 1 and len(parts) == 2:
                properties[name] = references[0]
                found += 1
    return [] if found else [f"the rule {rule!r} is not needed: nothing is written so"]


def _locate(document: dict[str, Any], pointer: str) -> tuple[dict[str, Any] | None, str]:
    *parents, key = _pointer.steps(pointer)
    place: Any = document
    for part in parents:
        place = place.get(part) if isinstance(place, dict) else None
    return (place if isinstance(place, dict) else None), key
