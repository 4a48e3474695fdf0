# JSON of any shape is read here.
# pyright: reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
"""The values of a comparison.

Places that speak about a schema, and the contract that they make together.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from fingerprint_async.drift.contract.keywords import keyword

if TYPE_CHECKING:
    from fractions import Fraction

__all__ = [
    "ANY",
    "INVALID",
    "SCHEMAS",
    "Bound",
    "Choice",
    "Condition",
    "Effective",
    "Node",
    "Part",
    "Property",
    "Stated",
    "Variant",
    "kind_of",
    "says",
    "strip_prose",
    "value_key",
]

SCHEMAS = "/components/schemas/"
INVALID = "\0invalid"
"""Stands in for a schema that is none."""


def value_key(value: Any) -> str:
    """Write a JSON value as a key: 1 and 1.0 are one number, 1 and true are not."""
    return json.dumps(_plain(value), sort_keys=True, default=str)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value


def strip_prose(value: Any) -> Any:
    """Return a schema, or a part of one, without prose and extensions."""
    if isinstance(value, Mapping):
        kept: dict[str, Any] = {}
        for name, held in value.items():
            row = keyword("schema", name)
            if not row.meant:
                continue
            named = row.holds == "named" and isinstance(held, Mapping)
            kept[name] = (
                {key: strip_prose(each) for key, each in held.items()}
                if named
                else strip_prose(held)
            )
        return kept
    return [strip_prose(each) for each in value] if isinstance(value, list) else value


def says(raw: Mapping[str, Any]) -> set[str]:
    """Return the keywords of a schema that mean something."""
    return {name for name in raw if keyword("schema", name).meant}


@attrs.frozen(eq=False)
class Part:
    """One place of a document that says something about a schema.

    Attributes:
        pointer: The place, as a JSON pointer.
        raw: What stands there.
        anchor: The pointer of the definition that a `$ref` led to on the way here; None for what
            stands at the site.
        consumed: Pointers of the choices that are already told apart.
    """

    pointer: str
    raw: Mapping[str, Any]
    anchor: str | None = None
    consumed: frozenset[str] = frozenset()

    @property
    def key(self) -> tuple[str, frozenset[str]]:
        """What makes two parts of one document the same."""
        return self.pointer, self.consumed


@attrs.frozen(eq=False)
class Node:
    """A schema at one place of a document: the parts that hold there together.

    Attributes:
        site: The place.
        parts: What holds there.
        listed: Schemas of constants that are one list of values together.
        weight: How many alternatives were told apart on the way here.
    """

    site: str
    parts: tuple[Part, ...]
    listed: tuple[Node, ...] = ()
    weight: int = 1

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes two nodes of one document the same."""
        own = tuple(part.key for part in self.parts)
        return (own, tuple(each.key for each in self.listed)) if self.listed else own


# Any value at all: what an absent schema, `{}` and `true` mean.
ANY = Node("", ())


@attrs.frozen(eq=False)
class Property:
    """A property of an object.

    Attributes:
        name: Its name.
        node: Its schema.
        required: Whether it is always there.
        owner: What states it.
        pointer: Where it stands; in `required`, when nothing else defines it.
    """

    name: str
    node: Node
    required: bool
    owner: Part
    pointer: str


@attrs.frozen(eq=False)
class Bound:
    """One limit on a value.

    Attributes:
        keyword: What it limits; a `maximum` is kept negated, so that more is always tighter.
        value: The limit, and whether it is exclusive; a fraction for `multipleOf`.
        owner: What states it.
        written: The keyword as it stands there: `exclusiveMinimum` also sets a minimum.
    """

    keyword: str
    value: tuple[float, bool] | Fraction
    owner: Part
    written: str

    @property
    def pointer(self) -> str:
        """Where the limit stands."""
        return f"{self.owner.pointer}/{self.written}"


Stated: TypeAlias = dict[str, tuple[Any, str, Part]]
"""Values by `value_key`: the value, its place, and what states it."""


@attrs.frozen(eq=False)
class Variant:
    """One alternative of a choice.

    Attributes:
        node: Its schema, joined with what holds for all of them.
        name: The named schema that it is; empty for one without a name.
        keys: The discriminator's values that mean it.
    """

    node: Node
    name: str = ""
    keys: tuple[str, ...] = ()


@attrs.frozen(eq=False)
class Choice:
    """A choice between schemas.

    Attributes:
        owner: What states it.
        pointer: Where it stands.
        variants: The alternatives.
        discriminator: The property that tells them apart.
        meanings: The named schema that each of its values means.
        open: Whether what states it is an alternative too: a parent with discriminated children.
    """

    owner: Part
    pointer: str
    variants: tuple[Variant, ...]
    discriminator: str | None = None
    meanings: Mapping[str, str] = attrs.field(factory=dict)
    open: bool = attrs.field(default=False, kw_only=True)


@attrs.frozen(eq=False)
class Condition:
    """A keyword that holds schemas and is in force beside others of its kind.

    Attributes:
        keyword: `not`, `if`, `contains`, …
        owner: What states it.
        nodes: Its schemas, by keyword.
        note: What else it says: the counts of `contains`, the name of a dependent schema.
    """

    keyword: str
    owner: Part
    nodes: Mapping[str, Node]
    note: str = ""

    @property
    def pointer(self) -> str:
        """Where it stands."""
        return f"{self.owner.pointer}/{self.keyword}"


@attrs.define(eq=False)
class Effective:
    """The contract of a node, with the place that states each fact.

    Attributes:
        anchors: The definitions that speak here.
        parts: All that speaks here.
        types: JSON types without null; None means any.
        types_owner: What states them.
        nullable: Whether null is allowed.
        formats: The formats in force.
        values: The allowed values; None means that they are not listed.
        properties: The properties by name.
        additional: What properties that are not listed may hold; None: there may be none.
        additional_owner: What states that.
        patterns: Schemas of properties by pattern.
        items: The schema of items, beyond those of `prefix`.
        prefix: The schemas of the first items.
        bounds: Limits by keyword.
        regexes: The patterns in force.
        choices: The choices in force, the alternatives of each joined with what is beside them.
        defaults: The defaults that are stated.
        flags: `deprecated`, `readOnly`, `writeOnly`.
        conditions: Conditions in force.
        needs: Properties that others need, by `dependentRequired`.
        facts: Other keywords whose value is compared as a whole.
    """

    anchors: frozenset[str]
    parts: tuple[Part, ...]
    types: frozenset[str] | None = None
    types_owner: Part | None = None
    nullable: bool = True
    formats: dict[str, Part] = attrs.field(factory=dict)
    values: Stated | None = None
    properties: dict[str, Property] = attrs.field(factory=dict)
    additional: Node | None = ANY
    additional_owner: Part | None = None
    patterns: dict[str, Node] = attrs.field(factory=dict)
    items: Node | None = None
    prefix: tuple[Node, ...] = ()
    bounds: dict[str, Bound] = attrs.field(factory=dict)
    regexes: dict[str, Part] = attrs.field(factory=dict)
    choices: tuple[Choice, ...] = ()
    defaults: Stated = attrs.field(factory=dict)
    flags: dict[str, Part] = attrs.field(factory=dict)
    conditions: list[Condition] = attrs.field(factory=list)
    needs: dict[tuple[str, str], Part] = attrs.field(factory=dict)
    facts: dict[str, Stated] = attrs.field(factory=dict)

    @property
    def scalar(self) -> bool:
        """Whether this is neither an object nor an array nor a choice."""
        return not self.choices and self.types is not None and not self.types & {"object", "array"}

    @property
    def anything(self) -> bool:
        """Whether this allows any value."""
        return (
            self.types is None
            and self.nullable
            and self.values is None
            and not (self.choices or self.bounds or self.regexes or self.conditions or self.facts)
        )


def kind_of(value: Any) -> str:
    """Return the kind of a value in words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    names = {str: "a string", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return names.get(type(value), f"a {type(value).__name__}")
