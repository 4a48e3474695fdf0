"""A digest of a schema's contract: equal for schemas that mean the same, however they are written.

It decides which alternatives of a choice stand for each other, and whether two conditions are the same. Schemas that
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
        self._whole: dict[Any, str] = {}
        self._cut: dict[Any, str] = {}

    def of(self, node: Node | None) -> str:
        """Return the digest of a schema."""
        return self._of(node, MAX_DEPTH)[0]

    def _of(self, node: Node | None, depth: int) -> tuple[str, bool]:
        """Return a digest, and whether it covers all that is below."""
        if node is None:
            return "none", True
        if not node.parts and not node.listed:
            return "any", True
        key = node.key
        if key in self._whole:
            return self._whole[key], True
        if (key, depth) in self._cut:
            return self._cut[key, depth], False
        if depth == 0:
            return "…", False
        whole = True
        said: list[tuple[str, str]] = []
        each = self._document.effective(node)
        for label, inner in _inner(each):
            digest, complete = self._of(inner, depth - 1)
            whole = whole and complete
            said.append((label, digest))
        text = repr((_own(each), sorted(said)))
        digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()
        if whole:
            self._whole[key] = digest
        else:
            self._cut[key, depth] = digest
        return digest, whole


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
            (str(choice.discriminator), sorted(key for each in choice.variants for key in each.keys))
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
