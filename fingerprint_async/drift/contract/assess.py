"""From two documents to a report: the changes, the names they touch, and what was decided about them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal, TypeAlias

import attrs

from fingerprint_async.drift.contract.pointer import escape
from fingerprint_async.drift.contract.changes import WORST, Change
from fingerprint_async.drift.contract.config import Config, Decision
from fingerprint_async.drift.contract.compare import diff
from fingerprint_async.drift.contract.prose import prose_changes
from fingerprint_async.drift.contract.model import SCHEMAS
from fingerprint_async.drift.symbols import Symbols

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fingerprint_async.drift.contract.document import Document
    from fingerprint_async.drift.contract.rules import ChangeClass

__all__ = ["Entry", "FailOn", "Report", "Side", "Use", "assess"]

FailOn: TypeAlias = Literal["breaking", "non-breaking", "any", "never"]


@attrs.frozen(kw_only=True)
class Use:
    """A place in someone's code that uses a name."""

    path: str
    line: int


@attrs.frozen(kw_only=True)
class Side:
    """One of the two documents: what was read."""

    source: str
    document: Document
    content: bytes = attrs.field(default=b"", repr=False)

    @property
    def version(self) -> str:
        """The version that the document says it has."""
        info = self.document.raw.get("info")
        return str(info.get("version", "")) if isinstance(info, dict) else ""


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


@attrs.frozen(kw_only=True)
class Report:
    """What differs between two documents, and what that means.

    Attributes:
        entries: The changes, breaking first.
        ignored: Changes that the configuration accepts, with the decision.
        stale: Decisions that no change needs any more.
        used_by: The code that was read for uses; None when none was.
    """

    old: Side
    new: Side
    entries: tuple[Entry, ...]
    ignored: tuple[Entry, ...] = ()
    stale: tuple[Decision, ...] = ()
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
        """Whether a check should fail. Changes of prose never fail one."""
        if fail_on == "never":
            return False
        return bool(self.counts["breaking"]) if fail_on == "breaking" else self.drift


def assess(
    old: Side,
    new: Side,
    *,
    config: Config | None = None,
    docs: bool = False,
    find_uses: Callable[[Sequence[tuple[str, ...]]], Sequence[tuple[Use, ...]]] | None = None,
    used_by: str | None = None,
) -> Report:
    """Compare two documents and say what the differences mean.

    Args:
        old: The document that the client was made from.
        new: The document to compare with it.
        config: What was decided about drift.
        docs: Also list what changed in wording only.
        find_uses: Finds where code uses the names of each change.
        used_by: The path of that code, for the report.

    Raises:
        DocumentError: One of the documents is broken.
    """
    config = config or Config()
    changes = diff(old.document, new.document, policy=config.policy, refactors=docs)
    if docs:
        changes += _apart(prose_changes(old.document, new.document), changes)
    symbols = Symbols(old.document, new.document)
    names = [symbols.of(change) if change.cls != "docs-only" else () for change in changes]
    uses: Sequence[tuple[Use, ...]] = find_uses(names) if find_uses else [()] * len(changes)
    entries: list[Entry] = []
    ignored: list[Entry] = []
    used: set[int] = set()
    for change, touched, places in zip(changes, names, uses, strict=True):
        entry = Entry(change=change, cls=change.cls, symbols=touched, used_at=places)
        ignore = _first(config.ignores, change)
        override = _first(config.overrides, change)
        if ignore is not None:
            used.add(id(ignore))
            ignored.append(attrs.evolve(entry, decision=ignore))
        elif override is not None and override.cls is not None:
            used.add(id(override))
            entries.append(attrs.evolve(entry, cls=override.cls, decision=override))
        else:
            entries.append(entry)
    entries.sort(key=lambda entry: -WORST[entry.cls])
    stale = tuple(each for each in (*config.overrides, *config.ignores) if id(each) not in used)
    return Report(
        old=old,
        new=new,
        entries=tuple(entries),
        ignored=tuple(ignored),
        stale=stale,
        config=config,
        used_by=used_by,
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


def _first(decisions: Sequence[Decision], change: Change) -> Decision | None:
    return next((each for each in decisions if each.fits(change)), None)
