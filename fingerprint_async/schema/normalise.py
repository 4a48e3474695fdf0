"""The canonical form of a published document: its facts, in one fixed order, without its prose.

Two documents that differ only in wording, examples, order or no-op keywords have the same canonical form,
so that an edit of the documentation upstream changes nothing here.
"""

from __future__ import annotations

import json
from typing import Any, Final

__all__ = ["normalise", "to_json"]

# Keywords that explain and do not bind. A property *named* like one stands under `properties`, and stays.
_PROSE: Final = frozenset(
    {
        "$comment",
        "contact",
        "description",
        "example",
        "examples",
        "externalDocs",
        "license",
        "summary",
        "termsOfService",
        "title",
    }
)
# The only extension that states a fact: the response is on its way out.
_KEPT_EXTENSIONS: Final = frozenset({"x-deprecated-response"})
# Keywords whose value maps names of the document's choosing to things.
_NAMED: Final = frozenset(
    {
        "$defs",
        "callbacks",
        "content",
        "definitions",
        "dependentSchemas",
        "encoding",
        "headers",
        "links",
        "pathItems",
        "patternProperties",
        "properties",
        "requestBodies",
        "responses",
        "schemas",
        "scopes",
        "securitySchemes",
        "variables",
        "webhooks",
    }
)
# Keywords whose value is data, not a description of data.
_DATA: Final = frozenset({"const", "default", "enum", "mapping", "security"})
# Lists that are sets: their order says nothing.
_SETS: Final = frozenset(
    {"allOf", "anyOf", "enum", "oneOf", "parameters", "required", "security", "type"}
)
# Said or left out, these mean the same.
_NO_OPS: Final[tuple[tuple[str, Any], ...]] = (
    ("deprecated", False),
    ("nullable", False),
    ("required", False),
    ("required", []),
)

_TITLE: Final = "Fingerprint Server API"


def normalise(document: dict[str, Any]) -> dict[str, Any]:
    """Make the canonical form of an OpenAPI document.

    Kept are paths, webhooks, operations with their tags and ids, parameters, bodies, responses, schemas,
    security and servers. Gone are descriptions, examples, titles, contacts and extensions (but for
    `x-deprecated-response`).

    Args:
        document: The document; it is left as it is.

    Returns:
        A new document with sorted keys. Lists whose order says nothing are sorted as well; the order of an
        operation's `tags`, of `servers` and of `prefixItems` is kept.
    """
    canonical = _object(document)
    info = document.get("info")
    version = info.get("version") if isinstance(info, dict) else None
    canonical["info"] = {"title": _TITLE, "version": str(version or "")}
    tags = document.get("tags")
    if isinstance(tags, list):
        names = sorted(
            {
                tag["name"]
                for tag in tags
                if isinstance(tag, dict) and isinstance(tag.get("name"), str)
            }
        )
        canonical["tags"] = [{"name": name} for name in names]
    return dict(sorted(canonical.items()))


def _object(value: dict[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, item in sorted(value.items(), key=lambda pair: str(pair[0])):
        if key in _PROSE or (str(key).startswith("x-") and key not in _KEPT_EXTENSIONS):
            continue
        if any(
            key == name and item == empty and type(item) is type(empty) for name, empty in _NO_OPS
        ):
            continue
        out[str(key)] = _member(str(key), item)
    return out


def _member(key: str, value: Any) -> Any:
    if key in _DATA:
        value = _data(value)
    elif key == "paths" or (key in _NAMED | {"parameters"} and isinstance(value, dict)):
        value = _names(value, extensions=key not in {"paths", "responses"})
    elif isinstance(value, list):
        value = [_value(item) for item in value]
    else:
        value = _value(value)
    if key in _SETS and isinstance(value, list):
        value = sorted(value, key=_rank)
    return value


def _names(value: Any, *, extensions: bool) -> Any:
    if not isinstance(value, dict):
        return _value(value)
    items = sorted(
        (str(key), item)
        for key, item in value.items()
        if extensions or not str(key).startswith("x-")
    )
    return {key: _value(item) for key, item in items}


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return _object(value)
    if isinstance(value, list):
        return [_value(item) for item in value]
    return _scalar(value)


def _data(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            str(key): _data(item)
            for key, item in sorted(value.items(), key=lambda pair: str(pair[0]))
        }
    if isinstance(value, list):
        return [_data(item) for item in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    # YAML knows dates; JSON does not, and nothing in a schema is one.
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _rank(value: Any) -> tuple[str, float, str]:
    """Order what stands in a set: numbers by size, parameters by place and name, the rest by its JSON."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return ("0", value, "")
    if isinstance(value, str):
        return ("1", 0, value)
    if isinstance(value, dict) and "in" in value and "name" in value:
        return ("2", 0, f"{value['in']} {value['name']}")
    return ("3", 0, json.dumps(value, sort_keys=True))


def to_json(document: dict[str, Any]) -> str:
    """Write a canonical document as JSON, the same bytes for the same document."""
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
