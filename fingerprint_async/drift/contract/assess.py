"""From two documents to a report.

The changes, the names they touch, and what was decided about them.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import attrs

from fingerprint_async.drift.contract.changes import WORST, Change
from fingerprint_async.drift.contract.compare import diff
from fingerprint_async.drift.contract.config import Config, Decision
from fingerprint_async.drift.contract.errors import ConfigError
from fingerprint_async.drift.contract.model import SCHEMAS
from fingerprint_async.drift.contract.pointer import escape
from fingerprint_async.drift.contract.prose import prose_changes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fingerprint_async.drift.contract.document import Document
    from fingerprint_async.drift.contract.rules import ChangeClass

__all__ = [
    "Binding",
    "Entry",
    "FailOn",
    "Problem",
    "Report",
    "Side",
    "Tool",
    "Use",
    "assess",
]

FailOn: TypeAlias = Literal["breaking", "non-breaking", "any", "used", "used-breaking", "never"]
"""What makes a check fail.

`any` and `non-breaking`: any change of meaning; `breaking`: only those that break; `used` and
`used-breaking`: only those of them that the code which was read touches.
"""


@attrs.frozen(kw_only=True)
class Use:
    """A place in someone's code that uses a name."""

    path: str
    line: int


@attrs.frozen(kw_only=True)
class Side:
    """One of the two documents: what was read.

    Attributes:
        source: The path or address that it came from, for people.
        document: What it says.
        content: Its bytes; empty when there are none to point into.
        file: Its path below the working directory, or the name that it would have there.
    """

    source: str
    document: Document
    content: bytes = attrs.field(default=b"", repr=False)
    file: str = "openapi.json"

    @property
    def version(self) -> str:
        """The version that the document says it has."""
        info = self.document.raw.get("info")
        facts = cast("dict[str, Any]", info) if isinstance(info, dict) else {}
        return str(facts.get("version", ""))


@attrs.frozen(kw_only=True)
class Entry:
    """A change as reported.

    Attributes:
        change: What changed.
        cls: Its class, after overrides.
        symbols: Python names that it touches, the most telling first.
        used_at: Where the code that was read uses one of them.
        decision: The override or ignore that was applied.
    """

    change: Change
    cls: ChangeClass
    symbols: tuple[str, ...] = ()
    used_at: tuple[Use, ...] = ()
    decision: Decision | None = None

    @property
    def symbol(self) -> str | None:
        """The most telling Python name, None when the change touches no code."""
        return self.symbols[0] if self.symbols else None


@attrs.frozen
class Tool:
    """What made a report, for formats that name it."""

    name: str = "openapi-contract"
    version: str = "0"
    address: str = "https://spec.openapis.org/"


@attrs.frozen(kw_only=True)
class Problem:
    """Something in a document that could not be compared as it is meant."""

    source: str
    pointer: str
    message: str

    def __str__(self) -> str:
        return f"{self.source} at {self.pointer}: {self.message}"


@attrs.frozen(kw_only=True)
class Report:
    """What differs between two documents, and what that means.

    Attributes:
        entries: The changes, breaking first.
        ignored: Changes that the configuration accepts, with the decision.
        stale: Decisions that no change needs any more.
        expired: Decisions whose last day has gone: they decide nothing any more.
        problems: What could not be compared as it is meant.
        hidden: How many changes are left out because they are below the level that was asked for.
        used_by: The code that was read for uses; None when none was.
    """

    old: Side
    new: Side
    entries: tuple[Entry, ...]
    ignored: tuple[Entry, ...] = ()
    stale: tuple[Decision, ...] = ()
    expired: tuple[Decision, ...] = ()
    problems: tuple[Problem, ...] = ()
    hidden: int = 0
    tool: Tool = attrs.field(factory=Tool)
    config: Config = attrs.field(factory=Config)
    used_by: str | None = None

    @property
    def counts(self) -> dict[ChangeClass, int]:
        """How many changes there are of each class."""
        found = Counter(entry.cls for entry in self.entries)
        return {
            "breaking": found["breaking"],
            "non-breaking": found["non-breaking"],
            "docs-only": found["docs-only"],
        }

    @property
    def drift(self) -> bool:
        """Whether any meaning changed."""
        return any(entry.cls != "docs-only" for entry in self.entries)

    def fails(self, fail_on: FailOn) -> bool:
        """Whether a check should fail. Changes of prose never fail one.

        Args:
            fail_on: What makes it fail.

        Raises:
            ConfigError: It is about code that uses what changed, and none was read.
        """
        if fail_on.startswith("used") and self.used_by is None:
            raise ConfigError(f"fail on {fail_on!r} needs code to look at: give --used-by")
        meant = [entry for entry in self.entries if entry.cls != "docs-only"]
        if fail_on == "never":
            return False
        if fail_on.startswith("used"):
            meant = [entry for entry in meant if entry.used_at]
        if fail_on.endswith("breaking") and fail_on != "non-breaking":
            meant = [entry for entry in meant if entry.cls == "breaking"]
        return bool(meant)

    def above(self, level: ChangeClass) -> Report:
        """Return the report without what is less than a level.

        Args:
            level: The least class to keep.
        """
        kept = tuple(entry for entry in self.entries if WORST[entry.cls] >= WORST[level])
        return attrs.evolve(self, entries=kept, hidden=len(self.entries) - len(kept))


@attrs.frozen(kw_only=True)
class Binding:
    """What ties a report to code.

    Attributes:
        tool: What makes the report.
        symbols: Finds the names in code that a change touches.
        exported: Named schemas that code knows by name: that they go is reported, also where
            their contract stays.
        find_uses: Finds where code uses the names of each change.
        used_by: The path of that code, for the report.
    """

    tool: Tool = attrs.field(factory=Tool)
    symbols: Callable[[Change], tuple[str, ...]] | None = None
    exported: frozenset[str] = frozenset()
    find_uses: Callable[[Sequence[tuple[str, ...]]], Sequence[tuple[Use, ...]]] | None = None
    used_by: str | None = None


def assess(
    old: Side,
    new: Side,
    *,
    config: Config | None = None,
    docs: bool = False,
    binding: Binding | None = None,
    today: date | None = None,
) -> Report:
    """Compare two documents and say what the differences mean.

    Args:
        old: The document that the client was made from.
        new: The document to compare with it.
        config: What was decided about drift.
        docs: Also list what changed in wording only.
        binding: What ties the report to code.
        today: The day on which decisions expire; today when left out.

    Raises:
        DocumentError: One of the documents is broken.
    """
    config, binding = config or Config(), binding or Binding()
    changes = diff(
        old.document,
        new.document,
        policy=config.policy,
        refactors=docs,
        exported=binding.exported,
    )
    if docs:
        changes += _apart(prose_changes(old.document, new.document), changes)
    find = binding.symbols
    names = [find(each) if find and each.cls != "docs-only" else () for each in changes]
    uses = binding.find_uses(names) if binding.find_uses else [()] * len(changes)
    day = today or datetime.now(tz=UTC).date()
    in_force = [each for each in config.decisions if each.expires is None or each.expires >= day]
    entries: list[Entry] = []
    ignored: list[Entry] = []
    used: set[int] = set()
    for change, touched, places in zip(changes, names, uses, strict=True):
        entry = Entry(change=change, cls=change.cls, symbols=touched, used_at=tuple(places))
        decision = next((each for each in in_force if each.fits(change)), None)
        if decision is None:
            entries.append(entry)
            continue
        used.add(id(decision))
        if decision.cls is None:
            ignored.append(attrs.evolve(entry, decision=decision))
        else:
            entries.append(attrs.evolve(entry, cls=decision.cls, decision=decision))
    entries.sort(key=lambda entry: -WORST[entry.cls])
    return Report(
        old=old,
        new=new,
        entries=tuple(entries),
        ignored=tuple(ignored),
        stale=tuple(each for each in in_force if id(each) not in used),
        expired=tuple(each for each in config.decisions if each not in in_force),
        problems=tuple(
            Problem(source=side.source, pointer=pointer, message=message)
            for side in (old, new)
            for pointer, message in sorted(side.document.problems.items())
        ),
        tool=binding.tool,
        config=config,
        used_by=binding.used_by,
    )


def _apart(prose: list[Change], changes: list[Change]) -> list[Change]:
    """Wording that is not that of something which came or went whole."""
    whole = {(change.document, change.location) for change in changes if change.kind != "changed"}
    whole |= {
        (change.document, f"{SCHEMAS}{escape(name)}")
        for change in changes
        if change.kind != "changed"
        for name in change.schemas
    }

    def stands_alone(change: Change) -> bool:
        place = change.location
        while place:
            if (change.document, place) in whole:
                return False
            place = place.rpartition("/")[0]
        return True

    return [change for change in prose if stands_alone(change)]
