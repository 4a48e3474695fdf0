# JSON of any shape is read here.
# pyright: reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
"""Places and schemas of a document in plain words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fingerprint_async.drift.contract import pointer as _pointer
from fingerprint_async.drift.contract.keywords import METHODS
from fingerprint_async.drift.contract.model import ANY, Node

if TYPE_CHECKING:
    from fingerprint_async.drift.contract.document import Document

__all__ = ["describe", "say_schema", "say_value"]

MAX_VALUE = 120
_SINGULAR = {"responses": "status", "headers": "header", "requestBodies": "request body"}


def say_value(value: Any) -> str:
    """A JSON value, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MAX_VALUE else f"{text[: MAX_VALUE - 1]}…"


def say_schema(document: Document, node: Node) -> str:
    """A schema in two or three words: its name, or its type."""
    if node is ANY:
        return "anything"
    raw = node.parts[-1].raw if node.parts else {}
    reference = raw.get("$ref")
    if isinstance(reference, str):
        return reference.rsplit("/", 1)[-1]
    contract = document.effective(node)
    closed = [choice for choice in contract.choices if not choice.open]
    if closed:
        names = (say_schema(document, variant.node) for variant in closed[0].variants)
        return " or ".join(dict.fromkeys(names))
    if contract.types == frozenset({"array"}):
        return f"array of {say_schema(document, contract.items or ANY)}"
    if contract.values is not None:
        return f"one of {say_value([value for value, _, _ in contract.values.values()])}"
    return " or ".join(sorted(contract.types or {"anything"}))


def describe(document: Document, pointer: str) -> str:
    """A place in plain words: `Event.device_details`, `query parameter limit of GET /events`.

    Args:
        document: The document that has the place.
        pointer: The place, as a JSON pointer.
    """
    steps = _pointer.steps(pointer)
    if len(steps) > 2 and steps[0] == "components" and steps[1] == "schemas":  # noqa: PLR2004
        return steps[2] + _inside(steps[3:])
    if not steps:
        return "the document"
    head, rest = _outside(document, steps)
    return head + _inside(rest)


def _outside(document: Document, steps: list[str]) -> tuple[str, list[str]]:
    """The words for what is no schema, and the steps that lead on from there."""
    words: list[str] = []
    index = 0
    value: Any = document.raw
    while index < len(steps):
        step = steps[index]
        value = _child(value, step)
        if step == "schema":
            return _join(words), steps[index + 1 :]
        if step in {"paths", "webhooks"} and index == 0 and len(steps) > 1:
            path = steps[1]
            method = steps[2] if len(steps) > 2 else ""  # noqa: PLR2004
            value = _child(_child(value, path), method) if method else _child(value, path)
            verb = f"{method.upper()} " if method in METHODS and step == "paths" else ""
            words.append(f"{'webhook ' if step == 'webhooks' else verb}{path}")
            index += 3
            continue
        if step == "parameters" and index + 1 < len(steps):
            value = _child(value, steps[index + 1])
            known = isinstance(value, Mapping)
            words.append(
                f"{value.get('in')} parameter {value.get('name')}"
                if known
                else f"parameter {steps[index + 1]}"
            )
            index += 2
            continue
        if step == "requestBody":
            words.append("request body")
        elif step in {"responses", "headers", "requestBodies"} and index + 1 < len(steps):
            index += 1
            value = _child(value, steps[index])
            words.append(f"{_SINGULAR[step]} {steps[index]}")
        elif step == "content":
            index += 1
            value = _child(value, steps[index]) if index < len(steps) else value
        elif step != "components":
            words.append(step)
        index += 1
    return _join(words), []


def _join(words: list[str]) -> str:
    return " of ".join(reversed(words))


def _inside(steps: list[str]) -> str:
    """The steps inside a schema as a path of properties."""
    said = ""
    waiting = iter(steps)
    for step in waiting:
        if step in {"properties", "patternProperties"}:
            said += f".{next(waiting, '')}"
        elif step == "items":
            said += "[]"
        elif step == "additionalProperties":
            said += ".*"
    return said


def _child(value: Any, step: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(step)
    if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
        return value[int(step)]
    return None
