"""Request bodies, checked against the packaged schema as the service words its refusals."""

from __future__ import annotations

import ipaddress
import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import msgspec

from fingerprint_async.testing.emulator.errors import ApiError, bad_request
from fingerprint_async.testing.emulator.search import MAX_LINKED_ID

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MAX_BODY_BYTES", "edge_request", "event_update", "feedback", "schemas"]

MAX_BODY_BYTES = 256 * 1024
MAX_DEPTH = 100
NOT_VALID = "request body is not valid"
FEEDBACK: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"reset_identification_confidence_score": {"type": "boolean"}},
}
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "array": (list,),
}
_KNOWN_KEYWORDS = frozenset(
    {
        "$ref",
        "additionalProperties",
        "enum",
        "format",
        "items",
        "minItems",
        "properties",
        "required",
        "type",
    }
)


@cache
def schemas() -> Mapping[str, Any]:
    """Return the schemas of the packaged document, without importing the generated client."""
    found = find_spec("fingerprint_async_generated")
    if found is None or found.origin is None:
        raise RuntimeError("fingerprint_async_generated is not installed")
    text = Path(found.origin).with_name("openapi.json").read_bytes()
    return cast("Mapping[str, Any]", json.loads(text)["components"]["schemas"])


def event_update(raw: bytes) -> dict[str, Any]:
    """Return the body of an update.

    Raises:
        ApiError: 400, it is not valid.
    """
    schema = schemas()["EventUpdate"]
    body = _object(raw, schema | {"additionalProperties": False})
    if not body:
        raise bad_request(NOT_VALID)
    _check_linked_id(body)
    return body


def feedback(raw: bytes) -> dict[str, Any]:
    """Return the body of an event's feedback.

    Raises:
        ApiError: 400, it is not valid.
    """
    body = _object(raw, FEEDBACK)
    if not body:
        raise bad_request(NOT_VALID)
    return body


def edge_request(raw: bytes) -> dict[str, Any]:
    """Return the body of an edge analysis.

    Raises:
        ApiError: 413, it is too large; 400, it is not valid.
    """
    body = _object(raw, schemas()["EdgeRequest"])
    if not body["method"]:
        raise bad_request(NOT_VALID)
    _check_linked_id(body)
    if "ipv4_address" not in body and "ipv6_address" not in body:
        raise bad_request("at least one of ipv4_address or ipv6_address is required")
    return body


def _check_linked_id(body: Mapping[str, Any]) -> None:
    if len(body.get("linked_id", "")) > MAX_LINKED_ID:
        raise bad_request("linked_id can't be greater than 256 characters long")


def _object(raw: bytes, schema: Mapping[str, Any]) -> dict[str, Any]:
    if len(raw) > MAX_BODY_BYTES:
        raise ApiError(413, "payload_too_large", "payload too large")
    if _too_deep(raw):
        raise bad_request(NOT_VALID)
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise bad_request(NOT_VALID) from None
    _check(value, schema)
    return cast("dict[str, Any]", value)


def _too_deep(raw: bytes) -> bool:
    """Return whether JSON nests deeper than a service takes; brackets in strings do not count."""
    depth = 0
    if raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH:
        return False
    in_string = escaped = False
    for byte in raw:
        if in_string:
            if escaped:
                escaped = False
            elif byte == 0x5C:  # noqa: PLR2004 - a backslash
                escaped = True
            elif byte == 0x22:  # noqa: PLR2004 - a quotation mark
                in_string = False
        elif byte == 0x22:  # noqa: PLR2004
            in_string = True
        elif byte in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif byte in b"]}":
            depth -= 1
    return False


def _check(value: object, schema: Mapping[str, Any]) -> None:
    """Raise what the service answers when a value does not fit its schema."""
    if "$ref" in schema:
        schema = schemas()[schema["$ref"].rpartition("/")[2]]
    if unknown := set(schema) - _KNOWN_KEYWORDS:
        raise NotImplementedError(f"{', '.join(sorted(unknown))} in the schema of a request body")
    if not _is_type(value, schema["type"]):
        raise bad_request(_message(schema))
    if "enum" in schema and value not in schema["enum"]:
        raise bad_request(NOT_VALID)
    if isinstance(value, dict):
        _check_object(cast("dict[str, object]", value), schema)
    elif isinstance(value, list):
        items = cast("list[object]", value)
        if len(items) < schema.get("minItems", 0):
            raise bad_request(NOT_VALID)
        for item in items:
            _check(item, schema["items"])
    elif isinstance(value, str):
        _check_format(value, schema)


def _check_object(value: dict[str, object], schema: Mapping[str, Any]) -> None:
    properties = schema.get("properties", {})
    if schema.get("additionalProperties") is False:
        for name in value:
            if name not in properties:
                raise bad_request(f'request body contains an unknown field "{name}"')
    if not set(schema.get("required", ())) <= value.keys():
        raise bad_request(NOT_VALID)
    for name, part in value.items():
        if name in properties:
            _check(part, properties[name])


def _is_type(value: object, name: str) -> bool:
    if isinstance(value, bool) and name != "boolean":
        return False
    return isinstance(value, _TYPES[name])


def _message(schema: Mapping[str, Any]) -> str:
    return "invalid ip address" if schema.get("format") in ("ipv4", "ipv6") else NOT_VALID


def _check_format(text: str, schema: Mapping[str, Any]) -> None:
    try:
        match schema.get("format"):
            case "ipv4":
                ipaddress.IPv4Address(text)
            case "ipv6":
                ipaddress.IPv6Address(text)
            case "uri":
                parts = urlsplit(text)
                if not (parts.scheme and parts.netloc and parts.hostname):
                    raise bad_request(NOT_VALID)
            case _:
                pass
    except ValueError:
        raise bad_request(_message(schema)) from None
