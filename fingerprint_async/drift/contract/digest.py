"""A digest of a schema's contract: equal for schemas that mean the same, however they are written.

It decides which alternatives of a choice stand for each other, and whether two conditions are the
same. Schemas that
differ only below `MAX_DEPTH` levels have the same digest.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fingerprint_async.drift.contract.document import Document
    from fingerprint_async.drift.contract.model import Effective, Node

__all__ = ["MAX_DEPTH", "Digests"]

MAX_DEPTH = 24


class Digests:
    """The digests of the schemas of a document, each made once.

    Args:
        document: The document.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._known: dict[Any, str] = {}
        # Heights as far as they were measured, and how far that was.
        self._heights: dict[Any, int] = {}
        self._limits: dict[Any, int] = {}

    def of(self, node: Node | None) -> str:
        """Return the digest of a schema."""
        return self._of(node, MAX_DEPTH)

    def _of(self, node: Node | None, depth: int) -> str:
        """A digest: exact for what ends within `MAX_DEPTH` levels, else of so many levels."""
        if node is None:
            return "none"
        if not node.parts and not node.listed:
            return "any"
        key: Any = node.key
        if self._height(node, MAX_DEPTH) > MAX_DEPTH:
            if depth == 0:
                return "…"
            key = (key, depth)
        found = self._known.get(key)
        if found is None:
            each = self._document.effective(node)
            said = sorted((label, self._of(inner, depth - 1)) for label, inner in _inner(each))
            text = repr((_own(each), said)).encode("utf-8", "backslashreplace")
            found = self._known[key] = hashlib.blake2b(text, digest_size=16).hexdigest()
        return found

    def _height(self, node: Node | None, limit: int) -> int:
        """How many levels are below a schema; one more than the limit when there are more."""
        if node is None or not (node.parts or node.listed):
            return 0
        key = node.key
        height, measured = self._heights.get(key), self._limits.get(key, -1)
        if height is not None and (height <= measured or measured >= limit):
            return min(height, limit + 1)
        if limit == 0:
            return 1
        height = 0
        for _, inner in _inner(self._document.effective(node)):
            height = max(height, 1 + self._height(inner, limit - 1))
            if height > limit:
                break
        self._heights[key], self._limits[key] = height, limit
        return height


def _own(each: Effective) -> tuple[Any, ...]:
    """What a contract says itself, in one order."""
    return (
        sorted(each.types) if each.types is not None else None,
        each.nullable,
        sorted(each.formats),
        sorted(each.values) if each.values is not None else None,
        sorted(name for name, prop in each.properties.items() if prop.required),
        each.additional is None,
        sorted((keyword, bound.value) for keyword, bound in each.bounds.items()),
        sorted(each.regexes),
        sorted(each.defaults),
        sorted(each.flags),
        sorted(each.needs),
        sorted((keyword, sorted(values)) for keyword, values in each.facts.items()),
        sorted((condition.keyword, condition.note) for condition in each.conditions),
        sorted(
            (
                str(choice.discriminator),
                sorted(key for each in choice.variants for key in each.keys),
            )
            for choice in each.choices
        ),
    )


def _inner(each: Effective) -> Iterator[tuple[str, Node | None]]:
    """The schemas inside a contract."""
    yield from ((f"property {name}", prop.node) for name, prop in each.properties.items())
    yield from ((f"pattern {name}", node) for name, node in each.patterns.items())
    yield "additional", each.additional
    yield "items", each.items
    yield from ((f"item {index}", node) for index, node in enumerate(each.prefix))
    for condition in each.conditions:
        for label, node in condition.nodes.items():
            yield f"{condition.keyword} {condition.note} {label}", node
    for choice in each.choices:
        for variant in choice.variants:
            if choice.open:
                # Children hold their parent: their names say enough.
                continue
            yield f"variant {choice.discriminator or ''} {sorted(variant.keys)}", variant.node
