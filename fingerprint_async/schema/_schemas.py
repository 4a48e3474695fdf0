"""The comparison of one pair of schemas: what their contracts allow differently, each where it is stated."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import attrs

from fingerprint_async.schema._contracts import (
    Atoms,
    atoms,
    covers,
    gate,
    inner_words,
    match_by,
    name_of,
    null_if,
    owner_of,
    say_atoms,
    say_bound,
    shape,
    tag_values,
    variant_name,
    without_null,
)
from fingerprint_async.schema._pointer import escape
from fingerprint_async.schema.changes import Delta, Kind, Pair
from fingerprint_async.schema.resolve import ANY, Effective, Node, Part, strip_prose, value_key
from fingerprint_async.schema.words import describe, say_schema, say_value

if TYPE_CHECKING:
    from fingerprint_async.schema._walk import Walk

__all__ = ["SchemaComparison"]

WIDER_FORMAT = {("int32", "int64"), ("float", "double")}


class SchemaComparison:
    """The comparison of one pair of schemas."""

    def __init__(self, whole: Walk, pair: Pair) -> None:
        self.whole, self.pair = whole, pair
        self.old, self.new = whole.old, whole.new

    def run(self) -> None:
        pair = self.pair
        if pair.old is ANY and pair.new is ANY:
            return
        old, new = self.old.effective(pair.old), self.new.effective(pair.new)
        self.whole.covered_old.update(old.anchors)
        self.whole.covered_new.update(new.anchors)
        self.whole.renames(old, new)
        if old.union is not None or new.union is not None:
            self._choices(old, new)
        else:
            self._facts(old, new, self._type(old, new))

    # Where a fact stands.

    def _site(
        self,
        owner: Part | None,
        here: Effective,
        there: Effective,
        *,
        is_old: bool,
        keywords: tuple[str, ...] = (),
    ) -> str | None:
        """Where to report instead of the definition; None when the definition itself differs.

        Args:
            owner: What states the fact.
            here: The schema that it is part of.
            there: The schema in the other document.
            is_old: Whether it is the old document's.
            keywords: What states the fact in it. A definition that says the same in both documents did not change.
        """
        anchor = owner.anchor if owner is not None else None
        if anchor is None:
            return self.pair.site
        renamed = self.whole.renamed
        if is_old:
            matches = renamed.get(anchor, anchor) in there.anchors
        else:
            matches = anchor in there.anchors or any(
                renamed.get(other) == anchor for other in there.anchors
            )
        return (
            self.pair.site or here.site
            if not matches or self._same_in(owner, there, keywords)
            else None
        )

    def _same_in(self, owner: Part | None, there: Effective, keywords: tuple[str, ...]) -> bool:
        other = next(
            (part for part in there.parts if owner is not None and part.pointer == owner.pointer),
            None,
        )
        if other is None or owner is None or not keywords:
            return False
        return all(
            strip_prose(owner.raw.get(word)) == strip_prose(other.raw.get(word))
            for word in keywords
        )

    def _add(
        self,
        stem: str,
        kind: Kind,
        old: Effective,
        new: Effective,
        said: str,
        *,
        owner: Part | None,
        pointer: str,
        old_pointer: str | None = None,
        keywords: tuple[str, ...] = (),
        **more: Any,
    ) -> None:
        is_old = kind == "removed"
        here, there = (old, new) if is_old else (new, old)
        site = self._site(owner, here, there, is_old=is_old, keywords=keywords)
        location = site if site is not None else pointer
        inside = ""
        if site is not None and site != pointer:
            inside = inner_words(pointer, owner)
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

    def _holder(self, was: Part | None, new: Effective) -> Part | None:
        """The part of the new schema that no longer says what a part of the old one said."""
        if not new.parts:
            return None
        anchor = was.anchor if was is not None else None
        anchor = self.whole.renamed.get(anchor, anchor) if anchor else None
        plain = [part for part in new.parts if "$ref" not in part.raw] or list(new.parts)
        return next((part for part in plain if part.anchor == anchor), plain[0])

    def _place_in_old(self, now: Part | None, old: Effective) -> str:
        """The place in the old document that did not say yet what a part of the new one says."""
        anchor = now.anchor if now is not None else None
        plain = [part for part in old.parts if "$ref" not in part.raw] or list(old.parts)
        renamed = self.whole.renamed
        found = next(
            (
                part
                for part in plain
                if (renamed.get(part.anchor, part.anchor) if part.anchor else None) == anchor
            ),
            None,
        )
        return (found or plain[0]).pointer if plain else old.site

    def _inner(self, old: Node, new: Node, site: str | None) -> None:
        if old is ANY and new is ANY:
            return
        if new is ANY and site is None:
            site = old.site
        self.pair.inner.append(self.whole.pair(old, new, site))

    # Types.

    def _type(
        self,
        old: Effective,
        new: Effective,
        allowed: tuple[Atoms | None, Atoms | None] | None = None,
        owner: Part | None = None,
    ) -> str | None:
        """Report what changed in the types that are allowed; the stem of the change, None when none did."""
        was, now = allowed or (atoms(old), atoms(new))
        one, two = without_null(was), without_null(now)
        if one == two:
            if old.nullable != new.nullable and was is not None:
                word = "NULLABLE" if new.nullable else "NON-NULLABLE"
                self._add(
                    f"BECAME-{word}", "changed", old, new, "can be null" if new.nullable else "can no longer be null",
                    owner=new.types_owner, pointer=new.types_owner.pointer if new.types_owner else new.site,
                    old_pointer=self._place_in_old(new.types_owner, old), before=old.nullable, after=new.nullable,
                )  # fmt: skip
            return None
        wider, narrower = covers(now, was), covers(was, now)
        if wider and narrower:
            return None
        stem = "TYPE-WIDENED" if wider else "TYPE-NARROWED" if narrower else "TYPE-CHANGED"
        owner = owner or new.types_owner or self._holder(old.types_owner, new)
        before, after = say_atoms(was), say_atoms(now)
        self._add(
            stem, "changed", old, new, f"changed its type from {before} to {after}",
            owner=owner, pointer=owner.pointer if owner else self.pair.site or old.site or self.pair.new.site,
            old_pointer=self._place_in_old(owner, old), before=before, after=after,
            keywords=("type", "nullable", "format", "enum", "const", "oneOf", "anyOf", "properties", "items"),
        )  # fmt: skip
        return stem

    # Everything that is not a choice.

    def _facts(self, old: Effective, new: Effective, typed: str | None) -> None:
        self._flags(old, new)
        if typed == "TYPE-CHANGED" or (
            typed is not None and (old.types is None or new.types is None)
        ):
            return
        if typed is None:
            self._format(old, new)
        self._values(old, new)
        self._bounds(old, new)
        self._default(old, new)
        self._other(old, new)
        if "array" in (old.types or ()) and "array" in (new.types or ()):
            owner = owner_of(new, "items") or (new.parts[0] if new.parts else None)
            self._inner(
                old.items or ANY, new.items or ANY, self._site(owner, new, old, is_old=False)
            )
        if "object" in (old.types or ()) and "object" in (new.types or ()):
            self._properties(old, new)
            self._additional(old, new)

    def _flags(self, old: Effective, new: Effective) -> None:
        for flag, stem, on, off in (
            ("deprecated", "PROP-DEPRECATED", "is deprecated", "is no longer deprecated"),
            ("readOnly", "PROP-BECAME-", "is read-only", "may be sent"),
            ("writeOnly", "PROP-BECAME-", "is write-only", "comes in responses"),
        ):
            before, after = old.flags.get(flag), new.flags.get(flag)
            if (before is None) == (after is None):
                continue
            if flag == "readOnly":
                stem += "READ-ONLY" if after else "WRITABLE"  # noqa: PLW2901
            elif flag == "writeOnly":
                stem += "WRITE-ONLY" if after else "READABLE"  # noqa: PLW2901
            owner = after or self._holder(before, new)
            self._add(
                stem, "changed", old, new, on if after else off,
                owner=owner, pointer=owner.pointer if owner else new.site,
                old_pointer=before.pointer if before else self._place_in_old(owner, old),
                before=before is not None, after=after is not None, name=flag,
            )  # fmt: skip

    def _format(self, old: Effective, new: Effective) -> None:
        one, two = old.format, new.format
        if one == two or old.types != new.types:
            return
        owner = new.format_owner or self._holder(old.format_owner, new)
        wider = two is None or (one, two) in WIDER_FORMAT
        self._add(
            "FORMAT-WIDENED" if wider else "FORMAT-NARROWED", "changed", old, new,
            f"changed its format from {one or 'none'} to {two or 'none'}",
            owner=owner, pointer=owner.pointer if owner else new.site, old_pointer=self._place_in_old(owner, old), before=one, after=two,
        )  # fmt: skip

    def _values(self, old: Effective, new: Effective) -> None:
        was, now = old.values, new.values
        if was is None:
            if now is None:
                return
            values = [value for value, _, _ in now.values()]
            owner = next((part for _, _, part in now.values()), None)
            self._add(
                "BECAME-ENUM", "changed", old, new, f"only takes listed values: {say_value(values)}",
                owner=owner, pointer=f"{owner.pointer}/enum" if owner else new.site, old_pointer=self._place_in_old(owner, old), after=values,
            )  # fmt: skip
            return
        if now is None:
            values = [value for value, _, _ in was.values()]
            owner = next((part for _, _, part in was.values()), None)
            holder = self._holder(owner, new)
            self._add(
                "ENUM-DROPPED", "changed", old, new, f"takes any value, not only {say_value(values)}",
                owner=holder, pointer=holder.pointer if holder else new.site,
                old_pointer=f"{owner.pointer}/enum" if owner else None, before=values,
            )  # fmt: skip
            return
        for key in now.keys() - was.keys():
            value, pointer, owner = now[key]
            self._add(
                "ENUM-ADDED", "added", old, new, f"has a new value {say_value(value)}",
                owner=owner, pointer=pointer, after=value, name=key, keywords=("enum", "const"),
            )  # fmt: skip
        for key in was.keys() - now.keys():
            value, pointer, owner = was[key]
            self._add(
                "ENUM-REMOVED", "removed", old, new, f"lost its value {say_value(value)}",
                owner=owner, pointer=pointer, before=value, name=key, keywords=("enum", "const"),
            )  # fmt: skip

    def _bounds(self, old: Effective, new: Effective) -> None:
        for keyword in sorted(old.bounds.keys() | new.bounds.keys()):
            before, after = old.bounds.get(keyword), new.bounds.get(keyword)
            was, now = (before.value if before else None), (after.value if after else None)
            if was == now:
                continue
            if before is None:
                word = "TIGHTENED"
            elif after is None:
                word = "LOOSENED"
            elif keyword == "pattern":
                word = "REPLACED"
            elif keyword == "multipleOf":
                word = (
                    "LOOSENED"
                    if now and was % now == 0
                    else "TIGHTENED"
                    if was and now % was == 0
                    else "REPLACED"
                )
            else:
                word = "TIGHTENED" if after.value > before.value else "LOOSENED"
            one, two = say_bound(keyword, was), say_bound(keyword, now)
            owner = after.owner if after else self._holder(before.owner if before else None, new)
            self._add(
                f"CONSTRAINT-{word}", "changed", old, new, f"changed its {keyword} from {one} to {two}",
                owner=owner, pointer=after.pointer if after else owner.pointer if owner else new.site,
                old_pointer=before.pointer if before else self._place_in_old(owner, old), before=one, after=two, name=keyword,
                keywords=(keyword, f"exclusive{keyword.capitalize()}"),
            )  # fmt: skip

    def _default(self, old: Effective, new: Effective) -> None:
        before, after = old.default, new.default
        was = None if before is None else value_key(before[0])
        now = None if after is None else value_key(after[0])
        if was == now:
            return
        owner = after[1] if after else self._holder(before[1] if before else None, new)
        self._add(
            "DEFAULT", "changed", old, new, f"changed its default from {was or 'none'} to {now or 'none'}",
            owner=owner, pointer=f"{owner.pointer}/default" if after and owner else owner.pointer if owner else new.site,
            old_pointer=f"{before[1].pointer}/default" if before else self._place_in_old(owner, old),
            before=before[0] if before else None, after=after[0] if after else None,
        )  # fmt: skip

    def _other(self, old: Effective, new: Effective) -> None:
        for keyword in sorted(old.other.keys() | new.other.keys()):
            before, after = old.other.get(keyword), new.other.get(keyword)
            was, now = (before[0] if before else None), (after[0] if after else None)
            if was == now:
                continue
            owner = after[1] if after else self._holder(before[1] if before else None, new)
            self._add(
                "KEYWORD-CHANGED", "changed", old, new, f"changed its {keyword}",
                owner=owner, pointer=f"{owner.pointer}/{keyword}" if after and owner else owner.pointer if owner else new.site,
                old_pointer=f"{before[1].pointer}/{keyword}" if before else self._place_in_old(owner, old), before=was, after=now, name=keyword,
            )  # fmt: skip

    # Objects.

    def _properties(self, old: Effective, new: Effective) -> None:
        lost = [each for name, each in old.properties.items() if name not in new.properties]
        come = [each for name, each in new.properties.items() if name not in old.properties]
        for was, now in list(itertools.product(lost, come)):
            if was not in lost or now not in come or not self.whole.same_property(was, now):
                continue
            rivals = [each for each in lost if self.whole.same_property(each, now)]
            others = [each for each in come if self.whole.same_property(was, each)]
            if len(rivals) == len(others) == 1:
                lost.remove(was)
                come.remove(now)
                self._add(
                    "PROP-RENAMED", "changed", old, new, f"was called {was.name}", owner=now.owner, pointer=now.pointer,
                    old_pointer=was.pointer, before=was.name, after=now.name, name=now.name, gate=gate(self.new, now),
                )  # fmt: skip
                self._inner(was.node, now.node, self._site(now.owner, new, old, is_old=False))
        for prop in lost:
            word = "required" if prop.required else "optional"
            self._add(
                "PROP-REMOVED", "removed", old, new, f"was removed (it was {word})", owner=prop.owner, pointer=prop.pointer,
                name=prop.name, before=say_schema(self.old, prop.node), gate=gate(self.old, prop),
            )  # fmt: skip
        for prop in come:
            word = "REQUIRED" if prop.required else "OPTIONAL"
            what = say_schema(self.new, prop.node)
            self._add(
                f"PROP-ADDED-{word}", "added", old, new, f"was added ({word.lower()} {what})",
                owner=prop.owner, pointer=prop.pointer, name=prop.name, after=what, gate=gate(self.new, prop),
            )  # fmt: skip
        for name, now in new.properties.items():
            was_or_none = old.properties.get(name)
            if was_or_none is None:
                continue
            was = was_or_none
            if was.required != now.required:
                word = "REQUIRED" if now.required else "OPTIONAL"
                self._add(
                    f"PROP-BECAME-{word}", "changed", old, new, f"became {word.lower()}", owner=now.owner, pointer=now.pointer,
                    old_pointer=was.pointer, before=was.required, after=now.required, name=name, gate=gate(self.new, now),
                    keywords=("required",),
                )  # fmt: skip
            self._inner(was.node, now.node, self._site(now.owner, new, old, is_old=False))
        for pattern in old.patterns.keys() | new.patterns.keys():
            before, after = old.patterns.get(pattern), new.patterns.get(pattern)
            if before is not None and after is not None:
                self._inner(before, after, self.pair.site)
                continue
            kind: Kind = "added" if after is not None else "removed"
            node = after or before
            self._add(
                "KEYWORD-CHANGED", kind, old, new, f"{'gained' if after else 'lost'} properties like {pattern}",
                owner=None, pointer=node.site if node else new.site, name=f"patternProperties {pattern}",
            )  # fmt: skip

    def _additional(self, old: Effective, new: Effective) -> None:
        was, now = old.additional, new.additional
        if (was is None) == (now is None):
            if was is not None and now is not None:
                self._inner(was, now, self._site(new.additional_owner, new, old, is_old=False))
            return
        closed = now is None
        owner = new.additional_owner or self._holder(old.additional_owner, new)
        self._add(
            "OPEN-TO-CLOSED" if closed else "CLOSED-TO-OPEN", "changed", old, new,
            "takes no properties that are not listed" if closed else "takes properties that are not listed",
            owner=owner,
            pointer=f"{owner.pointer}/additionalProperties" if new.additional_owner and owner else owner.pointer if owner else new.site,
            old_pointer=self._place_in_old(owner, old), name="additionalProperties",
            subject=describe(self.new, owner.pointer) if owner else None,
        )  # fmt: skip

    # Choices.

    def _choices(self, old: Effective, new: Effective) -> None:
        self._flags(old, new)
        before = old.union.variants if old.union else (self.pair.old,)
        after = new.union.variants if new.union else (self.pair.new,)
        was = [(node, self.old.effective(node) if old.union else old) for node in before]
        now = [(node, self.new.effective(node) if new.union else new) for node in after]
        if all(each.scalar for _, each in (*was, *now)):
            one = frozenset().union(*(atoms(each) or () for _, each in was)) | null_if(old.nullable)
            two = frozenset().union(*(atoms(each) or () for _, each in now)) | null_if(new.nullable)
            owner = (
                new.union.owner
                if new.union
                else self._holder(old.union.owner if old.union else None, new)
            )
            self._type(old, new, (one, two), owner)
            for (_, left), (_, right) in match_by(was, now, atoms):
                self._facts(left, right, "TYPE-WIDENED")
            return
        if old.union is not None and new.union is not None and old.nullable != new.nullable:
            self._add(
                f"BECAME-{'NULLABLE' if new.nullable else 'NON-NULLABLE'}", "changed", old, new,
                "can be null" if new.nullable else "can no longer be null",
                owner=new.union.owner, pointer=new.union.pointer, old_pointer=old.union.pointer, before=old.nullable, after=new.nullable,
            )  # fmt: skip
        pairs, lost, come = self._match(was, now, old, new)
        for left, right in pairs:
            site = self._site(new.union.owner if new.union else None, new, old, is_old=False)
            self._inner(left, right, site)
        for node, each in lost:
            part = node.parts[-1] if old.union else (each.parts[0] if each.parts else None)
            name = variant_name(each)
            self._add(
                "UNION-NARROWED", "removed", old, new, f"is no longer {name}",
                owner=part and attrs.evolve(part, anchor=old.union.owner.anchor if old.union else None),
                pointer=node.site, name=name,
            )  # fmt: skip
        for node, each in come:
            part = node.parts[-1] if new.union else (each.parts[0] if each.parts else None)
            name = variant_name(each)
            self._add(
                "UNION-WIDENED", "added", old, new, f"can also be {name}",
                owner=part and attrs.evolve(part, anchor=new.union.owner.anchor if new.union else None),
                pointer=node.site, name=name,
            )  # fmt: skip
        self._discriminator(old, new)

    def _match(
        self,
        was: list[tuple[Node, Effective]],
        now: list[tuple[Node, Effective]],
        old: Effective,
        new: Effective,
    ) -> tuple[list[tuple[Node, Node]], list[tuple[Node, Effective]], list[tuple[Node, Effective]]]:
        """Which alternatives stand for each other: by name, by discriminator, by shape."""
        lost, come = list(was), list(now)
        pairs: list[tuple[Node, Node]] = []
        tag = (old.union.discriminator if old.union else None) or (
            new.union.discriminator if new.union else None
        )
        renamed = self.whole.renamed

        def own(node: Node, each: Effective) -> Any:
            anchor = node.parts[-1].raw.get("$ref") if node.parts else None
            return (
                renamed.get(f"{anchor}"[1:], anchor)
                if anchor
                else next((part.anchor for part in each.parts if part.anchor), None)
            )

        keys = (
            own,
            lambda _, each: tag_values(each, tag),
            lambda _, each: shape(each),
            lambda _, each: each.types if each.types and "object" not in each.types else None,
            lambda _, each: frozenset(each.properties) or None,
        )
        for key in keys:
            groups: dict[Any, list[tuple[Node, Effective]]] = {}
            for right in come:
                groups.setdefault(key(*right), []).append(right)
            wanted: dict[Any, list[tuple[Node, Effective]]] = {}
            for left in lost:
                wanted.setdefault(key(*left), []).append(left)
            matched: set[int] = set()
            for what, lefts in wanted.items():
                rights = groups.get(what, [])
                # Alternatives that look alike stand for each other in their order, when there are as many.
                if what is not None and len(lefts) == len(rights):
                    pairs += [
                        (left[0], right[0]) for left, right in zip(lefts, rights, strict=True)
                    ]
                    matched.update(id(each[1]) for each in (*lefts, *rights))
            lost = [each for each in lost if id(each[1]) not in matched]
            come = [each for each in come if id(each[1]) not in matched]
        if len(lost) == len(come) == 1 and lost[0][1].types == come[0][1].types:
            pairs.append((lost.pop()[0], come.pop()[0]))
        return pairs, lost, come

    def _discriminator(self, old: Effective, new: Effective) -> None:
        one, two = old.union, new.union
        if one is None or two is None:
            return
        was, now = one.discriminator, two.discriminator
        if was != now:
            stem = "DISCRIMINATOR-ADDED" if was is None else "DISCRIMINATOR-PROPERTY"
            self._add(
                stem, "changed", old, new, f"is told apart by {now or 'nothing'}, not by {was or 'nothing'}",
                owner=two.owner, pointer=f"{two.owner.pointer}/discriminator" if now else two.owner.pointer,
                old_pointer=f"{one.owner.pointer}/discriminator" if was else one.owner.pointer, before=was, after=now,
            )  # fmt: skip
            return
        names = {name_of(before): name_of(after) for before, after in self.whole.renamed.items()}
        for value in one.mapping.keys() & two.mapping.keys():
            before, after = one.mapping[value], two.mapping[value]
            if names.get(before, before) != after:
                pointer = f"discriminator/mapping/{escape(value)}"
                self._add(
                    "DISCRIMINATOR-MAPPING", "changed", old, new, f"means {after} by {value}, not {before}",
                    owner=two.owner, pointer=f"{two.owner.pointer}/{pointer}", old_pointer=f"{one.owner.pointer}/{pointer}",
                    before=before, after=after, name=value,
                )  # fmt: skip
