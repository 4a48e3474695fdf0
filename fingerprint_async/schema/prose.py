"""Changes of wording: what two documents say differently and mean alike. Listed on request; they never fail a check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fingerprint_async.schema._pointer import escape
from fingerprint_async.schema.changes import Change, RuleHit
from fingerprint_async.schema.resolve import PROSE, Document, value_key
from fingerprint_async.schema.words import describe

__all__ = ["prose_changes"]

# Objects whose keys are names of the document's choosing.
_NAMED = frozenset(
    {
        "properties",
        "patternProperties",
        "schemas",
        "responses",
        "parameters",
        "headers",
        "requestBodies",
        "paths",
    }
    | {
        "webhooks",
        "callbacks",
        "content",
        "securitySchemes",
        "examples",
        "links",
        "pathItems",
        "variables",
        "$defs",
        "mapping",
    }
)
_DOCUMENT = frozenset({"tags", "info", "openapi", "jsonSchemaDialect"})
_MEANT = frozenset({"x-deprecated-response"})
_DATA = frozenset({"default", "enum", "const", "mapping", "required", "security"})


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
    waiting: list[tuple[Any, str, str, bool]] = [(document.raw, "", "", False)]
    while waiting:
        value, pointer, key, named = waiting.pop()
        if isinstance(value, Mapping):
            for name, sub in value.items():
                at, unique = f"{pointer}/{escape(name)}", f"{key}/{escape(name)}"
                top = not pointer and name in _DOCUMENT
                said = (
                    name in PROSE
                    or (name.startswith("x-") and name not in _MEANT)
                    or name == "tags"
                )
                if top or (said and not named):
                    yield unique, (at, sub)
                elif named or name not in _DATA:
                    waiting.append(
                        (sub, at, unique, not named and name in _NAMED and isinstance(sub, Mapping))
                    )
        elif isinstance(value, list):
            for index, sub in enumerate(value):
                waiting.append((sub, f"{pointer}/{index}", f"{key}/{_item_key(sub, index)}", False))


def _item_key(item: Any, index: int) -> str:
    """What an item of a list is known by: a reference, a place and name, an address; else where it stands."""
    if isinstance(item, Mapping):
        for names in (("$ref",), ("in", "name"), ("url",)):
            if all(isinstance(item.get(name), str) for name in names):
                return escape(":".join(item[name] for name in names))
    return str(index)
