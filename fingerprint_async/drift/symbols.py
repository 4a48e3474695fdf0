# JSON of any shape is read here.
# pyright: reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
"""From a place in a document to the Python name that stands for it in this SDK.

What this SDK has is asked for its own names; what it does not have yet gets the name that
generation would give it,
from the same function.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from fingerprint_async import models
from fingerprint_async._http.operations import OPERATIONS
from fingerprint_async._runtime.naming import python_names
from fingerprint_async._runtime.plan import plan_of
from fingerprint_async.drift.contract import pointer as _pointer
from fingerprint_async.drift.contract.endpoints import Endpoint, endpoints

if TYPE_CHECKING:
    from fingerprint_async.drift.contract.changes import Change
    from fingerprint_async.drift.contract.document import Document

__all__ = ["FACADE", "Symbols", "class_name"]

FACADE = {operation.id: operation.resource for operation in OPERATIONS.values()}
"""The method of the client that sends each operation."""
BODIES = {
    "EventUpdate": "events.update",
    "EventFeedback": "events.feedback",
    "EdgeRequest": "edge.analyze",
}
"""The method that takes the properties of a body as arguments."""
ERRORS = {
    "400": "BadRequestError",
    "403": "PermissionDeniedError",
    "404": "NotFoundError",
    "409": "ConflictError",
    "413": "PayloadTooLargeError",
    "429": "RateLimitError",
}
_ENUMS = frozenset({"ENUM-ADDED", "ENUM-REMOVED"})
_MAX_USERS = 8
_SCHEMAS = ["components", "schemas"]


def class_name(name: str) -> str:
    """Return a schema's name as a class name."""
    words = re.split(r"[^0-9A-Za-z]+", name)
    return "".join(word[:1].upper() + word[1:] for word in words if word)


class Symbols:
    """The Python names of what two documents hold.

    Args:
        old: The document that the client was made from.
        new: The other document.
    """

    def __init__(self, old: Document, new: Document) -> None:
        self._documents = {"old": old, "new": new}
        self._endpoints = {
            name: {endpoint.pointer: endpoint for endpoint in endpoints(document)}
            for name, document in self._documents.items()
        }

    def of(self, change: Change) -> tuple[str, ...]:
        """Return the names that a change touches, the most telling first.

        None when it touches no code.
        """
        found = list(self._main(change))
        if change.stem.endswith("-RENAMED"):
            # The name that code uses today is the old one.
            found += [_renamed(symbol, change) for symbol in found]
        found.extend(
            f"models.{class_name(name)}"
            for name in change.schemas
            if self._is_class(self._documents[change.document], name)
        )
        return tuple(dict.fromkeys(found))

    def classes_gone(self) -> dict[str, str]:
        """Return the classes that generation would no longer make: by schema, the class.

        A schema that is written out where it was used keeps its meaning, and may lose its class.
        """
        old, new = self._documents["old"], self._documents["new"]
        left = set(_classes(new))
        return {
            name: class_name(name)
            for name in old.schemas().keys() - new.schemas().keys()
            if class_name(name) in models.__all__ and class_name(name) not in left
        }

    def _main(self, change: Change) -> list[str]:
        steps = _pointer.steps(change.place)
        if steps[:2] == _SCHEMAS and len(steps) > len(_SCHEMAS):
            return self._schema(change, steps[2], steps[3:])
        if steps[:1] == ["servers"]:
            return ["regions"]
        if steps[:1] == ["security"] or steps[:2] == ["components", "securitySchemes"]:
            return ["FingerprintClient(api_key=…)"]
        return [
            name
            for endpoint in self._touched(change)
            for name in self._operation(change, endpoint, steps)
        ]

    # Operations.

    def _touched(self, change: Change) -> list[Endpoint]:
        """The operation that the place belongs to, or those that use what is defined there."""
        known = self._endpoints[change.document]
        location = change.place
        while location and location not in known:
            location = location.rpartition("/")[0]
        if location:
            return [known[location]]
        return [endpoint for endpoint in known.values() if endpoint.label in change.operations]

    def _operation(self, change: Change, endpoint: Endpoint, steps: list[str]) -> list[str]:
        document = self._documents[change.document]
        if endpoint.received:
            return [f"models.{class_name(name)}" for name in _received(document, endpoint)]
        call = self._call(endpoint)
        if change.stem == "OPERATION-ID":
            # Code calls it by what it was called, and generation by what it is called now.
            return list(dict.fromkeys([FACADE.get(str(change.before)) or call, call]))
        if "parameters" in steps:
            return self._parameter(change, endpoint, call)
        if "responses" in steps and change.stem.startswith("RESP-STATUS"):
            status = change.name or ""
            error = ERRORS.get(status) or ("ServerError" if status.startswith("5") else None)
            return [call, f"errors.{error}"] if error and "ERROR" in change.stem else [call]
        return [call]

    @staticmethod
    def _call(endpoint: Endpoint) -> str:
        known = FACADE.get(endpoint.id)
        if known is not None:
            return known
        tags = endpoint.raw.get("tags")
        tag = str(tags[0]) if isinstance(tags, list) and tags else "default"
        return f"api.{_field(tag, [tag])}.{_field(endpoint.id, [endpoint.id])}"

    def _parameter(self, change: Change, endpoint: Endpoint, call: str) -> list[str]:
        document = self._documents[change.document]
        head, _, rest = change.place.partition("/parameters/")
        place = f"{head}/parameters/{rest.split('/')[0]}"
        raw, _ = document.follow(document.at(place), place)
        name = str(raw["name"])
        siblings = [name for _, name in endpoint.parameters] + [name]
        found = [f"{call}({python_names(siblings, 'parameter')[name]}=…)"]
        if change.stem.startswith("ENUM"):
            found.append(f"models.{class_name(endpoint.id)}{class_name(name)}")
        return found

    # Schemas.

    def _schema(self, change: Change, schema: str, steps: list[str]) -> list[str]:
        document = self._documents[change.document]
        owner, attribute = class_name(schema), ""
        holder = f"/components/schemas/{_pointer.escape(schema)}"
        at = holder
        inside = iter(steps)
        for step in inside:
            at += f"/{_pointer.escape(step)}"
            if step == "properties":
                if attribute:
                    owner, attribute = owner + class_name(attribute), ""
                holder = at
                attribute = next(inside, "")
                at += f"/{_pointer.escape(attribute)}"
            elif step in {"items", "prefixItems"}:
                owner, attribute = owner + class_name(attribute) + "Item", ""
            elif step == "additionalProperties" and attribute:
                owner, attribute = owner + class_name(attribute), ""
        if change.stem in _ENUMS:
            return [self._member(change, owner + class_name(attribute))]
        if not attribute:
            if self._is_class(document, schema) or hasattr(models, owner):
                return [f"models.{owner}"]
            return self._users(document, schema)
        name = _attribute(document, owner, attribute, holder)
        found = [f"models.{owner}.{name}"]
        if schema in BODIES and steps[:1] == ["properties"]:
            found.append(f"{BODIES[schema]}({name}=…)")
        return found

    def _member(self, change: Change, owner: str) -> str:
        """The member of an enum that stands for a value."""
        value = change.after if change.kind == "added" else change.before
        known = getattr(models, owner, None)
        if isinstance(known, type) and issubclass(known, enum.Enum):
            names = [name for name, each in known.__members__.items() if each.value == value]
            if names:
                return f"models.{owner}.{names[0]}"
        document = self._documents[change.document]
        listed = document.at(change.location.rpartition("/")[0])
        siblings = [str(each) for each in listed] if isinstance(listed, list) else []
        return f"models.{owner}.{python_names([*siblings, str(value)], 'member')[str(value)]}"

    def _users(self, document: Document, schema: str) -> list[str]:
        """A named scalar is no class: the properties that are of it stand for it."""
        reference = f"#/components/schemas/{schema}"
        found = []
        for name, node in document.schemas().items():
            properties = node.parts[0].raw.get("properties")
            for prop, sub in properties.items() if isinstance(properties, Mapping) else ():
                if isinstance(sub, Mapping) and sub.get("$ref") == reference:
                    owner, holder = class_name(name), f"{node.site}/properties"
                    found.append(f"models.{owner}.{_attribute(document, owner, prop, holder)}")
        return found[:_MAX_USERS]

    @staticmethod
    def _is_class(document: Document, schema: str) -> bool:
        """Whether a named schema is a class: this SDK has it, or it would be generated."""
        if class_name(schema) in models.__all__:
            return True
        node = document.schemas().get(schema)
        contract = document.effective(node) if node is not None else None
        return (
            contract is not None
            and not contract.choices
            and (contract.values is not None or bool(contract.properties))
        )


def _attribute(document: Document, owner: str, name: str, holder: str) -> str:
    """A property as the attribute of its class."""
    known = getattr(models, owner, None)
    if isinstance(known, type) and issubclass(known, models.Model):
        for field in plan_of(known).fields:
            if field.wire == name:
                return str(field.name)
    siblings = document.at(document.nearest(holder))
    return _field(name, siblings if isinstance(siblings, Mapping) else ())


def _field(name: str, siblings: Iterable[str]) -> str:
    return python_names([*siblings, name], "field")[name]


def _received(document: Document, endpoint: Endpoint) -> list[str]:
    """The named schemas of what a webhook brings."""
    place = f"{endpoint.pointer}/requestBody"
    body, at = document.follow(endpoint.raw.get("requestBody"), place)
    found = []
    for _, raw, pointer in document.entries(body, "content", at):
        schema = document.mapping(raw, pointer).get("schema")
        reference = schema.get("$ref") if isinstance(schema, Mapping) else None
        if isinstance(reference, str):
            found.append(reference.rpartition("/")[2])
    return found


def _classes(document: Document) -> Iterator[str]:
    """The classes that generation would make: of named schemas, and of those inside them."""
    waiting: list[tuple[str, Any]] = [
        (class_name(name), node.parts[0].raw) for name, node in document.schemas().items()
    ]
    while waiting:
        name, raw = waiting.pop()
        if not isinstance(raw, Mapping):
            continue
        yield name
        properties = raw.get("properties")
        for prop, sub in properties.items() if isinstance(properties, Mapping) else ():
            waiting.append((name + class_name(prop), sub))
        if "items" in raw:
            waiting.append((f"{name}Item", raw["items"]))


def _renamed(symbol: str, change: Change) -> str:
    """The symbol as it was before the rename."""
    before, after = str(change.before), str(change.after)
    if change.stem == "SCHEMA-RENAMED":
        old, new = class_name(before), class_name(after)
    else:
        old, new = _field(before, ()), _field(after, ())
    head, found, tail = symbol.rpartition(new)
    return f"{head}{old}{tail}" if found else symbol
