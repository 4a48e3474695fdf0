"""From a place in the document to the Python name that stands for it in this SDK."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fingerprint_async.drift.contract import pointer as _pointer
from fingerprint_async.drift.contract.endpoints import Endpoint, endpoints

if TYPE_CHECKING:
    from fingerprint_async.drift.contract.changes import Change
    from fingerprint_async.drift.contract.document import Document

__all__ = ["FACADE", "Symbols", "class_name", "member_name", "python_name"]

# The method of the client that sends each operation.
FACADE = {
    "getEvent": "events.get",
    "updateEvent": "events.update",
    "searchEvents": "events.search",
    "deleteVisitorData": "visitors.delete",
    "analyzeRequestForAutomationIntelligence": "edge.analyze",
}
# Names that the plain rules would spell poorly, as in `openapi/config.yaml`.
SPELLED = {
    "5_minutes": "five_minutes",
    "1_hour": "one_hour",
    "24_hours": "twenty_four_hours",
    "<p95": "BELOW_P95",
    "p99.9+": "ABOVE_P99_9",
}
# What a webhook's body becomes.
WEBHOOK = "models.Event"
ERRORS = {
    "400": "BadRequestError",
    "403": "PermissionDeniedError",
    "404": "NotFoundError",
    "409": "ConflictError",
    "413": "PayloadTooLargeError",
    "429": "RateLimitError",
}


def class_name(name: str) -> str:
    """A schema's name as a class name."""
    words = re.split(r"[^0-9A-Za-z]+", name)
    return "".join(word[:1].upper() + word[1:] for word in words if word)


def python_name(name: str) -> str:
    """A property's or parameter's name as a Python name."""
    if name in SPELLED:
        return SPELLED[name]
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    plain = re.sub(r"\W+", "_", spaced).strip("_").lower()
    return f"field_{plain}" if plain[:1].isdigit() else plain


def member_name(value: Any) -> str:
    """An enum's value as the name of its member."""
    if isinstance(value, str) and value in SPELLED:
        return SPELLED[value]
    plain = re.sub(r"\W+", "_", str(value)).strip("_").upper()
    return f"VALUE_{plain}" if not plain or plain[0].isdigit() else plain


class Symbols:
    """The Python names of what two documents hold; names of this SDK where it has them, as they would be where not.

    Args:
        old: The document that the client was made from.
        new: The other document.
    """

    def __init__(self, old: Document, new: Document) -> None:
        self._documents = {"old": old, "new": new}
        self._endpoints: dict[str, dict[str, Endpoint]] = {
            name: {endpoint.pointer: endpoint for endpoint in endpoints(document)}
            for name, document in self._documents.items()
        }

    def of(self, change: Change) -> tuple[str, ...]:
        """The Python names that a change touches, the most telling first; none when it touches no code."""
        found = list(self._main(change))
        if change.stem.endswith("-RENAMED"):
            # The name that code uses today is the old one.
            found += [_renamed(symbol, change) for symbol in found]
        found.extend(
            f"models.{class_name(name)}"
            for name in change.schemas
            if _exists_or_object(self._documents[change.document], name)
        )
        return tuple(dict.fromkeys(found))

    def _main(self, change: Change) -> list[str]:
        steps = _pointer.steps(change.place)
        if steps[:2] == ["components", "schemas"] and len(steps) > 2:  # noqa: PLR2004
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
        call = WEBHOOK if endpoint.received else FACADE.get(endpoint.id)
        if call is None:
            tags = endpoint.raw.get("tags")
            tag = tags[0] if isinstance(tags, list) and tags else "default"
            call = f"api.{python_name(str(tag))}.{python_name(endpoint.id)}"
        if "parameters" in steps and not endpoint.received:
            name = self._parameter(change)
            found = [f"{call}({python_name(name)}=…)"]
            if change.stem.startswith("ENUM"):
                found.append(f"models.{class_name(endpoint.id)}{class_name(name)}")
            return found
        if "responses" in steps and change.stem.startswith("RESP-STATUS"):
            status = change.name or ""
            error = ERRORS.get(status) or ("ServerError" if status.startswith("5") else None)
            return [call, f"errors.{error}"] if error and "ERROR" in change.stem else [call]
        return [call]

    def _parameter(self, change: Change) -> str:
        document = self._documents[change.document]
        head, _, rest = change.place.partition("/parameters/")
        raw, _ = document.follow(
            document.at(f"{head}/parameters/{rest.split('/')[0]}"), change.place
        )
        return str(raw["name"])

    def _schema(self, change: Change, schema: str, steps: list[str]) -> list[str]:
        owner, attribute = class_name(schema), ""
        inside = iter(steps)
        for step in inside:
            if step == "properties":
                if attribute:
                    owner, attribute = owner + class_name(attribute), ""
                attribute = next(inside, "")
            elif step == "items":
                owner, attribute = owner + class_name(attribute) + "Item", ""
            elif step == "additionalProperties" and attribute:
                owner, attribute = owner + class_name(attribute), ""
        if change.stem in {"ENUM-ADDED", "ENUM-REMOVED"}:
            value = change.after if change.kind == "added" else change.before
            enum = owner + class_name(attribute)
            return [f"models.{enum}.{member_name(value)}"]
        if not attribute:
            return (
                [f"models.{owner}"]
                if _exists_or_object(self._documents[change.document], schema)
                else self._users(change, schema)
            )
        found = [f"models.{owner}.{python_name(attribute)}"]
        if schema in {"EventUpdate", "EdgeRequest"} and len(steps) == 2:  # noqa: PLR2004
            call = "events.update" if schema == "EventUpdate" else "edge.analyze"
            found.append(f"{call}({python_name(attribute)}=…)")
        return found

    def _users(self, change: Change, schema: str) -> list[str]:
        """A named scalar is no class: the properties that are of it stand for it."""
        document = self._documents[change.document]
        reference = f"#/components/schemas/{schema}"
        found = []
        components = document.raw.get("components")
        schemas = components.get("schemas") if isinstance(components, Mapping) else None
        for name, raw in schemas.items() if isinstance(schemas, Mapping) else ():
            properties = raw.get("properties") if isinstance(raw, Mapping) else None
            for prop, sub in properties.items() if isinstance(properties, Mapping) else ():
                if isinstance(sub, Mapping) and sub.get("$ref") == reference:
                    found.append(f"models.{class_name(name)}.{python_name(prop)}")
        return found[:8]


def _renamed(symbol: str, change: Change) -> str:
    """The symbol as it was before the rename."""
    before, after = str(change.before), str(change.after)
    spell = class_name if change.stem == "SCHEMA-RENAMED" else python_name
    head, found, tail = symbol.rpartition(spell(after))
    return f"{head}{spell(before)}{tail}" if found else symbol


def _exists_or_object(document: Document, schema: str) -> bool:
    """Whether a named schema is a class: this SDK has it, or it would be generated."""
    from fingerprint_async import models

    node = document.schemas().get(schema)
    if class_name(schema) in models.__all__:
        return True
    contract = document.effective(node) if node is not None else None
    return (
        contract is not None
        and not contract.choices
        and (contract.values is not None or bool(contract.properties))
    )
