"""What differs between two OpenAPI documents, and for whom it breaks. Pure: no input, no output.

Pairs of schemas are compared by their effective contracts, once each, and every difference is reported at the definition that
states it. Who sends and who receives a difference follows from the operations and webhooks that reach the pair.
"""

from __future__ import annotations

import itertools
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import attrs

from fingerprint_async.schema._operations_of import Endpoint, endpoints, template
from fingerprint_async.schema.resolve import (
    ANY,
    SCHEMAS,
    Document,
    Effective,
    Node,
    Part,
    Property,
    escape,
    value_key,
)
from fingerprint_async.schema.rules import ChangeClass, Policy, Rule, rules_for
from fingerprint_async.schema.words import describe, say_schema, say_value

__all__ = ["Change", "Direction", "Kind", "RuleHit", "diff"]

Kind: TypeAlias = Literal["added", "removed", "changed"]
Direction: TypeAlias = Literal["request", "response", "both", "none"]

REQUEST, RESPONSE = 1, 2
_REPORTED = 4  # reached from a root that is compared for its own sake
_FIRST_ENDPOINT = 3  # bits above the directions say which operations reach a pair
WORST: dict[ChangeClass, int] = {"breaking": 2, "non-breaking": 1, "docs-only": 0}
HEADERS_READ = frozenset({"retry-after"})
# Formats that make another Python type; others only narrow the text or number.
TYPED_FORMATS = frozenset({"date-time", "date", "time", "uuid", "binary", "byte"})
WIDER_FORMAT = {("int32", "int64"), ("float", "double")}


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


@attrs.define(eq=False)
class _Delta:
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
    schemas: list[str] = attrs.field(factory=list)

    @property
    def key(self) -> tuple[Any, ...]:
        return self.stem, self.kind, self.location, self.name, self.said

    @property
    def document(self) -> Literal["old", "new"]:
        return "old" if self.kind == "removed" else "new"


@attrs.define(eq=False)
class _Pair:
    """Two schemas that stand for each other, what differs in them, and the pairs inside."""

    old: Node
    new: Node
    site: str | None
    deltas: list[_Delta] = attrs.field(factory=list)
    inner: list[_Pair] = attrs.field(factory=list)
    mask: int = 0


def diff(
    old: Document, new: Document, *, policy: Policy | None = None, refactors: bool = False
) -> list[Change]:
    """Every difference of meaning between two documents, in a stable order: breaking first, then by place.

    Args:
        old: The document that the client was made from.
        new: The document to compare with it.
        policy: What the client does that decides some rules; the default is what this SDK does.
        refactors: Also list named schemas that came or went without a change of meaning, as docs-only.

    Raises:
        DocumentError: One of the documents is broken.
    """
    return _Comparison(old, new, refactors=refactors).changes(policy or Policy())


class _Comparison:
    def __init__(self, old: Document, new: Document, *, refactors: bool = False) -> None:
        self.old, self.new, self.refactors = old, new, refactors
        self.pairs: dict[tuple[Any, ...], _Pair] = {}
        self.found: dict[tuple[Any, ...], _Delta] = {}
        self.labels: list[str] = []
        self.roots: list[tuple[_Pair, int]] = []
        self.fresh: deque[_Pair] = deque()
        self.covered_old: set[str] = set()
        self.covered_new: set[str] = set()
        self.old_schemas, self.new_schemas = old.schemas(), new.schemas()
        self.gone = {f"{SCHEMAS}{escape(name)}" for name in self.old_schemas.keys() - self.new_schemas.keys()}
        self.come = {f"{SCHEMAS}{escape(name)}" for name in self.new_schemas.keys() - self.old_schemas.keys()}
        self.renamed: dict[str, str] = {}
        self._counts: tuple[Counter[str], Counter[str]] | None = None

    # Reporting.

    def changes(self, policy: Policy) -> list[Change]:
        self._servers(self.old.raw, self.new.raw, "", mask=REQUEST)
        self._endpoints()
        self._security()
        self._compare_fresh()
        for name in self.old_schemas.keys() & self.new_schemas.keys():
            pointer = f"{SCHEMAS}{escape(name)}"
            was, now = self.old_schemas[name], self.new_schemas[name]
            if pointer not in self.covered_old and pointer not in self.covered_new:
                self._root(was, now, 0)
            elif pointer not in self.covered_old or pointer not in self.covered_new:
                # Written out where it was used: compared there. What it names in turn is no news either.
                self._pair(was, now, None)
        self._compare_fresh()
        self._spread()
        self._named_schemas()
        changes = [
            change for delta in self.found.values() if (change := self._change(delta, policy)) is not None
        ]
        return sorted(changes, key=lambda each: (-WORST[each.cls], each.location, each.rule, str(each.name)))

    def _change(self, delta: _Delta, policy: Policy) -> Change | None:
        if not delta.mask & _REPORTED:
            return None
        sent, received = rules_for(delta.stem)
        hits: list[RuleHit] = []
        mask = delta.mask & delta.gate
        if sent is received and sent is not None:
            direction = _direction(mask)
            hit = self._hit(direction, sent, policy)
            # Nobody can break by what nothing reaches; a named schema's class is a symbol all the same.
            unreached = direction == "none" and not delta.stem.startswith("SCHEMA-") and hit.cls == "breaking"
            hits.append(attrs.evolve(hit, cls="non-breaking") if unreached else hit)
        else:
            if received is not None and mask & RESPONSE:
                hits.append(self._hit("response", received, policy))
            if sent is not None and mask & REQUEST:
                hits.append(self._hit("request", sent, policy))
            if not hits and delta.mask & (REQUEST | RESPONSE):
                return None  # it concerns a direction that nobody uses
            if not hits:
                rule = received or sent
                if rule is None:
                    return None
                # Nothing reaches it, so nobody can break.
                hits.append(RuleHit(direction="none", rule=rule.id, cls="non-breaking"))
        worst = max(hits, key=lambda hit: WORST[hit.cls])
        document = self.old if delta.document == "old" else self.new
        subject = delta.subject or describe(document, delta.location)
        return Change(
            location=delta.location,
            document=delta.document,
            kind=delta.kind,
            cls=worst.cls,
            direction=hits[0].direction if len(hits) == 1 else "both",
            rule=worst.rule,
            rules=tuple(hits),
            operations=self._labels_of(delta.mask),
            subject=subject,
            summary=f"{subject} {delta.said}",
            before=delta.before,
            after=delta.after,
            old_location=delta.old_location if delta.kind != "removed" else delta.location,
            schemas=tuple(sorted(delta.schemas)),
            stem=delta.stem,
            name=delta.name,
        )

    def _hit(self, direction: Direction, rule: Rule, policy: Policy) -> RuleHit:
        return RuleHit(direction=direction, rule=rule.id, cls=rule.classify(policy))

    def _labels_of(self, mask: int) -> tuple[str, ...]:
        bits = mask >> _FIRST_ENDPOINT
        return tuple(label for index, label in enumerate(self.labels) if bits >> index & 1)

    def _add(
        self,
        stem: str,
        kind: Kind,
        location: str,
        said: str,
        *,
        mask: int = 0,
        **more: Any,
    ) -> _Delta:
        delta = _Delta(stem, kind, location, said, **more)
        delta = self.found.setdefault(delta.key, delta)
        delta.mask |= mask | _REPORTED
        return delta

    # Walking pairs.

    def _pair(self, old: Node, new: Node, site: str | None) -> _Pair:
        key = (old.key, new.key, site)
        pair = self.pairs.get(key)
        if pair is None:
            pair = self.pairs[key] = _Pair(old, new, site)
            self.fresh.append(pair)
        return pair

    def _root(self, old: Node, new: Node, mask: int, site: str | None = None) -> None:
        self.roots.append((self._pair(old, new, site), mask | _REPORTED))

    def _compare_fresh(self) -> None:
        while self.fresh:
            pair = self.fresh.popleft()
            _SchemaComparison(self, pair).run()

    def _spread(self) -> None:
        """Tell each pair which directions and operations reach it, and through it its differences."""
        waiting: deque[_Pair] = deque()
        for pair, mask in self.roots:
            if pair.mask | mask != pair.mask:
                pair.mask |= mask
                waiting.append(pair)
        while waiting:
            pair = waiting.popleft()
            for inner in pair.inner:
                if inner.mask | pair.mask != inner.mask:
                    inner.mask |= pair.mask
                    waiting.append(inner)
        for pair in self.pairs.values():
            for delta in pair.deltas:
                self.found.setdefault(delta.key, delta).mask |= pair.mask

    # Named schemas that appeared, disappeared or have another name.

    def _named_schemas(self) -> None:
        for before, after in self.renamed.items():
            was, now = _name_of(before), _name_of(after)
            self._add(
                "SCHEMA-RENAMED",
                "changed",
                after,
                f"was called {was}",
                old_location=before,
                name=now,
                before=was,
                after=now,
            )
        removed = self.gone - self.renamed.keys()
        added = self.come - set(self.renamed.values())
        for document, schemas, names, covered, kind in (
            (self.old, self.old_schemas, removed, self.covered_old, "removed"),
            (self.new, self.new_schemas, added, self.covered_new, "added"),
        ):
            left = names - covered
            for delta in [
                each
                for each in self.found.values()
                if each.document == ("old" if kind == "removed" else "new")
            ]:
                if left and delta.kind == kind:
                    brought = _reachable(document, delta.location, left)
                    left -= brought
                    delta.schemas.extend(_name_of(pointer) for pointer in brought)
            verb: Kind = "added" if kind == "added" else "removed"
            for pointer in sorted(names & left):
                name = _name_of(pointer)
                if _makes_a_symbol(document, schemas[name]):
                    said = f"was {kind}, {say_schema(document, schemas[name])}"
                    self._add(f"SCHEMA-{kind.upper()}", verb, pointer, said, name=name)
            if self.refactors:
                for pointer in sorted(names & covered):
                    said = "stands by name now" if kind == "added" else "no longer stands by name"
                    self._add("REF-REFACTOR", verb, pointer, said, name=_name_of(pointer))

    # Servers and security.

    def _servers(self, old: Mapping[str, Any], new: Mapping[str, Any], at: str, *, mask: int) -> None:
        before = _server_urls(self.old, old, at)
        after = _server_urls(self.new, new, at)
        lost = [url for url in before if url not in after]
        come = [url for url in after if url not in before]
        if len(lost) == len(come) == 1:
            self._add(
                "SERVER-CHANGED",
                "changed",
                after[come[0]],
                f"changed from {lost[0]} to {come[0]}",
                old_location=before[lost[0]],
                before=lost[0],
                after=come[0],
                subject="server",
                mask=mask,
            )
            return
        for url in lost:
            self._add(
                "SERVER-REMOVED",
                "removed",
                before[url],
                "was removed",
                name=url,
                before=url,
                subject=f"server {url}",
                mask=mask,
            )
        for url in come:
            self._add(
                "SERVER-ADDED",
                "added",
                after[url],
                "was added",
                name=url,
                after=url,
                subject=f"server {url}",
                mask=mask,
            )

    def _security(self) -> None:
        old_used: set[str] = set()
        new_used: set[str] = set()
        old_global, new_global = self.old.raw.get("security"), self.new.raw.get("security")
        self._requirements(old_global, new_global, "/security", "every operation", 0)
        for document, used in ((self.old, old_used), (self.new, new_used)):
            used.update(_schemes_in(document, document.raw.get("security"), "/security"))
            for endpoint in endpoints(document):
                at = f"{endpoint.pointer}/security"
                used.update(_schemes_in(document, endpoint.raw.get("security"), at))
        old_schemes, new_schemes = _schemes(self.old), _schemes(self.new)
        for name in sorted(old_used & new_used & old_schemes.keys() & new_schemes.keys()):
            (before, was_at), (after, now_at) = old_schemes[name], new_schemes[name]
            if before != after:
                keys = sorted(
                    key for key in before.keys() | after.keys() if before.get(key) != after.get(key)
                )
                self._add(
                    "SECURITY-CHANGED",
                    "changed",
                    now_at,
                    f"changed its {', '.join(keys)}",
                    old_location=was_at,
                    before=before,
                    after=after,
                    name=name,
                    subject=f"security scheme {name}",
                    mask=REQUEST,
                )

    def _requirements(
        self, old: Any, new: Any, at: str, subject: str, mask: int, old_at: str | None = None
    ) -> None:
        old_at = old_at or at
        before, after = _alternatives(self.old, old, old_at), _alternatives(self.new, new, at)
        if set(before) == set(after):
            return
        mask |= REQUEST
        more: dict[str, Any] = {
            "before": [_say_alternative(each) for each in before],
            "after": [_say_alternative(each) for each in after],
            "old_location": old_at,
            "subject": f"security of {subject}",
            "mask": mask,
        }
        if all(any(option <= one for option in after) for one in before):
            if set(before) < set(after) and frozenset() not in set(after) - set(before):
                self._add("SECURITY-ALTERNATIVE", "added", at, "has one more alternative", **more)
            else:
                self._add("SECURITY-REMOVED", "removed", old_at, "asks for less", **more)
        else:
            self._add(
                "SECURITY-ADDED", "changed" if old else "added", at, "asks for something else or more", **more
            )

    # Operations and webhooks.

    def _endpoints(self) -> None:
        before, after = endpoints(self.old), endpoints(self.new)
        for old, new in _matched(before, after):
            if old is not None and new is not None:
                self._endpoint(old, new)
            elif old is not None:
                mask = self._label(old) | _whole(old)
                stem = "WEBHOOK-REMOVED" if old.received else "OP-REMOVED"
                note = " (it was deprecated)" if self.old.flag(old.raw.get("deprecated"), old.pointer) else ""
                self._add(
                    stem,
                    "removed",
                    old.pointer,
                    f"was removed{note}",
                    name=old.id,
                    subject=old.words,
                    mask=mask,
                )
            elif new is not None:
                mask = self._label(new) | _whole(new)
                stem = "WEBHOOK-ADDED" if new.received else "OP-ADDED"
                self._add(stem, "added", new.pointer, "was added", name=new.id, subject=new.words, mask=mask)

    def _label(self, endpoint: Endpoint) -> int:
        words = endpoint.label
        if words not in self.labels:
            self.labels.append(words)
        return 1 << self.labels.index(words) + _FIRST_ENDPOINT

    def _endpoint(self, old: Endpoint, new: Endpoint) -> None:
        bit = self._label(new)
        sent, received = (RESPONSE, REQUEST) if new.received else (REQUEST, RESPONSE)
        both = bit | _whole(new)
        at: dict[str, Any] = {"old_location": old.pointer, "subject": new.words, "mask": both}
        if old.path != new.path or old.method != new.method:
            if template(old.path) == template(new.path) and old.method == new.method:
                was, now = old.template_names, new.template_names
                for one, other in zip(was, now, strict=True):
                    if one != other:
                        self._add(
                            "PATH-PARAM-RENAMED",
                            "changed",
                            _parameter_at(new, other) or new.pointer,
                            f"was called {one}",
                            old_location=_parameter_at(old, one) or old.pointer,
                            before=one,
                            after=other,
                            name=other,
                            subject=f"path parameter {other} of {new.words}",
                            mask=bit | sent,
                        )
            else:
                self._add(
                    "OP-MOVED",
                    "changed",
                    new.pointer,
                    f"moved here from {old.address}",
                    before=old.address,
                    after=new.address,
                    **at,
                )
        if old.id != new.id:
            self._add(
                "OPERATION-ID",
                "changed",
                f"{new.pointer}/operationId" if "operationId" in new.raw else new.pointer,
                f"changed its operationId from {old.id} to {new.id}",
                **{
                    **at,
                    "old_location": f"{old.pointer}/operationId" if "operationId" in old.raw else old.pointer,
                },
                before=old.id,
                after=new.id,
                name=new.id,
            )
        self._deprecation("OP-DEPRECATED", old.raw, old.pointer, new.raw, new.pointer, new.words, both)
        if "servers" in old.raw or "servers" in new.raw:
            self._servers(
                old.raw if "servers" in old.raw else self.old.raw,
                new.raw if "servers" in new.raw else self.new.raw,
                new.pointer,
                mask=bit | REQUEST,
            )
        if "security" in old.raw or "security" in new.raw:
            self._requirements(
                old.raw.get("security", self.old.raw.get("security")),
                new.raw.get("security", self.new.raw.get("security")),
                f"{new.pointer}/security" if "security" in new.raw else "/security",
                new.words,
                bit,
                f"{old.pointer}/security" if "security" in old.raw else "/security",
            )
        self._parameters(old, new, bit | sent)
        self._body(old, new, bit | sent)
        self._responses(old, new, bit | received)

    def _deprecation(
        self,
        stem: str,
        old: Mapping[str, Any],
        old_at: str,
        new: Mapping[str, Any],
        new_at: str,
        subject: str,
        mask: int,
    ) -> None:
        keys = ("deprecated", "x-deprecated-response")
        before = any(self.old.flag(old.get(key), f"{old_at}/{key}") for key in keys)
        after = any(self.new.flag(new.get(key), f"{new_at}/{key}") for key in keys)
        if before != after:
            said = "is deprecated" if after else "is no longer deprecated"
            self._add(
                stem,
                "changed",
                new_at,
                said,
                old_location=old_at,
                before=before,
                after=after,
                subject=subject,
                mask=mask,
            )

    # Parameters.

    def _parameters(self, old: Endpoint, new: Endpoint, mask: int) -> None:
        before = {("path", name): name for name in old.template_names}
        if len(old.template_names) == len(new.template_names):
            names = dict(zip(old.template_names, new.template_names, strict=True))
        else:
            names = {}
        was = {
            (place, names.get(name, name) if place == "path" else name): p
            for (place, name), p in old.parameters.items()
        }
        now = new.parameters
        del before
        lost = [key for key in was if key not in now]
        come = [key for key in now if key not in was]
        stem = "HEADER" if new.received else "REQ-PARAM"
        for key in list(lost):
            moved = [other for other in come if other[1] == key[1] and other[0] != key[0]]
            same = [
                other for other in come if other[0] == key[0] and self._same_parameter(was[key], now[other])
            ]
            twins = [other for other in lost if same and self._same_parameter(was[other], now[same[0]])]
            if new.received or not (moved or (len(same) == 1 and len(twins) == 1)):
                continue
            other = moved[0] if moved else same[0]
            lost.remove(key)
            come.remove(other)
            raw, at = now[other]
            verb = f"moved from {key[0]} to {other[0]}" if moved else f"was called {key[1]}"
            self._add(
                "REQ-PARAM-MOVED" if moved else "REQ-PARAM-RENAMED",
                "changed",
                at,
                verb,
                old_location=was[key][1],
                before=key[0] if moved else key[1],
                after=other[0] if moved else other[1],
                name=other[1],
                subject=_parameter_words(other, new),
                mask=mask,
            )
            self._parameter(was[key], now[other], key if moved else other, other, new, mask)
        for key in lost:
            raw, at = was[key]
            rule = f"RESP-{stem}-REMOVED" if new.received else "REQ-PARAM-REMOVED"
            self._add(
                rule, "removed", at, "was removed", name=key[1], subject=_parameter_words(key, old), mask=mask
            )
        for key in come:
            raw, at = now[key]
            required = key[0] == "path" or self.new.flag(raw.get("required"), f"{at}/required")
            said = f"was added ({'required' if required else 'optional'} {say_schema(self.new, self._schema_of(self.new, raw, at)[0])})"
            rule = (
                "RESP-HEADER-ADDED"
                if new.received
                else f"REQ-PARAM-ADDED-{'REQUIRED' if required else 'OPTIONAL'}"
            )
            self._add(rule, "added", at, said, name=key[1], subject=_parameter_words(key, new), mask=mask)
        for key in was.keys() & now.keys():
            self._parameter(was[key], now[key], key, key, new, mask)

    def _same_parameter(self, old: tuple[Mapping[str, Any], str], new: tuple[Mapping[str, Any], str]) -> bool:
        """Whether two parameters are evidently one under another name: the same words about the same thing."""
        (before, was_at), (after, now_at) = old, new
        said = before.get("description")
        if (
            not said
            or said != after.get("description")
            or bool(before.get("required")) != bool(after.get("required"))
        ):
            return False
        was, now = self._schema_of(self.old, before, was_at)[0], self._schema_of(self.new, after, now_at)[0]
        return bool(_shape(self.old.effective(was)) == _shape(self.new.effective(now)))

    def _parameter(
        self,
        old: tuple[Mapping[str, Any], str],
        new: tuple[Mapping[str, Any], str],
        old_key: tuple[str, str],
        key: tuple[str, str],
        endpoint: Endpoint,
        mask: int,
    ) -> None:
        (before, was_at), (after, now_at) = old, new
        subject = _parameter_words(key, endpoint)
        was = self.old.flag(before.get("required"), f"{was_at}/required") or old_key[0] == "path"
        now = self.new.flag(after.get("required"), f"{now_at}/required") or key[0] == "path"
        stem = "RESP-HEADER" if endpoint.received else "REQ-PARAM"
        if was != now and old_key[0] == key[0]:
            word = "REQUIRED" if now else "OPTIONAL"
            self._add(
                f"{stem}-BECAME-{word}", "changed", now_at, f"became {word.lower()}",
                old_location=was_at, before=was, after=now, name=key[1], subject=subject, mask=mask,
            )  # fmt: skip
        self._deprecation("PARAM-DEPRECATED", before, was_at, after, now_at, subject, mask)
        node, media = self._schema_of(self.old, before, was_at)
        other, other_media = self._schema_of(self.new, after, now_at)
        widened = False
        if media is None and other_media is None:
            one, two = self.old.effective(node), self.new.effective(other)
            style, new_style = _style(before, old_key[0]), _style(after, key[0])
            widened = (
                not endpoint.received
                and one.scalar
                and two.types == frozenset({"array"})
                and new_style[:2] == ("form", True)
                and two.items is not None
                and self.new.effective(two.items).types == one.types
            )
            complex_now = not two.scalar and not one.scalar
            if old_key[0] == key[0] and (style != new_style) and (complex_now or style[2:] != new_style[2:]):
                self._add(
                    "REQ-PARAM-SERIALIZATION", "changed", now_at, f"is written otherwise ({_say_style(style)} before, {_say_style(new_style)} now)",
                    old_location=was_at, before=_say_style(style), after=_say_style(new_style), name=key[1], subject=subject, mask=mask,
                )  # fmt: skip
            if widened and two.items is not None:
                self._add(
                    "REQ-TYPE-WIDENED", "changed", f"{now_at}/schema", "accepts several values",
                    old_location=f"{was_at}/schema", before=say_schema(self.old, node), after=say_schema(self.new, other),
                    name=key[1], subject=subject, mask=mask,
                )  # fmt: skip
                self.covered_new.update(two.anchors)
                other = two.items
        elif media != other_media:
            self._add(
                "REQ-PARAM-SERIALIZATION", "changed", now_at, f"is written otherwise ({media or 'plain'} before, {other_media or 'plain'} now)",
                old_location=was_at, before=media, after=other_media, name=key[1], subject=subject, mask=mask,
            )  # fmt: skip
        self._root(node, other, mask)

    def _schema_of(self, document: Document, raw: Mapping[str, Any], at: str) -> tuple[Node, str | None]:
        """The schema of a parameter or header, and its media type when it has one."""
        for media, sub, pointer in document.entries(raw, "content", at):
            body = document.mapping(sub, pointer)
            return document.node(body.get("schema"), f"{pointer}/schema"), media
        return document.node(raw.get("schema"), f"{at}/schema"), None

    # Bodies and responses.

    def _body(self, old: Endpoint, new: Endpoint, mask: int) -> None:
        before, was_at = self.old.follow(old.raw.get("requestBody"), f"{old.pointer}/requestBody")
        after, now_at = self.new.follow(new.raw.get("requestBody"), f"{new.pointer}/requestBody")
        subject = f"request body of {new.words}"
        required = self.new.flag(after.get("required"), f"{now_at}/required")
        was = self.old.flag(before.get("required"), f"{was_at}/required")
        if not before and not after:
            return
        if not before:
            word = "REQUIRED" if required else "OPTIONAL"
            self._add(
                f"BODY-ADDED-{word}",
                "added",
                now_at,
                f"was added ({word.lower()})",
                subject=subject,
                mask=mask,
            )
            return
        if not after:
            self._add("BODY-REMOVED", "removed", was_at, "was removed", subject=subject, mask=mask)
            return
        if required != was:
            word = "REQUIRED" if required else "OPTIONAL"
            self._add(
                f"BODY-BECAME-{word}", "changed", now_at, f"became {word.lower()}",
                old_location=was_at, before=was, after=required, subject=subject, mask=mask,
            )  # fmt: skip
        self._media(before, was_at, after, now_at, subject, mask)

    def _media(
        self,
        old: Mapping[str, Any],
        old_at: str,
        new: Mapping[str, Any],
        new_at: str,
        subject: str,
        mask: int,
    ) -> None:
        before = {_media_key(name): (sub, at) for name, sub, at in self.old.entries(old, "content", old_at)}
        after = {_media_key(name): (sub, at) for name, sub, at in self.new.entries(new, "content", new_at)}
        for name in before.keys() - after.keys():
            self._add(
                "MEDIA-REMOVED",
                "removed",
                before[name][1],
                f"no longer comes as {name}",
                name=name,
                subject=subject,
                mask=mask,
            )
        for name in after.keys() - before.keys():
            self._add(
                "MEDIA-ADDED",
                "added",
                after[name][1],
                f"can also be {name}",
                name=name,
                subject=subject,
                mask=mask,
            )
        for name in before.keys() & after.keys():
            (one, one_at), (two, two_at) = before[name], after[name]
            was, now = self.old.mapping(one, one_at), self.new.mapping(two, two_at)
            self._root(
                self.old.node(was.get("schema"), f"{one_at}/schema"),
                self.new.node(now.get("schema"), f"{two_at}/schema"),
                mask,
            )

    def _responses(self, old: Endpoint, new: Endpoint, mask: int) -> None:
        before = {
            name.upper(): (sub, at) for name, sub, at in self.old.entries(old.raw, "responses", old.pointer)
        }
        after = {
            name.upper(): (sub, at) for name, sub, at in self.new.entries(new.raw, "responses", new.pointer)
        }
        for names, found, kind, endpoint in (
            (before.keys() - after.keys(), before, "removed", old),
            (after.keys() - before.keys(), after, "added", new),
        ):
            for status in sorted(names):
                word = "SUCCESS" if status.startswith("2") else "ERROR"
                stem = (
                    f"WEBHOOK-STATUS-{kind.upper()}" if new.received else f"RESP-STATUS-{kind.upper()}-{word}"
                )
                self._add(
                    stem, "added" if kind == "added" else "removed", found[status][1], f"was {kind}",
                    name=status, subject=f"status {status.lower()} of {endpoint.words}", mask=mask,
                )  # fmt: skip
        for status in before.keys() & after.keys():
            (one, one_at), (two, two_at) = before[status], after[status]
            # The response as referenced from here may be marked too.
            subject = f"status {status.lower()} of {new.words}"
            was, was_at = self.old.follow(one, one_at)
            now, now_at = self.new.follow(two, two_at)
            self._deprecation("RESP-STATUS-DEPRECATED", was, was_at, now, now_at, subject, mask)
            has, had = bool(now.get("content")), bool(was.get("content"))
            if had and not has:
                self._add(
                    "BODY-REMOVED",
                    "removed",
                    f"{was_at}/content",
                    "has no body any more",
                    subject=subject,
                    mask=mask,
                )
            elif has and not had:
                self._add(
                    "BODY-ADDED-OPTIONAL",
                    "added",
                    f"{now_at}/content",
                    "has a body now",
                    subject=subject,
                    mask=mask,
                )
            else:
                self._media(was, was_at, now, now_at, f"body of {subject}", mask)
            self._headers(was, was_at, now, now_at, subject, mask)

    def _headers(
        self,
        old: Mapping[str, Any],
        old_at: str,
        new: Mapping[str, Any],
        new_at: str,
        subject: str,
        mask: int,
    ) -> None:
        before = {name.lower(): (name, sub, at) for name, sub, at in self.old.entries(old, "headers", old_at)}
        after = {name.lower(): (name, sub, at) for name, sub, at in self.new.entries(new, "headers", new_at)}
        for key in before.keys() - after.keys() - {"content-type"}:
            name, _, at = before[key]
            stem = "RESP-HEADER-REMOVED-READ" if key in HEADERS_READ else "RESP-HEADER-REMOVED"
            self._add(
                stem,
                "removed",
                at,
                "was removed",
                name=name,
                subject=f"header {name} of {subject}",
                mask=mask,
            )
        for key in after.keys() - before.keys() - {"content-type"}:
            name, _, at = after[key]
            self._add(
                "RESP-HEADER-ADDED",
                "added",
                at,
                "was added",
                name=name,
                subject=f"header {name} of {subject}",
                mask=mask,
            )
        for key in before.keys() & after.keys():
            was, was_at = self.old.follow(*before[key][1:])
            now, now_at = self.new.follow(*after[key][1:])
            words = f"header {after[key][0]} of {subject}"
            one = self.old.flag(was.get("required"), f"{was_at}/required")
            two = self.new.flag(now.get("required"), f"{now_at}/required")
            if one != two:
                word = "REQUIRED" if two else "OPTIONAL"
                self._add(
                    f"RESP-HEADER-BECAME-{word}", "changed", now_at, f"became {word.lower()}",
                    old_location=was_at, before=one, after=two, name=key, subject=words, mask=mask,
                )  # fmt: skip
            self._deprecation("PARAM-DEPRECATED", was, was_at, now, now_at, words, mask)
            self._root(
                self._schema_of(self.old, was, was_at)[0], self._schema_of(self.new, now, now_at)[0], mask
            )

    # Evidence for renames.

    def uses(self) -> tuple[Counter[str], Counter[str]]:
        """How often each reference stands in either document."""
        if self._counts is None:
            self._counts = Counter(_references(self.old.raw)), Counter(_references(self.new.raw))
        return self._counts

    def same_property(self, old: Property, new: Property) -> bool:
        """Whether two properties are evidently one under another name."""
        if old.required != new.required or old.node is ANY or new.node is ANY:
            return False
        one, two = old.node.parts[0].raw, new.node.parts[0].raw
        before, after = self.uses()
        reference, other = one.get("$ref"), two.get("$ref")
        if isinstance(reference, str) and reference == other and before[reference] == after[other] == 1:
            return True
        was, now = self.old.effective(old.node), self.new.effective(new.node)
        return _prose(was) is not None and _prose(was) == _prose(now) and _shape(was) == _shape(now)

    def renames(self, old: Effective, new: Effective) -> None:
        """Note a named schema that has another name here, when it is evidently the same."""
        before = next((part.anchor for part in old.parts if part.anchor in self.gone), None)
        after = next((part.anchor for part in new.parts if part.anchor in self.come), None)
        if before is None or after is None or before in self.renamed or after in self.renamed.values():
            return
        if old.types != new.types or (old.union is None) != (new.union is None):
            return
        names, others = (
            set(old.properties) | set(old.values or ()),
            set(new.properties) | set(new.values or ()),
        )
        if (names or others) and len(names & others) * 2 < len(names | others):
            return
        self.renamed[before] = after


class _SchemaComparison:
    """The comparison of one pair of schemas."""

    def __init__(self, whole: _Comparison, pair: _Pair) -> None:
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

    def _site(self, owner: Part | None, here: Effective, there: Effective, *, is_old: bool) -> str | None:
        """Where to report instead of the definition; None when the definition itself differs."""
        anchor = owner.anchor if owner is not None else None
        if anchor is None:
            return self.pair.site
        renamed = self.whole.renamed
        if is_old:
            matches = renamed.get(anchor, anchor) in there.anchors
        else:
            matches = anchor in there.anchors or any(renamed.get(other) == anchor for other in there.anchors)
        return None if matches else self.pair.site or here.site

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
        **more: Any,
    ) -> None:
        is_old = kind == "removed"
        site = self._site(owner, old if is_old else new, new if is_old else old, is_old=is_old)
        location = site if site is not None else pointer
        inside = ""
        if site is not None and site != pointer:
            inside = _inner_words(pointer, owner)
        delta = _Delta(stem, kind, location, f"{inside}{said}", old_location=old_pointer, **more)
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
        self.pair.inner.append(self.whole._pair(old, new, site))  # noqa: SLF001  (two halves of one algorithm)

    # Types.

    def _type(
        self, old: Effective, new: Effective, atoms: tuple[Any, Any] | None = None, owner: Part | None = None
    ) -> str | None:
        """Report what changed in the types that are allowed; the stem of the change, None when none did."""
        was, now = atoms or (_atoms(old), _atoms(new))
        one, two = _without_null(was), _without_null(now)
        if one == two:
            if old.nullable != new.nullable and was is not None:
                word = "NULLABLE" if new.nullable else "NON-NULLABLE"
                self._add(
                    f"BECAME-{word}", "changed", old, new, "can be null" if new.nullable else "can no longer be null",
                    owner=new.types_owner, pointer=new.types_owner.pointer if new.types_owner else new.site,
                    old_pointer=self._place_in_old(new.types_owner, old), before=old.nullable, after=new.nullable,
                )  # fmt: skip
            return None
        wider, narrower = _covers(now, was), _covers(was, now)
        if wider and narrower:
            return None
        stem = "TYPE-WIDENED" if wider else "TYPE-NARROWED" if narrower else "TYPE-CHANGED"
        owner = owner or new.types_owner or self._holder(old.types_owner, new)
        before, after = _say_atoms(was), _say_atoms(now)
        self._add(
            stem, "changed", old, new, f"changed its type from {before} to {after}",
            owner=owner, pointer=owner.pointer if owner else self.pair.site or old.site or self.pair.new.site,
            old_pointer=self._place_in_old(owner, old), before=before, after=after,
        )  # fmt: skip
        return stem

    # Everything that is not a choice.

    def _facts(self, old: Effective, new: Effective, typed: str | None) -> None:
        self._flags(old, new)
        if typed == "TYPE-CHANGED" or (typed is not None and (old.types is None or new.types is None)):
            return
        if typed is None:
            self._format(old, new)
        self._values(old, new)
        self._bounds(old, new)
        self._default(old, new)
        self._other(old, new)
        if "array" in (old.types or ()) and "array" in (new.types or ()):
            site = self._site(new.parts[0] if new.parts else None, new, old, is_old=False)
            if (old.items or ANY) is not ANY or (new.items or ANY) is not ANY:
                owner = _owner_of(new, "items")
                site = self._site(owner, new, old, is_old=False) if owner else site
                self._inner(old.items or ANY, new.items or ANY, site)
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
                old_pointer=before.pointer if before else self._place_in_old(owner, old), before=before is not None, after=after is not None, name=flag,
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
        if was is None and now is None:
            return
        if was is None and now is not None:
            values = [value for value, _, _ in now.values()]
            owner = next((part for _, _, part in now.values()), None)
            self._add(
                "BECAME-ENUM", "changed", old, new, f"only takes listed values: {say_value(values)}",
                owner=owner, pointer=f"{owner.pointer}/enum" if owner else new.site, old_pointer=self._place_in_old(owner, old), after=values,
            )  # fmt: skip
            return
        if was is not None and now is None:
            values = [value for value, _, _ in was.values()]
            owner = next((part for _, _, part in was.values()), None)
            holder = self._holder(owner, new)
            self._add(
                "ENUM-DROPPED", "changed", old, new, f"takes any value, not only {say_value(values)}",
                owner=holder, pointer=holder.pointer if holder else new.site,
                old_pointer=f"{owner.pointer}/enum" if owner else None, before=values,
            )  # fmt: skip
            return
        if was is None or now is None:
            return
        for key in now.keys() - was.keys():
            value, pointer, owner = now[key]
            self._add(
                "ENUM-ADDED", "added", old, new, f"has a new value {say_value(value)}",
                owner=owner, pointer=pointer, after=value, name=key,
            )  # fmt: skip
        for key in was.keys() - now.keys():
            value, pointer, owner = was[key]
            self._add(
                "ENUM-REMOVED", "removed", old, new, f"lost its value {say_value(value)}",
                owner=owner, pointer=pointer, before=value, name=key,
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
                word = "TIGHTENED" if now > was else "LOOSENED"
            one, two = _say_bound(keyword, was), _say_bound(keyword, now)
            owner = after.owner if after else self._holder(before.owner if before else None, new)
            self._add(
                f"CONSTRAINT-{word}", "changed", old, new, f"changed its {keyword} from {one} to {two}",
                owner=owner, pointer=after.pointer if after else owner.pointer if owner else new.site,
                old_pointer=before.pointer if before else self._place_in_old(owner, old), before=one, after=two, name=keyword,
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
                    old_pointer=was.pointer, before=was.name, after=now.name, name=now.name, gate=_gate(self.new, now),
                )  # fmt: skip
                self._inner(was.node, now.node, self._site(now.owner, new, old, is_old=False))
        for prop in lost:
            word = "required" if prop.required else "optional"
            self._add(
                "PROP-REMOVED", "removed", old, new, f"was removed (it was {word})", owner=prop.owner, pointer=prop.pointer,
                name=prop.name, before=say_schema(self.old, prop.node), gate=_gate(self.old, prop),
            )  # fmt: skip
        for prop in come:
            word = "REQUIRED" if prop.required else "OPTIONAL"
            what = say_schema(self.new, prop.node)
            self._add(
                f"PROP-ADDED-{word}", "added", old, new, f"was added ({word.lower()} {what})",
                owner=prop.owner, pointer=prop.pointer, name=prop.name, after=what, gate=_gate(self.new, prop),
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
                    old_pointer=was.pointer, before=was.required, after=now.required, name=name, gate=_gate(self.new, now),
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
            owner=owner, pointer=f"{owner.pointer}/additionalProperties" if new.additional_owner and owner else owner.pointer if owner else new.site,
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
            one = frozenset().union(*(_atoms(each) or () for _, each in was)) | _null_if(old.nullable)
            two = frozenset().union(*(_atoms(each) or () for _, each in now)) | _null_if(new.nullable)
            owner = (
                new.union.owner if new.union else self._holder(old.union.owner if old.union else None, new)
            )
            self._type(old, new, (one, two), owner)
            for (_, left), (_, right) in _match_by(was, now, lambda each: _atoms(each)):
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
            name = _variant_name(each)
            self._add(
                "UNION-NARROWED", "removed", old, new, f"is no longer {name}", owner=part and attrs.evolve(part, anchor=old.union.owner.anchor if old.union else None),
                pointer=node.site, name=name,
            )  # fmt: skip
        for node, each in come:
            part = node.parts[-1] if new.union else (each.parts[0] if each.parts else None)
            name = _variant_name(each)
            self._add(
                "UNION-WIDENED", "added", old, new, f"can also be {name}", owner=part and attrs.evolve(part, anchor=new.union.owner.anchor if new.union else None),
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
            lambda _, each: _tag_values(each, tag),
            lambda _, each: _shape(each),
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
                    pairs += [(left[0], right[0]) for left, right in zip(lefts, rights, strict=True)]
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
        names = {_name_of(before): _name_of(after) for before, after in self.whole.renamed.items()}
        for value in one.mapping.keys() & two.mapping.keys():
            before, after = one.mapping[value], two.mapping[value]
            if names.get(before, before) != after:
                pointer = f"discriminator/mapping/{escape(value)}"
                self._add(
                    "DISCRIMINATOR-MAPPING", "changed", old, new, f"means {after} by {value}, not {before}",
                    owner=two.owner, pointer=f"{two.owner.pointer}/{pointer}", old_pointer=f"{one.owner.pointer}/{pointer}",
                    before=before, after=after, name=value,
                )  # fmt: skip


# Small things.


def _whole(endpoint: Endpoint) -> int:
    """The directions of an operation as a whole; a webhook is something that we receive."""
    return RESPONSE if endpoint.received else REQUEST | RESPONSE


def _direction(mask: int) -> Direction:
    both = mask & (REQUEST | RESPONSE)
    return {0: "none", REQUEST: "request", RESPONSE: "response"}.get(both, "both")  # type: ignore[return-value]


def _name_of(pointer: str) -> str:
    return pointer.rsplit("/", 1)[-1].replace("~1", "/").replace("~0", "~")


def _references(raw: Any) -> Iterator[str]:
    waiting = [raw]
    seen: set[int] = set()
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        if isinstance(value, Mapping):
            seen.add(id(value))
            reference = value.get("$ref")
            if isinstance(reference, str):
                yield reference
            waiting.extend(value.values())
        elif isinstance(value, list):
            seen.add(id(value))
            waiting.extend(value)


def _reachable(document: Document, location: str, wanted: set[str]) -> set[str]:
    """Those of the named schemas that a place leads to."""
    found: set[str] = set()
    try:
        waiting = [document.at(location)]
    except KeyError:
        return found
    while waiting:
        for reference in _references(waiting.pop()):
            pointer = reference[1:]
            if pointer in wanted and pointer not in found:
                found.add(pointer)
                waiting.append(document.at(pointer))
    return found


def _makes_a_symbol(document: Document, node: Node) -> bool:
    """Whether a named schema is a class of its own in code; a named boolean is only a boolean."""
    contract = document.effective(node)
    return (
        bool(contract.properties)
        or contract.values is not None
        or contract.union is not None
        or "object" in (contract.types or ())
        or contract.items is not None
    )


def _server_urls(document: Document, raw: Mapping[str, Any], at: str) -> dict[str, str]:
    urls: dict[str, str] = {}
    for index, server in enumerate(document.sequence(raw.get("servers"), f"{at}/servers")):
        pointer = f"{at}/servers/{index}"
        body = document.mapping(server, pointer)
        url = document.string(body.get("url"), f"{pointer}/url")
        for name, variable, where in document.entries(body, "variables", pointer):
            url = url.replace(f"{{{name}}}", str(document.mapping(variable, where).get("default", "")))
        urls.setdefault(url.rstrip("/"), pointer)
    return urls


def _alternatives(document: Document, raw: Any, at: str) -> list[frozenset[str]]:
    """The ways to authenticate; each is the set of what it asks for."""
    options = []
    for index, option in enumerate(document.sequence(raw, at)):
        where = f"{at}/{index}"
        asked: set[str] = set()
        for scheme, scopes in document.mapping(option, where).items():
            asked.add(scheme)
            asked.update(
                f"{scheme}:{scope}" for scope in document.sequence(scopes, f"{where}/{escape(scheme)}")
            )
        options.append(frozenset(asked))
    return options or [frozenset()]


def _say_alternative(option: frozenset[str]) -> str:
    return " and ".join(sorted(option)) or "nothing"


def _schemes_in(document: Document, raw: Any, at: str) -> set[str]:
    return {name.split(":")[0] for option in _alternatives(document, raw, at) for name in option}


def _schemes(document: Document) -> dict[str, tuple[dict[str, Any], str]]:
    components = document.mapping(document.raw.get("components"), "/components")
    found = {}
    for name, raw, at in document.entries(components, "securitySchemes", "/components"):
        scheme, where = document.follow(raw, at)
        kept = {
            key: value
            for key, value in scheme.items()
            if key in {"type", "name", "in", "scheme", "flows", "openIdConnectUrl"}
        }
        if isinstance(kept.get("scheme"), str):
            kept["scheme"] = kept["scheme"].lower()
        found[name] = kept, where
    return found


def _matched(
    old: Sequence[Endpoint], new: Sequence[Endpoint]
) -> Iterator[tuple[Endpoint | None, Endpoint | None]]:
    """Operations that stand for each other: same address, same address but for names in it, same operationId."""
    lost, come = list(old), list(new)

    def by(key: Any) -> Iterator[tuple[Endpoint, Endpoint]]:
        index: dict[Any, list[Endpoint]] = {}
        for each in come:
            index.setdefault(key(each), []).append(each)
        for each in list(lost):
            wanted = key(each)
            if wanted is not None and len(index.get(wanted, ())) == 1:
                other = index[wanted].pop()
                lost.remove(each)
                come.remove(other)
                yield each, other

    yield from by(lambda each: (each.received, each.path, each.method))
    yield from by(lambda each: (each.received, template(each.path), each.method))
    yield from by(
        lambda each: (each.received, each.raw["operationId"]) if "operationId" in each.raw else None
    )
    yield from ((each, None) for each in lost)
    yield from ((None, each) for each in come)


def _parameter_at(endpoint: Endpoint, name: str) -> str | None:
    found = endpoint.parameters.get(("path", name))
    return found[1] if found else None


def _parameter_words(key: tuple[str, str], endpoint: Endpoint) -> str:
    return f"{key[0]} parameter {key[1]} of {endpoint.words}"


def _style(raw: Mapping[str, Any], place: str) -> tuple[str, bool, bool]:
    style = raw.get("style") or ("form" if place in {"query", "cookie"} else "simple")
    explode = raw.get("explode")
    return str(style), bool(style == "form" if explode is None else explode), bool(raw.get("allowReserved"))


def _say_style(style: tuple[str, bool, bool]) -> str:
    return f"{style[0]}{', exploded' if style[1] else ''}{', reserved characters kept' if style[2] else ''}"


def _media_key(name: str) -> str:
    return name.replace(" ", "").lower()


def _atoms(each: Effective) -> frozenset[tuple[str, str | None]] | None:
    """The types that are allowed, told apart by the formats that make another Python type; None means any."""
    if each.types is None:
        return None
    kept = each.format if each.format in TYPED_FORMATS else None
    return frozenset((name, kept if name == "string" else None) for name in each.types) | _null_if(
        each.nullable
    )


def _null_if(nullable: bool) -> frozenset[tuple[str, str | None]]:  # noqa: FBT001
    return frozenset({("null", None)}) if nullable else frozenset()


def _without_null(
    atoms: frozenset[tuple[str, str | None]] | None,
) -> frozenset[tuple[str, str | None]] | None:
    return None if atoms is None else atoms - {("null", None)}


def _covers(
    wide: frozenset[tuple[str, str | None]] | None, narrow: frozenset[tuple[str, str | None]] | None
) -> bool:
    """Whether everything of the narrow types is allowed by the wide ones."""
    if wide is None:
        return True
    if narrow is None:
        return False
    return all(
        atom in wide or (atom[0], None) in wide or (atom[0] == "integer" and ("number", None) in wide)
        for atom in narrow
    )


def _say_atoms(atoms: frozenset[tuple[str, str | None]] | None) -> str:
    if atoms is None:
        return "anything"
    return " or ".join(sorted(f"{name} ({fmt})" if fmt else name for name, fmt in atoms)) or "nothing"


def _say_bound(keyword: str, value: Any) -> Any:
    if value is None or keyword in {"pattern", "multipleOf"}:
        return "none" if value is None else value
    if keyword == "uniqueItems":
        return True
    number, exclusive = value
    number = number if keyword.startswith("min") else -number
    number = int(number) if float(number).is_integer() else number
    return f"{number} exclusive" if exclusive else number


def _owner_of(each: Effective, keyword: str) -> Part | None:
    return next((part for part in each.parts if keyword in part.raw), None)


def _gate(document: Document, prop: Property) -> int:
    """The directions in which a property travels."""
    if prop.node is ANY:
        return REQUEST | RESPONSE
    flags = document.effective(prop.node).flags
    return (0 if "readOnly" in flags else REQUEST) | (0 if "writeOnly" in flags else RESPONSE)


def _prose(each: Effective) -> str | None:
    return next(
        (part.raw["description"] for part in each.parts if isinstance(part.raw.get("description"), str)), None
    )


def _shape(each: Effective) -> Any:
    """A contract at a glance: enough to recognise it, not to compare it."""
    return (
        each.types,
        each.nullable,
        each.format,
        None if each.values is None else frozenset(each.values),
        frozenset((name, prop.required) for name, prop in each.properties.items()),
        each.union is not None and len(each.union.variants),
    )


def _tag_values(each: Effective, tag: str | None) -> Any:
    prop = each.properties.get(tag) if tag else None
    if prop is None or prop.node is ANY:
        return None
    raw = [part.raw for part in prop.node.parts]
    values = [value_key(sub["const"]) for one in raw for sub in (one, *_all_of(one)) if "const" in sub]
    return tuple(values) or None


def _all_of(raw: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    members = raw.get("allOf")
    return [each for each in members if isinstance(each, Mapping)] if isinstance(members, list) else []


def _variant_name(each: Effective) -> str:
    anchor = next((part.anchor for part in reversed(each.parts) if part.anchor is not None), None)
    return _name_of(anchor) if anchor else _say_atoms(_atoms(each))


def _match_by(was: list[Any], now: list[Any], key: Any) -> Iterator[tuple[Any, Any]]:
    left = list(now)
    for each in was:
        other = next((one for one in left if key(one[1]) == key(each[1])), None)
        if other is not None:
            left.remove(other)
            yield each, other


def _inner_words(pointer: str, owner: Part | None) -> str:
    """Names a property inside a definition when the change is reported where the definition is used."""
    steps = pointer[len(owner.pointer) :].split("/properties/") if owner is not None else []
    names = [step.split("/")[0] for step in steps[1:]]
    return f"({'.'.join(names)}) " if names else ""
