"""The comparison of parameters and headers: what is sent beside a body, and how it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from fingerprint_async.drift.contract._questions import atoms, covers, shape
from fingerprint_async.drift.contract.words import say_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fingerprint_async.drift.contract._walk import Walk
    from fingerprint_async.drift.contract.document import Document
    from fingerprint_async.drift.contract.endpoints import Endpoint
    from fingerprint_async.drift.contract.model import Node

__all__ = ["compare_deprecation", "compare_parameters", "schema_of"]

Stands: TypeAlias = "tuple[Mapping[str, Any], str]"
"""An object and its place."""
_Key: TypeAlias = tuple[str, str]
_DEPRECATED = ("deprecated", "x-deprecated-response")


def compare_deprecation(
    walk: Walk, old: Stands, new: Stands, *, stem: str, subject: str, mask: int
) -> None:
    """Compare whether something is deprecated.

    Args:
        walk: Takes what is found.
        old: The object as it was.
        new: The object as it is.
        stem: What kind of difference it is.
        subject: What it is, in words.
        mask: What reaches it.
    """
    before = any(walk.old.flag(old[0].get(key), f"{old[1]}/{key}") for key in _DEPRECATED)
    after = any(walk.new.flag(new[0].get(key), f"{new[1]}/{key}") for key in _DEPRECATED)
    if before != after:
        said = "is deprecated" if after else "is no longer deprecated"
        walk.add(
            stem, "changed", new[1], said,
            old_location=old[1], before=before, after=after, subject=subject, mask=mask,
        )  # fmt: skip


def compare_parameters(walk: Walk, old: Endpoint, new: Endpoint, mask: int) -> None:
    """Compare the parameters of an operation, or those that come with a webhook.

    Args:
        walk: Takes what is found.
        old: The operation as it was.
        new: The operation as it is.
        mask: What reaches them.
    """
    names = dict(zip(old.template_names, new.template_names, strict=False))
    was = {
        (place, names.get(name, name) if place == "path" else name): stands
        for (place, name), stands in old.parameters.items()
    }
    now = new.parameters
    lost = [key for key in was if key not in now]
    come = [key for key in now if key not in was]
    if not new.received:
        for key, other in list(_elsewhere(walk, was, now, lost, come)):
            lost.remove(key)
            come.remove(other)
            moved = key[0] != other[0]
            walk.add(
                "REQ-PARAM-MOVED" if moved else "REQ-PARAM-RENAMED", "changed", now[other][1],
                f"moved from {key[0]} to {other[0]}" if moved else f"was called {key[1]}",
                old_location=was[key][1], before=key[0] if moved else key[1],
                after=other[0] if moved else other[1], name=other[1],
                subject=_words(other, new), mask=mask,
            )  # fmt: skip
            _Comparison(walk, new, key, other, mask).run(was[key], now[other])
    for key in lost:
        walk.add(
            "RESP-HEADER-REMOVED" if new.received else "REQ-PARAM-REMOVED", "removed", was[key][1],
            "was removed", name=key[1], subject=_words(key, old), mask=mask,
        )  # fmt: skip
    for key in come:
        raw, at = now[key]
        word = "required" if _required(walk.new, key, now[key]) else "optional"
        what = say_schema(walk.new, schema_of(walk.new, raw, at)[0])
        rule = "RESP-HEADER-ADDED" if new.received else f"REQ-PARAM-ADDED-{word.upper()}"
        walk.add(
            rule, "added", at, f"was added ({word} {what})",
            name=key[1], subject=_words(key, new), mask=mask,
        )  # fmt: skip
    for key in was.keys() & now.keys():
        _Comparison(walk, new, key, key, mask).run(was[key], now[key])


def _elsewhere(
    walk: Walk,
    was: Mapping[_Key, Stands],
    now: Mapping[_Key, Stands],
    lost: list[_Key],
    come: list[_Key],
) -> Iterator[tuple[_Key, _Key]]:
    """Parameters that moved or have another name: the only two of a name, or of the same words."""
    old: dict[Any, list[_Key]] = {}
    new: dict[Any, list[_Key]] = {}
    for document, keys, known, groups in (
        (walk.old, lost, was, old),
        (walk.new, come, now, new),
    ):
        for key in keys:
            groups.setdefault(("name", key[1]), []).append(key)
            raw, at = known[key]
            if isinstance(raw.get("description"), str):
                contract = document.effective(schema_of(document, raw, at)[0])
                words = (key[0], raw["description"], bool(raw.get("required")), shape(contract))
                groups.setdefault(("words", words), []).append(key)
    paired: set[tuple[str, _Key]] = set()
    for evidence in sorted(old.keys() & new.keys(), key=repr):
        if len(old[evidence]) == len(new[evidence]) == 1:
            one, other = old[evidence][0], new[evidence][0]
            if ("old", one) not in paired and ("new", other) not in paired:
                paired |= {("old", one), ("new", other)}
                yield one, other


@attrs.frozen(eq=False)
class _Comparison:
    """The comparison of one parameter with the one that stands for it."""

    walk: Walk
    endpoint: Endpoint
    old_key: _Key
    key: _Key
    mask: int

    def run(self, old: Stands, new: Stands) -> None:
        (before, was_at), (after, now_at) = old, new
        walk, subject = self.walk, _words(self.key, self.endpoint)
        was = _required(walk.old, self.old_key, old)
        now = _required(walk.new, self.key, new)
        if was != now and self.old_key[0] == self.key[0]:
            stem = "RESP-HEADER" if self.endpoint.received else "REQ-PARAM"
            word = "REQUIRED" if now else "OPTIONAL"
            self._add(f"{stem}-BECAME-{word}", old, new, f"became {word.lower()}", (was, now))
        compare_deprecation(
            walk, old, new, stem="PARAM-DEPRECATED", subject=subject, mask=self.mask
        )
        node, media = schema_of(walk.old, before, was_at)
        other, other_media = schema_of(walk.new, after, now_at)
        if media is None and other_media is None:
            other = self._plain(old, new, node, other)
        elif media != other_media:
            one, two = media or "plain", other_media or "plain"
            said = f"is written otherwise ({one} before, {two} now)"
            self._add("REQ-PARAM-SERIALIZATION", old, new, said, (media, other_media))
        walk.root(node, other, self.mask)

    def _plain(self, old: Stands, new: Stands, node: Node, other: Node) -> Node:
        """Compare how values are written; return the schema to compare with that of the old one."""
        walk = self.walk
        one, two = walk.old.effective(node), walk.new.effective(other)
        style, new_style = _style(old[0], self.old_key[0]), _style(new[0], self.key[0])
        differs = style != new_style and self.old_key[0] == self.key[0]
        if differs and (not (one.scalar or two.scalar) or style[2] != new_style[2]):
            before, after = _say_style(style), _say_style(new_style)
            said = f"is written otherwise ({before} before, {after} now)"
            self._add("REQ-PARAM-SERIALIZATION", old, new, said, (before, after))
        several = (
            not self.endpoint.received
            and one.scalar
            and two.types == frozenset({"array"})
            and not two.choices
            and new_style[:2] == ("form", True)
            and two.items is not None
            and covers(atoms(walk.new.effective(two.items)), atoms(one))
        )
        if several and two.items is not None:
            before, after = say_schema(walk.old, node), say_schema(walk.new, other)
            walk.add(
                "REQ-TYPE-WIDENED", "changed", f"{new[1]}/schema", "accepts several values",
                old_location=f"{old[1]}/schema", before=before, after=after,
                name=self.key[1], subject=_words(self.key, self.endpoint), mask=self.mask,
            )  # fmt: skip
            walk.covered_new.update(two.anchors)
            return two.items
        return other

    def _add(self, stem: str, old: Stands, new: Stands, said: str, values: tuple[Any, Any]) -> None:
        self.walk.add(
            stem, "changed", new[1], said, old_location=old[1], before=values[0],
            after=values[1], name=self.key[1], subject=_words(self.key, self.endpoint),
            mask=self.mask,
        )  # fmt: skip


def schema_of(document: Document, raw: Mapping[str, Any], at: str) -> tuple[Node, str | None]:
    """Return the schema of a parameter or header, and its media type when it has one."""
    for media, sub, pointer in document.entries(raw, "content", at):
        body = document.mapping(sub, pointer)
        return document.node(body.get("schema"), f"{pointer}/schema"), media
    return document.node(raw.get("schema"), f"{at}/schema"), None


def _required(document: Document, key: _Key, stands: Stands) -> bool:
    raw, at = stands
    return document.flag(raw.get("required"), f"{at}/required") or key[0] == "path"


def _words(key: _Key, endpoint: Endpoint) -> str:
    return f"{key[0]} parameter {key[1]} of {endpoint.words}"


def _style(raw: Mapping[str, Any], place: str) -> tuple[str, bool, bool]:
    style = raw.get("style") or ("form" if place in {"query", "cookie"} else "simple")
    explode = raw.get("explode")
    exploded = bool(style == "form" if explode is None else explode)
    return str(style), exploded, bool(raw.get("allowReserved"))


def _say_style(style: tuple[str, bool, bool]) -> str:
    exploded = ", exploded" if style[1] else ""
    return f"{style[0]}{exploded}{', reserved characters kept' if style[2] else ''}"
