"""A difference between two documents: as it is found, and as it is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs

if TYPE_CHECKING:
    from fingerprint_async.drift.contract.model import Node
    from fingerprint_async.drift.contract.rules import ChangeClass

__all__ = [
    "REPORTED",
    "REQUEST",
    "RESPONSE",
    "WORST",
    "Change",
    "Delta",
    "Direction",
    "Kind",
    "Pair",
    "RuleHit",
]

Kind: TypeAlias = Literal["added", "removed", "changed"]
Direction: TypeAlias = Literal["request", "response", "both", "none"]

# What reaches a difference, as bits; those above say which operations do.
REQUEST, RESPONSE = 1, 2
REPORTED = 4  # reached from a place that is compared for its own sake
WORST: dict[ChangeClass, int] = {"breaking": 2, "non-breaking": 1, "docs-only": 0}


@attrs.frozen(kw_only=True)
class RuleHit:
    """A rule that a change falls under, for one direction."""

    direction: Direction
    rule: str
    cls: ChangeClass


@attrs.frozen(kw_only=True)
class Change:
    """One difference of meaning between two documents.

    Attributes:
        location: JSON pointer of the definition, in the document named by `document`.
        document: `new` for what was added or changed, `old` for what was removed.
        kind: added, removed or changed.
        cls: What it means for a client, the worse of both directions.
        direction: request (we send it), response (we receive it, webhooks included), both, or none.
        rule: The id of the rule that decided the class.
        rules: Every rule that applies, one per direction.
        operations: The operations and webhooks that are affected.
        subject: What changed, in plain words.
        summary: One sentence.
        before: The old value as JSON, where one value says it.
        after: The new value as JSON, where one value says it.
        old_location: JSON pointer in the old document, where the thing stands there.
        schemas: Named schemas that appear or disappear with it.
        stem: What kind of difference it is, before direction.
        name: The name of the property, parameter, value or status that it is about.
        place: The pointer of what it is about, also where that no longer stands; `location` is
            around it then.
    """

    location: str
    document: Literal["old", "new"]
    kind: Kind
    cls: ChangeClass
    direction: Direction
    rule: str
    rules: tuple[RuleHit, ...]
    operations: tuple[str, ...]
    subject: str
    summary: str
    before: Any = None
    after: Any = None
    old_location: str | None = None
    schemas: tuple[str, ...] = ()
    stem: str = ""
    name: str | None = None
    place: str = ""


@attrs.define(eq=False)
class Delta:
    """A difference before it is known who sends and receives it."""

    stem: str
    kind: Kind
    location: str
    said: str
    old_location: str | None = None
    before: Any = None
    after: Any = None
    name: str | None = None
    subject: str | None = None
    # The only directions that it concerns (a read-only property is never sent).
    gate: int = REQUEST | RESPONSE
    mask: int = 0
    schemas: list[str] = attrs.field(factory=list[str])
    # What was added or removed stands here, when it is reported where it is used.
    definition: str | None = None

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes two of them one."""
        return self.stem, self.kind, self.location, self.name, self.said

    @property
    def document(self) -> Literal["old", "new"]:
        """The document that has the place."""
        return "old" if self.kind == "removed" else "new"


@attrs.define(eq=False)
class Pair:
    """Two schemas that stand for each other, what differs in them, and the pairs inside."""

    old: Node
    new: Node
    site: str | None
    deltas: list[Delta] = attrs.field(factory=list["Delta"])
    # Each with the directions in which it travels inside this one.
    inner: list[tuple[Pair, int]] = attrs.field(factory=list["tuple[Pair, int]"])
    mask: int = 0
