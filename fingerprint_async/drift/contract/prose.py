# JSON of any shape is read here.
# pyright: reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
"""Changes of wording.

What two documents say differently and mean alike. Listed on request; they never fail a check.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from fingerprint_async.drift.contract.changes import Change, RuleHit
from fingerprint_async.drift.contract.keywords import Place, children
from fingerprint_async.drift.contract.model import value_key
from fingerprint_async.drift.contract.pointer import escape
from fingerprint_async.drift.contract.words import describe

if TYPE_CHECKING:
    from fingerprint_async.drift.contract.document import Document

__all__ = ["prose_changes"]


def prose_changes(old: Document, new: Document) -> list[Change]:
    """What differs only in wording: descriptions, examples, titles, tags, info, extensions.

    Args:
        old: The document that the client was made from.
        new: The document to compare with it.
    """
    before, after = dict(_facts(old)), dict(_facts(new))
    changes = []
    for key in before.keys() & after.keys():
        (was_at, was), (now_at, now) = before[key], after[key]
        if value_key(was) != value_key(now):
            changes.append(_change(new, "changed", now_at, was_at))
    changes += [_change(new, "added", after[key][0], None) for key in after.keys() - before.keys()]
    changes += [
        _change(old, "removed", before[key][0], before[key][0])
        for key in before.keys() - after.keys()
    ]
    return sorted(changes, key=lambda change: (change.location, change.kind))


def _change(document: Document, kind: Any, pointer: str, old_pointer: str | None) -> Change:
    holder, _, keyword = pointer.rpartition("/")
    subject = describe(document, holder)
    return Change(
        location=pointer,
        document="old" if kind == "removed" else "new",
        kind=kind,
        cls="docs-only",
        direction="none",
        rule="DOCS",
        rules=(RuleHit(direction="none", rule="DOCS", cls="docs-only"),),
        operations=(),
        subject=subject,
        summary=f"{subject}: its {keyword} {'changed' if kind == 'changed' else f'was {kind}'}",
        old_location=old_pointer,
        stem="DOCS",
        name=keyword,
    )


def _facts(document: Document) -> Iterator[tuple[str, tuple[str, Any]]]:
    """Every piece of prose by a key that survives reordering: its pointer and its text."""
    waiting: list[tuple[Any, Place, str, str]] = [(document.raw, "document", "", "")]
    while waiting:
        value, place, pointer, key = waiting.pop()
        for row, held, at, inner in children(value, place, pointer):
            unique = f"{key}/{escape(row.name)}"
            if not row.meant or (row.waived and not inner):
                yield unique, (at, held)
            elif row.holds == "objects":
                for index, (where, each, kind) in enumerate(inner):
                    waiting.append((each, kind, where, f"{unique}/{_item_key(each, index)}"))
            else:
                for where, each, kind in inner:
                    step = where[len(at) :]
                    waiting.append((each, kind, where, f"{unique}{step}"))


def _item_key(item: Any, index: int) -> str:
    """What an item of a list is known by.

    A reference, a place and name, an address; else where it stands.
    """
    if isinstance(item, Mapping):
        for names in (("$ref",), ("in", "name"), ("url",)):
            if all(isinstance(item.get(name), str) for name in names):
                return escape(":".join(item[name] for name in names))
    return str(index)
