"""One pair of schemas under comparison.

Where its differences are said to be, and the pairs inside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fingerprint_async.drift.contract._questions import inner_words
from fingerprint_async.drift.contract.changes import REQUEST, RESPONSE, Delta, Kind, Pair
from fingerprint_async.drift.contract.model import ANY, Effective, Node, Part, strip_prose

if TYPE_CHECKING:
    from fingerprint_async.drift.contract._walk import Walk

__all__ = ["PairReport"]


class PairReport:
    """Takes the differences of one pair of schemas.

    Args:
        walk: The comparison of the documents.
        pair: The pair.
    """

    def __init__(self, walk: Walk, pair: Pair) -> None:
        self.walk, self.pair = walk, pair
        self.old_document, self.new_document = walk.old, walk.new
        self.old = walk.old.effective(pair.old)
        self.new = walk.new.effective(pair.new)

    def site(
        self,
        owner: Part | None,
        *,
        is_old: bool = False,
        keywords: tuple[str, ...] = (),
    ) -> str | None:
        """Return where to report instead of the definition; None when that itself differs.

        Args:
            owner: What states the fact.
            is_old: Whether it is the old document's.
            keywords: What states the fact in it. A definition that says the same in both documents
                did not change.
        """
        here, there = (self.pair.old, self.new) if is_old else (self.pair.new, self.old)
        anchor = owner.anchor if owner is not None else None
        if anchor is None:
            return self.pair.site
        renamed = self.walk.renamed
        if is_old:
            matches = renamed.get(anchor, anchor) in there.anchors
        else:
            matches = anchor in there.anchors or self.walk.old_name(anchor) in there.anchors
        same = self._same_in(owner, there, keywords)
        return self.pair.site or here.site if not matches or same else None

    @property
    def fallback(self) -> str:
        """Where to report what no part states."""
        return self.pair.site or self.pair.new.site or self.pair.old.site

    @staticmethod
    def _same_in(owner: Part | None, there: Effective, keywords: tuple[str, ...]) -> bool:
        if owner is None or not keywords:
            return False
        other = next((part for part in there.parts if part.pointer == owner.pointer), None)
        return other is not None and all(
            strip_prose(owner.raw.get(word)) == strip_prose(other.raw.get(word))
            for word in keywords
        )

    def add(
        self,
        stem: str,
        kind: Kind,
        said: str,
        *,
        owner: Part | None,
        pointer: str,
        old_pointer: str | None = None,
        keywords: tuple[str, ...] = (),
        **more: Any,
    ) -> None:
        """Take a difference.

        Args:
            stem: What kind of difference it is.
            kind: added, removed or changed.
            said: What happened, in words.
            owner: What states it.
            pointer: Where it stands.
            old_pointer: Where it stood.
            keywords: What states it in the owner.
            **more: Other fields of the difference.
        """
        site = self.site(owner, is_old=kind == "removed", keywords=keywords)
        location = site if site is not None else pointer
        inside = inner_words(pointer, owner) if site is not None and site != pointer else ""
        delta = Delta(
            stem,
            kind,
            location,
            f"{inside}{said}",
            old_location=old_pointer,
            definition=pointer,
            **more,
        )
        self.pair.deltas.append(delta)

    def changed(
        self,
        stem: str,
        said: str,
        was: Part | None,
        now: Part | None,
        step: str = "",
        **more: Any,
    ) -> None:
        """Take a difference of one keyword, at what states it or no longer does.

        Args:
            stem: What kind of difference it is.
            said: What happened, in words.
            was: What stated it; None when nothing did.
            now: What states it; None when nothing does.
            step: The keyword, where it stands below what states it.
            **more: Other fields of the difference.
        """
        holder = now or self.holder(was)
        pointer = holder.pointer if holder is not None else self.fallback
        if now is not None and step:
            pointer = f"{now.pointer}/{step}"
        old_pointer = self.place_in_old(holder)
        if was is not None:
            old_pointer = f"{was.pointer}/{step}" if step else was.pointer
        self.add(
            stem, "changed", said, owner=holder, pointer=pointer, old_pointer=old_pointer, **more
        )

    def holder(self, was: Part | None) -> Part | None:
        """Return the part of the new schema that no longer says what a part of the old one said."""
        if not self.new.parts:
            return None
        anchor = was.anchor if was is not None else None
        anchor = self.walk.renamed.get(anchor, anchor) if anchor else None
        plain = [part for part in self.new.parts if "$ref" not in part.raw] or list(self.new.parts)
        return next((part for part in plain if part.anchor == anchor), plain[0])

    def place_in_old(self, now: Part | None) -> str:
        """Return the place in the old document that did not say yet what a new part says."""
        anchor = now.anchor if now is not None else None
        plain = [part for part in self.old.parts if "$ref" not in part.raw] or list(self.old.parts)
        renamed = self.walk.renamed
        for part in plain:
            if (renamed.get(part.anchor, part.anchor) if part.anchor else None) == anchor:
                return part.pointer
        return plain[0].pointer if plain else self.pair.old.site

    def inner(
        self, old: Node, new: Node, site: str | None, *, gate: int = REQUEST | RESPONSE
    ) -> None:
        """Compare a pair of schemas inside this one.

        Args:
            old: The schema as it was.
            new: The schema as it is.
            site: Where to report instead of the definition.
            gate: The directions in which it travels.
        """
        if old is ANY and new is ANY:
            return
        if new is ANY and site is None:
            site = old.site
        self.pair.inner.append((self.walk.pair(old, new, site), gate))

    def inner_of(self, owner: Part | None, old: Node, new: Node) -> None:
        """Compare a pair of schemas inside what a part of the new schema states."""
        self.inner(old, new, self.site(owner))
