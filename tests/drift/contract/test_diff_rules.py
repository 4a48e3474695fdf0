"""Every rule, one change at a time.

The difference is found, once, where it stands, with its class.
"""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fingerprint_async.drift.contract.compare import diff
from fingerprint_async.drift.contract.document import Document
from fingerprint_async.drift.contract.rules import RULES, Policy

JSON = "application/json"


def thing() -> dict[str, Any]:
    """A schema with one of everything."""
    return {
        "type": "object",
        "required": ["id", "when"],
        "properties": {
            "id": {"type": "string", "minLength": 1, "maxLength": 9, "pattern": "^[a-z]+$"},
            "when": {"type": "string", "format": "date-time"},
            "note": {"type": "string", "description": "What somebody wrote."},
            "maybe": {"type": ["string", "null"]},
            "count": {
                "type": "integer",
                "format": "int32",
                "minimum": 0,
                "maximum": 10,
                "default": 3,
            },
            "ratio": {"type": "number", "format": "float", "multipleOf": 2},
            "link": {"type": "string", "format": "uri"},
            "color": {"type": "string", "enum": ["red", "green"]},
            "tags": {
                "type": "array",
                "items": {"type": "string"},
                "minItems": 1,
                "maxItems": 5,
                "uniqueItems": True,
            },
            "extra": {
                "type": "object",
                "properties": {"description": {"type": "string"}},
                "additionalProperties": False,
            },
            "free": {"type": "object", "additionalProperties": {"type": "integer"}},
            "like": {"type": "object", "patternProperties": {"^a": {"type": "string"}}},
            "either": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
            "shape": {
                "oneOf": [
                    {"$ref": "#/components/schemas/Circle"},
                    {"$ref": "#/components/schemas/Square"},
                ],
                "discriminator": {
                    "propertyName": "kind",
                    "mapping": {"circle": "#/components/schemas/Circle", "square": "Square"},
                },
            },
            "odd": {"type": "string", "not": {"const": "x"}},
            "sub": {"$ref": "#/components/schemas/Leaf"},
        },
    }


def base() -> dict[str, Any]:
    """A document with one of everything, sent in one place and received in another."""
    sent = json.loads(
        json.dumps(thing())
        .replace("/Circle", "/SentCircle")
        .replace("/Leaf", "/SentLeaf")
        .replace("/Square", "/SentSquare")
    )
    circle = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"const": "circle"}, "radius": {"type": "number"}},
    }
    square = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"const": "square"}, "side": {"type": "number"}},
    }
    leaf = {
        "type": "object",
        "properties": {"next": {"$ref": "#/components/schemas/Leaf"}, "value": {"type": "string"}},
    }
    sent_leaf = json.loads(json.dumps(leaf).replace("/Leaf", "/SentLeaf"))
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "servers": [{"url": "https://one.example/v1"}, {"url": "https://two.example/v1"}],
        "security": [{"key": []}],
        "paths": {
            "/things/{id}": {
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
                ],
                "get": {
                    "operationId": "getThing",
                    "parameters": [
                        {
                            "name": "limit",
                            "in": "query",
                            "description": "How many.",
                            "schema": {"type": "integer"},
                        },
                        {
                            "name": "must",
                            "in": "query",
                            "required": True,
                            "schema": {"type": "string"},
                        },
                        {
                            "name": "many",
                            "in": "query",
                            "schema": {"type": "array", "items": {"type": "string"}},
                        },
                    ],
                    "responses": {
                        "200": {
                            "description": "ok",
                            "headers": {
                                "Retry-After": {"schema": {"type": "integer"}},
                                "X-Other": {"schema": {"type": "string"}},
                                "X-Always": {"required": True, "schema": {"type": "string"}},
                            },
                            "content": {
                                JSON: {"schema": {"$ref": "#/components/schemas/Thing"}},
                                "text/csv": {},
                            },
                        },
                        "204": {"description": "nothing"},
                        "404": {
                            "description": "none",
                            "content": {JSON: {"schema": {"type": "object"}}},
                        },
                    },
                },
                "put": {
                    "operationId": "putThing",
                    "security": [{"key": []}, {"token": ["read"]}],
                    "requestBody": {
                        "required": True,
                        "content": {
                            JSON: {"schema": {"$ref": "#/components/schemas/SentThing"}},
                            "text/csv": {},
                        },
                    },
                    "responses": {"200": {"description": "ok"}},
                },
            },
            "/plain": {
                "post": {
                    "operationId": "plain",
                    "security": [],
                    "requestBody": {"content": {JSON: {"schema": {"type": "object"}}}},
                    "responses": {"200": {"description": "ok"}},
                    "callbacks": {
                        "done": {
                            "{$request.body#/url}": {
                                "post": {"requestBody": {"content": {JSON: {}}}}
                            }
                        }
                    },
                },
                "delete": {"responses": {"200": {"description": "ok"}}},
            },
        },
        "webhooks": {
            "told": {
                "post": {
                    "requestBody": {
                        "required": True,
                        "content": {JSON: {"schema": {"$ref": "#/components/schemas/Told"}}},
                    },
                    "responses": {"200": {"description": "ok"}},
                }
            }
        },
        "components": {
            "securitySchemes": {
                "key": {"type": "apiKey", "name": "X-Key", "in": "header"},
                "token": {"type": "http", "scheme": "bearer"},
            },
            "schemas": {
                "Thing": thing(),
                "SentThing": sent,
                "Told": {"type": "object", "properties": {"what": {"type": "string"}}},
                "Circle": circle,
                "Square": square,
                "SentCircle": copy.deepcopy(circle),
                "SentSquare": copy.deepcopy(square),
                "Leaf": leaf,
                "SentLeaf": sent_leaf,
                "Unused": {"type": "object", "properties": {"a": {"type": "string"}}},
            },
        },
    }


Edit = Callable[[dict[str, Any]], None]
GET = "/paths/~1things~1{id}/get"
PUT = "/paths/~1things~1{id}/put"
POST = "/paths/~1plain/post"
HOOK = "/webhooks/told/post"
RECEIVED = "/components/schemas/Thing"
SENT = "/components/schemas/SentThing"


def at(document: dict[str, Any], pointer: str) -> Any:
    """What stands at a JSON pointer."""
    value: Any = document
    for step in pointer.split("/")[1:]:
        token = step.replace("~1", "/").replace("~0", "~")
        value = value[int(token)] if isinstance(value, list) else value[token]
    return value


def put(pointer: str, value: Any) -> Edit:
    """Write a value at a place."""

    def edit(document: dict[str, Any]) -> None:
        head, _, last = pointer.rpartition("/")
        holder = at(document, head)
        token = last.replace("~1", "/").replace("~0", "~")
        if isinstance(holder, list):
            holder[int(token) : int(token) + 1] = [copy.deepcopy(value)]
        else:
            holder[token] = copy.deepcopy(value)

    return edit


def drop(pointer: str) -> Edit:
    """Remove what stands at a place."""

    def edit(document: dict[str, Any]) -> None:
        head, _, last = pointer.rpartition("/")
        holder = at(document, head)
        token = last.replace("~1", "/").replace("~0", "~")
        del holder[int(token) if isinstance(holder, list) else token]

    return edit


def move(source: str, target: str) -> Edit:
    """Move what stands at a place to another, under the same parent order."""

    def edit(document: dict[str, Any]) -> None:
        value = at(document, source)
        drop(source)(document)
        put(target, value)(document)

    return edit


def both(*edits: Edit) -> Edit:
    """Several edits that are one change."""

    def edit(document: dict[str, Any]) -> None:
        for each in edits:
            each(document)

    return edit


@attrs.frozen
class Case:
    """One change: how it is made, the rule that must say so, where, and how it is described."""

    rule: str
    edit: Edit
    location: str
    kind: str = "changed"
    direction: str | None = None
    backwards: bool = False


def prop(
    stem: str,
    name: str,
    edit: Callable[[str], Edit],
    where: str = "",
    kind: str = "changed",
    **more: Any,
) -> list[Case]:
    """The same change of a property, once where we send it and once where we receive it."""
    sent_rule, received_rule = more.pop("rules", (f"REQ-{stem}", f"RESP-{stem}"))
    cases = []
    for root, rule in ((SENT, sent_rule), (RECEIVED, received_rule)):
        if rule is not None:
            place = f"{root}/properties/{name}" if name else root
            cases.append(
                Case(
                    rule,
                    edit(place),
                    f"{place}{where}",
                    kind,
                    "request" if root == SENT else "response",
                    **more,
                )
            )
    return cases


CASES: list[Case] = [
    Case(
        "OP-ADDED",
        put("/paths/~1plain/get", {"responses": {"200": {"description": "ok"}}}),
        "/paths/~1plain/get",
        "added",
        "both",
    ),
    Case("OP-REMOVED", drop("/paths/~1plain/delete"), "/paths/~1plain/delete", "removed", "both"),
    Case(
        "OP-MOVED",
        move("/paths/~1plain/post", "/paths/~1plain/patch"),
        "/paths/~1plain/patch",
        "changed",
        "both",
    ),
    Case(
        "OPERATION-ID",
        put(f"{GET}/operationId", "fetchThing"),
        f"{GET}/operationId",
        "changed",
        "both",
    ),
    Case(
        "PATH-PARAM-RENAMED",
        both(
            move("/paths/~1things~1{id}", "/paths/~1things~1{thing_id}"),
            put("/paths/~1things~1{thing_id}/parameters/0/name", "thing_id"),
        ),
        "/paths/~1things~1{thing_id}/parameters/0",
    ),
    Case("OP-DEPRECATED", put(f"{GET}/deprecated", True), GET),
    Case("OP-DEPRECATED", put(f"{GET}/deprecated", True), GET, backwards=True),
    Case("PARAM-DEPRECATED", put(f"{GET}/parameters/0/deprecated", True), f"{GET}/parameters/0"),
    Case(
        "RESP-STATUS-DEPRECATED",
        put(f"{GET}/responses/404/x-deprecated-response", True),
        f"{GET}/responses/404",
    ),
    Case(
        "SERVER-ADDED",
        put("/servers/2", {"url": "https://three.example/v1"}),
        "/servers/2",
        "added",
    ),
    Case("SERVER-REMOVED", drop("/servers/0"), "/servers/0", "removed"),
    Case("SERVER-CHANGED", put("/servers/1/url", "https://other.example/v1"), "/servers/1"),
    Case("SECURITY-ADDED", put("/security/0/token", []), "/security", "changed", "request"),
    Case(
        "SECURITY-ADDED",
        put(f"{PUT}/security", [{"key": []}]),
        f"{PUT}/security",
        "changed",
        "request",
    ),
    Case(
        "SECURITY-CHANGED",
        put("/components/securitySchemes/key/name", "X-Other-Key"),
        "/components/securitySchemes/key",
    ),
    Case(
        "SECURITY-ALTERNATIVE", put("/security/1", {"token": []}), "/security", "added", "request"
    ),
    Case("SECURITY-REMOVED", put("/security", [{}]), "/security", "removed", "request"),
    Case(
        "REQ-PARAM-ADDED-REQUIRED",
        put(
            f"{GET}/parameters/3",
            {"name": "new", "in": "query", "required": True, "schema": {"type": "string"}},
        ),
        f"{GET}/parameters/3",
        "added",
        "request",
    ),
    Case(
        "REQ-PARAM-ADDED-OPTIONAL",
        put(f"{GET}/parameters/3", {"name": "new", "in": "query", "schema": {"type": "string"}}),
        f"{GET}/parameters/3",
        "added",
        "request",
    ),
    Case(
        "REQ-PARAM-REMOVED",
        drop(f"{GET}/parameters/0"),
        f"{GET}/parameters/0",
        "removed",
        "request",
    ),
    Case("REQ-PARAM-RENAMED", put(f"{GET}/parameters/0/name", "size"), f"{GET}/parameters/0"),
    Case("REQ-PARAM-MOVED", put(f"{GET}/parameters/0/in", "header"), f"{GET}/parameters/0"),
    Case(
        "REQ-PARAM-BECAME-REQUIRED",
        put(f"{GET}/parameters/0/required", True),
        f"{GET}/parameters/0",
    ),
    Case(
        "REQ-PARAM-BECAME-OPTIONAL",
        put(f"{GET}/parameters/1/required", False),
        f"{GET}/parameters/1",
    ),
    Case(
        "REQ-PARAM-SERIALIZATION", put(f"{GET}/parameters/2/explode", False), f"{GET}/parameters/2"
    ),
    Case(
        "REQ-PARAM-SERIALIZATION",
        both(
            drop(f"{GET}/parameters/0/schema"),
            put(f"{GET}/parameters/0/content", {JSON: {"schema": {"type": "integer"}}}),
        ),
        f"{GET}/parameters/0",
    ),
    Case(
        "REQ-TYPE-WIDENED",
        put(f"{GET}/parameters/1/schema", {"type": "array", "items": {"type": "string"}}),
        f"{GET}/parameters/1/schema",
    ),
    *prop("TYPE-WIDENED", "note", lambda p: put(f"{p}/type", ["string", "integer"])),
    *prop("TYPE-WIDENED", "when", lambda p: drop(f"{p}/format")),
    *prop("TYPE-WIDENED", "either", lambda p: put(f"{p}/oneOf/2", {"type": "boolean"})),
    *prop("TYPE-NARROWED", "either", lambda p: drop(f"{p}/oneOf/0")),
    *prop("TYPE-NARROWED", "note", lambda p: put(f"{p}/format", "date")),
    *prop("TYPE-CHANGED", "note", lambda p: put(f"{p}/type", "boolean")),
    *prop("TYPE-CHANGED", "tags", lambda p: put(f"{p}/items/type", "boolean"), "/items"),
    *prop(
        "TYPE-CHANGED",
        "free",
        lambda p: put(f"{p}/additionalProperties/type", "string"),
        "/additionalProperties",
    ),
    *prop("BECAME-NULLABLE", "note", lambda p: put(f"{p}/type", ["string", "null"])),
    *prop("BECAME-NON-NULLABLE", "maybe", lambda p: put(f"{p}/type", "string")),
    *prop(
        "",
        "count",
        lambda p: put(f"{p}/format", "int64"),
        rules=("REQ-FORMAT-WIDENED", "RESP-FORMAT"),
    ),
    *prop(
        "",
        "link",
        lambda p: put(f"{p}/format", "hostname"),
        rules=("REQ-FORMAT-NARROWED", "RESP-FORMAT"),
    ),
    *prop("ENUM-ADDED", "color", lambda p: put(f"{p}/enum/2", "blue"), "/enum/2", "added"),
    *prop("ENUM-REMOVED", "color", lambda p: drop(f"{p}/enum/1"), "/enum/1", "removed"),
    *prop("BECAME-ENUM", "note", lambda p: put(f"{p}/enum", ["a", "b"]), "/enum"),
    *prop("ENUM-DROPPED", "color", lambda p: drop(f"{p}/enum")),
    *prop("CONSTRAINT-TIGHTENED", "count", lambda p: put(f"{p}/minimum", 1), "/minimum"),
    *prop(
        "CONSTRAINT-TIGHTENED",
        "count",
        lambda p: put(f"{p}/exclusiveMaximum", 10),
        "/exclusiveMaximum",
    ),
    *prop("CONSTRAINT-TIGHTENED", "ratio", lambda p: put(f"{p}/multipleOf", 4), "/multipleOf"),
    *prop("CONSTRAINT-LOOSENED", "tags", lambda p: put(f"{p}/maxItems", 6), "/maxItems"),
    *prop("CONSTRAINT-LOOSENED", "tags", lambda p: drop(f"{p}/uniqueItems")),
    *prop("CONSTRAINT-LOOSENED", "id", lambda p: put(f"{p}/minLength", 0)),
    *prop(
        "",
        "id",
        lambda p: put(f"{p}/pattern", "^[b-z]+$"),
        "/pattern",
        rules=("REQ-CONSTRAINT-TIGHTENED", "RESP-CONSTRAINT-LOOSENED"),
    ),
    *prop("DEFAULT", "count", lambda p: put(f"{p}/default", 4), "/default"),
    *prop("DEFAULT", "count", lambda p: drop(f"{p}/default")),
    *prop(
        "",
        "",
        lambda p: both(
            put(f"{p}/properties/new", {"type": "string"}), put(f"{p}/required/2", "new")
        ),
        "/properties/new",
        "added",
        rules=("REQ-PROP-ADDED-REQUIRED", "RESP-PROP-ADDED"),
    ),
    *prop(
        "",
        "",
        lambda p: put(f"{p}/properties/new", {"type": "string"}),
        "/properties/new",
        "added",
        rules=("REQ-PROP-ADDED-OPTIONAL", "RESP-PROP-ADDED"),
    ),
    *prop(
        "",
        "extra",
        lambda p: put(f"{p}/properties/title", {"type": "string"}),
        "/properties/title",
        "added",
        rules=("REQ-PROP-ADDED-OPTIONAL", "RESP-PROP-ADDED"),
    ),
    *prop(
        "PROP-REMOVED",
        "extra",
        lambda p: drop(f"{p}/properties/description"),
        "/properties/description",
        "removed",
    ),
    *prop(
        "PROP-REMOVED", "", lambda p: drop(f"{p}/properties/link"), "/properties/link", "removed"
    ),
    *prop(
        "PROP-RENAMED",
        "",
        lambda p: move(f"{p}/properties/note", f"{p}/properties/remark"),
        "/properties/remark",
    ),
    *prop("PROP-BECAME-REQUIRED", "", lambda p: put(f"{p}/required/2", "note"), "/properties/note"),
    *prop("PROP-BECAME-OPTIONAL", "", lambda p: drop(f"{p}/required/0"), "/properties/id"),
    *prop(
        "", "note", lambda p: put(f"{p}/readOnly", True), rules=("REQ-PROP-BECAME-READ-ONLY", None)
    ),
    *prop(
        "",
        "note",
        lambda p: put(f"{p}/readOnly", True),
        rules=("REQ-PROP-BECAME-WRITABLE", None),
        backwards=True,
    ),
    *prop(
        "",
        "note",
        lambda p: put(f"{p}/writeOnly", True),
        rules=(None, "RESP-PROP-BECAME-WRITE-ONLY"),
    ),
    *prop(
        "",
        "note",
        lambda p: put(f"{p}/writeOnly", True),
        rules=(None, "RESP-PROP-BECAME-READABLE"),
        backwards=True,
    ),
    *prop(
        "",
        "note",
        lambda p: put(f"{p}/deprecated", True),
        rules=("PROP-DEPRECATED", "PROP-DEPRECATED"),
    ),
    *prop(
        "OPEN-TO-CLOSED",
        "",
        lambda p: put(f"{p}/additionalProperties", False),
        "/additionalProperties",
    ),
    *prop("CLOSED-TO-OPEN", "extra", lambda p: drop(f"{p}/additionalProperties")),
    *prop(
        "UNION-WIDENED",
        "shape",
        lambda p: put(f"{p}/oneOf/2", {"type": "object", "properties": {"kind": {"const": "dot"}}}),
        "/oneOf/2",
        "added",
    ),
    *prop(
        "UNION-NARROWED",
        "shape",
        lambda p: both(
            put(f"{p}/oneOf/2", {"type": "object", "properties": {"kind": {"const": "dot"}}})
        ),
        "/oneOf/2",
        "removed",
        backwards=True,
    ),
    *prop(
        "",
        "shape",
        lambda p: put(f"{p}/discriminator/propertyName", "sort"),
        "/discriminator",
        rules=("DISCRIMINATOR-PROPERTY", "DISCRIMINATOR-PROPERTY"),
    ),
    *prop(
        "",
        "shape",
        lambda p: drop(f"{p}/discriminator"),
        "/discriminator",
        rules=("DISCRIMINATOR-ADDED", "DISCRIMINATOR-ADDED"),
        backwards=True,
    ),
    *prop(
        "",
        "shape",
        lambda p: put(f"{p}/discriminator/mapping/circle", "Square"),
        "/discriminator/mapping/circle",
        rules=("DISCRIMINATOR-MAPPING", "DISCRIMINATOR-MAPPING"),
    ),
    *prop("KEYWORD-CHANGED", "odd", lambda p: put(f"{p}/not/const", "y"), "/not"),
    *prop(
        "KEYWORD-CHANGED",
        "like",
        lambda p: put(f"{p}/patternProperties/^b", {}),
        "/patternProperties/^b",
        "added",
    ),
    Case(
        "REQ-BODY-ADDED-REQUIRED",
        put("/paths/~1plain/delete/requestBody", {"required": True, "content": {JSON: {}}}),
        "/paths/~1plain/delete/requestBody",
        "added",
        "request",
    ),
    Case(
        "REQ-BODY-ADDED-OPTIONAL",
        put("/paths/~1plain/delete/requestBody", {"content": {JSON: {}}}),
        "/paths/~1plain/delete/requestBody",
        "added",
        "request",
    ),
    Case(
        "REQ-BODY-REMOVED", drop(f"{POST}/requestBody"), f"{POST}/requestBody", "removed", "request"
    ),
    Case(
        "REQ-BODY-BECAME-REQUIRED", put(f"{POST}/requestBody/required", True), f"{POST}/requestBody"
    ),
    Case("REQ-BODY-BECAME-OPTIONAL", drop(f"{PUT}/requestBody/required"), f"{PUT}/requestBody"),
    Case(
        "REQ-MEDIA-ADDED",
        put(f"{PUT}/requestBody/content/text~1xml", {}),
        f"{PUT}/requestBody/content/text~1xml",
        "added",
    ),
    Case(
        "REQ-MEDIA-REMOVED",
        drop(f"{PUT}/requestBody/content/text~1csv"),
        f"{PUT}/requestBody/content/text~1csv",
        "removed",
    ),
    Case(
        "RESP-BODY-ADDED",
        put(f"{GET}/responses/204/content", {JSON: {}}),
        f"{GET}/responses/204/content",
        "added",
        "response",
    ),
    Case(
        "RESP-BODY-REMOVED",
        drop(f"{GET}/responses/404/content"),
        f"{GET}/responses/404/content",
        "removed",
        "response",
    ),
    Case(
        "RESP-BODY-BECAME-OPTIONAL",
        drop(f"{HOOK}/requestBody/required"),
        f"{HOOK}/requestBody",
        "changed",
        "response",
    ),
    Case(
        "RESP-BODY-BECAME-REQUIRED",
        drop(f"{HOOK}/requestBody/required"),
        f"{HOOK}/requestBody",
        "changed",
        "response",
        backwards=True,
    ),
    Case(
        "RESP-BODY-REMOVED",
        drop(f"{HOOK}/requestBody"),
        f"{HOOK}/requestBody",
        "removed",
        "response",
    ),
    Case(
        "RESP-MEDIA-ADDED",
        put(f"{GET}/responses/200/content/text~1xml", {}),
        f"{GET}/responses/200/content/text~1xml",
        "added",
    ),
    Case(
        "RESP-MEDIA-REMOVED",
        drop(f"{GET}/responses/200/content/text~1csv"),
        f"{GET}/responses/200/content/text~1csv",
        "removed",
    ),
    Case(
        "RESP-STATUS-ADDED-ERROR",
        put(f"{GET}/responses/429", {"description": "slow"}),
        f"{GET}/responses/429",
        "added",
    ),
    Case(
        "RESP-STATUS-REMOVED-ERROR", drop(f"{GET}/responses/404"), f"{GET}/responses/404", "removed"
    ),
    Case(
        "RESP-STATUS-ADDED-SUCCESS",
        put(f"{GET}/responses/206", {"description": "part"}),
        f"{GET}/responses/206",
        "added",
    ),
    Case(
        "RESP-STATUS-REMOVED-SUCCESS",
        drop(f"{GET}/responses/204"),
        f"{GET}/responses/204",
        "removed",
    ),
    Case(
        "RESP-HEADER-ADDED",
        put(f"{GET}/responses/404/headers", {"X-New": {"schema": {}}}),
        f"{GET}/responses/404/headers/X-New",
        "added",
    ),
    Case(
        "RESP-HEADER-REMOVED",
        drop(f"{GET}/responses/200/headers/X-Other"),
        f"{GET}/responses/200/headers/X-Other",
        "removed",
    ),
    Case(
        "RESP-HEADER-REMOVED-READ",
        drop(f"{GET}/responses/200/headers/Retry-After"),
        f"{GET}/responses/200/headers/Retry-After",
        "removed",
    ),
    Case(
        "RESP-HEADER-BECAME-REQUIRED",
        put(f"{GET}/responses/200/headers/X-Other/required", True),
        f"{GET}/responses/200/headers/X-Other",
    ),
    Case(
        "RESP-HEADER-BECAME-OPTIONAL",
        drop(f"{GET}/responses/200/headers/X-Always/required"),
        f"{GET}/responses/200/headers/X-Always",
    ),
    Case(
        "WEBHOOK-ADDED",
        put("/webhooks/more", {"post": {}}),
        "/webhooks/more/post",
        "added",
        "response",
    ),
    Case("WEBHOOK-REMOVED", drop("/webhooks/told"), "/webhooks/told/post", "removed", "response"),
    Case(
        "WEBHOOK-REMOVED",
        drop(f"{POST}/callbacks"),
        f"{POST}/callbacks/done/{{$request.body#~1url}}/post",
        "removed",
        "response",
    ),
    Case(
        "WEBHOOK-STATUS-ADDED",
        put(f"{HOOK}/responses/202", {"description": "later"}),
        f"{HOOK}/responses/202",
        "added",
    ),
    Case(
        "WEBHOOK-STATUS-REMOVED", drop(f"{HOOK}/responses/200"), f"{HOOK}/responses/200", "removed"
    ),
    Case(
        "RESP-PROP-REMOVED",
        drop("/components/schemas/Told/properties/what"),
        "/components/schemas/Told/properties/what",
        "removed",
        "response",
    ),
    Case(
        "SCHEMA-ADDED",
        put("/components/schemas/Another", {"type": "object", "properties": {"b": {}}}),
        "/components/schemas/Another",
        "added",
        "none",
    ),
    Case(
        "SCHEMA-REMOVED",
        drop("/components/schemas/Unused"),
        "/components/schemas/Unused",
        "removed",
        "none",
    ),
    Case(
        "SCHEMA-RENAMED",
        both(
            move("/components/schemas/Told", "/components/schemas/News"),
            put(
                f"{HOOK}/requestBody/content/application~1json/schema/$ref",
                "#/components/schemas/News",
            ),
        ),
        "/components/schemas/News",
    ),
]

# Rules that no single edit of a document can bring: nothing else than wording.
# Brought by more than one edit of one place: in test_diff_kinds.py.
ELSEWHERE = {
    "NOT-COMPARED",
    "REQ-BECAME-UNION",
    "REQ-BODY-SERIALIZATION",
    "RESP-BECAME-UNION",
    "RESP-BODY-SERIALIZATION",
    "RESP-STATUS-RANGE",
}
DOCS_RULES = {"REF-REFACTOR", "DOCS"}


def found(
    old: dict[str, Any], new: dict[str, Any], policy: Policy | None = None
) -> list[tuple[str, str, str, str, str]]:
    """The changes between two documents, as tuples that a test can compare."""
    changes = diff(Document(old), Document(new), policy=policy)
    return [(each.rule, each.kind, each.location, each.cls, each.direction) for each in changes]


def edited(case: Case) -> tuple[dict[str, Any], dict[str, Any]]:
    """The document before and after a change."""
    before, after = base(), base()
    case.edit(after)
    return (after, before) if case.backwards else (before, after)


def test_every_rule_has_a_change() -> None:
    """No rule stands in the table that no change brings."""
    assert {case.rule for case in CASES} | DOCS_RULES | ELSEWHERE == set(RULES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.location[-30:]}")
def test_exactly_the_change_is_found(case: Case) -> None:
    """One change gives one entry.

    Its rule, its kind, its definition site, its class, its direction.
    """
    [change] = found(*edited(case))
    assert (case.rule, case.kind, case.location, RULES[case.rule].classify(Policy())) == change[:4]
    assert case.direction in {None, change[4]}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.location[-30:]}")
def test_the_place_stands_in_the_document_that_has_it(case: Case) -> None:
    """Every location is a JSON pointer that leads somewhere.

    Into the old document when something was removed.
    """
    old, new = edited(case)
    [change] = diff(Document(old), Document(new))
    at(old if change.document == "old" else new, change.location)
    if change.old_location is not None:
        at(old, change.old_location)


def test_a_policy_switch_decides_its_rules() -> None:
    """With closed enums, strict unions or validation, what those clients can't take is breaking."""
    for rule in RULES.values():
        if rule.switch is not None:
            name, setting = rule.switch
            assert rule.otherwise == rule.classify(Policy(**{name: setting}))
            assert rule.cls == rule.classify(Policy(**{name: not setting}))


# Ways to write the same document otherwise: each leaves every meaning as it was.


def _schemas(node: Any, *, named: bool = False) -> list[dict[str, Any]]:
    """Every object of a document that stands where a schema stands."""
    places: list[dict[str, Any]] = []
    if isinstance(node, dict):
        for key, value in node.items():
            if key in {"properties", "schemas", "patternProperties"} and not named:
                places += [sub for sub in value.values() if isinstance(sub, dict)]
                for sub in value.values():
                    places += _schemas(sub)
                continue
            if (
                key in {"schema", "items", "additionalProperties"}
                and not named
                and isinstance(value, dict)
            ):
                places.append(value)
            places += _schemas(
                value, named=key in {"paths", "responses", "content", "headers", "webhooks"}
            )
    elif isinstance(node, list):
        for value in node:
            places += _schemas(value)
    return places


def reorder(document: dict[str, Any], draw: Any) -> None:
    """Turn the order of keys, of required names, of enum values and of alternatives around."""
    seen = []

    def turn(node: Any) -> None:
        if isinstance(node, dict):
            for value in node.values():
                turn(value)
            items = list(node.items())
            node.clear()
            node.update(reversed(items))
        elif isinstance(node, list):
            for value in node:
                turn(value)
            seen.append(node)

    turn(document)
    for schema in _schemas(document):
        for keyword in ("required", "enum", "oneOf"):
            if isinstance(schema.get(keyword), list):
                schema[keyword].reverse()
    document["servers"].reverse()


def say_prose(document: dict[str, Any], draw: Any) -> None:
    """Put prose, examples and extensions everywhere."""
    for schema in _schemas(document):
        if "$ref" not in schema:
            schema.setdefault("title", draw(st.text(max_size=5)))
            schema["example"] = {"type": "integer", "enum": [1]}
            schema["x-order"] = {"required": ["x"]}
    document["info"]["description"] = "Other words."
    document["tags"] = [{"name": "Things"}]
    document["paths"]["/plain"]["post"]["summary"] = "Plainly."


def spell_defaults(document: dict[str, Any], draw: Any) -> None:
    """Write down what goes without saying."""
    for schema in _schemas(document):
        if schema.get("type") == "object":
            schema.setdefault("required", [])
            schema.setdefault("additionalProperties", True)
        schema.setdefault("deprecated", False)
        schema.setdefault("minLength", 0)
        schema.setdefault("uniqueItems", False)
    for item in document["paths"].values():
        for operation in item.values():
            for parameter in operation.get("parameters", []) if isinstance(operation, dict) else []:
                if parameter["in"] == "query" and "schema" in parameter:
                    parameter.setdefault("style", "form")
                    parameter.setdefault("explode", True)
                    parameter.setdefault("required", False)
            if isinstance(operation, dict) and "requestBody" in operation:
                operation["requestBody"].setdefault("required", False)


def wrap_in_all_of(document: dict[str, Any], draw: Any) -> None:
    """Put schemas into an `allOf` of one."""
    for schema in _schemas(document):
        if "allOf" not in schema and draw(st.booleans()):
            inner = dict(schema)
            schema.clear()
            schema["allOf"] = [inner]


def choose_one(document: dict[str, Any], draw: Any) -> None:
    """Put schemas into a choice of one, null aside."""
    for schema in _schemas(document):
        if "oneOf" not in schema and "allOf" not in schema and draw(st.booleans()):
            inner = dict(schema)
            schema.clear()
            kinds = inner.get("type")
            if isinstance(kinds, list) and "null" in kinds:
                inner["type"] = [kind for kind in kinds if kind != "null"]
                schema["anyOf"] = [{"type": "null"}, inner]
            else:
                schema["oneOf"] = [inner]


def name_schemas(document: dict[str, Any], draw: Any) -> None:
    """Move inline schemas under a name, and leave a reference."""
    for schema in _schemas(document):
        index = next(
            i for i in itertools.count() if f"Named{i}" not in document["components"]["schemas"]
        )
        if (
            "$ref" not in schema
            and schema not in document["components"]["schemas"].values()
            and draw(st.booleans())
        ):
            inner = dict(schema)
            schema.clear()
            schema["$ref"] = f"#/components/schemas/Named{index}"
            document["components"]["schemas"][f"Named{index}"] = inner


def inline_schemas(document: dict[str, Any], draw: Any) -> None:
    """Write named schemas where they are used."""
    named = copy.deepcopy(document["components"]["schemas"])
    for schema in _schemas(document):
        name = schema.get("$ref", "").rpartition("/")[2]
        if name in {"Told", "Thing", "SentThing"} and draw(st.booleans()):
            schema.clear()
            schema.update(copy.deepcopy(named[name]))


REWRITES = [
    reorder,
    say_prose,
    spell_defaults,
    wrap_in_all_of,
    choose_one,
    name_schemas,
    inline_schemas,
]


@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_another_way_of_writing_is_no_change(data: st.DataObject) -> None:
    """However often a document is written otherwise, in whatever order, it means the same."""
    document = base()
    for rewrite in data.draw(st.lists(st.sampled_from(REWRITES), min_size=1, max_size=4)):
        rewrite(document, data.draw)
    assert found(base(), document) == []
    assert found(document, base()) == []


@given(case=st.sampled_from(CASES), data=st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_change_is_found_however_the_document_is_written(
    case: Case, data: st.DataObject
) -> None:
    """One change among any rewriting is found, and nothing else is."""
    old, new = edited(case)
    for rewrite in data.draw(st.lists(st.sampled_from(REWRITES), max_size=3)):
        try:
            rewrite(new, data.draw)
        except KeyError:  # the change took away what would be rewritten
            continue
    changes = found(old, new)
    expected = (case.rule, case.kind, RULES[case.rule].classify(Policy()))
    if case.rule in {"SCHEMA-ADDED", "SCHEMA-REMOVED"} and changes == []:
        return  # it became part of a rewriting
    assert [expected] == [(rule, kind, cls) for rule, kind, _, cls, _ in changes]
