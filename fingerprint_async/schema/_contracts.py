"""Questions about effective schemas: what types they allow, whether one covers another, what they look like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from fingerprint_async.schema._pointer import unescape
from fingerprint_async.schema.changes import REQUEST, RESPONSE
from fingerprint_async.schema.resolve import (
    ANY,
    Document,
    Effective,
    Node,
    Part,
    Property,
    value_key,
)

# Formats that make another Python type; others only narrow the text or number.
TYPED_FORMATS = frozenset({"date-time", "date", "time", "uuid", "binary", "byte"})

Atoms: TypeAlias = frozenset[tuple[str, str | None]]


def name_of(pointer: str) -> str:
    return unescape(pointer.rsplit("/", 1)[-1])


def references(raw: Any) -> Iterator[str]:
    waiting = [raw]
    seen: set[int] = set()
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        if isinstance(value, Mapping):
            seen.add(id(value))
            reference = value.get("$ref")
            if isinstance(reference, str):
                yield reference
            waiting.extend(value.values())
        elif isinstance(value, list):
            seen.add(id(value))
            waiting.extend(value)


def reachable(document: Document, location: str, wanted: set[str]) -> set[str]:
    """Those of the named schemas that a place leads to."""
    found: set[str] = set()
    waiting = [document.at(document.nearest(location))]
    while waiting:
        for reference in references(waiting.pop()):
            pointer = reference[1:]
            if pointer in wanted and pointer not in found:
                found.add(pointer)
                waiting.append(document.at(pointer))
    return found


def makes_a_symbol(document: Document, node: Node) -> bool:
    """Whether a named schema is a class of its own in code; a named boolean is only a boolean."""
    contract = document.effective(node)
    return (
        bool(contract.properties)
        or contract.values is not None
        or contract.union is not None
        or "object" in (contract.types or ())
        or contract.items is not None
    )


def atoms(each: Effective) -> Atoms | None:
    """The types that are allowed, told apart by the formats that make another Python type; None means any."""
    if each.types is None:
        return None
    kept = each.format if each.format in TYPED_FORMATS else None
    return frozenset((name, kept if name == "string" else None) for name in each.types) | null_if(
        each.nullable
    )


def null_if(nullable: bool) -> Atoms:  # noqa: FBT001
    return frozenset({("null", None)}) if nullable else frozenset()


def without_null(
    atoms: Atoms | None,
) -> Atoms | None:
    return None if atoms is None else atoms - {("null", None)}


def covers(wide: Atoms | None, narrow: Atoms | None) -> bool:
    """Whether everything of the narrow types is allowed by the wide ones."""
    if wide is None:
        return True
    if narrow is None:
        return False
    return all(
        atom in wide
        or (atom[0], None) in wide
        or (atom[0] == "integer" and ("number", None) in wide)
        for atom in narrow
    )


def say_atoms(atoms: Atoms | None) -> str:
    if atoms is None:
        return "anything"
    return (
        " or ".join(sorted(f"{name} ({fmt})" if fmt else name for name, fmt in atoms)) or "nothing"
    )


def say_bound(keyword: str, value: Any) -> Any:
    if value is None or keyword in {"pattern", "multipleOf"}:
        return "none" if value is None else value
    if keyword == "uniqueItems":
        return True
    number, exclusive = value
    number = number if keyword.startswith("min") else -number
    number = int(number) if float(number).is_integer() else number
    return f"{number} exclusive" if exclusive else number


def owner_of(each: Effective, keyword: str) -> Part | None:
    return next((part for part in each.parts if keyword in part.raw), None)


def gate(document: Document, prop: Property) -> int:
    """The directions in which a property travels."""
    if prop.node is ANY:
        return REQUEST | RESPONSE
    flags = document.effective(prop.node).flags
    return (0 if "readOnly" in flags else REQUEST) | (0 if "writeOnly" in flags else RESPONSE)


def prose(each: Effective) -> str | None:
    return next(
        (
            part.raw["description"]
            for part in each.parts
            if isinstance(part.raw.get("description"), str)
        ),
        None,
    )


def shape(each: Effective) -> Any:
    """A contract at a glance: enough to recognise it, not to compare it."""
    return (
        each.types,
        each.nullable,
        each.format,
        None if each.values is None else frozenset(each.values),
        frozenset((name, prop.required) for name, prop in each.properties.items()),
        each.union is not None and len(each.union.variants),
    )


def tag_values(each: Effective, tag: str | None) -> Any:
    prop = each.properties.get(tag) if tag else None
    if prop is None or prop.node is ANY:
        return None
    raw = [part.raw for part in prop.node.parts]
    values = [
        value_key(sub["const"]) for one in raw for sub in (one, *_all_of(one)) if "const" in sub
    ]
    return tuple(values) or None


def _all_of(raw: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    members = raw.get("allOf")
    return (
        [each for each in members if isinstance(each, Mapping)] if isinstance(members, list) else []
    )


def variant_name(each: Effective) -> str:
    anchor = next((part.anchor for part in reversed(each.parts) if part.anchor is not None), None)
    return name_of(anchor) if anchor else say_atoms(atoms(each))


def match_by(was: list[Any], now: list[Any], key: Any) -> Iterator[tuple[Any, Any]]:
    left = list(now)
    for each in was:
        other = next((one for one in left if key(one[1]) == key(each[1])), None)
        if other is not None:
            left.remove(other)
            yield each, other


def inner_words(pointer: str, owner: Part | None) -> str:
    """Names a property inside a definition when the change is reported where the definition is used."""
    steps = pointer[len(owner.pointer) :].split("/properties/") if owner is not None else []
    names = [step.split("/")[0] for step in steps[1:]]
    return f"({'.'.join(names)}) " if names else ""
