"""What the generated client has no way to say: refused, so that nothing is lost without a word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from codegen.errors import GenerationError
from fingerprint_async.drift.contract import pointer

__all__ = ["refuse_unwritable"]

_METHODS: Final = frozenset({"delete", "get", "head", "options", "patch", "post", "put", "trace"})
_JSON: Final = "application/json"


def refuse_unwritable(document: Mapping[str, Any]) -> None:
    """Raise for what would be left out of the client.

    Raises:
        GenerationError: A parameter, a body, an answer or a format that cannot be written; each
            is named.
    """
    found = [
        f"{method.upper()} {path}: {problem}"
        for path, item in (document.get("paths") or {}).items()
        for method, operation in item.items()
        if method in _METHODS
        for problem in _problems(document, item, operation)
    ]
    found += [f"{place}: format: binary is no JSON" for place in _binaries(document, "#")]
    if found:
        raise GenerationError("this cannot be generated:\n" + "\n".join(found))


def _problems(
    document: Mapping[str, Any], item: Mapping[str, Any], operation: Mapping[str, Any]
) -> Iterator[str]:
    for given in (*_listed(item), *_listed(operation)):
        parameter = _resolved(document, given)
        problem = _parameter_problem(document, parameter)
        if problem:
            yield f"the parameter {parameter.get('name')!r} {problem}"
    body = _resolved(document, operation.get("requestBody") or {})
    content = body.get("content") or {}
    if content and not any(_is_json(media) for media in content):
        yield f"the body is {', '.join(sorted(content))}, and only JSON is sent"
    for status, given in (operation.get("responses") or {}).items():
        if str(status).startswith("2"):
            problem = _answer_problem(document, _resolved(document, given))
            if problem:
                yield f"the answer {status} {problem}"


def _listed(holder: Mapping[str, Any]) -> list[Any]:
    parameters = holder.get("parameters")
    # Anything else is no document, which the generator says.
    return parameters if isinstance(parameters, list) else []


def _parameter_problem(document: Mapping[str, Any], parameter: Mapping[str, Any]) -> str | None:
    where = parameter.get("in")
    if where == "path":
        return None
    if where != "query":
        return f"is sent in a {where}, and only the path and the query are written"
    schema = _resolved(document, parameter.get("schema") or {})
    if "content" in parameter or schema.get("type") == "object":
        return "is an object, and only single values and lists are written"
    if parameter.get("style", "form") != "form":
        return f"has the style {parameter['style']}, and lists are written as repeated keys"
    if schema.get("type") == "array" and parameter.get("explode") is False:
        return "has explode: false, and lists are written as repeated keys"
    return None


def _answer_problem(document: Mapping[str, Any], answer: Mapping[str, Any]) -> str | None:
    content = answer.get("content") or {}
    if not content:
        return None
    schemas = [media.get("schema") or {} for name, media in content.items() if _is_json(name)]
    if not schemas:
        return f"is {', '.join(sorted(content))}, and only JSON is read"
    if not all(_is_object(document, schema) for schema in schemas):
        return "is no object, and only objects are read into a model"
    return None


def _is_json(media_type: str) -> bool:
    return media_type.partition(";")[0].strip().lower() == _JSON


def _is_object(document: Mapping[str, Any], schema: Any) -> bool:
    found = _resolved(document, schema)
    parts = found.get("allOf") or ()
    return bool(found.get("properties")) or any(_is_object(document, part) for part in parts)


def _resolved(document: Mapping[str, Any], value: Any) -> Mapping[str, Any]:
    seen: set[str] = set()
    while isinstance(value, Mapping) and "$ref" in value and value["$ref"] not in seen:
        seen.add(value["$ref"])
        place: Any = document
        for step in pointer.steps(value["$ref"]):
            place = place.get(step) if isinstance(place, Mapping) else None
        value = place
    return value if isinstance(value, Mapping) else {}


def _binaries(value: Any, place: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        if value.get("format") == "binary" and value.get("type") == "string":
            yield place
        for name, inner in value.items():
            yield from _binaries(inner, f"{place}/{pointer.escape(name)}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _binaries(inner, f"{place}/{index}")
