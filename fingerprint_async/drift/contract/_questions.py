# JSON of any shape is read here.
# pyright: reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
"""Questions about contracts.

What types they allow, whether one covers another, how alike they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from fingerprint_async.drift.contract._limits import LIMITS, json_type
from fingerprint_async.drift.contract.changes import REQUEST, RESPONSE
from fingerprint_async.drift.contract.model import ANY, Effective, Node, Part, Property, value_key
from fingerprint_async.drift.contract.pointer import unescape

if TYPE_CHECKING:
    from fingerprint_async.drift.contract.document import Document

# Formats that make another type in a client; others only narrow the text or number.
TYPED_FORMATS = frozenset({"date-time", "date", "time", "uuid", "binary", "byte"})

Atoms: TypeAlias = frozenset[tuple[str, str | None]]
_NULL: Atoms = frozenset({("null", None)})


def name_of(pointer: str) -> str:
    """Return the last step of a pointer."""
    return unescape(pointer.rsplit("/", 1)[-1])


def references(raw: Any) -> Iterator[str]:
    """Yield the references that stand anywhere inside a value."""
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
    """Return those of the named schemas that a place leads to."""
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
        bool(contract.properties or contract.choices or contract.prefix)
        or contract.values is not None
        or "object" in (contract.types or ())
        or contract.items is not None
    )


def atoms(each: Effective) -> Atoms | None:
    """Return the types that are allowed, with the formats that make another type.

    None means any.
    """
    if each.types is None:
        return None
    typed = sorted(each.formats.keys() & TYPED_FORMATS)
    form = " ".join(typed) or None
    found = frozenset((name, form if name == "string" else None) for name in each.types)
    return found | _NULL if each.nullable else found


def of_type(each: Effective, name: str) -> Effective:
    """Return what a contract of scalars says about values of one type."""
    kind = "string" if name == "string" else "number"
    return attrs.evolve(
        each,
        types=frozenset({name}),
        bounds={key: bound for key, bound in each.bounds.items() if LIMITS.get(key) == kind},
        regexes=each.regexes if name == "string" else {},
        values=None
        if each.values is None
        else {
            key: stated
            for key, stated in each.values.items()
            if json_type(stated[0]) == name
            or (name == "number" and json_type(stated[0]) == "integer")
        },
    )


def without_null(allowed: Atoms | None) -> Atoms | None:
    """Return types without null."""
    return None if allowed is None else allowed - _NULL


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


def say_atoms(allowed: Atoms | None) -> str:
    """Return types in words."""
    if allowed is None:
        return "anything"
    return (
        " or ".join(sorted(f"{name} ({form})" if form else name for name, form in allowed))
        or "nothing"
    )


def say_bound(keyword: str, value: Any) -> Any:
    """Return a limit as it is written."""
    if value is None:
        return "none"
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else float(value)
    if keyword == "uniqueItems":
        return True
    number, exclusive = value
    number = number if keyword.startswith("min") else -number
    number = int(number) if float(number).is_integer() else number
    return f"{number} exclusive" if exclusive else number


def owner_of(each: Effective, keyword: str) -> Part | None:
    """Return what states a keyword."""
    return next((part for part in each.parts if keyword in part.raw), None)


def flag_of(document: Document, prop: Property, flag: str) -> Part | None:
    """Return what says that a property is `readOnly` or `writeOnly`, None when nothing does."""
    return None if prop.node is ANY else document.effective(prop.node).flags.get(flag)


def gate(document: Document, prop: Property) -> int:
    """Return the directions in which a property travels."""
    return (0 if flag_of(document, prop, "readOnly") else REQUEST) | (
        0 if flag_of(document, prop, "writeOnly") else RESPONSE
    )


def prose(each: Effective) -> str | None:
    """Return the description of a schema."""
    return next(
        (
            part.raw["description"]
            for part in each.parts
            if isinstance(part.raw.get("description"), str)
        ),
        None,
    )


def shape(each: Effective) -> Any:
    """Return a contract at a glance: enough to recognise it, not to compare it."""
    return (
        each.types,
        each.nullable,
        frozenset(each.formats),
        None if each.values is None else frozenset(each.values),
        frozenset((name, prop.required) for name, prop in each.properties.items()),
        tuple(sorted(len(choice.variants) for choice in each.choices)),
    )


def tag_values(document: Document, each: Effective, tag: str | None) -> Any:
    """Return the values that the discriminator's property can have."""
    prop = each.properties.get(tag) if tag else None
    if prop is None or prop.node is ANY:
        return None
    values = document.effective(prop.node).values
    return tuple(sorted(values)) if values else None


def variant_name(each: Effective) -> str:
    """Return an alternative in words."""
    anchor = next((part.anchor for part in reversed(each.parts) if part.anchor is not None), None)
    return name_of(anchor) if anchor else say_atoms(atoms(each))


def inner_words(pointer: str, owner: Part | None) -> str:
    """Name a property inside a definition, when a change is reported where that is used."""
    steps = pointer[len(owner.pointer) :].split("/properties/") if owner is not None else []
    names = [step.split("/")[0] for step in steps[1:]]
    return f"({'.'.join(names)}) " if names else ""


def includes(wide: tuple[Document, Effective], narrow: tuple[Document, Effective]) -> bool:
    """Whether whatever one contract allows is evidently allowed by the other.

    Args:
        wide: The contract that allows more, with its document.
        narrow: The contract that allows less, with its document.
    """
    (wide_document, more), (narrow_document, less) = wide, narrow

    def same(one: Node | None, two: Node | None) -> bool:
        return wide_document.digests.of(one) == narrow_document.digests.of(two)

    if more.choices or more.conditions or more.facts or not covers(atoms(more), atoms(less)):
        return False
    if more.values is not None and (
        less.values is None or not less.values.keys() <= more.values.keys()
    ):
        return False
    for keyword, bound in more.bounds.items():
        other = less.bounds.get(keyword)
        if other is None or (
            other.value != bound.value
            if isinstance(bound.value, Fraction) or isinstance(other.value, Fraction)
            else other.value < bound.value
        ):
            return False
    if not more.regexes.keys() <= less.regexes.keys() or not more.needs.keys() <= less.needs.keys():
        return False
    if more.additional is None and (
        less.additional is not None or not less.properties.keys() <= more.properties.keys()
    ):
        return False
    if more.additional not in (None, ANY) and not same(more.additional, less.additional):
        return False
    if more.items is not None and more.items is not ANY and not same(more.items, less.items):
        return False
    return not more.prefix and all(
        name in less.properties
        and (less.properties[name].required or not prop.required)
        and same(prop.node, less.properties[name].node)
        for name, prop in more.properties.items()
    )


def fact_set(document: Document, node: Node) -> frozenset[str]:
    """Return what a contract says, piece by piece: how alike two are is how many they share."""
    each = document.effective(node)
    said = {f"type {name}" for name in each.types or ()}
    said |= {f"value {key}" for key in each.values or ()}
    said |= {f"format {name}" for name in each.formats}
    said |= {f"regex {name}" for name in each.regexes}
    said |= {f"bound {name} {bound.value}" for name, bound in each.bounds.items()}
    for name, prop in each.properties.items():
        said |= {f"property {name}", f"property {name} {prop.required}"}
        said.add(f"property {name} {document.digests.of(prop.node)}")
    said |= {f"item {index} {document.digests.of(sub)}" for index, sub in enumerate(each.prefix)}
    said.add(f"items {document.digests.of(each.items)}")
    said |= {f"default {value_key(value)}" for value, _, _ in each.defaults.values()}
    return frozenset(said)
